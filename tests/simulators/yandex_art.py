"""Yandex AI Studio as its clients see it: both picture APIs, strict where the real ones are, and faulty.

    python -m tests.simulators.yandex_art --port 8300 --delay 5 --fault silence

prints the settings that lead to it. `GET /log` tells what was asked and what it cost; `POST /next/<fault>`
lets the next paid request meet a fault, `POST /next/<fault>?place=poll` the next question about an operation.
The faults' names are in `yandex_art_faults.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import ssl
import time
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from tests.simulators.drawn import draw
from tests.simulators.manners import Answerer, as_json
from tests.simulators.yandex_art_faults import FAULTS, Fault
from tests.simulators.yandex_art_rules import (
    API_KEY,
    FOLDER_ID,
    Asked,
    RefusedError,
    check_access,
    check_async,
    check_images,
    check_model,
    check_prompt,
    json_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

_MADE = ((1024, 1024), (896, 1152), (832, 1280), (768, 1344), (1152, 896), (1280, 832), (1344, 768))
"""What the API makes of a ratio: 1024x1536 becomes 832x1280."""


@dataclass(slots=True)
class _Operation:
    answer: dict[str, Any] | None
    ready_at: float


class YandexArtSimulator:
    """An HTTP server, from `async with` to its end.

    Attributes:
        delay: Seconds before each answer to a paid request.
        operation_delay: Seconds until an operation is done.
        asked: Every request, also those that were refused.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        delay: float = 0,
        operation_delay: float = 0,
        old_model_retired: bool = True,
        ssl_context: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        made: Sequence[tuple[int, int]] = _MADE,
    ) -> None:
        """Prepare it.

        Args:
            host: The address it is reached at.
            port: 0 = any that is free.
            delay: See the class.
            operation_delay: See the class.
            old_model_retired: `yandex-art/latest` is denied, as it has been since September 2026.
            ssl_context: Speak TLS.
            now: The time by which dates to come back at are made.
            sleep: How a delay passes.
            monotonic: The seconds in which operations take their time.
            made: The sizes of its pictures.
        """
        self.delay = delay
        self.operation_delay = operation_delay
        self.asked: list[Asked] = []
        self._old_model_retired = old_model_retired
        self._host = host
        self._port = port
        self._ssl = ssl_context
        self._now = now
        self._sleep = sleep
        self._monotonic = monotonic
        self._made = made
        self._next: dict[str, deque[str]] = {"request": deque(), "poll": deque()}
        self._always: dict[str, str] = {}
        self._operations: dict[str, _Operation] = {}
        self._numbers = count(1)
        self._answerer = Answerer()
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port, ssl_context=self._ssl).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._answerer.close()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The `base_url` that leads here."""
        return f"{'https' if self._ssl else 'http'}://{self._host}:{self._port}"

    @property
    def options(self) -> dict[str, Any]:
        """The settings that lead an adapter here."""
        return {"folder_id": FOLDER_ID, "api_key": API_KEY, "base_url": self.url}

    @property
    def billed(self) -> list[Asked]:
        """The requests that cost money."""
        return [asked for asked in self.asked if asked.billed]

    def next(self, fault: str, *, place: str = "request") -> None:
        """Let the next paid request meet a fault, or with `place="poll"` the next question."""
        if fault not in FAULTS:
            raise ValueError(f"No fault {fault}; there are {', '.join(FAULTS)}")
        self._next[place].append(fault)

    def always(self, fault: str | None, *, place: str = "request") -> None:
        """Let every request meet a fault from now on; None = no more."""
        self._always.pop(place, None)
        if fault is not None:
            self._always[place] = fault

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/v1/images/generations", self._images),
                web.post("/foundationModels/v1/imageGenerationAsync", self._async),
                web.get("/operations/{id}", self._poll),
                web.get("/log", self._log),
                web.post("/next/{fault}", self._prepare),
            ]
        )
        return app

    async def _images(self, request: web.Request) -> web.StreamResponse:
        async def done(asked: Asked, _: Fault | None) -> dict[str, Any]:
            return {
                "created": int(self._now().timestamp()),
                "data": [{"b64_json": await self._picture(asked)}],
            }

        return await self._paid(request, check_images, done)

    async def _async(self, request: web.Request) -> web.StreamResponse:
        async def started(asked: Asked, fault: Fault | None) -> dict[str, Any]:
            name = f"fbvsim{asked.number:014d}"
            answer: dict[str, Any] | None = {"id": name, "done": True}
            if fault is None:
                answer = {"id": name, "done": True, "response": {"image": await self._picture(asked)}}
            elif fault.body is None:
                answer = None
            else:
                answer = {"id": name, "done": True, **fault.body}
            ready_at = self._monotonic() + self.operation_delay
            self._operations[name] = _Operation(answer, ready_at)
            return {"id": name, "description": "", "createdAt": None, "done": False, "metadata": None}

        return await self._paid(request, check_async, started)

    async def _paid(
        self,
        request: web.Request,
        check: Callable[[Asked, web.Request, dict[str, Any]], None],
        make: Callable[[Asked, Fault | None], Awaitable[dict[str, Any]]],
    ) -> web.StreamResponse:
        asked = self._note(request)
        name, fault = self._fault("request")
        try:
            check_access(request)
            check(asked, request, await json_of(request))
            check_model(asked, old_model_retired=self._old_model_retired)
            check_prompt(asked)
        except RefusedError as error:
            asked.status = error.status
            return web.json_response(error.body, status=error.status)
        asked.fault = name
        asked.billed = fault is None or fault.operation or fault.billed
        await self._sleep(self.delay)
        befalls_operation = fault is not None and fault.operation
        made = await make(asked, fault if befalls_operation else None)
        return await self._answer(request, asked, made, None if befalls_operation else fault)

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        asked = self._note(request)
        asked.fault, fault = self._fault("poll")
        try:
            check_access(request)
            operation = self._known(request.match_info["id"])
        except RefusedError as error:
            asked.status = error.status
            return web.json_response(error.body, status=error.status)
        return await self._answer(request, asked, operation, fault)

    def _known(self, name: str) -> dict[str, Any]:
        operation = self._operations.get(name)
        if operation is None or operation.answer is None:
            raise RefusedError(404, 5, "operation not found")
        pending = self._monotonic() < operation.ready_at
        return {"id": name, "done": False} if pending else operation.answer

    async def _answer(
        self, request: web.Request, asked: Asked, made: dict[str, Any], fault: Fault | None
    ) -> web.StreamResponse:
        fault = fault or Fault()
        asked.status = fault.status
        headers = {key: self._dated(value) for key, value in fault.headers.items()}
        return await self._answerer.answer(
            request,
            as_json(made if fault.body is None else fault.body),
            status=fault.status,
            content_type=fault.content_type,
            headers={"Date": self._dated("{now}"), **headers},
            manner=fault.manner,
        )

    def _dated(self, value: str) -> str:
        """Fill in times as `{now}` and `{in 90 s}`."""

        def date(match: re.Match[str]) -> str:
            return format_datetime(self._now() + timedelta(seconds=int(match[1] or 0)), usegmt=True)

        return re.sub(r"\{(?:now|in (-?\d+) s)\}", date, value)

    async def _log(self, _: web.Request) -> web.Response:
        return web.json_response(
            {"billed": len(self.billed), "asked": [asdict(asked) for asked in self.asked]}
        )

    async def _prepare(self, request: web.Request) -> web.Response:
        try:
            self.next(request.match_info["fault"], place=request.query.get("place", "request"))
        except (KeyError, ValueError) as error:
            return web.Response(status=404, text=f"{error}\n")
        return web.Response(text="ok\n")

    async def _picture(self, asked: Asked) -> str:
        ratio = asked.width / asked.height
        width, height = min(self._made, key=lambda made: abs(made[0] / made[1] - ratio))
        picture = await asyncio.to_thread(draw, asked.prompt or "", width, height)
        return base64.b64encode(picture).decode()

    def _note(self, request: web.Request) -> Asked:
        asked = Asked(next(self._numbers), request.method, request.path)
        self.asked.append(asked)
        return asked

    def _fault(self, place: str) -> tuple[str | None, Fault | None]:
        name = self._next[place].popleft() if self._next[place] else self._always.get(place)
        return name, FAULTS[name] if name else None


@asynccontextmanager
async def contract_settings(_: Path) -> AsyncIterator[list[dict[str, Any]]]:
    """Settings with which the contract test asks the adapter: one of each kind."""
    async with YandexArtSimulator(old_model_retired=False) as simulator:
        yield [simulator.options, {**simulator.options, "transport": "async"}]


async def _run(arguments: argparse.Namespace) -> None:
    context = None
    if arguments.cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.cert, arguments.key)
    async with YandexArtSimulator(
        port=arguments.port,
        delay=arguments.delay,
        operation_delay=arguments.operation_delay,
        old_model_retired=not arguments.old_model,
        ssl_context=context,
    ) as simulator:
        simulator.always(arguments.fault)
        print(json.dumps(simulator.options), flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulators.yandex_art", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--port", type=int, default=8300)
    parser.add_argument("--delay", type=float, default=0, help="seconds before each answer to a paid request")
    parser.add_argument("--operation-delay", type=float, default=0, help="seconds until an operation is done")
    parser.add_argument(
        "--old-model", action="store_true", help="serve yandex-art/latest, as before September 2026"
    )
    parser.add_argument("--fault", choices=FAULTS, metavar="NAME", help=f"always: {', '.join(FAULTS)}")
    parser.add_argument("--cert", help="PEM file; then it speaks TLS")
    parser.add_argument("--key", help="PEM file of its key, where it is another one")
    try:
        asyncio.run(_run(parser.parse_args()))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
