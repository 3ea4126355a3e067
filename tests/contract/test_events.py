from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from custom_components.aiframes.api import (
    CannotConnectError,
    EventKind,
    EventStream,
    Fate,
    FrameChanged,
    Generation,
    ImageServerClient,
    Operation,
    OperationStatus,
    Picture,
    PictureChanged,
    PictureSent,
    ProblemsChanged,
    PromptsSummary,
    Providers,
    SettingsInForce,
    Status,
)
from imageserver.events import HISTORY
from imageserver.exceptions import ContentRefusedError
from imageserver.web.event_stream import StreamLimits
from tests.adapters import Script, scripted
from tests.contract.impostors import impostor
from tests.contract.running import run
from tests.houses import FRAME

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from aiohttp import ClientSession

    from custom_components.aiframes.api import Event
    from tests.contract.running import Running
    from tests.manual_clock import ManualClock

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


class Listener:
    """Follows a stream, and looks for what it waits for."""

    def __init__(self, events: AsyncGenerator[Event]) -> None:
        self.events = events

    async def next(self) -> Event:
        return await anext(self.events)

    async def until[T](self, kind: EventKind, data: type[T]) -> T:
        """Return what the next event of a kind tells."""
        while (event := await self.next()).kind is not kind:
            pass
        assert isinstance(event.data, data)
        return event.data


@asynccontextmanager
async def listening(stream: EventStream, last_event_id: str | None = None) -> AsyncIterator[Listener]:
    async with aclosing(stream.follow(last_event_id)) as events:
        yield Listener(events)


async def test_the_snapshot_comes_first(running: Running) -> None:
    stream = EventStream(running.client)
    assert stream.last_event_id is None
    async with listening(stream) as listener:
        event = await listener.next()
        assert event.kind is EventKind.STATUS
        assert event.data == await running.client.status()
        assert event.id == stream.last_event_id


async def test_what_the_server_makes_is_told_as_it_happens(running: Running, script: Script) -> None:
    async with listening(EventStream(running.client)) as listener:
        assert isinstance((await listener.next()).data, Status)
        await running.see()

        providers = await listener.until(EventKind.PROVIDER, Providers)
        assert [provider.asked_today for provider in providers.providers] == [1]
        assert (await listener.until(EventKind.GENERATION, Generation)).fate is Fate.INTENDED
        made = await listener.until(EventKind.PICTURE_MADE, Picture)
        assert (made.prompt, made.provider) == ("test", "ydArt")
        sent = await listener.until(EventKind.PICTURE_SENT, PictureSent)
        assert sent.operation.frame == FRAME
        assert sent.picture is not None
        assert sent.picture.id == made.id

        script.answers.append(ContentRefusedError("No"))
        await running.client.generate(prompt="x", wait=30)
        failed = await listener.until(EventKind.GENERATION_FAILED, Generation)
        assert failed.error is not None
        assert (failed.prompt, failed.error.code, failed.error.message) == ("x", "ContentRefused", "No")
        ended = await listener.until(EventKind.OPERATION, Operation)
        assert (ended.status, ended.fate) == (OperationStatus.ERROR, Fate.REFUSED)


async def test_what_people_change_is_told_too(running: Running) -> None:
    await running.see()
    await running.house.rest()
    client = running.client
    (picture,) = (await client.search_images()).pictures
    async with listening(EventStream(client)) as listener:
        await listener.next()
        await client.change_settings(paused=True)
        assert (await listener.until(EventKind.SETTINGS, SettingsInForce)).paused
        await client.change_provider("ydArt", enabled=False)
        while (await listener.until(EventKind.PROVIDER, Providers)).providers[0].enabled:
            pass
        await client.add_prompt(prompt="new")
        assert await listener.until(EventKind.PROMPTS, PromptsSummary) == PromptsSummary(count=2, limit=10)
        frame = await client.rename_frame(FRAME, "Kitchen")
        assert await listener.until(EventKind.FRAME, FrameChanged) == FrameChanged(id=FRAME, frame=frame)
        await client.forget_frame(FRAME)
        assert await listener.until(EventKind.FRAME, FrameChanged) == FrameChanged(id=FRAME, frame=None)
        await client.set_favourite(picture.id, favourite=True)
        changed = await listener.until(EventKind.PICTURE, PictureChanged)
        assert changed.picture is not None
        assert (changed.id, changed.picture.favourite) == (picture.id, True)
        running.house.server.problems.report("disk", "The disk is full.", remedy="Make room.")
        (problem,) = (await listener.until(EventKind.PROBLEMS, ProblemsChanged)).problems
        assert (problem.code, problem.remedy) == ("disk", "Make room.")


async def test_who_comes_back_gets_what_it_missed(running: Running) -> None:
    stream = EventStream(running.client)
    async with listening(stream) as listener:
        await listener.next()
        await running.client.add_prompt(prompt="one")
        await listener.until(EventKind.PROMPTS, PromptsSummary)
    known = stream.last_event_id
    await running.client.add_prompt(prompt="two")
    await running.client.change_settings(paused=True)

    async with listening(stream) as listener:
        assert (await listener.next()).kind is EventKind.STATUS
        assert (await listener.until(EventKind.PROMPTS, PromptsSummary)).count == 3
        assert (await listener.until(EventKind.SETTINGS, SettingsInForce)).paused

    async with listening(EventStream(running.client), known) as listener:
        assert (await listener.next()).kind is EventKind.STATUS
        assert (await listener.until(EventKind.PROMPTS, PromptsSummary)).count == 3


async def test_who_comes_back_from_too_long_ago_gets_the_snapshot_alone(running: Running) -> None:
    stream = EventStream(running.client)
    async with listening(stream) as listener:
        await listener.next()
    for _ in range(HISTORY // 2 + 1):
        running.house.server.problems.report("disk", "The disk is full.", remedy="Make room.")
        running.house.server.problems.resolve("disk")
    await _gets_the_snapshot_alone(running, stream)


@pytest.mark.parametrize("unknown", ["nonsense", "abc-5", "кошка"])
async def test_who_knows_what_the_server_does_not_gets_the_snapshot_alone(
    running: Running, unknown: str
) -> None:
    running.house.server.problems.report("disk", "The disk is full.", remedy="Make room.")
    stream = EventStream(running.client)
    stream.last_event_id = unknown
    await _gets_the_snapshot_alone(running, stream)


async def _gets_the_snapshot_alone(running: Running, stream: EventStream) -> None:
    async with listening(stream) as listener:
        assert (await listener.next()).kind is EventKind.STATUS
        await running.client.add_prompt(prompt="new")
        assert (await listener.next()).kind is EventKind.PROMPTS


async def test_a_server_that_starts_again_cuts_the_stream_which_then_goes_on_with_a_new_snapshot(
    tmp_path: Path, clock: ManualClock, session: ClientSession
) -> None:
    first = AsyncExitStack()
    running = await first.enter_async_context(run(tmp_path, scripted(Script()), clock=clock, session=session))
    client, stream = running.client, EventStream(running.client)
    before = await client.info()
    async with listening(stream) as listener:
        await listener.next()
        await client.add_prompt(prompt="one")
        await listener.until(EventKind.PROMPTS, PromptsSummary)
        following = asyncio.ensure_future(listener.next())
        await first.aclose()
        with pytest.raises(CannotConnectError):
            await following
    with pytest.raises(CannotConnectError):
        await client.status()
    async with listening(stream) as listener:
        with pytest.raises(CannotConnectError):
            await listener.next()

    await clock.advance(60)
    async with run(tmp_path, scripted(Script()), clock=clock, session=session, port=running.port):
        after = await client.info()
        assert after.installation_id == before.installation_id
        assert after.started_at > before.started_at
        async with listening(stream) as listener:
            event = await listener.next()
            assert isinstance(event.data, Status)
            assert event.data.prompts.count == 2
            await client.add_prompt(prompt="two")
            assert (await listener.until(EventKind.PROMPTS, PromptsSummary)).count == 3


async def test_a_client_that_reads_too_slowly_is_cut_off_and_comes_back_to_a_snapshot(
    tmp_path: Path, clock: ManualClock, session: ClientSession
) -> None:
    short = StreamLimits(waiting=1)
    async with run(tmp_path, scripted(Script()), clock=clock, session=session, streams=short) as running:
        stream = EventStream(running.client)
        async with listening(stream) as listener:
            await listener.next()
            for _ in range(3):
                running.house.server.problems.report("disk", "The disk is full.", remedy="Make room.")
                running.house.server.problems.resolve("disk")
            with pytest.raises(CannotConnectError):
                await listener.until(EventKind.STATUS, Status)
        async with listening(stream) as listener:
            assert (await listener.next()).kind is EventKind.STATUS


@pytest.mark.parametrize(
    "said",
    [
        STREAM,
        STREAM + b": heartbeat\n\nid: 7\nevent: prompts\ndata: {",
        STREAM.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n") + b"10\r\n: heart",
        STREAM.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n") + b"0\r\n\r\n",
    ],
)
async def test_however_a_stream_is_cut_off_it_is_told(session: ClientSession, said: bytes) -> None:
    async with impostor(said) as found:
        stream = EventStream(ImageServerClient(session=session, url=found.url, token="x"))
        async with listening(stream) as listener:
            with pytest.raises(CannotConnectError):
                await listener.next()
    assert stream.last_event_id is None, "half an event is none"


async def test_events_of_a_newer_server_are_passed_over_and_count(session: ClientSession) -> None:
    newer = b"id: 1\nevent: weather\ndata: sunny\n\n"
    known = b'id: 2\nevent: prompts\ndata: {"count": 2, "limit": 9, "more": 1}\n\n'
    async with impostor(STREAM + newer + known + newer.replace(b"1", b"3")) as found:
        stream = EventStream(ImageServerClient(session=session, url=found.url, token="x"))
        async with listening(stream) as listener:
            event = await listener.next()
            assert (event.kind, event.id) == (EventKind.PROMPTS, "2")
            with pytest.raises(CannotConnectError):
                await listener.next()
        assert stream.last_event_id == "3"


async def test_a_stream_that_is_no_longer_followed_is_closed(
    running: Running, session: ClientSession
) -> None:
    async with listening(EventStream(running.client)) as listener:
        await listener.next()
        assert session.connector is not None
        assert len(session.connector._acquired) == 1
    assert len(session.connector._acquired) == 0


async def test_a_follower_that_is_cancelled_closes_its_stream(
    running: Running, session: ClientSession
) -> None:
    stream, got = EventStream(running.client), asyncio.Event()

    async def follow() -> None:
        async for _ in stream.follow():
            got.set()

    task = asyncio.create_task(follow())
    await got.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert session.connector is not None
    assert len(session.connector._acquired) == 0
