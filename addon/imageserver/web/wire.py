"""The exact bytes of the frame protocol: what a frame may ask, and what it is told.

Frames in the field can't be changed, and read an answer in its order: `tests/server/fixtures/wire` holds
each answer byte for byte. `status` stands before `response`, and nothing in an answer is an empty
string, a backslash or an escaped quote: the frame's reader loses the picture behind the first of them.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..exceptions import BadRequestError, ImageServerError, NotFoundError, PromptError
from ..models import OperationKind, OperationStatus, PromptText
from .json_object import read_object

if TYPE_CHECKING:
    from ..models import Json, Operation

TAIL = bytes(512)
"""Follows each JPEG on the wire: the frame's decoder asks for whole blocks and would read past its buffer."""

MESSAGE_BYTES = 60
"""Of an error's text, in UTF-8. A frame has a document of 200 bytes for a whole error."""

PROMPT_TOO_LONG = "prompt too long for the frame"

_ID = re.compile(r"[0-9A-Za-z-]{1,40}")
_KINDS = {"auto": OperationKind.AUTO, "old": OperationKind.OLD, "ydart": OperationKind.DIRECT}
_PICTURE_GONE = "The picture is gone"
_UNKNOWN = "No such operation: ask for a new picture"


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What a frame asks for; `text` only with a direct request that brings its own prompt."""

    kind: OperationKind
    text: PromptText | None = None


# What a frame says


def read_start(body: bytes) -> StartRequest:
    """Read the body of `/operation/start`.

    Raises:
        BadRequestError: It is no such request.
        PromptError: Its prompt is empty, or was too long for the frame to send.
    """
    request = read_object(body)
    kind = request.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise BadRequestError("Unknown type; there are: auto, old, ydart")
    if _KINDS[kind] is not OperationKind.DIRECT or "prompt" not in request:
        return StartRequest(_KINDS[kind])
    return StartRequest(_KINDS[kind], _text(request))


def read_prompt(body: bytes) -> PromptText:
    """Read the body of `/prompt/add`.

    Raises:
        BadRequestError: It is no such request.
        PromptError: The prompt is empty, or was too long for the frame to send.
    """
    request = read_object(body)
    if "prompt" not in request:
        raise BadRequestError("There is no prompt in the request")
    return _text(request)


def _text(request: dict[str, Json]) -> PromptText:
    prompt = request["prompt"]
    if prompt is None:
        # What the firmware makes of a prompt over about 990 bytes. Taken for "no prompt", it would
        # buy a picture that nobody asked for.
        raise PromptError(PROMPT_TOO_LONG)
    prompt = _string("prompt", prompt)
    if not prompt.strip():
        raise PromptError("The prompt is empty")
    negative = request.get("negative")
    if negative is None or not _string("negative", negative).strip():
        return PromptText(prompt)
    return PromptText(prompt, _string("negative", negative))


def _string(name: str, value: Json) -> str:
    if not isinstance(value, str):
        raise BadRequestError(f"{name} is not text")
    return value


# What a frame is told


def started(operation: Operation) -> bytes:
    """Answer an accepted start; always pending, also where the picture is ready by now."""
    return _json({"id": operation.id, "status": OperationStatus.PENDING, "error": None})


def status(operation: Operation) -> bytes:
    """Answer a question about an operation."""
    return _json(_state(operation))


def result(operation: Operation, image: bytes | None) -> bytes:
    """Answer a poll; `image` is the JPEG of a done operation.

    Without it the operation ends with an error: a frame that is told `done` forgets the operation
    and decodes what follows, whatever it is.
    """
    if operation.status is not OperationStatus.DONE:
        return _result(_state(operation))
    if not image:
        return _result(_ended(operation.id, NotFoundError.code, _PICTURE_GONE))
    return _result(_state(operation), image)


def failed_status(operation_id: str, error: ImageServerError) -> bytes:
    """Answer a question about an operation that can't be found or read."""
    return _json(_failure(operation_id, error))


def failed_result(operation_id: str, error: ImageServerError) -> bytes:
    """Answer a poll for an operation that can't be found or read.

    It goes out with code 200 like any other: all else a frame would ask again every 30 s for ever.
    """
    return _result(_failure(operation_id, error))


def prompt_added() -> bytes:
    """Answer an added prompt."""
    return _json({"status": OperationStatus.DONE, "error": None})


def error(code: str, message: str, status: int) -> bytes:
    """Answer what can't be met. The full text is in the log: here all of it has to fit 200 bytes."""
    dev_message = HTTPStatus(status).phrase
    return _json({"error": {"code": code, "message": shortened(message), "dev_message": dev_message}})


def shortened(text: str, limit: int = MESSAGE_BYTES) -> str:
    """Make a text of at most `limit` bytes, cut between words, that needs no escape in JSON."""
    text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.replace('"', "'").replace("\\", "/").split()) or "Error"
    coded = text.encode()
    if len(coded) <= limit:
        return text
    room = limit - len("...")
    words, _, _ = coded[: room + 1].rpartition(b" ")
    return (words or coded[:room]).decode(errors="ignore") + "..."


def _state(operation: Operation) -> dict[str, Json]:
    if operation.status is not OperationStatus.ERROR:
        return {"id": operation.id, "status": operation.status, "error": None}
    code = operation.error_code or ImageServerError.code
    return _ended(operation.id, code, operation.error or "")


def _failure(operation_id: str, error: ImageServerError) -> dict[str, Json]:
    known = operation_id if _ID.fullmatch(operation_id) else "unknown"
    message = _UNKNOWN if isinstance(error, NotFoundError) else str(error)
    return _ended(known, error.code, message)


def _ended(operation_id: str, code: str, message: str) -> dict[str, Json]:
    if code == ImageServerError.code:
        message = "Internal error"
    ending: dict[str, Json] = {"code": code, "message": shortened(message)}
    return {"id": operation_id, "status": OperationStatus.ERROR, "error": ending}


def _result(state: dict[str, Json], image: bytes = b"") -> bytes:
    head = _json(state).removesuffix(b"}")
    coded = b64encode(image + TAIL) if image else b""
    return b"".join((head, b',"response":{"image":"', coded, b'"}}'))


def _json(value: dict[str, Json]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
