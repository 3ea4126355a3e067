"""Two days of a server, with frames and a person: whatever makes it touch a file or a socket."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from tests.app.apparmor.places import ROOT
from tests.pictures import jpeg
from tests.processes import READY, ServerProcess
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path
    from typing import Any

LOOKED_AT = ("./", "./healthz", "./metrics", "/openapi.yaml", "/status", "/frames", "/providers", "/log")


def furnish(root: Path) -> None:
    """Put there what people have: an adapter of their own, and a folder with pictures."""
    for directory in ("data", "config/providers", "media/family", "ssl"):
        (root / directory).mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "providers" / "my_stable_diffusion.py", root / "config" / "providers")
    (root / "media" / "family" / "aunt.jpeg").write_bytes(jpeg(seed=1))


def options_of(root: Path, yandex: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options for both days; JSON is YAML too."""
    folder = {"local_image_folder": str(root / "media" / "family")}
    providers = {"ydArt": {**yandex, "image_generate_threshold": 0}, "lim": folder}
    return {"providers": providers, "disabled_providers": ["mySd"]}


async def first_day(server: ServerProcess, data: Path, options: Mapping[str, Any]) -> None:
    """Have pictures made, sent, shown, deleted and restored, prompts edited, and options read again."""
    await server.said(READY)
    await _show(server, "ydart")
    await Frame("127.0.0.1", server.http_port, tls=False).add("a lamp at dusk")
    async with _management(server, data) as manager:
        for path in LOOKED_AT:
            await manager.ask("GET", path)
        await manager.edit_prompts()
        await manager.send_pictures()
        await manager.ask("PATCH", "/settings", {"image_generate_threshold": 30})
    await _show(server)
    (data / "options.yml").write_text(json.dumps({**options, "frobnicate": 1}))
    server.process.send_signal(signal.SIGHUP)
    await server.said("frobnicate")


async def second_day(server: ServerProcess, data: Path) -> None:
    """Show what was kept, and what lies in the user's folder."""
    await server.said(READY)
    await _show(server)
    async with _management(server, data) as manager:
        await manager.ask("POST", "/operations", {"provider": "lim", "wait": 10})
    await _show(server)


class _Manager:
    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def ask(self, method: str, path: str, sent: Any = None, *, data: bytes | None = None) -> Any:
        url = path.removeprefix(".") if path.startswith(".") else f"/api/v1{path}"
        async with self._session.request(method, url, json=sent, data=data) as response:
            body = await response.read()
            assert response.ok, (path, body)
            return json.loads(body) if response.content_type == "application/json" else body

    async def edit_prompts(self) -> None:
        added = await self.ask("POST", "/prompts", {"prompt": "a boat"})
        await self.ask("PUT", f"/prompts/{added['prompt']['id']}", {"prompt": "a red boat"})

    async def send_pictures(self) -> None:
        """One to keep, which is looked at, deleted and restored; one that passes."""
        kept = await self.ask("POST", "/images", data=jpeg(seed=2))
        picture = f"/images/{kept['picture']['id']}"
        for view in ("original", "frame", "thumbnail"):
            await self.ask("GET", f"{picture}/{view}")
        await self.ask("DELETE", picture)
        await self.ask("POST", f"{picture}/restore")
        await self.ask("POST", "/images?keep=false", data=jpeg(seed=3))


@asynccontextmanager
async def _management(server: ServerProcess, data: Path) -> AsyncIterator[_Manager]:
    token = (data / "api_token").read_text().strip()
    async with ClientSession(
        f"https://127.0.0.1:{server.api_port}",
        connector=TCPConnector(ssl=False),
        headers={"Authorization": f"Bearer {token}"},
        timeout=ClientTimeout(total=15),
    ) as session:
        yield _Manager(session)


async def _show(server: ServerProcess, kind: str = "auto") -> None:
    shown = await Frame("127.0.0.1", server.https_port, sleep=_no_wait).show(kind)
    assert shown.image is not None, shown.error


async def _no_wait(_: float) -> None:
    """The server itself waits for what is under way."""
    await asyncio.sleep(0.05)
