from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imageserver.container import image_directory
from imageserver.container.container_places import ContainerPlaces
from imageserver.container.volumes import Volumes
from imageserver.places import Places

if TYPE_CHECKING:
    from collections.abc import Mapping

PICTURES = Path("/media/aiframes")
MOUNTED: Mapping[str, str] = {
    "/media": "ext4",
    "/config": "ext4",
    "/ssl": "ext4",
    "/tmp": "tmpfs",
    "/": "overlay",
}


def places(root: Path, options: str | None, *, images: Path | None = None) -> Places:
    if options is not None:
        (root / "options.yml").write_text(options)
    return Places(data=root, config=root, images=images, certificates=root, log=None)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("image_path: /pictures", Path("/pictures")),
        ('image_path: " /pictures "', Path("/pictures")),
        ("image_path: /a\nlog_level: 7\nproviders: [wrong]", Path("/a")),
        (None, None),
        ("", None),
        ("image_path:", None),
        ("image_path: ' '", None),
        ("image_path: [/a]", None),
        ("- image_path", None),
        ("image_path: [", None),
    ],
)
def test_the_options_name_it(tmp_path: Path, options: str | None, named: Path | None) -> None:
    assert image_directory.named(places(tmp_path, options)) == named


def test_a_flag_goes_before_the_options(tmp_path: Path) -> None:
    assert image_directory.named(places(tmp_path, "image_path: /a", images=Path("/b"))) == Path("/b")


def test_options_that_can_not_be_read_name_none(tmp_path: Path) -> None:
    (tmp_path / "options.yml").mkdir()
    assert image_directory.named(places(tmp_path, None)) is None


def test_in_docker_it_is_what_the_server_would_take() -> None:
    assert image_directory.of_docker(None) == Path("/images")
    assert image_directory.of_docker(Path("/a")) == Path("/a")


@pytest.mark.parametrize("named", [None, PICTURES, PICTURES / "two", Path("/config/images")])
def test_in_an_app_it_is_where_pictures_last(named: Path | None, caplog: pytest.LogCaptureFixture) -> None:
    chosen = image_directory.of_app(named, places=ContainerPlaces(), volumes=Volumes(MOUNTED))
    assert chosen == named or PICTURES
    assert not caplog.messages


@pytest.mark.parametrize("named", ["/images", "/tmp/images"])
def test_in_an_app_pictures_that_would_be_lost_go_elsewhere(
    named: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert image_directory.of_app(Path(named), places=ContainerPlaces(), volumes=Volumes(MOUNTED)) == PICTURES
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert f"Pictures in {named} would be gone" in record.getMessage()
    assert f"kept in {PICTURES}" in record.getMessage()


@pytest.mark.parametrize(
    "named", ["/media/elsewhere", "/media", "/media/aiframes/../elsewhere", "/ssl/images"]
)
def test_in_an_app_pictures_go_where_it_may_write(named: str, caplog: pytest.LogCaptureFixture) -> None:
    assert image_directory.of_app(Path(named), places=ContainerPlaces(), volumes=Volumes(MOUNTED)) == PICTURES
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert f"Pictures in {named} can't be written by the app" in record.getMessage()


def test_in_an_app_without_a_better_place_the_options_hold() -> None:
    volumes = Volumes({"/": "overlay"})
    assert image_directory.of_app(Path("/images"), places=ContainerPlaces(), volumes=volumes) == Path(
        "/images"
    )
