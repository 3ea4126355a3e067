"""The server as its user runs it: a process of its own, with signals, exit codes and a log."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

ROOT = Path(__file__).parents[1]
READY = "in a browser"
FIRST_PORT, WORKERS, PORTS_A_WORKER = 10_500, 8, 2_701
PATIENCE = 20.0


@dataclass
class ServerProcess:
    """A running server."""

    process: asyncio.subprocess.Process
    https_port: int
    http_port: int
    api_port: int
    log: list[str] = field(default_factory=list)

    async def said(self, text: str) -> str:
        """Read the log until a line holds `text`; the log so far counts too."""
        for line in self.log:
            if text in line:
                return line
        async with asyncio.timeout(PATIENCE):
            while text not in (line := await self.next_line()):
                pass
        return line

    async def next_line(self) -> str:
        """Read one more line of the log."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            raw = await self.process.stdout.readline()
        assert raw, f"It ended: {self.log}"
        self.log.append(raw.decode().rstrip("\n"))
        return self.log[-1]

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the end, and read the rest of the log."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE + 20):
            rest = await self.process.stdout.read()
            self.log += rest.decode().splitlines()
            return await self.process.wait()


@asynccontextmanager
async def run_server(
    root: Path,
    *flags: str,
    options: str | None = None,
    environment: dict[str, str] | None = None,
    under: Sequence[str] = (),
    ports: Sequence[int] = (),
) -> AsyncIterator[ServerProcess]:
    """Run a server below `root`; the same root again is a restart. Killed at the end if it still runs.

    Args:
        root: Where its directories are.
        flags: Further ones.
        options: Its options file.
        environment: What is added to this process's own.
        under: A program that becomes the server, with the flags before the server's command.
        ports: For HTTPS, HTTP and the management API; any that are free where left out.
    """
    data = root / "data"
    data.mkdir(exist_ok=True)
    if options is not None:
        (data / "options.yml").write_text(options)
    https_port, http_port, api_port = ports or free_ports(3)
    places = ["--data-dir", data, "--image-dir", root / "images", "--cert-dir", root / "certs"]
    listen = ["--port", https_port, "--http-port", http_port, "--api-port", api_port]
    command = [*places, "--host", "127.0.0.1", *listen, *flags]
    process = await asyncio.create_subprocess_exec(
        *under,
        sys.executable,
        *("-P", "-m", "imageserver"),
        *map(str, command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "addon"), **(environment or {})},
    )
    try:
        yield ServerProcess(process, https_port, http_port, api_port)
    finally:
        if process.returncode is None:
            process.kill()
        assert process.stdout is not None
        await process.stdout.read()
        await process.wait()


def free_ports(amount: int) -> list[int]:
    """Return ports that nobody uses at the moment, and that nobody else is given soon.

    They are below those that the kernel gives away by itself, each worker has a range of its own, and none
    comes twice before the range is used up.
    """
    found: list[int] = []
    while len(found) < amount:
        port = next(_PORTS)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        found.append(port)
    return found


def _ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST_PORT + worker % WORKERS * PORTS_A_WORKER
    for number in count(secrets.randbelow(PORTS_A_WORKER)):  # two runs at the same time begin anywhere
        yield first + number % PORTS_A_WORKER


_PORTS = _ports()
