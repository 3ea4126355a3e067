"""A line between Home Assistant and the server that a test can cut."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from homeassistant.const import CONF_URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.processes import ServerProcess


@dataclass(slots=True)
class Relay:
    """Hands every byte on, as long as it is open.

    Attributes:
        target: The port of whoever is behind it.
        is_open: Whether it takes new connections.
    """

    target: int
    port: int = 0
    is_open: bool = True
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Cut every connection; new ones are taken."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def close(self) -> None:
        """Cut every connection, and take none."""
        self.is_open = False
        self.cut()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until one of both sides ends it."""
        self._writers.add(writer)
        try:
            if self.is_open:
                await self._connect(reader, writer)
        except OSError:
            pass  # as if nobody were there
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pour(reader, to_there))
                group.create_task(_pour(there, writer))
        finally:
            to_there.transport.abort()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def open_relay(target: int) -> AsyncIterator[Relay]:
    """Listen on a port of its own."""
    relay = Relay(target)
    async with await asyncio.start_server(relay.carry, "127.0.0.1", 0) as server:
        relay.port = server.sockets[0].getsockname()[1]
        yield relay
        relay.close()


@asynccontextmanager
async def set_up_behind_relay(
    hass: HomeAssistant, entry: MockConfigEntry, server: ServerProcess
) -> AsyncIterator[Relay]:
    """Set an entry up that reaches its server over a line that can be cut; unload it at the end."""
    async with open_relay(server.api_port) as relay:
        hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_URL: relay.url})
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        try:
            yield relay
        finally:
            await hass.config_entries.async_unload(entry.entry_id)
            await hass.async_block_till_done()
