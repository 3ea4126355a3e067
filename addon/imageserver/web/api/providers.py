"""`/providers`: who makes pictures, whether they may be asked, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...options.overrides import daily_limit_path, enabled_path
from ...status import provider_status
from .. import representations
from ..request_body import read_json
from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from aiohttp import web

    from ...models import Json
    from ...server import Server
    from ..fields import Fields

HIGHEST_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class _Changes:
    enabled: bool | None
    daily_limit: int | None

    @classmethod
    def of(cls, fields: Fields) -> _Changes:
        fields.require_any("enabled", "daily_limit", or_null=False)
        limit = fields.integer("daily_limit", minimum=0, maximum=HIGHEST_LIMIT)
        return cls(fields.flag("enabled"), limit)


async def list_providers(request: web.Request) -> web.Response:
    """Answer with all providers."""
    server = request.app[SERVER]
    codes = [provider.code for provider in server.availability.providers]
    return json_answer({"providers": described(server, *codes)})


async def change_provider(request: web.Request) -> web.Response:
    """Switch a provider on or off, or change its daily limit; the file's own change ends that."""
    server = request.app[SERVER]
    code = server.availability.provider(request.match_info["code"]).code
    changes = await read_json(request, _Changes.of)
    in_file = server.loaded.settings.providers[code]
    if changes.enabled is not None:
        await server.change(enabled_path(code), changes.enabled, instead_of=in_file.enabled)
    if changes.daily_limit is not None:
        await server.change(daily_limit_path(code), changes.daily_limit, instead_of=in_file.daily_limit)
    return json_answer(described(server, code)[0])


async def retry_provider(request: web.Request) -> web.Response:
    """Open a provider again that was switched off, or that rests."""
    server = request.app[SERVER]
    code = server.availability.provider(request.match_info["code"]).code
    server.availability.retry(code)
    return json_answer(described(server, code)[0])


def described(server: Server, *codes: str) -> list[Json]:
    """Describe providers as they stand now."""
    metrics = server.metrics.snapshot(codes)
    return [representations.provider(provider_status(server, code, metrics)) for code in codes]


ROUTES = {
    "/providers": {"GET": list_providers},
    "/providers/{code}": {"PATCH": change_provider},
    "/providers/{code}/retry": {"POST": retry_provider},
}
