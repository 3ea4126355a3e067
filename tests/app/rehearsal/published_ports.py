"""Ports of a container that are reached at the host, as an engine publishes them."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tests.app.rehearsal.network import Bridge

_BLOCK = 65536


@dataclass(frozen=True, slots=True)
class Published:
    """One port.

    Attributes:
        port: The host's.
        inside: The container's.
        at: The host's address; `0.0.0.0` for all.
    """

    port: int
    inside: int
    at: str = "0.0.0.0"  # noqa: S104 - of a network without a way out


@asynccontextmanager
async def published(ports: Iterable[Published], bridge: Bridge) -> AsyncIterator[None]:
    """Forward connections for as long as the block lasts; the container sees who they come from."""
    doors = [_Door(port, bridge) for port in ports]
    try:
        for door in doors:
            await door.open()
        yield
    finally:
        for door in doors:
            await door.close()


class _Door:
    def __init__(self, port: Published, bridge: Bridge) -> None:
        self._port = port
        self._bridge = bridge
        self._server: asyncio.Server | None = None
        self._passing: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._welcome, self._port.at, self._port.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._passing):
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._forward(reader, writer))
        self._passing[task] = writer
        task.add_done_callback(self._passed)

    def _passed(self, task: asyncio.Task[None]) -> None:
        """Close the client's connection, even if the task never came to begin."""
        self._passing.pop(task).close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = writer.get_extra_info("peername")[0]
        # For the host itself an engine's own process speaks.
        source = self._bridge.gateway if ip_address(client).is_loopback else client
        container = str(self._bridge.container.ip)
        try:
            from_there, there = await asyncio.open_connection(
                container, self._port.inside, local_addr=(source, 0)
            )
        except OSError:
            _reset(writer)
            return
        try:
            await asyncio.gather(_pass_on(reader, there), _pass_on(from_there, writer))
        finally:
            there.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, and how it ends."""
    try:
        while data := await reader.read(_BLOCK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
