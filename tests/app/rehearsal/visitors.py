"""Who comes to the server, each from where it lives: frames, Home Assistant, browsers, strangers."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from tests.app.rehearsal.container import PATIENCE
from tests.app.rehearsal.network import FRAMES, MACHINE, SERVICE, SUPERVISORS
from tests.app.supervisor_rules import option_schema
from tests.simulators.frame import Frame
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Mapping

    from tests.app.rehearsal.supervised_app import SupervisedApp

HTTPS, HTTP, API = 8099, 8098, 8097

LOOK_SECONDS = 0.05
"""Between two looks at what another process does."""


def frame(*, tls: bool = True, port: int | None = None, source: str = FRAMES[0], **own: Any) -> Frame:
    """Return a frame in the home; it asks again at once, as the server itself waits for what is under way."""
    port = port or (HTTPS if tls else HTTP)
    return Frame(MACHINE, port, tls=tls, source=source, sleep=_no_wait, **own)


async def shows(frame: Frame, kind: str = "auto", prompt: str | None = None) -> tuple[int, int]:
    """Let a frame ask for a picture and show it; returns its size."""
    shown = await frame.show(kind, prompt)
    assert shown.image is not None, shown.error
    return shown.image.size


@asynccontextmanager
async def yandex(app: SupervisedApp, **own: Any) -> AsyncIterator[YandexArtSimulator]:
    """Have a YandexART, and the app's options lead to it.

    Args:
        app: Is to be started afterwards.
        own: What else is set for the provider; `delay` and `operation_delay` are YandexART's.
    """
    delays = {name: own.pop(name) for name in ("delay", "operation_delay") if name in own}
    async with YandexArtSimulator(host=SERVICE, old_model_retired=False, **delays) as simulator:
        settings = {"providers": {"ydArt": {**simulator.options, **own}}}
        app.options = option_schema.merge(app.options, settings)
        yield simulator


async def until(condition: Callable[[], object]) -> None:
    """Wait for what only a look at files or at a simulator tells."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - another process tells by no event of ours
            await asyncio.sleep(LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks one server, over the management API unless a path begins with a dot: `./healthz`."""

    def __init__(self, session: ClientSession, top: str) -> None:
        self.session = session
        self._top = top.rstrip("/")

    def url(self, path: str) -> str:
        """Return where something is."""
        return self._top + (path.removeprefix(".") if path.startswith(".") else f"/api/v1{path}")

    async def ask(self, method: str, path: str, sent: Any = None, **more: Any) -> Answer:
        """Ask for whatever comes."""
        async with self.session.request(method, self.url(path), json=sent, **more) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str) -> Any:
        """Return what a good answer holds."""
        answer = await self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.json

    async def post(self, path: str, sent: Any = None) -> Any:
        """Return what a good answer holds."""
        answer = await self.ask("POST", path, sent)
        assert 200 <= answer.status < 300, answer
        return answer.json

    async def problems(self) -> dict[str, str]:
        """Return the problems that stand, by their codes."""
        return {problem["code"]: problem["text"] for problem in (await self.get("/status"))["problems"]}

    async def until(self, path: str, fits: Callable[[Any], object]) -> Any:
        """Ask until the answer is the one that is waited for."""
        async with asyncio.timeout(PATIENCE):
            while not fits(found := await self.get(path)):  # noqa: ASYNC110 - as above
                await asyncio.sleep(LOOK_SECONDS)
        return found

    async def until_problem(self, code: str, *, stands: bool = True) -> None:
        """Wait for a problem to come or to go."""
        await self.until(
            "/status", lambda found: stands is any(entry["code"] == code for entry in found["problems"])
        )


@asynccontextmanager
async def client(
    top: str, *, token: str | None = None, source: str | None = None, tls: ssl.SSLContext | bool = False
) -> AsyncIterator[Client]:
    """Open a client that speaks from an address."""
    connector = TCPConnector(local_addr=(source, 0) if source else None, ssl=tls)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with ClientSession(
        connector=connector, headers=headers, timeout=ClientTimeout(total=PATIENCE)
    ) as session:
        yield Client(session, top)


@asynccontextmanager
async def home_assistant(
    app: SupervisedApp, *, token: str | None = None, source: str = SUPERVISORS.gateway
) -> AsyncIterator[Client]:
    """Be Home Assistant's integration, with what it was told last."""
    await until(lambda: app.supervisor.pushed)
    told = app.supervisor.pushed[-1]["config"]
    # Home Assistant finds the name by the Supervisor's own name server.
    assert told["host"] == app.supervisor.hostname
    top = f"http://{SUPERVISORS.container.ip}:{told['port']}"
    async with client(top, token=told["token"] if token is None else token, source=source) as found:
        yield found


@asynccontextmanager
async def browser(app: SupervisedApp) -> AsyncIterator[Client]:
    """Be the browser of somebody who has logged in to Home Assistant."""
    async with client(app.ingress.url) as found:
        yield found


async def _no_wait(_: float) -> None:
    await asyncio.sleep(LOOK_SECONDS)
