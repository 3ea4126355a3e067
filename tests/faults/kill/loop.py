"""A server that is killed at every start, again and again: it pays for nothing again, and fills no disk."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from imageserver.files import atomic
from tests.faults.kill.caller import SECONDS, Caller, CutError
from tests.faults.kill.trial import LAUNCHER, Trial, ready
from tests.processes import run_server
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.processes import ServerProcess

REQUESTS = 3
LONGEST_START = 1.5
JOURNAL = 4_200_000
"""Bytes that SQLite's write-ahead log may take before it begins anew."""


@dataclass
class LoopFindings:
    """What a loop found.

    Attributes:
        aimed: Kills in the middle of a write; the others came by chance.
        files: The most that there were between two starts.
        bytes: The same.
    """

    kills: int = 0
    aimed: int = 0
    billed: int = 0
    stored: int = 0
    files: int = 0
    bytes: int = 0
    wrong: list[str] = field(default_factory=list)


class Loop:
    """Requests are under way when it begins; at its end their pictures are there."""

    def __init__(self, root: Path, *, simulator: YandexArtSimulator, transport: str, seed: int) -> None:
        self.findings = LoopFindings()
        self._root = root
        self._simulator = simulator
        self._random = Random(seed)
        Trial(root, simulator=simulator, transport=transport, seed=seed)  # which makes its options

    async def begin(self) -> None:
        """Ask for pictures, and be killed before any is stored."""
        self._simulator.operation_delay = 3600
        async with run_server(self._root, under=_under(f"files/atomic.py:{_write_line()}:2")) as server:
            await ready(server)
            server.process.send_signal(signal.SIGUSR1)
            async with Caller(server, self._root) as caller:
                with suppress(CutError):
                    for number in range(REQUESTS):
                        await caller.ask("POST", "/operations", {"prompt": f"forced {number}"})
                    await _until_none(caller, "intended")
            await _killed(server)
        for operation in self._simulator._operations.values():
            operation.ready_at = 0

    async def stumble(self, number: int) -> None:
        """Start and be killed: by chance, or in the middle of the first writes."""
        aimed = number % 2 == 0 and await asyncio.to_thread(self._owes)
        aim = f"files/atomic.py:{_write_line()}:{number // 2 % 3 + 1}" if aimed else None
        async with run_server(self._root, under=_under(aim, "--from-start")) as server:
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS if aim else LONGEST_START * self._random.random()):
                    await server.process.wait()
            self.findings.aimed += server.process.returncode is not None
            await _killed(server)
        self.findings.kills += 1
        sizes = _sizes(self._root)
        self.findings.files = max(self.findings.files, len(sizes))
        self.findings.bytes = max(self.findings.bytes, sum(sizes.values()))

    def _owes(self) -> bool:
        """Whether a picture is still to come, so that a start writes files."""
        with closing(sqlite3.connect(self._root / "data" / "state.db")) as connection:
            query = "SELECT count(*) FROM generations WHERE fate IN ('intended', 'sent')"
            return bool(connection.execute(query).fetchone()[0])

    async def end(self) -> None:
        """Start once more, and let it do what it owes."""
        async with run_server(self._root) as server:
            await ready(server)
            async with Caller(server, self._root) as caller:
                await _until_none(caller, "intended", "sent")
            await server.stop()
        originals = list((self._root / "images" / "original").glob("[!.]*"))
        self.findings.stored = len(originals)
        self.findings.billed = len(self._simulator.billed)


async def _until_none(caller: Caller, *fates: str) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            generations = (await caller.get("/operations")).json["generations"]
            if all(entry["fate"] not in fates for entry in generations):
                return
            await asyncio.sleep(0.05)


async def _killed(server: ServerProcess) -> None:
    with suppress(ProcessLookupError):
        server.process.kill()
    await server.ended()


def _under(at: str | None, *flags: str) -> list[str]:
    aim = ["--at", at] if at else []
    return [sys.executable, "-P", str(LAUNCHER), *aim, *flags, "--"]


def _write_line() -> int:
    """Return the line at which a file is written, but not yet in its place."""
    lines = Path(atomic.__file__).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if "temporary.replace(path)" in line)


def _sizes(root: Path) -> Mapping[str, int]:
    return {str(path.relative_to(root)): path.stat().st_size for path in root.rglob("*") if path.is_file()}


async def kill_every_start(root: Path, *, kills: int, transport: str, seed: int) -> LoopFindings:
    """Kill so many starts in a row; returns what was found."""
    async with YandexArtSimulator(old_model_retired=False) as simulator:
        loop = Loop(root, simulator=simulator, transport=transport, seed=seed)
        await loop.begin()
        billed = len(simulator.billed)
        before = _sizes(root)
        for number in range(kills):
            await loop.stumble(number)
        await loop.end()
        findings = loop.findings
        largest = 1_000_000 * REQUESTS + JOURNAL
        checks = {
            f"it was billed {billed} times before the loop, {findings.billed} after it": findings.billed
            == billed,
            "nothing was at stake": billed > 0,
            f"{findings.stored} of {billed} pictures": findings.stored
            >= (billed if transport == "async" else 1),
            f"{findings.files} files, where there were {len(before)}": findings.files
            <= len(before) + 4 * REQUESTS + 4,
            f"{findings.bytes} bytes": findings.bytes <= sum(before.values()) + largest,
        }
        findings.wrong += [sentence for sentence, holds in checks.items() if not holds]
        leftovers = [name for name in _sizes(root) if atomic.TEMPORARY_PREFIX in name]
        findings.wrong += [f"{name} was left behind" for name in leftovers]
        return findings
