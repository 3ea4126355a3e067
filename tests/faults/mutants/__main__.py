"""Changes the code in thousands of small ways, and looks whether its tests notice.

    python -m tests.faults.mutants [ROOM...] [--workers 1] [--folder FOLDER]

prints figures as JSON. In `wrong` are the survivors of a room whose tests kill too few, but for those that
explained.toml gives a reason for. What the checks of types catch is no merit of the tests: it isn't tried
on them, and counts in `percent`, not in `percent_by_tests`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.conditions import conditions
from tests.faults.mutants.explained import Explained, Reason, explained
from tests.faults.mutants.mutants import BY_TYPES, KILLED, SURVIVED, TIMED_OUT, Change, Mutant
from tests.faults.mutants.rooms import ROOMS
from tests.faults.mutants.workshop import Workshop
from tests.faults.report import report

ENOUGH = 90.0


def main() -> int:
    arguments = parse()
    before = conditions()
    reasons = explained()
    rooms: dict[str, Any] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.folder or Path(temporary)).absolute()
        for name in arguments.rooms or ROOMS:
            mutants = Workshop(folder / name, ROOMS[name], reasons).mutants(arguments.workers)
            rooms[name] = room_report(mutants, reasons)
            wrong.extend(f"{name}: {sentence}" for sentence in wrong_of(mutants, reasons))
    asked = {"rooms": arguments.rooms, "workers": arguments.workers}
    return report(arguments=asked, conditions=before, found={"rooms": rooms}, wrong=wrong)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(ROOMS)}; all without one")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the copies stay, so that the next run is shorter")
    arguments = parser.parse_args()
    for name in arguments.rooms:
        if name not in ROOMS:
            parser.error(f"there is no room {name}")
    return arguments


def room_report(mutants: list[Mutant], reasons: list[Reason]) -> dict[str, Any]:
    survivors = [mutant.change for mutant in mutants if mutant.fate == SURVIVED]
    unexplained = [change for change in survivors if not is_explained(change, reasons)]
    return {
        **figures(mutants),
        "explained": len(survivors) - len(unexplained),
        "unexplained": [asdict(change) for change in sorted(set(unexplained))],
        "files": {file: figures_of_file(mutants, file) for file in sorted({one.file for one in mutants})},
    }


def is_explained(change: Change, reasons: list[Reason]) -> bool:
    return any(reason.is_about(change) for reason in reasons)


def figures_of_file(mutants: list[Mutant], file: str) -> dict[str, Any]:
    return figures([mutant for mutant in mutants if mutant.file == file])


def figures(mutants: list[Mutant]) -> dict[str, Any]:
    fates = Counter(mutant.fate for mutant in mutants)
    return {
        "mutants": len(mutants),
        **{fate.replace(" ", "_"): fates[fate] for fate in (KILLED, BY_TYPES, TIMED_OUT, SURVIVED)},
        "percent": percent(mutants),
        "percent_by_tests": percent([mutant for mutant in mutants if mutant.fate != BY_TYPES]),
    }


def percent(mutants: list[Mutant]) -> float:
    noticed = sum(mutant.fate != SURVIVED for mutant in mutants)
    return round(100 * noticed / len(mutants), 1) if mutants else 100.0


def wrong_of(mutants: list[Mutant], reasons: list[Reason]) -> list[str]:
    if not mutants:
        return ["nothing was mutated"]
    survived = {mutant.change for mutant in mutants if mutant.fate == SURVIVED}
    modules = {mutant.module for mutant in mutants}
    # What only took too long may survive on another day.
    open_ones = survived | {mutant.change for mutant in mutants if mutant.fate == TIMED_OUT}
    wrong = [
        f"explained for nothing: {reason}"
        for reason in reasons
        if isinstance(reason, Explained)
        and reason.function.startswith(tuple(f"{module}." for module in modules))
        and not any(reason.is_about(change) for change in open_ones)
    ]
    if figures(mutants)["percent_by_tests"] < ENOUGH:
        open_ones = {change for change in survived if not is_explained(change, reasons)}
        wrong.extend(f"survives: {change}" for change in sorted(open_ones))
    return wrong


if __name__ == "__main__":
    sys.exit(main())
