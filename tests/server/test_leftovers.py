"""What a crash leaves unfinished is removed by whoever writes there next, wherever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.adapters import Script, scripted
from tests.houses import open_house
from tests.pictures import jpeg

if TYPE_CHECKING:
    from pathlib import Path

    from tests.manual_clock import ManualClock

LEFTOVER = ".writing-0123456789abcdef"


@pytest.mark.parametrize("place", ["data", "data/passing", "data/rejected"])
async def test_a_start_removes_it(tmp_path: Path, clock: ManualClock, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / LEFTOVER).write_bytes(b"half")
    async with open_house(tmp_path, [scripted(Script())], clock=clock):
        assert not (tmp_path / place / LEFTOVER).exists()


async def test_it_is_found_behind_a_link_too(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "prompts.yaml").write_text("prompts: []")
    (tmp_path / "notes" / LEFTOVER).write_bytes(b"half")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prompts.yaml").symlink_to(tmp_path / "notes" / "prompts.yaml")
    async with open_house(tmp_path, [scripted(Script())], clock=clock):
        assert [path.name for path in (tmp_path / "notes").iterdir()] == ["prompts.yaml"]


@pytest.mark.parametrize("place", ["images/original", "images/scalable"])
async def test_the_first_picture_removes_it(tmp_path: Path, clock: ManualClock, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / LEFTOVER).write_bytes(b"half")
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.server.upkeep.close()  # which removes it too, by and by
        (tmp_path / place / LEFTOVER).write_bytes(b"half")
        await house.server.store.add(
            jpeg(), provider="ydArt", text=None, asked_at=clock.now(), picture_name="g-1"
        )
        assert not (tmp_path / place / LEFTOVER).exists()
