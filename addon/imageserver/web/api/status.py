"""`/status`: everything at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...status import take_status
from .. import representations
from .answers import json_answer
from .keys import SERVER
from .settings import in_force

if TYPE_CHECKING:
    from aiohttp import web

    from ...models import Json
    from ...server import Server


async def snapshot(server: Server) -> dict[str, Json]:
    """Describe the whole server."""
    return representations.status(
        await take_status(server),
        at=server.clock.now(),
        frames=server.frames.all(),
        prompts_limit=server.settings.prompts_amount,
        settings=in_force(server),
    )


async def get_status(request: web.Request) -> web.Response:
    """Answer with the snapshot."""
    return json_answer(await snapshot(request.app[SERVER]))


ROUTES = {"/status": {"GET": get_status}}
