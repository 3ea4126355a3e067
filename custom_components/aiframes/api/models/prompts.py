"""The prompt book."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .findings import Finding

type Placeholders = Mapping[str, tuple[str, ...]]
"""Values by the name of the placeholder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt of the book.

    Attributes:
        id: It stays, although `idx` moves.
        idx: Its place, counted from 1, the oldest first.
        placeholders: Its own lists, which hide those for all prompts.
        enabled: It may be drawn.
        refused_by: Why providers refuse it, by their code.
        frame: The address of the frame that added it; None for a person's.
    """

    id: str
    idx: int
    prompt: str
    negative: str | None
    placeholders: Mapping[str, tuple[str, ...]]
    enabled: bool
    refused_by: Mapping[str, str]
    frame: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedPrompt:
    """A prompt that left for one that a frame added, and can be brought back.

    Attributes:
        frame: The address of the frame that had added it; None for a person's.
        left_for: The address of the frame whose prompt came.
    """

    id: str
    prompt: str
    negative: str | None
    placeholders: Mapping[str, tuple[str, ...]]
    enabled: bool
    frame: str | None
    left_at: datetime
    left_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptBook:
    """All prompts, the oldest first.

    Attributes:
        limit: Their highest number.
        findings: What is probably not meant as it is.
        replaced: What left for prompts of frames, the newest first.
    """

    prompts: tuple[Prompt, ...]
    limit: int
    findings: tuple[Finding, ...]
    replaced: tuple[ReplacedPrompt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedPrompt:
    """A new prompt, and those that left for it, since the book is full."""

    prompt: Prompt
    removed: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class MovedPrompts:
    """All prompts in their new order."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class GlobalPlaceholders:
    """The lists for all prompts."""

    placeholders: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsSummary:
    """How many prompts there are, and may be."""

    count: int
    limit: int
