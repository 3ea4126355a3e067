"""addon/Dockerfile: what it is built from, what is in it, and how it is started and asked."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from imageserver import arguments
from tests.app.rehearsal import dockerfile
from tests.app.rehearsal.build_context import BuildContext
from tests.app.rehearsal.dockerfile import Config, Copy, Run

ROOT = Path(__file__).parents[2]
APP = ROOT / "addon"
TEXT = (APP / "Dockerfile").read_text("utf-8")
CONFIG: dict[str, Any] = yaml.safe_load((APP / "config.yaml").read_text("utf-8"))
READ = dockerfile.parse(TEXT, base=Config())
RUNS = [step for step in READ.steps if isinstance(step, Run)]
COPIES = [step for step in READ.steps if isinstance(step, Copy)]
PYTHON = ("python3", "-P", "-m")


def as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


class TestBase:
    def test_it_is_one_release_of_the_official_python_that_the_server_supports(self) -> None:
        base = re.fullmatch(r"python:(\d+\.\d+\.\d+)-slim-[a-z]+", READ.base)
        assert base, READ.base
        project = tomllib.loads((APP / "pyproject.toml").read_text("utf-8"))["project"]
        assert as_numbers(base[1]) >= as_numbers(project["requires-python"].removeprefix(">="))

    def test_it_builds_without_any_argument(self) -> None:
        """The Supervisor gives none but the version and the architecture."""
        assert re.findall(r"^ARG (\w+)(=?)", TEXT, re.MULTILINE) == [("TZ", "=")]
        assert "$" not in READ.base


class TestContent:
    def test_what_is_copied_is_in_the_apps_folder_and_sent_to_the_builder(self) -> None:
        offered = BuildContext(APP)
        for source in (source for copy in COPIES for source in copy.sources):
            assert (APP / source).exists(), source
            assert ".." not in Path(source).parts
            assert offered.offers(source)

    def test_the_whole_package_is_sent_and_nothing_else_than_is_copied(self) -> None:
        offered = BuildContext(APP)
        copied = {source for copy in COPIES for source in copy.sources}
        for path in APP.rglob("*"):
            name = path.relative_to(APP).as_posix()
            if path.is_file() and "__pycache__" not in path.parts:
                assert offered.offers(name) == (name.split("/")[0] in copied), name
        assert not offered.offers("imageserver/__pycache__/server.cpython-314.pyc")

    def test_packages_are_wheels_that_are_known_to_the_byte(self) -> None:
        (install,) = (step.command[-1] for step in RUNS if "pip install" in step.command[-1])
        assert {"--require-hashes", "--only-binary", ":all:", "--no-cache-dir"} <= set(install.split())
        requirements = re.sub(r" \\\n", " ", (APP / "requirements.txt").read_text("utf-8"))
        lines = [line for line in requirements.splitlines() if line and not line.lstrip().startswith("#")]
        assert lines
        for line in lines:
            assert re.match(r"[\w.-]+==[\w.]+( ;.*?)? +--hash=sha256:[0-9a-f]{64}", line), line

    def test_packages_come_before_the_code_that_changes_more_often(self) -> None:
        kinds = [next(iter(step.sources)) for step in COPIES]
        assert kinds == ["requirements.txt", "imageserver"]

    def test_nothing_is_compiled_or_downloaded_besides(self) -> None:
        commands = [step.command[-1].split()[0] for step in RUNS]
        assert commands == ["ln", "pip", "python3"]


class TestConfiguration:
    def test_it_starts_the_entry_as_root_and_the_first_process(self) -> None:
        assert READ.config.entry == (*PYTHON, "imageserver.container")
        assert READ.config.command == ()
        assert READ.config.user == (0, 0)
        assert READ.config.stop_signal == "SIGTERM"
        assert importlib.util.find_spec("imageserver.container.__main__") is not None

    def test_it_is_asked_whether_it_is_well(self) -> None:
        check = READ.config.health_check
        assert check is not None
        assert check.command == (*PYTHON, "imageserver.container.health")
        assert importlib.util.find_spec("imageserver.container.health") is not None
        # The Supervisor waits two minutes for the first good answer; until then the app is starting.
        assert check.start_interval <= 1
        assert check.start_period >= 60

    def test_the_ports_are_those_that_the_server_has_and_the_app_names(self) -> None:
        server = arguments.parse([], {})
        assert READ.config.ports == {server.port, server.http_port, server.api_port}
        published = {int(port.removesuffix("/tcp")) for port in CONFIG["ports"]}
        assert READ.config.ports == {CONFIG["ingress_port"], *published}

    @pytest.mark.parametrize(("given", "zone"), [({}, "UTC"), ({"TZ": "Asia/Omsk"}, "Asia/Omsk")])
    def test_the_zone_is_a_link_that_the_hosts_may_cover(self, given: dict[str, str], zone: str) -> None:
        read = dockerfile.parse(TEXT, base=Config(), arguments=given)
        (link,) = (step for step in read.steps if isinstance(step, Run) and "localtime" in step.command[-1])
        assert link.environment["TZ"] == zone
        assert "TZ" not in read.config.environment

    def test_it_says_what_it_is(self) -> None:
        labels = {
            name.removeprefix("org.opencontainers.image."): text for name, text in READ.config.labels.items()
        }
        assert labels == {
            "title": CONFIG["name"],
            "description": CONFIG["description"],
            "url": CONFIG["url"],
            "source": CONFIG["url"],
            "licenses": "MIT",
        }


@pytest.mark.parametrize(
    "service", yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
)
def test_docker_compose_builds_and_names_the_same_image(service: str) -> None:
    told = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"][service]
    assert told["build"] in ("addon", "./addon")
    assert told["image"] == "ghcr.io/aiframes/imageserver"
