from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imageserver.exceptions import AccessRefusedError, ContentRefusedError
from imageserver.models import OperationKind, Protocol
from imageserver.providers.base import Capabilities
from tests.adapters import Script, scripted
from tests.api_client import open_api
from tests.houses import FRAME, OTHER_FRAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api_client import Api
    from tests.manual_clock import ManualClock


async def test_a_picture_is_forced_and_waited_for(api: Api, script: Script) -> None:
    answer = await api.post("/operations", {"prompt": "кот", "negative": "собака", "wait": 30})
    assert answer.status == 200
    operation = answer.json
    assert (operation["kind"], operation["status"], operation["fate"]) == ("forced", "done", "done")
    assert (operation["provider"], operation["prompt"], operation["negative"]) == ("ydArt", "кот", "собака")
    assert operation["error"] is None
    assert (script.asked[0].prompt, script.asked[0].negative) == ("кот", "собака")
    picture = (await api.get(f"/images/{operation['picture_id']}")).json
    assert (picture["prompt"], picture["negative"], picture["provider"]) == ("кот", "собака", "ydArt")


async def test_without_waiting_the_operation_is_pending_and_can_be_followed(api: Api, script: Script) -> None:
    script.held.clear()
    answer = await api.post("/operations")
    assert (answer.status, answer.json["status"]) == (202, "pending")
    assert answer.json["fate"] == "intended"
    assert answer.json["prompt"] == "test", "one from the book"
    script.held.set()
    await api.server.operations.wait(answer.json["id"], 30)
    operation = (await api.get(f"/operations/{answer.json['id']}")).json
    assert (operation["status"], operation["fate"]) == ("done", "done")
    assert operation["finished_at"] is not None


async def test_who_waits_too_short_gets_the_pending_operation(api: Api, script: Script) -> None:
    script.held.clear()
    answer = await api.post("/operations", {"wait": 0.01})
    assert (answer.status, answer.json["status"]) == (202, "pending")
    script.held.set()
    await api.house.rest()


async def test_a_refusal_ends_the_operation_with_its_reason(api: Api, script: Script) -> None:
    script.answers.append(ContentRefusedError("It is against the rules"))
    answer = await api.post("/operations", {"prompt": "x", "wait": 30})
    assert answer.status == 200
    assert answer.json["status"] == "error"
    assert answer.json["fate"] == "refused"
    assert answer.json["error"] == {"code": "ContentRefused", "message": "It is against the rules"}
    assert answer.json["picture_id"] is None

    again = await api.post("/operations", {"prompt": "y", "wait": 30})
    assert again.json["status"] == "done"


async def test_the_next_frame_that_asks_shows_a_forced_picture(api: Api) -> None:
    operation = (await api.post("/operations", {"wait": 30})).json
    content = await api.house.see(OperationKind.AUTO, frame=OTHER_FRAME)
    assert str(content.picture_id) == operation["picture_id"]


async def test_a_forced_picture_can_be_for_one_frame(api: Api) -> None:
    for frame in (FRAME, OTHER_FRAME):
        api.server.frames.asked(frame, Protocol.HTTPS)
    await api.patch("/settings", {"paused": True})
    await api.post("/operations", {"wait": 30})
    await api.house.see(frame=FRAME)
    operation = (await api.post("/operations", {"frame": FRAME, "wait": 30})).json
    other = await api.house.see(frame=OTHER_FRAME)
    own = await api.house.see(frame=FRAME)
    assert str(own.picture_id) == operation["picture_id"]
    assert own.picture_id != other.picture_id


async def test_a_picture_may_be_made_without_being_shown(api: Api) -> None:
    await api.post("/operations", {"show": False, "wait": 30})
    assert not await api.server.queue.has_any()


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"prompt": ""}, {"prompt"}),
        ({"prompt": "a" * 2001}, {"prompt"}),
        ({"prompt": 5, "wait": 121, "show": "no", "promt": "x"}, {"prompt", "wait", "show", "promt"}),
        ({"negative": "no prompt beside it"}, {"negative"}),
        ({"show": False, "frame": FRAME}, {"frame"}),
        ({"wait": -1}, {"wait"}),
        ({"wait": True}, {"wait"}),
    ],
)
async def test_mistakes_are_named_and_nothing_is_bought(
    api: Api, script: Script, body: dict[str, Any], paths: set[str]
) -> None:
    answer = await api.post("/operations", body)
    assert answer.error == (400, "BadRequest")
    assert set(answer.mistakes) == paths
    assert script.asked == []


@pytest.mark.parametrize("body", [{"frame": "10.9.8.7"}, {"provider": "nobody"}])
async def test_a_frame_or_provider_that_is_not_there_is_not_found(
    api: Api, script: Script, body: dict[str, Any]
) -> None:
    assert (await api.post("/operations", body)).error == (404, "NotFound")
    assert script.asked == []


async def test_a_request_that_cannot_be_met_says_why_at_once(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    options = "providers: {ydArt: {daily_limit: 1}}"
    async with open_api(tmp_path, scripted(script), clock=clock, options=options) as api:
        assert (await api.post("/operations", {"prompt": "a" * 501})).error == (400, "StartError")
        assert (await api.post("/operations", {"wait": 30})).status == 200
        answer = await api.post("/operations", {"wait": 30})
        assert answer.error == (400, "StartError")
        assert "used up" in answer.message
        assert len(script.asked) == 1
        await clock.advance(24 * 3600)
        assert (await api.post("/operations", {"wait": 30})).status == 200, "another day"


async def test_the_provider_may_be_named_in_any_case(tmp_path: Path, clock: ManualClock) -> None:
    first, second = Script(), Script()
    adapters = (scripted(first), scripted(second, code="mine", capabilities=Capabilities(costs_money=False)))
    async with open_api(tmp_path, *adapters, clock=clock) as api:
        for _ in range(3):
            assert (await api.post("/operations", {"provider": "MINE", "wait": 30})).json[
                "provider"
            ] == "mine"
    assert (len(first.asked), len(second.asked)) == (0, 3)


async def test_a_forced_request_opens_a_provider_that_was_switched_off(api: Api, script: Script) -> None:
    script.answers.append(AccessRefusedError("No money left"))
    await api.post("/operations", {"wait": 30})
    assert (await api.get("/providers")).json["providers"][0]["reason"] == "switched_off"
    assert (await api.post("/operations", {"wait": 30})).json["status"] == "done"
    assert (await api.get("/providers")).json["providers"][0]["ready"]


async def test_operations_and_requests_are_listed_newest_first(api: Api, clock: ManualClock) -> None:
    ids = []
    for prompt in ("a", "b", "c"):
        ids.append((await api.post("/operations", {"prompt": prompt, "wait": 30})).json["id"])
        await clock.advance(1)
    await api.house.see(OperationKind.OLD)
    listed = (await api.get("/operations")).json
    assert [entry["kind"] for entry in listed["operations"]] == ["old", "forced", "forced", "forced"]
    assert [entry["id"] for entry in listed["operations"][1:]] == ids[::-1]
    assert [entry["prompt"] for entry in listed["operations"]] == [None, "c", "b", "a"]
    assert [entry["prompt"] for entry in listed["generations"]] == ["c", "b", "a"]

    few = (await api.get("/operations?limit=2")).json
    assert (len(few["operations"]), len(few["generations"])) == (2, 2)
    assert (await api.get("/operations?limit=1")).json["operations"][0]["frame"] == FRAME


async def test_an_operation_is_forgotten_and_its_request_to_the_provider_is_not(
    api: Api, clock: ManualClock
) -> None:
    operation = (await api.post("/operations", {"wait": 30})).json
    await clock.advance(2 * 3600)
    api.server.operations.expire()
    assert (await api.get(f"/operations/{operation['id']}")).error == (404, "NotFound")
    listed = (await api.get("/operations")).json
    assert listed["operations"] == []
    assert listed["generations"][0]["id"] == operation["generation_id"]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=many", "offset=3"])
async def test_a_wrong_query_is_named(api: Api, query: str) -> None:
    answer = await api.get(f"/operations?{query}")
    assert set(answer.mistakes) == {query.partition("=")[0]}
