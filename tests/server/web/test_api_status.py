from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from imageserver import __version__
from imageserver.exceptions import AccessRefusedError
from imageserver.models import OperationKind
from tests import pictures
from tests.adapters import Script, scripted
from tests.api_client import open_api
from tests.houses import FRAME, put_pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api_client import Api
    from tests.manual_clock import ManualClock


async def test_the_server_says_who_it_is(api: Api, clock: ManualClock) -> None:
    started_at = clock.now()
    await clock.advance(3600)
    assert (await api.get("/info")).json == {
        "installation_id": api.server.installation.id,
        "version": __version__,
        "api_version": 1,
        "started_at": started_at.isoformat(timespec="milliseconds"),
    }


async def test_an_installation_stays_the_same_over_restarts(tmp_path: Path, clock: ManualClock) -> None:
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        first = (await api.get("/info")).json
    await clock.advance(60)
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        second = (await api.get("/info")).json
    assert second["installation_id"] == first["installation_id"]
    assert second["started_at"] > first["started_at"]


async def test_the_snapshot_of_a_new_server_is_ready_for_a_frame(api: Api, clock: ManualClock) -> None:
    status = (await api.get("/status")).json
    assert status["state"] == "waiting"
    assert status["until"] == status["next_generation_at"] == clock.now().isoformat(timespec="milliseconds")
    assert status["problems"] == status["generating"] == status["frames"] == []
    assert status["prompts"] == {"count": 1, "limit": 10}
    assert status["last_picture"] is None
    assert status["settings"] == {"paused": False, "image_generate_threshold": 10}
    (provider,) = status["providers"]
    assert provider["ready"]


async def test_the_snapshot_tells_what_has_happened(api: Api, clock: ManualClock) -> None:
    await api.house.see()
    await api.house.rest()
    status = (await api.get("/status")).json
    assert status["store"]["pictures"] == 1
    assert status["last_picture"]["provider"] == "ydArt"
    assert status["last_picture"]["prompt"] == "test"
    assert status["metrics"]["images"]["success"] == 1
    (frame,) = status["frames"]
    assert frame["id"] == FRAME
    assert frame["pictures_sent"] == 1
    assert frame["content"]["picture_id"] == status["last_picture"]["id"]
    (provider,) = status["providers"]
    assert (provider["asked_today"], provider["accepted_today"]) == (1, 1)
    in_ten_minutes = clock.now() + timedelta(minutes=10)
    assert status["state"] == "waiting"
    assert status["until"] == in_ten_minutes.isoformat(timespec="milliseconds")


async def test_while_a_picture_is_made_the_state_says_so(api: Api, script: Script) -> None:
    script.held.clear()
    await api.house.ask()
    status = (await api.get("/status")).json
    assert status["state"] == "generating"
    assert [entry["provider"] for entry in status["generating"]] == ["ydArt"]
    script.held.set()
    await api.house.rest()
    assert (await api.get("/status")).json["state"] == "waiting"


async def test_a_pause_and_a_problem_are_states(api: Api, script: Script) -> None:
    await api.patch("/settings", {"paused": True})
    status = (await api.get("/status")).json
    assert (status["state"], status["next_generation_at"]) == ("paused", None)

    script.answers.append(AccessRefusedError("The key is refused"))
    await api.post("/operations", {"wait": 5})
    status = (await api.get("/status")).json
    assert status["state"] == "problem"
    (problem,) = status["problems"]
    assert (problem["code"], problem["subject"]) == ("access_refused", "ydArt")
    assert "The key is refused" in problem["text"]
    assert problem["remedy"]

    await api.post("/providers/ydArt/retry")
    assert (await api.get("/status")).json["state"] == "paused"


async def test_sleep_is_a_state_with_an_end(tmp_path: Path, clock: ManualClock) -> None:
    options = 'sleep_time: [{time_range: {start_time: "08:00", end_time: "10:00"}}]'
    async with open_api(tmp_path, scripted(Script()), clock=clock, options=options) as api:
        status = (await api.get("/status")).json
        assert status["state"] == "sleeping"
        assert status["until"].startswith("2026-11-24T10:00")


async def test_every_figure_survives_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 2)
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        await api.house.see(OperationKind.OLD)
        before = (await api.get("/status")).json
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        after = (await api.get("/status")).json
    assert after["frames"] == before["frames"]
    assert after["metrics"]["images"]["success"] == before["metrics"]["images"]["success"] == 1


async def test_a_pushed_picture_is_not_the_last_one_that_was_made(api: Api) -> None:
    await api.ask("POST", "/images", data=pictures.jpeg(), headers={"Content-Type": "image/jpeg"})
    assert (await api.get("/status")).json["last_picture"] is None
    made = (await api.post("/operations", {"wait": 30})).json["picture_id"]
    await api.ask("POST", "/images", data=pictures.jpeg(seed=1), headers={"Content-Type": "image/jpeg"})
    assert (await api.get("/status")).json["last_picture"]["id"] == made
    await api.delete(f"/images/{made}")
    assert (await api.get("/status")).json["last_picture"] is None


# Is it well?


async def test_an_empty_store_is_no_illness(api: Api) -> None:
    answer = await api.get("./healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


async def test_a_store_out_of_reach_is_one_and_says_why(api: Api) -> None:
    api.server.problems.report("store_unreadable", "The disk is gone.", remedy="Mount it.")
    answer = await api.get("./healthz")
    assert answer.error == (503, "Unavailable")
    assert answer.message == "The disk is gone. Mount it."
    api.server.problems.resolve("store_unreadable")
    assert (await api.get("./healthz")).status == 200


async def test_a_broken_index_is_one_too(api: Api) -> None:
    await api.server.state.run(lambda connection: connection.execute("DROP VIEW rotation"))
    answer = await api.get("./healthz")
    assert answer.error == (503, "Unavailable")
    assert "rotation" in answer.message


@pytest.mark.parametrize("path", ["/status", "./metrics"])
async def test_figures_that_cannot_be_read_are_an_answer_not_a_crash(api: Api, path: str) -> None:
    await api.server.state.run(lambda connection: connection.execute("ALTER TABLE pictures RENAME TO gone"))
    assert (await api.get(path)).error == (503, "StateError")
    await api.server.state.run(lambda connection: connection.execute("ALTER TABLE gone RENAME TO pictures"))
    assert (await api.get(path)).status == 200
