from __future__ import annotations

from typing import TYPE_CHECKING

from tests.processes import run_server

from .house import House
from .odd import odd_files, odd_ids

if TYPE_CHECKING:
    from pathlib import Path


async def test_no_odd_id_breaks_anything_or_finds_what_it_must_not(tmp_path: Path) -> None:
    async with run_server(tmp_path, environment={"SUPERVISOR_TOKEN": "s" * 40}) as process:
        house = House(process, tmp_path / "data", management_tls=False)
        await house.up()
        assert await odd_ids(house, every=4) == []


async def test_of_odd_files_only_pictures_come_out(tmp_path: Path) -> None:
    assert await odd_files(tmp_path, folders=["certs"]) == []
