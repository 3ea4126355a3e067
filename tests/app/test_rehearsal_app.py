"""The app's life in Home Assistant, from the image that its Dockerfile makes."""

from __future__ import annotations

import asyncio
from io import BytesIO
from signal import Signals
from typing import TYPE_CHECKING

import pytest

from imageserver.server import GRACE
from tests.app.rehearsal.network import FRAMES, MACHINE, STRANGER, SUPERVISORS
from tests.app.rehearsal.supervised_app import CONFIG, TIME_ZONE
from tests.app.rehearsal.visitors import (
    API,
    HTTPS,
    browser,
    frame,
    home_assistant,
    shows,
    until,
    yandex,
)
from tests.pictures import jpeg
from tests.simulators.frame import FirmwareError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.rehearsal.supervised_app import SupervisedApp
    from tests.app.rehearsal.visitors import Client

pytestmark = pytest.mark.timeout(90)

SERVER = 8099
"""The user and the group that the server becomes."""

NEIGHBOUR = SUPERVISORS.others[1]
"""Another container in the Supervisor's network."""


async def test_a_first_start_without_any_options_ends_in_a_picture_on_each_frame(app: SupervisedApp) -> None:
    await app.start()
    assert TIME_ZONE in await app.container.said("Local time is")
    for tls in (True, False):
        assert await shows(frame(tls=tls)) == (320, 480)
    assert len(app.pictures()) >= 1, "it was made, and no card"
    ended = await app.stop()
    assert (ended.code, ended.seconds < 5) == (0, True)


async def test_home_assistant_discovers_it_and_comes_in(app: SupervisedApp) -> None:
    await app.start()
    async with home_assistant(app) as integration:
        first = app.supervisor.pushed[-1]["config"]
        info = await integration.get("/info")
        assert info["installation_id"] == first["installation_id"]
        await integration.post("/token")
        await until(lambda: len(app.supervisor.pushed) == 2)
        assert (await integration.ask("GET", "/info")).status == 401, "the token before opens nothing"
    async with home_assistant(app) as integration:
        await integration.get("/info")
    await app.restart()
    await until(lambda: len(app.supervisor.pushed) == 3)
    again = app.supervisor.pushed[-1]["config"]
    assert again["installation_id"] == first["installation_id"]
    assert again["token"] not in {"", first["token"]}
    assert again["started_at"] != first["started_at"]


async def test_a_supervisor_that_is_busy_is_told_later(app: SupervisedApp) -> None:
    app.supervisor.fault = "503"
    await app.start()
    assert await shows(frame()) == (320, 480)
    await until(lambda: "POST /discovery" in app.supervisor.asked)
    app.supervisor.fault = None
    app.container.time_passes(5)
    await app.container.is_healthy()
    await app.container.said("Home Assistant was told")
    assert [told["service"] for told in app.supervisor.pushed] == CONFIG["discovery"]


async def test_nobody_manages_it_from_elsewhere_without_the_token(app: SupervisedApp) -> None:
    await app.start()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(MACHINE, API)
    async with home_assistant(app, token="guessed", source=NEIGHBOUR) as neighbour:
        for path in ("/status", "./metrics", "/events", "/token"):
            assert (await neighbour.ask("GET", path)).status == 401, path
        page = (await neighbour.ask("GET", "./")).text
        assert app.supervisor.pushed[-1]["config"]["token"] not in page, "its files are for everybody"
    async with home_assistant(app, token="") as nobody:
        headers = {"X-Remote-User-Id": "somebody", "X-Ingress-Path": "/api/hassio_ingress/x"}
        assert (await nobody.ask("GET", "/status", headers=headers)).status == 401


async def test_its_page_comes_through_ingress(app: SupervisedApp) -> None:
    await app.start()
    assert await shows(frame()) == (320, 480)
    async with browser(app) as person:
        page = await person.ask("GET", "./")
        assert page.status == 200
        assert page.headers["Content-Type"] == "text/html", "the charset is lost on the way"
        assert '<meta charset="utf-8">' in page.text
        assert not [link for link in ('href="/', 'src="/', 'action="/') if link in page.text]
        for link in ("page/modules/app.js", "page/styles/base.css"):
            assert link in page.text
            assert (await person.ask("GET", f"./{link}")).status == 200
        await until(lambda: app.supervisor.pushed)
        assert await person.get("/token") == {"token": app.supervisor.pushed[-1]["config"]["token"]}
        made = await person.post("/operations", {"prompt": "Маяк в тумане", "wait": 20})
        assert made["prompt"] == "Маяк в тумане"
        picture = jpeg(1600, 2400, seed=1, quality=100)
        assert len(picture) > 1_000_000, "no small body"
        answer = await person.ask("POST", "/images", data=BytesIO(picture))
        assert answer.status == 201
        assert (await person.ask("GET", f"/images/{answer.json['picture']['id']}/original")).body == picture
        async with person.session.get(person.url("/events")) as events:
            await person.ask("PATCH", "/settings", {"paused": True})
            async for line in events.content:
                if line.startswith(b"event: settings"):
                    break


async def test_a_page_that_the_supervisor_takes_for_an_attack_is_none_of_the_apps(app: SupervisedApp) -> None:
    await app.start()
    async with browser(app) as person:
        for path in ("/status?q=a%20union%20select%20(1)", "/status?q=%2e%2e%2fetc", "/status?q=<script>"):
            assert (await person.ask("GET", path)).status == 400, path
        assert (await person.ask("GET", "/images?text=x")).status in {404, 405}


async def test_the_server_has_no_rights_and_its_own_files_alone(app: SupervisedApp) -> None:
    (app.folders.media / "aunt.jpeg").write_bytes(jpeg(seed=1))
    (app.folders.ssl / "privkey.pem").touch(mode=0o600)
    await app.start()
    assert await shows(frame()) == (320, 480)
    server = app.container.status()
    assert server["Uid"].split() == [str(SERVER)] * 4
    assert server["Gid"].split() == [str(SERVER)] * 4
    assert server["Groups"].strip() == ""
    assert [server[name] for name in ("CapPrm", "CapEff", "CapAmb", "CapInh")] == ["0000000000000000"] * 4
    assert server["NoNewPrivs"] == "1"
    assert server["NSpid"].split()[-1] == "1"
    for folder in (app.folders.data, app.folders.config, app.folders.media / "aiframes"):
        assert owners(folder) == {SERVER}, folder
    assert app.folders.media.stat().st_uid == 0
    assert owners(app.folders.ssl) == {0}
    assert (app.folders.media / "aunt.jpeg").stat().st_uid == 0
    for secret in ("options.json", "options.yml", "api_token", "tls/server.pem"):
        assert (app.folders.data / secret).stat().st_mode & 0o777 == 0o600, secret


async def test_a_stop_waits_for_a_picture_that_is_being_paid_for(app: SupervisedApp) -> None:
    async with yandex(app, delay=3) as simulator:
        await app.start()
        await frame().start("ydart")
        await until(lambda: simulator.asked)
        ended = await app.stop()
        assert ended.code == 0
        assert CONFIG["timeout"] > GRACE, "else it would be killed in the middle of it"
        assert len(simulator.billed) == 1
    assert len(app.pictures()) == 1


async def test_a_stop_in_the_middle_of_a_start_is_a_good_end(app: SupervisedApp) -> None:
    for text in ("Started as an app", "The server runs as user", "Local time is", "The prompt book"):
        await app.begin()
        await app.container.said(text)
        ended = await app.stop()
        assert (text, ended.code, ended.seconds < 5) == (text, 0, True)


async def test_whoever_it_was_before_a_restart_or_a_power_cut_it_is_afterwards(app: SupervisedApp) -> None:
    async with yandex(app, transport="async", operation_delay=3) as simulator:
        await app.start()
        operation = await frame().start("ydart")
        await until(lambda: len(simulator.asked) >= 2)  # the request, and the first look at its ticket
        async with home_assistant(app) as integration:
            await integration.ask("PATCH", "/settings", {"image_generate_threshold": 77})
            before = await identity(app, integration)
        await app.kill()
        await app.start()
        polled = await frame().poll(operation)
        while polled.status == "pending":
            polled = await frame().poll(operation)
        assert polled.status == "done"
        assert len(simulator.billed) == 1, "nothing is paid for twice"
    await app.restart()
    async with home_assistant(app) as integration:
        assert await identity(app, integration) == before


async def test_the_engine_learns_that_it_hangs(app: SupervisedApp) -> None:
    await app.start()
    app.container.signal(Signals.SIGSTOP)
    assert not await app.container.is_healthy()
    app.container.signal(Signals.SIGCONT)
    assert await app.container.is_healthy()


async def test_ports_are_where_the_user_has_put_them(app: SupervisedApp) -> None:
    app.supervisor.network = {"8099/tcp": 443, "8098/tcp": 8080}
    await app.start()
    assert "443" in await app.container.said("Frames that speak HTTPS")
    assert await shows(frame(port=443)) == (320, 480)
    with pytest.raises(FirmwareError):
        await frame(port=443, tls=False).show()
    async with home_assistant(app) as integration:
        await integration.until_problem("frame_speaks_plain_http")
        (problem,) = (await integration.get("/status"))["problems"]
        assert problem["subject"] == FRAMES[0]
        assert "port 443" in problem["text"]
        assert "8080" in problem["remedy"]
    app.supervisor.network["8098/tcp"] = None
    await app.restart()
    assert "switched off" in await app.container.said("Frames that speak plain HTTP")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(MACHINE, 8080)


async def test_frames_are_known_by_their_own_addresses_and_strangers_get_nothing(app: SupervisedApp) -> None:
    await app.start()
    for source in FRAMES[:2]:
        assert await shows(frame(source=source)) == (320, 480)
    with pytest.raises(RefusedError):
        await frame(source=STRANGER).show()
    async with home_assistant(app) as integration:
        found = (await integration.get("/frames"))["frames"]
        assert {entry["address"] for entry in found} == set(FRAMES[:2])


async def test_a_stop_does_not_wait_for_who_only_listens(app: SupervisedApp) -> None:
    await app.start()
    async with browser(app) as person, person.session.get(person.url("/events")) as events:
        assert await events.content.readline()
        silent, writer = await asyncio.open_connection(MACHINE, HTTPS, local_addr=(FRAMES[0], 0))
        ended = await app.stop()
        assert (ended.code, ended.seconds < 5) == (0, True)
        await events.read()
        assert await silent.read() == b""
        writer.close()


async def identity(app: SupervisedApp, integration: Client) -> tuple[object, ...]:
    """Return what must be the same after whatever happened."""
    status = await integration.get("/status")
    return (
        (await integration.get("/info"))["installation_id"],
        (app.folders.data / "api_token").read_text(),
        (app.folders.data / "tls" / "server.pem").read_text(),
        status["settings"],
        [frame["id"] for frame in status["frames"]],
    )


def owners(folder: Path) -> set[int]:
    return {path.stat(follow_symlinks=False).st_uid for path in (folder, *folder.rglob("*"))}
