"""A frame: asks, waits, polls and shows as the firmware does, and fails where the firmware would.

As a program it prints what it did:

    python -m tests.simulators.frame HOST PORT next|generate|prompt TEXT|add TEXT
        [--plain] [--fast] [--wait SECONDS] [--save PICTURE.png]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.simulators.frame_http import Answer, Generation, request
from tests.simulators.frame_json import ResultReader, document
from tests.simulators.frame_line import PATIENCE, FirmwareError, Line
from tests.simulators.frame_panel import SCREEN, decode, on_panel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from PIL import Image

    from tests.simulators.frame_json import Result

WAIT = 30.0
"""Seconds before the first poll, and between polls."""

LONGEST_PROMPT = 991
"""Bytes; the firmware sends a longer one as null."""

__all__ = ["FirmwareError", "Frame", "RefusedError", "Shown"]


class RefusedError(Exception):
    """The server said no, and why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of one request for a picture.

    Attributes:
        jpeg: The picture's bytes without what follows it on the wire; None where it failed.
        image: Its pixels as they were sent.
        error: What the server said instead.
    """

    id: str
    polls: int
    jpeg: bytes | None = None
    image: Image.Image | None = None
    error: dict[str, str] | None = None


class Frame:
    """One frame; each request is a connection of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: bool = True,
        source: str | None = None,
        screen: tuple[int, int] = SCREEN,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        patience: float = PATIENCE,
        generations: Sequence[Generation] = tuple(Generation),
    ) -> None:
        """Set a frame up.

        Args:
            host: An IPv4 address, as the firmware wants it.
            port: The server's.
            tls: Whether it is a firmware that speaks HTTPS.
            source: The address to come from; several make several frames.
            screen: Its size.
            sleep: How it waits between polls.
            patience: Seconds that it waits for the next byte.
            generations: The libraries that have to understand the server.
        """
        self._host = host
        self._port = port
        self._tls = tls
        self._source = source
        self._screen = screen
        self._sleep = sleep
        self._patience = patience
        self._generations = generations
        self.records: list[int] = []
        """The payload of each TLS record that ever came."""

    @property
    def largest_record(self) -> int:
        """Of all TLS records that came, in bytes of payload."""
        return max(self.records, default=0)

    async def show(self, kind: str = "auto", prompt: str | None = None, *, polls: int = 20) -> Shown:
        """Ask for a picture and poll until there is one, or an error, or none after so many polls.

        Raises:
            RefusedError: The server refused to start.
            FirmwareError: The firmware would fail.
        """
        operation_id = await self.start(kind, prompt)
        for poll in range(1, polls + 1):
            await self._sleep(WAIT)
            result = await self.poll(operation_id)
            if result.status == "error":
                return Shown(operation_id, poll, error=result.error)
            if result.picture is not None:
                jpeg, image = decode(result.picture, self._screen)
                return Shown(operation_id, poll, jpeg, image)
        raise FirmwareError(f"still pending after {polls} polls")

    async def start(self, kind: str = "auto", prompt: str | None = None) -> str:
        """Ask for a picture; returns the operation's id."""
        body = {"type": kind} if prompt is None else {"type": kind, "prompt": _sendable(prompt)}
        answer = await self._post("/operation/start", body)
        if answer.get("id") in (None, ""):
            raise FirmwareError("operation ID unknown")
        return str(answer["id"])

    async def poll(self, operation_id: str, query: str = "") -> Result:
        """Ask once for a result.

        Raises:
            FirmwareError: The firmware would poll for ever, lose the picture or crash.
        """
        async with self._ask("GET", f"/operation/result/{operation_id}{query}") as answer:
            head = await answer.head()
            if head.status != 200:
                raise FirmwareError(f"{head.status}: polls every 30 s for ever")
            return await ResultReader(answer.more).read()

    async def add(self, prompt: str) -> None:
        """Add a prompt to the server's list."""
        await self._post("/prompt/add", {"prompt": _sendable(prompt)})

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._ask("POST", path, json.dumps(body, ensure_ascii=False).encode()) as answer:
            head = await answer.head()
            found = document(await answer.whole())
        if not 200 <= head.status < 300:
            error = found.get("error")
            error = error if isinstance(error, dict) else {}
            raise RefusedError(head.status, error.get("code", ""), error.get("message", ""))
        if found.get("status") in (None, "error"):
            raise FirmwareError("request error: no status in the answer")
        return found

    @asynccontextmanager
    async def _ask(self, method: str, path: str, body: bytes | None = None) -> AsyncIterator[Answer]:
        line = await Line.open(
            self._host, self._port, tls=self._tls, source=self._source, patience=self._patience
        )
        try:
            line.send(request(method, path, self._host, body))
            yield Answer(line, self._generations)
        finally:
            self.records += line.records
            line.close()


def _sendable(prompt: str) -> str | None:
    return prompt if len(prompt.encode()) <= LONGEST_PROMPT else None


async def main(arguments: Sequence[str]) -> int:
    """Be a frame once."""
    parser = argparse.ArgumentParser(prog="tests.simulators.frame", description="Be a frame once.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("wish", choices=("next", "generate", "prompt", "add"))
    parser.add_argument("text", nargs="?", help="for prompt and add")
    parser.add_argument("--plain", action="store_true", help="HTTP instead of HTTPS")
    parser.add_argument("--wait", type=float, default=WAIT, help="seconds before each poll")
    parser.add_argument("--fast", dest="wait", action="store_const", const=0.2, help="poll at once")
    parser.add_argument("--save", type=Path, help="where to put the picture as the panel shows it (PNG)")
    options = parser.parse_args(arguments)
    if (options.text is None) is (options.wish in ("prompt", "add")):
        parser.error("prompt and add need a text, the others none")
    frame = Frame(
        options.host, options.port, tls=not options.plain, sleep=lambda _: asyncio.sleep(options.wait)
    )
    try:
        return await _do(frame, options)
    except (FirmwareError, RefusedError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


async def _do(frame: Frame, options: argparse.Namespace) -> int:
    if options.wish == "add":
        await frame.add(options.text)
        print("The prompt was added")
        return 0
    shown = await frame.show("auto" if options.wish == "next" else "ydart", options.text)
    if shown.image is None or shown.jpeg is None:
        print(f"Operation {shown.id} failed after {shown.polls} polls: {shown.error}", file=sys.stderr)
        return 1
    size = "x".join(str(pixels) for pixels in shown.image.size)
    print(f"Operation {shown.id}: {size}, {len(shown.jpeg)} bytes, after {shown.polls} polls")
    if frame.records:
        print(f"{len(frame.records)} TLS records, the largest with {frame.largest_record} bytes")
    if options.save:
        on_panel(shown.image).save(options.save, "PNG")
        print(f"Saved as {options.save}")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
