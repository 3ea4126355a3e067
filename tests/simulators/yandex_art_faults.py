"""What can go wrong with YandexART, by name: each answer as some client of the API has seen it.

A fault happens in one of three places: instead of the answer to a paid request, instead of the answer to a
question about an operation, or to the operation itself (the request for it is taken as always).
"""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tests import pictures
from tests.simulators.manners import Manner

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is answered instead.

    Attributes:
        body: JSON, or bytes as they are; None = what would have been answered without the fault.
        billed: The provider did the work, so it is paid for.
        operation: It befalls the operation: `body` is what it becomes. None = it is lost.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    manner: Manner = Manner.WHOLE
    billed: bool = False
    operation: bool = False


ETHICS = "it is not possible to generate an image from this request because it may violate the terms of use"
TOO_LONG = "Prompt positive size 702 exceeds limit (500)"
DENIED = "Access to model art://b1gsimulated000000000/yandex-art/latest denied"
KEY_ECHOED = "Unknown api key 'AQVNsimulated-key-of-nobody_0123456789ab'"


def _openai(message: str, *, kind: str = "invalid_request_error", **more: object) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": None, **more}}


def _gateway(code: int, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "details": []}


def _twice(code: int, message: str) -> dict[str, Any]:
    return {"error": message, "code": code, "message": message, "details": []}


def _nested(code: int, status: int, message: str) -> dict[str, Any]:
    return {
        "error": {
            "grpcCode": code,
            "httpCode": status,
            "message": message,
            "httpStatus": "Bad",
            "details": [],
        }
    }


def _html(status: int) -> Fault:
    page = b"<html><head><title>Error</title></head><body><center><h1>nginx</h1></center></body></html>"
    return Fault(status=status, body=page, content_type="text/html", billed=status == HTTPStatus.OK)


def _picture(picture: bytes) -> Fault:
    return Fault(body={"data": [{"b64_json": base64.b64encode(picture).decode()}]}, billed=True)


def _bomb() -> bytes:
    """Small, and 100 MB as soon as it is unpacked."""
    return gzip.compress(bytes(10_000_000)) * 10


REFUSALS = {
    "refused": Fault(status=400, body=_twice(3, ETHICS)),
    "refused_gateway": Fault(status=400, body=_gateway(3, ETHICS)),
    "refused_nested": Fault(status=400, body=_nested(3, 400, ETHICS)),
    "refused_text": Fault(status=400, body={"error": ETHICS}),
    "refused_openai": Fault(status=400, body=_openai("Your request was rejected by our rules.")),
    "refused_moderation": Fault(
        status=400,
        body=_openai("Blocked.", kind="image_generation_user_error", code="moderation_blocked"),
    ),
    "refused_policy": Fault(status=403, body=_openai("No.", code="content_policy_violation")),
    "refused_russian": Fault(status=422, body=_gateway(3, "Запрос нарушает правила сервиса")),
    "refused_in_success": Fault(body=_twice(3, ETHICS), billed=True),
    "refused_empty_data": Fault(body={"created": 1795000000, "data": []}, billed=True),
    "too_long": Fault(status=400, body=_twice(3, TOO_LONG)),
    "too_long_openai": Fault(status=400, body=_openai(TOO_LONG, param="prompt")),
}

ACCESS = {
    "bad_uri": Fault(status=400, body=_gateway(3, "Failed to parse model URI")),
    "bad_uri_openai": Fault(status=400, body=_openai("Invalid model", param="model")),
    "bad_size": Fault(status=400, body=_openai("size must be two positive integers", param="size")),
    "wrong_folder": Fault(
        status=400,
        body=_twice(
            3,
            "Specified folder ID 'b1gaaaaaaaaaaaaaaaa1' does not match with service account folder ID "
            "'b1gbbbbbbbbbbbbbbbb2'",
        ),
    ),
    "failed_precondition": Fault(status=400, body=_gateway(9, "Not for this method")),
    "bad_key": Fault(status=401, body=_twice(16, KEY_ECHOED)),
    "bad_key_openai": Fault(status=401, body=_openai(KEY_ECHOED, kind="authentication_error")),
    "bad_key_bare": Fault(status=401, body=b"", content_type="text/plain"),
    "no_balance": Fault(status=402, body=_gateway(9, "Billing account is not active")),
    "old_model": Fault(status=403, body={"error": DENIED, "code": 7}),
    "no_rights": Fault(status=403, body=_twice(7, "Permission denied")),
    "unknown_model": Fault(status=404, body=_openai("The model does not exist", code="model_not_found")),
    "denied_in_success": Fault(body=_twice(7, "Permission denied")),
    "redirect": Fault(status=302, body=b"", headers={"Location": "/elsewhere"}),
    "redirect_for_ever": Fault(status=308, body=b"", headers={"Location": "/v1/images/generations"}),
    "not_found_page": _html(404),
}

RATES = {
    "rate": Fault(status=429, body=_twice(8, "Quota exceeded")),
    "rate_seconds": Fault(status=429, body=_openai("Slow down"), headers={"Retry-After": "17"}),
    "rate_date": Fault(status=429, body=_gateway(8, "Quota"), headers={"Retry-After": "{in 90 s}"}),
    "rate_past": Fault(status=429, body=b"", headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    "rate_an_hour_ahead": Fault(
        status=429, body=b"", headers={"Date": "{in 3600 s}", "Retry-After": "{in 3690 s}"}
    ),
    "rate_an_hour_behind": Fault(
        status=429, body=b"", headers={"Date": "{in -3600 s}", "Retry-After": "{in -3510 s}"}
    ),
    "rate_for_ever": Fault(status=429, body=b"", headers={"Retry-After": "9" * 400}),
    "rate_absurd": Fault(
        status=429, body=b"", headers={"Retry-After": f"Wed, 21 Oct {'9' * 30} 07:28:00 +{'9' * 30}"}
    ),
    "rate_nonsense": Fault(status=429, body=b"", headers={"Retry-After": "soon"}),
    "rate_words": Fault(status=400, body=_gateway(8, "prompt limit violated")),
    "rate_bad_request": Fault(status=400, body=_gateway(8, "Quota exceeded")),
}

UNKNOWN_FATES = {
    "internal": Fault(status=500, body=_twice(13, "internal error"), billed=True),
    "unavailable": Fault(status=503, body=_gateway(14, "unavailable"), billed=True),
    "deadline": Fault(status=504, body=_nested(4, 504, "deadline exceeded"), billed=True),
    "bad_gateway": _html(502),
    "request_timeout": _html(408),
    "unavailable_bad_request": Fault(status=400, body=_gateway(14, "unavailable")),
    "internal_in_success": Fault(body=_twice(13, "internal error"), billed=True),
    "silence": Fault(manner=Manner.SILENCE, billed=True),
    "drip": Fault(manner=Manner.DRIP, billed=True),
    "reset_before": Fault(manner=Manner.RESET_BEFORE, billed=True),
    "reset_during": Fault(manner=Manner.RESET_DURING, billed=True),
    "endless": Fault(manner=Manner.ENDLESS, billed=True),
    "no_http": Fault(manner=Manner.NO_HTTP, billed=True),
    "head_too_long": Fault(headers={"X-Long": "x" * 100_000}, billed=True),
    "gzip_broken": Fault(body=b"no gzip", headers={"Content-Encoding": "gzip"}, billed=True),
}

BAD_ANSWERS = {
    "bad_request": Fault(status=400, body=_gateway(3, "bad request")),
    "unknown_parameter": Fault(status=400, body=_openai("Unknown parameter", param="style")),
    "method_not_allowed": _html(405),
    "empty": Fault(body=b"", billed=True),
    "html": _html(200),
    "json_list": Fault(body=[1, 2, 3], billed=True),
    "json_deep": Fault(body=b"[" * 50_000, billed=True),
    "no_data": Fault(body={"created": 1795000000}, billed=True),
    "data_text": Fault(body={"data": "none"}, billed=True),
    "data_null": Fault(body={"data": [None]}, billed=True),
    "no_picture": Fault(body={"data": [{"b64_json": ""}]}, billed=True),
    "picture_number": Fault(body={"data": [{"b64_json": 5}]}, billed=True),
    "address": Fault(body={"data": [{"url": "http://127.0.0.1:1/secret.jpg"}]}, billed=True),
    "base64_cut": Fault(body={"data": [{"b64_json": "/9j/4AAQSkZJRgABA"}]}, billed=True),
    "base64_broken": Fault(body={"data": [{"b64_json": "/9j/4AAQ*kZJRgAB"}]}, billed=True),
    "base64_cyrillic": Fault(body={"data": [{"b64_json": "картинка"}]}, billed=True),
    "picture_itself": Fault(body=b"\xff\xd8\xff\xe0" + bytes(500), content_type="image/jpeg", billed=True),
    "json_of_many": Fault(body=b"[" + b"[]," * 3_000_000 + b"0]", billed=True),
    "nothing": Fault(status=204, body=b"", billed=True),
    "gzip_bomb": Fault(body=_bomb(), headers={"Content-Encoding": "gzip"}, billed=True),
    "flood": Fault(manner=Manner.FLOOD, billed=True),
}

PICTURES = {
    "picture_cut": _picture(pictures.cut(pictures.jpeg())),
    "picture_bomb": _picture(pictures.jpeg_bomb()),
    "picture_foreign": _picture(pictures.foreign()["GIF"]),
    "picture_of_one_pixel": _picture(pictures.jpeg(1, 1)),
    "picture_in_png": _picture(pictures.png()),
}
"""Answers that are as they should be, but for the picture in them."""

HARMLESS = {
    "reset_after": Fault(manner=Manner.RESET_AFTER, billed=True),
    "type_wrong": Fault(content_type="text/plain", billed=True),
}

OPERATIONS = {
    "operation_refused": Fault(operation=True, body={"error": _gateway(3, ETHICS)}),
    "operation_refused_text": Fault(operation=True, body={"error": ETHICS}),
    "operation_invalid": Fault(operation=True, body={"error": _gateway(3, "bad request")}),
    "operation_denied": Fault(operation=True, body={"error": _gateway(7, "Permission denied")}),
    "operation_rate": Fault(operation=True, body={"error": _gateway(8, "Quota exceeded")}),
    "operation_internal": Fault(operation=True, body={"error": _gateway(13, "internal error")}),
    "operation_text": Fault(operation=True, body={"error": "something broke"}),
    "operation_number": Fault(operation=True, body={"error": 13}),
    "operation_empty": Fault(operation=True, body={}),
    "operation_no_picture": Fault(operation=True, body={"response": {"image": ""}}),
    "operation_cut": Fault(operation=True, body={"response": {"image": "/9j/4AAQSkZJRgABA"}}),
    "operation_lost": Fault(operation=True),
    "operation_endless": Fault(operation=True, body={"done": False}),
}

FAULTS: Mapping[str, Fault] = {
    **REFUSALS,
    **ACCESS,
    **RATES,
    **UNKNOWN_FATES,
    **BAD_ANSWERS,
    **PICTURES,
    **HARMLESS,
    **OPERATIONS,
}
