from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from imageserver.events import EventKind
from imageserver.models import OperationKind, Size
from imageserver.options.overrides import THRESHOLD, enabled_path
from imageserver.providers.base import Capabilities
from imageserver.settings import LogLevel
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures
from tests.manual_clock import settle

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from imageserver.settings import Settings
    from tests.houses import House
    from tests.manual_clock import ManualClock


async def reload(house: House, options: str) -> None:
    house.places.options.write_text(options)
    await house.server.reload()


async def test_every_part_learns_of_new_options(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        heard: list[Settings] = []
        house.server.on_settings.append(heard.append)
        await reload(
            house,
            "prompts_amount: 1\n"
            "image_generate_threshold: 30\n"
            "iframe_image_parameters: {image_weight: 240, image_height: 320}\n",
        )
        assert house.server.settings.image_generate_threshold == 30
        assert heard == [house.server.settings]
        assert EventKind.SETTINGS in [event.kind for event in house.events]
        await house.server.prompts.add("кукушка")
        assert [prompt.prompt for prompt in house.server.prompts.all()] == ["кукушка"]
        operation = await house.ask(OperationKind.OLD)
        content = await house.shown(operation)
        assert content.picture_id is not None
        assert house.server.settings.frame_image.size == Size(240, 320)
        await house.server.jobs.close()


async def test_a_new_size_makes_pictures_anew_in_the_background(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        for _ in range(3):
            await house.see(OperationKind.OLD)
        await reload(house, "iframe_image_parameters: {image_weight: 240, image_height: 320}")
        await house.until(lambda: len(list(house.places.cache.glob("*.jpeg"))) == 3)
        await house.server.jobs.close()


async def test_unreadable_options_change_nothing_and_are_a_problem_until_mended(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with open_house(
        tmp_path, [scripted(Script())], clock=clock, options="image_generate_threshold: 30"
    ) as house:
        await reload(house, "image_generate_threshold: [")
        assert house.server.settings.image_generate_threshold == 30
        (problem,) = house.server.problems.all()
        assert problem.code == "options"
        assert "line 1" in problem.text
        await reload(house, "image_generate_threshold: 40")
        assert house.server.settings.image_generate_threshold == 40
        assert house.server.problems.all() == []
        await house.server.jobs.close()


async def test_every_mistake_is_in_the_log_and_the_first_on_the_page(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    options = "image_amount_min: many\nprompts_amount: few\n"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        assert "image_amount_min" in caplog.text
        assert "prompts_amount" in caplog.text
        (problem,) = house.server.problems.all()
        assert "(and 1 more)" in problem.text


async def test_what_a_person_changed_holds_through_a_reload(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.server.change(THRESHOLD, 60, instead_of=10)
        await house.server.change(enabled_path("ydArt"), value=False, instead_of=True)
        await reload(house, "prompts_amount: 5")
        assert house.server.settings.image_generate_threshold == 60
        assert not house.server.availability.facts("ydArt").enabled
        await reload(house, "image_generate_threshold: 20")
        assert house.server.settings.image_generate_threshold == 20
        await house.server.jobs.close()


async def test_a_provider_is_made_anew_only_when_its_own_settings_change(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        before = house.server.availability.provider("ydArt")
        await reload(house, "prompts_amount: 5")
        assert house.server.availability.provider("ydArt") is before
        await reload(house, "providers: {ydArt: {note: new}}")
        after = house.server.availability.provider("ydArt")
        assert after is not before
        await reload(
            house,
            "providers: {ydArt: {note: new}}\niframe_image_parameters: {image_weight: 240}\n",
        )
        assert house.server.availability.provider("ydArt") is not after
        await house.server.jobs.close()


async def test_an_adapter_that_cannot_be_made_takes_nothing_else_with_it(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()

    class Broken(scripted(Script(), code="broken")):  # type: ignore[misc]  # made for the test
        async def start(self) -> None:
            raise RuntimeError("a bug")

    async with open_house(tmp_path, [Broken, scripted(script)], clock=clock) as house:
        await house.see()
        assert len(script.asked) == 1
        assert "Scripted broken can't be used" in caplog.text
        assert [provider.code for provider in house.server.availability.providers] == ["ydArt"]


async def test_the_token_and_the_keys_never_reach_the_log(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        log = house.server.log
        token = house.server.installation.token
        log.connect()
        try:
            logging.getLogger("imageserver.test").warning("the token is %s", token)
        finally:
            log.close()
        assert token not in "".join(line.message for line in log.recent())
        assert log.recent(), "the line itself is there"


async def test_a_renewed_token_is_hidden_before_anyone_hears_of_it(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        log, installation = house.server.log, house.server.installation
        installation.on_token.append(lambda token: logging.getLogger("imageserver.test").error(token))
        log.connect()
        try:
            token = await installation.renew_token()
        finally:
            log.close()
        assert [line.message for line in log.recent(LogLevel.ERROR)] == ["***"]
        assert token not in "".join(line.message for line in log.recent())


FREE = Capabilities(costs_money=False)


async def test_a_newcomers_first_picture_is_made_ahead_where_it_costs_nothing(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script, capabilities=FREE)], clock=clock) as house:
        await house.server.welcome()
        await house.rest()
        await house.server.welcome()
        assert len(script.asked) == 1
        content = await house.see()
        assert len(script.asked) == 1, "the first frame is shown what is there"
        assert content.picture_id is not None


async def test_nothing_is_made_ahead_that_costs_money(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.server.welcome()
        assert script.asked == []


async def test_a_stopped_server_leaves_no_task_behind(tmp_path: Path, clock: ManualClock) -> None:
    for _ in range(3):
        async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
            await house.see()
            await reload(house, "prompts_amount: 5")
    assert replace(house.places, log=None) == house.places


async def test_two_reloads_at_once_leave_one_provider_of_each_kind(
    tmp_path: Path, clock: ManualClock
) -> None:
    running = []

    class Counted(scripted(Script())):  # type: ignore[misc]  # made for the test
        async def start(self) -> None:
            await settle(500)
            running.append(self)

        async def close(self) -> None:
            running.remove(self)

    async with open_house(tmp_path, [Counted], clock=clock) as house:
        house.places.options.write_text("providers: {ydArt: {note: new}}")
        await asyncio.gather(house.server.reload(), house.server.reload())
        assert len(running) == len(list(house.server.availability.providers)) == 1
        await house.server.jobs.close()
    assert running == []


async def test_a_new_log_level_holds_from_the_reload_on(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)  # and back again after the test
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        log, logger = house.server.log, logging.getLogger("imageserver.test")
        log.connect()
        try:
            logger.debug("before")
            await reload(house, "log_level: debug")
            logger.debug("within")
            await reload(house, "log_level: Error")
            logger.warning("after")
        finally:
            log.close()
        told = [line.message for line in log.recent() if line.logger == "imageserver.test"]
        assert told == ["within"]
        await house.server.jobs.close()
