"""What is probably not meant as it is written in a prompt, and what the prompt becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PromptPart(StrEnum):
    """A half of a prompt; `OTHER` is what a newer server says."""

    PROMPT = "prompt"
    NEGATIVE = "negative"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """From `start` up to `end`, in characters."""

    part: PromptPart
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One such thing.

    Attributes:
        text: What it is, in English.
        line: Of the file of prompts.
    """

    text: str
    prompt_id: str | None
    idx: int | None
    line: int | None
    placeholder: str | None
    position: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptText:
    """A prompt with its placeholders filled."""

    prompt: str
    negative: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LongestText:
    """The longest text that a prompt can become.

    Attributes:
        length: In characters, both parts.
    """

    prompt: str
    negative: str | None
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a prompt would become.

    Attributes:
        texts: Drawn by lot.
        fits: Whether the longest one is short enough, by the code of each provider that takes prompts.
    """

    texts: tuple[PromptText, ...]
    findings: tuple[Finding, ...]
    longest: LongestText
    fits: Mapping[str, bool]
