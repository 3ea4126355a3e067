"""Kills a server at moments of chance while frames ask and a YandexART works, and looks at what is left.

    python -m tests.faults.kill [--rounds 30] [--transport async|images] [--seed 1]

prints what it found as JSON; whatever is in `wrong` must not be.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import yaml
from aiohttp import ClientSession, TCPConnector
from PIL import Image

from tests.processes import READY, ServerProcess, run_server
from tests.simulators.frame import FirmwareError, Frame, RefusedError
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMES = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
LONGEST_LIFE = 2.0
OPERATION_DELAY = 0.3
OPTIONS = {"prompts_amount": 4, "frame_prompts_per_day": 100_000, "image_generate_threshold": 0}


@dataclass
class Findings:
    """What a run found.

    Attributes:
        lost: Paid requests that were cut before the provider said under which number it works: beyond
            anyone's power, and known to the server as such.
        wrong: What must never happen, in words.
    """

    kills: int = 0
    shown: int = 0
    billed: int = 0
    stored: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


class Trial:
    """One server below one folder, killed and started again."""

    def __init__(self, root: Path, *, simulator: YandexArtSimulator, transport: str, random: Random) -> None:
        self.findings = Findings()
        self._root = root
        self._simulator = simulator
        self._random = random
        provider = {
            **simulator.options,
            "transport": transport,
            "daily_limit": 0,
            "image_generate_threshold": 0,
        }
        self._options = json.dumps({**OPTIONS, "providers": {"ydArt": provider}})
        self._numbers = count(1)
        self._counts: Counter[str] = Counter()
        self._dying = False

    async def life(self) -> None:
        """Start the server, let frames ask, and kill it."""
        async with run_server(self._root, options=self._options) as server:
            await server.said(READY)
            await self._compare_counts(server)
            self._dying = False
            asking = [asyncio.create_task(self._be_frame(server, source)) for source in FRAMES]
            await asyncio.sleep(self._random.uniform(0.02, LONGEST_LIFE))
            self._dying = True
            await server.stop(signal.SIGKILL)
            self.findings.kills += 1
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        self._look_at_files()

    async def last_life(self) -> None:
        """Start once more, let it fetch what it still can, and stop it well."""
        async with run_server(self._root, options=self._options) as server:
            await server.said(READY)
            await self._compare_counts(server)
            async with asyncio.timeout(20):
                while await self._is_owed(server):  # noqa: ASYNC110 - another process tells by no event of ours
                    await asyncio.sleep(0.1)
            self._expect(await server.stop() == 0, "the last server did not stop well")
            self._expect("Traceback" not in "\n".join(server.log), "a traceback in the log")
        self._look_at_files()
        self._look_at_money()

    async def _be_frame(self, server: ServerProcess, source: str) -> None:
        frame = Frame("127.0.0.1", server.http_port, tls=False, source=source, sleep=_a_moment)
        while True:
            try:
                await self._ask(frame)
            except RefusedError as error:
                self._expect(self._dying, f"a frame was refused: {error}")
            except FirmwareError as error:
                self._expect(self._dying, f"a frame failed: {error}")
                return

    async def _ask(self, frame: Frame) -> None:
        number = next(self._numbers)
        match self._random.randrange(4):
            case 0:
                await frame.add(f"a kept wish {number} with [[colour]]")
                return
            case 1 | 2:
                shown = await frame.show("ydart", f"wish {number}", polls=100)
            case _:
                shown = await frame.show("auto", polls=100)
        self._expect(shown.image is not None or self._dying, f"no picture: {shown.error}")
        self.findings.shown += 1

    async def _compare_counts(self, server: ServerProcess) -> None:
        counts = Counter({name: int(value) for name, value in _counters(await self._get(server, "/metrics"))})
        for name, before in self._counts.items():
            self._expect(counts[name] >= before, f"{name} went back from {before} to {counts[name]}")
        self._counts = counts

    async def _is_owed(self, server: ServerProcess) -> bool:
        operations = json.loads(await self._get(server, "/api/v1/operations"))
        return '"pending"' in json.dumps(operations)

    async def _get(self, server: ServerProcess, path: str) -> str:
        token = (self._root / "data" / "api_token").read_text().strip()
        async with (
            ClientSession(connector=TCPConnector(ssl=False)) as session,
            session.get(
                f"https://127.0.0.1:{server.api_port}{path}", headers={"Authorization": f"Bearer {token}"}
            ) as answer,
        ):
            self._expect(answer.status == 200, f"{path} answered {answer.status}")
            return await answer.text()

    def _look_at_files(self) -> None:
        prompts = yaml.safe_load((self._root / "data" / "prompts.yaml").read_text())
        self._expect(isinstance(prompts["prompts"], list), "prompts.yaml is not whole")
        for path in (self._root / "images").glob("*/[!.]*"):
            try:
                with Image.open(path) as image:
                    image.load()
            except OSError as error:
                self._expect(False, f"{path.name} is cut: {error}")

    def _look_at_money(self) -> None:
        billed = Counter(asked.prompt for asked in self._simulator.billed)
        with sqlite3.connect(self._root / "data" / "state.db") as connection:
            rows = connection.execute("SELECT prompt, fate, picture_id, ticket FROM generations").fetchall()
            stored = {row[0] for row in connection.execute("SELECT id FROM pictures")}
        connection.close()
        asked = Counter(prompt for prompt, *_ in rows)
        for prompt, times in billed.items():
            self._expect(
                asked[prompt] >= times, f"{prompt!r} was billed {times} times, asked {asked[prompt]}"
            )
            if (prompt or "").startswith("wish"):
                self._expect(times == 1, f"{prompt!r} was billed {times} times")
        pictures = Counter(picture for _, _, picture, _ in rows if picture is not None)
        self._expect(max(pictures.values(), default=1) == 1, "two requests have one picture")
        for prompt, fate, picture, ticket in rows:
            is_lost = fate == "unknown" and ticket is None
            self.findings.lost += is_lost
            self._expect(is_lost or picture in stored, f"{prompt!r} ended as {fate} without its picture")
        self.findings.billed = sum(billed.values())
        self.findings.stored = len(list((self._root / "images" / "original").glob("[!.]*")))
        self._expect(self.findings.stored == len(pictures), "originals and paid pictures differ in number")

    def _expect(self, condition: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as an assertion
        if not condition:
            self.findings.wrong.append(otherwise)


async def _a_moment(_: float) -> None:
    await asyncio.sleep(0.02)


def _counters(metrics: str) -> Iterator[tuple[str, float]]:
    for line in metrics.splitlines():
        name, _, value = line.rpartition(" ")
        if name.partition("{")[0].endswith("_total"):
            with suppress(ValueError):
                yield name, float(value)


async def kill_often(root: Path, *, rounds: int, transport: str, seed: int) -> Findings:
    """Kill a server so many times; returns what was found."""
    async with YandexArtSimulator(old_model_retired=False, operation_delay=OPERATION_DELAY) as simulator:
        trial = Trial(root, simulator=simulator, transport=transport, random=Random(seed))
        for _ in range(rounds):
            await trial.life()
        await trial.last_life()
        return trial.findings


def main() -> int:
    """Print what a run found; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--transport", choices=("async", "images"), default="async")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        findings = asyncio.run(
            kill_often(Path(folder), rounds=options.rounds, transport=options.transport, seed=options.seed)
        )
    print(json.dumps({**vars(options), **asdict(findings)}, indent=2, ensure_ascii=False))
    return 1 if findings.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
