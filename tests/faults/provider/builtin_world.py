"""The provider that draws by itself, on a machine that has no room for it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar
from unittest.mock import patch

from imageserver.providers.builtin import Builtin, drawing
from tests import pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from imageserver.providers.base import Done, PictureRequest
    from tests.houses import House


def _fails(error: Exception) -> Callable[..., bytes]:
    def draw(*_: object, **__: object) -> bytes:
        raise error

    return draw


DRAWING: dict[str, Callable[..., bytes]] = {
    "no_memory": _fails(MemoryError()),
    "no_thread": _fails(RuntimeError("can't start new thread")),
    "no_descriptor": _fails(OSError(24, "Too many open files")),
    "a_bug": _fails(ZeroDivisionError("division by zero")),
    "half_a_picture": lambda *_, **__: pictures.cut(pictures.jpeg()),
    "nothing": lambda *_, **__: b"",
}
"""What drawing comes to instead of a picture."""


class CountedBuiltin(Builtin):
    """Counts what is asked of it."""

    asked: ClassVar[int] = 0

    async def submit(self, request: PictureRequest) -> Done:
        CountedBuiltin.asked += 1
        return await super().submit(request)


class BuiltinWorld:
    """The server's own provider; its failures cost nothing."""

    code = "builtin"
    title = "Built-in pictures"
    secret = "no secret at all"
    day = 61.0
    takes_prompts = True
    free = True
    path = ""
    billed = polls = 0

    @property
    def sent(self) -> int:
        return CountedBuiltin.asked

    def faults(self) -> list[tuple[str, str]]:
        return [(name, "request") for name in DRAWING]

    @asynccontextmanager
    async def befall(self, house: House, fault: str, place: str) -> AsyncIterator[None]:  # noqa: ARG002 - for others
        with patch.object(drawing, "draw", DRAWING[fault]):
            yield

    def hangs(self, fault: str, place: str) -> float | None:  # noqa: ARG002 - it ends by itself
        return None
