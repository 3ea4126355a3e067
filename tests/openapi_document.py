"""The management API's description, as a judge of what the server really answers."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

BASE = "urn:imageserver"
METHODS = frozenset({"get", "put", "post", "delete", "patch"})

type Schema = dict[str, Any]


@cache
def raw_document() -> Schema:
    text = files("imageserver.web").joinpath("openapi.yaml").read_text("utf-8")
    document: Schema = yaml.safe_load(text)
    return document


@cache
def document() -> OpenApiDocument:
    return OpenApiDocument(raw_document())


@dataclass(frozen=True, slots=True)
class Described:
    """An operation of the document, and where it stands in it."""

    pointer: str
    operation: Schema


class OpenApiDocument:
    """Checks answers more strictly than clients do: what is not described may not be there."""

    def __init__(self, document: Schema) -> None:
        self.document = _closed(deepcopy(document))
        self._registry: Registry[Any] = Registry().with_resource(
            BASE, DRAFT202012.create_resource(self.document)
        )

    def routes(self) -> set[tuple[str, str]]:
        return {
            (method.upper(), path)
            for path, item in self.document["paths"].items()
            for method in METHODS & item.keys()
        }

    def check_answer(self, method: str, path: str, *, status: int, content_type: str, body: bytes) -> None:
        """Fail unless this is an answer that the document describes."""
        described = self._find(method, path)
        where = f"{method} {path} -> {status}"
        if described is None:
            return
        responses = described.operation["responses"]
        assert str(status) in responses or status >= 400, f"{where} is not described"
        key = str(status) if str(status) in responses else "default"
        response, pointer = self._resolved(responses[key], f"{described.pointer}/responses/{key}")
        content = response.get("content")
        if method == "HEAD" or content is None:
            assert body == b"", f"{where} should have no body"
            return
        assert content_type in content, f"{where} has an undescribed type {content_type}"
        if content_type == "application/json":
            self._validate(json.loads(body), f"{pointer}/content/application~1json/schema", where)

    def check_refusal(self, status: int, body: bytes) -> None:
        """Fail unless an error looks as described, and its status is among those that are explained."""
        explained = re.findall(
            r"\b[45]\d\d\b", self.document["components"]["responses"]["Error"]["description"]
        )
        assert str(status) in explained, f"{status} is not explained"
        self._validate(json.loads(body), "/components/schemas/Error", f"{status}")

    def accepts(self, method: str, path: str, body: Any) -> bool:
        """Whether the document lets a client send this JSON."""
        described = self._find(method, path)
        assert described is not None, f"{method} {path} is not described"
        content = described.operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return False
        pointer = f"{described.pointer}/requestBody/content/application~1json/schema"
        return bool(self._validator(pointer).is_valid(body))

    def check_event(self, name: str, data: Any) -> None:
        """Fail unless this is an event that the document describes."""
        self._validate({name: data}, "/components/schemas/Events", f"event {name}")

    def _find(self, method: str, path: str) -> Described | None:
        wanted = "get" if method == "HEAD" else method.lower()
        bare = path.partition("?")[0]
        for template, item in sorted(self.document["paths"].items(), key=lambda entry: "{" in entry[0]):
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, bare) and wanted in item:
                return Described(f"/paths/{template.replace('/', '~1')}/{wanted}", item[wanted])
        return None

    def _resolved(self, value: Schema, pointer: str) -> tuple[Schema, str]:
        reference = value.get("$ref")
        if reference is None:
            return value, pointer
        target = self.document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        return target, reference.removeprefix("#")

    def _validate(self, value: Any, pointer: str, where: str) -> None:
        error = best_match(self._validator(pointer).iter_errors(value))
        assert error is None, f"{where}: {error.json_path}: {error.message}"

    def _validator(self, pointer: str) -> Draft202012Validator:
        quoted = pointer.replace("{", "%7B").replace("}", "%7D")
        return Draft202012Validator(
            {"$ref": f"{BASE}#{quoted}"}, registry=self._registry, format_checker=FormatChecker()
        )


def _closed(value: Any) -> Any:
    """Refuse keys that are not described, where the document leaves room for those to come."""
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    closed = {key: _closed(item) for key, item in value.items()}
    if "object" in value.get("type", "") and "properties" in value:
        closed.setdefault("additionalProperties", False)
    return closed
