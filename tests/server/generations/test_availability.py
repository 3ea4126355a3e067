from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from imageserver.exceptions import (
    AccessRefusedError,
    NotSentError,
    PromptTooLongError,
    RateLimitedError,
    StartError,
)
from imageserver.models import ContentKind, Fate, OperationKind, PromptText
from imageserver.providers.base import Capabilities
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import OTHER_FRAME, open_house, put_pictures
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imageserver.exceptions import ProviderError
    from imageserver.models import Json
    from imageserver.providers.base import ProviderContext

PICTURE = pictures.jpeg(320, 480, seed=99)
NOT_SENT = NotSentError("no such host")
BEFORE_MIDNIGHT = datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)


async def test_a_direct_request_that_could_not_be_sent_gives_nobody_elses_turn_back(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.extend([NOT_SENT, PICTURE, NOT_SENT, NOT_SENT])
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        direct = await house.ask(OperationKind.DIRECT)
        await house.until(lambda: len(script.asked) == 1)
        await house.see(frame=OTHER_FRAME)
        turn = house.server.availability.last_asked_at()
        await clock.advance(10)
        await house.ended(direct)
        assert len(script.asked) == 4
        assert house.server.availability.last_asked_at() == turn
        await clock.advance(600)
        await house.see()
        assert len(script.asked) == 4, "the turn that was taken in between is used"


async def test_a_request_counts_for_the_day_on_which_it_was_asked(tmp_path: Path) -> None:
    clock = ManualClock(BEFORE_MIDNIGHT)
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        direct = await house.ask(OperationKind.DIRECT)
        await clock.advance(120)
        assert house.server.availability.facts("ydArt").asked_today == 0
        script.held.set()
        await house.ended(direct)
        assert house.server.availability.facts("ydArt").asked_today == 0
        (generation,) = await house.server.generations.newest(1)
        assert (generation.day, generation.fate) == ("2026-11-24", Fate.DONE)


async def test_a_request_of_yesterday_that_was_not_sent_is_not_taken_from_todays_count(
    tmp_path: Path,
) -> None:
    clock = ManualClock(BEFORE_MIDNIGHT)
    script = Script()
    script.answers.extend([NOT_SENT, NOT_SENT, PICTURE, NOT_SENT])
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        yesterdays = await house.ask(OperationKind.DIRECT)
        await house.until(lambda: len(script.asked) == 1)
        await clock.advance(1)
        await house.shown(await house.ask(OperationKind.DIRECT, frame=OTHER_FRAME))
        await clock.advance(3)
        await house.ended(yesterdays)
        assert len(script.asked) == 4
        assert house.server.availability.facts("ydArt").asked_today == 1


async def test_a_clock_that_leaps_away_and_back_forgets_no_request_of_today(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    options = "providers: {ydArt: {daily_limit: 2}}"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.shown(await house.ask(OperationKind.DIRECT))
        await house.shown(await house.ask(OperationKind.DIRECT))
        for leap in (timedelta(days=400), timedelta(days=-400)):
            now = clock.now()
            clock.set(now + leap)
            house.server.availability.check_budgets()
            assert house.server.availability.facts("ydArt").asked_today == 0
            clock.set(now)
            with pytest.raises(StartError, match="2 requests"):
                await house.ask(OperationKind.DIRECT)
        assert len(script.asked) == 2


async def test_the_count_of_a_day_is_the_same_after_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.extend([PICTURE, NOT_SENT, NOT_SENT, NOT_SENT, RuntimeError("fate unknown")])
    counts = []
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        for _ in range(2):
            operation = await house.ask(OperationKind.DIRECT)
            await clock.advance(5)
            await house.ended(operation)
        await clock.advance(60)
        await house.ended(await house.ask(OperationKind.DIRECT))
        counts.append(house.server.availability.facts("ydArt").asked_today)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        counts.append(house.server.availability.facts("ydArt").asked_today)
    assert counts == [2, 2]


async def test_a_person_may_try_at_once_whether_a_provider_can_be_reached_again(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.extend([NOT_SENT] * 3)
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.ask()
        await clock.advance(5)
        await house.rest()
        await house.see()
        assert len(script.asked) == 3, "by itself it waits a minute"
        await house.shown(await house.ask(OperationKind.DIRECT))
        assert len(script.asked) == 4
        await house.see()
        assert len(script.asked) == 5, "it can be reached, so nothing is waited for any more"


async def test_a_rest_that_a_provider_asked_for_is_told_to_who_asks_directly(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(RateLimitedError("too many requests", retry_after=120))
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
        with pytest.raises(StartError, match="too many requests"):
            await house.ask(OperationKind.DIRECT)
        await clock.advance(121)
        await house.shown(await house.ask(OperationKind.DIRECT))
        assert len(script.asked) == 2


async def test_while_new_settings_are_taken_every_provider_stays_known(
    tmp_path: Path, clock: ManualClock
) -> None:
    newcomer = scripted(Script(missing="no key"), code="newcomer")
    async with open_house(tmp_path, [scripted(Script()), newcomer], clock=clock) as house:
        availability = house.server.availability
        art, new = [(one, availability.settings(one.code)) for one in availability.providers]
        await availability.apply([art])
        taking = asyncio.create_task(availability.apply([new, art]))
        await asyncio.sleep(0)
        assert [provider.code for provider in availability.in_use()] == ["ydArt"]
        await taking
        assert len(availability.providers) == 2


async def test_a_provider_that_can_no_longer_be_made_loses_no_picture_on_its_way(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.held.clear()

    class Fragile(scripted(script)):  # type: ignore[misc]  # made for the test
        def __init__(self, options: Mapping[str, Any], context: ProviderContext) -> None:
            if "note" in options:
                raise RuntimeError("a bug")
            super().__init__(options, context)

    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [Fragile], clock=clock) as house:
        operations = [await house.ask(OperationKind.DIRECT), await house.ask(frame=OTHER_FRAME)]
        house.places.options.write_text("providers: {ydArt: {note: new}}")
        await house.server.reload()
        await house.server.jobs.close()
        assert list(house.server.availability.providers) == []
        assert house.server.availability.last_asked_at() == clock.now(), "its turn is not forgotten"
        script.answers.extend([PICTURE, RuntimeError("fate unknown")])
        script.held.set()
        await house.rest()
        shown = [await house.shown(operation) for operation in operations]
        assert [content.kind for content in shown] == [ContentKind.PICTURE] * 2
        fates = {generation.fate for generation in await house.server.generations.newest(5)}
        assert fates == {Fate.DONE, Fate.UNKNOWN}


async def test_a_turn_that_was_taken_while_another_could_not_be_sent_stays_taken(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.extend([NOT_SENT, PICTURE, NOT_SENT, NOT_SENT])
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.ask()
        await house.until(lambda: len(script.asked) == 1)
        await clock.advance(0.5)
        await house.see(frame=OTHER_FRAME)
        turn = house.server.availability.last_asked_at()
        assert turn == clock.now()
        await clock.advance(10)
        await house.rest()
        assert len(script.asked) == 4
        assert house.server.availability.last_asked_at() == turn


async def test_a_prompt_that_an_adapter_finds_too_long_after_all_costs_nothing(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(PromptTooLongError("at most 5 characters"))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        ended = await house.ended(await house.ask(OperationKind.DIRECT, text=PromptText("кошка")))
        assert ended.error_code == "PromptTooLong"
        (generation,) = await house.server.generations.newest(1)
        assert generation.fate is Fate.NOT_SENT
        assert house.server.availability.facts("ydArt").asked_today == 0


async def test_who_names_a_folder_for_a_prompt_is_told_that_it_takes_none(
    tmp_path: Path, clock: ManualClock
) -> None:
    folder = scripted(Script(), code="lim", capabilities=Capabilities(prompt=False, costs_money=False))
    async with open_house(tmp_path, [folder], clock=clock) as house:
        with pytest.raises(StartError, match="takes no prompts"):
            await house.server.operations.start(
                OperationKind.FORCED, provider="LIM", text=PromptText("кошка")
            )


async def test_a_rest_begun_by_a_clock_that_was_a_year_ahead_ends_when_it_is_set_back(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(RateLimitedError("too many requests", retry_after=120))
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        clock.set(clock.now() + timedelta(days=365))
        await house.see()
        clock.set(clock.now() - timedelta(days=365))
        await house.see()
        assert len(script.asked) == 2


async def test_a_provider_switched_off_by_a_clock_that_was_a_year_ahead_is_probed_within_a_day(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(AccessRefusedError("no money"))
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        clock.set(clock.now() + timedelta(days=365))
        await house.see()
        clock.set(clock.now() - timedelta(days=365))
        await house.see()
        assert len(script.asked) == 1
        await clock.advance(24 * 3600 + 1)
        await house.see()
        assert len(script.asked) == 2


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (RateLimitedError("slow down", retry_after=3600), "not_before"),
        (AccessRefusedError("no money"), "off"),
    ],
)
async def test_a_picture_that_was_asked_for_before_a_refusal_does_not_open_the_provider_again(
    tmp_path: Path, clock: ManualClock, error: ProviderError, state: str
) -> None:
    ticket: Json = {"operation": "a1"}
    script = Script()
    script.tickets.append(ticket)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(10)
        script.answers.append(error)
        await house.ended(await house.ask(OperationKind.DIRECT, frame=OTHER_FRAME))
        script.results[str(ticket)] = PICTURE
        await clock.advance(30)
        await house.rest()
        assert (await house.server.generations.newest(5))[1].fate is Fate.DONE
        assert getattr(house.server.availability.facts("ydArt"), state), "it said so after it was asked"
        assert house.server.availability.last_error("ydArt") == str(error)
        house.server.availability.retry("ydArt")
        await house.ended(await house.ask(OperationKind.DIRECT))
        assert not getattr(house.server.availability.facts("ydArt"), state)


@pytest.mark.parametrize(
    ("adapters", "options", "codes"),
    [
        (["ydArt", "builtin"], "", ["ydArt"]),
        (["ydArt", "builtin"], "providers: {builtin: {}}", ["ydArt", "builtin"]),
        (["builtin"], "", ["builtin"]),
    ],
)
async def test_the_built_in_provider_is_in_use_where_it_is_listed_or_no_other_is(
    tmp_path: Path, clock: ManualClock, adapters: list[str], options: str, codes: list[str]
) -> None:
    classes = [scripted(Script(), code=code) for code in adapters]
    async with open_house(tmp_path, classes, clock=clock, options=options) as house:
        assert [provider.code for provider in house.server.availability.in_use()] == codes


async def test_a_provider_that_is_not_set_up_says_so_before_anything_else(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script(missing="no key")
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert house.server.availability.readiness("ydArt").text == "no key"


async def test_a_provider_keeps_its_own_threshold(tmp_path: Path, clock: ManualClock) -> None:
    options = "image_generate_threshold: 0\nproviders: {ydArt: {image_generate_threshold: 30}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.see()
        assert house.server.availability.readiness("ydArt").text == "Asked less than 30 minutes ago"
        await clock.advance(1800)
        assert house.server.availability.readiness("ydArt").ready


async def test_only_changed_settings_open_what_was_switched_off(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.append(AccessRefusedError("no money"))
    options = "providers: {{ydArt: {{note: {}}}}}"
    text = options.format("a")
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=text) as house:
        await house.ended(await house.ask(OperationKind.DIRECT))
        await house.server.reload()
        assert house.server.availability.facts("ydArt").off == "no money"
        house.places.options.write_text(options.format("b"))
        await house.server.reload()
        assert house.server.availability.facts("ydArt").off is None
