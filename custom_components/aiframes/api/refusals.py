"""What an answer with an error says, as this client's errors."""

from dataclasses import dataclass
from http import HTTPStatus

from .errors import (
    CannotConnectError,
    ImageServerError,
    Mistake,
    NotAnImageServerError,
    NotFoundError,
    RequestRefusedError,
    TokenRefusedError,
)
from .json_text import parsed
from .reading import read

_OF_PROXIES = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
"""What a proxy says while the server behind it is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What went wrong, as the wire says it."""

    code: str
    message: str
    details: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalBody:
    """The body of every answer with an error."""

    error: Refusal


def error_of(
    *, status: int, body: bytes, retry_after: str | None, away: type[CannotConnectError]
) -> ImageServerError:
    """Return the error to raise; `away` where a proxy says that it got no answer."""
    try:
        refusal = read(RefusalBody, parsed(body)).error
    except NotAnImageServerError:
        if status in _OF_PROXIES:
            return away(f"A proxy answers {status}: the server behind it is away")
        return NotAnImageServerError(f"What answers is no ImageServer: {status}, without an error of its API")
    if status == HTTPStatus.UNAUTHORIZED:
        return TokenRefusedError(refusal.message)
    kind = NotFoundError if status == HTTPStatus.NOT_FOUND else RequestRefusedError
    return kind(
        refusal.code,
        refusal.message,
        status=status,
        details=refusal.details,
        retry_after=_seconds(retry_after),
    )


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdecimal() else None
