"""Tries a real server with made requests and with rubbish; holds each answer against the descriptions."""

from __future__ import annotations

import asyncio
import itertools
import json
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests import pictures
from tests.faults.api_cases import api_judge, frame_judge, rubbish
from tests.faults.api_cases.asking import Asker, UnsendableError
from tests.faults.api_cases.frame_description import DESCRIPTION
from tests.faults.api_cases.made_cases import made, varied
from tests.openapi_document import raw_document
from tests.processes import READY, run_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy

    from tests.faults.api_cases.asking import Answer
    from tests.faults.api_cases.made_cases import Made
    from tests.processes import ServerProcess

SLOW = 1.0
"""Seconds; who takes longer is asked again, since the machine may have been busy with something else."""

TRIES = 3
TOKENLESS = 20
"""One in so many comes without a token, as far as it may."""

MOST_WRONG = 100

OPTIONS = """\
log_level: INFO
image_amount_min: 20
image_amount_max: 40
frame_prompts_per_day: 100000
providers: {builtin: {}}
"""

_ENDLESS = ("GET /api/v1/events", "GET /", "GET /page/{path}")
"""What never ends by itself, and what is no JSON and has tests of its own."""


@dataclass
class Found:
    """What a campaign came to.

    Attributes:
        refusals: Texts of refusals, as a person would read them, by what was asked for.
    """

    cases: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    slowest_seconds: float = 0.0
    refusals: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def count(self, who: str, what: str) -> None:
        """Count a case and what came of it."""
        self.cases[who] = self.cases.get(who, 0) + 1
        self.statuses[f"{who} {what}"] = self.statuses.get(f"{who} {what}", 0) + 1


def try_examples[T](
    strategy: SearchStrategy[T], function: Callable[[T], None], *, amount: int, start: int
) -> None:
    """Run a function with so many examples, the same ones for the same `start`."""
    chosen = settings(
        max_examples=amount,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def once(example: T) -> None:
        function(example)

    seed(start)(chosen(given(strategy)(once)))()


class Campaign:
    """One server, and who asks it."""

    def __init__(self, server: ServerProcess, root: Path, *, start: int, slow: float) -> None:
        self.found = Found()
        self._slow = slow
        self._server = server
        self._token_file = root / "data" / "api_token"
        self._start = start
        self._api = Asker(server.api_port, tls=True)
        self._frames = {True: Asker(server.https_port, tls=True), False: Asker(server.http_port, tls=False)}
        self._ids: dict[str, list[str]] = {}
        self._operations: list[str] = []

    def management(self, amount: int) -> None:
        """Try the management API with so many requests."""
        self._prepare()
        count = itertools.count()

        def once(request: Made) -> None:
            if next(count) % 50 == 0:
                self._look_up_ids()
            self._ask_api(varied(request, self._ids_for(request.path)))

        strategy = made(raw_document(), leave_out=_ENDLESS)
        try_examples(strategy, once, amount=amount, start=self._start)

    def frames(self, amount: int) -> None:
        """Try the frame protocol with so many requests, every other one over TLS."""
        tls = itertools.cycle((True, False))

        def once(plain: Made) -> None:
            request = varied(plain, self._operations)
            answer = self._asked("frames", self._frames[next(tls)], request)
            if answer is None:
                return
            self._note(frame_judge.faults(request, answer))
            if answer.status == 200 and request.path == "/operation/start" and request.method == "POST":
                self._operations = [answer.body.split(b'"')[3].decode(), *self._operations[:20]]

        try_examples(made(DESCRIPTION), once, amount=amount, start=self._start)

    def rubbish(self, amount: int) -> None:
        """Say so many things that are no HTTP, to every port, each from another address."""
        doors = itertools.cycle(
            (
                (self._server.http_port, False),
                (self._server.api_port, True),
                (self._server.https_port, True),
                (self._server.https_port, False),
            )
        )
        addresses = (f"127.{a}.{b}.{c}" for a in range(1, 9) for b in range(256) for c in range(1, 255))

        def once(data: bytes) -> None:
            port, tls = next(doors)
            said = rubbish.say(port, data, tls=tls, source=next(addresses))
            self.found.count("rubbish", said.data[9:12].decode(errors="replace") or "nothing")
            if not (port == self._server.https_port and not tls):
                self._note(rubbish.faults(data, said))

        try_examples(rubbish.rubbish(), once, amount=amount, start=self._start)
        self.is_well()

    def is_well(self) -> None:
        """Ask what anyone may ask, as a neighbour of all this would."""
        for asker, target in ((self._api, "/healthz"), (self._frames[True], "/"), (self._frames[False], "/")):
            answer = self._asked_again(asker, "GET", target, {}, None)
            if answer.status != 200:
                self._note([f"{target} -> {answer.status} afterwards"])

    def close(self) -> None:
        """End the connections."""
        for asker in (self._api, *self._frames.values()):
            asker.close()

    def _prepare(self) -> None:
        for number in range(3):
            answer = self._authorized(
                "POST", "/api/v1/images", pictures.jpeg(64, 96, seed=number), "image/jpeg"
            )
            assert answer.status == 201, answer.body
        assert (
            self._authorized("POST", "/api/v1/operations", b'{"wait":20}', "application/json").status == 200
        )
        self._frames[False].ask("POST", "/operation/start", {}, b'{"type":"auto"}')

    def _authorized(self, method: str, target: str, body: bytes | None = None, kind: str = "") -> Answer:
        headers = {"Authorization": self._bearer()} | ({"Content-Type": kind} if kind else {})
        return self._api.ask(method, target, headers, body)

    def _bearer(self) -> str:
        return f"Bearer {self._token_file.read_text().strip()}"

    def _look_up_ids(self) -> None:
        def listed(target: str, key: str, method: str = "GET") -> list[str]:
            answer = self._authorized(method, target)
            return [str(one.get("id", one.get("code"))) for one in json.loads(answer.body)[key]]

        self._ids = {
            "images": listed("/api/v1/images/search", "pictures", "POST"),
            "prompts": listed("/api/v1/prompts", "prompts"),
            "operations": listed("/api/v1/operations", "operations"),
            "frames": listed("/api/v1/frames", "frames"),
            "providers": listed("/api/v1/providers", "providers"),
        }

    def _ids_for(self, path: str) -> Sequence[str]:
        return next((ids for name, ids in self._ids.items() if f"/{name}/" in path), ())

    def _ask_api(self, request: Made) -> None:
        request.headers.pop("Authorization", None)  # wrong ones are answered ever more slowly
        if request.as_described or zlib.crc32(request.target.encode()) % TOKENLESS:
            request.headers["Authorization"] = self._bearer()
        answer = self._asked("api", self._api, request)
        if answer is not None:
            self._note(api_judge.faults(request, answer))

    def _asked(self, who: str, asker: Asker, request: Made) -> Answer | None:
        try:
            answer = self._asked_again(asker, request.method, request.target, request.headers, request.body)
        except UnsendableError:
            self.found.count(who, "not sendable")
            return None
        except OSError as error:
            self._note([f"{request.method} {request.target} {request.headers} {request.body!r}: {error!r}"])
            asker.close()
            return None
        self.found.count(who, str(answer.status))
        if answer.status >= 400:
            self.found.refusals.setdefault(_kind_of(request, answer), answer.body.decode())
        return answer

    def _asked_again(
        self, asker: Asker, method: str, target: str, headers: dict[str, str], body: bytes | None
    ) -> Answer:
        """Ask; where the answer is slow, ask again, for the server may not be what is slow."""
        answer = asker.ask(method, target, headers, body)
        best = answer.seconds
        for _ in range(TRIES - 1):
            if best <= self._slow:
                break
            best = min(best, asker.ask(method, target, headers, body).seconds)
        self.found.slowest_seconds = max(self.found.slowest_seconds, best)
        if best > self._slow:
            self._note([f"{method} {target} {body!r} takes {best:.1f} s each time"])
        return answer

    def _note(self, faults: Iterator[str] | list[str]) -> None:
        for fault in faults:
            if len(self.found.wrong) < MOST_WRONG:
                self.found.wrong.append(fault)


def _kind_of(request: Made, answer: Answer) -> str:
    return f"{request.method} {request.path} {answer.status} {len(answer.body) // 20}"


async def run(
    root: Path, *, management: int, frames: int, rubbish: int, start: int, slow: float = SLOW
) -> Found:
    """Try a server below `root`; returns what was found, and what its log says of faults."""
    async with run_server(root, options=OPTIONS) as server:
        await server.said(READY)
        draining = asyncio.create_task(_drained(server))
        campaign = Campaign(server, root, start=start, slow=slow)
        try:
            await asyncio.to_thread(campaign.management, management)
            await asyncio.to_thread(campaign.frames, frames)
            await asyncio.to_thread(campaign.rubbish, rubbish)
        finally:
            await asyncio.to_thread(campaign.close)
            draining.cancel()
            await asyncio.gather(draining, return_exceptions=True)
        code = await server.stop()
    found = campaign.found
    found.wrong += [f"log: {line}" for line in server.log if "ERROR" in line or "Traceback" in line]
    if code:
        found.wrong.append(f"It ended with {code}")
    return found


async def _drained(server: ServerProcess) -> None:
    with suppress(AssertionError):
        while True:
            with suppress(TimeoutError):
                await server.next_line()
