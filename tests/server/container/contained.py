"""The server as a container's engine runs it: the entry, as first process and root."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from imageserver.arguments import parse
from imageserver.container import health
from imageserver.container.container_places import ContainerPlaces
from tests.processes import ROOT, ServerProcess, free_ports
from tests.server.container.inside import Order

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

_ENTRY = """
import json, os, sys
from pathlib import Path
from imageserver.container.container_places import ContainerPlaces
from imageserver.container.start import start
places = {name: Path(path) for name, path in json.loads(sys.argv[1]).items()}
start(sys.argv[2:], os.environ, places=ContainerPlaces(**places))
"""


@dataclass
class ContainedServer(ServerProcess):
    """A server in a container of its own.

    Attributes:
        first: The number of its first process.
        as_app: Whether it runs as an app.
    """

    first: int = 0
    as_app: bool = False

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the first process, as the engine does, and return the exit code."""
        os.kill(self.first, number)
        return await self.ended()

    async def well(self) -> None:
        """Wait until its health check is content."""
        flags = ["--host", "127.0.0.1", "--api-port", str(self.api_port)]
        async with asyncio.timeout(20):
            # Another process tells by no event of ours.
            while await asyncio.to_thread(health.complaint, parse(flags, {}), as_app=self.as_app):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def status(self, *names: str) -> list[str]:
        """What the kernel tells of the server."""
        with open(f"/proc/{self.first}/status", encoding="ascii") as file:  # noqa: PTH123 - no disk is asked
            lines = dict(line.split(":", 1) for line in file)
        return [" ".join(lines[name].split()) for name in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Directories below one that stands for the container's root."""

    root: Path

    @property
    def places(self) -> ContainerPlaces:
        """Where things are in it."""
        return ContainerPlaces(
            data=self.root / "data",
            config=self.root / "config",
            pictures=self.root / "media" / "aiframes",
            ssl=self.root / "ssl",
            copies=self.root / "run" / "imageserver" / "certs",
        )

    @asynccontextmanager
    async def run(
        self,
        *flags: str,
        environment: dict[str, str] | None = None,
        volumes: Sequence[str] = (),
        read_only: Sequence[str] = (),
        under: Sequence[str] = (),
    ) -> AsyncIterator[ContainedServer]:
        """Run it; the same root again is a restart.

        Args:
            flags: Of the server, beside its ports.
            environment: Variables that the engine sets.
            volumes: What lies on volumes.
            read_only: The same, that can't be written.
            under: A program that becomes the entry.
        """
        (self.root / "stage").mkdir(exist_ok=True)
        https_port, http_port, api_port = free_ports(3)
        ports = ("--port", https_port, "--http-port", http_port, "--api-port", api_port)
        places = json.dumps({name: str(path) for name, path in asdict(self.places).items()})
        entry = (sys.executable, "-P", "-c", _ENTRY, places, "--host", "127.0.0.1", *map(str, ports), *flags)
        variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "addon"), **(environment or {})}
        order = Order(
            command=[*under, *entry],
            environment={"PYTHONDONTWRITEBYTECODE": "1", "SUPERVISOR_API": "http://127.0.0.1:9", **variables},
            stage=str(self.root / "stage"),
            volumes=[str(self.root / name) for name in volumes],
            read_only=[str(self.root / name) for name in read_only],
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "tests.server.container.inside", order.to_json()),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        as_app = "SUPERVISOR_TOKEN" in variables
        server = ContainedServer(process, https_port, http_port, api_port, as_app=as_app)
        server.first = int(await server.next_line())
        server.log.clear()
        try:
            yield server
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(server.first, signal.SIGKILL)
            await server.ended()
