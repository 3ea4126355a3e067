"""What moves by itself is no news."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from custom_components.aiframes.api import Status
from custom_components.aiframes.api.reading import read
from custom_components.aiframes.steady import steady

if TYPE_CHECKING:
    from tests.integration.conftest import RealServer

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = timedelta(seconds=15)


@pytest.fixture
def status(server: RealServer) -> Status:
    """What a real server says, at noon."""
    said = read(Status, server.ask("/api/v1/status"))
    return replace(said, at=NOON, until=None, next_generation_at=None)


def test_the_first_snapshot_is_taken_as_it_is(status: Status) -> None:
    assert steady(None, status) is status


def test_time_that_passes_is_no_news(status: Status) -> None:
    assert steady(status, replace(status, at=NOON + LATER)) is status


def test_a_change_is_news_with_its_own_time(status: Status) -> None:
    changed = replace(status, at=NOON + LATER, store=replace(status.store, pictures=17))
    assert steady(status, changed) == changed


@pytest.mark.parametrize("field", ["next_generation_at", "until"])
def test_at_once_stays_the_moment_when_it_was_said_first(status: Status, field: str) -> None:
    before = replace(status, **{field: NOON})  # type: ignore[arg-type]
    now = replace(status, at=NOON + LATER, **{field: NOON + LATER})  # type: ignore[arg-type]
    assert steady(before, now) is before
    other = replace(now, store=replace(status.store, pictures=17))
    found = steady(before, other)
    assert getattr(found, field) == NOON
    assert found.store.pictures == 17


@pytest.mark.parametrize("field", ["next_generation_at", "until"])
@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, NOON),
        (NOON, None),
        (NOON, NOON + timedelta(minutes=10)),
        (NOON + timedelta(minutes=10), NOON + timedelta(minutes=5)),
        (NOON + timedelta(minutes=10), NOON + LATER),
    ],
)
def test_another_moment_to_come_is_news(
    status: Status, field: str, before: datetime | None, now: datetime | None
) -> None:
    old = replace(status, **{field: before})  # type: ignore[arg-type]
    new = replace(status, at=NOON + LATER, **{field: now})  # type: ignore[arg-type]
    assert steady(old, new) == new
