from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imageserver.exceptions import AccessRefusedError
from tests.adapters import Script, scripted
from tests.api_client import open_api

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api_client import Api
    from tests.manual_clock import ManualClock


async def provider(api: Api) -> dict[str, Any]:
    (found,) = (await api.get("/providers")).json["providers"]
    described: dict[str, Any] = found
    return described


async def test_a_provider_that_is_ready_says_so(api: Api) -> None:
    found = await provider(api)
    assert (found["code"], found["enabled"], found["in_use"], found["ready"]) == ("ydArt", True, True, True)
    assert (found["takes_prompts"], found["max_prompt_length"]) == (True, 500)
    assert (found["reason"], found["until"], found["last_error"]) == (None, None, None)
    assert (found["daily_limit"], found["left_today"]) == (0, None)


async def test_one_that_is_not_set_up_says_what_is_missing(tmp_path: Path, clock: ManualClock) -> None:
    async with open_api(tmp_path, scripted(Script(missing="api_key is missing")), clock=clock) as api:
        found = await provider(api)
        assert (found["ready"], found["in_use"], found["reason"]) == (False, False, "not_set_up")
        assert "api_key is missing" in found["reason_text"]


async def test_requests_are_counted_against_the_limit(api: Api, clock: ManualClock) -> None:
    await api.patch("/providers/ydArt", {"daily_limit": 2})
    await api.post("/operations", {"wait": 30})
    found = await provider(api)
    assert (found["asked_today"], found["left_today"], found["accepted_today"]) == (1, 1, 1)
    await api.post("/operations", {"wait": 30})
    found = await provider(api)
    assert (found["left_today"], found["reason"]) == (0, "budget_spent")
    assert found["until"].startswith("2026-11-25T00:00")
    await clock.advance(24 * 3600)
    found = await provider(api)
    assert (found["asked_today"], found["accepted_today"], found["accepted_yesterday"]) == (0, 0, 2)
    assert found["requests"]["success"] == 2


async def test_a_provider_is_switched_off_and_on(api: Api) -> None:
    found = (await api.patch("/providers/YDART", {"enabled": False})).json
    assert (found["enabled"], found["reason"]) == (False, "disabled")
    assert (await api.post("/operations")).error == (400, "StartError")
    assert (await api.patch("/providers/ydArt", {"enabled": True})).json["ready"]
    assert (await api.post("/operations", {"wait": 30})).status == 200


async def test_changes_hold_over_restarts_until_the_file_says_something_else(
    tmp_path: Path, clock: ManualClock
) -> None:
    adapter = scripted(Script())
    async with open_api(tmp_path, adapter, clock=clock) as api:
        await api.patch("/providers/ydArt", {"daily_limit": 7, "enabled": False})
    async with open_api(tmp_path, adapter, clock=clock) as api:
        found = await provider(api)
        assert (found["daily_limit"], found["enabled"]) == (7, False)
    async with open_api(
        tmp_path, adapter, clock=clock, options="providers: {ydArt: {daily_limit: 50}}"
    ) as api:
        found = await provider(api)
        assert (found["daily_limit"], found["enabled"]) == (50, False)


async def test_a_retry_opens_what_an_error_has_switched_off(api: Api, script: Script) -> None:
    script.answers.append(AccessRefusedError("The key is refused"))
    await api.post("/operations", {"wait": 30})
    found = await provider(api)
    assert (found["ready"], found["reason"]) == (False, "switched_off")
    assert "The key is refused" in found["reason_text"]
    assert found["last_error"] == "The key is refused"
    assert (await api.post("/providers/ydart/retry")).json["ready"]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, {""}),
        ({"enabled": "no"}, {"enabled"}),
        ({"daily_limit": -1}, {"daily_limit"}),
        ({"daily_limit": 1.5, "enabled": 0}, {"daily_limit", "enabled"}),
        ({"enabled": False, "api_key": "x"}, {"api_key"}),
    ],
)
async def test_a_wrong_change_changes_nothing(api: Api, body: dict[str, Any], paths: set[str]) -> None:
    answer = await api.patch("/providers/ydArt", body)
    assert answer.error == (400, "BadRequest")
    assert set(answer.mistakes) == paths
    assert (await provider(api))["enabled"]


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/providers/x"), ("POST", "/providers/x/retry")])
async def test_a_provider_that_is_not_there_is_not_found(api: Api, method: str, path: str) -> None:
    assert (await api.ask(method, path, json={"enabled": True})).error == (404, "NotFound")
