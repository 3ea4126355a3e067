from __future__ import annotations

import json

import pytest

from imageserver.providers.complaint import MAX_READ, Complaint, quote, read_complaint


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (
            {"error": {"message": "m", "type": "invalid_request_error", "param": "prompt", "code": "c"}},
            Complaint("c", "invalid_request_error", "prompt", "m"),
        ),
        (
            {"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}},
            Complaint(400, None, None, "m"),
        ),
        (
            {"error": {"grpcCode": 3, "httpCode": 400, "message": "m", "details": []}},
            Complaint(3, None, None, "m"),
        ),
        ({"code": 3, "message": "m", "details": []}, Complaint(3, None, None, "m")),
        ({"error": "e", "code": 7, "message": "m"}, Complaint(7, None, None, "m")),
        ({"error": "e", "code": "7"}, Complaint(7, None, None, "e")),
        ({"error": "e"}, Complaint(message="e")),
        ({"detail": "d"}, Complaint(message="d")),
        ({"error": {"error": {"message": "deep"}}}, Complaint(message="deep")),
        ("just text", Complaint(message="just text")),
        ({"error": True, "code": True, "message": 5}, Complaint()),
        ([], Complaint()),
        (None, Complaint()),
    ],
)
def test_a_complaint_is_found_in_every_usual_shape(body: object, complaint: Complaint) -> None:
    assert read_complaint(json.dumps(body).encode()) == complaint


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><h1>502</h1></html>",
        b"\xff\xfe",
        b'{"error": ' * 9_000,
        b'{"error": "' + b"e" * MAX_READ + b'"}',
    ],
)
def test_what_can_not_be_read_says_nothing(body: bytes) -> None:
    assert read_complaint(body) == Complaint()


def test_a_body_of_the_most_that_is_read_is_read() -> None:
    body = json.dumps({"detail": "e" * (MAX_READ - 14)}).encode()
    assert len(body) == MAX_READ
    assert read_complaint(body).message.startswith("ee")


@pytest.mark.parametrize(
    ("message", "quoted"),
    [
        ("", ""),
        (" \n ", ""),
        ("Not  now,\n\tplease", ': "Not now, please"'),
        ("Key sk-1 is unknown", ': "Key … is unknown"'),
        ("see https://example.com/a?key=1 for more", ': "see … for more"'),
        ("request 123e4567-e89b-42d3-a456-426614174000 failed", ': "request … failed"'),
        ("folder b1gvmob95yysaplct532 is not yours", ': "folder … is not yours"'),
        ("model aliceai-image-art-3.0 of gpt-image-2", ': "model aliceai-image-art-3.0 of gpt-image-2"'),
        ("недостаточно средств на счёте", ': "недостаточно средств на счёте"'),
        ("a\x00b\x1b[31m", ': "a b [31m"'),
    ],
)
def test_a_quotation_is_one_line_without_secrets_and_ids(message: str, quoted: str) -> None:
    assert quote(message, secrets=("sk-1", "")) == quoted


def test_a_long_quotation_is_cut() -> None:
    assert quote("s" * 15 + " " + "ш" * 144) == f': "{"s" * 15} {"ш" * 144}"'
    assert quote("слово " * 100) == f': "{"слово " * 26}сло…"'
    assert quote("да " * 100) == f': "{"да " * 52}да…"', "no white space before the cut"
