"""So many kills of one installation: a share of them by chance, the others at moments that are aimed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.kill.trial import Findings, Trial
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from pathlib import Path

OPERATION_DELAY = 0.3
BY_CHANCE = 5
"""Each so manieth kill comes by chance."""

WITH_CHILD = 13
"""Each so manieth comes while a certificate is made by a program of its own, which dies too."""

LONGEST_MAKING = 0.5


async def kill_often(
    root: Path, *, kills: int, transport: str, seed: int, crowded: bool = False, forgetful: bool = False
) -> Findings:
    """Kill a server so many times; returns what was found."""
    async with YandexArtSimulator(old_model_retired=False, operation_delay=OPERATION_DELAY) as simulator:
        simulator.delay = 0.05
        trial = Trial(
            root, simulator=simulator, transport=transport, seed=seed, crowded=crowded, forgetful=forgetful
        )
        await trial.live(seconds=3)
        for number in range(1, kills):
            chosen = None if number % BY_CHANCE == 0 else trial.choose()
            if number % WITH_CHILD == 0:
                await trial.die_with_child(LONGEST_MAKING)
            elif chosen is None:
                await trial.live()
            elif chosen[0] == "start":
                await trial.stumble(chosen[1])
            else:
                await trial.live(chosen[1])
        await trial.last()
        return trial.findings
