from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import PictureError
from imageserver.providers.picture_folder import (
    MAX_BYTES,
    OwnStoreError,
    is_unchanged,
    list_pictures,
    read_picture,
)
from tests.pictures import jpeg, png, webp

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def put(path: Path, data: bytes = b"\xff\xd8\xff") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(folder: Path, leave_out: Path | None = None) -> list[str]:
    return list(list_pictures(folder, leave_out=leave_out or folder.parent / "images").pictures)


# What is found


def test_pictures_of_every_kind_and_depth_are_found(folder: Path) -> None:
    for name in ("a.jpg", "b.JPEG", "c.Png", "d.webp", "лето/море/e.JPG", "лето/f.jpeg"):
        put(folder / name)
    assert names(folder) == ["a.jpg", "b.JPEG", "c.Png", "d.webp", "лето/f.jpeg", "лето/море/e.JPG"]


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "film.mp4",
        "a.gif",
        "jpg",
        "a.jpg.part",
        ".hidden.jpg",
        ".trash/a.jpg",
        "@eaDir/a.jpg",
        "$RECYCLE.BIN/a.jpg",
        "deep/#recycle/a.jpg",
    ],
)
def test_what_is_not_for_people_is_left_out(folder: Path, name: str) -> None:
    put(folder / name)
    assert names(folder) == []


def test_what_only_looks_like_a_picture_is_left_out(folder: Path) -> None:
    (folder / "folder.jpg").mkdir()
    os.mkfifo(folder / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.jpg"))
        assert names(folder) == []


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "elsewhere" / "secret.jpg")
    put(folder / "mine.jpg")
    (folder / "out.jpg").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path / "elsewhere")
    (folder / "round").symlink_to(folder)
    (folder / "nowhere.jpg").symlink_to("missing.jpg")
    assert names(folder) == ["mine.jpg"]


def test_the_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    put(folder / "a.jpg")
    link = tmp_path / "link"
    link.symlink_to(folder)
    listing = list_pictures(link, leave_out=tmp_path / "images")
    assert listing.pictures == ("a.jpg",)
    assert read_picture(listing.root, "a.jpg")


def test_the_servers_store_within_the_folder_is_left_out(folder: Path) -> None:
    put(folder / "mine.jpg")
    put(folder / "frame" / "original" / "its.jpeg")
    link = folder.parent / "same store"
    link.symlink_to(folder / "frame")
    assert names(folder, leave_out=folder / "frame") == ["mine.jpg"]
    assert names(folder, leave_out=link) == ["mine.jpg"]


@pytest.mark.parametrize("below", ["", "scalable"])
def test_the_servers_store_is_no_folder_of_somebody_else(folder: Path, below: str) -> None:
    put(folder / "scalable" / "its.jpeg")
    with pytest.raises(OwnStoreError):
        list_pictures(folder / below, leave_out=folder)


def test_a_folder_that_is_missing_or_none_is_an_error(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        names(folder / "missing")
    with pytest.raises(NotADirectoryError):
        names(put(folder / "file"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_below_that_may_not_be_read_is_passed_over(folder: Path) -> None:
    put(folder / "a.jpg")
    put(folder / "closed" / "b.jpg").parent.chmod(0)
    assert names(folder) == ["a.jpg"]
    (folder / "closed").chmod(0o700)


def test_a_name_that_is_no_utf_8_is_read_all_the_same(folder: Path) -> None:
    with open(os.fsencode(folder) + b"/caf\xe9.jpg", "wb") as file:  # noqa: PTH123 - the name is bytes
        file.write(jpeg())
    listing = list_pictures(folder, leave_out=folder.parent / "images")
    assert read_picture(listing.root, listing.pictures[0]) == jpeg()


# What changes


def test_without_a_change_it_is_unchanged(folder: Path) -> None:
    put(folder / "below" / "a.jpg")
    listing = list_pictures(folder, leave_out=folder.parent / "images")
    assert is_unchanged(listing)
    assert read_picture(listing.root, "below/a.jpg")
    assert is_unchanged(listing)


@pytest.mark.parametrize(
    "change", ["new file", "new folder", "file gone", "renamed", "folder gone", "all gone"]
)
def test_what_comes_and_goes_is_a_change(folder: Path, change: str) -> None:
    put(folder / "below" / "a.jpg")
    (folder / "empty").mkdir()
    for directory in (folder, folder / "below", folder / "empty"):
        os.utime(directory, ns=(0, 0))  # a clock so coarse that a change might have the time of the listing
    listing = list_pictures(folder, leave_out=folder.parent / "images")
    match change:
        case "new file":
            put(folder / "below" / "b.jpg")
        case "new folder":
            (folder / "below" / "deeper").mkdir()
        case "file gone":
            (folder / "below" / "a.jpg").unlink()
        case "renamed":
            (folder / "below" / "a.jpg").rename(folder / "below" / "z.jpg")
        case "folder gone":
            (folder / "empty").rmdir()
        case "all gone":
            folder.rename(folder.with_name("moved"))
    assert not is_unchanged(listing)


# What is read


@pytest.mark.parametrize("data", [jpeg(), png(), webp()])
def test_a_picture_is_read_as_it_is(folder: Path, data: bytes) -> None:
    put(folder / "a.jpg", data)
    assert read_picture(folder, "a.jpg") == data


def test_20_mb_are_read_and_not_a_byte_more(folder: Path) -> None:
    start = b"\xff\xd8\xff"
    put(folder / "a.jpg", start + bytes(MAX_BYTES - len(start)))
    put(folder / "b.jpg", start + bytes(MAX_BYTES - len(start) + 1))
    assert len(read_picture(folder, "a.jpg")) == MAX_BYTES
    with pytest.raises(PictureError, match="larger than 20 MB"):
        read_picture(folder, "b.jpg")


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<html>", b"RIFF\0\0\0\0WAVE", b"\xff\xd8"])
def test_another_kind_of_file_is_refused_whatever_its_name(folder: Path, data: bytes) -> None:
    put(folder / "a.jpg", data)
    with pytest.raises(PictureError, match="neither JPEG nor PNG nor WebP"):
        read_picture(folder, "a.jpg")


def test_a_file_that_has_gone_is_missing(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_picture(folder, "a.jpg")
    with pytest.raises(FileNotFoundError):
        read_picture(folder, "gone/a.jpg")


def test_what_became_a_link_or_a_pipe_since_is_not_read(folder: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "elsewhere" / "a.jpg", jpeg())
    (folder / "a.jpg").symlink_to(secret)
    (folder / "below").symlink_to(secret.parent)
    os.mkfifo(folder / "pipe.jpg")
    with pytest.raises(PictureError, match="is a link"):
        read_picture(folder, "a.jpg")
    for name in ("below/a.jpg", "../elsewhere/a.jpg"):
        with pytest.raises(PictureError, match="behind a link"):
            read_picture(folder, name)
    with pytest.raises(PictureError, match="no file"):
        read_picture(folder, "pipe.jpg")
