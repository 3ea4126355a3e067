"""Lets everything fail below a server that can: disks, rights, files, memory, threads, the clock.

    python -m tests.faults.machine [--fault PART-OF-A-NAME]... [--transport images|async]...

prints what was seen of each fault as JSON; whatever is in `wrong` must not be. Root sees all of it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench.conditions import conditions
from tests.faults.machine.disks import UNAVAILABLE
from tests.faults.machine.faults import DISKS, FAULTS, RIGHTS
from tests.faults.machine.shim import COMPILER
from tests.faults.machine.table import rows
from tests.faults.machine.trial import Outcome, try_fault
from tests.faults.report import report

TRANSPORTS = ("images", "async")


async def try_all(names: list[str], transports: list[str]) -> list[Outcome]:
    """Let one fault after the other happen, each to a machine of its own."""
    outcomes = []
    for transport in transports:
        for fault in names:
            with tempfile.TemporaryDirectory() as folder:
                outcome = await _try(Path(folder), fault, transport)
            print(f"{fault}, {transport}: {outcome.wrong or 'well'}", file=sys.stderr)
            outcomes.append(outcome)
    return outcomes


async def _try(root: Path, fault: str, transport: str) -> Outcome:
    try:
        outcome = await try_fault(root, fault, transport=transport)
    except (AssertionError, OSError) as error:
        return Outcome(fault, transport, wrong=[f"{type(error).__name__}: {error}"])
    expected = rows()[fault]
    if outcome.answers != expected.answers:
        outcome.wrong.append(f"answered {outcome.answers}")
    if outcome.problems != expected.problems:
        outcome.wrong.append(f"told {outcome.problems}")
    outcome.lines = [line.replace(str(root), "") for line in outcome.lines]
    return outcome


def main() -> int:
    """Print what was seen; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.machine", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--fault", action="append", default=[], help="a part of its name; all unless given")
    parser.add_argument("--transport", action="append", choices=TRANSPORTS, default=[])
    options = parser.parse_args()
    if COMPILER is None:
        parser.error("a C compiler (gcc) is missing")
    skipped = {**DISKS, **RIGHTS} if UNAVAILABLE else {}
    names = [
        fault
        for fault in FAULTS
        if fault not in skipped and (not options.fault or any(part in fault for part in options.fault))
    ]
    outcomes = asyncio.run(try_all(names, options.transport or list(TRANSPORTS)))
    wrong = [f"{one.fault}, {one.transport}: {text}" for one in outcomes for text in one.wrong]
    return report(
        arguments=vars(options),
        conditions=conditions(skipped=sorted(skipped)),
        found={"faults": [asdict(one) for one in outcomes]},
        wrong=wrong,
    )


if __name__ == "__main__":
    sys.exit(main())
