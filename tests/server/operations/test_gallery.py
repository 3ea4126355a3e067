from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imageserver.imaging import card
from imageserver.models import ContentKind, OperationKind
from tests.adapters import Script, scripted
from tests.houses import open_house

if TYPE_CHECKING:
    from pathlib import Path

    from tests.manual_clock import ManualClock


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), MemoryError()])
async def test_a_card_that_can_not_be_drawn_is_black_until_it_can(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
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
