"""The real server as a process of its own: started, waited for, and looked at from outside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import psutil

from tests.processes import free_ports


class MeasuredServer:
    """Runs the server below a folder, on loopback, and looks at it from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.https_port, self.http_port, self.api_port = free_ports(3)
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
                [sys.executable, "-m", "tests.bench.probed_server", self._stats, "--", *map(str, flags)],
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
