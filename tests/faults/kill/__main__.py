"""Kills servers at chosen moments and at moments of chance, and looks at what is left.

    python -m tests.faults.kill [--kills 320] [--starts 20] [--cuts 25] [--seed 1]

prints what it found as JSON; whatever is in `wrong` must not be.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.conditions import conditions
from tests.faults.kill.kills import kill_often
from tests.faults.kill.loop import kill_every_start
from tests.faults.kill.power import cut_power

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
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for transport, crowded, forgetful in KINDS:
        name = " ".join([transport, *["crowded"] * crowded, *["forgetful"] * forgetful])
        with tempfile.TemporaryDirectory() as folder:
            findings = asyncio.run(
                kill_often(
                    Path(folder),
                    kills=options.kills // len(KINDS),
                    transport=transport,
                    crowded=crowded,
                    forgetful=forgetful,
                    seed=options.seed,
                )
            )
        results[name] = asdict(findings)
        print(f"{name}: {findings.kills} kills, {len(findings.wrong)} wrong", file=sys.stderr)
    for transport in ("async", "images"):
        with tempfile.TemporaryDirectory() as folder:
            every = kill_every_start(
                Path(folder), kills=options.starts, transport=transport, seed=options.seed
            )
            results[f"{transport}, every start"] = asdict(asyncio.run(every))
        if shutil.which("strace") is None:
            print("There is no strace, so no power is cut", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            cuts = cut_power(
                Path(folder), seconds=TRACED, cuts=options.cuts, transport=transport, seed=options.seed
            )
            results[f"{transport}, power cuts"] = asdict(asyncio.run(cuts))
    wrong = [sentence for result in results.values() for sentence in result.pop("wrong")]
    figures = {**vars(options), "conditions": conditions(), "figures": results, "wrong": wrong}
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
