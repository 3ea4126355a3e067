"""A machine with Docker and no Home Assistant: `docker compose up` and what comes after it.

Facts: docs.docker.com, "Compose file reference", "docker container create".
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.app.rehearsal import compose_file
from tests.app.rehearsal.container import Container
from tests.app.rehearsal.image import ROOT
from tests.app.rehearsal.network import ENGINES
from tests.app.rehearsal.order import ENGINES_CAPABILITIES, Mounted
from tests.app.rehearsal.published_ports import published

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.app.rehearsal.compose_file import Service
    from tests.app.rehearsal.container import Ended
    from tests.app.rehearsal.image import Image

COMPOSE_FILE = ROOT / "docker-compose.yml"
SERVICE = "imageserver"
TIME_ZONE = "Asia/Vladivostok"
UTC_OFFSET = "UTC+10:00"
_ZONES = Path("/usr/share/zoneinfo")


class DockerHost:
    """The machine.

    Attributes:
        root: What `IMAGE_SERVER_DATA_ROOT` names.
        override: What the user has changed in docker-compose.yml.
        capabilities: What containers are left of root's rights.
        containers: All that were created.
    """

    def __init__(self, *, image: Image, top: Path) -> None:
        self.root = top / "ImageServerFiles"
        self.override: dict[str, Any] = {}
        self.capabilities = ENGINES_CAPABILITIES
        self._image = image
        self._top = top
        self.containers: list[Container] = []
        self._running = AsyncExitStack()

    @property
    def compose(self) -> dict[str, Any]:
        """What the file holds, to be changed by `override`."""
        return compose_file.load(COMPOSE_FILE, SERVICE)

    @property
    def service(self) -> Service:
        """What docker-compose.yml says."""
        variables = {"IMAGE_SERVER_DATA_ROOT": str(self.root)}
        return compose_file.read(COMPOSE_FILE, SERVICE, variables=variables, override=self.override)

    @property
    def container(self) -> Container:
        """The last one that was created."""
        return self.containers[-1]

    async def up(self) -> None:
        """Create the container, start it, and wait until it is well."""
        await self.begin()
        await self.container.until_healthy()

    async def begin(self) -> None:
        """Create the container and start it."""
        service = self.service
        container = Container(
            image=self._image,
            bridge=ENGINES,
            folder=self._top / "engine",
            hostname="3f1c0a9b7d52",
            environment=service.environment,
            mounts=[self._mounted(volume) for volume in service.volumes],
            user=service.user,
            capabilities=self.capabilities,
        )
        self.containers.append(await self._running.enter_async_context(container))
        await self._running.enter_async_context(published(service.ports, ENGINES))
        await container.start()

    async def restart(self) -> None:
        """Start the same container again."""
        await self.container.start()
        await self.container.until_healthy()

    async def stop(self) -> Ended:
        """Stop the container; it is still there."""
        return await self.container.stop(self.service.grace)

    async def down(self) -> None:
        """Remove the container; its log can still be read."""
        await self._running.aclose()

    def _mounted(self, volume: compose_file.Volume) -> Mounted:
        source = Path(volume.source)
        if volume.source == "/etc/localtime":
            source = _ZONES / TIME_ZONE
        if not source.exists():
            source.mkdir(parents=True)  # the engine makes what is missing, as root
        return Mounted(volume.target, source=str(source), read_only=volume.read_only)


@asynccontextmanager
async def docker_host(image: Image, top: Path) -> AsyncIterator[DockerHost]:
    """Have a machine with Docker; whatever it runs is removed at the end."""
    host = DockerHost(image=image, top=top)
    try:
        yield host
    finally:
        await host.down()
