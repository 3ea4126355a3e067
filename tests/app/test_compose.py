"""`docker-compose.yml` runs the image as the app does, on the directories of the old server."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from imageserver.arguments import CERTIFICATES, DATA, LOG
from imageserver.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "addon/Dockerfile").read_text()
CONFIG = yaml.safe_load((ROOT / "addon/config.yaml").read_text())
LOOPBACK = "127.0.0.1"


@pytest.fixture
def service() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][
        "imageserver"
    ]
    return found


@pytest.fixture
def ports(service: dict[str, Any]) -> dict[int, tuple[str, int]]:
    """Return from which address and port of the machine each port of the container is reached."""
    written = (port.split(":") for port in service["ports"])
    return {int(own): (":".join(address), int(published)) for *address, published, own in written}


@pytest.fixture
def volumes(service: dict[str, Any]) -> dict[str, str]:
    """Return what is mounted at each place of the container, and how."""
    found = (re.fullmatch(r"(\$\{.+\})?(/[^:]*):(/[^:]*)(:ro)?", volume) for volume in service["volumes"])
    return {volume[3]: f"{volume[1] or ''}{volume[2]}{volume[4] or ''}" for volume in found if volume}


def test_the_image_is_the_apps(service: dict[str, Any]) -> None:
    assert (ROOT / service["build"] / "Dockerfile").exists()
    project = re.search(r'image\.url="https://github\.com/(.+)"', DOCKERFILE)
    assert project
    assert service["image"] == f"ghcr.io/{project[1]}"


def test_every_port_of_the_image_is_published(ports: dict[int, tuple[str, int]]) -> None:
    exposed = re.search(r"^EXPOSE (.+)$", DOCKERFILE, re.MULTILINE)
    assert exposed
    assert set(ports) == {int(port) for port in exposed[1].split()}


def test_frames_find_it_where_they_find_the_app(ports: dict[int, tuple[str, int]]) -> None:
    assert {
        f"{port}/tcp": published for port, (address, published) in ports.items() if not address
    } == CONFIG["ports"]


def test_management_is_open_to_this_machine_only(ports: dict[int, tuple[str, int]]) -> None:
    assert ports[CONFIG["ingress_port"]] == (LOOPBACK, CONFIG["ingress_port"])


def test_a_paid_picture_has_as_long_to_arrive_as_in_the_app(service: dict[str, Any]) -> None:
    assert service["stop_grace_period"] == f"{CONFIG['timeout']}s"


def test_it_comes_back_unless_someone_stopped_it(service: dict[str, Any]) -> None:
    assert service["restart"] == "unless-stopped"


def test_each_default_directory_of_the_server_lies_below_the_one_that_is_named(
    service: dict[str, Any], volumes: dict[str, str]
) -> None:
    assert len(volumes) == len(service["volumes"])
    directories = {str(DATA), str(CERTIFICATES), str(LOG), Settings().image_path}
    assert set(volumes) == directories | {"/etc/localtime"}
    for place in directories:
        assert re.fullmatch(rf"\$\{{IMAGE_SERVER_DATA_ROOT:\?[^}}]*\}}{place}(:ro)?", volumes[place])


def test_what_is_the_users_alone_is_only_read(volumes: dict[str, str]) -> None:
    assert {place for place, source in volumes.items() if source.endswith(":ro")} == {
        str(CERTIFICATES),
        "/etc/localtime",
    }
    assert volumes["/etc/localtime"] == "/etc/localtime:ro"


def test_who_names_no_directory_is_told_what_to_do(volumes: dict[str, str]) -> None:
    # Docker Compose says the text of the first one it meets, which is the first in the list.
    first = next(source for source in volumes.values() if source.startswith("$"))
    assert "put it into .env" in first
