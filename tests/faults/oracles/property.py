"""A sentence that must hold for whatever is made up: how it is tried, and with how many examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, seed, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True, slots=True)
class Property:
    """What is made up, and what must hold for it.

    Attributes:
        check: Raises where it does not hold.
        few: Examples that are enough for every day.
    """

    examples: SearchStrategy[Any]
    check: Callable[[Any], None]
    few: int = 60

    def hold(self, amount: int | None = None, *, start: int | None = None) -> None:
        """Try examples: the same few each time, or, with `start`, as many as asked for."""
        chosen = settings(
            max_examples=amount or self.few,
            database=None,
            deadline=None,
            derandomize=start is None,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )

        def once(example: Any) -> None:
            self.check(example)

        test = chosen(given(self.examples)(once))
        (test if start is None else seed(start)(test))()
