from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.aiframes.api import ImageServerClient, event, models, refusals
from custom_components.aiframes.api.models import LogLevel, PictureOrder, PictureQuery
from tests.contract.calls import CALLS
from tests.contract.schema_match import at, differences
from tests.openapi_document import raw_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANSWERS: Mapping[str, type] = {
    "getInfo": models.Info,
    "getStatus": models.Status,
    "listOperations": models.Operations,
    "startOperation": models.Operation,
    "getOperation": models.Operation,
    "listPrompts": models.PromptBook,
    "addPrompt": models.AddedPrompt,
    "previewPrompt": models.Preview,
    "getPrompt": models.Prompt,
    "editPrompt": models.Prompt,
    "removePrompt": models.Prompt,
    "movePrompt": models.MovedPrompts,
    "restorePrompt": models.AddedPrompt,
    "getPlaceholders": models.GlobalPlaceholders,
    "setPlaceholders": models.GlobalPlaceholders,
    "searchImages": models.PicturePage,
    "pushImage": models.Shown,
    "getImage": models.Picture,
    "changeImage": models.Picture,
    "deleteImage": models.Picture,
    "restoreImage": models.Picture,
    "showImage": models.Shown,
    "listFrames": models.Frames,
    "getFrame": models.Frame,
    "renameFrame": models.Frame,
    "listProviders": models.Providers,
    "changeProvider": models.Provider,
    "retryProvider": models.Provider,
    "getSettings": models.Settings,
    "changeSettings": models.Settings,
    "getHistory": models.History,
    "getLog": models.Log,
    "renewToken": models.NewToken,
}
"""The model that a method reads, by operation; the others answer with a stream, bytes or nothing."""


def json_answers() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each operation that answers with JSON, and the schema of that."""
    for item in raw_document()["paths"].values():
        for method, operation in item.items():
            for status, response in operation["responses"].items() if method != "parameters" else ():
                content = (at(response["$ref"]) if "$ref" in response else response).get("content", {})
                if status.startswith("2") and "application/json" in content:
                    yield operation["operationId"], content["application/json"]["schema"]


def test_every_operation_that_answers_with_json_has_its_model() -> None:
    assert ANSWERS.keys() == {name for name, _ in json_answers() if name in CALLS}


@pytest.mark.parametrize("operation_id", ANSWERS)
def test_a_model_holds_what_the_description_says_no_less_and_no_more(operation_id: str) -> None:
    for schema in [schema for name, schema in json_answers() if name == operation_id]:
        assert list(differences(schema, ANSWERS[operation_id], operation_id)) == []


EVENTS = at("#/components/schemas/Events")["properties"]


def test_the_client_knows_every_event() -> None:
    assert {kind.value for kind in event.EventKind} == EVENTS.keys()
    assert event.DATA.keys() == set(event.EventKind)


@pytest.mark.parametrize("kind", event.EventKind)
def test_an_event_holds_what_the_description_says_no_less_and_no_more(kind: event.EventKind) -> None:
    assert list(differences(EVENTS[kind], event.DATA[kind], kind)) == []


def test_an_error_holds_what_the_description_says() -> None:
    schema = at("#/components/schemas/Error")
    assert list(differences(schema, refusals.RefusalBody)) == []


def test_a_search_can_ask_for_all_that_the_description_offers() -> None:
    offered = at("#/components/schemas/PictureQuery")["properties"]
    query = PictureQuery()
    assert set(PictureQuery.__dataclass_fields__) == offered.keys()
    assert {word.value for word in PictureOrder} == set(offered["order"]["enum"]) - {None}
    for name in ("deleted", "order", "offset", "limit"):
        assert getattr(query, name) == offered[name]["default"]


def test_the_log_can_be_asked_for_every_level() -> None:
    assert [level.value for level in LogLevel] == at("#/components/schemas/LogLevel")["enum"]


@pytest.mark.parametrize(
    ("method", "schema"),
    [
        (ImageServerClient.generate, "StartOperation"),
        (ImageServerClient.add_prompt, "NewPrompt"),
        (ImageServerClient.edit_prompt, "PromptChanges"),
        (ImageServerClient.preview_prompt, "PromptDraft"),
        (ImageServerClient.change_provider, "ProviderChanges"),
        (ImageServerClient.change_settings, "SettingsChanges"),
    ],
)
def test_a_method_offers_all_that_may_be_asked_for(method: Callable[..., object], schema: str) -> None:
    parameters = signature(method).parameters.values()
    offered = {parameter.name for parameter in parameters if parameter.kind is Parameter.KEYWORD_ONLY}
    assert offered == at(f"#/components/schemas/{schema}")["properties"].keys()


# The comparison itself


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    note: str | None = None


GOOD: Mapping[str, Any] = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}, "note": {"type": ["string", "null"]}},
}


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({}, None),
        ({"text": {"type": "integer"}}, "text is {'type': 'integer'}, not <class 'str'>"),
        ({"text": {"type": ["string", "null"]}}, ".text may be null"),
        ({"text": {"enum": ["a", "b"]}}, ".text is"),
        ({"note": {"type": "string"}}, ".note is never null"),
        ({"note": {"type": ["string", "null"], "format": "date-time"}}, ".note is"),
        ({"more": {"type": "string"}}, ".more is not in Sample"),
    ],
)
def test_what_does_not_fit_is_found(changed: Mapping[str, Any], difference: str | None) -> None:
    found = list(differences({**GOOD, "properties": {**GOOD["properties"], **changed}}, Sample))
    assert (difference is None) == (found == [])
    assert difference is None or difference in found[0]


@pytest.mark.parametrize(
    ("schema", "hint", "difference"),
    [
        ({**GOOD, "properties": {"text": {"type": "string"}}}, Sample, ".note is not described"),
        (
            {**GOOD, "required": []},
            Sample,
            ".text has a default where it is required, or none where it is not",
        ),
        ({"type": "string"}, tuple[str, ...], " is no list"),
        ({"type": "array", "items": {"type": "integer"}}, tuple[str, ...], "[] is {'type': 'integer'}"),
        ({"type": "object"}, Mapping[str, int], " is no mapping"),
        ({"enum": ["debug"]}, models.PromptPart, " says ['debug'], PromptPart knows"),
        ({"enum": ["prompt", "negative", "other"]}, models.PromptPart, "stands for unknown ones"),
        ({"const": 1}, str, " is 1"),
        ({"type": "string"}, object, " is a string"),
    ],
)
def test_what_does_not_fit_is_found_in_every_kind_of_value(
    schema: Mapping[str, Any], hint: Any, difference: str
) -> None:
    assert difference in next(differences(schema, hint))
