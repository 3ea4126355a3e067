"""The app's files: its certificate, a full disk, a backup."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests.app.rehearsal.backup import back_up, restore
from tests.app.rehearsal.image import ROOT
from tests.app.rehearsal.network import MACHINE
from tests.app.rehearsal.order import Mounted, MountKind
from tests.app.rehearsal.supervised_app import CONFIG
from tests.app.rehearsal.visitors import HTTPS, browser, frame, home_assistant, shows, yandex

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.rehearsal.supervised_app import SupervisedApp
    from tests.app.rehearsal.visitors import Client

pytestmark = pytest.mark.timeout(90)

FULL = 8 << 20
"""Bytes of a small disk."""


async def test_home_assistants_certificate_is_what_frames_are_shown(app: SupervisedApp) -> None:
    first = certificate(app.folders.ssl)
    app.options = {"certfile": "fullchain.pem", "keyfile": "privkey.pem"}
    await app.start()
    assert await shows(frame()) == (320, 480)
    assert await served() == first
    key = app.container.path("/run/imageserver/certs/key.pem").stat()
    assert (key.st_mode & 0o777, key.st_uid) == (0o600, 8099)
    async with home_assistant(app) as integration:
        assert await integration.problems() == {}
        second = certificate(app.folders.ssl)
        app.container.time_passes(60)
        await integration.until_problem("certificate_copied")
    assert await served() == first
    await app.restart()
    assert await served() == second
    async with home_assistant(app) as integration:
        assert await integration.problems() == {}
    with pytest.raises(OSError, match="Read-only file system"):
        app.container.path("/ssl/anything").touch()


async def test_a_full_disk_takes_no_picture_from_the_frames(app: SupervisedApp) -> None:
    app.data = Mounted("/data", MountKind.TMPFS, str(app.folders.data), options=f"size={FULL},mode=755")
    async with yandex(app, image_generate_threshold=0) as simulator:
        await app.start()
        assert await shows(frame(), "ydart") == (320, 480)
        filler = app.container.path("/data/filler")
        fill(filler)
        for _ in range(3):
            assert await shows(frame()) == (320, 480)
        assert len(simulator.billed) == 1, "what can't be written down is not paid for"
        async with home_assistant(app) as integration:
            assert await integration.problems(), "a person should know"
            filler.unlink()
            assert await shows(frame()) == (320, 480)
            await integration.until("/status", lambda found: found["problems"] == [])
        assert len(simulator.billed) == 2
    assert (await app.stop()).code == 0


async def test_a_backup_that_is_restored_brings_everything_back(app: SupervisedApp, tmp_path: Path) -> None:
    await app.start()
    assert await shows(frame()) == (320, 480)
    await frame().add("a lamp at dusk")
    async with browser(app) as person:
        before = await memory(person)
    names = await back_up(app, tmp_path / "backup.tar")
    unwanted = ("data/state.db-shm", "data/cache", "data/passing")
    assert not [name for name in names if name.startswith(unwanted)]
    assert not list(app.folders.data.glob("*backup*")), "nothing of it is left"
    await frame().add("a boat")
    await app.stop()
    restore(app, tmp_path / "backup.tar", tmp_path / "restoring")
    await app.start()
    async with browser(app) as person:
        assert await memory(person) == before
    assert await shows(frame()) == (320, 480)
    assert not list(app.folders.data.glob("*backup*"))


async def test_a_backup_of_a_stopped_app_brings_everything_back_too(
    app: SupervisedApp, tmp_path: Path
) -> None:
    await app.start()
    assert await shows(frame()) == (320, 480)
    async with browser(app) as person:
        before = await memory(person)
    await app.stop()
    names = await back_up(app, tmp_path / "backup.tar")
    assert "data/state.db" in names
    restore(app, tmp_path / "backup.tar", tmp_path / "restoring")
    await app.start()
    async with browser(app) as person:
        assert await memory(person) == before
    assert (await app.stop()).code == 0


async def served() -> str:
    """Return the certificate that frames get."""
    return await asyncio.to_thread(ssl.get_server_certificate, (MACHINE, HTTPS))


def certificate(folder: Path) -> str:
    """Let Home Assistant have a new certificate, as its own apps write them; returns it."""
    script = ROOT / "generate-certs.sh"
    made = folder.parent / "made"
    environment = {**os.environ, "IMAGE_SERVER_DATA_ROOT": str(made)}
    subprocess.run([script, MACHINE], env=environment, check=True)  # noqa: S603 - ours
    (made / "certs" / "cert.pem").replace(folder / "fullchain.pem")
    (made / "certs" / "key.pem").replace(folder / "privkey.pem")
    return (folder / "fullchain.pem").read_text()


async def test_a_backup_that_is_cut_off_does_no_harm(app: SupervisedApp, tmp_path: Path) -> None:
    await app.start()
    async with browser(app) as person:
        before = (await person.get("/info"))["installation_id"]
    assert (await app.container.run(*CONFIG["backup_pre"].split())).code == 0
    assert list(app.folders.data.glob("*backup*"))
    await app.kill()
    await app.start()
    async with browser(app) as person:
        assert (await person.get("/info"))["installation_id"] == before
    assert not list(app.folders.data.glob("*backup*"))
    names = await back_up(app, tmp_path / "backup.tar")
    assert "data/state.backup.db" in names


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


async def memory(person: Client) -> dict[str, Any]:
    """Return what the server remembers."""
    pictures = await person.post("/images/search", {})
    return {
        "id": (await person.get("/info"))["installation_id"],
        "token": (await person.get("/status"))["settings"],
        "frames": (await person.get("/frames"))["frames"],
        "pictures": [(picture["id"], picture["prompt"]) for picture in pictures["pictures"]],
        "prompts": (await person.get("/prompts"))["prompts"],
        "days": [day["providers"] for day in (await person.get("/history"))["days"]],
    }
