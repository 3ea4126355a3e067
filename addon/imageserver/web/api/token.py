"""`/token`: a new token instead of the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from aiohttp import web


async def renew_token(request: web.Request) -> web.Response:
    """Answer with the new token, this once; who came in by the old one is not thrown out."""
    return json_answer({"token": await request.app[SERVER].installation.renew_token()})


ROUTES = {"/token": {"POST": renew_token}}
