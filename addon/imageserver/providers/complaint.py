"""What a provider says is wrong, whichever of the usual shapes it says it in.

{"error": {"message": "...", "type": "invalid_request_error", "code": "..."}}     OpenAI and its likes
{"error": {"code": 400, "message": "...", "status": "INVALID_ARGUMENT"}}          Google
{"error": {"grpcCode": 3, "httpCode": 400, "message": "..."}}                     Yandex, over HTTP
{"code": 3, "message": "...", "details": []}                                      gRPC gateways
{"error": "...", "code": 3, "message": "...", "details": []}                      Yandex, too
{"detail": "..."}                                                                 FastAPI, sd servers
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import Json

MAX_READ = 64 * 1024
"""Bytes of a body in which a complaint is looked for."""

QUOTED = 160
"""Characters of a provider's own words that a message of ours repeats."""

_ADDRESS = re.compile(r"\bhttps?://\S+")
_TRACE = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=[a-zA-Z_]*\d)\w{16,}", re.IGNORECASE)
"""Ids of requests, operations, folders, accounts: of no use to a person."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong, in the provider's words.

    Attributes:
        code: A gRPC code where it is a number, else a word such as `moderation_blocked`.
        kind: OpenAI's `type`.
        param: The part of the request that is wrong.
        message: Its sentence; never shown as it is, see `quote`.
    """

    code: int | str | None = None
    kind: str | None = None
    param: str | None = None
    message: str = ""


def read_complaint(body: bytes) -> Complaint:
    """Find the complaint in a body; an empty one where there is none, as in a proxy's HTML."""
    if len(body) > MAX_READ:
        return Complaint()
    try:
        return to_complaint(json.loads(body))
    except (ValueError, RecursionError):
        return Complaint()


def to_complaint(value: Json) -> Complaint:
    """Find the complaint in parsed JSON."""
    if isinstance(value, str):
        return Complaint(message=value)
    if not isinstance(value, dict):
        return Complaint()
    inner = value.get("error")
    if isinstance(inner, dict):
        return to_complaint(inner)
    messages = (value.get("message"), inner, value.get("detail"))
    return Complaint(
        code=_code(value),
        kind=_text(value.get("type")) or None,
        param=_text(value.get("param")) or None,
        message=next((text for text in map(_text, messages) if text), ""),
    )


def quote(message: str, *, secrets: tuple[str, ...] = ()) -> str:
    """Return `: "..."` to end a sentence with, shortened, without secrets and ids; empty for nothing."""
    for secret in filter(None, secrets):
        message = message.replace(secret, "…")
    message = _TRACE.sub("…", _ADDRESS.sub("…", message))
    message = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    if len(message) > QUOTED:
        message = message[: QUOTED - 1].rstrip() + "…"
    return f': "{message}"' if message else ""


def _code(value: dict[str, Json]) -> int | str | None:
    for key in ("grpcCode", "code"):
        code = value.get(key)
        if isinstance(code, int | str) and not isinstance(code, bool):
            return int(code) if isinstance(code, str) and code.isdecimal() else code
    return None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
