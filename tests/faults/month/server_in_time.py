"""A server process that lives as late as it is told, seen from outside."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil

from tests.processes import READY, ROOT, free_ports

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

PATIENCE = 60.0


class ServerInTime:
    """Starts the server below a folder, and starts it again there.

    Attributes:
        figures: What the process said of itself after the last step.
    """

    def __init__(self, root: Path, *, zone: str) -> None:
        self.root = root
        self.https_port, self.http_port, self.api_port = free_ports(3)
        self.figures: dict[str, int] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._zone = zone

    @property
    def log(self) -> Path:
        """The file that it logs to."""
        return self.root / "log" / "app.log"

    @property
    def token(self) -> str:
        """What opens the management API."""
        return (self.root / "data" / "api_token").read_text().strip()

    async def start(self, now: datetime) -> None:
        """Start it at this time, and wait until it serves."""
        ours, theirs = socket.socketpair()
        before = self.log.stat().st_size if self.log.exists() else 0
        with theirs, (self.root / "errors.txt").open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-P", "-m", "tests.faults.month.timed_server", str(theirs.fileno())),
                *(str(now.timestamp()), "--", *self._flags()),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'addon'}:{ROOT}", "TZ": self._zone},
            )
        self._process, self._ps = process, psutil.Process(process.pid)
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        async with asyncio.timeout(PATIENCE):
            while not self._is_ready(before):
                assert process.returncode is None, (self.root / "errors.txt").read_text()
                await asyncio.sleep(0.02)
        await self.to(now)

    async def to(self, now: datetime) -> None:
        """Let it be this late, and wait until what is due then is done."""
        self._writer.write(f"{now.timestamp()}\n".encode())
        async with asyncio.timeout(PATIENCE):
            line = await self._reader.readline()
        assert line, (self.root / "errors.txt").read_text()
        self.figures = json.loads(line)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; returns the exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            code = await self._process.wait()
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
        self._process = None
        return code

    async def close(self) -> None:
        """Kill it if it still runs."""
        if self._process is not None:
            await self.stop(signal.SIGKILL)

    def reload(self) -> None:
        """Let it read its options again."""
        self._ps.send_signal(signal.SIGHUP)

    def weight(self) -> dict[str, Any]:
        """What it takes of the machine."""
        memory = self._ps.memory_full_info()
        times = self._ps.cpu_times()
        return {
            "rss_mb": round(memory.rss / 1e6, 2),
            "uss_mb": round(memory.uss / 1e6, 2),
            "descriptors": self._ps.num_fds(),
            "threads": self._ps.num_threads(),
            "children": len(self._ps.children(recursive=True)),
            "tasks": self.figures.get("tasks", 0),
            "cpu_seconds": round(times.user + times.system, 2),
        }

    def _flags(self) -> list[str]:
        root = self.root
        places = ["--data-dir", root / "data", "--image-dir", root / "images", "--cert-dir", root / "certs"]
        listen = ["--port", self.https_port, "--http-port", self.http_port, "--api-port", self.api_port]
        return [*map(str, places), "--log-dir", str(root / "log"), "--host", "127.0.0.1", *map(str, listen)]

    def _is_ready(self, before: int) -> bool:
        if not self.log.exists():
            return False
        with self.log.open("rb") as file:
            file.seek(before)
            return READY.encode() in file.read()
