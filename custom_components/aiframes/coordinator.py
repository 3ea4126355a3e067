"""A server's stream of events feeds every entity; while it is broken, the server is polled."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryError
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .api import EventKind, EventStream, Status
from .api.errors import (
    CannotConnectError,
    ImageServerError,
    RequestRefusedError,
    TokenRefusedError,
    UnsupportedVersionError,
)
from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant

    from .api import Event, ImageServerClient, Info

type AiframesConfigEntry = ConfigEntry[AiframesCoordinator]

_LOGGER = logging.getLogger(__name__)

POLL_INTERVAL = timedelta(seconds=30)
"""Between two looks while there is no stream."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between two tries to get the stream again; each is twice as long as the one before."""

GATHER = 0.5
"""Seconds in which several changes become one look."""


class AiframesCoordinator(DataUpdateCoordinator[Status]):
    """Knows how a server is, at any time.

    Attributes:
        client: Asks the server.
        info: What answers there; known once the entry is set up, as is the next.
        server_device_id: The server in the device registry.
    """

    config_entry: AiframesConfigEntry
    info: Info
    server_device_id: str

    def __init__(self, hass: HomeAssistant, entry: AiframesConfigEntry, client: ImageServerClient) -> None:
        """Ask nothing yet."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=POLL_INTERVAL,
            always_update=False,
            request_refresh_debouncer=Debouncer(hass, _LOGGER, cooldown=GATHER, immediate=False),
        )
        self.client = client
        self._stream = EventStream(client)
        self._event_listeners: list[Callable[[Event], None]] = []

    @property
    def installation_id(self) -> str:
        """The server's own id, from which every other is made."""
        return self.info.installation_id

    @callback
    def async_listen_events(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with each event; returns what ends that."""
        self._event_listeners.append(listener)

        @callback
        def stop() -> None:
            self._event_listeners.remove(listener)

        return stop

    @callback
    def async_follow(self) -> None:
        """Begin to follow the server's events, for as long as the entry is loaded."""
        self.config_entry.async_create_background_task(
            self.hass, self._follow(), f"{self.name} - events", eager_start=True
        )

    async def _async_setup(self) -> None:
        """Make sure that it is the server we know, in a language that we speak."""
        try:
            self.info = await self.client.info()
        except ImageServerError as error:
            raise _as_update_error(error) from error
        if self.info.installation_id != self.config_entry.unique_id:
            raise ConfigEntryError(translation_domain=DOMAIN, translation_key="another_server")

    async def _async_update_data(self) -> Status:
        try:
            return await self.client.status()
        except ImageServerError as error:
            raise _as_update_error(error) from error

    async def _follow(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async for event in self._stream.follow(last_event_id=self._stream.last_event_id):
                    pause = FIRST_PAUSE
                    await self._take(event)
            except ImageServerError as error:
                self.logger.debug("No events from %s: %s", self.name, error)
            self.update_interval = POLL_INTERVAL
            await self.async_refresh()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _take(self, event: Event) -> None:
        if event.kind is not EventKind.STATUS:
            for listener in tuple(self._event_listeners):
                listener(event)
            await self.async_request_refresh()
            return
        self.update_interval = None
        if not self.last_update_success:
            # A look of its own, so that Home Assistant logs that the server is back.
            await self.async_refresh()
        elif isinstance(event.data, Status):
            self.async_set_updated_data(event.data)


def _as_update_error(error: ImageServerError) -> Exception:
    match error:
        case TokenRefusedError():
            return ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key="token_refused")
        case UnsupportedVersionError():
            return ConfigEntryError(
                translation_domain=DOMAIN,
                translation_key="unsupported_version",
                translation_placeholders={"version": str(error.api_version)},
            )
        case CannotConnectError():
            key = "cannot_connect"
        case RequestRefusedError():
            return UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="not_now",
                translation_placeholders={"reason": error.message},
                retry_after=error.retry_after,
            )
        case _:
            key = "not_understood"
    return UpdateFailed(translation_domain=DOMAIN, translation_key=key)
