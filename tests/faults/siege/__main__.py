"""Besieges a server in every way, one after the other, while neighbours go on asking.

    python -m tests.faults.siege [--size 500] [--attack NAME]

Prints for each way how long the neighbours waited at the most and what it cost, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench.conditions import conditions
from tests.faults.report import report
from tests.faults.siege.attacks import ATTACKS
from tests.faults.siege.siege import besiege


def main() -> int:
    """Print what was found; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.siege", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--size", type=int, default=500, help="connections, or requests, of an attack")
    parser.add_argument("--attack", choices=ATTACKS, help="only this one")
    arguments = parser.parse_args()
    before = conditions()
    names = [arguments.attack] if arguments.attack else list(ATTACKS)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(besiege(Path(folder), names, size=arguments.size))
    wrong = [f"{name}: {sentence}" for name, one in found.items() for sentence in one["wrong"]]
    return report(arguments=vars(arguments), conditions=before, found={"attacks": found}, wrong=wrong)


if __name__ == "__main__":
    sys.exit(main())
