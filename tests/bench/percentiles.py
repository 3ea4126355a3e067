"""Figures of many measurements."""

from __future__ import annotations


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
