"""What Yandex means by each error: a person acts on the sentence, the server on its kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import (
    AccessRefusedError,
    BadAnswerError,
    ContentRefusedError,
    FateUnknownError,
    ProviderError,
    RateLimitedError,
)
from imageserver.providers.http_client import Answer
from imageserver.providers.yandex_errors import of_operation, of_poll, of_request

if TYPE_CHECKING:
    from imageserver.models import Json

KEY = "AQVN-key"
RIGHTS = "The role ai.imageGeneration.user and a key of the scope yc.ai.imageGeneration.execute are needed"
RETIRED = "Yandex has retired this model: leave transport and model out of the settings"

type Case = tuple[int, Json, type[ProviderError], str]


def answer(status: int, body: Json) -> Answer:
    return Answer(
        provider="It", status=status, body=json.dumps(body).encode(), retry_after=7.0, secrets=(KEY,)
    )


def holds(error: ProviderError, kind: type[ProviderError], text: str) -> None:
    assert (type(error), str(error)) == (kind, text)
    assert getattr(error, "retry_after", 7.0) == 7.0


def said(message: str, **more: Json) -> Json:
    return {"error": {"message": f"{message} {KEY}", **more}}


REFUSED: list[Case] = [
    (400, said("no", code="moderation_blocked"), ContentRefusedError, 'It refuses this prompt: "no …"'),
    (500, said("no", type="content_filter"), ContentRefusedError, 'It refuses this prompt: "no …"'),
    (400, said("no", type="content_policy_violation"), ContentRefusedError, 'It refuses this prompt: "no …"'),
    (400, said("Violates ethics"), ContentRefusedError, 'It refuses this prompt: "Violates ethics …"'),
    (422, said("запрещённое"), ContentRefusedError, 'It refuses this prompt: "запрещённое …"'),
    (200, said("MODERATION"), ContentRefusedError, 'It refuses this prompt: "MODERATION …"'),
    (
        400,
        said("prompt of 501 exceeds 500", code=3),
        ContentRefusedError,
        'It finds this prompt too long: "prompt of 501 exceeds 500 …"',
    ),
]

OF_A_REQUEST: list[Case] = [
    *REFUSED,
    (401, said("who"), AccessRefusedError, 'It does not accept the credentials (HTTP 401): "who …"'),
    (402, said("pay"), AccessRefusedError, 'It wants to be paid first (HTTP 402): "pay …"'),
    (
        403,
        said("no access"),
        AccessRefusedError,
        f'It denies access (HTTP 403): "no access …". {RIGHTS}',
    ),
    (
        403,
        said("yandex-art is gone"),
        AccessRefusedError,
        f'It denies access (HTTP 403): "yandex-art is gone …". {RETIRED}',
    ),
    (
        404,
        said("no model"),
        AccessRefusedError,
        'It does not know the model or the address (HTTP 404): "no model …"',
    ),
    (429, said("slower"), RateLimitedError, 'It asks for fewer requests (HTTP 429): "slower …"'),
    (500, said("oh"), FateUnknownError, 'It failed after the request was sent (HTTP 500): "oh …"'),
    (
        503,
        said("moderation is down"),
        FateUnknownError,
        'It failed after the request was sent (HTTP 503): "moderation is down …"',
    ),
    (400, said("slower", code=8), RateLimitedError, 'It asks for fewer requests: "slower …"'),
    (400, said("violated quota", code=8), RateLimitedError, 'It asks for fewer requests: "violated quota …"'),
    *(
        (200, said("oh", code=code), FateUnknownError, 'It failed after the request was sent: "oh …"')
        for code in (1, 2, 4, 10, 13, 14, 15)
    ),
    *(
        (400, said("oh", code=code), AccessRefusedError, 'It does not accept its settings: "oh …"')
        for code in (5, 7, 9, 12, 16)
    ),
    (400, said("unknown folder"), AccessRefusedError, 'It does not accept its settings: "unknown folder …"'),
    (
        400,
        said("bad", type="invalid_request_error"),
        ContentRefusedError,
        'It refuses this prompt: "bad …"',
    ),
    (
        400,
        said("bad", type="invalid_request_error", param="prompt"),
        ContentRefusedError,
        'It refuses this prompt: "bad …"',
    ),
    (
        400,
        said("bad", type="invalid_request_error", param="n"),
        BadAnswerError,
        'It does not take the request (HTTP 400): "bad …"',
    ),
    (422, said("bad", code=3), BadAnswerError, 'It does not take the request (HTTP 422): "bad …"'),
    (
        405,
        said("unknown folder"),
        BadAnswerError,
        'It does not take the request (HTTP 405): "unknown folder …"',
    ),
    (400, "", BadAnswerError, "It does not take the request (HTTP 400)"),
]

OF_A_POLL: list[Case] = [
    *REFUSED,
    (429, said("slower"), RateLimitedError, 'It is asked too often: "slower …"'),
    (400, said("slower", code=8), RateLimitedError, 'It is asked too often: "slower …"'),
    *(
        (status, said("gone"), BadAnswerError, 'It does not know this picture any more: "gone …"')
        for status in (400, 404, 410)
    ),
    (
        404,
        said("oh", code=14),
        FateUnknownError,
        'It does not know the model or the address (HTTP 404): "oh …"; the picture is asked for again',
    ),
    (
        401,
        said("who"),
        FateUnknownError,
        'It does not accept the credentials (HTTP 401): "who …"; the picture is asked for again',
    ),
    (
        500,
        said("oh", code=3),
        FateUnknownError,
        'It failed after the request was sent (HTTP 500): "oh …"; the picture is asked for again',
    ),
]

OF_AN_OPERATION: list[tuple[Json, type[ProviderError], str]] = [
    ({"code": "content_filter"}, ContentRefusedError, "It refuses this prompt"),
    ({"code": 3, "message": f"violates {KEY}"}, ContentRefusedError, 'It refuses this prompt: "violates …"'),
    ({"code": 13, "message": "violates"}, BadAnswerError, 'It gave the picture up: "violates"'),
    ({"code": 7, "message": f"no {KEY}"}, AccessRefusedError, 'It does not accept its settings: "no …"'),
    ({"code": 8, "message": f"slower {KEY}"}, BadAnswerError, 'It gave the picture up: "slower …"'),
    ("oh", BadAnswerError, 'It gave the picture up: "oh"'),
    (5, BadAnswerError, "It gave the picture up"),
]


@pytest.mark.parametrize(("status", "body", "kind", "text"), OF_A_REQUEST)
def test_an_error_of_a_request_has_a_kind_and_a_sentence(
    status: int, body: Json, kind: type[ProviderError], text: str
) -> None:
    holds(of_request(answer(status, body)), kind, text)


@pytest.mark.parametrize(("status", "body", "kind", "text"), OF_A_POLL)
def test_an_error_of_a_question_has_a_kind_and_a_sentence(
    status: int, body: Json, kind: type[ProviderError], text: str
) -> None:
    holds(of_poll(answer(status, body)), kind, text)


@pytest.mark.parametrize(("error", "kind", "text"), OF_AN_OPERATION)
def test_an_error_of_an_operation_has_a_kind_and_a_sentence(
    error: Json, kind: type[ProviderError], text: str
) -> None:
    holds(of_operation(answer(200, {"done": True, "error": error}), error), kind, text)
