from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from imageserver.exceptions import StartError
from imageserver.models import OperationKind, Protocol
from imageserver.web.frame_desk import ServersFrameDesk
from tests.adapters import Script, scripted
from tests.houses import open_house
from tests.manual_clock import ManualClock

from .stranger import Spree, go

if TYPE_CHECKING:
    from pathlib import Path

    from tests.houses import House

DAY = 24 * 3600.0
LIMIT = 3


async def test_a_stranger_spends_takes_and_fills_no_more_than_he_may(tmp_path: Path) -> None:
    found = await go(tmp_path, Spree())
    assert found["wrong"] == []
    assert found["billed"] == found["daily_limit"]


async def test_no_midnight_and_no_restart_gives_a_stranger_more_than_a_days_limit(
    tmp_path: Path,
) -> None:
    script, clock = Script(), ManualClock()
    options = f"providers: {{ydArt: {{daily_limit: {LIMIT}}}}}"
    for day in range(1, 4):
        for _ in range(2):
            async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
                await _storm(house)
                assert len(script.asked) <= day * LIMIT
        await clock.advance(DAY)
    assert len(script.asked) == 3 * LIMIT


async def test_a_storm_over_midnight_spends_each_days_limit_once(tmp_path: Path) -> None:
    script, clock = Script(), ManualClock()
    options = f"providers: {{ydArt: {{daily_limit: {LIMIT}}}}}"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await clock.advance(15 * 3600 - 2)
        for _ in range(4):
            await _storm(house)
            await clock.advance(1)
        assert len(script.asked) == 2 * LIMIT


async def _storm(house: House) -> None:
    desk = ServersFrameDesk(house.server)

    async def wish(number: int) -> None:
        kind = OperationKind.DIRECT if number % 2 else OperationKind.AUTO
        with suppress(StartError):
            address = f"192.168.{number % 7}.{number}"
            await desk.start(kind, frame=address, protocol=Protocol.HTTP, text=None)

    await asyncio.gather(*(wish(number) for number in range(60)))
    await house.rest()
