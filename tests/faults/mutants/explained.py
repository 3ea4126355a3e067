"""Mutants that may survive, each with the reason."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.mutants.mutants import Change

EXPLAINED = Path(__file__).with_name("explained.toml")


@dataclass(frozen=True, slots=True)
class Explained:
    """A change that no test can or should tell.

    Attributes:
        function: With its module and class.
        before: The lines that are changed, without their indentation.
        after: What they are changed to; None for nothing but other letters, upper or lower case.
        reason: A sentence.
    """

    function: str
    before: str
    after: str | None
    reason: str

    def is_about(self, change: Change) -> bool:
        """Whether it explains this one."""
        if (self.function, self.before) != (change.function, change.before):
            return False
        if self.after is None:
            return change.before.casefold() == change.after.casefold()
        return self.after == change.after


@dataclass(frozen=True, slots=True)
class InAnyCase:
    """Lines, by a pattern, that mean the same when their letters become upper or lower case."""

    line: re.Pattern[str]
    reason: str

    def is_about(self, change: Change) -> bool:
        """Whether it explains this one."""
        return change.before.casefold() == change.after.casefold() and bool(self.line.search(change.before))


type Reason = Explained | InAnyCase


def explained(path: Path = EXPLAINED) -> list[Reason]:
    """Read the file.

    Raises:
        ValueError: A mutant stands in it twice.
    """
    read = tomllib.loads(path.read_text("utf-8"))
    found = [
        Explained(mutant["function"], mutant["before"], mutant.get("after"), group["reason"])
        for group in read["explained"]
        for mutant in group["mutants"]
    ]
    keys = [(one.function, one.before, one.after) for one in found]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"explained twice: {key}")
    rules = [InAnyCase(re.compile(rule["line"]), rule["reason"]) for rule in read.get("in_any_case", [])]
    return [*found, *rules]
