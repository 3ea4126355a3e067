"""Lets everything fail that Home Assistant asks a server for: all faults, each part, a hundred times each.

    python -m tests.faults.home_assistant [--only EXPRESSION]

runs tests/integration/faults in their long version, which have to be a run of pytest's for Home Assistant's
sake, and prints what came of it as JSON; what is in `wrong` must not be.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.bench.conditions import conditions
from tests.faults.report import report
from tests.processes import ROOT

SUITE = ROOT / "tests" / "integration"


def run(folder: Path, only: str) -> dict[str, Any]:
    """Run the tests; returns how many there were, the worst figures, and what was wrong."""
    report, figures = folder / "report.xml", folder / "figures.json"
    chosen = ["-k", only] if only else []
    ended = subprocess.run(  # noqa: S603 - our own
        [
            *(sys.executable, "-m", "pytest", "-c", SUITE / "pytest.ini", SUITE / "faults"),
            *("-q", "-p", "no:cacheprovider", f"--junit-xml={report}", *chosen),
        ],
        env={**os.environ, "AIFRAMES_FAULTS": "long", "AIFRAMES_FAULTS_FIGURES": str(figures)},
        cwd=ROOT,
        stdout=sys.stderr,
        check=False,
    )
    cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - written a moment ago
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    wrong = [f"{case.get('classname')}: {case.get('name')}" for case in failed]
    if ended.returncode and not wrong:
        wrong.append(f"pytest ended with {ended.returncode}")
    return {"tests": len(cases), **json.loads(figures.read_text()), "wrong": wrong}


def main() -> int:
    """Run, and say how it was."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.home_assistant", description=__doc__)
    parser.add_argument("--only", default="", help="which tests, as pytest's -k has it")
    arguments = parser.parse_args()
    before = conditions()
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder), arguments.only)
    wrong = found.pop("wrong")
    return report(arguments=vars(arguments), conditions=before, found=found, wrong=wrong)


if __name__ == "__main__":
    sys.exit(main())
