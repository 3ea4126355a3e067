"""The real server as a process of its own, with a probe in its event loop.

As a program (`python -m tests.bench.measured_server STATS -- FLAGS`) it runs the server with those
flags and writes how late its event loop was to STATS at each SIGUSR1, beginning anew each time.
As a module it starts that program, waits for its ports, and reads CPU and memory from outside.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from imageserver.__main__ import run
from imageserver.arguments import parse

PROBE_EVERY = 0.005
"""Seconds between two looks of the probe: its own share of the load stays under one percent."""


@dataclass(slots=True)
class Probe:
    """Measures by how much a timer of the event loop comes late."""

    lags: list[float] = field(default_factory=list)

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            expected = loop.time() + PROBE_EVERY
            await asyncio.sleep(PROBE_EVERY)
            self.lags.append(max(0.0, loop.time() - expected))

    def write(self, stats: Path) -> None:
        lags, self.lags = sorted(self.lags), []
        figures: dict[str, float] = {"samples": len(lags)}
        if lags:
            figures |= {
                "p50_ms": milliseconds(percentile(lags, 0.5)),
                "p99_ms": milliseconds(percentile(lags, 0.99)),
                "max_ms": milliseconds(lags[-1]),
            }
        temporary = stats.with_suffix(".new")
        temporary.write_text(json.dumps(figures))
        temporary.replace(stats)


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)


async def serve(stats: Path, flags: list[str]) -> int:
    probe = Probe()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, probe.write, stats)
    watching = asyncio.create_task(probe.watch())
    try:
        return await run(parse(flags, os.environ), os.environ)
    finally:
        watching.cancel()


class MeasuredServer:
    """Runs the server below a folder, on loopback, and looks at it from outside."""

    def __init__(self, folder: Path, *, first_port: int = 18097) -> None:
        self.folder = folder
        self.https_port, self.http_port, self.api_port = first_port + 2, first_port + 1, first_port
        self.started_at = 0.0
        self.port_open_after = 0.0
        self._stats = folder / "lag.json"

    def __enter__(self) -> Self:
        flags = ["--data-dir", self.folder / "data", "--image-dir", self.folder / "images"]
        flags += ["--cert-dir", self.folder / "certs", "--host", "127.0.0.1"]
        flags += ["--port", self.https_port, "--http-port", self.http_port, "--api-port", self.api_port]
        self.started_at = time.perf_counter()
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tests.bench.measured_server", self._stats, "--", *map(str, flags)],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._ps = psutil.Process(self._process.pid)
        self._wait_for_port()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        if self._process.wait(timeout=40) != 0:
            raise RuntimeError((self.folder / "server.log").read_text()[-2000:])

    def cpu_seconds(self) -> float:
        times = self._ps.cpu_times()
        return float(times.user + times.system)

    def rss_mb(self) -> float:
        return round(float(self._ps.memory_info().rss) / 1e6, 1)

    def peak_rss_mb(self) -> float:
        """The highest resident size since `forget_peak`, as the kernel noted it."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return round(int(line.split()[1]) * 1024 / 1e6, 1)

    def forget_peak(self) -> None:
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def loop_lag(self) -> dict[str, float]:
        """How late the event loop was since the last call."""
        self._stats.unlink(missing_ok=True)
        self._process.send_signal(signal.SIGUSR1)
        while not self._stats.exists():
            time.sleep(0.01)
        figures: dict[str, float] = json.loads(self._stats.read_text())
        return figures

    def _wait_for_port(self) -> None:
        while self._process.poll() is None:
            if any(
                connection.laddr.port == self.https_port and connection.status == psutil.CONN_LISTEN
                for connection in self._ps.net_connections(kind="tcp")
            ):
                self.port_open_after = round(time.perf_counter() - self.started_at, 3)
                return
            time.sleep(0.005)
        raise RuntimeError((self.folder / "server.log").read_text()[-2000:])


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(Path(sys.argv[1]), sys.argv[3:])))
