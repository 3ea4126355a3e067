"""Tries a server with 10,000 made requests and 2,000 spoilt ones; prints what was found as JSON.

    scripts/faults api_cases [--management N] [--frames N] [--rubbish N] [--seed N] [--refusals]

Requests are made of the management API's description and of the frame protocol's: allowed ones and such that
are not. Wrong is every answer that the descriptions do not promise, and every one that takes over a second.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench.conditions import conditions
from tests.faults.api_cases.campaign import run
from tests.faults.report import report


def main() -> int:
    """Print what a run found; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="scripts/faults api_cases", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--management", type=int, default=7000)
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--rubbish", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--refusals", action="store_true", help="print what refusals say, to be read")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(
            run(
                Path(folder),
                management=options.management,
                frames=options.frames,
                rubbish=options.rubbish,
                start=options.seed,
            )
        )
    figures = asdict(found)
    if not options.refusals:
        del figures["refusals"]
    wrong = figures.pop("wrong")
    return report(arguments=vars(options), conditions=conditions(), found=figures, wrong=wrong)


if __name__ == "__main__":
    sys.exit(main())
