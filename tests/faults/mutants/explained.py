"""Mutants that may survive, each with the reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.faults.mutants.mutants import Change

EXPLAINED = Path(__file__).with_name("explained.toml")


def explained(path: Path = EXPLAINED) -> dict[Change, str]:
    """Read the file.

    Raises:
        ValueError: A mutant stands in it twice.
    """
    reasons: dict[Change, str] = {}
    for group in tomllib.loads(path.read_text("utf-8"))["explained"]:
        for mutant in group["mutants"]:
            change = Change(**mutant)
            if change in reasons:
                raise ValueError(f"explained twice: {change}")
            reasons[change] = group["reason"]
    return reasons
