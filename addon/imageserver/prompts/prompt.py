"""The nouns of the prompt book."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..models import PromptText
    from ..settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt of the book.

    Attributes:
        id: Stays although `idx` moves, and over restarts.
        idx: From 1, the oldest, without gaps.
        placeholders: Its own lists, which hide global ones of the same name.
        enabled: It may be drawn.
        refused_by: The reasons of the providers that refuse it, by their code.
        frame: The address of the frame that added it; None for a person's.
    """

    id: str
    idx: int
    prompt: str
    negative: str | None = None
    placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enabled: bool = True
    refused_by: Mapping[str, str] = field(default_factory=dict)
    frame: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSettings:
    """The part of the settings that the prompt book needs.

    Attributes:
        amount: Of prompts; beyond it, one leaves for each that comes.
        from_frames_per_day: So many may all frames together add.
        protected: Only a share of a person's prompts leave for those of frames in a day.
    """

    amount: int = 10
    from_frames_per_day: int = 20
    protected: bool = True

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Take them out of all settings."""
        return cls(
            amount=settings.prompts_amount,
            from_frames_per_day=settings.frame_prompts_per_day,
            protected=settings.protect_prompts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptChanges:
    """What is to be changed in a prompt; None leaves as it is, an empty negative or mapping removes."""

    prompt: str | None = None
    negative: str | None = None
    placeholders: Mapping[str, Sequence[str]] | None = None
    enabled: bool | None = None


class Part(StrEnum):
    """Which text of a prompt."""

    PROMPT = "prompt"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a text of a prompt, as a slice."""

    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in the prompts that is probably not what someone meant.

    Attributes:
        prompt_id, idx: Of the prompt that it is about; None where it is about the file.
        line: Of `prompts.yaml` when it was read.
        placeholder: Its name, where it is about one.
    """

    text: str
    prompt_id: str | None = None
    idx: int | None = None
    line: int | None = None
    placeholder: str | None = None
    position: Position | None = None

    def __str__(self) -> str:
        """Show it as one line of a log."""
        line = "" if self.line is None else f", line {self.line}"
        prompt = "" if self.idx is None else f", prompt {self.idx}"
        return f"prompts.yaml{line}{prompt}: {self.text}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A prompt that was drawn by lot, placeholders filled."""

    prompt_id: str
    text: PromptText


@dataclass(frozen=True, slots=True)
class Added:
    """A new prompt, and those that had to leave for it."""

    prompt: Prompt
    removed: tuple[Prompt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a text would become.

    Attributes:
        texts: Expansions, drawn by lot.
        longest: The longest that there is.
        fits: Whether that is short enough, by the code of each provider that takes prompts.
    """

    texts: tuple[PromptText, ...]
    findings: tuple[Finding, ...]
    longest: PromptText
    fits: Mapping[str, bool]


class PromptTaker(Protocol):
    """What the prompt book knows of a provider; `ImageProvider` is one."""

    @property
    def code(self) -> str:
        """How options, pages and metrics call it."""

    def fits(self, text: PromptText) -> bool:
        """Whether it takes prompts, and one of this length."""
