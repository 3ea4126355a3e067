"""The log of a whole server, read by a stranger on a bad day: it says everything once."""

from __future__ import annotations

import logging
import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import (
    AccessRefusedError,
    FateUnknownError,
    NotSentError,
    ProviderError,
    RateLimitedError,
)
from imageserver.models import Fate, OperationKind
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures
from tests.option_files import KEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imageserver.models import Json
    from tests.houses import House
    from tests.manual_clock import ManualClock

TICKET: Json = {"operation": "fbv1"}
MINUTES_OF_A_DAY = range(0, 24 * 60, 10)


def told(caplog: pytest.LogCaptureFixture) -> Counter[str]:
    """Count the warnings, numbers left out."""
    return Counter(
        re.sub(r"\d+", "N", record.getMessage())
        for record in caplog.records
        if record.levelno >= logging.WARNING
    )


async def a_day(house: House, script: Script, errors: Sequence[ProviderError]) -> None:
    """Let a frame ask every ten minutes while the provider fails."""
    for minute in MINUTES_OF_A_DAY:
        script.answers.clear()
        script.answers.extend([errors[minute // 10 % len(errors)]] * 3)
        operation = await house.ask()
        await house.clock.advance(600)
        await house.shown(await house.ended(operation))


@pytest.mark.parametrize(
    ("errors", "most"),
    [
        ([NotSentError("YandexART can't be reached: no such host")], 1),
        ([AccessRefusedError("YandexART refuses the key")], 2),
        ([RateLimitedError("YandexART asks for fewer requests")], 30),
        # Each of these may have cost money, so each is told.
        ([FateUnknownError("YandexART did not answer")], 144),
    ],
)
async def test_a_provider_that_fails_all_day_is_told_as_often_as_there_is_news(
    *,
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    errors: list[ProviderError],
    most: int,
) -> None:
    put_pictures(tmp_path, 2)
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await a_day(house, script, errors)
        counts = told(caplog)
        assert 1 <= counts.total() <= most, counts
        caplog.set_level(logging.INFO)
        script.answers.clear()
        await clock.advance(3600)
        await house.ask(OperationKind.DIRECT)
        await house.rest()
        assert "made picture" in caplog.text, "that it is over is told too"


async def test_a_ticket_that_is_in_trouble_for_a_day_is_told_once(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script()
    script.tickets.append(TICKET)
    script.results[str(TICKET)] = KeyError("a bug in an adapter")
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(24 * 3600)
        assert len(script.fetched) > 1000
        assert told(caplog).total() == 1
        assert caplog.text.count("Traceback") == 1, "for who wrote the adapter"


async def test_a_budget_that_runs_out_is_said_when_it_is_near_and_when_it_is_spent(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    options = "providers: {ydArt: {daily_limit: 20}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        for _ in range(20):
            await house.ended(await house.ask(OperationKind.DIRECT))
        assert list(told(caplog).values()) == [1, 1]


async def test_options_that_can_not_be_read_again_leave_what_held_before(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    options = f"image_generate_threshold: 42\nproviders: {{ydArt: {{note: {KEY}}}}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        house.places.options.write_text("a: [")
        await house.server.reload()
        assert house.server.settings.image_generate_threshold == 42
        assert "What held before stays in force" in caplog.text
        assert "default" not in caplog.text


@pytest.mark.parametrize("leap", [timedelta(days=365), timedelta(days=-365)])
async def test_a_clock_that_leaps_a_year_loses_no_paid_picture_and_stops_no_provider(
    tmp_path: Path, clock: ManualClock, leap: timedelta
) -> None:
    script = Script()
    script.tickets.append(TICKET)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
        clock.set(clock.now() + leap)
        await clock.advance(60)
        script.results[str(TICKET)] = pictures.jpeg(320, 480)
        await clock.advance(60)
        await house.rest()
        (generation,) = await house.server.generations.newest(5)
        assert generation.fate is Fate.DONE
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        for _ in range(2):
            await house.see()
            await clock.advance(11 * 60)
        assert len(script.asked) >= 2, "automatic requests go on"
