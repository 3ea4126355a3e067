"""A server's stream of events feeds every entity; while it is broken, the server is polled."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .api import (
    EventStream,
    ImageServerClient,
    ImageServerError,
    RequestRefusedError,
    Status,
    TokenRefusedError,
    UnsupportedVersionError,
)
from .const import DOMAIN
from .failures import said_of
from .steady import steady

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from homeassistant.core import HomeAssistant

    from .api import Event, Info

type AiframesConfigEntry = ConfigEntry[AiframesCoordinator]

_LOGGER = logging.getLogger(__name__)

POLL_INTERVAL = timedelta(seconds=30)
"""Between two looks while there is no stream."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between two tries to get the stream again; each is twice as long as the one before."""

GATHER = 0.5
"""Seconds in which several changes become one look."""

TRUST = 900.0
"""Seconds until somebody looks although the stream lasts, which might show signs of life and nothing else."""


@callback
def async_client_of(hass: HomeAssistant, data: Mapping[str, Any]) -> ImageServerClient:
    """Return a client for what a config entry holds."""
    return ImageServerClient(
        session=async_get_clientsession(hass, verify_ssl=data[CONF_VERIFY_SSL]),
        url=data[CONF_URL],
        token=data[CONF_TOKEN],
    )


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

    def __init__(self, hass: HomeAssistant, entry: AiframesConfigEntry) -> None:
        """Ask nothing yet."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=POLL_INTERVAL,
            always_update=False,
        )
        self.client = async_client_of(hass, entry.data)
        self._stream = EventStream(self.client)
        self._is_streaming = False
        self._is_known = False
        self._streams = 0
        self._has_changed = asyncio.Event()
        self._event_listeners: list[Callable[[Event], None]] = []

    @property
    def installation_id(self) -> str:
        """The server's own id, from which every other is made."""
        return self.info.installation_id

    @property
    def stream(self) -> int | None:
        """Which stream tells of changes, counted; None while none does: then somebody has to look."""
        return self._streams if self._is_streaming else None

    @callback
    def async_listen_events(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with each event but the snapshots; returns what ends that."""
        self._event_listeners.append(listener)

        @callback
        def stop() -> None:
            self._event_listeners.remove(listener)

        return stop

    @callback
    def async_follow(self) -> None:
        """Begin to follow the server's events, for as long as the entry is loaded."""
        for what, work in (("events", self._follow()), ("changes", self._look_at_changes())):
            self.config_entry.async_create_background_task(
                self.hass, work, f"{self.name} - {what}", eager_start=True
            )

    @override
    async def _async_setup(self) -> None:
        """Make sure that it is the server we know, in a language that we speak."""
        try:
            self.info = await self.client.info()
        except ImageServerError as error:
            raise _as_update_error(error) from error
        if self.info.installation_id != self.config_entry.unique_id:
            raise _another_server()
        self._is_known = True

    @override
    async def _async_update_data(self) -> Status:
        # After a failure too, whatever the stream does: it may be silent for long.
        self.update_interval = POLL_INTERVAL
        try:
            if not await self._is_the_same():
                return self._set_up_anew()
            status = steady(self.data, await self.client.status())
        except ImageServerError as error:
            self._is_known = False
            raise _as_update_error(error) from error
        if self._is_streaming:
            self.update_interval = None
        return status

    async def _is_the_same(self) -> bool:
        """Return whether who answers is who did when the entry was set up, where that is not known.

        Whenever it was away, another one may have come: nothing of it is taken, for entities and devices
        would go that are missing there.
        """
        if not self._is_known:
            try:
                info = await self.client.info()
            except UnsupportedVersionError:
                return False
            self._is_known = replace(info, started_at=self.info.started_at) == self.info
        return self._is_known

    def _set_up_anew(self) -> Status:
        """Let the set-up say what is the matter; until then nothing is news."""
        self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
        if not self.last_update_success:
            raise _another_server()
        return self.data

    async def _follow(self) -> None:
        pause = FIRST_PAUSE
        is_told = False
        while not self._is_refused:
            began = self.hass.loop.time()
            try:
                await self._take_events()
            except ImageServerError as error:
                self.logger.debug("No events from %s: %s", self.name, error)
            except Exception:
                self.logger.log(
                    logging.DEBUG if is_told else logging.ERROR,
                    "The events of %s can't be followed; it is polled meanwhile",
                    self.name,
                    exc_info=True,
                )
                is_told = True
            if self.hass.loop.time() - began > LONGEST_PAUSE:
                pause, is_told = FIRST_PAUSE, False
            self._is_streaming = self._is_known = False
            await self.async_refresh()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    @property
    def _is_refused(self) -> bool:
        """Whether the token does not hold any more: another one comes with another set-up."""
        return not self.last_update_success and isinstance(self.last_exception, ConfigEntryAuthFailed)

    async def _take_events(self) -> None:
        if not await self._is_the_same():
            return  # the look that follows says so
        async with aclosing(self._stream.follow()) as events:
            async for event in events:
                if isinstance(event.data, Status):
                    await self._take(event.data)
                else:
                    self._tell(event)
                    self._has_changed.set()

    async def _take(self, snapshot: Status) -> None:
        is_first, self._is_streaming = not self._is_streaming, True
        self._streams += is_first
        self.update_interval = None
        status = steady(self.data, snapshot)
        if not self.last_update_success:
            # A look of its own, so that Home Assistant logs that the server is back.
            await self.async_refresh()
        elif is_first or status is not self.data:
            self.async_set_updated_data(status)

    @callback
    def _tell(self, event: Event) -> None:
        for listener in tuple(self._event_listeners):
            try:
                listener(event)
            except Exception:
                self.logger.exception("An event of %s, %s, was not understood", self.name, event.kind)

    async def _look_at_changes(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TRUST):
                    await self._has_changed.wait()
            await asyncio.sleep(GATHER)
            self._has_changed.clear()
            await self.async_refresh()


def _as_update_error(error: ImageServerError) -> Exception:
    said = said_of(error)
    is_refused = isinstance(error, TokenRefusedError)
    # Everything else may be well by itself: servers are updated, and addresses given to others for a while.
    failure = (ConfigEntryAuthFailed if is_refused else UpdateFailed)(
        translation_domain=DOMAIN,
        translation_key=said.key,
        translation_placeholders=dict(said.placeholders),
    )
    if isinstance(failure, UpdateFailed) and isinstance(error, RequestRefusedError):
        wanted, usual = error.retry_after, POLL_INTERVAL.total_seconds()
        failure.retry_after = None if wanted is None else min(wanted, usual)
    return failure


def _another_server() -> UpdateFailed:
    return UpdateFailed(translation_domain=DOMAIN, translation_key="another_server")
