from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from imageserver.events import HISTORY, EventKind
from imageserver.exceptions import ContentRefusedError
from imageserver.models import OperationKind
from imageserver.web.event_stream import StreamLimits
from tests.adapters import Script, scripted
from tests.api_client import open_api
from tests.houses import FRAME, put_pictures
from tests.manual_clock import settle
from tests.openapi_document import document
from tests.server.web.raw_client import connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp import ClientResponse

    from tests.api_client import Api
    from tests.manual_clock import ManualClock


@dataclass(frozen=True, slots=True)
class Told:
    """One event, or a comment (then all else is empty)."""

    name: str = ""
    id: str = ""
    data: Any = None
    comment: str = ""


class Listener:
    def __init__(self, response: ClientResponse) -> None:
        self.response = response

    async def next(self) -> Told:
        """Return what comes next, held against the description."""
        block = (await self.response.content.readuntil(b"\n\n")).decode()
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line)
        if "event" not in fields:
            return Told(comment=fields[""])
        told = Told(fields["event"], fields["id"], json.loads(fields["data"]))
        document().check_event(told.name, told.data)
        return told

    async def until(self, name: str) -> Told:
        """Return the next event of a name, and step over others."""
        while (told := await self.next()).name != name:
            pass
        return told

    async def is_ended(self) -> bool:
        """Read to the end."""
        while await self.response.content.readany():
            pass
        return self.response.content.at_eof()


@asynccontextmanager
async def listening(api: Api, last_id: str | None = None) -> AsyncIterator[Listener]:
    headers = {"Authorization": f"Bearer {api.server.installation.token}"}
    if last_id is not None:
        headers["Last-Event-ID"] = last_id
    async with api.browser.get("/api/v1/events", headers=headers) as response:
        assert response.status == 200, await response.text()
        yield Listener(response)


async def test_the_snapshot_comes_first(api: Api) -> None:
    async with listening(api) as listener:
        assert listener.response.headers["Content-Type"] == "text/event-stream"
        assert listener.response.headers["Cache-Control"] == "no-store"
        assert listener.response.headers["X-Accel-Buffering"] == "no"
        told = await listener.next()
        assert told.name == "status"
        assert told.data == (await api.get("/status")).json


async def test_what_happens_is_told_as_it_happens(api: Api, script: Script) -> None:
    async with listening(api) as listener:
        await listener.next()
        await api.house.see()

        assert (await listener.until("provider")).data["providers"][0]["asked_today"] == 1
        assert (await listener.until("generation")).data["fate"] == "intended"
        made = (await listener.until("picture_made")).data
        assert (made["prompt"], made["provider"]) == ("test", "ydArt")
        sent = (await listener.until("picture_sent")).data
        assert (sent["operation"]["frame"], sent["picture"]["id"]) == (FRAME, made["id"])

        script.answers.append(ContentRefusedError("No"))
        await api.post("/operations", {"prompt": "x", "wait": 30})
        failed = (await listener.until("generation_failed")).data
        assert (failed["prompt"], failed["error"]) == ("x", {"code": "ContentRefused", "message": "No"})
        ended = (await listener.until("operation")).data
        assert (ended["status"], ended["fate"]) == ("error", "refused")


async def test_what_people_change_is_told_too(api: Api) -> None:
    await api.house.see()
    await api.house.rest()
    picture = (await api.post("/images/search")).json["pictures"][0]["id"]
    async with listening(api) as listener:
        await listener.next()
        await api.patch("/settings", {"paused": True})
        assert (await listener.until("settings")).data["paused"]
        await api.patch("/providers/ydArt", {"enabled": False})
        while (await listener.until("provider")).data["providers"][0]["enabled"]:
            pass
        await api.post("/prompts", {"prompt": "new"})
        assert (await listener.until("prompts")).data == {"count": 2, "limit": 10}
        await api.patch(f"/frames/{FRAME}", {"name": "Kitchen"})
        assert (await listener.until("frame")).data["frame"]["name"] == "Kitchen"
        await api.delete(f"/frames/{FRAME}")
        assert (await listener.until("frame")).data == {"id": FRAME, "frame": None}
        await api.patch(f"/images/{picture}", {"favourite": True})
        assert (await listener.until("picture")).data["picture"]["favourite"]
        api.server.problems.report("disk", "The disk is full.", remedy="Make room.")
        assert (await listener.until("problems")).data["problems"][0]["code"] == "disk"
        api.server.problems.resolve("disk")
        assert (await listener.until("problems")).data == {"problems": []}


async def test_a_picture_that_the_store_does_not_hold_is_sent_without_one(api: Api) -> None:
    await api.patch("/settings", {"paused": True})
    async with listening(api) as listener:
        await listener.next()
        await api.house.see()
        sent = (await listener.until("picture_sent")).data
        assert sent["picture"] is None
        assert sent["operation"]["content"]["kind"] == "card"


async def test_a_picture_that_is_cleared_away_is_told_as_gone(tmp_path: Path, clock: ManualClock) -> None:
    options = "image_amount_min: 1\nimage_amount_max: 2\nimage_generate_threshold: 500\n"
    async with open_api(tmp_path, scripted(Script()), clock=clock, options=options) as api:
        async with listening(api) as listener:
            await listener.next()
            put_pictures(tmp_path, 3)
            await api.server.store.scan()
            gone = await listener.until("picture")
        assert gone.data["picture"] is None
        assert (await api.get(f"/images/{gone.data['id']}")).error == (404, "NotFound")


async def test_every_event_has_a_number_that_follows_the_one_before(api: Api) -> None:
    async with listening(api) as listener:
        first = await listener.next()
        boot, number = first.id.split("-")
        await api.house.see()
        for expected in range(int(number) + 1, int(number) + 6):
            assert (await listener.next()).id == f"{boot}-{expected}"


async def test_who_comes_back_is_told_what_was_missed(api: Api) -> None:
    async with listening(api) as listener:
        last = await listener.next()
    await api.post("/prompts", {"prompt": "while nobody listened"})
    await api.patch("/settings", {"paused": True})
    async with listening(api, last.id) as listener:
        snapshot = await listener.next()
        assert (snapshot.name, snapshot.id) == ("status", last.id), "what follows is not known yet"
        assert snapshot.data["settings"]["paused"]
        missed = [await listener.next() for _ in range(3)]
        assert [told.name for told in missed] == ["prompts", "provider", "settings"]
    async with listening(api, missed[1].id) as listener:
        await listener.next()
        assert (await listener.next()).id == missed[2].id


async def test_who_was_away_for_too_long_starts_anew(api: Api) -> None:
    async with listening(api) as listener:
        last = await listener.next()
    for number in range(HISTORY + 1):
        api.server.events.publish(EventKind.SETTINGS, number)
    await assert_starts_anew(api, last.id)


@pytest.mark.parametrize("last_id", ["", "7", "abc-1", "0-0", "-", "x" * 500, "ffff-99999999999999999999"])
async def test_an_id_of_another_start_is_no_place_to_go_on_from(api: Api, last_id: str) -> None:
    await api.post("/prompts", {"prompt": "a"})
    await assert_starts_anew(api, last_id)


async def test_a_number_that_was_never_given_is_none_either(api: Api) -> None:
    async with listening(api) as listener:
        boot = (await listener.next()).id.partition("-")[0]
    await assert_starts_anew(api, f"{boot}-999999")


async def assert_starts_anew(api: Api, last_id: str) -> None:
    async with listening(api, last_id) as listener:
        snapshot = await listener.next()
        assert snapshot.id.endswith(f"-{api.server.events.number}")
        api.server.events.publish(EventKind.SETTINGS)
        assert (await listener.next()).name == "settings"


async def test_a_stream_without_news_gives_a_sign_of_life(api: Api, clock: ManualClock) -> None:
    await api.patch("/settings", {"paused": True})
    async with listening(api) as listener:
        await listener.next()
        for _ in range(3):
            await settle()
            await clock.advance(15)
            assert (await listener.next()).comment == "heartbeat"


async def test_figures_that_moved_without_an_event_come_with_it(tmp_path: Path, clock: ManualClock) -> None:
    options = 'sleep_time: [{time_range: {start_time: "09:00:10", end_time: "10:00"}}]'
    async with (
        open_api(tmp_path, scripted(Script()), clock=clock, options=options) as api,
        listening(api) as listener,
    ):
        assert (await listener.next()).data["state"] == "waiting"
        await settle()
        await clock.advance(15)
        told = await listener.next()
        assert (told.name, told.data["state"]) == ("status", "sleeping")


async def test_a_reader_that_is_too_slow_is_dropped_and_others_are_not(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    limits = StreamLimits(waiting=32)
    async with open_api(tmp_path, scripted(Script()), clock=clock, streams=limits) as api:
        assert api.browser.port is not None
        async with listening(api) as listener, connected(api.browser.port) as slow:
            token = f"Bearer {api.server.installation.token}"
            slow.send("GET", "/api/v1/events", Authorization=token)
            await slow.reader.readuntil(b"event: status")
            while len(api.server.events._watchers) > 2:
                for _ in range(16):
                    api.server.problems.report("big", f"{'x' * 100_000}{api.server.events.number}", remedy="")
                    await listener.until("problems")
            api.server.problems.resolve("big")
            assert (await listener.until("problems")).data == {"problems": []}
        assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_reader_that_stands_still_is_dropped_in_time(tmp_path: Path, clock: ManualClock) -> None:
    limits = StreamLimits(waiting=10_000, write_seconds=0.05)
    async with open_api(tmp_path, scripted(Script()), clock=clock, streams=limits) as api:
        assert api.browser.port is not None
        async with connected(api.browser.port) as slow:
            slow.send("GET", "/api/v1/events", Authorization=f"Bearer {api.server.installation.token}")
            await slow.reader.readuntil(b"event: status")
            while len(api.server.events._watchers) > 1:
                api.server.problems.report("big", f"{'x' * 500_000}{api.server.events.number}", remedy="")
                await asyncio.sleep(0)


async def test_a_client_that_leaves_is_forgotten(
    api: Api, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    assert api.browser.port is not None
    before = len(api.server.events._watchers)
    async with connected(api.browser.port) as client:
        client.send("GET", "/api/v1/events", Authorization=f"Bearer {api.server.installation.token}")
        await client.reader.readuntil(b"event: status")
    while len(api.server.events._watchers) > before:
        await settle()
        await clock.advance(15)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_there_is_room_for_some_listeners_and_not_for_more(tmp_path: Path, clock: ManualClock) -> None:
    limits = StreamLimits(subscribers=2)
    async with open_api(tmp_path, scripted(Script()), clock=clock, streams=limits) as api:
        before = len(api.server.events._watchers)
        async with listening(api) as first, listening(api) as second:
            await first.next()
            await second.next()
            answer = await api.get("/events")
            assert answer.error == (429, "TooManyRequests")
            assert int(answer.headers["Retry-After"]) > 0
        while len(api.server.events._watchers) > before:
            await settle()
            await clock.advance(15)
        async with listening(api) as third:
            assert (await third.next()).name == "status"


async def test_a_stop_ends_every_stream_at_once(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 1)
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api, listening(api) as listener:
        await listener.next()
        application = api.browser.app
        assert application is not None
        await application.shutdown()
        assert await listener.is_ended()


async def test_a_snapshot_that_cannot_be_taken_is_an_answer(api: Api) -> None:
    await api.server.state.run(lambda connection: connection.execute("ALTER TABLE pictures RENAME TO gone"))
    assert (await api.get("/events")).error == (503, "StateError")
    await api.server.state.run(lambda connection: connection.execute("ALTER TABLE gone RENAME TO pictures"))
    async with listening(api) as listener:
        assert (await listener.next()).name == "status"


async def test_a_renewed_token_ends_no_stream(api: Api) -> None:
    async with listening(api) as listener:
        await listener.next()
        await api.post("/token")
        await api.patch("/settings", {"paused": True})
        assert (await listener.until("settings")).data["paused"]


async def test_an_old_rotation_is_told_with_its_picture(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 1)
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api, listening(api) as listener:
        await listener.next()
        content = await api.house.see(OperationKind.OLD)
        sent = (await listener.until("picture_sent")).data
        assert sent["picture"]["id"] == str(content.picture_id)
