"""`/images`: the stored pictures, and pictures that somebody sends."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from ...exceptions import ConflictError, NotFoundError
from ...models import PUSHED, Content, ContentKind
from ...store.picture_search import PictureOrder, PictureQuery
from .. import representations
from ..request_body import read_json, read_picture, read_query
from .answers import json_answer, picture_answer
from .keys import SERVER

if TYPE_CHECKING:
    from aiohttp import web

    from ...models import Picture
    from ...server import Server
    from ..fields import Fields

KEPT_BY_BROWSERS = 3600
"""Seconds; the files behind these answers hardly ever change."""

FOUND, MOST_FOUND, FARTHEST = 50, 500, 10_000_000

_ID = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Push:
    keep: bool
    frame: str | None

    @classmethod
    def of(cls, fields: Fields) -> _Push:
        keep, frame = fields.flag("keep"), fields.text("frame", maximum=100)
        if keep is not False and frame is not None:
            fields.wrong(
                "frame", "is for pictures that are shown once; show a kept one with /images/{id}/show"
            )
        return cls(keep=keep is not False, frame=frame)


async def search_images(request: web.Request) -> web.Response:
    """Answer with one page of what is looked for."""
    page = await request.app[SERVER].store.search(await read_json(request, _query, optional=True))
    return json_answer(
        {
            "pictures": [representations.picture(picture) for picture in page.pictures],
            "total": page.total,
        }
    )


async def push_image(request: web.Request) -> web.Response:
    """Store a picture, or show it once."""
    server = request.app[SERVER]
    push = read_query(request, _Push.of)
    if push.frame is not None:
        server.frames.get(push.frame)
    async with read_picture(request) as image:
        if push.keep:
            return await _keep(server, image)
        content = Content(kind=ContentKind.PASSING, passing=await server.store.add_passing(image))
    await server.queue.choose(content, frame=push.frame)
    return json_answer({"picture": None, "frame": push.frame}, status=HTTPStatus.ACCEPTED)


async def _keep(server: Server, image: bytes) -> web.Response:
    now = server.clock.now()
    picture = await server.store.add(
        image,
        provider=PUSHED,
        text=None,
        asked_at=now,
        picture_name=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(5)}",
    )
    return json_answer(
        {"picture": representations.picture(picture), "frame": None}, status=HTTPStatus.CREATED
    )


async def get_image(request: web.Request) -> web.Response:
    """Answer with what is known of a picture."""
    server = request.app[SERVER]
    return await _described(server, await server.store.get(_id(request)))


async def change_image(request: web.Request) -> web.Response:
    """Make a picture a favourite, or no longer."""
    server, picture_id = request.app[SERVER], _id(request)
    favourite = await read_json(request, _favourite)
    return await _described(server, await server.store.set_favourite(picture_id, favourite))


async def delete_image(request: web.Request) -> web.Response:
    """Delete a picture; it can be undone for a day."""
    server = request.app[SERVER]
    return await _described(server, await server.store.delete(_id(request)))


async def restore_image(request: web.Request) -> web.Response:
    """Undo a deletion."""
    server, picture_id = request.app[SERVER], _id(request)
    await read_json(request, _nothing, optional=True)
    return await _described(server, await server.store.restore(picture_id))


async def show_image(request: web.Request) -> web.Response:
    """Let a frame, or the next one that asks, show a picture before all else."""
    server, picture_id = request.app[SERVER], _id(request)
    frame = await read_json(request, _frame, optional=True)
    if frame is not None:
        server.frames.get(frame)
    picture = await server.store.get(picture_id)
    if picture.deleted_at is not None:
        raise ConflictError("The picture is deleted: restore it first")
    if picture.unreadable is not None:
        raise ConflictError(f"The picture can't be shown: {picture.unreadable}")
    await server.queue.choose(Content(kind=ContentKind.PICTURE, picture_id=picture_id), frame=frame)
    return json_answer(
        {"picture": representations.picture(picture), "frame": frame}, status=HTTPStatus.ACCEPTED
    )


async def get_original(request: web.Request) -> web.Response:
    """Answer with the picture in full size."""
    image = await request.app[SERVER].store.original(_id(request))
    return await picture_answer(request, image, fresh_seconds=KEPT_BY_BROWSERS)


async def get_frame_image(request: web.Request) -> web.Response:
    """Answer with what frames get of a picture, which changes with the settings."""
    server, picture_id = request.app[SERVER], _id(request)
    return await picture_answer(request, await server.store.frame_jpeg(picture_id))


async def get_thumbnail(request: web.Request) -> web.Response:
    """Answer with a small version of a picture."""
    image = await request.app[SERVER].store.thumbnail(_id(request))
    return await picture_answer(request, image, fresh_seconds=KEPT_BY_BROWSERS)


async def _described(server: Server, picture: Picture) -> web.Response:
    shown_by = await server.store.showings(picture.id)
    return json_answer(representations.picture(picture, shown_by=shown_by))


def _id(request: web.Request) -> int:
    text = request.match_info["id"]
    if not _ID.fullmatch(text):
        raise NotFoundError(f"There is no picture {text}")
    return int(text)


def _query(fields: Fields) -> PictureQuery:
    offset = fields.integer("offset", minimum=0, maximum=FARTHEST)
    limit = fields.integer("limit", minimum=1, maximum=MOST_FOUND)
    return PictureQuery(
        text=fields.text("text", may_be_blank=True),
        provider=fields.text("provider", maximum=100),
        favourite=fields.flag("favourite"),
        archived=fields.flag("archived"),
        deleted=fields.flag("deleted") or False,
        order=fields.choice("order", PictureOrder) or PictureOrder.NEWEST,
        offset=offset or 0,
        limit=FOUND if limit is None else limit,
    )


def _favourite(fields: Fields) -> bool:
    fields.require("favourite")
    return fields.flag("favourite") or False


def _frame(fields: Fields) -> str | None:
    return fields.text("frame", maximum=100)


def _nothing(_: Fields) -> None:
    return None


ROUTES = {
    "/images": {"POST": push_image},
    "/images/search": {"POST": search_images},
    "/images/{id}": {"GET": get_image, "PATCH": change_image, "DELETE": delete_image},
    "/images/{id}/original": {"GET": get_original},
    "/images/{id}/frame": {"GET": get_frame_image},
    "/images/{id}/thumbnail": {"GET": get_thumbnail},
    "/images/{id}/restore": {"POST": restore_image},
    "/images/{id}/show": {"POST": show_image},
}
