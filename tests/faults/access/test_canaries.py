from __future__ import annotations

from typing import TYPE_CHECKING

from .canaries import Canaries, look

if TYPE_CHECKING:
    from pathlib import Path


async def test_no_secret_is_seen_by_anybody(tmp_path: Path) -> None:
    assert await look(tmp_path) == []


def test_half_a_secret_is_found_too() -> None:
    canaries = Canaries()
    secret = canaries.free("key", awkward=True)
    canaries.seen.append(("the log", f"so {secret[7:23]}"))
    assert len(canaries.found()) == 1
