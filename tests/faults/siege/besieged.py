"""The server under siege: a process of its own, looked at from outside while others besiege it."""

from __future__ import annotations

import asyncio
import json
import signal
import ssl
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.processes import READY, ROOT, ServerProcess, run_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    type Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

PATIENCE = 20.0


class Besieged:
    """The server, and what strangers have open to it.

    Attributes:
        token: The management API's, as its owner has it.
    """

    def __init__(self, server: ServerProcess, root: Path) -> None:
        self.server = server
        self.root = root
        self.token = (root / "data" / "api_token").read_text().strip()
        self._proc = Path(f"/proc/{server.process.pid}")
        self._streams: list[Stream] = []

    def rss_mb(self) -> float:
        return self._status("VmRSS")

    def peak_rss_mb(self) -> float:
        """The most since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        (self._proc / "clear_refs").write_text("5")

    def descriptors(self) -> int:
        return len(list((self._proc / "fd").iterdir()))

    async def connect(
        self,
        port: int,
        data: bytes = b"",
        *,
        tls: bool = False,
        source: str = "127.0.0.21",
        small: bool = False,
    ) -> Stream:
        """Come from an address and send this.

        Args:
            port: Of one of the listeners.
            data: What is sent at once.
            tls: Speak it.
            source: The address.
            small: Take answers into a buffer of a few KB.

        Raises:
            OSError: The server, or its system, does not want that.
        """
        stream = await asyncio.open_connection(
            "127.0.0.1",
            port,
            ssl=trusting() if tls else None,
            local_addr=(source, 0),
            **({"limit": 2048} if small else {}),
        )
        self._streams.append(stream)
        stream[1].write(data)
        return stream

    async def leave(self) -> None:
        """End everything that strangers have open."""
        for _, writer in self._streams:
            writer.transport.abort()
        self._streams.clear()

    async def everything_is_given_back(self, descriptors: int) -> None:
        """Wait until no more than so many descriptors are open."""
        async with asyncio.timeout(PATIENCE):
            while self.descriptors() > descriptors:  # noqa: ASYNC110 - another process tells by no event of ours
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def neighbour(self) -> AsyncIterator[dict[str, Any]]:
        """Let others ask for as long as the block lasts; afterwards the dictionary has what they met."""
        server, found = self.server, dict[str, Any]()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.faults.siege.ordinary"),
            *map(str, (server.http_port, server.https_port, server.api_port, self.token)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert await process.stdout.readline()
            yield found
            process.stdin.close()
            found |= json.loads(await process.stdout.read())
            await process.wait()
        finally:
            with suppress(ProcessLookupError):
                process.kill()

    def _status(self, name: str) -> float:
        lines = (self._proc / "status").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in lines if line.startswith(name))
        return round(kib * 1024 / 1e6, 1)


@asynccontextmanager
async def besieged(root: Path, *, options: str | None = None) -> AsyncIterator[Besieged]:
    """Run a server that has a picture, and end it well."""
    async with run_server(root, options=options) as server:
        await server.said(READY)
        await server.said("made picture")
        one = Besieged(server, root)
        reading = asyncio.create_task(_read_on(server))
        try:
            yield one
        finally:
            await one.leave()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert await server.stop(signal.SIGTERM) == 0


async def _read_on(server: ServerProcess) -> None:
    """Take the log, so that a full pipe does not stop the server."""
    assert server.process.stdout is not None
    async for line in server.process.stdout:
        server.log.append(line.decode().rstrip("\n"))


def trusting() -> ssl.SSLContext:
    """Whatever certificate there is."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
