"""A month of a server in minutes: what grows, and whether its figures are exact at every midnight.

    python -m tests.faults.month [--days 30] [--frames 50] [--period-minutes 30] [--first-day 2027-10-12]
        [--zone Europe/Berlin] [--seed 1]

prints what it found as JSON, and each day as it ends on standard error; whatever is in `wrong` must not be.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench.conditions import conditions
from tests.faults.month.month import month_of
from tests.faults.month.plan import Plan
from tests.faults.report import report


async def investigate(plan: Plan, root: Path) -> dict[str, Any]:
    """Live through the plan below a folder."""
    began, cpu = time.perf_counter(), time.process_time()
    async with month_of(plan, root) as month:
        await month.pass_by()
        found = await month.end()
    return {
        "took_seconds": round(time.perf_counter() - began),
        "cpu_seconds_beside_the_server": round(time.process_time() - cpu),
        **found,
    }


def main() -> int:
    """Print what a month brings; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.month", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    plan = Plan()
    parser.add_argument("--days", type=int, default=plan.days)
    parser.add_argument("--frames", type=int, default=plan.frames)
    parser.add_argument("--period-minutes", type=float, default=plan.period_minutes)
    parser.add_argument("--first-day", type=date.fromisoformat, default=plan.first_day)
    parser.add_argument("--zone", default=plan.zone)
    parser.add_argument("--seed", type=int, default=plan.seed)
    plan = Plan(**vars(parser.parse_args()))
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(investigate(plan, Path(folder)))
    wrong = found.pop("wrong")
    return report(arguments=plan.as_json(), conditions=conditions(), found=found, wrong=wrong)


if __name__ == "__main__":
    sys.exit(main())
