"""Power cuts: what a server had synced at some moment is all that the next one finds.

A server is traced while everybody uses it. Afterwards its disk is built as it was at chosen moments, without
all that was not synced, and a server starts on it that must hold what anyone had been answered by then.
"""

from __future__ import annotations

import asyncio
import copy
import shutil
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from tests.faults.kill.caller import Caller
from tests.faults.kill.ledger import Ledger
from tests.faults.kill.life import Life, World
from tests.faults.kill.looking import Look
from tests.faults.kill.traced_disk import FLAGS, TracedDisk
from tests.faults.kill.trial import Trial, ready
from tests.processes import run_server
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from pathlib import Path

EACH = 0.05
"""Seconds between two moments at which the power might be cut."""

OPERATION_DELAY = 0.3


@dataclass
class PowerFindings:
    """What cuts found."""

    cuts: int = 0
    moments: int = 0
    billed: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Moment:
    """How far the trace had come, and what had been answered and paid for."""

    traced: int
    ledger: Ledger
    billed: int


class PowerCuts:
    """One traced life, and the disks that it might have left behind."""

    def __init__(self, root: Path, *, simulator: YandexArtSimulator, transport: str, seed: int) -> None:
        self.findings = PowerFindings()
        self._root = root
        self._lived = root / "lived"
        self._lived.mkdir()
        self._trace = root / "trace"
        self._simulator = simulator
        self._random = Random(seed)
        self._moments: list[_Moment] = []
        self._world = World(
            self._lived, simulator, Ledger(), self._random, count(1), edited_by_hand=False, pushed=[]
        )
        Trial(self._lived, simulator=simulator, transport=transport, seed=seed)  # which makes its options

    async def live(self, seconds: float) -> None:
        """Let everybody use a server, and note moments."""
        under = ["strace", *FLAGS, "-o", str(self._trace)]
        async with run_server(self._lived, under=under) as server:
            await ready(server)
            async with Caller(server, self._lived) as caller:
                await Look(self._world, server, caller).take()
                noting = asyncio.create_task(self._note())
                try:
                    await Life(self._world, server, caller).go_on(seconds)
                finally:
                    noting.cancel()
        self.findings.moments = len(self._moments)
        self.findings.billed = len(self._simulator.billed)
        self.findings.wrong += [f"while it was traced: {wrong}" for wrong in self._world.ledger.wrong]

    async def cut(self, amount: int) -> None:
        """Start servers on what is left at so many of the moments."""
        chosen = sorted(
            self._random.sample(self._moments, min(amount, len(self._moments))), key=lambda one: one.traced
        )
        disk, begun = TracedDisk(self._lived), b""
        with self._trace.open("rb") as trace:
            for number, moment in enumerate(chosen):
                whole, _, begun = (begun + trace.read(moment.traced - trace.tell())).rpartition(b"\n")
                disk.follow(whole.decode().splitlines())
                left = self._root / f"left-{number}"
                left.mkdir()
                disk.put(left)
                shutil.copy(self._lived / "data" / "options.yml", left / "data")
                await self._look(left, moment)
                self.findings.cuts += 1
                shutil.rmtree(left)

    async def _look(self, left: Path, moment: _Moment) -> None:
        later = len(self._simulator.billed)
        world = World(
            left,
            self._simulator,
            moment.ledger,
            self._random,
            count(1_000_000),
            pushed=self._world.pushed,
            billed=lambda: [*self._simulator.billed[: moment.billed], *self._simulator.billed[later:]],
        )
        async with run_server(left) as server:
            try:
                await ready(server)
                async with Caller(server, left) as caller:
                    await Look(world, server, caller).take()
            except Exception as error:  # noqa: BLE001 - whatever it is, it comes of the cut
                moment.ledger.wrong.append(f"{error!r}: {server.log[-10:]}")
        cut = f"power cut after {moment.traced} bytes of the trace"
        self.findings.wrong += [f"{cut}: {wrong}" for wrong in moment.ledger.wrong]

    async def _note(self) -> None:
        while True:
            ledger = copy.deepcopy(self._world.ledger)
            ledger.wrong.clear()
            traced = self._trace.stat().st_size
            self._moments.append(_Moment(traced, ledger, len(self._simulator.billed)))
            await asyncio.sleep(EACH)


async def cut_power(root: Path, *, seconds: float, cuts: int, transport: str, seed: int) -> PowerFindings:
    """Use a server for so long, and look at so many disks that it might have left; returns what was found."""
    async with YandexArtSimulator(old_model_retired=False, operation_delay=OPERATION_DELAY) as simulator:
        trial = PowerCuts(root, simulator=simulator, transport=transport, seed=seed)
        await trial.live(seconds)
        await trial.cut(cuts)
        return trial.findings
