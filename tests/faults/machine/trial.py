"""One fault below one server: what everyone is answered, what is said, and how it goes on afterwards."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from tests.faults.machine.disks import disks
from tests.faults.machine.faults import DISKS, FAULTS, RIGHTS
from tests.faults.machine.machine import Machine, machine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ROUNDS = 3
LONGEST_STOP = 10.0
"""Seconds: twice what is promised, since machines that test are busy. Who waits for a disk takes 30."""


@dataclass
class Outcome:
    """What was seen.

    Attributes:
        answers: To whom, each different answer in the order in which it came.
        problems: What people are told.
        lines: Of the log, above INFO.
        recovery: Seconds until everything was well, once the fault was over.
        stop: Exit code of SIGTERM during the fault, and the seconds that took.
        wrong: What must never happen.
    """

    fault: str
    transport: str
    answers: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    slowest: float = 0.0
    recovery: float = 0.0
    stop: tuple[int, float] = (0, 0.0)
    billed: int = 0
    wrong: list[str] = field(default_factory=list)


async def try_fault(root: Path, fault: str, *, transport: str = "images") -> Outcome:
    """Let one fault happen twice: to a server that lives through it, and to one that is stopped in it."""
    outcome = Outcome(fault, transport)
    async with _machine_for(root, fault, transport) as tried:
        async with tried.running() as server:
            await _get_ready(tried)
            since = len(server.log)
            async with FAULTS[fault](tried):
                await _ask_everything(tried, outcome)
                outcome.problems = await tried.problems()
                outcome.lines = tried.complaints(since)
            await _recover(tried, outcome)
            async with FAULTS[fault](tried):
                await tried.show("ydart")
                began = monotonic()
                code = await tried.stop()
                outcome.stop = (code, round(monotonic() - began, 1))
        async with tried.running():
            await tried.until_so(tried.is_all_stored, "what was paid for is not in the store after a restart")
            if await tried.stop() != 0:
                outcome.wrong.append("the server did not stop well after the fault")
        outcome.billed = len(tried.simulator.billed)
    outcome.wrong += _judge(outcome, tried.log)
    return outcome


@asynccontextmanager
async def _machine_for(root: Path, fault: str, transport: str) -> AsyncIterator[Machine]:
    async with AsyncExitStack() as stack:
        tried = await stack.enter_async_context(machine(root, transport=transport))
        if fault in DISKS:
            folder = fault.partition(":")[0]
            tried.disks = await stack.enter_async_context(disks(root / folder))
            tried.under = tried.disks.under
        elif fault in RIGHTS:
            tried.bind_by_rights()
        yield tried


async def _get_ready(tried: Machine) -> None:
    assert await tried.show("ydart") == "new"
    assert await tried.show("ydart") == "new"
    assert await tried.add_prompt() == "201"
    await tried.until_so(tried.is_all_stored, "the pictures of the beginning are not there")


async def _ask_everything(tried: Machine, outcome: Outcome) -> None:
    answers: dict[str, list[str]] = {}
    for _ in range(ROUNDS):
        for name, ask in (
            ("direct", partial(tried.show, "ydart")),
            ("auto", partial(tried.show, "auto")),
            ("old", partial(tried.show, "old")),
            ("read", tried.read),
            ("write", tried.write),
            ("prompt", tried.add_prompt),
        ):
            began = monotonic()
            answers.setdefault(name, []).append(await ask())
            outcome.slowest = max(outcome.slowest, round(monotonic() - began, 2))
    outcome.answers = {name: ", ".join(dict.fromkeys(given)) for name, given in answers.items()}


async def _recover(tried: Machine, outcome: Outcome) -> None:
    """Wait until a server is as well as before."""
    last: list[object] = []

    async def is_well() -> bool:
        last[:] = [
            await tried.show("ydart"),
            await tried.add_prompt(),
            await tried.write(),
            await tried.problems(),
            await tried.is_all_stored(),
        ]
        return last == ["new", "201", "200", [], True]

    try:
        outcome.recovery = round(await tried.until_so(is_well, "it does not recover by itself"), 1)
    except AssertionError as error:
        outcome.wrong.append(f"{error}: {json.dumps(last)}")


def _judge(outcome: Outcome, log: list[str]) -> list[str]:
    wrong = []
    for who in ("auto", "old"):
        given = set(outcome.answers[who].split(", "))
        if not given <= {"new", "stored", "card", "a picture"}:
            wrong.append(f"a frame that asks {who} got {outcome.answers[who]}")
    if any("Traceback" in line for line in log):
        wrong.append("a traceback is in the log")
    repeated = {line for line in outcome.lines if outcome.lines.count(line) > 1}
    if repeated:
        wrong.append(f"said more than once: {sorted(repeated)}")
    code, seconds = outcome.stop
    if code != 0:
        wrong.append(f"SIGTERM ended it with {code}")
    if seconds > LONGEST_STOP:
        wrong.append(f"SIGTERM took {seconds} s")
    return wrong
