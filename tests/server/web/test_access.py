from __future__ import annotations

import asyncio
import logging
import re
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from imageserver.web.attempts import Attempts
from imageserver.web.refusal_log import IN_ALL
from tests.adapters import Script, scripted
from tests.api_client import open_api, routes_of
from tests.manual_clock import settle
from tests.server.web.raw_client import connected

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api_client import Answer, Api
    from tests.manual_clock import ManualClock

SUPERVISOR = "172.30.32.2"
FOR_EVERYBODY = {"/healthz", "/", "/page/{path}"}
WRONG = "canary-of-a-wrong-token"


async def test_nobody_comes_in_without_the_token(api: Api) -> None:
    application = api.browser.app
    assert application is not None
    for method, path in routes_of(application):
        if path not in FOR_EVERYBODY:
            url = re.sub(r"\{\w+\}", "1", path)
            async with api.browser.request(method, url) as response:
                assert response.status == 401, f"{method} {path}"
                assert response.headers["WWW-Authenticate"] == "Bearer"
                assert (await response.json())["error"]["code"] == "Unauthorized"


async def test_everybody_may_ask_whether_the_server_is_well(api: Api) -> None:
    async with api.browser.get("/healthz") as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic {token}",
        "{token}",
        "Bearer {token}x",
        "Bearer x{token}",
        "Bearer \udcff",
    ],
)
async def test_what_is_not_the_token_is_refused(api: Api, header: str) -> None:
    sent = header.format(token=api.server.installation.token)
    answer = await api.get("/info", Authorization=sent)
    assert answer.error == (401, "Unauthorized")


@pytest.mark.parametrize("header", ["Bearer {token}", "bearer {token}", "BEARER  {token} "])
async def test_the_token_is_taken_however_its_scheme_is_written(api: Api, header: str) -> None:
    sent = header.format(token=api.server.installation.token)
    assert (await api.get("/info", Authorization=sent)).status == 200


async def test_a_wrong_token_is_logged_with_its_address_and_never_itself(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await api.ask("GET", "/info", token=WRONG)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "127.0.0.1 came with a wrong token" in warnings
    assert WRONG not in caplog.text
    assert WRONG.encode() not in answer.body


async def test_who_has_no_token_fills_no_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(5):
        async with api.browser.get("/api/v1/info") as response:
            assert response.status == 401
    assert [record for record in caplog.records if record.name.startswith("imageserver")] == []


async def test_wrong_tokens_get_slower_answers_and_the_right_one_does_not(
    api: Api, clock: ManualClock
) -> None:
    for _ in range(Attempts.FREE):
        assert (await api.ask("GET", "/info", token=WRONG)).status == 401
    slow = asyncio.create_task(api.ask("GET", "/info", token=WRONG))
    assert (await api.get("/info")).status == 200
    assert not slow.done()
    await _let_pass(clock, slow, 1.0)
    assert (await slow).status == 401


async def test_many_wrong_tokens_at_once_are_turned_away(api: Api, clock: ManualClock) -> None:
    for _ in range(Attempts.FREE):
        await api.ask("GET", "/info", token=WRONG)
    crowd = [asyncio.create_task(api.ask("GET", "/info", token=WRONG)) for _ in range(Attempts.WAITING + 1)]
    done, held = await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
    (turned_away,) = done
    answer = turned_away.result()
    assert answer.error == (429, "TooManyRequests")
    assert int(answer.headers["Retry-After"]) == Attempts.LONGEST
    for task in held:
        await _let_pass(clock, task, Attempts.LONGEST)
    assert {task.result().status for task in held} == {401}


async def _let_pass(clock: ManualClock, task: asyncio.Task[Answer], seconds: float) -> None:
    """Let the held answer be asked for, then let its time pass."""
    while not task.done():
        await settle()
        await clock.advance(seconds)


async def test_who_comes_from_ingress_needs_no_token(tmp_path: Path, clock: ManualClock) -> None:
    here = IPv4Address("127.0.0.1")
    async with open_api(tmp_path, scripted(Script()), clock=clock, ingress=here) as api:
        async with api.browser.get("/api/v1/info") as response:
            assert response.status == 200
        async with api.browser.post("/api/v1/operations", json={"wait": 5}) as response:
            assert response.status == 200


async def test_outside_the_app_no_address_opens_the_door(tmp_path: Path, clock: ManualClock) -> None:
    supervisor = IPv4Address(SUPERVISOR)
    async with open_api(tmp_path, scripted(Script()), clock=clock, ingress=supervisor) as api:
        forged = {"X-Forwarded-For": SUPERVISOR, "X-Real-IP": SUPERVISOR, "Forwarded": f"for={SUPERVISOR}"}
        async with api.browser.get("/api/v1/info", headers=forged) as response:
            assert response.status == 401


async def test_who_has_been_let_in_may_see_the_token(tmp_path: Path, clock: ManualClock) -> None:
    ingress = IPv4Address("127.0.0.1")
    async with (
        open_api(tmp_path, scripted(Script()), clock=clock, ingress=ingress) as api,
        api.browser.get("/api/v1/token") as response,
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.json() == {"token": api.server.installation.token}


async def test_a_renewed_token_is_the_one_that_is_seen(api: Api) -> None:
    new = (await api.post("/token")).json["token"]
    assert (await api.ask("GET", "/token", token=new)).json == {"token": new}


async def test_a_renewed_token_replaces_the_old_one_and_is_told_once(api: Api) -> None:
    old = api.server.installation.token
    answer = await api.post("/token")
    new = answer.json["token"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await api.ask("GET", "/info", token=old)).status == 401
    assert (await api.ask("GET", "/info", token=new)).status == 200
    assert (api.house.places.data / "api_token").read_text() == new


# How wrong tokens are counted


def test_answers_are_held_back_longer_and_longer() -> None:
    attempts = Attempts()
    delays = []
    for number in range(10):
        delays.append(attempts.begin("10.0.0.1", float(number)))
        attempts.end("10.0.0.1")
    assert delays == [0, 0, 0, 1, 2, 4, 8, 16, 16, 16]


def test_another_address_is_not_held_back() -> None:
    attempts = Attempts()
    for _ in range(8):
        attempts.begin("10.0.0.1", 0.0)
        attempts.end("10.0.0.1")
    assert attempts.begin("10.0.0.2", 0.0) == 0


def test_attempts_are_forgotten_in_time() -> None:
    attempts = Attempts()
    for _ in range(8):
        attempts.begin("10.0.0.1", 0.0)
        attempts.end("10.0.0.1")
    assert attempts.begin("10.0.0.1", Attempts.FORGOTTEN_AFTER + 1) == 0


def test_only_few_attempts_wait_at_a_time() -> None:
    attempts = Attempts()
    begun = [attempts.begin("10.0.0.1", 0.0) for _ in range(Attempts.WAITING + 1)]
    assert begun[-1] is None
    assert None not in begun[:-1]
    attempts.end("10.0.0.1")
    assert attempts.begin("10.0.0.1", 0.0) is not None


def test_a_crowd_of_addresses_does_not_fill_the_memory() -> None:
    attempts = Attempts()
    for number in range(Attempts.ADDRESSES * 3):
        attempts.begin(f"10.0.{number // 256}.{number % 256}", 0.0)
    assert len(attempts._records) == Attempts.ADDRESSES


async def test_wrong_tokens_from_everywhere_do_not_fill_the_log(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    port = api.browser.server.port
    assert port is not None
    for number in range(60):
        async with connected(port, source=f"127.0.1.{number + 1}") as client:
            answer = await client.ask("GET", "/api/v1/info", Authorization=f"Bearer {WRONG}")
            assert answer.status == 401
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == IN_ALL
