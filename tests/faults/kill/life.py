"""A life of a server: frames ask, people add and change and delete, until the server is no more."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.faults.kill.caller import SECONDS, CutError
from tests.faults.kill.people import Curator, Householder, Writer
from tests.faults.kill.recognising import is_of, prompt_of
from tests.simulators.frame import FirmwareError, Frame, RefusedError

if TYPE_CHECKING:
    from itertools import count
    from pathlib import Path
    from random import Random

    from tests.faults.kill.caller import Caller
    from tests.faults.kill.ledger import Ledger
    from tests.processes import ServerProcess
    from tests.simulators.yandex_art import YandexArtSimulator
    from tests.simulators.yandex_art_rules import Asked

FRAMES = ("127.0.0.11", "127.0.0.12")
BUSY = 0.5
"""The share of lives in which everybody is there."""

DYING_SECONDS = 30.0
"""A server of which an answer was cut has that long to be seen dead."""

type Client = Callable[[], Coroutine[Any, Any, None]]


@dataclass
class World:
    """What outlives each server.

    Attributes:
        pushed: The names of the pictures that were sent in.
        shown: Pictures that frames were shown.
        crowded: Pictures may leave by the caps at any time.
        forgetful: What is deleted is soon gone for good.
        edited_by_hand: People write `prompts.yaml` themselves too.
        billed: What was paid for, instead of all that the provider knows of.
    """

    root: Path
    simulator: YandexArtSimulator
    ledger: Ledger
    random: Random
    numbers: count[int]
    crowded: bool = False
    forgetful: bool = False
    edited_by_hand: bool = True
    pushed: list[str] = field(default_factory=list)
    billed: Callable[[], Sequence[Asked]] | None = None
    shown: int = 0

    def paid(self) -> Sequence[Asked]:
        """What was paid for, as far as it is known here."""
        return self.simulator.billed if self.billed is None else self.billed()

    def prompts(self) -> list[str]:
        """Everything that a picture can be of."""
        return [*dict.fromkeys(asked.prompt or "" for asked in self.simulator.billed), *self.pushed]


class Life:
    """What goes on round one server."""

    def __init__(self, world: World, server: ServerProcess, caller: Caller) -> None:
        self._world = world
        self._server = server
        self._caller = caller
        clients: list[Client] = [
            *(lambda source=source: self._be_frame(source) for source in FRAMES),
            Writer(world, server, caller).step,
            Curator(world, server, caller).step,
            Householder(world, server, caller).step,
            self._force,
            self._watch,
            self._follow,
        ]
        # Where much goes on, somebody's commit saves what another one forgot: so lives are quiet too.
        amount = len(clients) if world.random.random() < BUSY else world.random.randint(1, 3)
        self._clients = world.random.sample(clients, amount)

    async def go_on(self, seconds: float) -> None:
        """Let everyone do what they do until the server dies, at the latest after so many seconds: killed."""
        ended = asyncio.create_task(self._server.ended())
        clients = [asyncio.create_task(self._repeat(client)) for client in self._clients]
        try:
            done, _ = await asyncio.wait([ended, *clients], timeout=seconds, return_when="FIRST_EXCEPTION")
            if not done:
                with suppress(ProcessLookupError):
                    self._server.process.send_signal(signal.SIGKILL)
            await ended
        finally:
            for client in clients:
                client.cancel()
            results = await asyncio.gather(*clients, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _repeat(self, client: Client) -> None:
        try:
            while True:
                await client()
                await asyncio.sleep(self._world.random.uniform(0, 0.04))
        except (CutError, FirmwareError, RefusedError) as error:
            try:
                async with asyncio.timeout(DYING_SECONDS):
                    await self._server.process.wait()
            except TimeoutError:
                self._world.ledger.wrong.append(f"a living server failed somebody: {error}")

    async def _be_frame(self, source: str) -> None:
        world = self._world
        frame = Frame(
            "127.0.0.1", self._server.http_port, tls=False, source=source, sleep=_a_moment, patience=SECONDS
        )
        number = next(world.numbers)
        wish = f"wish {number}" if world.random.random() < 0.5 else None
        shown = await frame.show("auto" if wish is None else "ydart", wish, polls=250)
        if shown.image is None:
            world.ledger.expect(False, f"a frame was shown nothing: {shown.error}")
            return
        world.shown += 1
        if wish is not None:
            world.ledger.expect(is_of(shown.image, wish), f"what a frame was shown is not of {wish!r}")
        elif prompt_of(shown.image, world.prompts()) is None:  # a card, where people have deleted everything
            content = (await self._caller.get(f"/operations/{shown.id}")).json["content"]
            world.ledger.expect(content["kind"] == "card", f"a frame was shown nobody's picture: {content}")

    async def _force(self) -> None:
        await asyncio.sleep(self._world.random.uniform(0, 0.2))
        wish = f"forced {next(self._world.numbers)}"
        answer = await self._caller.ask("POST", "/operations", {"prompt": wish})
        self._world.ledger.expect(answer.status == 202, f"a forced request was answered {answer.status}")
        self._world.ledger.known[f"operation {answer.json['id']}"] = wish

    async def _follow(self) -> None:
        async for name, told in self._caller.events():
            if name == "frame" and told["frame"] is not None:
                self._world.ledger.hear(f"pictures sent to {told['id']}", told["frame"]["pictures_sent"])
            elif name == "picture_sent" and told["picture"] is not None:
                picture = told["picture"]
                self._world.ledger.hear(f"showings of picture {picture['id']}", picture["shown"])

    async def _watch(self) -> None:
        await tell(self._caller, self._world.ledger)


async def tell(caller: Caller, ledger: Ledger) -> None:
    """Note all counters that anyone may see: what they were told does not become less."""
    before = dict(ledger.told)
    metrics = await caller.get("./metrics")
    ledger.expect(metrics.status == 200, f"/metrics answered {metrics.status}")
    for line in metrics.body.decode().splitlines():
        name, _, value = line.rpartition(" ")
        if name.startswith("aiframes_") and name.partition("{")[0].endswith("_total"):
            ledger.tell(name, float(value), before=before)
    before = dict(ledger.told)
    status = (await caller.get("/status")).json
    for frame in status["frames"]:
        ledger.tell(f"pictures sent to {frame['id']}", frame["pictures_sent"], before=before)
    for provider in status["providers"]:
        day = status["at"][:10]
        for count in ("asked_today", "accepted_today"):
            ledger.tell(f"{count} of {provider['code']} on {day}", provider[count], before=before)
    before = dict(ledger.told)
    found = await caller.ask("POST", "/images/search", {"order": "most_shown", "limit": 20})
    for picture in found.json["pictures"]:
        ledger.tell(f"showings of picture {picture['id']}", picture["shown"], before=before)


async def _a_moment(_: float) -> None:
    await asyncio.sleep(0.02)
