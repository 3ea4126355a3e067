"""The stand-in for a container engine: as strict as one, and nothing of it is left behind."""

from __future__ import annotations

import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.app.rehearsal import base_image, compose_file, dockerfile, network
from tests.app.rehearsal.build_context import BuildContext
from tests.app.rehearsal.compose_file import ComposeError
from tests.app.rehearsal.container import Container
from tests.app.rehearsal.dockerfile import DockerfileError
from tests.app.rehearsal.image import ENVIRONMENT, INSIDE, ROOT
from tests.app.rehearsal.order import GO, Mounted, MountKind, NewRoot, Order

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.app.rehearsal.image import Image

pytestmark = pytest.mark.timeout(90)

IGNORES_ITS_END = "trap '' TERM; echo deaf; while :; do sleep 1; done"


class TestDockerfile:
    @pytest.mark.parametrize(
        "text",
        [
            "RUN true",
            "FROM a\nFROM b",
            "FROM a\nVOLUME /data",
            "FROM a\nRUN --mount=type=cache,target=/root true",
            "FROM a\nCOPY --chown=1:1 a b",
            "FROM a\nCOPY *.py /",
            "FROM a\nUSER somebody",
            "FROM a\nENV NAME value",
            "FROM a\nHEALTHCHECK --often CMD true",
            "FROM a\nHEALTHCHECK --interval=soon CMD true",
            "FROM a\nRUN true \\",
        ],
    )
    def test_what_is_not_known_is_refused(self, text: str) -> None:
        with pytest.raises(DockerfileError):
            dockerfile.parse(text, base=base_image.CONFIG)

    def test_variables_lines_and_both_forms_of_commands_are_understood(self) -> None:
        text = """
            # A comment
            FROM base
            ARG NAME=lamp
            ENV PLACE=/opt/$NAME TWO="a b"
            RUN echo \\
              # in between
              done
            WORKDIR ${PLACE}
            COPY one two ./
            CMD exec lamp
        """
        read = dockerfile.parse(text, base=base_image.CONFIG, arguments={"NAME": "torch"})
        run, copy = read.steps
        assert isinstance(run, dockerfile.Run)
        assert (run.command[:2], run.command[2].split()) == (("/bin/sh", "-c"), ["echo", "done"])
        assert run.environment["NAME"] == "torch"
        assert copy == dockerfile.Copy(("one", "two"), "/opt/torch/./")
        assert read.config.environment["TWO"] == "a b"
        assert read.config.command == ("/bin/sh", "-c", "exec lamp")

    def test_ours_says_what_the_rehearsal_lives_by(self) -> None:
        config = dockerfile.parse(
            (ROOT / "addon/Dockerfile").read_text("utf-8"), base=base_image.CONFIG
        ).config
        assert config.user == (0, 0), "its entry needs root for a moment"
        assert config.ports == {8097, 8098, 8099}
        assert config.health_check is not None
        assert config.health_check.start_interval == 1
        assert "TZ" not in config.environment, "it would go before the host's"


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("requirements.txt", True),
        ("imageserver/web/document.css", True),
        ("imageserver/__pycache__/page.pyc", False),
        ("imageserver/web/__pycache__/page.pyc", False),
        ("config.yaml", False),
        ("translations/en.yaml", False),
    ],
)
def test_the_image_is_made_of_what_it_needs(path: str, *, offered: bool) -> None:
    assert BuildContext(ROOT / "addon").offers(path) is offered


def test_the_image_holds_the_server_and_nothing_else_of_the_repository(image: Image) -> None:
    ours = image.tree / "opt" / "aiframes"
    source = ROOT / "addon"
    wanted = {
        str(path.relative_to(source))
        for path in (source / "imageserver").rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    held = {str(path.relative_to(ours)) for path in ours.rglob("*") if path.is_file()}
    assert {name for name in held if "__pycache__" not in name} <= wanted | {"requirements.txt"}
    assert any(name.endswith(".pyc") for name in held), "compiled when it was built"
    assert {path.stat().st_uid for path in ours.rglob("*")} == {0}


@pytest.mark.parametrize(
    "change", [{"privileged": True}, {"volumes": ["data:/data"]}, {"ports": ["80-90:80"]}]
)
def test_what_a_compose_file_says_is_not_passed_over(change: dict[str, object]) -> None:
    file, variables = ROOT / "docker-compose.yml", {"IMAGE_SERVER_DATA_ROOT": "/root"}
    compose_file.read(file, "imageserver", variables=variables)
    with pytest.raises((ComposeError, ValueError)):
        compose_file.read(file, "imageserver", variables=variables, override=change)
    with pytest.raises(ComposeError, match="IMAGE_SERVER_DATA_ROOT must name"):
        compose_file.read(file, "imageserver", variables={})


async def test_a_container_that_does_not_end_is_killed(image: Image, tmp_path: Path) -> None:
    async with container(image, tmp_path, "sh", "-c", IGNORES_ITS_END) as deaf:
        await deaf.start()
        await deaf.said("deaf")
        ended = await deaf.stop(0.2)
        assert (ended.code, ended.seconds >= 0.2) == (137, True)


async def test_a_container_sees_itself_alone(image: Image, tmp_path: Path) -> None:
    async with container(image, tmp_path, "sh", "-c", IGNORES_ITS_END) as lonely:
        await lonely.start()
        await lonely.said("deaf")
        assert (await lonely.run("hostname")).output == "lonely\n"
        assert (await lonely.run("readlink", "/proc/1/exe")).output.startswith("/usr/bin/")
        assert (await lonely.run("ls", str(ROOT))).code != 0
        mounts = (await lonely.run("cat", "/proc/self/mounts")).output
        assert mounts.startswith("overlay / overlay")
        reach = "import socket; socket.create_connection(('198.51.100.1', 80), 5)"
        assert "unreachable" in (await lonely.run("python3", "-c", reach)).output
        assert lonely.status()["CapEff"] == "00000000a80425fb", "as Docker leaves it"
        assert lonely.path("/dev/null").is_char_device()


async def test_what_was_written_beside_volumes_outlives_a_stop_and_not_the_container(
    image: Image, tmp_path: Path
) -> None:
    command = ("sh", "-c", "ls /run; touch /run/left; echo ready; exec sleep 60")
    async with container(image, tmp_path, *command) as first:
        for seen in (False, True):
            known = len(first.log)
            await first.start()
            await first.said("ready", after=known)
            assert ("left" in first.log[known:]) is seen
            await first.kill()
    async with container(image, tmp_path, *command) as second:
        await second.start()
        await second.said("ready")
        assert "left" not in second.log


async def test_a_command_that_is_none_ends_with_127(image: Image, tmp_path: Path) -> None:
    async with container(image, tmp_path, "nothing-of-that-name") as broken:
        await broken.start()
        assert await broken.ended() == 127
        assert "nothing-of-that-name can't be run" in broken.text


def test_nothing_is_left_when_the_tests_are_killed(image: Image) -> None:
    mounts = (Mounted("/dev", MountKind.DEVICES), *image.mounts)
    root = NewRoot(str(image.tree), mounts, str(image.stage))
    command = ("sh", "-c", "echo ready; sleep 1000")
    order = Order(command=command, environment={"PATH": "/bin"}, new_root=root)
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(sys.argv[1:-1], stdin=subprocess.PIPE)\n"
        "child.stdin.write(bytes.fromhex(sys.argv[-1])); child.stdin.flush()\n"
        "time.sleep(1000)\n"
    )
    arguments = [sys.executable, "-c", program, *INSIDE, (order.to_line() + GO).hex()]
    before = Path("/proc/self/mountinfo").read_text()
    with subprocess.Popen(arguments, env=ENVIRONMENT, stdout=subprocess.PIPE) as tests:  # noqa: S603 - ours
        assert tests.stdout is not None
        lines = [tests.stdout.readline() for _ in range(2)]
        below = psutil.Process(tests.pid).children(recursive=True)
        after = Path("/proc/self/mountinfo").read_text()
        tests.kill()
    assert lines[1] == b"ready\n"
    assert len(below) >= 2, "the program, and its command"
    assert after == before, "its mounts are its own"
    _, alive = psutil.wait_procs(below, timeout=10)
    assert alive == []


@asynccontextmanager
async def container(image: Image, folder: Path, *command: str) -> AsyncIterator[Container]:
    other = replace(image, config=replace(image.config, entry=command))
    with network.home():
        async with Container(
            image=other,
            bridge=network.ENGINES,
            folder=folder / "engine",
            hostname="lonely",
            environment={},
        ) as made:
            yield made
