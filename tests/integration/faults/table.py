"""Every fault, what is told of it, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.integration.faults.ways import (
    HUGE,
    MEGABYTE,
    PIECE,
    changed,
    drip,
    endless,
    gzipped,
    raw,
    refused,
    reset_after,
    reset_before,
    reset_during,
    said,
    silence,
)

if TYPE_CHECKING:
    from tests.integration.faults.faulty_line import Way


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the server, or of the way to it.

    Attributes:
        way: How requests are answered; None refuses connections.
        key: What a person is told, who asks for something.
        first: What is told where it is the first thing that a server ever answered; the same where empty.
        is_final: Whether nothing is tried again by itself: another token or another version is needed.
        is_mistake: Whether it is told as the person's own mistake.
        is_long: Whether only the long run has it, everywhere.
    """

    way: Way | None
    key: str
    first: str = ""
    is_final: bool = False
    is_mistake: bool = False
    is_long: bool = False

    @property
    def at_first(self) -> str:
        return self.first or self.key

    @property
    def after_a_change(self) -> str:
        """What is told where something was to be changed: it may have been, but for a refused connection."""
        return "answer_lost" if self.key == AWAY and self.way is not None else self.key


AWAY, STRANGE, LATER = "cannot_connect", "not_understood", "not_now"


def _without_a_field(document: Any) -> Any:
    if isinstance(document, dict):
        document.pop(next(iter(document), None), None)
    return document


def _nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def _zeros(size: int) -> Any:
    return (bytes(MEGABYTE) for _ in range(size // MEGABYTE))


FAULTS: dict[str, Fault] = {
    "refused": Fault(None, AWAY),
    "silence": Fault(silence, AWAY),
    "slow drip": Fault(drip, AWAY),
    "reset before": Fault(reset_before, AWAY),
    "reset during": Fault(reset_during, AWAY, is_long=True),
    "reset after": Fault(reset_after, AWAY),
    "401": Fault(refused(401, "Unauthorized"), "token_refused", is_final=True),
    "401 of another": Fault(said(401, "<html>Log in", kind="text/html"), STRANGE, is_long=True),
    "403": Fault(refused(403, "Forbidden"), "refused", is_mistake=True),
    "404": Fault(refused(404, "NotFound"), "not_found", first=STRANGE, is_mistake=True),
    "429": Fault(refused(429, "TooMany", "Retry-After: 99999999999"), LATER),
    "500": Fault(refused(500, "Fault"), LATER, is_long=True),
    "502 of a proxy": Fault(said(502, "<html>Bad gateway", kind="text/html"), AWAY, is_long=True),
    "503": Fault(refused(503, "NotReady", "Retry-After: 31536000"), LATER),
    "page": Fault(said(200, "<html>Wi-Fi of the hotel", kind="text/html"), STRANGE),
    "empty": Fault(said(200, ""), STRANGE, is_long=True),
    "204": Fault(raw(b"HTTP/1.1 204 Nothing\r\n\r\n"), STRANGE, is_long=True),
    "null": Fault(said(200, "null"), STRANGE, is_long=True),
    "list": Fault(said(200, "[]"), STRANGE, is_long=True),
    "number": Fault(said(200, "5"), STRANGE, is_long=True),
    "object of another": Fault(said(200, '{"hello": "world"}'), STRANGE),
    "cut JSON": Fault(said(200, '{"api_version": 1, "installation_id": "'), STRANGE),
    "deep JSON": Fault(said(200, _nested(200_000)), STRANGE, is_long=True),
    "long number": Fault(said(200, '{"api_version": ' + "9" * 10_000 + "}"), STRANGE, is_long=True),
    "100 MB of JSON": Fault(endless("application/json", begins=b'"'), STRANGE),
    "100 MB of lists": Fault(endless("application/json", begins=b"[", piece=b"[],[]," * 10_922), STRANGE),
    "wrong charset": Fault(
        said(200, "«кот»".encode("utf-16"), kind="application/json; charset=koi8-r"), STRANGE, is_long=True
    ),
    "no charset": Fault(
        said(200, b'{"\xff\xfe": 1}', kind="application/json; charset=x"), STRANGE, is_long=True
    ),
    "gzip bomb": Fault(gzipped(200, _zeros(HUGE)), STRANGE),
    "broken gzip": Fault(said(200, b"\x1f\x8b nonsense", "Content-Encoding: gzip"), AWAY),
    "redirect": Fault(said(307, "", "Location: http://127.0.0.1:1/api/v1/info"), STRANGE),
    "no HTTP": Fault(raw(b"SSH-2.0-OpenSSH_10.1\r\n\r\n"), STRANGE),
    "100 MB of headers": Fault(raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * MEGABYTE + b"\r\n\r\n"), STRANGE),
    "missing field": Fault(changed(_without_a_field), STRANGE),
}
"""By what it is called in the table of tests."""

assert PIECE
