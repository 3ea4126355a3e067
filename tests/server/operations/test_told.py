"""What a person and the log are told about frames and their pictures, word by word."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import NotFoundError, StartError, StateError, StoreError
from imageserver.models import Card, Content, ContentKind, Fate, OperationKind, OperationStatus, Protocol
from imageserver.operations.frames import Frames
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from imageserver.events import Events
    from imageserver.models import Generation
    from imageserver.state.state import State
    from tests.manual_clock import ManualClock


def refusing(error: Exception) -> Callable[..., Any]:
    async def refuse(*_: object, **__: object) -> None:
        raise error

    return refuse


def lines(caplog: pytest.LogCaptureFixture, logger: str) -> list[tuple[int, str]]:
    return [
        (record.levelno, record.getMessage())
        for record in caplog.records
        if record.name == f"imageserver.operations.{logger}"
    ]


async def test_a_frame_that_is_new_is_a_line_of_the_log_once(
    state: State, clock: ManualClock, events: Events, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    frames = Frames(state=state, clock=clock, events=events)
    frames.asked("192.168.1.5", Protocol.HTTPS)
    frames.asked("192.168.1.5", Protocol.HTTP)
    said = "A frame at 192.168.1.5 has asked for its first picture (HTTPS)"
    assert lines(caplog, "frames") == [(logging.INFO, said)]
    with pytest.raises(NotFoundError, match=r"^No frame at 192\.168\.1\.6 has asked for a picture$"):
        frames.get("192.168.1.6")


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("has_any", ["The queue can't be read: gone"]),
        ("claim", ["Nothing claimed: gone", "Nothing claimed: gone"]),
    ],
)
async def test_where_the_queue_can_not_be_read_a_frame_gets_a_picture_of_the_rotation(
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    said: list[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        await house.server.store.scan()
        await house.server.queue.choose(Content(kind=ContentKind.PICTURE, picture_id=1), frame=None)
        monkeypatch.setattr(house.server.queue, "claim", refusing(StateError("gone")))
        monkeypatch.setattr(house.server.queue, method, refusing(StateError("gone")))
        assert (await house.see()).kind is ContentKind.PICTURE
    assert lines(caplog, "choosing") == [(logging.DEBUG, line) for line in said]


@pytest.mark.parametrize("error", [StoreError("gone"), StateError("gone")])
async def test_where_the_store_can_not_be_read_every_frame_waits_for_the_picture_that_is_made(
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    caplog.set_level(logging.DEBUG)
    script = Script()
    script.held.clear()
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        first = await house.ask()
        monkeypatch.setattr(house.server.store, "has_any", refusing(error))
        assert (await house.ask(frame="192.168.1.7")).generation_id == first.generation_id
        script.held.set()
        await house.rest()
    assert lines(caplog, "choosing") == [(logging.DEBUG, "Whether there are pictures can't be read: gone")]


@pytest.mark.parametrize("error", [StoreError("gone"), StateError("gone")])
async def test_a_card_says_that_the_pictures_can_not_be_read(
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_house(tmp_path, [scripted(Script(missing="no key"))], clock=clock) as house:
        monkeypatch.setattr(house.server.store, "next", refusing(error))
        assert (await house.see()).card is Card.STORE_UNREADABLE
    assert lines(caplog, "gallery") == [(logging.DEBUG, "No picture from the store: gone")]


async def test_a_turn_that_could_not_be_taken_is_a_problem_until_one_can(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_pictures(tmp_path, 2)
    options = "image_generate_threshold: 0"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        with monkeypatch.context() as patch:
            patch.setattr(house.server.prompts, "draw", lambda _: None)
            await house.see()
        (problem,) = house.server.problems.all()
        assert (problem.code, problem.text, problem.remedy) == (
            "turn_lost",
            "Scripted ydArt was not asked: Scripted ydArt: no prompt is left that it takes.",
            "Frames are shown stored pictures meanwhile.",
        )
        await house.see()
        assert house.server.problems.all() == []


@pytest.mark.parametrize("error", [StoreError("gone"), StateError("gone")])
async def test_a_turn_that_the_disk_does_not_allow_is_a_word_to_who_looks_closely(
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    caplog.set_level(logging.DEBUG)
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        monkeypatch.setattr(house.server.generations, "begin", refusing(error))
        assert (await house.see()).kind is ContentKind.PICTURE
        assert house.server.problems.all() == []
    assert lines(caplog, "choosing") == [(logging.DEBUG, "Scripted ydArt was not asked: gone")]


async def test_a_card_says_whether_a_provider_could_make_a_picture(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        assert house.server.choosing.card() is Card.NO_PICTURES
        script.not_ready = "nothing there"
        assert house.server.choosing.card() is Card.NO_PICTURES_PROVIDER_OFF


async def test_a_request_that_ends_without_a_word_is_given_one(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.shown(await house.ask(OperationKind.DIRECT))
        (made,) = await house.server.generations.newest(1)
        ended = replace(made, fate=Fate.FAILED, picture_id=None)

        async def nothing(_: str) -> Generation:
            return ended

        monkeypatch.setattr(house.server.generations, "picture", nothing)
        operation = await house.ended(await house.ask(OperationKind.DIRECT))
    assert (operation.error_code, operation.error) == (StartError.code, "The provider gave no picture")


async def test_a_bug_ends_an_operation_with_a_word_to_the_log(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        monkeypatch.setattr(house.server.operations._readying, "ready", refusing(RuntimeError("a bug")))
        operation = await house.ended(await house.ask(OperationKind.OLD))
        assert operation.status is OperationStatus.ERROR
        assert (operation.error_code, operation.error) == (
            "InternalError",
            "Internal error: the log says more",
        )
        assert operation.finished_at == clock.now()
        assert lines(caplog, "operations") == [(logging.ERROR, f"Operation {operation.id} failed")]
        with pytest.raises(NotFoundError, match=r"^No operation x is known$"):
            house.server.operations.get("x")


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (StartError("not now"), logging.DEBUG, "gets no new picture: not now"),
        (RuntimeError("a bug"), logging.ERROR, "gets no new picture"),
    ],
)
async def test_why_an_auto_frame_gets_no_new_picture_is_in_the_log(
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    level: int,
    said: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    put_pictures(tmp_path, 2)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        monkeypatch.setattr(house.server.generations, "picture", refusing(error))
        operation = await house.ask()
        assert (await house.shown(operation)).kind is ContentKind.PICTURE
        assert lines(caplog, "readying") == [(level, f"Operation {operation.id} {said}")]
