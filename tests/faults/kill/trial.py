"""One installation, killed and started again, as often as wanted."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.faults.kill.caller import SECONDS, Caller, CutError
from tests.faults.kill.ledger import Ledger
from tests.faults.kill.life import DYING_SECONDS, Life, World
from tests.faults.kill.looking import Look
from tests.faults.kill.people import PROMPTS
from tests.processes import READY, ServerProcess, run_server
from tests.simulators.frame import FirmwareError, RefusedError
from tests.tls import make_certificate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulators.yandex_art import YandexArtSimulator

LAUNCHER = Path(__file__).with_name("aimed_server.py")
LONGEST_LIFE = 2.5
RENEWALS = 0.3
"""The share of lives in which the certificate ends soon, so that it is renewed."""

FEW = {"image_amount_min": 3, "image_amount_max": 6}
FEW_ORIGINALS = {"original_image_amount_min": 5, "original_image_amount_max": 8}


@dataclass
class Findings:
    """What a run found.

    Attributes:
        aimed: Kills at a moment that was chosen; the others came by chance.
        lost: Paid requests that were cut before their answer was here: beyond anyone's power, and known.
        wrong: What must never happen, in words.
    """

    kills: int = 0
    aimed: int = 0
    shown: int = 0
    billed: int = 0
    lost: int = 0
    moments: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Trial:
    """Kills one installation."""

    def __init__(
        self,
        root: Path,
        *,
        simulator: YandexArtSimulator,
        transport: str,
        seed: int,
        crowded: bool = False,
        forgetful: bool = False,
    ) -> None:
        self.findings = Findings()
        self._random = Random(seed)
        self._forgetful = forgetful
        self._world = World(
            root,
            simulator,
            Ledger(wrong=self.findings.wrong),
            self._random,
            count(1),
            crowded=crowded,
            forgetful=forgetful,
        )
        self._visited = root / "visited"
        self._tried: set[str] = set()
        (root / "data").mkdir()
        (root / "data" / "options.yml").write_text(
            json.dumps(_options(simulator, transport, crowded=crowded))
        )

    async def live(self, moment: str | None = None, *, seconds: float | None = None) -> None:
        """Start, look at what the last kill has left, and be killed again."""
        at = None if moment is None else f"{moment}:{self._random.choice((1, 1, 2, 3))}"
        if self._random.random() < RENEWALS:
            await asyncio.to_thread(self._age_certificate)
        async with run_server(self._world.root, under=self._under(at)) as server:
            if await self._look(server):
                with suppress(ProcessLookupError):
                    server.process.send_signal(signal.SIGUSR1)
                async with Caller(server, self._world.root) as caller:
                    longest = seconds or (LONGEST_LIFE if at else self._random.uniform(0.05, LONGEST_LIFE))
                    await Life(self._world, server, caller).go_on(longest)
            self._note_death(server, at)

    async def stumble(self, moment: str) -> None:
        """Be killed while it starts."""
        async with run_server(self._world.root, under=self._under(f"{moment}:1", "--from-start")) as server:
            await self._look(server)
            if server.process.returncode is None:
                server.process.kill()
            await server.ended()
            self._note_death(server, moment)

    async def die_with_child(self, longest: float) -> None:
        """Be killed together with the program that makes certificates."""
        seconds = self._random.uniform(0, longest)
        (self._world.root / "data" / "tls" / "server.pem").unlink(missing_ok=True)
        flags = ("--with-child", str(seconds))
        async with run_server(self._world.root, under=self._under(None, *flags)) as server:
            await server.ended()
            self._note_death(server, f"the certificate's program after {seconds:.2f} s")

    async def last(self) -> None:
        """Start once more, look, and stop well."""
        async with run_server(self._world.root, under=self._under(None)) as server:
            alive = await self._look(server)
            code = await (server.stop() if alive else server.ended())
            wrong = code != 0 or "Traceback" in "\n".join(server.log)
            self._world.ledger.expect(not wrong, f"the last server ended with {code}: {server.log[-30:]}")
        self.findings.shown = self._world.shown
        self.findings.billed = len(self._world.simulator.billed)

    def choose(self) -> tuple[str, str] | None:
        """Return a moment that no server was killed at yet, and whether it belongs to start or life."""
        lines = self._visited.read_text().splitlines() if self._visited.exists() else []
        by_file: dict[str, list[str]] = {}
        for line in dict.fromkeys(lines):
            if line not in self._tried:
                by_file.setdefault(line.partition(":")[0], []).append(line)
        if not by_file:
            return None
        line = self._random.choice(by_file[self._random.choice(sorted(by_file))])
        self._tried.add(line)
        phase, _, moment = line.partition(" ")
        return phase, moment

    async def _look(self, server: ServerProcess) -> bool:
        try:
            await ready(server)
            async with Caller(server, self._world.root) as caller:
                await Look(self._world, server, caller).take()
        except (CutError, FirmwareError, RefusedError, AssertionError, TimeoutError) as error:
            try:
                async with asyncio.timeout(DYING_SECONDS):
                    await server.process.wait()
            except TimeoutError:
                log = "\n".join(server.log[-20:])
                self.findings.wrong.append(f"a living server failed who looked at it: {error!r}; {log}")
        return server.process.returncode is None

    def _note_death(self, server: ServerProcess, at: str | None) -> None:
        code = server.process.returncode
        self._world.ledger.expect(code == -signal.SIGKILL, f"it ended with {code}: {server.log[-30:]}")
        log = "\n".join(server.log)
        self._world.ledger.expect("Traceback" not in log, f"a traceback in the log: {log[-3000:]}")
        self.findings.kills += 1
        self.findings.aimed += at is not None
        self.findings.moments.append(at or "by chance")
        print(f"{self.findings.kills}: {self.findings.moments[-1]}", file=sys.stderr, flush=True)
        for number, text in enumerate(self.findings.wrong):
            if " (found after" not in text:
                self.findings.wrong[number] = f"{text} (found after {self.findings.moments[-3:]})"

    def _age_certificate(self) -> None:
        now = datetime.now(UTC)
        starts, ends = (now - timedelta(days=800)).isoformat(), (now + timedelta(days=10)).isoformat()
        path = self._world.root / "data" / "tls" / "server.pem"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(make_certificate("127.0.0.1", starts=starts, ends=ends))

    def _under(self, at: str | None, *flags: str) -> list[str]:
        aim = ["--at", at] if at else []
        forget = ["--forget-after", "2"] if self._forgetful else []
        visited = ["--visited", str(self._visited)]
        return [sys.executable, "-P", str(LAUNCHER), *visited, *aim, *forget, *flags, "--"]


async def ready(server: ServerProcess) -> None:
    """Wait for a start, however much else the machine has to do."""
    async with asyncio.timeout(SECONDS):
        while not any(READY in line for line in server.log):
            with suppress(TimeoutError):
                await server.next_line()


def _options(simulator: YandexArtSimulator, transport: str, *, crowded: bool) -> Mapping[str, Any]:
    provider = {**simulator.options, "transport": transport, "daily_limit": 0, "image_generate_threshold": 0}
    return {
        "prompts_amount": PROMPTS,
        "frame_prompts_per_day": 100_000,
        "image_generate_threshold": 0,
        "iframe_image_parameters": {"quality": 90},
        "providers": {"ydArt": provider},
        **(FEW | FEW_ORIGINALS if crowded else {}),
    }
