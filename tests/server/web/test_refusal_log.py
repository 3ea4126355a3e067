from __future__ import annotations

import logging

import pytest

from imageserver.web.refusal_log import IN_ALL, OF_ONE, RefusalLog


class Told:
    """A log, the time by which it counts, and what a user reads in it."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        self.now = 100.0
        self.log = RefusalLog(now=lambda: self.now)
        self._caplog = caplog

    def lines(self) -> list[str]:
        return [record.getMessage() for record in self._caplog.records if record.levelno >= logging.INFO]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    return Told(caplog)


def test_a_few_refusals_are_told_and_then_that_there_are_more(told: Told) -> None:
    for number in range(OF_ONE + 100):
        told.log.tell("10.0.0.1", f"refusal {number}")
    more = "What else 10.0.0.1 is refused within this minute is told at log_level DEBUG only"
    assert told.lines() == [*(f"refusal {number}" for number in range(OF_ONE)), more]


def test_what_is_not_told_can_be_had(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(OF_ONE + 100):
        told.log.tell("10.0.0.1", f"refusal {number}")
    assert f"refusal {OF_ONE + 99}" in caplog.text


def test_one_address_does_not_hide_another(told: Told) -> None:
    for _ in range(100):
        told.log.tell("10.0.0.1", "noise")
    told.log.tell("10.0.0.2", "a frame's own trouble")
    assert told.lines()[-1] == "a frame's own trouble"


def test_many_addresses_do_not_fill_the_log(told: Told) -> None:
    for number in range(1000):
        told.log.tell(f"10.0.{number // 250}.{number % 250}", "noise")
    assert len(told.lines()) == IN_ALL + 1
    assert "told at log_level DEBUG only" in told.lines()[-1]


def test_the_next_minute_begins_anew(told: Told) -> None:
    for _ in range(100):
        told.log.tell("10.0.0.1", "noise")
    told.now += 59
    told.log.tell("10.0.0.1", "still the same minute")
    told.now += 1
    told.log.tell("10.0.0.1", "news")
    assert "still the same minute" not in told.lines()
    assert told.lines()[-1] == "news"
