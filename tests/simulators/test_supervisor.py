from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.simulators.supervisor import SupervisorSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    type Browser = TestClient[web.Request, web.Application]

TOKEN = "a-token-of-the-supervisor"
CONFIG: dict[str, Any] = {
    "name": "AIFrames ImageServer",
    "slug": "aiframes",
    "version": "2.0.0",
    "discovery": ["aiframes"],
    "ports": {"8099/tcp": 8099, "8098/tcp": 8098},
    "options": {"sleep_time": [], "image": {"quality": 90, "panel": "auto"}},
}
MESSAGE = {"service": "aiframes", "config": {"host": "local-aiframes", "port": 8097}}


@pytest.fixture
def supervisor() -> SupervisorSimulator:
    return SupervisorSimulator(config=CONFIG, token=TOKEN)


@pytest.fixture
async def app(supervisor: SupervisorSimulator) -> AsyncIterator[Browser]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with TestClient(TestServer(supervisor.application()), headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/discovery", MESSAGE, 200),
        ("POST", "/discovery", {"service": "mqtt", "config": {}}, 403),
        ("POST", "/discovery", MESSAGE | {"uuid": "1"}, 400),
        ("POST", "/discovery", {"service": "aiframes"}, 400),
        ("POST", "/discovery", {"config": {}}, 400),
        ("GET", "/discovery", None, 401),
        ("DELETE", "/discovery/unknown", None, 404),
        ("GET", "/info", None, 200),
        ("GET", "/addons/self/info", None, 200),
        ("POST", "/addons/self/options", {"options": {}}, 200),
        ("POST", "/addons/self/options", {"port": 1}, 400),
        ("POST", "/addons/self/restart", None, 200),
        ("POST", "/addons/self/security", {"protected": False}, 403),
        ("GET", "/addons/core_ssh/info", None, 403),
        ("GET", "/core/api/states", None, 401),
        ("POST", "/core/api/hassio_auth", {}, 403),
    ],
)
async def test_an_app_may_do_as_much_as_at_the_real_one(
    app: Browser, method: str, path: str, body: object, status: int
) -> None:
    async with app.request(method, path, json=body) as answer:
        assert answer.status == status


@pytest.mark.parametrize(("authorization", "status"), [("", 401), ("Bearer wrong", 403)])
async def test_the_token_is_looked_at(app: Browser, authorization: str, status: int) -> None:
    async with app.get("/info", headers={"Authorization": authorization}) as answer:
        assert answer.status == status


async def test_only_news_are_passed_on_to_home_assistant(
    supervisor: SupervisorSimulator, app: Browser
) -> None:
    for config in ({"port": 1}, {"port": 1}, {"port": 2}):
        await app.post("/discovery", json=MESSAGE | {"config": config})
    first, second = supervisor.pushed
    assert (first["config"], second["config"]) == ({"port": 1}, {"port": 2})
    assert first["uuid"] == second["uuid"]
    assert (await app.delete(f"/discovery/{first['uuid']}")).status == 200


async def test_settings_are_merged_and_published(supervisor: SupervisorSimulator, app: Browser) -> None:
    options = {"image": {"quality": 70}, "sleep_time": [{"start_time": "23:00"}]}
    await app.post("/addons/self/options", json={"options": options, "network": {"8098/tcp": None}})
    info = (await (await app.get("/addons/self/info")).json())["data"]
    assert info["network"] == {"8099/tcp": 8099, "8098/tcp": None}
    assert info["options"] == {**options, "image": {"quality": 70, "panel": "auto"}}
    assert (info["hostname"], info["state"]) == ("local-aiframes", "started")
    assert supervisor.options == options


async def test_home_assistants_api_is_behind_a_right_and_a_proxy() -> None:
    async def states(request: web.Request) -> web.Response:
        return web.json_response([dict(request.query)])

    core = web.Application()
    core.router.add_get("/api/states", states)
    rightful = SupervisorSimulator(config={**CONFIG, "homeassistant_api": True}, token=TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        TestServer(core) as home_assistant,
        TestClient(TestServer(rightful.application()), headers=headers) as client,
    ):
        assert (await client.get("/core/api/states")).status == 502, "Home Assistant does not run"
        rightful.core = str(home_assistant.make_url("")).rstrip("/")
        async with client.get("/core/api/states", params={"a": "b"}) as answer:
            assert await answer.json() == [{"a": "b"}]
