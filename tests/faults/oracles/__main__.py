"""Tries every property with so many examples, other ones for each seed; prints what failed as JSON.

    scripts/faults oracles [--examples N] [--seed N] [--years FIRST LAST]

Sleep is also looked at in each minute of some years, in ten places.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from tests.bench.conditions import conditions
from tests.faults.oracles.all_properties import PROPERTIES
from tests.faults.oracles.whole_years import sleep_through
from tests.faults.report import report

EXPENSIVE = 20
"""How much dearer an example is of a property that has few of them each day."""


def main() -> int:
    """Print what a run found; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="scripts/faults oracles", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--years", type=int, nargs=2, default=(2026, 2026), metavar=("FIRST", "LAST"))
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    wrong = []
    for name, one in PROPERTIES.items():
        amount = options.examples if one.few >= 100 else options.examples // EXPENSIVE
        began = time.monotonic()
        try:
            one.hold(amount, start=options.seed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            wrong.append(f"{name}: {error!r} {getattr(error, '__notes__', '')}")
        print(f"{name}: {amount} examples", file=sys.stderr)
        figures[name] = {"examples": amount, "seconds": round(time.monotonic() - began)}
    minutes, faults = sleep_through(range(options.years[0], options.years[1] + 1))
    figures["Sleep, in each minute"] = {"minutes": minutes, "years": [*options.years]}
    wrong += faults
    return report(
        arguments=vars(options), conditions=conditions(), found={"properties": figures}, wrong=wrong
    )


if __name__ == "__main__":
    sys.exit(main())
