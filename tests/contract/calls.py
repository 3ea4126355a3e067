"""Every method of the client, by the operation of the API that it stands for, as somebody would call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from custom_components.aiframes.api import EventStream, LogLevel, PictureOrder, PictureQuery
from tests import pictures
from tests.houses import FRAME

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from custom_components.aiframes.api import Event
    from tests.contract.running import Running

    type Call = Callable[[Running, Things], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Things:
    """Ids of what there is: one of each."""

    operation: str
    picture: str
    prompt: str


async def furnish(running: Running) -> Things:
    """Let a frame ask for a picture, so that there is one of everything."""
    operation = await running.see()
    await running.house.rest()
    assert operation.content is not None
    (prompt,) = (await running.client.prompts()).prompts
    return Things(operation.id, str(operation.content.picture_id), prompt.id)


async def _first_event(running: Running) -> Event:
    stream = EventStream(running.client)
    events = stream.follow()
    try:
        return await anext(events)
    finally:
        await events.aclose()


async def _restore(running: Running, things: Things) -> Any:
    await running.client.delete_image(things.picture)
    return await running.client.restore_image(things.picture)


async def _restore_prompt(running: Running, _: Things) -> Any:
    book = running.house.server.prompts
    for number in range(10):
        await book.add(f"prompt {number} of a frame", frame=FRAME)
    (left,) = (await running.client.prompts()).replaced
    return await running.client.restore_prompt(left.id)


CALLS: dict[str, Call] = {
    "getInfo": lambda running, _: running.client.info(),
    "getStatus": lambda running, _: running.client.status(),
    "followEvents": lambda running, _: _first_event(running),
    "listOperations": lambda running, _: running.client.operations(limit=10),
    "startOperation": lambda running, _: running.client.generate(
        prompt="a [[what]]", negative="dogs", provider="ydArt", frame=FRAME, wait=5
    ),
    "getOperation": lambda running, things: running.client.operation(things.operation),
    "listPrompts": lambda running, _: running.client.prompts(),
    "addPrompt": lambda running, _: running.client.add_prompt(
        prompt="a [[what]]", negative="dogs", placeholders={"what": ["cat", "кошка"]}, enabled=False
    ),
    "previewPrompt": lambda running, _: running.client.preview_prompt(
        prompt="a [[what]] [[nothing]]", negative="dogs", placeholders={"what": ("cat",)}, times=3
    ),
    "getPrompt": lambda running, things: running.client.prompt(things.prompt),
    "editPrompt": lambda running, things: running.client.edit_prompt(
        things.prompt, prompt="a [[what]]", negative="dogs", placeholders={"what": ["cat"]}, enabled=False
    ),
    "removePrompt": lambda running, things: running.client.remove_prompt(things.prompt),
    "movePrompt": lambda running, things: running.client.move_prompt(things.prompt, idx=1),
    "restorePrompt": _restore_prompt,
    "getPlaceholders": lambda running, _: running.client.placeholders(),
    "setPlaceholders": lambda running, _: running.client.set_placeholders({"what": ["cat", "dog"]}),
    "searchImages": lambda running, _: running.client.search_images(
        PictureQuery(
            text="test",
            provider="ydArt",
            favourite=False,
            archived=False,
            order=PictureOrder.LAST_SHOWN,
            offset=0,
            limit=5,
        )
    ),
    "pushImage": lambda running, _: running.client.push_image(pictures.jpeg(seed=77)),
    "getImage": lambda running, things: running.client.image(things.picture),
    "changeImage": lambda running, things: running.client.set_favourite(things.picture, favourite=True),
    "deleteImage": lambda running, things: running.client.delete_image(things.picture),
    "getOriginal": lambda running, things: running.client.original(things.picture),
    "getFrameImage": lambda running, things: running.client.frame_image(things.picture),
    "getThumbnail": lambda running, things: running.client.thumbnail(things.picture),
    "restoreImage": _restore,
    "showImage": lambda running, things: running.client.show_image(things.picture, frame=FRAME),
    "listFrames": lambda running, _: running.client.frames(),
    "getFrame": lambda running, _: running.client.frame(FRAME),
    "renameFrame": lambda running, _: running.client.rename_frame(FRAME, "Кухня"),
    "forgetFrame": lambda running, _: running.client.forget_frame(FRAME),
    "getFramePicture": lambda running, _: running.client.frame_picture(FRAME),
    "listProviders": lambda running, _: running.client.providers(),
    "changeProvider": lambda running, _: running.client.change_provider(
        "ydArt", enabled=False, daily_limit=12
    ),
    "retryProvider": lambda running, _: running.client.retry_provider("ydArt"),
    "getSettings": lambda running, _: running.client.settings(),
    "changeSettings": lambda running, _: running.client.change_settings(
        paused=True, image_generate_threshold=2.5
    ),
    "getHistory": lambda running, _: running.client.history(days=3),
    "getLog": lambda running, _: running.client.log(LogLevel.INFO, limit=5),
    "renewToken": lambda running, _: running.client.renew_token(),
}

LEFT_OUT = {
    "getPage": "for people",
    "getPageFile": "for people",
    "getToken": "for people; who has the client has the token",
    "getHealth": "for container engines; info() says as much to who has the token",
    "getMetrics": "for Prometheus",
    "getDescription": "for programmers",
}
"""Operations that the client does not stand for, and why."""
