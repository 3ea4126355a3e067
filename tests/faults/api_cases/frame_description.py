"""The frame protocol as OpenAPI, to make requests of: `frame_judge.py` knows its answers byte for byte."""

from __future__ import annotations

from typing import Any

_JSON = "application/json"
_TEXT = {"type": "string", "minLength": 1, "maxLength": 2000, "pattern": r"\S"}
_ANSWER = {"200": {"description": "An answer.", "content": {_JSON: {"schema": {"type": "object"}}}}}
_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-z-]{1,40}$"},
}
_START = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["auto", "old", "ydart"]},
        "prompt": _TEXT,
        "negative": {"type": ["string", "null"], "maxLength": 2000},
    },
}
_PROMPT = {
    "type": "object",
    "required": ["prompt"],
    "properties": {"prompt": _TEXT, "negative": {"type": ["string", "null"], "maxLength": 2000}},
}


def _posting(schema: dict[str, Any]) -> dict[str, Any]:
    body = {"required": True, "content": {_JSON: {"schema": schema}}}
    return {"post": {"requestBody": body, "responses": _ANSWER}}


def _asking(*parameters: dict[str, Any]) -> dict[str, Any]:
    return {"get": {"parameters": list(parameters), "responses": _ANSWER}}


DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Frames", "version": "1"},
    "paths": {
        "/operation/start": _posting(_START),
        "/operation/status/{id}": _asking(_ID),
        "/operation/result/{id}": _asking(
            _ID, {"name": "chunk_size", "in": "query", "schema": {"type": "integer"}}
        ),
        "/prompt/add": _posting(_PROMPT),
    },
}
