"""What Home Assistant asks a server for, noted where its requests leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
from homeassistant.helpers.aiohttp_client import async_get_clientsession

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


def note_requests(hass: HomeAssistant, *, verify_ssl: bool = False) -> list[str]:
    """Return a list that grows with each request from now on, by its path below the API."""
    asked: list[str] = []

    async def note(_: aiohttp.ClientSession, __: object, request: aiohttp.TraceRequestStartParams) -> None:
        asked.append(request.url.path.removeprefix("/api/v1/"))

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(note)
    trace.freeze()
    async_get_clientsession(hass, verify_ssl=verify_ssl).trace_configs.append(trace)
    return asked
