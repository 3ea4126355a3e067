from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate

from imageserver.events import EventKind
from imageserver.metrics import RequestKind
from imageserver.models import Card, ContentKind, Fate, OperationKind, OperationStatus, Protocol
from imageserver.policy import Reason
from imageserver.settings import LogLevel, Source
from imageserver.status import ServerState
from imageserver.store.picture_search import PictureOrder
from tests.openapi_document import raw_document

SCHEMAS: dict[str, Any] = raw_document()["components"]["schemas"]


def test_the_description_is_openapi() -> None:
    validate(raw_document())


def test_every_operation_has_an_id_of_its_own_a_summary_and_says_how_it_fails() -> None:
    operations = [
        operation
        for item in raw_document()["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"]
        assert {"default", "503"} & operation["responses"].keys()


def test_every_schema_is_used() -> None:
    text = str(raw_document())
    unused = {name for name in SCHEMAS if f"#/components/schemas/{name}'" not in text}
    assert unused == {"Events"}, "named in words, since a stream has no schema"


@pytest.mark.parametrize(
    ("described", "known"),
    [
        (SCHEMAS["Status"]["properties"]["state"]["enum"], ServerState),
        (SCHEMAS["Provider"]["properties"]["reason"]["enum"], Reason),
        (SCHEMAS["Fate"]["enum"], Fate),
        (SCHEMAS["OperationKind"]["enum"], OperationKind),
        (SCHEMAS["Operation"]["properties"]["status"]["enum"], OperationStatus),
        (SCHEMAS["Content"]["properties"]["kind"]["enum"], ContentKind),
        (SCHEMAS["Content"]["properties"]["card"]["enum"], Card),
        (SCHEMAS["Frame"]["properties"]["protocol"]["enum"], Protocol),
        (SCHEMAS["PictureQuery"]["properties"]["order"]["enum"], PictureOrder),
        (SCHEMAS["SettingsList"]["properties"]["settings"]["items"]["properties"]["source"]["enum"], Source),
        (SCHEMAS["LogLevel"]["enum"], LogLevel),
        (SCHEMAS["Metrics"]["properties"]["requests_by_kind"]["required"], RequestKind),
        (SCHEMAS["Metrics"]["properties"]["requests_by_kind"]["properties"], RequestKind),
        (set(SCHEMAS["Events"]["properties"]) - {"status", "generation"}, EventKind),
    ],
)
def test_the_description_knows_every_word_that_the_server_says(described: Any, known: Any) -> None:
    assert set(described) - {None} == set(known)
