"""Kills servers at chosen moments and at moments of chance, and looks at what is left.

    python -m tests.faults.kill [--kills 320] [--starts 20] [--cuts 25] [--seed 1]

prints what it found as JSON; whatever is in `wrong` must not be.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.conditions import conditions
from tests.faults.kill.kills import kill_often
from tests.faults.kill.loop import kill_every_start
from tests.faults.kill.power import cut_power
from tests.faults.report import report

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

KINDS = (("async", False, False), ("images", False, False), ("async", True, False), ("images", True, True))
"""Transport; whether caps are small; whether what is deleted is soon gone for good."""

TRACED = 10.0
"""Seconds of a life whose system calls are traced."""


def main() -> int:
    """Print what a run found; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--kills", type=int, default=320)
    parser.add_argument("--starts", type=int, default=20, help="that are killed one after the other")
    parser.add_argument("--cuts", type=int, default=25, help="of power, over each transport")
    parser.add_argument("--side-by-side", type=int, default=2, help="installations that are killed at once")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    before = conditions()
    results = asyncio.run(_all(options))
    wrong = [f"{name}: {sentence}" for name, result in results.items() for sentence in result.pop("wrong")]
    return report(arguments=vars(options), conditions=before, found={"figures": results}, wrong=wrong)


async def _all(options: argparse.Namespace) -> dict[str, Any]:
    """Run everything, some of it side by side."""
    room = asyncio.Semaphore(options.side_by_side)

    async def run(name: str, work: Callable[[Path], Coroutine[Any, Any, Any]]) -> tuple[str, Any]:
        async with room:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    findings = asdict(await work(Path(folder)))
                except Exception as error:  # noqa: BLE001 - the others' findings are worth having
                    findings = {"wrong": [f"it did not come to its end: {error!r}"]}
        print(f"{name}: {len(findings['wrong'])} wrong", file=sys.stderr, flush=True)
        return name, findings

    return dict(await asyncio.gather(*(run(name, work) for name, work in _works(options))))


def _works(options: argparse.Namespace) -> Iterator[tuple[str, Callable[[Path], Coroutine[Any, Any, Any]]]]:
    seed = options.seed
    for transport, crowded, forgetful in KINDS if options.kills else ():
        name = ", ".join([transport, *["crowded"] * crowded, *["forgetful"] * forgetful])
        kills = partial(kill_often, kills=options.kills // len(KINDS), transport=transport, seed=seed)
        yield name, partial(kills, crowded=crowded, forgetful=forgetful)
    for transport in ("async", "images"):
        yield (
            f"{transport}, every start",
            partial(kill_every_start, kills=options.starts, transport=transport, seed=seed),
        )
        if shutil.which("strace") is None:
            print("There is no strace, so no power is cut", file=sys.stderr)
            continue
        cuts = partial(cut_power, seconds=TRACED, cuts=options.cuts, transport=transport, seed=seed)
        yield f"{transport}, power cuts", cuts


if __name__ == "__main__":
    sys.exit(main())
