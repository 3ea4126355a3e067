"""What a person is told about providers and requests, word by word: problems, refusals, lines of the log."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from imageserver.events import EventKind
from imageserver.exceptions import (
    AccessRefusedError,
    BadAnswerError,
    ContentRefusedError,
    FateUnknownError,
    NotFoundError,
    NotSentError,
    RateLimitedError,
    StartError,
)
from imageserver.models import Fate, OperationKind, PromptText
from imageserver.policy import Reason
from imageserver.providers.base import Capabilities
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.houses import House
    from tests.manual_clock import ManualClock

FREE = Capabilities(prompt=False, costs_money=False, stored=False)
PICTURE = pictures.jpeg(320, 480, seed=99)


def told(house: House) -> list[tuple[str, str | None, str, str | None]]:
    return [(one.code, one.subject, one.text, one.remedy) for one in house.server.problems.all()]


def provider_events(house: House) -> list[object]:
    return [event.subject for event in house.events if event.kind is EventKind.PROVIDER]


async def test_a_provider_that_is_switched_off_is_a_problem_until_it_is_retried(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    script.answers.append(AccessRefusedError("no money"))
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
        assert told(house) == [
            (
                "access_refused",
                "ydArt",
                "Scripted ydArt is switched off: no money",
                "Mend its credentials, rights, balance or settings, then retry it.",
            )
        ]
        facts = house.server.availability.facts("ydArt")
        assert (facts.off, facts.off_since) == ("no money", clock.now())
        house.events.clear()
        house.server.availability.retry("YDART")
        assert told(house) == []
        assert house.server.availability.readiness("ydArt").reason is not Reason.SWITCHED_OFF
        assert provider_events(house) == ["ydArt"]
        assert house.server.availability.last_error("ydArt") == "no money"


async def test_what_goes_well_ends_what_went_wrong(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.extend([AccessRefusedError("no money"), PICTURE])
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
        await house.shown(await house.ask(OperationKind.DIRECT))
        assert told(house) == []
        assert house.server.availability.last_error("ydArt") is None
        assert house.server.availability.facts("ydArt").off is None


async def test_a_budget_is_told_when_it_is_nearly_spent_and_when_it_is(
    tmp_path: Path, clock: ManualClock
) -> None:
    options = "providers: {ydArt: {daily_limit: 5}}"
    remedy = "Raise its daily_limit, or wait for tomorrow."
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        for _ in range(4):
            await house.shown(await house.ask(OperationKind.DIRECT))
        near = "Scripted ydArt: over 80% of the 5 requests of today are used."
        assert told(house) == [("budget_near", "ydArt", near, remedy)]
        await house.shown(await house.ask(OperationKind.DIRECT))
        spent = "Scripted ydArt: the 5 requests of today are used up."
        assert told(house) == [("budget_spent", "ydArt", spent, remedy)]
        clock.set(clock.now() + timedelta(days=1))
        house.server.availability.check_budgets()
        assert told(house) == []


async def test_a_budget_that_is_raised_is_near_its_end_or_far_from_it(
    tmp_path: Path, clock: ManualClock
) -> None:
    options = "providers: {{ydArt: {{daily_limit: {}}}}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options.format(4)) as house:
        for _ in range(4):
            await house.shown(await house.ask(OperationKind.DIRECT))
        codes = []
        for limit in (5, 4, 5, 6, 0, 4):
            house.places.options.write_text(options.format(limit))
            await house.server.reload()
            codes.append([problem.code for problem in house.server.problems.all()])
        near, spent = ["budget_near"], ["budget_spent"]
        assert codes == [near, spent, near, [], [], spent]


async def test_a_budget_of_one_is_spent_by_one(tmp_path: Path, clock: ManualClock) -> None:
    options = "providers: {ydArt: {daily_limit: 1}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        await house.shown(await house.ask(OperationKind.DIRECT))
        assert [code for code, *_ in told(house)] == ["budget_spent"]


async def test_a_direct_request_that_cannot_be_met_says_just_why(tmp_path: Path, clock: ManualClock) -> None:
    async def refusal(code: str | None, text: PromptText | None) -> str:
        with pytest.raises(StartError) as caught:
            house.server.availability.choose_direct(text, code=code)
        return str(caught.value)

    adapters = [scripted(Script()), scripted(Script(), code="lim", capabilities=FREE)]
    async with open_house(tmp_path, adapters, clock=clock) as house:
        long = PromptText("я" * 501)
        assert await refusal(None, long) == "The prompt is too long: at most 500 characters"
        assert await refusal("ydart", long) == "The prompt is too long: at most 500 characters"
        assert await refusal("lim", PromptText("a")) == "Scripted lim takes no prompts"
        for prompt in house.server.prompts.all():
            await house.server.prompts.remove(prompt.id)
        assert await refusal(None, None) == "Scripted ydArt: No prompt is left that it takes"
        assert house.server.availability.choose_direct(PromptText("a")).code == "ydArt"
        assert house.server.availability.choose_direct(None, code="LIM").code == "lim"
        with pytest.raises(NotFoundError, match=r"^There is no provider 'x'; known are ydArt, lim"):
            house.server.availability.choose_direct(None, code="x")


async def test_without_any_provider_a_direct_request_says_so(tmp_path: Path, clock: ManualClock) -> None:
    lim = scripted(Script(missing="no folder"), code="lim", capabilities=FREE)
    async with open_house(tmp_path, [lim], clock=clock) as house:
        with pytest.raises(StartError, match=r"^No provider is set up$"):
            house.server.availability.choose_direct(None)
        with pytest.raises(StartError, match=r"^No provider is set up$"):
            house.server.availability.choose_direct(PromptText("a"))


async def test_where_only_a_folder_is_set_up_it_meets_requests_without_words_and_the_built_in_one_others(
    tmp_path: Path, clock: ManualClock
) -> None:
    lim = scripted(Script(), code="lim", capabilities=FREE)
    async with open_house(tmp_path, [lim, scripted(Script(), code="builtin")], clock=clock) as house:
        assert house.server.availability.choose_direct(None).code == "lim"
        assert house.server.availability.choose_direct(PromptText("a")).code == "builtin"


@pytest.mark.parametrize(
    ("error", "level", "fate"),
    [
        (ContentRefusedError("not this"), logging.WARNING, Fate.REFUSED),
        (AccessRefusedError("no money"), logging.WARNING, Fate.FAILED),
        (RateLimitedError("slower", retry_after=60), logging.WARNING, Fate.FAILED),
        (FateUnknownError("broke"), logging.WARNING, Fate.UNKNOWN),
        (BadAnswerError("a page"), logging.WARNING, Fate.FAILED),
    ],
)
async def test_a_request_that_fails_is_told_once_in_the_providers_words(
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    level: int,
    fate: Fate,
) -> None:
    script = Script()
    script.answers.append(error)
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see()
        lines = [record for record in caplog.records if "gave no picture" in record.getMessage()]
        assert [record.getMessage() for record in lines] == [f"Scripted ydArt gave no picture: {error}"]
        assert [record.levelno for record in lines] == [level]
        (generation,) = await house.server.generations.newest(1)
        assert (generation.fate, generation.error) == (fate, str(error))
        assert generation.finished_at == clock.now()
        failed = [event.subject for event in house.events if event.kind is EventKind.GENERATION_FAILED]
        assert failed == [generation]


async def test_what_is_out_of_reach_for_long_is_a_warning_once(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    script = Script()
    script.answers.extend([NotSentError("no such host")] * 6)
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        for _ in range(2):
            await house.ask()
            await clock.advance(10)
            await house.rest()
            await clock.advance(700)
        said = [record.levelno for record in caplog.records if "gave no picture" in record.getMessage()]
        assert said == [logging.WARNING, logging.DEBUG]


async def test_a_picture_that_is_made_is_a_line_that_says_how_long_it_took(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    script = Script()
    script.held.clear()
    lim = scripted(Script(), code="lim", capabilities=FREE)
    async with open_house(tmp_path, [scripted(script), lim], clock=clock) as house:
        operation = await house.ask(OperationKind.DIRECT)
        await house.until(lambda: script.asked)
        clock.set(clock.now() + timedelta(seconds=12))
        script.held.set()
        await house.shown(operation)
        (generation,) = await house.server.generations.newest(1)
        name = f"20261124-090000-{generation.id}"
        assert f"Scripted ydArt made picture {name} in 12 s" in caplog.messages
        await house.shown(await house.server.operations.start(OperationKind.FORCED, provider="lim"))
        assert "Scripted lim gave a picture" in caplog.messages
