from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from imageserver.exceptions import AccessRefusedError
from imageserver.models import OperationKind
from imageserver.options.overrides import PAUSED
from imageserver.status import ServerState, take_status
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path


async def test_waiting_says_until_when(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.see()
        status = await take_status(house.server)
        assert status.state is ServerState.WAITING
        assert status.until == status.next_generation_at == clock.now() + timedelta(minutes=10)
        assert status.last_picture is not None
        assert status.store.pictures == 1
        assert status.prompts == 1
        assert status.metrics.images.success == 1


async def test_a_request_under_way_is_shown(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        status = await take_status(house.server)
        assert status.state is ServerState.GENERATING
        assert [generation.provider for generation in status.generating] == ["ydArt"]
        script.held.set()


async def test_asleep_says_when_it_wakes(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    options = 'sleep_time: [{time_range: {start_time: "23:00", end_time: "07:00"}}]'
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        status = await take_status(house.server)
        assert status.state is ServerState.SLEEPING
        assert status.until is not None
        assert (status.until - clock.now()).total_seconds() // 60 == 7.5 * 60


async def test_paused_is_shown(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.server.change(PAUSED, value=True, instead_of=False)
        status = await take_status(house.server)
        assert (status.state, status.next_generation_at) == (ServerState.PAUSED, None)
        await house.server.jobs.close()


async def test_a_problem_that_stands_in_the_way_is_shown_first(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.append(AccessRefusedError("the key is wrong"))
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
        status = await take_status(house.server)
        assert status.state is ServerState.PROBLEM
        (provider,) = status.providers
        assert provider.last_error == "the key is wrong"
        assert not provider.readiness.ready


async def test_a_provider_shows_what_is_left_of_its_budget(tmp_path: Path, clock: ManualClock) -> None:
    options = "providers: {ydArt: {daily_limit: 10}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.see(OperationKind.DIRECT)
        (provider,) = (await take_status(house.server)).providers
        assert (provider.asked_today, provider.left_today, provider.daily_limit) == (1, 9, 10)
        assert provider.counts.today == 1
        assert provider.in_use
