"""What a provider of pictures is: two methods, its capabilities, its settings.

When a provider may be asked (thresholds, budgets, sleep) is decided outside, once, in `policy.py`;
what becomes of the picture is decided in `generations.py`. An adapter knows neither.
`docs/providers.md` shows how to write one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import voluptuous as vol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path
    from random import Random

    from aiohttp import ClientSession

    from ..models import Json, PromptText, Size
    from ..timing.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider can do.

    Attributes:
        prompt: It makes a picture from a text; without, it has pictures of its own.
        negative: It takes a negative part.
        seed: The same seed gives the same picture.
        max_prompt_length: In characters, of prompt and negative as sent; None = no limit.
        results_kept: A ticket can still be fetched later, so a restart resumes it.
        costs_money: A request of unknown fate is never repeated.
        stored: Its pictures are kept in the store; without, they are shown and forgotten.
    """

    prompt: bool = True
    negative: bool = False
    seed: bool = False
    max_prompt_length: int | None = None
    results_kept: bool = False
    costs_money: bool = True
    stored: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The common settings of a provider where `options.yml` does not say."""

    image_generate_threshold: float = 10
    daily_limit: int = 200


async def _unchecked(_: bytes) -> None:
    """Take anything for a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderContext:
    """What the server lends to an adapter.

    Attributes:
        session: For HTTP; it has no cookies and follows no redirects by itself.
        clock: The only way to know the time and to wait for it.
        size: The frame's screen.
        random: The source of chance.
        image_dir: The server's own store, which a folder of pictures must leave out.
        check: Looks through a picture to its last byte, and raises a PictureError where frames can't be shown
            it. For adapters that have another one then; what comes out of `submit` is checked anyway.
    """

    session: ClientSession
    clock: Clock
    size: Size
    random: Random
    image_dir: Path
    check: Callable[[bytes], Awaitable[None]] = _unchecked


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRequest:
    """What is wanted; `prompt` is None only for providers that take none."""

    prompt: str | None = None
    negative: str | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The picture, as the provider's bytes: JPEG, PNG or WebP."""

    image: bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider works on it; the ticket is JSON, so that a restart can resume it."""

    ticket: Json


class ImageProvider(ABC):
    """An adapter. It is made anew whenever its settings change.

    Attributes:
        code: How options, pages and metrics call it; compared without case.
        title: How people call it.
        capabilities: An instance whose settings change what it can do has its own; `max_prompt_length` is
            the same for all.
        schema: Of its own keys in `providers.<code>`; the common keys are not its business.
        settings_file: A file in the configuration directory whose keys go before `options.yml`.
        secrets: Which of its keys are never shown.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    capabilities: Capabilities = Capabilities()
    defaults: ClassVar[Defaults] = Defaults()
    schema: ClassVar[vol.Schema] = vol.Schema({})
    settings_file: ClassVar[str | None] = None
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, options: Mapping[str, Any], context: ProviderContext) -> None:
        """Take what the schema made of the settings, and what the server lends."""

    @classmethod
    def not_set_up(cls, options: Mapping[str, Any]) -> str | None:  # noqa: ARG003 - for those who override
        """Say what is missing before it can be asked at all, such as credentials; None = nothing."""
        return None

    @classmethod
    def prompt_length(cls, text: PromptText) -> int:
        """Return how many characters of `max_prompt_length` a text takes as it is sent."""
        return len(text.prompt) + len(text.negative or "")

    @classmethod
    def fits(cls, text: PromptText) -> bool:
        """Whether the provider takes a prompt of this length."""
        limit = cls.capabilities.max_prompt_length
        return cls.capabilities.prompt and (limit is None or cls.prompt_length(text) <= limit)

    def not_ready(self) -> str | None:
        """Say why it has nothing to offer right now, such as an empty folder; None = it has."""
        return None

    @abstractmethod
    async def submit(self, request: PictureRequest) -> Done | Pending:
        """Ask for a picture.

        Raises:
            ProviderError: One of its subclasses; which one decides what may follow.
        """

    async def fetch(self, ticket: Json) -> bytes | None:
        """Return the picture of a ticket, or None while it is not ready.

        Raises:
            NotSentError, FateUnknownError, RateLimitedError: It may be fetched again later.
            ProviderError: It is lost.
        """
        raise NotImplementedError(f"{self.code} hands out no tickets: {ticket!r}")

    async def start(self) -> None:
        """Begin what must run beside requests, such as watching a folder."""

    async def close(self) -> None:
        """End what `start` began."""
