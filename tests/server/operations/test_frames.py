from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from imageserver.events import EventKind
from imageserver.exceptions import NotFoundError
from imageserver.models import Content, ContentKind, Protocol
from imageserver.operations.frames import MAXIMUM, Frames
from imageserver.state.state import State
from imageserver.store import pictures

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from imageserver.events import Event, Events
    from tests.manual_clock import ManualClock

PICTURE = Content(kind=ContentKind.PICTURE, picture_id=7)
PASSING = Content(kind=ContentKind.PASSING, passing="a.jpeg")


@pytest.fixture
def frames(state: State, clock: ManualClock, events: Events) -> Frames:
    return Frames(state=state, clock=clock, events=events)


async def test_a_frame_is_known_from_its_first_request_on(frames: Frames, clock: ManualClock) -> None:
    frames.asked("192.168.1.5", Protocol.HTTPS)
    await clock.advance(300)
    frames.asked("192.168.1.5", Protocol.HTTP)
    frame = frames.get("192.168.1.5")
    assert frame.protocol is Protocol.HTTP
    assert frame.last_asked_at == clock.now()
    assert frame.interval_seconds == 300
    assert frames.expected_at(frame) == clock.now() + timedelta(seconds=300)


async def test_one_late_request_does_not_overturn_a_frames_habit(frames: Frames, clock: ManualClock) -> None:
    for pause in (300, 300, 300, 600):
        frames.asked("192.168.1.5", Protocol.HTTPS)
        await clock.advance(pause)
    frames.asked("192.168.1.5", Protocol.HTTPS)
    assert frames.get("192.168.1.5").interval_seconds == pytest.approx(390)


async def test_a_frame_that_was_off_for_days_keeps_its_habit(frames: Frames, clock: ManualClock) -> None:
    for pause in (300, 300, 3 * 86400):
        frames.asked("192.168.1.5", Protocol.HTTPS)
        await clock.advance(pause)
    frames.asked("192.168.1.5", Protocol.HTTPS)
    assert frames.get("192.168.1.5").interval_seconds == 300


@pytest.mark.parametrize(
    ("pauses", "interval"),
    [([], None), ([0], None), ([86400], 86400), ([86401], None), ([300, 0], 300), ([300, 86400], 26130)],
)
async def test_a_pause_of_up_to_a_day_says_something_of_a_frames_habit(
    frames: Frames, clock: ManualClock, pauses: list[int], interval: float | None
) -> None:
    frames.asked("192.168.1.5", Protocol.HTTPS)
    for pause in pauses:
        await clock.advance(pause)
        frames.asked("192.168.1.5", Protocol.HTTPS)
    frame = frames.get("192.168.1.5")
    assert frame.interval_seconds == pytest.approx(interval)
    if interval is None:
        assert frames.expected_at(frame) is None


async def test_a_clock_that_is_set_back_changes_no_habit(frames: Frames, clock: ManualClock) -> None:
    for now in (0, 300, -3600):
        clock.set(clock.now() + timedelta(seconds=now))
        frames.asked("192.168.1.5", Protocol.HTTPS)
    assert frames.get("192.168.1.5").interval_seconds == 300


async def test_who_watches_is_told_of_each_change_of_a_frame(
    frames: Frames, events: Events, clock: ManualClock
) -> None:
    told: list[Event] = []
    events.watch(told.append)
    frames.asked("192.168.1.5", Protocol.HTTP)
    await clock.advance(60)
    frames.sent("192.168.1.5", PICTURE)
    shown = frames.get("192.168.1.5")
    assert (shown.first_seen_at, shown.content_at) == (clock.now() - timedelta(minutes=1), clock.now())
    named = frames.rename("192.168.1.5", "Kitchen")
    assert frames.rename("192.168.1.5", None) == replace(named, name=None)
    frames.forget("192.168.1.5")
    assert {event.kind for event in told} == {EventKind.FRAME}
    assert [event.subject for event in told[1:]] == [
        shown,
        named,
        replace(named, name=None),
        "192.168.1.5",
    ]


async def test_frames_are_in_the_order_of_their_addresses(frames: Frames) -> None:
    for address in ("192.168.1.7", "192.168.1.5", "192.168.1.6"):
        frames.asked(address, Protocol.HTTP)
    assert [frame.address[-1] for frame in frames.all()] == ["5", "6", "7"]


async def test_what_a_frame_shows_is_known_also_after_a_restart(
    tmp_path: Path, clock: ManualClock, events: Events
) -> None:
    state = await State.open(tmp_path)
    frames = Frames(state=state, clock=clock, events=events)
    frames.asked("192.168.1.5", Protocol.HTTPS)
    await clock.advance(300)
    frames.asked("192.168.1.5", Protocol.HTTPS)
    frames.rename("192.168.1.5", "Kitchen")
    frames.sent("192.168.1.5", PICTURE)
    frames.asked("192.168.1.6", Protocol.HTTP)
    frames.forget("192.168.1.6")
    before = frames.get("192.168.1.5")
    await state.close()

    state = await State.open(tmp_path)
    frames = Frames(state=state, clock=clock, events=events)
    await frames.open()
    assert frames.all() == [before]
    assert before.content == PICTURE
    assert (before.name, before.pictures_sent, before.interval_seconds) == ("Kitchen", 1, 300)
    await state.close()


async def test_a_forgotten_frame_is_gone_until_it_asks_again(frames: Frames) -> None:
    frames.asked("192.168.1.5", Protocol.HTTPS)
    frames.forget("192.168.1.5")
    with pytest.raises(NotFoundError, match=r"192\.168\.1\.5"):
        frames.get("192.168.1.5")
    frames.sent("192.168.1.5", PICTURE)
    assert frames.all() == []
    frames.asked("192.168.1.5", Protocol.HTTPS)
    assert len(frames.all()) == 1


async def test_what_a_forgotten_frame_was_shown_is_forgotten_with_it(frames: Frames, state: State) -> None:
    for address in ("192.168.1.5", "192.168.1.6"):
        frames.asked(address, Protocol.HTTPS)

    def show(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO pictures (id, stem, words, added_at, round, lot) VALUES (7, '', '', 0, 0, 0)"
        )
        for address in ("192.168.1.5", "192.168.1.6"):
            pictures.count_showing(connection, 7, frame=address, at=datetime(2026, 11, 24, tzinfo=UTC))

    await state.run(show)
    frames.forget("192.168.1.5")
    shown_by = await state.read(lambda connection: pictures.showings(connection, 7))
    assert [showing.frame for showing in shown_by] == ["192.168.1.6"]


async def test_strangers_with_many_addresses_do_not_fill_the_memory(
    frames: Frames, clock: ManualClock
) -> None:
    for number in range(MAXIMUM + 10):
        frames.asked(f"10.0.{number // 256}.{number % 256}", Protocol.HTTP)
        await clock.advance(1)
    assert len(frames.all()) == MAXIMUM
    with pytest.raises(NotFoundError):
        frames.get("10.0.0.0")


async def test_a_passing_picture_is_kept_while_a_frame_shows_it(frames: Frames) -> None:
    frames.asked("192.168.1.5", Protocol.HTTP)
    frames.sent("192.168.1.5", PASSING)
    assert frames.passing() == {"a.jpeg"}
    frames.sent("192.168.1.5", PICTURE)
    assert frames.passing() == set()


async def test_strangers_drive_out_no_frame_that_has_a_name_or_shows_pictures(
    frames: Frames, clock: ManualClock
) -> None:
    frames.asked("192.168.1.5", Protocol.HTTPS)
    frames.rename("192.168.1.5", "Kitchen")
    frames.asked("192.168.1.6", Protocol.HTTPS)
    frames.sent("192.168.1.6", PICTURE)
    frames.sent("192.168.1.6", PICTURE)
    for number in range(3 * MAXIMUM):
        await clock.advance(1)
        address = f"10.0.{number // 256}.{number % 256}"
        frames.asked(address, Protocol.HTTP)
        frames.sent(address, PICTURE)
    assert len(frames.all()) == MAXIMUM
    assert frames.get("192.168.1.5").name == "Kitchen"
    assert frames.get("192.168.1.6").pictures_sent == 2


async def test_strangers_with_many_addresses_do_not_fill_the_log(
    frames: Frames, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(3):
        for number in range(2 * MAXIMUM):
            frames.asked(f"10.0.{number // 256}.{number % 256}", Protocol.HTTP)
    assert len(caplog.records) == MAXIMUM
