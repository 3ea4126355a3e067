"""Decisions by lot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


def happens(random: Random, share: float) -> bool:
    """Say yes in this share of all cases: 0.25 = one in four."""
    return random.random() < share


def aside(random: Random, edge: float, middle: float) -> float:
    """Return a place across a picture (0 to 1) left or right of its middle.

    Args:
        random: The lot.
        edge: It is at least so far from either edge.
        middle: It is no nearer to the other side than this.
    """
    place = random.uniform(edge, middle)
    return place if happens(random, 0.5) else 1 - place
