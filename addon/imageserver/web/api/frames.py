"""`/frames`: the frames that the server has seen; an address is an id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...exceptions import NotFoundError
from .. import representations
from ..request_body import read_json
from .answers import json_answer, nothing, picture_answer
from .keys import SERVER

if TYPE_CHECKING:
    from aiohttp import web

    from ..fields import Fields

LONGEST_NAME = 64

_SHOWABLE = re.compile("[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*")
"""One line that runs in one direction."""


async def list_frames(request: web.Request) -> web.Response:
    """Answer with all frames."""
    frames = request.app[SERVER].frames.all()
    return json_answer({"frames": [representations.frame(frame) for frame in frames]})


async def get_frame(request: web.Request) -> web.Response:
    """Answer with one frame."""
    return json_answer(representations.frame(request.app[SERVER].frames.get(request.match_info["id"])))


async def rename_frame(request: web.Request) -> web.Response:
    """Give a frame a name, or take it away."""
    frames, address = request.app[SERVER].frames, request.match_info["id"]
    frames.get(address)
    name = await read_json(request, _name)
    return json_answer(representations.frame(frames.rename(address, name)))


async def forget_frame(request: web.Request) -> web.Response:
    """Forget a frame; it comes back when it asks again."""
    request.app[SERVER].frames.forget(request.match_info["id"])
    return nothing()


async def get_picture(request: web.Request) -> web.Response:
    """Answer with what the frame shows now."""
    server = request.app[SERVER]
    frame = server.frames.get(request.match_info["id"])
    if frame.content is None:
        raise NotFoundError(f"The frame at {frame.address} has not got a picture yet")
    return await picture_answer(request, await server.gallery.jpeg(frame.content))


def _name(fields: Fields) -> str | None:
    if "name" not in fields:
        fields.wrong("name", "is missing; null takes the name away")
    name = fields.text("name", maximum=LONGEST_NAME, may_be_blank=True)
    if name is not None and not _SHOWABLE.fullmatch(name):
        fields.wrong("name", "has control characters or ends of lines, which have no place in a name")
    return None if name is None else name.strip()


ROUTES = {
    "/frames": {"GET": list_frames},
    "/frames/{id}": {"GET": get_frame, "PATCH": rename_frame, "DELETE": forget_frame},
    "/frames/{id}/picture": {"GET": get_picture},
}
