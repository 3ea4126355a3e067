from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import NoMemoryError
from imageserver.imaging import card
from imageserver.models import ContentKind, OperationKind
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.manual_clock import ManualClock


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), MemoryError()])
async def test_a_card_that_can_not_be_drawn_is_black_until_it_can(
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    caplog.set_level(logging.DEBUG)

    def refuse(*_: object) -> bytes:
        raise error

    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        with monkeypatch.context() as starved:
            starved.setattr(card, "draw_card", refuse)
            shown = await house.ended(await house.ask(OperationKind.OLD))
            assert shown.content is not None
            assert shown.content.kind is ContentKind.CARD
            black = (await house.server.operations.result(shown.id)).image
        drawn = (await house.server.operations.result(shown.id)).image
        assert black is not None
        assert black.startswith(b"\xff\xd8")
        assert drawn != black
        assert f"The card can't be drawn: {error}" in caplog.messages


async def test_a_picture_that_there_is_no_memory_for_is_stepped_over(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        await house.server.store.scan()
        read, tried = house.server.store.frame_jpeg, []

        async def short_of_memory(picture_id: int) -> bytes:
            tried.append(picture_id)
            if len(tried) == 1:
                raise NoMemoryError("too large")
            return await read(picture_id)

        monkeypatch.setattr(house.server.store, "frame_jpeg", short_of_memory)
        content = await house.see(OperationKind.OLD)
    assert content.kind is ContentKind.PICTURE
    assert content.picture_id == tried[1] != tried[0]
    assert "Another picture is shown: too large" in caplog.messages
