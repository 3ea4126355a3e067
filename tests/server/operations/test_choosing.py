from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import AccessRefusedError, NotSentError, RateLimitedError, StartError
from imageserver.models import Card, Content, ContentKind, Fate, OperationKind, OperationStatus, PromptText
from imageserver.options.overrides import PAUSED
from imageserver.providers.base import Capabilities
from tests.adapters import Script, scripted
from tests.houses import FRAME, OTHER_FRAME, open_house, put_pictures
from tests.manual_clock import ManualClock, settle

if TYPE_CHECKING:
    from pathlib import Path

SLEEP = """
sleep_time:
  - time_range: {start_time: "23:00", end_time: "07:00"}
    black_image_mode: true
"""
NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
FREE = Capabilities(prompt=False, costs_money=False, stored=False)


async def test_auto_asks_a_provider_and_shows_its_picture(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        content = await house.see()
        assert content.kind is ContentKind.PICTURE
        assert content.picture_id is not None
        picture = await house.server.store.get(content.picture_id)
        assert (picture.provider, picture.prompt) == ("ydArt", "test")
        assert [request.prompt for request in script.asked] == ["test"]


async def test_within_the_threshold_stored_pictures_are_shown(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    options = "image_generate_threshold: 10"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see()
        await clock.advance(9.9 * 60)
        assert (await house.see()).kind is ContentKind.PICTURE
        assert len(script.asked) == 1
        await clock.advance(0.2 * 60)
        await house.see()
        assert len(script.asked) == 2


async def test_many_frames_at_once_make_one_paid_request(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        starts = await asyncio.gather(*(house.ask(frame=f"192.168.1.{n}") for n in range(8)))
        assert len(script.asked) == 1
        script.held.set()
        await house.rest()
        for start in starts:
            await house.shown(start)
        assert len(script.asked) == 1


async def test_the_threshold_survives_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
    await clock.advance(60)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
        assert len(script.asked) == 1
        await clock.advance(10 * 60)
        await house.see()
        assert len(script.asked) == 2


async def test_a_clock_that_was_set_back_makes_nobody_wait_for_a_year(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        clock.set(clock.now() + timedelta(days=365))
        await house.see()
        clock.set(clock.now() - timedelta(days=365))
        await house.see()
        assert len(script.asked) == 1
        await clock.advance(11 * 60)
        await house.see()
        assert len(script.asked) == 2


async def test_what_a_person_chose_is_shown_first_also_while_asleep(tmp_path: Path) -> None:
    clock = ManualClock(NIGHT)
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=SLEEP) as house:
        await house.server.store.scan()
        chosen = Content(kind=ContentKind.PICTURE, picture_id=3)
        await house.server.queue.choose(chosen, frame=None)
        assert await house.see() == chosen
        assert (await house.see()).kind is ContentKind.BLACK


async def test_what_was_chosen_for_one_frame_waits_for_that_frame(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 5)
    options = "image_generate_threshold: 100000\nproviders: {ydArt: {image_generate_threshold: 100000}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.see(frame=OTHER_FRAME)
        await house.server.store.scan()
        chosen = Content(kind=ContentKind.PICTURE, picture_id=3)
        await house.server.queue.choose(chosen, frame=FRAME)
        waiting = await house.server.queue.has_any()
        assert waiting
        await house.see(frame=OTHER_FRAME)
        assert await house.server.queue.has_any(), "the other frame did not take it"
        assert await house.see(frame=FRAME) == chosen


async def test_asleep_no_provider_is_asked_and_the_screen_is_black(tmp_path: Path) -> None:
    clock = ManualClock(NIGHT)
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=SLEEP) as house:
        assert (await house.see()).kind is ContentKind.BLACK
        assert script.asked == []
        assert (await house.see(OperationKind.OLD)).kind is not ContentKind.BLACK, "old knows no sleep"
        await clock.advance(8 * 3600)
        assert (await house.see()).kind is ContentKind.PICTURE
        assert len(script.asked) == 1


async def test_asleep_without_black_a_stored_picture_is_shown(tmp_path: Path) -> None:
    clock = ManualClock(NIGHT)
    script = Script()
    put_pictures(tmp_path, 2)
    options = SLEEP.replace("black_image_mode: true", "black_image_mode: false")
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        assert (await house.see()).kind is ContentKind.PICTURE
        assert script.asked == []


async def test_a_forced_picture_waits_for_the_next_frame(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        forced = await house.server.operations.start(OperationKind.FORCED, text=PromptText("кот"))
        made = await house.ended(forced)
        assert made.status is OperationStatus.DONE
        assert await house.see() == made.content
        assert (await house.see()) != made.content


async def test_a_picture_that_nobody_fetched_is_not_taken_for_seen(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        forced = await house.server.operations.start(OperationKind.FORCED)
        made = (await house.ended(forced)).content
        assert await house.shown(await house.ask(), deliver=False) == made
        assert await house.see() == made, "the frame has asked anew and not seen it"
        assert await house.see() != made


async def test_paused_no_provider_is_asked_by_itself(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.server.change(PAUSED, value=True, instead_of=False)
        await house.see()
        assert script.asked == []
        assert house.server.choosing.next_turn_at() is None
        await house.shown(await house.ask(OperationKind.DIRECT))
        assert len(script.asked) == 1, "a person may still ask"


async def test_with_nothing_to_show_a_card_says_so(tmp_path: Path, clock: ManualClock) -> None:
    script = Script(missing="no key")
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        content = await house.see()
        assert (content.kind, content.card) == (ContentKind.CARD, Card.NO_PICTURES_PROVIDER_OFF)
        assert (await house.see(OperationKind.OLD)).kind is ContentKind.CARD


async def test_the_first_picture_is_awaited_by_every_frame(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        first, second = await house.ask(), await house.ask(frame=OTHER_FRAME)
        assert second.generation_id == first.generation_id
        script.held.set()
        await house.rest()
        assert await house.shown(first) == await house.shown(second)


async def test_a_ready_provider_is_chosen_each_with_the_same_chance(
    tmp_path: Path, clock: ManualClock
) -> None:
    scripts = [Script(), Script(), Script(not_ready="the folder is empty")]
    adapters = [scripted(script, code=f"p{n}") for n, script in enumerate(scripts)]
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, adapters, clock=clock, options=options) as house:
        for _ in range(60):
            await house.see()
    counts = [len(script.asked) for script in scripts]
    assert counts[2] == 0
    assert sum(counts) == 60
    assert min(counts[:2]) > 15


async def test_the_built_in_provider_steps_back_where_another_is_set_up(
    tmp_path: Path, clock: ManualClock
) -> None:
    art, drawn = Script(missing="no key"), Script()
    adapters = [scripted(art), scripted(drawn, code="builtin")]
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, adapters, clock=clock, options=options) as house:
        await house.see()
        assert (len(art.asked), len(drawn.asked)) == (0, 1)
    art.missing = None
    async with open_house(tmp_path, adapters, clock=clock, options=options) as house:
        for _ in range(5):
            await house.see()
        assert (len(art.asked), len(drawn.asked)) == (5, 1)
    listed = f"{options}\nproviders: {{builtin: {{}}}}"
    async with open_house(tmp_path, adapters, clock=clock, options=listed) as house:
        for _ in range(20):
            await house.see()
        assert len(drawn.asked) > 1


async def test_a_direct_request_ignores_threshold_and_sleep_and_moves_nothing(tmp_path: Path) -> None:
    clock = ManualClock(NIGHT)
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=SLEEP) as house:
        await house.shown(await house.ask(OperationKind.DIRECT))
        await house.shown(await house.ask(OperationKind.DIRECT, text=PromptText("кот", "собака")))
        assert [(request.prompt, request.negative) for request in script.asked] == [
            ("test", None),
            ("кот", "собака"),
        ]
        assert house.server.availability.last_asked_at() is None
        assert [prompt.prompt for prompt in house.server.prompts.all()] == ["test"], "it is temporary"


async def test_a_temporary_prompt_is_filled_from_the_global_lists(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.server.prompts.set_placeholders({"color": ["red"]})
        await house.ask(OperationKind.DIRECT, text=PromptText("a [[color]] cat"))
        await house.rest()
    assert script.asked[0].prompt == "a red cat"


async def test_a_folder_meets_a_direct_request_only_where_nothing_generates(
    tmp_path: Path, clock: ManualClock
) -> None:
    art, folder, drawn = Script(), Script(), Script()
    adapters = [
        scripted(art),
        scripted(folder, code="lim", capabilities=FREE),
        scripted(drawn, code="builtin"),
    ]
    async with open_house(tmp_path, adapters, clock=clock) as house:
        for _ in range(8):
            await house.shown(await house.ask(OperationKind.DIRECT))
        assert (len(art.asked), len(folder.asked)) == (8, 0)
        art.missing = "no key"
        content = await house.shown(await house.ask(OperationKind.DIRECT))
        assert (content.kind, len(folder.asked)) == (ContentKind.PASSING, 1)
        await house.shown(await house.ask(OperationKind.DIRECT, text=PromptText("кот")))
        assert len(drawn.asked) == 1, "with lim alone the built-in one meets a prompt"


@pytest.mark.parametrize(
    ("options", "script", "text", "reason"),
    [
        ("disabled_providers: [ydart]", Script(), None, "Disabled"),
        ("", Script(missing="folder_id is missing"), None, "set up"),
        ("providers: {ydArt: {daily_limit: -1}}", Script(), None, "settings"),
        ("", Script(), PromptText("я" * 501), "at most 500 characters"),
        ("", Script(not_ready="nothing there"), None, "nothing there"),
    ],
)
async def test_a_direct_request_that_cannot_be_met_says_why_at_once(
    tmp_path: Path, clock: ManualClock, options: str, script: Script, text: PromptText | None, reason: str
) -> None:
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        with pytest.raises(StartError, match=reason):
            await house.ask(OperationKind.DIRECT, text=text)
        assert script.asked == []
        assert house.server.operations.all() == []


async def test_the_daily_limit_binds_direct_and_automatic_requests_until_midnight(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    options = "image_generate_threshold: 0\nproviders: {ydArt: {daily_limit: 3}}"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.shown(await house.ask(OperationKind.DIRECT))
        await house.see()
        await house.see()
        (problem,) = house.server.problems.all()
        assert (problem.code, problem.subject) == ("budget_spent", "ydArt")
        with pytest.raises(StartError, match="3"):
            await house.ask(OperationKind.DIRECT)
        assert (await house.see()).kind is ContentKind.PICTURE
        assert len(script.asked) == 3
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        with pytest.raises(StartError):
            await house.ask(OperationKind.DIRECT)
        await clock.advance(15 * 3600)
        house.server.availability.check_budgets()
        assert house.server.problems.all() == []
        await house.see()
        assert len(script.asked) == 4


async def test_nearing_the_daily_limit_is_said(tmp_path: Path, clock: ManualClock) -> None:
    options = "providers: {ydArt: {daily_limit: 5}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        for _ in range(3):
            await house.shown(await house.ask(OperationKind.DIRECT))
        assert house.server.problems.all() == []
        await house.shown(await house.ask(OperationKind.DIRECT))
        (problem,) = house.server.problems.all()
        assert problem.code == "budget_near"
        assert "80% of the 5 requests" in problem.text


async def test_what_could_not_be_sent_gives_the_turn_back_and_tries_again_soon(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.extend([NotSentError("no such host")] * 3)
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 60\nproviders: {ydArt: {daily_limit: 10}}"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        start = await house.ask()
        await clock.advance(5)
        await house.rest()
        assert len(script.asked) == 3, "repeated at most twice"
        assert (await house.shown(start)).kind is ContentKind.PICTURE
        assert house.server.availability.facts("ydArt").asked_today == 0
        await house.see()
        assert len(script.asked) == 3
        await clock.advance(60)
        await house.see()
        assert len(script.asked) == 4, "after a minute, not after the threshold"


async def test_a_refused_access_switches_a_provider_off_until_a_person_retries(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(AccessRefusedError("the key is wrong"))
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        assert (await house.see()).kind is ContentKind.PICTURE
        await clock.advance(3600)
        await house.see()
        assert len(script.asked) == 1
        (problem,) = house.server.problems.all()
        assert problem.code == "access_refused"
        assert "the key is wrong" in problem.text
        house.server.availability.retry("YDART")
        await house.see()
        assert len(script.asked) == 2
        assert house.server.problems.all() == []


async def test_a_switched_off_provider_is_probed_once_a_day(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.extend([AccessRefusedError("no money")] * 2)
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see()
        await clock.advance(24 * 3600)
        await house.see()
        await house.see()
        assert len(script.asked) == 2
        await clock.advance(24 * 3600)
        await house.see()
        await house.see()
        assert len(script.asked) == 4, "the probe went well"


async def test_changed_settings_open_what_was_switched_off(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.append(AccessRefusedError("no money"))
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see()
        house.places.options.write_text(f"{options}\nproviders: {{ydArt: {{note: new}}}}")
        await house.server.reload()
        await house.see()
        assert len(script.asked) == 2


async def test_a_provider_that_is_asked_too_often_is_left_alone_as_long_as_it_says(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(RateLimitedError("too many requests", retry_after=120))
    put_pictures(tmp_path, 3)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see()
        await clock.advance(119)
        await house.see()
        assert len(script.asked) == 1
        await clock.advance(2)
        await house.see()
        assert len(script.asked) == 2


async def test_an_unwritable_state_asks_no_provider_and_still_shows_pictures(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    put_pictures(tmp_path, 3)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.server.store.scan()
        await house.server.state.run(lambda connection: connection.execute("PRAGMA query_only = 1"))
        assert (await house.see()).kind is ContentKind.PICTURE
        assert script.asked == []
        await settle()
        assert "state_unwritable" in [problem.code for problem in house.server.problems.all()]
        await house.server.state.read(lambda connection: connection.execute("PRAGMA query_only = 0"))
        assert (await house.see()).kind is ContentKind.PICTURE
        assert len(script.asked) == 1
        assert house.server.problems.all() == []


async def test_an_unknown_fate_is_not_repeated(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.append(RuntimeError("the adapter broke"))
    put_pictures(tmp_path, 3)
    options = "providers: {ydArt: {daily_limit: 10}}"
    async with open_house(tmp_path, [scripted(script)], clock=clock, options=options) as house:
        await house.see()
        assert len(script.asked) == 1
        (generation,) = await house.server.generations.newest(10)
        assert generation.fate is Fate.UNKNOWN
        assert house.server.availability.facts("ydArt").asked_today == 1, "it may have been paid for"
        await house.see()
        assert len(script.asked) == 1, "the turn is used"


async def test_the_next_turn_is_not_while_everybody_sleeps(tmp_path: Path) -> None:
    clock = ManualClock(NIGHT)
    put_pictures(tmp_path, 1)
    options = f"image_generate_threshold: 60\n{SLEEP}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        assert house.server.choosing.next_turn_at() == datetime(2026, 11, 25, 7, 0, 1, tzinfo=UTC)
        clock.set(datetime(2026, 11, 25, 22, 30, tzinfo=UTC))
        assert house.server.choosing.next_turn_at() == clock.now()
        await house.see()
        assert house.server.choosing.next_turn_at() == datetime(2026, 11, 26, 7, 0, 1, tzinfo=UTC)


async def test_a_provider_that_is_switched_off_by_hand_is_still_the_one_that_is_set_up(
    tmp_path: Path, clock: ManualClock
) -> None:
    art, drawn = Script(), Script()
    adapters = [scripted(art), scripted(drawn, code="builtin")]
    options = "image_generate_threshold: 0\ndisabled_providers: [YDART]"
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, adapters, clock=clock, options=options) as house:
        await house.see()
        with pytest.raises(StartError, match="Disabled"):
            await house.ask(OperationKind.DIRECT)
        assert (len(art.asked), len(drawn.asked)) == (0, 0)


async def test_made_pictures_are_shown_oldest_first_after_sleep_and_also_while_paused(tmp_path: Path) -> None:
    clock = ManualClock(NIGHT)
    put_pictures(tmp_path, 5)
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=SLEEP) as house:
        made = []
        for _ in range(3):
            forced = await house.server.operations.start(OperationKind.FORCED)
            made.append((await house.ended(forced)).content)
        assert (await house.see()).kind is ContentKind.BLACK
        await clock.advance(8 * 3600)
        await house.server.change(PAUSED, value=True, instead_of=False)
        await house.server.jobs.close()
        assert [await house.see() for _ in range(3)] == made


async def test_what_shall_not_be_shown_by_itself_is_awaited_by_no_frame(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.held.clear()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        hidden = await house.server.operations.start(OperationKind.FORCED, show=False)
        operation = await house.ask()
        assert operation.generation_id != hidden.generation_id
        script.held.set()
        shown = await house.shown(operation)
        assert shown != (await house.ended(hidden)).content
