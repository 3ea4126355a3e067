"""The prompt book."""

from collections.abc import Mapping
from dataclasses import dataclass

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
    """

    id: str
    idx: int
    prompt: str
    negative: str | None
    placeholders: Mapping[str, tuple[str, ...]]
    enabled: bool
    refused_by: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptBook:
    """All prompts, the oldest first.

    Attributes:
        limit: Their highest number.
        findings: What is probably not meant as it is.
    """

    prompts: tuple[Prompt, ...]
    limit: int
    findings: tuple[Finding, ...]


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
