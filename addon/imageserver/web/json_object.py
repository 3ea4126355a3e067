"""The JSON that bodies are made of, frames' and others': one object, strictly read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..exceptions import BadRequestError, Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

    from ..models import Json


def read_object(body: bytes) -> dict[str, Json]:
    """Return the object that a body holds.

    Raises:
        BadRequestError: It holds none, a key twice, `NaN`, or text that is no Unicode. The message is as
            short as a frame needs it; its mistake says more.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_without_doubles, parse_constant=_no_constant
        )
        # Half a character passes as `\ud800`, and would break whoever writes it down.
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise BadRequestError("The body has half a character") from error
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise BadRequestError("The body is not JSON", mistakes=(Mistake("", reason),)) from error
    if not isinstance(value, dict):
        raise BadRequestError("The body is not a JSON object")
    return value


def _without_doubles(pairs: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    value: dict[str, Json] = {}
    for key, item in pairs:
        if key in value:
            raise ValueError(f"{key} stands twice")
        value[key] = item
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
