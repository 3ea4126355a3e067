"""A machine with a server, a frame and a provider that costs money; what lies below the server can fail."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from tests.faults.machine.shim import Shim
from tests.processes import READY, ServerProcess, run_server
from tests.simulators.frame import FirmwareError, Frame, RefusedError
from tests.simulators.yandex_art import YandexArtSimulator
from tests.tls import certificate_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from tests.faults.machine.disks import Disks

POLLS = 6
"""Of a frame that polls at once; the server makes it wait up to a second each time."""

PATIENCE = 5.0
"""Seconds; a real frame has 2, but no neighbours that run tests."""

RECOVERY = 40.0
"""Seconds within which a server has to be well after a fault."""


@dataclass
class Machine:
    """What there is.

    Attributes:
        root: `data`, `config`, `images`, `certs` and `log` are below it.
        under: What the server runs under.
    """

    root: Path
    shim: Shim
    simulator: YandexArtSimulator
    transport: str
    under: Sequence[str] = ()
    disks: Disks | None = None
    log: list[str] = field(default_factory=list)
    _server: ServerProcess | None = None
    _reading: asyncio.Task[None] | None = None
    _token: str = ""
    _number: int = 0

    @property
    def server(self) -> ServerProcess:
        """The server that runs now."""
        assert self._server is not None
        return self._server

    @property
    def pid(self) -> int:
        """Its process."""
        return self.server.process.pid

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ServerProcess]:
        """Run the server; the same folders again are a restart."""
        flags = ["--config-dir", self.root / "config", "--log-dir", self.root / "log"]
        (self.root / "images").mkdir(exist_ok=True)
        (self.seen("config") / "options.yml").write_text(json.dumps(self._options()))
        async with run_server(
            self.root,
            *map(str, flags),
            environment={**self.shim.environment, "PYTHONUNBUFFERED": "1"},
            under=self.under,
        ) as server:
            self._reading = reading = asyncio.create_task(self._read(server))
            self._server = server
            try:
                await self.until(lambda: any(READY in line for line in server.log), "it is not up")
                self._token = (self.seen("data") / "api_token").read_text().strip()
                yield server
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
                self.log += server.log

    def bind_by_rights(self) -> None:
        """Let files' rights hold for the server, as they do for everybody but root."""
        rights = "-dac_override,-dac_read_search"
        self.under = ["setpriv", f"--inh-caps={rights}", f"--bounding-set={rights}"]

    def _options(self) -> dict[str, Any]:
        provider = {
            **self.simulator.options,
            "transport": self.transport,
            "daily_limit": 0,
            "image_generate_threshold": 0,
        }
        return {
            "image_generate_threshold": 0,
            "frame_prompts_per_day": 100_000,
            "prompts_amount": 50,
            "providers": {"ydArt": provider},
        }

    async def stop(self) -> int:
        """Ask the server to end, and return its exit code."""
        assert self._reading is not None
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        return await self.server.stop()

    async def _read(self, server: ServerProcess) -> None:
        with suppress(AssertionError, TimeoutError):
            while True:
                await server.next_line()

    async def until(self, condition: Callable[[], object], otherwise: str) -> None:
        """Wait for what happens in other processes."""

        async def is_so() -> object:
            return condition()

        await self.until_so(is_so, otherwise)

    async def until_so(self, condition: Callable[[], Awaitable[object]], otherwise: str) -> float:
        """Wait for it; returns how long that took."""
        began = monotonic()
        while not await condition():
            if monotonic() - began > RECOVERY:
                raise AssertionError(otherwise)
            await asyncio.sleep(0.05)
        return monotonic() - began

    # What people and frames do.

    async def show(self, kind: str) -> str:
        """Be a frame that asks for a picture; returns what it got, in words."""

        async def at_once(_: float) -> None:
            await asyncio.sleep(0.02)

        frame = Frame("127.0.0.1", self.server.http_port, tls=False, sleep=at_once, patience=PATIENCE)
        self._number += 1
        prompt = f"wish {self._number}" if kind == "ydart" else None
        try:
            operation = await frame.start(kind, prompt)
            for _ in range(POLLS):
                result = await frame.poll(operation)
                if result.status == "error":
                    return f"error {(result.error or {}).get('code')}"
                if result.picture is not None:
                    return await self._kind_of(operation)
                await at_once(0)
        except RefusedError as error:
            return f"{error.status} {error.code.removesuffix('Error')}"
        except (FirmwareError, OSError) as error:
            return f"nothing ({type(error).__name__} {error})"
        return "pending"

    async def _kind_of(self, operation: str) -> str:
        """Return what a frame was shown: a new picture, one of the store, a card."""
        status, known = await self.ask("GET", f"/api/v1/operations/{operation}")
        if status != 200:
            return "a picture"
        content = known["content"]["kind"]
        if content == "card":
            return "card"
        return "new" if known["generation_id"] and known["fate"] in {"done", "sent", "intended"} else "stored"

    async def add_prompt(self) -> str:
        """Be a frame that adds a prompt."""
        self._number += 1
        frame = Frame("127.0.0.1", self.server.http_port, tls=False, patience=PATIENCE)
        try:
            await frame.add(f"a kept wish {self._number}")
        except RefusedError as error:
            return f"{error.status} {error.code.removesuffix('Error')}"
        except (FirmwareError, OSError) as error:
            return f"nothing ({type(error).__name__})"
        return "201"

    async def read(self) -> str:
        """Be a person who looks at everything; returns every status that came."""
        paths = "/healthz /api/v1/status /api/v1/operations /api/v1/prompts /api/v1/frames /api/v1/history"
        answers = [await self.ask("GET", path) for path in paths.split()]
        answers.append(await self.ask("POST", "/api/v1/images/search", {}))
        return " ".join(dict.fromkeys(str(status) for status, _ in answers))

    async def write(self) -> str:
        """Be a person who changes a setting."""
        self._number += 1
        status, _ = await self.ask("PATCH", "/api/v1/providers/ydArt", {"daily_limit": 1000 + self._number})
        return str(status)

    async def push(self, picture: bytes) -> int:
        """Be a person who sends a picture; returns the status of the answer."""
        url = f"https://127.0.0.1:{self.server.api_port}/api/v1/images"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "image/png"}
        async with (
            ClientSession(connector=TCPConnector(ssl=False, force_close=True)) as session,
            session.post(url, data=picture, headers=headers) as answer,
        ):
            return answer.status

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask the management API; 0 where no answer came."""
        url = f"https://127.0.0.1:{self.server.api_port}{path}"
        headers = {"Authorization": f"Bearer {self._token}"}
        connector, limit = TCPConnector(ssl=False, force_close=True), ClientTimeout(total=10)
        try:
            async with (
                ClientSession(connector=connector, timeout=limit) as session,
                session.request(method, url, json=body, headers=headers) as answer,
            ):
                text = await answer.text()
        except (ClientError, OSError, TimeoutError):
            return 0, None
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    async def problems(self) -> list[str]:
        """Return the codes of what a person is told."""
        _, status = await self.ask("GET", "/api/v1/status")
        return sorted(problem["code"] for problem in status["problems"]) if status else ["(no answer)"]

    # What is left.

    def complaints(self, since: int) -> list[str]:
        """Return the lines of the log above INFO from one on, without their times; tracebacks too."""
        lines = self.server.log[since:]
        told = [re.sub(r"^[-\d]+ [:\d]+ ", "", line) for line in lines]
        return [line for line in told if not line.startswith(("INFO", "DEBUG"))]

    async def is_all_stored(self) -> bool:
        """Whether each picture that was billed is in the store."""
        status, known = await self.ask("GET", "/api/v1/operations?limit=500")
        if status != 200:
            return False
        asked = [generation for generation in known["generations"] if generation["provider"] == "ydArt"]
        stored = {generation["picture_id"] for generation in asked if generation["picture_id"]}
        return len(stored) == len(self.simulator.billed) == len(asked)

    def seen(self, folder: str) -> Path:
        """Return a folder as the server sees it, which may have a disk of its own there."""
        path = self.root / folder
        return path if self.disks is None else self.disks.seen(path)


@asynccontextmanager
async def machine(root: Path, *, transport: str = "images", delay: float = 0.0) -> AsyncIterator[Machine]:
    """Set a machine up; nothing runs on it yet."""
    shim = Shim(root)
    for folder in ("config", "certs"):
        (root / folder).mkdir()
    pair = certificate_file().read_bytes()
    for name in ("cert.pem", "key.pem"):
        (root / "certs" / name).write_bytes(pair)
    try:
        async with YandexArtSimulator(old_model_retired=False, operation_delay=delay) as simulator:
            yield Machine(root, shim, simulator, transport)
    finally:
        shim.close()
