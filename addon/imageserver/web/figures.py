"""Numbers, sizes and times as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .words import Words

_STEP = 1000
_EXACT_BELOW = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """Writes figures in one language, as seen at one local time."""

    words: Words
    local: datetime

    def count(self, number: int) -> str:
        """Write a whole number."""
        return f"{number:,}".replace(",", self.words.thousands)

    def rate(self, number: float) -> str:
        """Write what happens so often an hour."""
        if number >= _EXACT_BELOW:
            return self.count(round(number))
        return f"{number:.1f}".replace(".", self.words.decimal)

    def size(self, number: int) -> str:
        """Write a number of bytes."""
        value = number / _STEP
        for unit in self.words.units[:-1]:
            if value < _STEP:
                return f"{self.rate(value)} {unit}"
            value /= _STEP
        return f"{self.rate(value)} {self.words.units[-1]}"

    def time(self, moment: datetime) -> str:
        """Write a moment in local time, with its date unless it is today."""
        local = moment.astimezone(self.local.tzinfo)
        return f"{local:%H:%M}" if local.date() == self.local.date() else f"{local:%Y-%m-%d %H:%M}"
