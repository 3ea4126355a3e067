from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.aiframes.api import Event, ImageBytes, ImageServerClient
from tests.contract import calls
from tests.contract.as_wire import as_wire
from tests.contract.calls import CALLS, LEFT_OUT, furnish
from tests.openapi_document import raw_document

if TYPE_CHECKING:
    from tests.contract.running import Running

UNWRAPPED = {
    "movePrompt": "prompts",
    "getPlaceholders": "placeholders",
    "setPlaceholders": "placeholders",
    "listFrames": "frames",
    "listProviders": "providers",
    "getLog": "lines",
    "renewToken": "token",
}
"""Where the client returns the one thing that is in the answer, and its name there."""

NOT_OPERATIONS = {"open_events": "`EventStream` calls it"}
METHODS = [
    name for name, value in vars(ImageServerClient).items() if inspect.isfunction(value) and name[0] != "_"
]


def operation_ids() -> set[str]:
    return {
        operation["operationId"]
        for item in raw_document()["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    }


@pytest.mark.parametrize("operation_id", CALLS)
async def test_a_method_asks_for_its_operation_and_returns_all_that_was_answered(
    running: Running, operation_id: str
) -> None:
    things = await furnish(running)
    running.exchanges.clear()

    result = await CALLS[operation_id](running, things)

    exchange = running.exchanges[-1]
    assert exchange.operation_id == operation_id
    if isinstance(result, ImageBytes):
        assert (result.data, result.content_type) == (exchange.body, "image/jpeg")
        assert result.etag
    elif isinstance(result, Event):
        assert result.data == await running.client.status()
    else:
        assert as_wire(result) == _answered(operation_id, exchange.body)


def _answered(operation_id: str, body: bytes | None) -> Any:
    answer: Any = json.loads(body) if body else None
    if operation_id in UNWRAPPED:
        assert list(answer) == [UNWRAPPED[operation_id]]
        return answer[UNWRAPPED[operation_id]]
    _fill(answer)
    return answer


def _fill(answer: Any) -> None:
    """Put in what pictures in lists do not say, and models always have: who has shown them."""
    if isinstance(answer, list):
        for item in answer:
            _fill(item)
    elif isinstance(answer, dict):
        if "took_seconds" in answer:
            answer.setdefault("shown_by", [])
        for item in answer.values():
            _fill(item)


def test_every_operation_has_its_method_or_a_reason_to_have_none() -> None:
    assert CALLS.keys() & LEFT_OUT.keys() == set()
    assert CALLS.keys() | LEFT_OUT.keys() == operation_ids()


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_called_here(name: str) -> None:
    called = f"client.{name}(" in inspect.getsource(calls)
    assert called or name in NOT_OPERATIONS
