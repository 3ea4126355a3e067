"""The server's life in Docker, without Home Assistant, as docker-compose.yml runs it."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
from signal import Signals
from typing import TYPE_CHECKING

import pytest

from imageserver.server import GRACE
from tests.app.rehearsal.docker_host import UTC_OFFSET
from tests.app.rehearsal.image import ROOT
from tests.app.rehearsal.network import MACHINE, SERVICE
from tests.app.rehearsal.visitors import API, HTTPS, client, frame, shows, until
from tests.pictures import jpeg
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.app.rehearsal.docker_host import DockerHost
    from tests.app.rehearsal.visitors import Client

pytestmark = pytest.mark.timeout(90)

OLD_FILES = ROOT / "tests" / "server" / "fixtures" / "old_server"
MAXIM = 1000
"""The user and the group who own the machine."""


async def test_a_first_start_with_nothing_there_ends_in_a_picture_on_each_frame(docker: DockerHost) -> None:
    await docker.up()
    for tls in (True, False):
        assert await shows(frame(tls=tls)) == (320, 480)
    assert UTC_OFFSET in await docker.container.said("Local time is")
    assert docker.container.status()["Uid"].split() == ["8099"] * 4
    assert docker.container.status()["CapEff"] == "0000000000000000"
    assert "Local time is" in (docker.root / "log" / "app.log").read_text()
    assert len(list((docker.root / "images" / "original").iterdir())) >= 1
    ended = await docker.stop()
    assert (ended.code, ended.seconds < 5) == (0, True)


async def test_management_is_for_the_machine_itself_with_the_token(docker: DockerHost) -> None:
    await docker.up()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(MACHINE, API)
    async with manager(docker) as owner:
        assert (await owner.get("/status"))["problems"] == []
    async with client(f"https://127.0.0.1:{API}") as somebody:
        assert (await somebody.ask("GET", "/status")).status == 401


async def test_who_owns_the_directories_owns_what_the_server_writes(docker: DockerHost) -> None:
    make_directories(docker.root)
    await docker.up()
    assert docker.container.status()["Uid"].split() == [str(MAXIM)] * 4
    assert await shows(frame()) == (320, 480)
    for name in ("data", "images", "log"):
        assert owners(docker.root / name) == {MAXIM}, name


async def test_the_old_servers_files_are_taken_and_stay_their_owners(docker: DockerHost) -> None:
    make_directories(docker.root)
    first, original = jpeg(seed=1), jpeg(640, 960, seed=1)
    files = {
        **{f"data/{file.name}": file.read_bytes() for file in OLD_FILES.iterdir()},
        "images/scalable/f1.jpeg": first,
        "images/original/f1-orig.jpeg": original,
    }
    for name, content in files.items():
        (docker.root / name).parent.mkdir(exist_ok=True)
        (docker.root / name).write_bytes(content)
        (docker.root / name).chmod(0o600)
    pictures = docker.root.parent / "Pictures"
    pictures.mkdir(mode=0o700)
    (pictures / "aunt.jpeg").write_bytes(jpeg(seed=2))
    give(docker.root.parent, MAXIM)
    docker.override["volumes"] = [*docker.compose["volumes"], f"{pictures}:/lim_path:ro"]
    make_certificate(docker.root)  # as root: nobody else may read its key
    await docker.up()
    shown = await frame().show("old")
    assert shown.jpeg is not None
    pem = (docker.root / "certs" / "cert.pem").read_text()
    assert await asyncio.to_thread(ssl.get_server_certificate, (MACHINE, HTTPS)) == pem
    async with manager(docker) as owner:
        assert (await owner.post("/images/search", {}))["total"] == 1, "two files are one picture"
        settings = {entry["path"]: entry["value"] for entry in (await owner.get("/settings"))["settings"]}
        assert settings["image_generate_threshold"] == 15
        assert settings["prompts_amount"] == 25
        assert len((await owner.get("/prompts"))["prompts"]) >= 1
        assert (await owner.post("/operations", {"provider": "lim", "wait": 20}))["status"] == "done"
    assert (docker.root / "certs" / "key.pem").stat().st_uid == 0
    assert owners(docker.root / "data") | owners(docker.root / "images") == {MAXIM}
    assert {name: (docker.root / name).read_bytes() for name in files} == files
    assert (await docker.stop()).code == 0


async def test_a_user_that_is_chosen_by_hand_needs_no_root(docker: DockerHost) -> None:
    make_directories(docker.root)
    docker.override["user"] = f"{MAXIM}:{MAXIM}"
    await docker.up()
    assert docker.container.status()["Uid"].split() == [str(MAXIM)] * 4
    assert await shows(frame()) == (320, 480)
    assert owners(docker.root / "data") == {MAXIM}


async def test_a_user_who_may_not_write_is_told_what_to_do(docker: DockerHost) -> None:
    docker.override["user"] = f"{MAXIM}:{MAXIM}"
    await docker.begin()  # the engine makes the directories, as root
    assert await docker.container.ended() == 1
    (said,) = [line for line in docker.container.log if " ERROR " in line]
    assert "/data" in said


async def test_a_root_without_rights_serves_as_root(docker: DockerHost) -> None:
    docker.capabilities = ()
    await docker.up()
    assert " WARNING " in await docker.container.said("root")
    assert await shows(frame()) == (320, 480)
    assert (await docker.stop()).code == 0


async def test_the_port_is_the_one_that_the_old_server_was_told(docker: DockerHost) -> None:
    # Without management the engine's health check has to find that port, too.
    environment = {"PORT": "443", "IMAGESERVER_API_PORT": "0"}
    docker.override |= {"environment": environment, "ports": ["8443:443"], "user": f"{MAXIM}:{MAXIM}"}
    make_directories(docker.root)
    await docker.up()
    assert await shows(frame(port=8443)) == (320, 480)


async def test_options_that_are_changed_hold_once_the_server_is_told(docker: DockerHost) -> None:
    await docker.up()
    (docker.root / "data" / "options.yml").write_text("iframe_image_parameters: {image_weight: 400}\n")
    docker.container.signal(Signals.SIGHUP)
    await docker.container.said("read again")
    assert await shows(frame(screen=(400, 480))) == (400, 480)


async def test_a_stop_waits_for_a_picture_that_is_being_paid_for(docker: DockerHost) -> None:
    make_directories(docker.root)
    async with YandexArtSimulator(host=SERVICE, delay=3) as simulator:
        lines = [f"    {name}: {value}" for name, value in simulator.options.items()]
        options = "\n".join(("providers:", "  ydArt:", *lines, ""))
        (docker.root / "data" / "options.yml").write_text(options)
        await docker.up()
        await frame().start("ydart")
        await until(lambda: simulator.asked)
        ended = await docker.stop()
        assert ended.code == 0
        assert docker.service.grace > GRACE, "else it would be killed in the middle of it"
        assert len(list((docker.root / "images" / "original").iterdir())) == 1
        await docker.restart()
        assert await shows(frame()) == (320, 480)
        assert len(simulator.billed) == 1, "what was paid for is seen first"


async def test_the_same_container_starts_again_after_a_power_cut(docker: DockerHost) -> None:
    make_certificate(docker.root)
    await docker.up()
    async with manager(docker) as owner:
        before = await owner.get("/info")
    await docker.container.kill()
    await docker.restart()
    assert await shows(frame()) == (320, 480)
    async with manager(docker) as owner:
        assert (await owner.get("/info"))["installation_id"] == before["installation_id"]
    pem = (docker.root / "certs" / "cert.pem").read_text()
    assert await asyncio.to_thread(ssl.get_server_certificate, (MACHINE, HTTPS)) == pem


async def test_a_volume_that_is_missing_is_named(docker: DockerHost) -> None:
    docker.override["volumes"] = []
    await docker.up()
    for target in ("/data", "/images"):
        assert " WARNING " in await docker.container.said(f":{target}"), target
    assert await shows(frame()) == (320, 480)


def make_directories(root: Path) -> None:
    """As README says, by who owns the machine."""
    for name in ("certs", "data", "images", "log"):
        (root / name).mkdir(parents=True)
    give(root, MAXIM)


def give(top: Path, user: int) -> None:
    for path in (top, *top.rglob("*")):
        os.chown(path, user, user)


def owners(folder: Path) -> set[int]:
    return {path.stat(follow_symlinks=False).st_uid for path in (folder, *folder.rglob("*"))}


def make_certificate(root: Path) -> None:
    """As README says."""
    environment = {**os.environ, "IMAGE_SERVER_DATA_ROOT": str(root)}
    script = ROOT / "generate-certs.sh"
    subprocess.run([script, MACHINE], env=environment, check=True, capture_output=True)  # noqa: S603 - ours


def manager(docker: DockerHost) -> AbstractAsyncContextManager[Client]:
    """Be who owns the machine, at its keyboard."""
    token = (docker.root / "data" / "api_token").read_text()
    return client(f"https://127.0.0.1:{API}", token=token)
