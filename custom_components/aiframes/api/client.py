"""The management API of an ImageServer, one method for each thing that it can do.

Every method raises an `ImageServerError` (errors.py says which) and nothing else.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from enum import Enum, auto
from typing import Final
from urllib.parse import quote

import aiohttp

from .connection import Connection, Limits
from .errors import NotAnImageServerError, NotFoundError, UnsupportedVersionError
from .models import (
    AddedPrompt,
    ApiVersion,
    Frame,
    Frames,
    GlobalPlaceholders,
    History,
    ImageBytes,
    Info,
    Log,
    LogLevel,
    LogLine,
    MovedPrompts,
    Operation,
    Operations,
    Picture,
    PicturePage,
    PictureQuery,
    Placeholders,
    Preview,
    Prompt,
    PromptBook,
    Provider,
    Providers,
    Settings,
    Shown,
    Status,
)
from .reading import read

API_VERSION: Final = 1

type Lists = Mapping[str, Sequence[str]]
"""Values of placeholders, by their name."""


class Keep(Enum):
    """Stands for what stays as it is, where None takes something away."""

    KEEP = auto()


KEEP: Final = Keep.KEEP
_EVERYTHING: Final = PictureQuery()


class ImageServerClient:
    """Asks one server."""

    def __init__(
        self, *, session: aiohttp.ClientSession, url: str, token: str, limits: Limits | None = None
    ) -> None:
        """Make a client that has not asked anything yet.

        Args:
            session: Somebody else's; it stays open.
            url: Of the management API, such as `https://192.168.1.2:8097`; a proxy may add a path.
            token: What opens the API.
            limits: Others than the usual ones.
        """
        self.limits = limits or Limits()
        self._connection = Connection(
            session=session, url=f"{url.rstrip('/')}/api/v1", token=token, limits=self.limits
        )
        self._ask = self._connection.ask

    # The server

    async def info(self) -> Info:
        """Return what answers.

        Raises:
            UnsupportedVersionError: A server that this client does not understand.
        """
        try:
            answer = await self._ask(object, "GET", "/info")
        except NotFoundError as error:
            raise NotAnImageServerError("There is no management API: is it the frames' port?") from error
        version = read(ApiVersion, answer).api_version
        if version != API_VERSION:
            raise UnsupportedVersionError(version)
        return read(Info, answer)

    async def status(self) -> Status:
        """Return everything at one moment."""
        return await self._ask(Status, "GET", "/status")

    def open_events(self, last_event_id: str | None) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open the stream of events, which `EventStream` reads."""
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        return self._connection.stream("/events", headers)

    async def history(self, days: int = 14) -> History:
        """Return what happened on the last days, today included; at most 400."""
        return await self._ask(History, "GET", "/history", query={"days": str(days)})

    async def log(self, level: LogLevel | None = None, limit: int = 200) -> tuple[LogLine, ...]:
        """Return the last lines of the log from a level on, oldest first; at most 500."""
        query = {"limit": str(limit), **({} if level is None else {"level": level.value})}
        return (await self._ask(Log, "GET", "/log", query=query)).lines

    async def renew_token(self) -> str:
        """Let the server make a new token, which this client uses from now on."""
        return await self._connection.renew_token()

    # Requests for pictures

    async def generate(
        self,
        *,
        prompt: str | None = None,
        negative: str | None = None,
        provider: str | None = None,
        show: bool = True,
        frame: str | None = None,
        wait: float | None = None,
    ) -> Operation:
        """Ask a provider for a picture now, whatever thresholds and sleep say.

        Args:
            prompt: Instead of one from the book.
            negative: Only beside a prompt.
            provider: A code; else one that can.
            show: False only stores the picture.
            frame: Which one shows it; else the next one that asks.
            wait: Seconds to wait for its end, at most 120; without, the operation is pending.
        """
        body = _named(prompt=prompt, negative=negative, provider=provider, show=show, frame=frame, wait=wait)
        seconds = self.limits.answer_seconds + (wait or 0)
        return await self._ask(Operation, "POST", "/operations", json=body, seconds=seconds)

    async def operation(self, operation_id: str) -> Operation:
        """Return one operation, which is kept for an hour after its end."""
        return await self._ask(Operation, "GET", f"/operations/{_part(operation_id)}")

    async def operations(self, limit: int = 50) -> Operations:
        """Return pending and recent operations, and the newest requests to providers; at most 500 each."""
        return await self._ask(Operations, "GET", "/operations", query={"limit": str(limit)})

    # The prompt book

    async def prompts(self) -> PromptBook:
        """Return the whole book, the oldest prompt first."""
        return await self._ask(PromptBook, "GET", "/prompts")

    async def prompt(self, prompt_id: str) -> Prompt:
        """Return one prompt."""
        return await self._ask(Prompt, "GET", f"/prompts/{_part(prompt_id)}")

    async def add_prompt(
        self,
        *,
        prompt: str,
        negative: str | None = None,
        placeholders: Lists | None = None,
        enabled: bool = True,
    ) -> AddedPrompt:
        """Add a prompt as the newest; at the limit, the oldest leaves for it."""
        body = _named(prompt=prompt, negative=negative, placeholders=_lists(placeholders), enabled=enabled)
        return await self._ask(AddedPrompt, "POST", "/prompts", json=body)

    async def edit_prompt(
        self,
        prompt_id: str,
        *,
        prompt: str | Keep = KEEP,
        negative: str | Keep | None = KEEP,
        placeholders: Lists | Keep | None = KEEP,
        enabled: bool | Keep = KEEP,
    ) -> Prompt:
        """Change a prompt; None takes the negative part or the lists away."""
        lists = KEEP if placeholders is KEEP else _lists(placeholders)
        changes = {"prompt": prompt, "negative": negative, "placeholders": lists, "enabled": enabled}
        body = {name: value for name, value in changes.items() if value is not KEEP}
        return await self._ask(Prompt, "PUT", f"/prompts/{_part(prompt_id)}", json=body)

    async def remove_prompt(self, prompt_id: str) -> Prompt:
        """Remove a prompt, and return what it was."""
        return await self._ask(Prompt, "DELETE", f"/prompts/{_part(prompt_id)}")

    async def move_prompt(self, prompt_id: str, *, idx: int) -> tuple[Prompt, ...]:
        """Give a prompt another place, counted from 1, and return all in their new order."""
        path = f"/prompts/{_part(prompt_id)}/move"
        return (await self._ask(MovedPrompts, "POST", path, json={"idx": idx})).prompts

    async def restore_prompt(self, prompt_id: str) -> AddedPrompt:
        """Bring back a prompt that left for a frame's; at the limit, another one leaves for it."""
        return await self._ask(AddedPrompt, "POST", f"/prompts/{_part(prompt_id)}/restore")

    async def preview_prompt(
        self,
        *,
        prompt: str,
        negative: str | None = None,
        placeholders: Lists | None = None,
        times: int | None = None,
    ) -> Preview:
        """Return what a prompt would become, without keeping it."""
        body = _named(prompt=prompt, negative=negative, placeholders=_lists(placeholders), times=times)
        return await self._ask(Preview, "POST", "/prompts/preview", json=body, only_reads=True)

    async def placeholders(self) -> Placeholders:
        """Return the lists of values for all prompts."""
        return (await self._ask(GlobalPlaceholders, "GET", "/placeholders")).placeholders

    async def set_placeholders(self, placeholders: Lists) -> Placeholders:
        """Put other lists in their place."""
        body = {"placeholders": _lists(placeholders)}
        return (await self._ask(GlobalPlaceholders, "PUT", "/placeholders", json=body)).placeholders

    # Stored pictures

    async def search_images(self, query: PictureQuery = _EVERYTHING) -> PicturePage:
        """Find stored pictures."""
        body = _named(**asdict(query))
        return await self._ask(PicturePage, "POST", "/images/search", json=body, only_reads=True)

    async def image(self, picture_id: str) -> Picture:
        """Return what is known of a picture, and which frames have shown it."""
        return await self._ask(Picture, "GET", _image(picture_id))

    async def original(self, picture_id: str) -> ImageBytes:
        """Return a picture in full size, or as large as there is."""
        return await self._connection.picture(_image(picture_id, "original"))

    async def frame_image(self, picture_id: str) -> ImageBytes:
        """Return what frames get of a picture."""
        return await self._connection.picture(_image(picture_id, "frame"))

    async def thumbnail(self, picture_id: str) -> ImageBytes:
        """Return a small version of a picture."""
        return await self._connection.picture(_image(picture_id, "thumbnail"))

    async def set_favourite(self, picture_id: str, favourite: bool) -> Picture:  # noqa: FBT001 - its only word
        """Make a picture a favourite, or no longer."""
        return await self._ask(Picture, "PATCH", _image(picture_id), json={"favourite": favourite})

    async def delete_image(self, picture_id: str) -> Picture:
        """Delete a picture, which can be undone for a day."""
        return await self._ask(Picture, "DELETE", _image(picture_id))

    async def restore_image(self, picture_id: str) -> Picture:
        """Undo a deletion."""
        return await self._ask(Picture, "POST", _image(picture_id, "restore"))

    async def push_image(self, data: bytes, *, keep: bool = True, frame: str | None = None) -> Shown:
        """Send a JPEG, PNG or WebP of at most 20 MB.

        Args:
            data: The file.
            keep: False shows it once, before all else, and forgets it.
            frame: Which one shows it, where it is not kept; else the next one that asks.
        """
        query = {"keep": "true" if keep else "false", **({} if frame is None else {"frame": frame})}
        return await self._connection.send(Shown, "/images", data, query=query)

    async def show_image(self, picture_id: str, *, frame: str | None = None) -> Shown:
        """Show a picture the next time, before all else: on this frame, or on the next one that asks."""
        return await self._ask(Shown, "POST", _image(picture_id, "show"), json=_named(frame=frame))

    # Frames

    async def frames(self) -> tuple[Frame, ...]:
        """Return all frames, by address."""
        return (await self._ask(Frames, "GET", "/frames")).frames

    async def frame(self, frame_id: str) -> Frame:
        """Return one frame."""
        return await self._ask(Frame, "GET", f"/frames/{_part(frame_id)}")

    async def rename_frame(self, frame_id: str, name: str | None) -> Frame:
        """Give a frame a name; None takes it away."""
        return await self._ask(Frame, "PATCH", f"/frames/{_part(frame_id)}", json={"name": name})

    async def forget_frame(self, frame_id: str) -> None:
        """Forget a frame; it comes back when it asks again."""
        await self._connection.tell("DELETE", f"/frames/{_part(frame_id)}")

    async def frame_picture(self, frame_id: str) -> ImageBytes:
        """Return what a frame shows now."""
        return await self._connection.picture(f"/frames/{_part(frame_id)}/picture")

    # Providers and settings

    async def providers(self) -> tuple[Provider, ...]:
        """Return all providers, set up or not."""
        return (await self._ask(Providers, "GET", "/providers")).providers

    async def change_provider(
        self, code: str, *, enabled: bool | None = None, daily_limit: int | None = None
    ) -> Provider:
        """Switch a provider on or off, or change its limit (0 is none); None changes nothing."""
        body = _named(enabled=enabled, daily_limit=daily_limit)
        return await self._ask(Provider, "PATCH", f"/providers/{_part(code)}", json=body)

    async def retry_provider(self, code: str) -> Provider:
        """Ask a provider again that was switched off by an error, or rests."""
        return await self._ask(Provider, "POST", f"/providers/{_part(code)}/retry")

    async def settings(self) -> Settings:
        """Return every setting with where it comes from."""
        return await self._ask(Settings, "GET", "/settings")

    async def change_settings(
        self, *, paused: bool | None = None, image_generate_threshold: float | None = None
    ) -> Settings:
        """Change settings while the server runs; None changes nothing."""
        body = _named(paused=paused, image_generate_threshold=image_generate_threshold)
        return await self._ask(Settings, "PATCH", "/settings", json=body)


def _named(**values: object) -> dict[str, object]:
    """Return a body of what is not None."""
    return {name: value for name, value in values.items() if value is not None}


def _lists(placeholders: Lists | None) -> dict[str, list[str]] | None:
    return None if placeholders is None else {name: list(values) for name, values in placeholders.items()}


def _image(picture_id: str, what: str = "") -> str:
    return f"/images/{_part(picture_id)}" + (f"/{what}" if what else "")


def _part(text: str) -> str:
    """Return an id as one part of a path, whatever is in it."""
    return quote(text, safe="")
