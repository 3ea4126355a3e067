"""What the client raises, as Home Assistant says it: translated once, for all that a person starts."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .api.errors import (
    CannotConnectError,
    ImageServerError,
    NotFoundError,
    RequestRefusedError,
    TokenRefusedError,
)
from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeassistant.core import HomeAssistant

    from .coordinator import AiframesConfigEntry

_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@contextmanager
def translated(hass: HomeAssistant, entry: AiframesConfigEntry) -> Iterator[None]:
    """Raise what the server refuses as Home Assistant's own error; a refused token starts reauthentication.

    Raises:
        ServiceValidationError: The request was wrong; it says how.
        HomeAssistantError: The server can't be reached, or can't do it now.
    """
    try:
        yield
    except TokenRefusedError as error:
        entry.async_start_reauth(hass)
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="token_refused") from error
    except CannotConnectError as error:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="cannot_connect") from error
    except RequestRefusedError as error:
        raise _refusal(error) from error
    except ImageServerError as error:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="not_understood") from error


def _refusal(error: RequestRefusedError) -> HomeAssistantError:
    placeholders = {"reason": error.message}
    if isinstance(error, NotFoundError):
        return ServiceValidationError(
            translation_domain=DOMAIN, translation_key="not_found", translation_placeholders=placeholders
        )
    if error.status in _LATER:
        return HomeAssistantError(
            translation_domain=DOMAIN, translation_key="not_now", translation_placeholders=placeholders
        )
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key="refused", translation_placeholders=placeholders
    )
