"""`/token`: the token for who has been let in, and a new one instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from aiohttp import web


async def get_token(request: web.Request) -> web.Response:
    """Answer with the token: behind ingress, nobody has it who may want to hand it to another program."""
    return json_answer({"token": request.app[SERVER].installation.token})


async def renew_token(request: web.Request) -> web.Response:
    """Answer with the new token, this once; who came in by the old one is not thrown out."""
    return json_answer({"token": await request.app[SERVER].installation.renew_token()})


ROUTES = {"/token": {"GET": get_token, "POST": renew_token}}
