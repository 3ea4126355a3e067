"""Wrong tokens by address: each makes the next one slower."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar


@dataclass(slots=True)
class _Record:
    """What one address has tried.

    Attributes:
        waiting: Attempts that wait for their answer.
    """

    wrong: int = 0
    last: float = 0.0
    waiting: int = 0


class Attempts:
    """Remembers the latest addresses, within limits of memory."""

    FREE: ClassVar[int] = 3
    """So many are answered at once: people mistype."""

    LONGEST: ClassVar[float] = 16.0
    """Seconds that an answer is held back at the most."""

    FORGOTTEN_AFTER: ClassVar[float] = 900.0
    WAITING: ClassVar[int] = 4
    """Attempts of one address whose answers are held back at a time; more are not looked at."""
    ADDRESSES: ClassVar[int] = 256

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def begin(self, address: str, now: float) -> float | None:
        """Note an attempt; returns the seconds until its answer, None where too many wait already.

        `now` is in monotonic seconds. `end` has to follow, unless None is returned.
        """
        record = self._records.get(address)
        if record is None or (now - record.last > self.FORGOTTEN_AFTER and not record.waiting):
            record = self._records[address] = _Record()
        if record.waiting >= self.WAITING:
            return None
        record.wrong, record.last = record.wrong + 1, now
        record.waiting += 1
        self._records.move_to_end(address)
        if len(self._records) > self.ADDRESSES:
            self._records.popitem(last=False)
        doublings = record.wrong - self.FREE - 1
        return 0.0 if doublings < 0 else min(2.0 ** min(doublings, 10), self.LONGEST)

    def end(self, address: str) -> None:
        """Note that an attempt has its answer."""
        record = self._records.get(address)
        if record is not None:
            record.waiting = max(0, record.waiting - 1)
