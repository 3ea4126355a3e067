"""What the client raises, in Home Assistant's words: one vocabulary for flows, updates and actions."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .api import (
    API_VERSION,
    AnswerLostError,
    CannotConnectError,
    ImageServerError,
    NotFoundError,
    NotTrustedError,
    RequestRefusedError,
    TokenRefusedError,
    UnsupportedVersionError,
)
from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from homeassistant.core import HomeAssistant

    from .coordinator import AiframesConfigEntry


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the translations."""

    key: str
    placeholders: Mapping[str, str] = field(default_factory=dict)


def said_of(error: ImageServerError) -> Said:  # noqa: PLR0911 - a table
    """Return what to say of an error."""
    match error:
        case TokenRefusedError():
            return Said("token_refused")
        case NotTrustedError():
            return Said("not_trusted")
        case AnswerLostError():
            return Said("answer_lost")
        case CannotConnectError():
            return Said("cannot_connect")
        case UnsupportedVersionError() if error.api_version < API_VERSION:
            return Said("server_too_old", {"version": str(error.api_version)})
        case UnsupportedVersionError():
            return Said("server_too_new", {"version": str(error.api_version)})
        case NotFoundError():
            return Said("not_found", {"reason": error.message})
        case RequestRefusedError() if _may_work_later(error.status):
            return Said("not_now", {"reason": error.message})
        case RequestRefusedError():
            return Said("refused", {"reason": error.message})
        case _:
            return Said("not_understood")


@contextmanager
def translated(hass: HomeAssistant, entry: AiframesConfigEntry) -> Iterator[None]:
    """Raise what the server refuses as Home Assistant's own error; a refused token starts reauthentication.

    Raises:
        ServiceValidationError: The request was wrong; it says how.
        HomeAssistantError: The server can't be reached, or can't do it now.
    """
    try:
        yield
    except ImageServerError as error:
        if isinstance(error, TokenRefusedError):
            entry.async_start_reauth(hass)
        said = said_of(error)
        kind = ServiceValidationError if said.key in {"not_found", "refused"} else HomeAssistantError
        raise kind(
            translation_domain=DOMAIN,
            translation_key=said.key,
            translation_placeholders=dict(said.placeholders),
        ) from error


def _may_work_later(status: int) -> bool:
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
