"""`/settings`: every setting with where it comes from; some can be changed while the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...options.overrides import PAUSED, THRESHOLD, daily_limit_path, enabled_path
from ...options.schema import MINUTES_A_YEAR
from ...settings import Source
from ..request_body import read_json
from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from ...models import Json
    from ...server import Server
    from ..fields import Fields


async def get_settings(request: web.Request) -> web.Response:
    """Answer with every setting."""
    return json_answer(_described(request.app[SERVER]))


async def change_settings(request: web.Request) -> web.Response:
    """Change what is named; it holds until the file itself says something else."""
    server = request.app[SERVER]
    changes = await read_json(request, _changes)
    in_file = {PAUSED: False, THRESHOLD: server.loaded.settings.image_generate_threshold}
    for path, value in changes.items():
        await server.change(path, value, instead_of=in_file[path])
    return json_answer(_described(server))


def in_force(server: Server) -> dict[str, Json]:
    """Describe what holds now of what can be changed here."""
    return {
        "paused": server.overrides.paused,
        "image_generate_threshold": server.settings.image_generate_threshold,
    }


def _changes(fields: Fields) -> dict[str, Json]:
    fields.require_any(PAUSED, THRESHOLD, or_null=False)
    changes: dict[str, Json] = {
        PAUSED: fields.flag(PAUSED),
        THRESHOLD: fields.number(THRESHOLD, minimum=0, maximum=MINUTES_A_YEAR),
    }
    return {path: value for path, value in changes.items() if value is not None}


def _described(server: Server) -> dict[str, Json]:
    values = {PAUSED: False, **server.loaded.values}
    sources = {PAUSED: Source.DEFAULT, **server.loaded.sources}
    changeable = _changeable(server)
    changed = server.overrides.paths
    return {
        "settings": [
            {
                "path": path,
                "value": changeable[path] if path in changed else value,
                "source": Source.RUN_TIME if path in changed else sources[path],
                "file_value": value,
                "changeable": path in changeable,
            }
            for path, value in values.items()
        ]
    }


def _changeable(server: Server) -> Mapping[str, Json]:
    """Return what holds now of everything that can be changed at run time, by its path."""
    values = in_force(server)
    for code, provider in server.settings.providers.items():
        values[enabled_path(code)] = provider.enabled
        values[daily_limit_path(code)] = provider.daily_limit
    return values


ROUTES = {"/settings": {"GET": get_settings, "PATCH": change_settings}}
