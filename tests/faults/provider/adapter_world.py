"""A provider of the user's own, loaded from the configuration directory, that does everything wrong."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imageserver.generations.provider import FETCH_SECONDS, SUBMIT_SECONDS
from imageserver.providers import user_adapters
from tests import pictures
from tests.faults.provider import broken_adapter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from imageserver.providers.base import ImageProvider
    from tests.houses import House

FILE = Path(broken_adapter.__file__)
REQUEST, POLL = "request", "poll"
HANGS = "hangs"
STUBBORN = "hangs_stubbornly"
"""It never comes back, so that nothing can be asked of it any more: not for the table."""


class AdapterWorld:
    """The adapter's file, and the one beside it that says what it does wrong."""

    code = broken_adapter.Mine.code
    title = broken_adapter.Mine.title
    secret = broken_adapter.KEY
    day = 25 * 3600.0
    takes_prompts = True
    free = False
    path = ""

    def __init__(self, directory: Path) -> None:
        """Put the adapter into `<config>/providers/` and load it as the server does."""
        directory.mkdir(parents=True)
        shutil.copy(FILE, directory / "my_provider.py")
        (directory / "picture.jpeg").write_bytes(pictures.jpeg())
        self._fault = directory / "fault.txt"
        self._fault.write_text("nowhere none")
        (adapter,), mistakes = user_adapters(directory)
        assert not mistakes
        self.adapter: type[ImageProvider] = adapter
        self._loaded: Any = adapter

    @property
    def options(self) -> dict[str, Any]:
        return {"api_key": self.secret}

    @property
    def sent(self) -> int:
        return int(self._loaded.sent)

    @property
    def billed(self) -> int:
        return int(self._loaded.billed)

    @property
    def polls(self) -> int:
        return int(self._loaded.polls)

    def faults(self) -> list[tuple[str, str]]:
        alike = [name for name in broken_adapter.WRONG if name != STUBBORN]
        return [
            *((name, REQUEST) for name in (*alike, *broken_adapter.WRONG_ANSWERS)),
            # None is a good answer to a question: "not yet".
            *((name, POLL) for name in alike if name != "returns_nothing"),
            *((name, POLL) for name in broken_adapter.NEVER),
        ]

    @asynccontextmanager
    async def befall(self, house: House, fault: str, place: str) -> AsyncIterator[None]:  # noqa: ARG002 - for others
        self._fault.write_text(f"{place} {fault}")
        yield
        self._fault.write_text("nowhere none")

    def hangs(self, fault: str, place: str) -> float | None:
        if fault != HANGS:
            return None
        return SUBMIT_SECONDS if place == REQUEST else FETCH_SECONDS
