"""Prompt books over real files, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imageserver.prompts.book import PromptBook
from imageserver.prompts.prompt import PromptSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

    from imageserver.events import Events
    from imageserver.models import PromptText
    from imageserver.problems import Problems
    from imageserver.state.state import State
    from tests.manual_clock import ManualClock


@dataclass(frozen=True, slots=True)
class Taker:
    """A provider, as far as the prompt book knows one; a limit of 0 takes no prompts at all."""

    code: str = "ydArt"
    limit: int = 500

    def fits(self, text: PromptText) -> bool:
        return len(text.prompt) + len(text.negative or "") <= self.limit


@dataclass(slots=True)
class Library:
    """What a book needs; opening another one over it is a restart."""

    directory: Path
    state: State
    clock: ManualClock
    random: Random
    events: Events
    problems: Problems
    takers: Sequence[Taker] = (Taker(),)

    async def open(
        self, text: str | None = None, *, amount: int = 10, per_day: int = 20, protected: bool = True
    ) -> PromptBook:
        """Open a book, with `text` in its file if there is one."""
        if text is not None:
            self.write(text)
        book = PromptBook(
            config_dir=self.directory,
            state=self.state,
            clock=self.clock,
            random=self.random,
            events=self.events,
            problems=self.problems,
            settings=PromptSettings(amount=amount, from_frames_per_day=per_day, protected=protected),
            takers=lambda: self.takers,
        )
        await book.open()
        return book

    @property
    def path(self) -> Path:
        return self.directory / "prompts.yaml"

    def write(self, text: str | bytes) -> None:
        """Write the file as an editor does that truncates it first."""
        self.directory.mkdir(exist_ok=True)
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def backups(self) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8") for path in self.directory.glob("*.bak")}

    def problem_texts(self) -> list[str]:
        return [problem.text for problem in self.problems.all() if problem.code == "prompts_file"]


def prompts_yaml(*prompts: str) -> str:
    """Write a file with these prompts."""
    lines = [f"  - idx: {idx}\n    prompt: {prompt}\n" for idx, prompt in enumerate(prompts, 1)]
    return "".join(["prompts:\n", *lines])


def texts(book: PromptBook) -> list[str]:
    return [prompt.prompt for prompt in book.all()]
