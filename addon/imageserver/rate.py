"""How often something happens, lately."""

from __future__ import annotations

from math import exp

TIME_CONSTANT = 15 * 60.0
"""Seconds: what happened this long ago counts 1/e of what happens now (the old server's 15 minutes)."""


class Rate:
    """An exponentially weighted rate, exact at any moment: no ticks, no timer.

    Each event adds `1 / TIME_CONSTANT` to a value that decays with that constant, so a steady stream
    of events settles at its own frequency.
    """

    __slots__ = ("_at", "_value")

    def __init__(self) -> None:
        self._value = 0.0
        self._at = 0.0

    def mark(self, now: float) -> None:
        """Count one event at `now`, in monotonic seconds."""
        self._value = self._decayed(now) + 1 / TIME_CONSTANT
        self._at = now

    def per_hour(self, now: float) -> float:
        """Return events an hour, as of `now`."""
        return self._decayed(now) * 3600

    def _decayed(self, now: float) -> float:
        return self._value * exp(-max(0.0, now - self._at) / TIME_CONSTANT)
