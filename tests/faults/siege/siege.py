"""A siege, and what may come of it: nothing that anyone else would notice."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from tests.faults.siege.attacks import ATTACKS
from tests.faults.siege.besieged import Besieged, besieged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LONGEST_MS = 1000
MOST_MB = 50
LOG_LINES = 30


async def besiege(
    root: Path, names: Iterable[str], *, size: int, longest_ms: int = LONGEST_MS
) -> dict[str, Any]:
    """Carry the attacks out, one after the other, on one server; return what each did, and what was wrong."""
    found = {}
    async with besieged(root) as target:
        for name in names:
            found[name] = await _attack(target, name, size=size, longest_ms=longest_ms)
    return found


async def _attack(target: Besieged, name: str, *, size: int, longest_ms: int) -> dict[str, Any]:
    descriptors, memory, lines = target.descriptors(), target.rss_mb(), len(target.server.log)
    target.forget_peak()
    began = time.monotonic()
    async with target.neighbour() as neighbour:
        await ATTACKS[name](target, size)
    print(f"{name}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    await target.leave()
    wrong = list(neighbour["wrong"])
    try:
        await target.everything_is_given_back(descriptors + 2)
    except TimeoutError:
        wrong.append(f"{target.descriptors() - descriptors} descriptors stay open")
    grown = round(target.peak_rss_mb() - memory, 1)
    if grown >= MOST_MB:
        wrong.append(f"memory grew by {grown} MB")
    for kind, took in neighbour["longest_ms"].items():
        if took >= longest_ms:
            wrong.append(f"{kind} took {took} ms")
    said = target.server.log[lines:]
    if len(said) > LOG_LINES:
        wrong.append(f"{len(said)} lines in the log, such as {said[-1]}")
    wrong += [line for line in said if "ERROR" in line or "Traceback" in line][:5]
    return {
        "requests_of_others": neighbour["requests"],
        "p50_ms": neighbour["p50_ms"],
        "longest_ms": max(neighbour["longest_ms"].values()),
        "memory_mb": {"before": memory, "peak_growth": grown, "after": target.rss_mb()},
        "log_lines": len(said),
        "wrong": wrong,
    }
