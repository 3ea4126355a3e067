"""A state that is damaged, cut off, gone or somebody else's: frames are served, and money is remembered."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import StateError
from imageserver.models import ContentKind, Fate, OperationKind
from imageserver.state import state as states
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures
from tests.pictures import jpeg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.houses import House
    from tests.manual_clock import ManualClock

PICTURE = jpeg(832, 1280, seed=5)
PAGE = 4096
PICTURES = 60


def zero(path: Path, *, page: int) -> None:
    """Lose a page, counted from 1; from the end where it is negative."""
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE if page > 0 else path.stat().st_size + page * PAGE)
        file.write(bytes(PAGE))


def cut(path: Path, *, keep: float) -> None:
    """Lose the end."""
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * keep))


def replace_by_folder(path: Path) -> None:
    """Be what a container's engine makes where a file to mount is missing."""
    path.unlink()
    path.mkdir()


REMEMBERED, FORGOTTEN = True, False
DAMAGES: dict[str, tuple[Callable[[Path], object], bool]] = {
    # The first page says where everything is: without it nothing else can be found.
    "the first page is zeroed": (partial(zero, page=1), FORGOTTEN),
    "the second page is zeroed": (partial(zero, page=2), REMEMBERED),
    "a page of pictures is zeroed": (partial(zero, page=5), REMEMBERED),
    "the last page but one is zeroed": (partial(zero, page=-2), REMEMBERED),
    "the last page is zeroed": (partial(zero, page=-1), REMEMBERED),
    "a tenth is cut off": (partial(cut, keep=0.9), REMEMBERED),
    "half is cut off": (partial(cut, keep=0.5), FORGOTTEN),
    "it is empty": (partial(cut, keep=0.0), FORGOTTEN),
    "it is something else": (lambda path: path.write_bytes(b"no database " * 1000), FORGOTTEN),
    "it is a folder": (replace_by_folder, FORGOTTEN),
}


async def owe_a_picture(root: Path, script: Script, clock: ManualClock) -> None:
    """Pay for three pictures, of which one is not there yet."""
    put_pictures(root, PICTURES)
    async with open_house(root, [scripted(script)], clock=clock) as house:
        await house.server.store.scan()
        for _ in range(2):
            await house.see(OperationKind.DIRECT)
        script.tickets.append(7)
        await house.ask(OperationKind.DIRECT)
        await house.ticket()


async def pictures_of(house: House) -> int:
    await house.server.store.scan()
    return (await house.server.store.summary()).pictures


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_state_serves_frames_and_knows_what_can_still_be_read(
    tmp_path: Path, clock: ManualClock, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    break_it, remembered = DAMAGES[damage]
    script = Script()
    await owe_a_picture(tmp_path, script, clock)
    break_it(tmp_path / "data" / states.FILE_NAME)
    script.results["7"] = PICTURE
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert await pictures_of(house) == PICTURES + 2
        assert (await house.see(OperationKind.OLD)).kind is ContentKind.PICTURE
        if remembered:
            assert house.server.availability.facts("ydArt").asked_today == 3, "the budget is known"
            await clock.advance(30)
            await house.rest()
            assert [known.fate for known in await house.server.generations.newest(9)] == [Fate.DONE] * 3
            assert len(script.asked) == 3
        await house.see(OperationKind.DIRECT)
    said = [line for line in caplog.messages if "damaged" in line]
    assert len(said) == (damage != "it is empty"), "said once"
    assert len(list((tmp_path / "data").glob("state.db.broken"))) == len(said), "nothing is thrown away"
    assert "Traceback" not in caplog.text


def write_back(connection: sqlite3.Connection) -> None:
    """Bring everything into the file itself."""
    if connection.in_transaction:  # what was counted meanwhile
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def test_a_state_that_breaks_under_a_running_server_is_mended_at_once(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    await owe_a_picture(tmp_path, script, clock)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see(OperationKind.OLD)
        await house.server.state.set_note("anything", 1, durable=True)
        await house.server.state.read(write_back)
        for page in range(5, 12):
            zero(tmp_path / "data" / states.FILE_NAME, page=page)
        await house.server.state.read(lambda connection: connection.execute("PRAGMA shrink_memory"))
        for _ in range(5):
            assert (await house.see(OperationKind.OLD)).kind in {ContentKind.PICTURE, ContentKind.CARD}
        assert await pictures_of(house) == PICTURES + 2
        assert len(await house.server.generations.newest(9)) == 3
    assert len([line for line in caplog.messages if "damaged" in line]) == 1


async def test_a_state_of_a_newer_version_is_left_alone_and_named(tmp_path: Path, clock: ManualClock) -> None:
    await owe_a_picture(tmp_path, Script(), clock)
    path = tmp_path / "data" / states.FILE_NAME
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match="newer version of this server: install that version again"):
        async with open_house(tmp_path, [scripted(Script())], clock=clock):
            pass
    assert path.read_bytes() == before
