from __future__ import annotations

import logging
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
import voluptuous as vol

from imageserver.log.log import setup
from imageserver.metrics import RequestKind
from imageserver.models import OperationKind
from imageserver.settings import LogLevel
from tests.adapters import Script, scripted
from tests.api_client import open_api
from tests.houses import put_pictures
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from pathlib import Path

    from imageserver.providers.base import ImageProvider
    from tests.api_client import Api

CANARY = "canary-9a1b7c"


async def settings(api: Api) -> dict[str, Any]:
    return {entry["path"]: entry for entry in (await api.get("/settings")).json["settings"]}


# Settings


async def test_every_setting_says_where_it_comes_from(tmp_path: Path, clock: ManualClock) -> None:
    options = "image_generate_threshold: 25\niframe_image_parameters: {fit_mode: cover}\n"
    async with open_api(tmp_path, scripted(Script()), clock=clock, options=options) as api:
        found = await settings(api)
        assert found["image_generate_threshold"] == {
            "path": "image_generate_threshold",
            "value": 25,
            "source": "file",
            "file_value": 25,
            "changeable": True,
        }
        assert found["iframe_image_parameters.fit_mode"]["value"] == "cover"
        assert not found["iframe_image_parameters.fit_mode"]["changeable"]
        assert (found["prompts_amount"]["value"], found["prompts_amount"]["source"]) == (10, "default")
        changeable = {path for path, entry in found.items() if entry["changeable"]}
        assert changeable == {
            "paused",
            "image_generate_threshold",
            "providers.ydArt.enabled",
            "providers.ydArt.daily_limit",
        }


async def test_a_change_at_run_time_shows_as_one(api: Api) -> None:
    changed = await api.patch("/settings", {"paused": True, "image_generate_threshold": 0.5})
    found = {entry["path"]: entry for entry in changed.json["settings"]}
    assert found == await settings(api)
    threshold = found["image_generate_threshold"]
    assert (threshold["value"], threshold["file_value"], threshold["source"]) == (0.5, 10, "run_time")
    assert (found["paused"]["value"], found["paused"]["source"]) == (True, "run_time")

    await api.patch("/settings", {"paused": False, "image_generate_threshold": 10})
    found = await settings(api)
    assert {found["paused"]["source"], found["image_generate_threshold"]["source"]} == {"default"}


async def test_a_pause_keeps_frames_from_asking_providers(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 2)
    script = Script()
    async with open_api(tmp_path, scripted(script), clock=clock) as api:
        await api.patch("/settings", {"paused": True})
        await api.house.see()
        assert script.asked == []
        await api.patch("/settings", {"paused": False})
        await api.house.see()
        assert len(script.asked) == 1


async def test_a_change_that_cannot_be_written_down_is_refused_and_changes_nothing(api: Api) -> None:
    await api.server.state.run(lambda connection: connection.execute("ALTER TABLE notes RENAME TO gone"))
    assert (await api.patch("/settings", {"paused": True})).error == (503, "StateError")
    await api.server.state.run(lambda connection: connection.execute("ALTER TABLE gone RENAME TO notes"))
    assert not (await settings(api))["paused"]["value"]
    assert (await api.patch("/settings", {"paused": True})).status == 200


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {""}),
        ({"paused": "yes"}, {"paused"}),
        ({"image_generate_threshold": -1, "paused": 0}, {"image_generate_threshold", "paused"}),
        ({"image_generate_threshold": 525601}, {"image_generate_threshold"}),
        ({"log_level": "DEBUG"}, {"log_level", ""}),
    ],
)
async def test_a_wrong_change_is_named(api: Api, body: dict[str, Any], paths: set[str]) -> None:
    answer = await api.patch("/settings", body)
    assert set(answer.mistakes) == paths
    assert {entry["source"] for entry in (await settings(api)).values()} == {"default"}


def with_a_secret(script: Script) -> type[ImageProvider]:
    adapter = scripted(script)

    class Secretive(adapter):  # type: ignore[valid-type,misc] # a class made by a function
        code = "ydArt"
        schema = vol.Schema({vol.Optional("api_key"): str})
        secrets: ClassVar = frozenset({"api_key"})

    return Secretive


async def test_no_secret_is_in_any_answer(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    options = f"providers: {{ydArt: {{api_key: {CANARY}}}}}"
    async with open_api(tmp_path, with_a_secret(Script()), clock=clock, options=options) as api:
        token = api.server.installation.token
        await api.post("/operations", {"wait": 30})
        bodies = b""
        paths = "./ ./metrics ./healthz /info /status /operations /prompts /providers /settings /log /history"
        for path in paths.split():
            answer = await api.get(path)
            assert answer.status == 200
            bodies += answer.body
        for method, path in (("PATCH", "/settings"), ("POST", "/nowhere"), ("DELETE", "/info")):
            bodies += (await api.ask(method, path, json={"api_key": 1})).body
        assert b"\xe2\x80\xa2" in bodies, "it is masked"
        for secret in (CANARY, token):
            assert secret.encode() not in bodies
            assert secret not in caplog.text


# History


async def test_days_and_hours_are_complete_and_in_order(api: Api) -> None:
    history = (await api.get("/history?days=3")).json
    assert [day["date"] for day in history["days"]] == ["2026-11-22", "2026-11-23", "2026-11-24"]
    assert all(day["requests"] == day["images_sent"] == 0 for day in history["days"])
    assert history["days"][0]["providers"] == {"ydArt": {"accepted": 0, "success": 0, "errors": 0}}
    starts = [hour["start"] for hour in history["hours"]]
    assert len(starts) == 48
    assert starts[-1] == "2026-11-24T09:00:00.000+00:00"
    assert starts == sorted(set(starts))
    assert len((await api.get("/history")).json["days"]) == 14


async def test_what_happened_stands_at_its_day_and_hour(api: Api, clock: ManualClock) -> None:
    api.server.metrics.request(RequestKind.RESULT, success=True)
    await api.house.see(OperationKind.DIRECT)
    await clock.advance(24 * 3600)
    api.server.metrics.request(RequestKind.MALFORMED, success=False)
    api.server.metrics.request(RequestKind.RESULT, success=True)
    history = (await api.get("/history?days=2")).json
    yesterday, today = history["days"]
    assert (yesterday["requests"], yesterday["request_errors"], yesterday["images_sent"]) == (1, 0, 1)
    assert yesterday["providers"] == {"ydArt": {"accepted": 1, "success": 1, "errors": 0}}
    assert (today["requests"], today["request_errors"], today["images_sent"]) == (2, 1, 0)
    assert [hour["requests"] for hour in history["hours"] if hour["requests"]] == [1, 2]
    assert history["hours"][-25]["requests"] == 1


@pytest.mark.parametrize(("now", "hours"), [("2026-10-25T12:00", 47), ("2026-03-29T12:00", 48)])
async def test_a_clock_change_neither_doubles_nor_loses_an_hour(tmp_path: Path, now: str, hours: int) -> None:
    clock = ManualClock(datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        starts = [hour["start"] for hour in (await api.get("/history")).json["hours"]]
    assert len(starts) == hours
    assert starts == sorted(set(starts))


@pytest.mark.parametrize("query", ["days=0", "days=401", "days=x", "day=1"])
async def test_a_wrong_history_is_named(api: Api, query: str) -> None:
    assert set((await api.get(f"/history?{query}")).mistakes) == {query.partition("=")[0]}


# Log


async def test_the_last_lines_of_a_level_are_told_without_secrets(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)  # and back again after the test
    api.server.log = log = setup(level=LogLevel.DEBUG, secrets=[CANARY], stream=StringIO())
    logger = logging.getLogger("imageserver.test")
    try:
        logger.info("one")
        logger.warning("two %s", CANARY)
        logger.debug("three")
        lines = (await api.get("/log?level=INFO&limit=2")).json["lines"]
        assert [(line["level"], line["logger"]) for line in lines] == [
            ("INFO", "imageserver.test"),
            ("WARNING", "imageserver.test"),
        ]
        assert lines[0]["message"] == "one"
        assert CANARY not in lines[1]["message"]
        (last,) = (await api.get("/log?level=WARNING&limit=1")).json["lines"]
        assert last == lines[1]
        ours = [
            line for line in (await api.get("/log")).json["lines"] if line["logger"] == "imageserver.test"
        ]
        assert [line["level"] for line in ours] == ["INFO", "WARNING", "DEBUG"]
    finally:
        log.close()


async def test_the_last_500_lines_are_remembered(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)  # and back again after the test
    api.server.log = log = setup(level=LogLevel.INFO, stream=StringIO())
    try:
        for number in range(510):
            logging.getLogger("imageserver.test").info("line %d", number)
        lines = (await api.get("/log?limit=500")).json["lines"]
        assert [line["message"] for line in lines] == [f"line {number}" for number in range(10, 510)]
        assert len((await api.get("/log")).json["lines"]) == 200
        assert (await api.get("/log?limit=1&level=ERROR")).json["lines"] == []
    finally:
        log.close()


@pytest.mark.parametrize("query", ["level=LOUD", "limit=0", "limit=501", "text=x"])
async def test_a_wrong_question_about_the_log_is_named(api: Api, query: str) -> None:
    assert set((await api.get(f"/log?{query}")).mistakes) == {query.partition("=")[0]}
