"""Providers that do as a test says: real adapters, with nothing behind them."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import voluptuous as vol

from imageserver.providers.base import (
    Capabilities,
    Defaults,
    Done,
    ImageProvider,
    Pending,
    PictureRequest,
    ProviderContext,
)
from tests import pictures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imageserver.models import Json

type Answer = bytes | Exception


@dataclass
class Script:
    """What an adapter does, and what it was asked; one script lives through restarts.

    Attributes:
        answers: For the next requests, in order; afterwards each gets a picture of its own.
        tickets: For the next requests: hand out this ticket instead of an answer.
        results: What `fetch` finds for a ticket; nothing means "not yet".
        held: While it is not set, `submit` waits.
        not_ready: Why it has nothing to offer.
        missing: What is not set up.
    """

    asked: list[PictureRequest] = field(default_factory=list)
    fetched: list[Json] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    tickets: deque[Json] = field(default_factory=deque)
    results: dict[str, Answer] = field(default_factory=dict)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    not_ready: str | None = None
    missing: str | None = None

    def __post_init__(self) -> None:
        self.held.set()


def scripted(
    script: Script,
    *,
    code: str = "ydArt",
    capabilities: Capabilities | None = None,
    defaults: Defaults | None = None,
) -> type[ImageProvider]:
    """Make an adapter that follows a script."""
    abilities = capabilities or Capabilities(negative=True, max_prompt_length=500)

    class Scripted(ImageProvider):
        title = f"Scripted {code}"
        schema = vol.Schema({vol.Optional("note"): str})

        def __init__(self, options: Mapping[str, Any], context: ProviderContext) -> None:
            self.options = options
            self.size = context.size

        @classmethod
        def not_set_up(cls, options: Mapping[str, Any]) -> str | None:  # noqa: ARG003 - the script knows
            return script.missing

        def not_ready(self) -> str | None:
            return script.not_ready

        async def submit(self, request: PictureRequest) -> Done | Pending:
            script.asked.append(request)
            await script.held.wait()
            if script.tickets:
                return Pending(script.tickets.popleft())
            answer = (
                script.answers.popleft()
                if script.answers
                else pictures.jpeg(320, 480, seed=1000 + len(script.asked))
            )
            if isinstance(answer, Exception):
                raise answer
            return Done(answer)

        async def fetch(self, ticket: Json) -> bytes | None:
            script.fetched.append(ticket)
            answer = script.results.get(str(ticket))
            if isinstance(answer, Exception):
                raise answer
            return answer

    Scripted.code = code
    Scripted.capabilities = abilities
    Scripted.defaults = defaults or Defaults(image_generate_threshold=0, daily_limit=0)
    return Scripted
