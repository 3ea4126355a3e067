from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from custom_components.aiframes.api import (
    CannotConnectError,
    EventStream,
    ImageServerClient,
    Limits,
    PromptsSummary,
)
from imageserver.web.event_stream import HEARTBEAT, StreamLimits
from tests.adapters import Script, scripted
from tests.contract.hurried_loop import hurry, skip
from tests.contract.impostors import impostor
from tests.contract.running import run
from tests.manual_clock import ManualClock, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from custom_components.aiframes.api import Event
    from tests.contract.impostors import Impostor

TOLERANCE = 1.5
"""Long waits are rounded up to whole seconds."""


async def _first_event(client: ImageServerClient) -> Event:
    events = EventStream(client).follow()
    try:
        return await anext(events)
    finally:
        await events.aclose()


@asynccontextmanager
async def listening(answer: bytes = b"") -> AsyncIterator[tuple[Impostor, ImageServerClient]]:
    """Listen like one who takes every question, and begins an answer at most."""
    async with impostor(answer, hangs_up=False) as found, ClientSession() as session:
        yield found, ImageServerClient(session=session, url=found.url, token="x")


BEGINNING = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: 10\r\n\r\n "


@pytest.mark.parametrize("length", [0, 20, -2, None])
@pytest.mark.parametrize(
    ("asking", "kind", "seconds"),
    [
        (lambda client: client.info(), "application/json", 30),
        (lambda client: client.status(), "application/json", 30),
        (lambda client: client.generate(), "application/json", 30),
        (lambda client: client.generate(wait=120), "application/json", 150),
        (lambda client: client.original("1"), "image/jpeg", 60),
        (lambda client: client.push_image(b"x"), "application/json", 60),
        (_first_event, "text/event-stream", 45),
    ],
)
def test_who_does_not_answer_to_the_end_is_not_waited_for_for_ever(
    asking: Callable[[ImageServerClient], Awaitable[object]], kind: str, seconds: float, length: int | None
) -> None:
    async def main() -> None:
        async with listening(BEGINNING.format(kind).encode()[:length]) as (found, client):
            task = asyncio.ensure_future(asking(client))
            await found.lines.get()
            await settle()
            await skip(seconds - TOLERANCE)
            assert not task.done()
            await skip(2 * TOLERANCE)
            with pytest.raises(CannotConnectError, match="in time"):
                await task

    hurry(main())


def test_that_something_was_done_is_not_waited_for_for_ever() -> None:
    async def main() -> None:
        async with listening() as (found, client):
            task = asyncio.ensure_future(client.forget_frame("1"))
            await found.lines.get()
            await skip(30 - TOLERANCE)
            assert not task.done()
            await skip(2 * TOLERANCE)
            with pytest.raises(CannotConnectError, match="in time"):
                await task

    hurry(main())


def test_a_server_that_sends_signs_of_life_may_have_nothing_to_say() -> None:
    async def main() -> None:
        async with listening(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n") as (
            found,
            client,
        ):
            task = asyncio.ensure_future(_first_event(client))
            line = await found.lines.get()
            for _ in range(4):
                await skip(40)
                line.write(HEARTBEAT)
                await settle()
            assert not task.done()
            line.write(b'id: 1\nevent: prompts\ndata: {"count": 2, "limit": 9}\n\n')
            assert (await task).data == PromptsSummary(count=2, limit=9)

    hurry(main())


def test_a_sign_of_life_may_get_lost() -> None:
    assert 2 * StreamLimits().heartbeat_seconds < Limits().silence_seconds


def test_a_server_that_falls_silent_is_left(tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            ClientSession() as session,
            run(tmp_path, scripted(Script()), clock=ManualClock(), session=session) as running,
        ):
            events = EventStream(running.client).follow()
            await anext(events)
            following = asyncio.ensure_future(anext(events))
            await skip(43)
            assert not following.done()
            await skip(3)
            with pytest.raises(CannotConnectError, match="in time"):
                await following
            assert (await running.client.info()).api_version == 1

    hurry(main())
