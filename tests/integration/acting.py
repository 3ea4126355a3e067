"""Calls of our actions as an automation makes them, and what is waited for."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.const import MATCH_ALL
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.conftest import DOMAIN, RealServer
from tests.processes import READY, run_server
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from homeassistant.core import Context, HomeAssistant

    from custom_components.aiframes.api import Picture

PATIENCE = 20


async def act(hass: HomeAssistant, action: str, context: Context | None = None, **data: Any) -> Any:
    """Call an action and return its response."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, context=context, return_response=True
    )


async def act_silently(hass: HomeAssistant, action: str, **data: Any) -> None:
    """Call an action without asking for a response."""
    await hass.services.async_call(DOMAIN, action, data, blocking=True)


@contextmanager
def refused(key: str, *parts: str, invalid: bool = True) -> Iterator[None]:
    """Expect an error of ours whose text holds these parts.

    Args:
        key: Of the translation.
        parts: Of the text, or of what it was filled with.
        invalid: Whether it is the caller's mistake.
    """
    with pytest.raises(HomeAssistantError) as caught:
        yield
    error = caught.value
    assert (error.translation_domain, error.translation_key) == (DOMAIN, key), error
    assert isinstance(error, ServiceValidationError) is invalid
    told = f"{error} {error.translation_placeholders or {}}"
    assert all(part in told for part in parts), told


async def until[Found](hass: HomeAssistant, find: Callable[[], Found | None]) -> Found:
    """Return what is found once it is there; looked for whenever anything happens in Home Assistant."""
    changed = asyncio.Event()
    stop = hass.bus.async_listen(MATCH_ALL, callback(lambda _: changed.set()))
    try:
        async with asyncio.timeout(PATIENCE):
            while not (found := find()):
                await changed.wait()
                changed.clear()
    finally:
        stop()
    return found


async def first_picture(hass: HomeAssistant, entry: MockConfigEntry) -> Picture:
    """Return what the server has drawn by itself, as soon as it has."""
    picture: Picture = await until(hass, lambda: entry.runtime_data.data.last_picture)
    return picture


@asynccontextmanager
async def another_server(
    hass: HomeAssistant, root: Path
) -> AsyncIterator[tuple[RealServer, MockConfigEntry]]:
    """Run a second server below a new folder, set up in Home Assistant."""
    await hass.async_add_executor_job(root.mkdir)
    async with run_server(root) as process:
        await process.said(READY)
        server = RealServer(process, root)
        entry = MockConfigEntry(domain=DOMAIN, unique_id=server.installation_id, data=server.entry_data)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await first_picture(hass, entry)
        yield server, entry
        await hass.config_entries.async_unload(entry.entry_id)


async def let_frame_ask(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, *, source: str = "127.0.0.1"
) -> dr.DeviceEntry:
    """Let a frame ask for a picture, and return its device."""
    frame = Frame("127.0.0.1", server.process.https_port, source=source)
    await frame.start()
    registry = dr.async_get(hass)

    def device() -> dr.DeviceEntry | None:
        wanted = (DOMAIN, f"{server.installation_id}_{source}")
        devices = dr.async_entries_for_config_entry(registry, entry.entry_id)
        return next((one for one in devices if wanted in one.identifiers), None)

    return await until(hass, device)
