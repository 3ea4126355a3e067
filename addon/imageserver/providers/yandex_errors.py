"""What Yandex means by an error: whether the prompt, the settings, or the moment is wrong.

The codes (gRPC's, behind HTTP's) are documented:
https://aistudio.yandex.ru/docs/en/ai-studio/troubleshooting/error-codes. The sentences are what clients of
both APIs have seen. Where both leave it open, the rule is the one that is cheaper to be wrong about.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..exceptions import (
    AccessRefusedError,
    BadAnswerError,
    ContentRefusedError,
    FateUnknownError,
    ProviderError,
    RateLimitedError,
)
from .complaint import Complaint, quote, to_complaint

if TYPE_CHECKING:
    from ..models import Json
    from .http_client import Answer

REFUSED_CODES = frozenset({"moderation_blocked", "content_policy_violation", "content_filter"})

_REFUSED = re.compile(
    r"not possible to generate|terms of us|violat|ethic|moderation|content policy|safety|prohibited|"
    r"этик|этич|модерац|наруша|запрещ[её]нн|невозможно сгенерировать",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(r"prompt\b.*\b(exceeds|too long|limit)", re.IGNORECASE)
_SETTINGS = re.compile(r"model|\buri\b|folder|project|\bsize\b|aspect|каталог|модел", re.IGNORECASE)

# Codes of gRPC:
_RATE = 8
# not found, permission denied, failed precondition, unimplemented, unauthenticated
_ACCESS = frozenset({5, 7, 9, 12, 16})
_NOT_FOUND = 5
# cancelled, unknown, deadline exceeded, aborted, internal, unavailable, data loss
_UNKNOWN = frozenset({1, 2, 4, 10, 13, 14, 15})
_ABOUT_OTHERS = _ACCESS | _UNKNOWN | {_RATE}

_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.BAD_REQUEST)

_RETIRED = "Yandex has retired this model: leave transport and model out of the settings"
_RIGHTS = "The role ai.imageGeneration.user and a key of the scope yc.ai.imageGeneration.execute are needed"

_ABOUT_THE_REQUEST = (HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


def of_request(answer: Answer) -> ProviderError:
    """Return the error of a refused request for a picture."""
    complaint = answer.complaint
    said = quote(complaint.message, secrets=answer.secrets)
    refusal = _of_content(answer, complaint, said)
    if refusal is not None:
        return refusal
    if answer.status == HTTPStatus.FORBIDDEN:
        remedy = _RETIRED if "yandex-art" in complaint.message else _RIGHTS
        return AccessRefusedError(f"{answer.error()}. {remedy}")
    return _of_code(answer, complaint, said) if answer.status in _ABOUT_THE_REQUEST else answer.error()


def of_poll(answer: Answer) -> ProviderError:
    """Return the error of a question about an operation: it can be asked again, and is.

    A picture that was paid for stays with Yandex for days, also while a key is being mended.
    """
    complaint = answer.complaint
    said = quote(complaint.message, secrets=answer.secrets)
    refusal = _of_content(answer, complaint, said)
    if refusal is not None:
        return refusal
    if complaint.code == _RATE or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitedError(f"{answer.provider} is asked too often{said}", retry_after=answer.retry_after)
    if answer.status in _GONE and _is_about_the_operation(complaint):
        return BadAnswerError(f"{answer.provider} does not know this picture any more{said}")
    return FateUnknownError(f"{answer.error()}; the picture is asked for again")


def _is_about_the_operation(complaint: Complaint) -> bool:
    """Whether it is the API that speaks (a gateway has no complaint to read), and of nothing else."""
    if complaint.code in _ABOUT_OTHERS - {_NOT_FOUND} or _SETTINGS.search(complaint.message):
        return False
    return complaint != Complaint()


def of_operation(answer: Answer, error: Json) -> ProviderError:
    """Return the error that an operation ended with: asking again would bring the same."""
    complaint = to_complaint(error)
    said = quote(complaint.message, secrets=answer.secrets)
    refusal = _of_content(answer, complaint, said)
    if refusal is not None:
        return refusal
    if complaint.code in _ACCESS:
        return AccessRefusedError(f"{answer.provider} does not accept its settings{said}")
    return BadAnswerError(f"{answer.provider} gave the picture up{said}")


def _of_content(answer: Answer, complaint: Complaint, said: str) -> ContentRefusedError | None:
    """Return a refusal of what the prompt says or of its length; None where something else is wrong."""
    if REFUSED_CODES & {complaint.code, complaint.kind}:
        return ContentRefusedError(f"{answer.provider} refuses this prompt{said}")
    if answer.status not in _ABOUT_THE_REQUEST or complaint.code in _ABOUT_OTHERS:
        return None
    if _TOO_LONG.search(complaint.message):
        return ContentRefusedError(f"{answer.provider} finds this prompt too long{said}")
    if _REFUSED.search(complaint.message):
        return ContentRefusedError(f"{answer.provider} refuses this prompt{said}")
    return None


def _of_code(answer: Answer, complaint: Complaint, said: str) -> ProviderError:
    """Return the error of a request that was understood and not taken."""
    name = answer.provider
    if complaint.code == _RATE:
        return RateLimitedError(f"{name} asks for fewer requests{said}", retry_after=answer.retry_after)
    if complaint.code in _UNKNOWN:
        return FateUnknownError(f"{name} failed after the request was sent{said}")
    if complaint.code in _ACCESS or _SETTINGS.search(complaint.message):
        return AccessRefusedError(f"{name} does not accept its settings{said}")
    if complaint.kind == "invalid_request_error" and complaint.param in (None, "prompt"):
        # The rest of the request is the same each time: what differs is the prompt.
        return ContentRefusedError(f"{name} refuses this prompt{said}")
    return BadAnswerError(f"{name} does not take the request (HTTP {answer.status}){said}")
