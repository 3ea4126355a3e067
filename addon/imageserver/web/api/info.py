"""`/info`: what answers here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import representations
from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from aiohttp import web


async def get_info(request: web.Request) -> web.Response:
    """Answer who the server is."""
    server = request.app[SERVER]
    return json_answer(
        representations.info(installation_id=server.installation.id, started_at=server.started_at)
    )


ROUTES = {"/info": {"GET": get_info}}
