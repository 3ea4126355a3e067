"""The app in the Supervisor's hands: options checked and written, folders mapped, started, stopped.

Facts: supervisor/apps/app.py, docker/app.py, docker/manager.py.
"""

from __future__ import annotations

import json
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from aiohttp import web

from tests.app.rehearsal.container import Container
from tests.app.rehearsal.image import ROOT
from tests.app.rehearsal.ingress import SUPERVISOR, Ingress
from tests.app.rehearsal.network import SUPERVISORS
from tests.app.rehearsal.order import Mounted, MountKind
from tests.app.rehearsal.published_ports import Published, published
from tests.app.supervisor_rules import folders, network, option_schema
from tests.simulators.supervisor import SupervisorSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.app.rehearsal.container import Ended
    from tests.app.rehearsal.image import Image

CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "addon" / "config.yaml").read_text("utf-8"))
TIME_ZONE = "Asia/Yekaterinburg"
DNS = SUPERVISORS.others[1]


@dataclass(frozen=True, slots=True)
class Folders:
    """What of the host the app has, where the Supervisor keeps it."""

    top: Path

    @property
    def data(self) -> Path:
        return self.top / "data" / "apps" / "data" / f"local_{CONFIG['slug']}"

    @property
    def config(self) -> Path:
        return self.top / "data" / "app_configs" / f"local_{CONFIG['slug']}"

    @property
    def media(self) -> Path:
        return self.top / "data" / "media"

    @property
    def ssl(self) -> Path:
        return self.top / "data" / "ssl"

    @property
    def options(self) -> Path:
        return self.data / "options.json"

    def mounts(self) -> list[Mounted]:
        """Return what the app's `map` asks for."""
        places = {"data": self.data, "app_config": self.config, "media": self.media, "ssl": self.ssl}
        kinds = {folder.target: folder.kind for folder in folders.read(CONFIG)}
        return [
            Mounted(target, source=str(places[kinds.get(target, "data")]), read_only=not writable)
            for target, writable in folders.mounted(CONFIG).items()
        ]


class SupervisedApp:
    """The installed app.

    Attributes:
        options: What the user has set.
        supervisor: Whom the app asks; its `network` is what the user has set about ports.
        folders: The app's.
        data: Instead of the folder for `/data`; None = that.
        containers: All that were started.
        tokens: By which the Supervisor knew it.
    """

    def __init__(self, *, image: Image, top: Path) -> None:
        self.options: dict[str, Any] = {}
        self.supervisor = SupervisorSimulator(config=CONFIG, token="")
        self.supervisor.ip_address = str(SUPERVISORS.container.ip)
        self.folders = Folders(top)
        self.ingress = Ingress(
            token=secrets.token_urlsafe(16),
            port=network.ingress_port(CONFIG) or 0,
            streams=bool(CONFIG.get("ingress_stream")),
        )
        self.data: Mounted | None = None
        self._image = image
        self.containers: list[Container] = []
        self.tokens: list[str] = []
        self._running = AsyncExitStack()
        for folder in (self.folders.data, self.folders.media, self.folders.ssl):
            folder.mkdir(parents=True)

    @property
    def container(self) -> Container:
        """The last one that was started."""
        return self.containers[-1]

    def pictures(self) -> list[Path]:
        """Return the pictures that it keeps, in full size."""
        return sorted((self.folders.media / "aiframes" / "original").iterdir())

    async def start(self) -> None:
        """Start it, and wait until it is well.

        Raises:
            InvalidOptionError: The options are refused; nothing was started.
        """
        await self.begin()
        await self.container.until_healthy()
        self.supervisor.state = "started"

    async def begin(self) -> None:
        """Start it."""
        given = option_schema.merge(CONFIG["options"], self.options)
        self._write_options(option_schema.validate(CONFIG["schema"], given))
        self.folders.config.mkdir(parents=True, exist_ok=True)
        self.supervisor.token = secrets.token_hex(56)
        self.tokens.append(self.supervisor.token)
        self.supervisor.state = "startup"
        self.containers.append(await self._running.enter_async_context(self._new_container()))
        ports = network.published(CONFIG, self.supervisor.network)
        doors = [Published(host, int(port.removesuffix("/tcp"))) for port, host in ports.items()]
        await self._running.enter_async_context(published(doors, SUPERVISORS))
        await self.container.start()

    async def stop(self) -> Ended:
        """Stop it and remove its container, as for an update or a restart."""
        ended = await self.container.stop(CONFIG["timeout"])
        await self.remove()
        return ended

    async def kill(self) -> None:
        """Let it end as at a power cut."""
        await self.container.kill()
        await self.remove()

    async def remove(self) -> None:
        """Remove the container, whatever it does; its log can still be read."""
        self.supervisor.state = "stopped"
        await self._running.aclose()

    async def restart(self) -> None:
        """Stop it and start it."""
        await self.stop()
        await self.start()

    def _write_options(self, options: Mapping[str, Any]) -> None:
        self.folders.options.unlink(missing_ok=True)
        self.folders.options.touch(mode=0o600)
        self.folders.options.write_text(json.dumps(options, indent=2))

    def _new_container(self) -> Container:
        token = self.supervisor.token
        tmpfs = [Mounted("/dev/shm", MountKind.TMPFS)]
        if CONFIG.get("tmpfs"):
            tmpfs.append(Mounted("/tmp", MountKind.TMPFS))
        mounts = [self.data if self.data and one.target == "/data" else one for one in self.folders.mounts()]
        return Container(
            image=self._image,
            bridge=SUPERVISORS,
            folder=self.folders.top / "engine",
            hostname=self.supervisor.hostname,
            environment={
                **CONFIG.get("environment", {}),
                "TZ": TIME_ZONE,
                "SUPERVISOR_TOKEN": token,
                "HASSIO_TOKEN": token,
            },
            mounts=[*tmpfs, *mounts],
            hosts={"supervisor": SUPERVISOR, "hassio": SUPERVISOR},
            nameserver=DNS,
        )


@asynccontextmanager
async def supervised_app(image: Image, top: Path) -> AsyncIterator[SupervisedApp]:
    """Install the app in a Home Assistant below `top`; it is not started yet, and removed at the end."""
    app = SupervisedApp(image=image, top=top)
    runner = web.AppRunner(app.supervisor.application(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, SUPERVISOR, 80).start()
        async with app.ingress.open():
            try:
                yield app
            finally:
                await app.remove()
    finally:
        await runner.cleanup()
