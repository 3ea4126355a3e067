"""A picture that needs more memory than there is: it is nobody's fault, and takes nothing else with it."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PIL.ImageFile import ImageFile

from imageserver.imaging.pool import ImagingPool
from imageserver.models import ContentKind, Fate, OperationKind
from tests.adapters import Script, scripted
from tests.faults.machine.faults import FAULTS
from tests.faults.machine.machine import machine
from tests.faults.machine.shim import COMPILER
from tests.houses import open_house, put_pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.manual_clock import ManualClock

SIDE = 6000


def large_picture() -> bytes:
    """A picture of 36 megapixels in few bytes: 108 MB once it is opened."""
    file = BytesIO()
    Image.new("RGB", (SIDE, SIDE), (9, 200, 30)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (gcc)")
@pytest.mark.timeout(60)
async def test_a_server_survives_what_it_has_no_memory_for_and_takes_it_later(tmp_path: Path) -> None:
    picture = large_picture()
    async with machine(tmp_path) as tried, tried.running() as server:
        assert await tried.show("ydart") == "new"
        async with FAULTS["no memory"](tried):
            assert await tried.push(picture) == 503
            assert await tried.show("old") == "stored"
        assert await tried.push(picture) == 201
        assert await tried.stop() == 0
    assert "Traceback" not in "\n".join(server.log)


async def test_a_paid_picture_waits_for_memory(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script()
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.server.store.scan()
        await house.see(OperationKind.OLD)
        with monkeypatch.context() as starved:
            starved.setattr(ImageFile, "load", _starve)
            held = await house.ask(OperationKind.DIRECT)
            await house.until(house.server.problems.all)
            assert [problem.code for problem in house.server.problems.all()] == ["picture_unstored"]
            assert (await house.see(OperationKind.OLD)).kind is ContentKind.PICTURE
        async with asyncio.timeout(5):
            while house.server.generations.running:
                await clock.advance(10)
                await house.server.state.note("a turn of the state's thread")
        assert (await house.ended(held)).content is not None
        assert (await house.server.generations.newest(1))[0].fate is Fate.DONE
        assert house.server.problems.all() == []
    assert len(script.asked) == 1


async def test_a_pool_without_memory_takes_the_next_work() -> None:
    pool = ImagingPool(workers=1)
    with pytest.raises(MemoryError):
        await pool.run(_starve)
    assert await pool.run(int) == 0
    await pool.close()


def _starve(*_: object, **__: object) -> None:
    raise MemoryError
