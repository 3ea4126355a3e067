"""JSON as the firmware reads it: small answers into a document of fixed size, results as a stream."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulators.frame_line import FirmwareError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

DOCUMENT = 200
"""Bytes of the document for the answer to a POST."""

_SLOT = 16
_KEPT = ("id", "status", "error")

_ENDS_AN_OPERATION = ("done", "error")


def document(body: bytes, *, capacity: int = DOCUMENT) -> dict[str, Any]:
    """Read a small answer; keys that the firmware does not want are filtered out.

    Raises:
        FirmwareError: It is no JSON object, or does not fit.
    """
    try:
        value = json.loads(body)
    except ValueError as error:
        raise FirmwareError(f"no JSON: {body[:40]!r}") from error
    if not isinstance(value, dict):
        raise FirmwareError("no JSON object")
    kept = {key: item for key, item in value.items() if key in _KEPT}
    _Memory(capacity).store(kept)
    return kept


class _Memory:
    """ArduinoJson's: a slot for each value in an object or array, each different string once."""

    def __init__(self, capacity: int) -> None:
        self._free = capacity
        self._strings: set[str] = set()

    def store(self, value: object) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                self._store_string(key)
                self._take(_SLOT)
                self.store(item)
        elif isinstance(value, list):
            for item in value:
                self._take(_SLOT)
                self.store(item)
        elif isinstance(value, str):
            self._store_string(value)

    def _store_string(self, text: str) -> None:
        size = len(text.encode()) + 1
        self._take(size)  # it is written down before it is known to be there already
        if text in self._strings:
            self._free += size
        self._strings.add(text)

    def _take(self, size: int) -> None:
        if size > self._free:
            raise FirmwareError("NoMemory")
        self._free -= size


@dataclass(frozen=True, slots=True)
class Result:
    """What a poll brought: `picture` is all that was decoded from base64."""

    status: str
    picture: bytes | None = None
    error: dict[str, str] | None = None


class ResultReader:
    """Reads a result in its order and once, as the firmware does."""

    def __init__(self, more: Callable[[], Awaitable[bytes]]) -> None:
        self._more = more
        self._buffer = bytearray()

    async def read(self) -> Result:
        """Read until the firmware has what it needs.

        Raises:
            FirmwareError: It would poll for ever, lose the picture or crash.
        """
        status: str | None = None
        error: dict[str, str] | None = None
        if await self._next() != "{":
            raise FirmwareError("no JSON object: polls for ever")
        async for key in self._keys():
            if key == "status":
                status = await self._string()
                if status not in _ENDS_AN_OPERATION:
                    return Result(status)
            elif key == "response":
                if status is None:
                    raise FirmwareError("response before status: drawn again every 30 s")
                return Result(status, await self._image() if status == "done" else None, error)
            elif key == "error":
                error = await self._skip()
            else:
                await self._skip()
        if status == "error":
            return Result(status, error=error)
        raise FirmwareError("no status: polls for ever" if status is None else "done without a picture")

    async def _image(self) -> bytes:
        if await self._next() != "{":
            raise FirmwareError("done without a picture")
        async for key in self._keys():
            if key == "image":
                return _decoded(await self._raw_string())
            await self._skip()
        raise FirmwareError("done without a picture")

    async def _keys(self) -> AsyncIterator[str]:
        """Go through an object's keys; whoever takes one reads its value."""
        while (character := await self._next()) != "}":
            if character == ",":
                continue
            if character != '"':
                raise FirmwareError(f"{character!r} where a key should be")
            key = (await self._until(b'"')).decode()
            if await self._next() != ":":
                raise FirmwareError("a key without a value")
            yield key

    async def _skip(self) -> dict[str, str] | None:
        """Pass over a value; an object's strings are returned."""
        character = await self._peek()
        if character == '"':
            await self._string()
        elif character == "{":
            await self._next()
            return await self._strings()
        elif character == "[":
            await self._until(b"]")
        else:
            while await self._peek() not in ",}":
                await self._next()
        return None

    async def _strings(self) -> dict[str, str]:
        strings: dict[str, str] = {}
        first = True
        async for key in self._keys():
            if await self._peek() == '"':
                strings[key] = await self._string()
                if first and not strings[key]:
                    raise FirmwareError("an object begins with an empty string: Key not found")
            else:
                await self._skip()
            first = False
        return strings

    async def _string(self) -> str:
        text = (await self._raw_string()).decode()
        if "\\" in text:
            raise FirmwareError("an escape: the reader stops at the next quote, whatever it means")
        return text

    async def _raw_string(self) -> bytes:
        if await self._next() != '"':
            raise FirmwareError("no string where one should be")
        return await self._until(b'"')

    async def _until(self, mark: bytes) -> bytes:
        searched = 0
        while (end := self._buffer.find(mark, searched)) < 0:
            searched = len(self._buffer)
            await self._fill()
        found = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return found

    async def _next(self) -> str:
        character = await self._peek()
        del self._buffer[:1]
        return character

    async def _peek(self) -> str:
        while not self._buffer.lstrip(b" \t\r\n"):
            await self._fill()
        self._buffer = self._buffer.lstrip(b" \t\r\n")
        return chr(self._buffer[0])

    async def _fill(self) -> None:
        data = await self._more()
        if not data:
            raise FirmwareError("the result ends too early")
        self._buffer += data


def _decoded(text: bytes) -> bytes:
    if not text:
        raise FirmwareError("done with an empty picture: crash")
    if b"\\" in text or b"-" in text or b"_" in text or text.startswith(b"data:"):
        raise FirmwareError("no plain base64: crash")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise FirmwareError("broken base64: jpg error") from error
