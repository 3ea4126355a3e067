"""Tries pictures, options and prompts with made-up bytes for an hour in all; prints what was found as JSON.

    scripts/faults bytes [--minutes N] [--only TARGET] [--folder FOLDER]

What a run has learnt stays in FOLDER, where the next one goes on. It needs `.venv-faults`: atheris runs on
Linux on x86_64 only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.conditions import conditions
from tests.faults.report import report

ROOT = Path(__file__).parents[3]
SHARES = {"pictures": 0.4, "options": 0.3, "prompts": 0.3}
"""Of the time."""

MOST_DEATHS = 20
"""Of a target: whatever it dies of, it is known by then."""

LONGEST = {"pictures": 8192, "options": 4096, "prompts": 4096}
"""Bytes of an input."""

_COVERAGE = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")
_RUNS = re.compile(r"number_of_executed_units: (\d+)")


def fuzzed(target: str, folder: Path, seconds: int) -> dict[str, Any]:
    """Fuzz one target; where the process dies, it is started anew for the rest of the time."""
    ends = time.monotonic() + seconds
    runs, deaths, figures = 0, [], [0, 0, 0]
    while (left := int(ends - time.monotonic())) > 0:
        done = subprocess.run(  # noqa: S603 - our own program
            _command(target, folder, left), check=False, capture_output=True, text=True, **_SURROUNDINGS
        )
        runs += sum(int(found) for found in _RUNS.findall(done.stderr))
        figures = max(([*map(int, found)] for found in _COVERAGE.findall(done.stderr)), default=figures)
        if done.returncode:
            deaths.append({"code": done.returncode, "said": done.stderr.splitlines()[-25:]})
            if len(deaths) >= MOST_DEATHS:
                break
    lines = folder / "findings.jsonl"
    findings = [json.loads(line) for line in lines.read_text().splitlines()] if lines.exists() else []
    edges, features, corpus = figures
    return {
        "seconds": seconds,
        "executions": runs,
        "coverage_edges": edges,
        "coverage_features": features,
        "corpus": corpus,
        "findings": findings,
        "deaths": deaths,
    }


_SURROUNDINGS: dict[str, Any] = {
    "cwd": ROOT,
    "errors": "replace",
    "env": {**os.environ, "PYTHONPATH": f"{ROOT / 'addon'}:{ROOT}"},
}


def _command(target: str, folder: Path, seconds: int) -> list[str]:
    return [
        *("nice", "-n", "19", sys.executable, "-m", "tests.faults.bytes.fuzzing", target, str(folder)),
        *(f"-max_total_time={seconds}", f"-max_len={LONGEST[target]}", "-timeout=20", "-rss_limit_mb=3000"),
        "-print_final_stats=1",
    ]


def main() -> int:
    """Print what a run found; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="scripts/faults bytes", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--only", choices=SHARES)
    parser.add_argument("--folder", type=Path, default=ROOT / ".faults" / "bytes")
    options = parser.parse_args()
    shares = {options.only: 1.0} if options.only else SHARES
    results = {
        target: fuzzed(target, options.folder / target, int(options.minutes * 60 * share))
        for target, share in shares.items()
    }
    wrong = [
        f"{target}: {finding['kind']}: {finding['said']}"
        for target, result in results.items()
        for finding in result["findings"]
    ]
    wrong += [
        f"{target}: the process died with {death['code']}"
        for target in results
        for death in results[target]["deaths"]
    ]
    return report(arguments=vars(options), conditions=conditions(), found={"targets": results}, wrong=wrong)


if __name__ == "__main__":
    sys.exit(main())
