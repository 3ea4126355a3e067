from __future__ import annotations

from typing import TYPE_CHECKING

from imageserver.models import OperationKind
from imageserver.operations.operations import KEPT
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from imageserver.timing.jobs import Job
    from tests.houses import House
    from tests.manual_clock import ManualClock

TICKET = "a1"


def jobs(house: House) -> dict[str, Job]:
    return {job.name: job for job in house.server.schedule.jobs(house.server.settings)}


async def test_the_users_schedules_are_followed(tmp_path: Path, clock: ManualClock) -> None:
    options = 'check_pending_cron: "*/5 * * * *"\nscan_image_cron: "30 2 * * *"'
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        assert jobs(house)["check pending requests"].cron == "*/5 * * * *"
        assert jobs(house)["scan pictures"].cron == "30 2 * * *"


async def test_pending_requests_are_asked_about_at_their_schedule(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(45)
        script.results[TICKET] = pictures.jpeg(832, 1280)
        await jobs(house)["check pending requests"].action()
        await house.ended(operation)


async def test_new_pictures_are_noticed(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.server.store.scan()
        put_pictures(tmp_path, 3)
        await jobs(house)["notice new pictures"].action()
        assert (await house.server.store.summary()).pictures == 3


async def test_an_edited_prompt_file_is_noticed(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        (house.places.config / "prompts.yaml").write_text("prompts:\n- idx: 1\n  prompt: кукушка\n")
        await jobs(house)["notice edited prompts"].action()
        assert [prompt.prompt for prompt in house.server.prompts.all()] == ["кукушка"]


async def test_counts_are_written_down_every_few_seconds(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.see(OperationKind.OLD)
        await jobs(house)["write down what waits"].action()
        row = await house.server.state.read(
            lambda connection: connection.execute(
                "SELECT value FROM counters WHERE name = 'images.success'"
            ).fetchone()
        )
        assert row["value"] == 1


async def test_what_is_over_is_forgotten_and_what_is_shown_stays(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.see(OperationKind.OLD)
        forgotten = await house.server.store.add_passing(pictures.jpeg())
        await clock.advance(KEPT.total_seconds() + 60)
        await jobs(house)["forget what is over"].action()
        assert house.server.operations.all() == []
        assert not (house.places.passing / forgotten).exists()


async def test_the_hourly_line_has_every_figure(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.see()
        await jobs(house)["log metrics"].action()
        assert "images sent 1" in caplog.text
        assert (
            "ydArt: 1 today, 0 yesterday; 1 asked in all (4.0 an hour), 1 pictures, 0 errors" in caplog.text
        )
        assert "Pictures 1, archived 0, 0.0 MB; prompts 1" in caplog.text
        assert "may be made from 09:10 on" in caplog.text


async def test_old_requests_are_forgotten_but_not_the_newest(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        for kind in (OperationKind.AUTO, OperationKind.DIRECT, OperationKind.DIRECT):
            await house.see(kind)
            await clock.advance(1)
        await clock.advance(500 * 86400)
        await jobs(house)["tidy up"].action()
        left = await house.server.generations.newest(10)
        assert sorted(generation.kind for generation in left) == [OperationKind.AUTO, OperationKind.DIRECT]
