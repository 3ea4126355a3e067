"""A picture that comes as base64 in JSON."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from ..exceptions import BadAnswerError

if TYPE_CHECKING:
    from ..models import Json


def decode_picture(value: Json, *, provider: str) -> bytes:
    """Return the bytes; blank space between and a `data:` prefix are no mistake. Blocking where it is large.

    Raises:
        BadAnswerError: There is none, it is cut, or it is no base64.
    """
    if not isinstance(value, str) or not value.strip():
        raise BadAnswerError(f"{provider} answered without a picture")
    text = value.partition(",")[2] if value.lstrip().startswith("data:") else value
    try:
        picture = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadAnswerError(f"{provider} sent a picture whose base64 is cut or broken") from error
    if not picture:
        raise BadAnswerError(f"{provider} answered without a picture")
    return picture
