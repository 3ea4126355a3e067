"""The entry as an engine runs it: processes, users, signals and mounts are the real ones."""

from __future__ import annotations

import json
import os
import ssl
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from imageserver.container.ownership import User
from imageserver.container.start import STORES_FOLDERS
from imageserver.store.deleted_files import FOLDER
from imageserver.store.picture_files import PictureFiles, Place
from tests.processes import READY, ROOT
from tests.server.container.contained import Container
from tests.server.container.root import ME, needs_root
from tests.tls import make_certificate, run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.server.container.contained import ContainedServer

pytestmark = pytest.mark.timeout(60)

SERVER = User(8099, 8099)
APP = {"SUPERVISOR_TOKEN": "made-up"}
NOBODY_BUT_ROOT = ("setpriv", "--bounding-set=-setuid,-setgid")
NOTHING_GIVEN_AWAY = ("setpriv", "--bounding-set=-chown")


@pytest.fixture
def container(open_directory: Path) -> Container:
    return Container(root=open_directory)


def docker(container: Container, *flags: str) -> list[str]:
    """Return flags for what an engine would mount."""
    for name in ("data", "images", "certs"):
        (container.root / name).mkdir(exist_ok=True)
    places = [f"--{name}-dir" for name in ("data", "image", "cert")]
    directories = [str(container.root / name) for name in ("data", "images", "certs")]
    return [*(word for pair in zip(places, directories, strict=True) for word in pair), *flags]


def app(container: Container, **options: object) -> Container:
    """Lay out what the Supervisor mounts."""
    for name in ("data", "config", "media", "ssl"):
        (container.root / name).mkdir(exist_ok=True)
    images = {"image_path": str(container.places.pictures)}
    file = container.root / "data" / "options.json"
    file.write_text(json.dumps({**images, **options}))
    file.chmod(0o600)
    return container


def owner(path: Path) -> User:
    found = path.lstat()
    return User(found.st_uid, found.st_gid)


def owners(paths: Iterable[Path]) -> set[User]:
    return {owner(path) for path in paths}


def put_certificate(directory: Path, certificate: str, key: str, *, pem: str | None = None) -> None:
    pem = pem or make_certificate()
    at = pem.index("-----BEGIN CERTIFICATE-----")
    (directory / certificate).write_text(pem[at:])
    (directory / key).write_text(pem[:at])
    (directory / key).chmod(0o600)


def shown_certificate(server: ContainedServer) -> str:
    return ssl.get_server_certificate(("127.0.0.1", server.https_port)).strip()


def warnings(server: ContainedServer) -> list[str]:
    return [line for line in server.log if " WARNING " in line or " ERROR " in line]


def test_the_servers_folders_are_those_that_it_is_given(tmp_path: Path) -> None:
    files = PictureFiles(image_dir=tmp_path, cache_dir=tmp_path)
    folders = {files.directory(place).name for place in (Place.ORIGINAL, Place.SCALED)}
    assert folders | {FOLDER} == STORES_FOLDERS


def entry(*words: str) -> tuple[int, str]:
    """Run the entry and return its exit code and what it printed."""
    done = subprocess.run(  # noqa: S603 - our own program
        (sys.executable, "-P", "-m", "imageserver.container", *words),
        env={"PYTHONPATH": str(ROOT / "addon"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "code", "printed"),
    [
        (["--version"], 0, "imageserver 2."),
        (["--help"], 0, "--data-dir"),
        (["--nonsense"], 2, "unrecognized arguments: --nonsense"),
        (["--port", "many"], 2, "invalid int value: 'many'"),
    ],
)
def test_questions_are_answered_and_nonsense_is_refused(words: list[str], code: int, printed: str) -> None:
    found, text = entry(*words)
    assert found == code
    assert printed in text


def test_the_entry_loads_little() -> None:
    heavy = {"asyncio", "aiohttp", "PIL", "cryptography", "voluptuous"}
    program = "import sys, imageserver.container.start; print(*sys.modules)"
    path = f"import sys; sys.path.insert(0, {str(ROOT / 'addon')!r}); "
    assert heavy & set(run(sys.executable, "-P", "-c", path + program).split()) == set()


def test_a_check_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "options.yml").write_text("quality: 7\nimage_amount_min: many\n")
    code, text = entry("--check", "--data-dir", str(tmp_path))
    assert code == 1
    assert "image_amount_min" in text
    assert "Started" not in text
    assert owners(tmp_path.rglob("*")) == {ME}
    assert [path.name for path in tmp_path.iterdir()] == ["options.yml"]


@needs_root
class TestDocker:
    async def test_root_hands_over_and_becomes_the_server(self, container: Container) -> None:
        flags = docker(container)
        old = container.root / "data" / "tls" / "old.pem"
        old.parent.mkdir()
        old.touch(0o600)
        async with container.run(*flags, volumes=["data", "images"]) as server:
            await server.said(READY)
            await server.well()
            four = " ".join(["8099"] * 4)
            assert server.status("Uid", "Gid", "Groups", "CapEff", "CapPrm", "NoNewPrivs") == [
                *(four, four, "", "0" * 16, "0" * 16, "1")
            ]
            assert await server.stop() == 0
        assert server.log[-1].endswith(" INFO    Stopped")
        data, images = container.root / "data", container.root / "images"
        assert server.log[0].endswith(
            f" INFO    Started in a container: data in {data}, pictures in {images}"
        )
        assert server.log[1].endswith(
            " INFO    The server runs as user 8099:8099; files and directories given to it: 4"
        )
        assert warnings(server) == []
        assert owners([data, images, old, *data.iterdir(), *images.iterdir()]) == {SERVER}
        assert owner(container.root / "certs") == ME

    async def test_who_owns_a_directory_already_is_who_the_server_is(self, container: Container) -> None:
        flags = docker(container)
        os.chown(container.root / "images", 1234, 100)
        async with container.run(*flags, volumes=["data", "images"]) as server:
            await server.said("The server runs as user 1234:100")
            await server.said(READY)
            assert server.status("Uid", "Gid") == [" ".join(["1234"] * 4), " ".join(["100"] * 4)]
        assert owner(container.root / "data" / "state.db") == User(1234, 100)

    async def test_directories_are_made_where_they_are_missing(self, container: Container) -> None:
        root = container.root
        flags = ["--data-dir", str(root / "new" / "data"), "--log-dir", str(root / "new" / "log")]
        (root / "new").mkdir()
        (root / "new" / "data").mkdir()
        (root / "new" / "data" / "options.yml").write_text(f"image_path: {root}/new/images/for/frames\n")
        async with container.run(*flags, volumes=["new"]) as server:
            await server.said(READY)
        assert owner(root / "new" / "log" / "app.log") == SERVER
        assert owner(root / "new" / "images" / "for" / "frames" / "scalable") == SERVER
        assert owner(root / "new" / "images") == ME, "made on the way, and none of the server's business"
        assert warnings(server) == []

    async def test_what_would_be_lost_with_the_container_is_told(self, container: Container) -> None:
        async with container.run(*docker(container), volumes=["data"]) as server:
            await server.said(READY)
        [line] = warnings(server)
        images = container.root / "images"
        assert f"Pictures in {images} will be gone with this container" in line
        assert f"-v /yours:{images}" in line

    async def test_a_key_that_the_server_may_not_read_is_copied(self, container: Container) -> None:
        flags = docker(container)
        certs = container.root / "certs"
        put_certificate(certs, "cert.pem", "key.pem")
        async with container.run(*flags, volumes=["data", "images"]) as server:
            await server.said(f"The certificate is {certs / 'cert.pem'}")
            await server.said(READY)
            assert shown_certificate(server) == (certs / "cert.pem").read_text().strip()
        assert owner(certs / "key.pem") == ME
        assert owner(container.places.copies / "key.pem") == SERVER
        (certs / "key.pem").chmod(0o644)
        async with container.run(*flags, volumes=["data", "images"]) as server:
            await server.said(READY)
        assert list(container.places.copies.iterdir()) == [], "it is read where it is"

    async def test_a_key_that_can_not_be_copied_is_told_with_both_places(self, container: Container) -> None:
        flags = docker(container)
        certs = container.root / "certs"
        put_certificate(certs, "cert.pem", "key.pem")
        (container.root / "run").mkdir()
        async with container.run(*flags, volumes=["data", "images"], read_only=["run"]) as server:
            await server.ended()
        assert server.process.returncode == 1
        not_copied, not_read = warnings(server)
        assert f"The certificate is not copied: {container.root / 'run'}" in not_copied
        assert not_copied.endswith(": Read-only file system")
        assert f"The server can't run: {certs / 'cert.pem'} or {certs / 'key.pem'} can't be read" in not_read

    async def test_root_that_may_not_change_its_user_stays_root_and_says_so(
        self, container: Container
    ) -> None:
        flags = docker(container)
        async with container.run(*flags, volumes=["data", "images"], under=NOBODY_BUT_ROOT) as server:
            await server.said(READY)
            assert server.status("Uid") == ["0 0 0 0"]
        [line] = warnings(server)
        assert "The server stays root, since it may not become user 8099:8099 here" in line
        assert owner(container.root / "data") == ME

    async def test_where_only_root_can_write_the_server_stays_root(self, container: Container) -> None:
        # As on a stick or a share that knows no owners: nothing can be given away there.
        flags = docker(container)
        async with container.run(*flags, volumes=["data", "images"], under=NOTHING_GIVEN_AWAY) as server:
            await server.said(READY)
            assert server.status("Uid") == ["0 0 0 0"]
        data, images = container.root / "data", container.root / "images"
        refused, refused_too, stays = warnings(server)
        assert f"Not given to user 8099:8099: {data}: Operation not permitted" in refused
        assert f"Not given to user 8099:8099: {images}: Operation not permitted" in refused_too
        assert f"The server stays root, since only root can write {data}" in stays

    async def test_a_server_that_is_started_as_a_user_finds_things_as_they_are(
        self, container: Container
    ) -> None:
        flags = docker(container)
        for name in ("data", "images"):
            os.chown(container.root / name, 1000, 1000)
        under = ("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups")
        (container.root / "data" / "roots").touch()
        async with container.run(*flags, volumes=["data", "images"], under=under) as server:
            await server.said(READY)
            assert server.status("Uid", "NoNewPrivs") == [" ".join(["1000"] * 4), "1"]
        assert owner(container.root / "data" / "roots") == ME
        assert warnings(server) == []
        assert not any("was given" in line for line in server.log)

    async def test_what_can_not_be_written_is_one_line(self, container: Container) -> None:
        flags = docker(container, "--config-dir", str(container.root / "config"))
        (container.root / "config").mkdir()
        (container.root / "config" / "prompts.yaml").write_text("prompts: []\n")
        async with container.run(*flags, volumes=["data", "images"], read_only=["config"]) as server:
            await server.said(READY)
        [line] = [line for line in warnings(server) if "given" in line]
        assert f"Not given to user 8099:8099: {container.root / 'config'}: Read-only file system" in line

    async def test_a_stop_in_the_middle_of_the_start_is_not_lost(self, container: Container) -> None:
        async with container.run(*docker(container), volumes=["data", "images"]) as server:
            await server.said("Started in a container")
            assert await server.stop() == 0
        assert server.log[-1].endswith("Stopped")

    async def test_a_state_from_a_backup_is_taken_over(self, container: Container) -> None:
        flags = docker(container)
        data = container.root / "data"
        async with container.run(*flags, volumes=["data", "images"]) as server:
            await server.said(READY)
            assert await server.stop() == 0
        (data / "state.db").rename(data / "state.backup.db")
        os.chown(data / "state.backup.db", 0, 0)
        async with container.run(*flags, volumes=["data", "images"]) as server:
            await server.said("The state comes from a backup")
            await server.said(READY)
        assert owner(data / "state.db") == SERVER


@needs_root
class TestApp:
    VOLUMES = ("data", "config", "media", "ssl")

    async def test_options_of_home_assistant_are_in_force(self, container: Container) -> None:
        app(container, log_level="WARNING", certfile="", keyfile="")
        secret = container.root / "ssl" / "privkey.pem"
        secret.touch(0o600)
        (container.root / "config" / "prompts.yaml").write_text("prompts: []\n")
        (container.root / "config" / "link").symlink_to(secret)
        (container.root / "media" / "family").mkdir()
        async with container.run(environment=APP, volumes=self.VOLUMES) as server:
            await server.well()
            assert server.status("Uid") == [" ".join(["8099"] * 4)]
        written = container.root / "data" / "options.yml"
        assert "log_level: WARNING" in written.read_text()
        assert (owner(written), stat.S_IMODE(written.stat().st_mode)) == (SERVER, 0o600)
        config = container.root / "config"
        pictures = container.places.pictures
        assert owners([config, *config.iterdir(), pictures, *pictures.iterdir()]) == {SERVER}
        assert owners([secret, secret.parent, pictures.parent, pictures.parent / "family"]) == {ME}
        text = f"data in {container.root}/data, your own files in {config}, pictures in {pictures}"
        assert text in server.log[0]

    async def test_a_second_start_has_nothing_to_give_to_the_server(self, container: Container) -> None:
        app(container)
        for given in (4, 0):
            async with container.run(environment=APP, volumes=self.VOLUMES) as server:
                await server.said(f"files and directories given to it: {given}")
                await server.well()

    async def test_a_certificate_of_home_assistant_is_shown(self, container: Container) -> None:
        app(container, certfile="fullchain.pem", keyfile="privkey.pem")
        put_certificate(container.root / "ssl", "fullchain.pem", "privkey.pem")
        async with container.run(environment=APP, volumes=self.VOLUMES) as server:
            await server.well()
            await server.said(f"The certificate is {container.root / 'ssl' / 'fullchain.pem'}")
            shown = shown_certificate(server)
        assert shown == (container.root / "ssl" / "fullchain.pem").read_text().strip()
        copies = container.places.copies
        assert (owner(copies / "key.pem"), owner(copies)) == (SERVER, ME)
        app(container)
        async with container.run(environment=APP, volumes=self.VOLUMES) as server:
            await server.well()
        assert list(copies.iterdir()) == [], "nobody asks for it any more"

    async def test_a_certificate_that_can_not_be_used_leaves_the_app_up(self, container: Container) -> None:
        app(container, certfile="fullchain.pem", keyfile="privkey.pem")
        async with container.run(environment=APP, volumes=self.VOLUMES) as server:
            await server.well()
            await server.said("The certificate can't be used: ")
            assert shown_certificate(server)
        missing = f"{container.root / 'ssl' / 'fullchain.pem'} is missing"
        entry, problem = [line for line in warnings(server) if missing in line]
        assert " ERROR " in entry
        assert "Mend it, then restart the app" in problem

    async def test_options_that_a_person_wrote_decide_where_pictures_are(self, container: Container) -> None:
        app(container)
        options = container.root / "config" / "options.yml"
        options.write_text(f"image_path: {container.root}/config/pictures\n")
        async with container.run(environment=APP, volumes=self.VOLUMES) as server:
            await server.well()
        assert owner(container.root / "config" / "pictures" / "scalable") == SERVER
        assert not container.places.pictures.exists()

    async def test_pictures_are_kept_where_they_last(self, container: Container) -> None:
        app(container, image_path=str(container.root / "images"))
        async with container.run(environment=APP, volumes=self.VOLUMES) as server:
            await server.well()
        [line] = [line for line in warnings(server) if "Pictures" in line]
        assert f"they are kept in {container.places.pictures}" in line
        assert (container.places.pictures / "scalable").is_dir()
        assert not (container.root / "images").exists()

    @pytest.mark.parametrize("options", [None, "{", "[]"])
    async def test_options_that_can_not_be_read_leave_those_of_before(
        self, container: Container, options: str | None
    ) -> None:
        app(container)
        file = container.root / "data" / "options.json"
        if options is None:
            file.unlink()
        else:
            file.write_text(options)
        (container.root / "data" / "options.yml").write_text("log_level: ERROR\n")
        async with container.run(environment=APP, volumes=self.VOLUMES) as server:
            await server.well()
        assert (container.root / "data" / "options.yml").read_text() == "log_level: ERROR\n"
        [line] = [line for line in server.log if "What is set in Home Assistant is not in force" in line]
        assert str(file) in line
