from __future__ import annotations

import json
import traceback
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.aiframes.api import NotAnImageServerError, State, models
from custom_components.aiframes.api.json_text import parsed
from custom_components.aiframes.api.reading import read
from tests.contract.as_wire import as_wire

if TYPE_CHECKING:
    from tests.contract.running import Running

SECRET = "canary"
FRAME: dict[str, Any] = {
    "id": "192.168.1.5",
    "address": "192.168.1.5",
    "name": None,
    "protocol": "https",
    "first_seen_at": "2026-11-24T09:00:00.000+00:00",
    "last_asked_at": "2026-11-24T09:00:00.000+00:00",
    "interval_seconds": 60,
    "expected_at": None,
    "pictures_sent": 3,
    "content": {"kind": "card", "picture_id": None, "card": "no_pictures"},
    "content_at": None,
}


def test_a_model_holds_what_was_said() -> None:
    frame = read(models.Frame, FRAME)
    assert frame.first_seen_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert frame.interval_seconds == 60.0
    assert isinstance(frame.interval_seconds, float)
    assert frame.content == models.Content(
        kind=models.ContentKind.CARD, picture_id=None, card=models.Card.NO_PICTURES
    )
    assert as_wire(frame) == FRAME


async def test_a_newer_server_may_say_more_everywhere(running: Running) -> None:
    await running.see()
    await running.house.rest()
    status = await running.client.status()
    assert status.last_picture is not None
    assert read(models.Status, _with_more(as_wire(status))) == status


def _with_more(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_more(item) for item in value]
    if isinstance(value, dict) and "start_auto" not in value:
        return {**{key: _with_more(item) for key, item in value.items()}, "more": [1]}
    return value


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"protocol": "http3"}, models.FrameProtocol.OTHER),
        ({"content": {"kind": "film", "picture_id": None, "card": None}}, models.ContentKind.OTHER),
        ({"content": {"kind": "card", "picture_id": None, "card": "no_power"}}, models.Card.OTHER),
    ],
)
def test_a_word_of_a_newer_server_is_some_other_word(changed: dict[str, Any], word: str) -> None:
    frame = read(models.Frame, {**FRAME, **changed})
    assert frame.content is not None
    assert word in {frame.protocol, frame.content.kind, frame.content.card}


def test_a_word_that_is_kept_for_unknown_ones_is_no_trap() -> None:
    assert read(models.Frame, {**FRAME, "protocol": "other"}).protocol is models.FrameProtocol.OTHER
    assert State.OTHER.value == "other"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"id": 5}, "frames[1].id should be text, but is an integer"),
        ({"id": None}, "frames[1].id should be text, but is null"),
        ({"id": ...}, "frames[1].id should be text, but is missing"),
        ({"content": ...}, "frames[1].content should be an object, but is missing"),
        ({"protocol": ["https"]}, "frames[1].protocol should be text, but is a list"),
        ({"pictures_sent": True}, "frames[1].pictures_sent should be an integer, but is a boolean"),
        ({"pictures_sent": 1.5}, "frames[1].pictures_sent should be an integer, but is a number"),
        ({"interval_seconds": "60"}, "frames[1].interval_seconds should be a number, but is another text"),
        ({"interval_seconds": False}, "frames[1].interval_seconds should be a number, but is a boolean"),
        (
            {"interval_seconds": 1e999},
            "frames[1].interval_seconds should be a finite number, but is a number",
        ),
        (
            {"interval_seconds": 10**400},
            "frames[1].interval_seconds should be a finite number, but is an integer",
        ),
        ({"first_seen_at": "today"}, "frames[1].first_seen_at should be a time, but is another text"),
        (
            {"first_seen_at": "2026-11-24T09:00:00"},
            "frames[1].first_seen_at should be a time with its offset, but is another text",
        ),
        ({"content": []}, "frames[1].content should be an object, but is a list"),
        (
            {"content": {"kind": 7, "picture_id": None, "card": None}},
            "frames[1].content.kind should be text, but is an integer",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(changed: dict[str, Any], text: str) -> None:
    frame = {name: value for name, value in {**FRAME, **changed}.items() if value is not ...}
    with pytest.raises(NotAnImageServerError) as caught:
        read(models.Frames, {"frames": [FRAME, frame]})
    assert str(caught.value) == f"The answer is not what the API describes: {text}"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (models.Frames, [], "it should be an object, but is a list"),
        (models.Frames, {"frames": {}}, "frames should be a list, but is an object"),
        (models.GlobalPlaceholders, {"placeholders": []}, "placeholders should be an object, but is a list"),
        (
            models.GlobalPlaceholders,
            {"placeholders": {"what": ["cat", 5]}},
            "placeholders.what[1] should be text, but is an integer",
        ),
        (
            models.Preview,
            {
                "texts": [],
                "findings": [],
                "longest": {"prompt": "", "negative": None, "length": 0},
                "fits": {"x": 1},
            },
            "fits.x should be true or false, but is an integer",
        ),
        (
            models.Day,
            {"date": "2026-13-01", "requests": 0, "request_errors": 0, "images_sent": 0, "providers": {}},
            "date should be a date, but is another text",
        ),
        (
            models.SettingValue,
            {"path": "x", "value": 1, "source": "file", "changeable": True},
            "file_value should be anything, but is missing",
        ),
    ],
)
def test_every_kind_of_value_is_checked(kind: type, value: object, text: str) -> None:
    with pytest.raises(NotAnImageServerError) as caught:
        read(kind, value)
    assert str(caught.value).endswith(f": {text}")


def test_a_setting_may_have_any_value() -> None:
    for value in (None, 5, "x", [1, {"a": None}], {"b": 2.5}):
        said = {"path": "x", "value": value, "source": "run_time", "file_value": value, "changeable": True}
        assert read(models.SettingValue, said).value == value


def test_a_day_is_a_day() -> None:
    said = {"date": "2026-11-24", "requests": 0, "request_errors": 0, "images_sent": 0, "providers": {}}
    assert read(models.Day, said).date == date(2026, 11, 24)


def test_a_value_that_does_not_fit_is_told_to_nobody() -> None:
    with pytest.raises(NotAnImageServerError) as caught:
        read(models.NewToken, {"token": [SECRET]})
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "<html>",
        "NaN",
        '{"a": Infinity}',
        "[" * 100_000,
        '"\\ud800',
        "1" * 5000,
        b"\xff\xfe\xfd",
        b"\x80",
    ],
)
def test_what_is_no_json_is_no_answer(text: str | bytes) -> None:
    with pytest.raises(NotAnImageServerError):
        parsed(text)


def test_what_nothing_reads_is_a_mistake_in_the_models() -> None:
    with pytest.raises(TypeError, match="complex"):
        read(complex, 1j)


def test_all_that_models_say_can_be_said_again_as_json() -> None:
    assert json.loads(json.dumps(as_wire(read(models.Frame, FRAME)))) == FRAME
