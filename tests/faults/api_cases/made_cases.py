"""Requests made of a description: what it lets a client send, and what it does not."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import strategies as st
from schemathesis.core import NotSet
from schemathesis.core.result import Ok

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hypothesis.strategies import SearchStrategy

MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
STRANGE, KNOWN = 0.05, 0.7
OTHER_METHODS = ("TRACE", "OPTIONS", "HEAD", "PUT", "PATCH", "DELETE", "POST", "PROPFIND", "x" * 40)


@dataclass(frozen=True, slots=True)
class Made:
    """A request.

    Attributes:
        path: As the description has it, with `{id}`.
        target: As it is sent.
        value: What the JSON body stands for; `NOTHING` without one.
        chance: A number that decides what else is tried with it.
        as_described: The description allows all of it.
    """

    method: str
    path: str
    target: str
    headers: dict[str, str]
    body: bytes | None
    value: Any
    chance: int
    as_described: bool


NOTHING: Any = object()


def made(description: dict[str, Any], *, leave_out: Iterable[str] = ()) -> SearchStrategy[Made]:
    """Return a strategy for requests to every operation of a description, each as likely as the others."""
    schema = schemathesis.openapi.from_dict(description)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    wanted = [operation for operation in operations if operation.label not in set(leave_out)]
    strategies: list[SearchStrategy[Made]] = [
        st.builds(_of_case(mode), operation.as_strategy(generation_mode=mode), st.integers(0, 2**32))
        for operation in wanted
        for mode in MODES
    ]
    return st.one_of(strategies)


def _of_case(mode: schemathesis.GenerationMode) -> Callable[[schemathesis.Case[Any], int], Made]:
    def converted(case: schemathesis.Case[Any], chance: int) -> Made:
        headers = {str(name): str(value) for name, value in (case.headers or {}).items()}
        body, value = _body(case)
        if body is not None and case.media_type:
            headers["Content-Type"] = case.media_type
        pairs = [(name, _in_query(one)) for name, one in (case.query or {}).items()]
        query = f"?{urlencode(pairs, errors='surrogatepass')}" if pairs else ""
        return Made(
            method=case.method.upper(),
            path=case.path,
            target=f"{case.formatted_path}{query}",
            headers=headers,
            body=body,
            value=value,
            chance=chance,
            as_described=mode is schemathesis.GenerationMode.POSITIVE,
        )

    return converted


def _body(case: schemathesis.Case[Any]) -> tuple[bytes | None, Any]:
    if isinstance(case.body, NotSet):
        return None, NOTHING
    if isinstance(case.body, bytes):
        return case.body, NOTHING
    if isinstance(case.body, str) and case.media_type != "application/json":
        return case.body.encode(errors="surrogatepass"), NOTHING
    return json.dumps(case.body).encode(), case.body


def _in_query(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def varied(request: Made, ids: Sequence[str]) -> Made:
    """Mostly ask for what there is, and now and then by a method that there is not."""
    _, mark, query = request.target.partition("?")
    chance = Random(request.chance)
    if chance.random() < STRANGE:
        return replace(request, method=chance.choice(OTHER_METHODS), as_described=False)
    if "{" in request.path and ids and chance.random() < KNOWN:
        before, _, rest = request.path.partition("{")
        found = quote(chance.choice(ids), safe="")
        return replace(request, target=f"{before}{found}{rest.partition('}')[2]}{mark}{query}")
    return request
