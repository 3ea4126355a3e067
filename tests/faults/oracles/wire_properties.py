"""Bodies of requests, and what frames are told: whatever is in them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from imageserver.exceptions import BadRequestError, ImageServerError, ProviderError, RequestError
from imageserver.models import Operation, OperationKind, OperationStatus
from imageserver.web import wire
from imageserver.web.json_object import read_object
from tests.faults.api_cases.frame_judge import SHAPES, is_read_as_picture
from tests.faults.oracles.property import Property
from tests.faults.oracles.rubbish_text import tokens, trees
from tests.simulators.frame_json import document


def _of_pairs(pairs: list[tuple[str, Any]]) -> bytes:
    return f"{{{','.join(f'{json.dumps(key)}:{json.dumps(value)}' for key, value in pairs)}}}".encode()


_BODIES = (
    st.binary(max_size=60)
    | tokens('{"type":"auto"', '"prompt":', "}", "NaN", "1e999", "[", '"\\ud83d"').map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )
    | trees("type", "prompt", "negative").map(lambda value: json.dumps(value).encode())
    | st.lists(st.tuples(st.sampled_from(("type", "prompt", "x")), trees("x")), max_size=4).map(_of_pairs)
    | trees("type", "prompt").map(lambda value: json.dumps({"type": "auto", "x": value}).encode("utf-16"))
)


def _bodies_are_read_as_others_read_them(body: bytes) -> None:
    try:
        value: Any = read_object(body)
    except BadRequestError:
        assert _is_faulty(body), f"{body!r} is refused"
        return
    assert json.dumps(value) == json.dumps(json.loads(body.decode("utf-8-sig")))
    assert not _is_faulty(body)


def _is_faulty(body: bytes) -> bool:
    """Whether JSON is none, no object, or such that no two readers understand it alike."""
    doubles: list[Any] = []

    def looked_at(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        doubles.extend([pairs] if len(found) != len(pairs) else [])
        return found

    try:
        value = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=looked_at, parse_constant=doubles.append
        )
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return True
    return bool(doubles) or not isinstance(value, dict)


_ERRORS = [
    error
    for base in (ImageServerError, RequestError, ProviderError)
    for error in (base, *base.__subclasses__())
]
_TEXTS = st.text(max_size=200) | st.sampled_from(
    ["", "\ud800", '"' * 70, "\\" * 70, "ы" * 70, "\x00\n", "a " * 50]
)
_IDS = st.from_regex(r"[0-9a-z-]{1,40}", fullmatch=True)


def _frames_understand_whatever_they_are_told(
    told: tuple[type[ImageServerError], str, str, str, bytes],
) -> None:
    kind, text, own_id, asked_id, image = told
    _check("refused", wire.error(kind.code, text, kind.status))
    operation = Operation(id=own_id, kind=OperationKind.AUTO, created_at=datetime(2026, 11, 24, tzinfo=UTC))
    _check("start", wire.started(operation))
    for status in OperationStatus:
        code = kind.code if status is OperationStatus.ERROR else None
        ended = Operation(
            id=own_id,
            kind=OperationKind.AUTO,
            created_at=operation.created_at,
            status=status,
            error_code=code,
            error=text if code else None,
        )
        _check("status", wire.status(ended))
        for picture in (None, b"", image):
            _check("result", wire.result(ended, picture))
    error = ImageServerError(text)
    _check("status", wire.failed_status(asked_id, error))
    _check("result", wire.failed_result(asked_id, error))


def _check(shape: str, body: bytes) -> None:
    match = re.fullmatch(SHAPES[shape], body)
    assert match is not None, f"{body!r} is not of the shape {shape}"
    groups = match.groupdict()
    assert len(groups.get("message") or b"") <= wire.MESSAGE_BYTES
    if shape == "result":
        assert is_read_as_picture(body) is (groups["image"] != b"")
    elif shape != "status":  # which frames never ask for
        document(body)


PROPERTIES = {
    "A body of JSON is read as others read it, or refused for a fault that it has": Property(
        _BODIES, _bodies_are_read_as_others_read_them, 200
    ),
    "A frame understands whatever it is told": Property(
        st.tuples(st.sampled_from(_ERRORS), _TEXTS, _IDS, _TEXTS, st.binary(min_size=1, max_size=20)),
        _frames_understand_whatever_they_are_told,
        150,
    ),
}
