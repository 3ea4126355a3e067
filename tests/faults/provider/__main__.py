"""Lets every provider fail in every way, for every kind of request; prints what is not as the tables say.

    python -m tests.faults.provider [--write TABLE...]

`--write` lets AUTO and DIRECT requests meet the faults of these tables and writes down what happens instead:
for somebody to read, row by row, before it is committed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench.conditions import conditions
from tests.faults.provider import a_day, table, worlds
from tests.faults.provider.comparing import differences, observed, sums
from tests.faults.provider.visit import Mode
from tests.faults.report import report
from tests.manual_clock import ManualClock


async def write(names: list[str]) -> None:
    for name in names:
        with tempfile.TemporaryDirectory() as root:
            async with worlds.WORLDS[name](Path(root), ManualClock()) as visit:
                rows = await observed(visit)
        (table.TABLES / f"{name}.md").write_text(table.written(rows) + "\n")


async def hold() -> int:
    wrong: list[str] = []
    figures = {}
    for name, opened in worlds.WORLDS.items():
        with tempfile.TemporaryDirectory() as root:
            async with opened(Path(root), ManualClock()) as visit:
                before = visit.world.sent
                wrong += await differences(visit, name, list(Mode))
                figures[name] = {**sums(table.read(name)), "sent_in_all": visit.world.sent - before}
    for day in a_day.days():
        with tempfile.TemporaryDirectory() as root:
            async with worlds.WORLDS[day.table](Path(root), ManualClock()) as visit:
                seen = await a_day.live(visit, day)
        if seen != day:
            wrong.append(f"a day:\n  expected {day}\n  seen     {seen}")
    figures["a_day"] = {"faults": len(a_day.days()), "asked_by_the_frame": a_day.ASKED * len(a_day.days())}
    return report(arguments={}, conditions=conditions(), found={"figures": figures}, wrong=wrong)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.provider", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--write", nargs="+", choices=worlds.WORLDS, metavar="TABLE", help=", ".join(worlds.WORLDS)
    )
    arguments = parser.parse_args()
    if arguments.write:
        asyncio.run(write(arguments.write))
        return 0
    return asyncio.run(hold())


if __name__ == "__main__":
    sys.exit(main())
