from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given, strategies

from imageserver.exceptions import (
    BadRequestError,
    ImageServerError,
    NotFoundError,
    PromptError,
    ProviderError,
    RequestError,
    StoreError,
)
from imageserver.models import Operation, OperationKind, OperationStatus, PromptText
from imageserver.web import wire
from tests.simulators.frame_json import document

GOLDEN = Path(__file__).parent.parent / "fixtures" / "wire"

PENDING = Operation(
    id="5f3a9c0d1e2b4a6f8071",
    kind=OperationKind.AUTO,
    created_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
)
DONE = replace(PENDING, status=OperationStatus.DONE)
FAILED = replace(
    PENDING,
    status=OperationStatus.ERROR,
    error_code="ContentRefused",
    error='YandexART refuses the prompt "a \\ b": it may violate the terms of use of the service',
)
BROKEN = replace(FAILED, error_code="InternalError", error="KeyError('/data/api_token')")
MUTE = replace(FAILED, error_code=None, error=None)
IMAGE = b"\xff\xd8\xff\xfb\xef\xbe\xff\xd9"
"""No picture, but all of base64's rare characters."""

LOST = NotFoundError("No operation 5f3a9c0d1e2b4a6f8071 is known")
UNREADABLE = StoreError("/images can't be read")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("start", wire.started(PENDING)),
        ("start_when_done", wire.started(DONE)),
        ("status_pending", wire.status(PENDING)),
        ("status_done", wire.status(DONE)),
        ("status_error", wire.status(FAILED)),
        ("status_unknown", wire.failed_status(PENDING.id, LOST)),
        ("result_pending", wire.result(PENDING, None)),
        ("result_done", wire.result(DONE, IMAGE)),
        ("result_error", wire.result(FAILED, None)),
        ("result_internal_error", wire.result(BROKEN, None)),
        ("result_error_without_text", wire.result(MUTE, None)),
        ("result_gone", wire.result(DONE, b"")),
        ("result_unknown", wire.failed_result(PENDING.id, LOST)),
        ("result_unreadable", wire.failed_result(PENDING.id, UNREADABLE)),
        ("result_not_an_id", wire.failed_result('"><script>', LOST)),
        ("prompt_added", wire.prompt_added()),
        ("error_bad_request", wire.error("BadRequest", "The body is not JSON", 400)),
        ("error_start", wire.error("StartError", "No provider is ready: ydArt is over its daily limit", 400)),
        ("error_prompt", wire.error("PromptError", wire.PROMPT_TOO_LONG, 400)),
        ("error_too_large", wire.error("TooLarge", "The body is over 16 KiB", 413)),
        ("error_internal", wire.error("InternalError", "Internal error: the log says more", 500)),
    ],
)
def test_an_answer_is_the_same_to_the_last_byte(name: str, answer: bytes) -> None:
    assert answer == (GOLDEN / f"{name}.json").read_bytes()


def test_only_a_done_operation_shows_a_picture() -> None:
    assert wire.result(PENDING, IMAGE) == wire.result(PENDING, None)
    assert wire.result(FAILED, IMAGE) == wire.result(FAILED, None)


# What does not fit is of no use to a frame


ERRORS: list[type[ImageServerError]] = [
    error
    for base in (ImageServerError, RequestError, ProviderError)
    for error in (base, *base.__subclasses__())
]


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_fits_a_frames_document(error: type[ImageServerError]) -> None:
    text = "Слишком длинное объяснение того, что пошло не так и как это исправить " * 3
    found = document(wire.error(error.code, text, error.status))
    assert found["error"]["code"] == error.code
    assert found["error"]["message"].endswith("...")
    assert found["error"]["dev_message"] == HTTPStatus(error.status).phrase


def test_the_longest_id_fits_a_frames_document() -> None:
    assert document(wire.started(replace(PENDING, id="f" * 40)))["id"] == "f" * 40


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("short", "short"),
        ("a" * 60, "a" * 60),
        ("a" * 61, "a" * 57 + "..."),
        ("The daily limit of ydArt (200) is reached; it starts anew at midnight",
         "The daily limit of ydArt (200) is reached; it starts anew..."),
        ("Лимит запросов исчерпан, попробуйте завтра", "Лимит запросов исчерпан,..."),
        ("ы" * 40, "ы" * 28 + "..."),
        ('it said "no" \\ twice', "it said 'no' / twice"),
        ("two\nlines\tand\0more", "two lines and more"),
        ("half \ud800 a character", "half a character"),
        ("", "Error"),
        ("\n", "Error"),
    ],
)  # fmt: skip
def test_a_message_is_cut_between_words_and_needs_no_escape(text: str, short: str) -> None:
    assert wire.shortened(text) == short
    assert len(short.encode()) <= wire.MESSAGE_BYTES


# What a frame says


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b'{"type":"auto"}', OperationKind.AUTO, None),
        (b'{"type":"old"}', OperationKind.OLD, None),
        (b'{"type":"ydart"}', OperationKind.DIRECT, None),
        ('{"type":"ydart","prompt":"кошка"}'.encode(), OperationKind.DIRECT, PromptText("кошка")),
        (b'{"type":"ydart","prompt":"a","negative":"b"}', OperationKind.DIRECT, PromptText("a", "b")),
        (b'{"type":"ydart","prompt":"a","negative":""}', OperationKind.DIRECT, PromptText("a")),
        (b'{"type":"ydart","prompt":"a","negative":"  "}', OperationKind.DIRECT, PromptText("a")),
        (b'{"type":"ydart","prompt":"a","negative":null}', OperationKind.DIRECT, PromptText("a")),
        (b'{"type":"ydart","negative":"b"}', OperationKind.DIRECT, None),
        (b'{"type":"ydart","prompt":"\\ud83d\\ude00 \\"q\\""}', OperationKind.DIRECT, PromptText('😀 "q"')),
        (b'{"type":"auto","prompt":"ignored"}', OperationKind.AUTO, None),
        (b'{"type":"old","prompt":null}', OperationKind.OLD, None),
        (b' \r\n{"x":[{}],"type":"auto","n":1e999}\n', OperationKind.AUTO, None),
        (b'\xef\xbb\xbf{"type":"auto"}', OperationKind.AUTO, None),
    ],
)
def test_a_start_is_understood(body: bytes, kind: OperationKind, text: PromptText | None) -> None:
    assert wire.read_start(body) == wire.StartRequest(kind, text)


NOT_JSON = [
    b"",
    b"type=auto",
    b"{",
    b'{"type":"auto"} {"type":"auto"}',
    b'{"type":"auto","type":"ydart"}',
    b'{"type":"auto","n":NaN}',
    b'{"type":"auto","n":-Infinity}',
    b'{"type":"auto","n":' + b"9" * 9000 + b"}",
    b'{"type":"\xff\xfe"}',
    '{"type":"auto"}'.encode("utf-16"),
    b"[" * 16000,
    b'{"a":' * 3000,
]
NOT_AN_OBJECT = [b"null", b"[]", b'"auto"', b"5", b'[{"type":"auto"}]']


@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body[:40]))
def test_what_is_not_json_is_a_bad_request(body: bytes) -> None:
    for read in (wire.read_start, wire.read_prompt):
        with pytest.raises(BadRequestError, match=r"^The body is not JSON$"):
            read(body)


json_values = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.floats()
    | strategies.integers()
    | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=5,
)
fields = strategies.dictionaries(strategies.sampled_from(("type", "prompt", "negative")), json_values)


@given(strategies.binary() | fields.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_understood_or_refused(body: bytes) -> None:
    for read in (wire.read_start, wire.read_prompt):
        with contextlib.suppress(RequestError):
            assert read(body)


def test_what_is_nested_deeply_does_no_harm() -> None:
    body = b'{"type":"auto","x":' + b"[" * 8000 + b"]" * 8000 + b"}"
    with contextlib.suppress(BadRequestError):  # how deep Python reads differs from version to version
        assert wire.read_start(body).kind is OperationKind.AUTO


@pytest.mark.parametrize("body", NOT_AN_OBJECT)
def test_what_is_no_object_is_a_bad_request(body: bytes) -> None:
    for read in (wire.read_start, wire.read_prompt):
        with pytest.raises(BadRequestError, match=r"^The body is not a JSON object$"):
            read(body)


@pytest.mark.parametrize(
    "kind",
    ["null", "5", "true", "[]", "{}", '""', '"Auto"', '"AUTO"', '" auto"', '"ydArt"', '"direct"', '"forced"'],
)
def test_an_unknown_type_is_a_bad_request(kind: str) -> None:
    with pytest.raises(BadRequestError, match="there are: auto, old, ydart"):
        wire.read_start(f'{{"type":{kind}}}'.encode())


def test_a_missing_type_is_a_bad_request() -> None:
    with pytest.raises(BadRequestError, match="Unknown type"):
        wire.read_start(b"{}")


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ('"prompt":null', PromptError, "^prompt too long for the frame$"),
        ('"prompt":""', PromptError, "The prompt is empty"),
        ('"prompt":" \\n\\t\u00a0"', PromptError, "The prompt is empty"),
        ('"prompt":5', BadRequestError, "prompt is not text"),
        ('"prompt":["a"]', BadRequestError, "prompt is not text"),
        ('"prompt":false', BadRequestError, "prompt is not text"),
        ('"prompt":"a\\ud800"', BadRequestError, "^The body has half a character$"),
        ('"prompt":"a","negative":5', BadRequestError, "negative is not text"),
        ('"prompt":"a","negative":[]', BadRequestError, "negative is not text"),
        ('"prompt":"a","negative":false', BadRequestError, "negative is not text"),
        ('"prompt":"a","negative":"\\udc00"', BadRequestError, "^The body has half a character$"),
    ],
)
def test_a_prompt_that_can_not_be_used_is_refused(
    fields: str, error: type[RequestError], message: str
) -> None:
    with pytest.raises(error, match=message):
        wire.read_start(f'{{"type":"ydart",{fields}}}'.encode())
    with pytest.raises(error, match=message):
        wire.read_prompt(f"{{{fields}}}".encode())


def test_a_prompt_to_add_is_understood() -> None:
    body = '{"prompt":" кошка ","negative":"собака","unknown":1}'.encode()
    assert wire.read_prompt(body) == PromptText(" кошка ", "собака")


def test_a_missing_prompt_is_a_bad_request() -> None:
    with pytest.raises(BadRequestError, match="There is no prompt"):
        wire.read_prompt(b"{}")
