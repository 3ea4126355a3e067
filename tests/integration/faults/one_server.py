"""One server for many tests: it is never to blame for what they do on the way to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from tests.integration.conftest import RealServer
from tests.processes import PATIENCE, READY, ROOT, ServerProcess, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPTIONS = "image_generate_threshold: 1000\n"


@dataclass(frozen=True, slots=True)
class _Ports:
    https_port: int
    http_port: int
    api_port: int


@contextmanager
def run_one_server(root: Path) -> Iterator[RealServer]:
    """Run a server that belongs to no event loop."""
    data, log = root / "data", root / "log"
    data.mkdir()
    (data / "options.yml").write_text(OPTIONS)
    ports = _Ports(*free_ports(3))
    places = ["--data-dir", data, "--image-dir", root / "images", "--cert-dir", root / "certs"]
    listen = ["--port", ports.https_port, "--http-port", ports.http_port, "--api-port", ports.api_port]
    command = [sys.executable, "-P", "-m", "imageserver", *places, "--host", "127.0.0.1", *listen]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "addon")}
    with (
        log.open("wb") as said,
        subprocess.Popen(list(map(str, command)), stdout=said, stderr=said, env=environment) as process,  # noqa: S603
    ):
        try:
            _wait_for(log, READY)
            yield RealServer(cast("ServerProcess", ports), root)
        finally:
            process.kill()


def _wait_for(log: Path, text: str) -> None:
    end = time.monotonic() + PATIENCE
    while text not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.02)
