import os
from pathlib import Path

import pytest

from imageserver.files.atomic import TEMPORARY_PREFIX
from imageserver.store.picture_files import PictureFiles, Place, Stamp
from tests.stores import tree


@pytest.fixture
def files(tmp_path: Path) -> PictureFiles:
    files = PictureFiles(image_dir=tmp_path / "images", cache_dir=tmp_path / "cache")
    files.make_directories()
    return files


def names(files: PictureFiles, place: Place = Place.SCALED) -> list[str]:
    return sorted(files.names(place))


def test_a_stamp_can_be_written_down() -> None:
    stamp = Stamp(45_000, 1_764_000_000_123_456_789)
    assert Stamp.parse(str(stamp)) == stamp


def test_only_pictures_are_seen(files: PictureFiles, tmp_path: Path) -> None:
    directory = tmp_path / "images" / "scalable"
    for name in ("a.jpeg", "B.JPG", "note.txt", ".hidden.jpeg"):
        (directory / name).write_bytes(b"x")
    (directory / "folder.jpeg").mkdir()
    (tmp_path / "elsewhere.jpeg").write_bytes(b"x")
    (directory / "link.jpeg").symlink_to(tmp_path / "elsewhere.jpeg")
    os.mkfifo(directory / "pipe.jpeg")
    assert names(files) == ["B.JPG", "a.jpeg"]


def test_what_an_interrupted_write_left_is_cleared_away_and_nothing_else(
    files: PictureFiles, tmp_path: Path
) -> None:
    directory = tmp_path / "images" / "scalable"
    (directory / f"{TEMPORARY_PREFIX}0123").write_bytes(b"half")
    (directory / "note.txt").write_bytes(b"mine")
    assert names(files) == []
    assert tree(directory) == ["note.txt"]


def test_a_directory_that_is_not_there_has_no_pictures(tmp_path: Path) -> None:
    files = PictureFiles(image_dir=tmp_path / "images", cache_dir=tmp_path / "cache")
    assert names(files) == []
    assert not files.present()


def test_one_of_the_two_directories_is_enough_to_be_there(files: PictureFiles, tmp_path: Path) -> None:
    (tmp_path / "images" / "original").rmdir()
    assert files.present()
    (tmp_path / "images" / "scalable").rmdir()
    assert not files.present()


def test_a_file_is_written_whole_and_read_by_its_stamp(files: PictureFiles) -> None:
    stamp = files.write(Place.SCALED, "a.jpeg", b"\xff\xd8data")
    assert files.stamp(Place.SCALED, "a.jpeg") == stamp
    assert files.read_ready(Place.SCALED, "a.jpeg", stamp) == b"\xff\xd8data"
    assert files.read(Place.SCALED, "a.jpeg").data == b"\xff\xd8data"


@pytest.mark.parametrize("now", [b"\xff\xd8DATA", b"\xff\xd8dat", b"\xff\xd8datum", b"", None])
def test_a_ready_file_that_is_another_one_by_now_is_not_read(files: PictureFiles, now: bytes | None) -> None:
    stamp = files.write(Place.SCALED, "a.jpeg", b"\xff\xd8data")
    path = files.path(Place.SCALED, "a.jpeg")
    path.unlink()
    if now is not None:
        path.write_bytes(now)
        os.utime(path, (1, 1))
    assert files.read_ready(Place.SCALED, "a.jpeg", stamp) is None


def test_a_ready_file_of_the_same_stamp_that_is_no_jpeg_is_not_read(files: PictureFiles) -> None:
    stamp = files.write(Place.SCALED, "a.jpeg", bytes(6))
    assert files.read_ready(Place.SCALED, "a.jpeg", stamp) is None


def test_a_link_is_not_followed(files: PictureFiles, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xff\xd8secret")
    files.path(Place.SCALED, "a.jpeg").symlink_to(secret)
    assert files.stamp(Place.SCALED, "a.jpeg") is None
    with pytest.raises(OSError, match="symbolic"):
        files.read(Place.SCALED, "a.jpeg")


def test_what_is_no_file_leaves_nothing_open(files: PictureFiles) -> None:
    files.path(Place.SCALED, "folder.jpeg").mkdir()
    os.mkfifo(files.path(Place.SCALED, "pipe.jpeg"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(IsADirectoryError):
        files.read(Place.SCALED, "folder.jpeg")
    assert files.read_ready(Place.SCALED, "folder.jpeg", Stamp(4096, 1)) is None
    assert files.read(Place.SCALED, "pipe.jpeg").data == b"", "and waits for nobody"
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_of_a_huge_file_only_enough_is_read_to_see_that(files: PictureFiles) -> None:
    path = files.path(Place.SCALED, "film.jpeg")
    with path.open("wb") as file:
        file.truncate(3 << 30)
    source = files.read(Place.SCALED, "film.jpeg")
    assert len(source.data) == (20 << 20) + 1
    assert source.stamp.bytes == 3 << 30


def test_what_others_do_is_noticed(files: PictureFiles) -> None:
    assert files.changed(), "before anybody looked"
    files.note()
    assert not files.changed()
    files.path(Place.SCALED, "dropped.jpeg").write_bytes(b"x")
    assert files.changed()
    files.note()
    files.path(Place.SCALED, "dropped.jpeg").rename(files.path(Place.ORIGINAL, "dropped.jpeg"))
    assert files.changed()


def test_what_the_server_does_itself_is_not_taken_for_a_change(files: PictureFiles, tmp_path: Path) -> None:
    files.note()
    files.write(Place.SCALED, "a.jpeg", b"x")
    files.write(Place.ORIGINAL, "a-orig.jpeg", b"x")
    files.remove(Place.ORIGINAL, "a-orig.jpeg")
    files.move_out(Place.SCALED, "a.jpeg", tmp_path / "images" / ".deleted" / "a.jpeg")
    assert files.move_in(tmp_path / "images" / ".deleted" / "a.jpeg", Place.SCALED, "a.jpeg")
    assert not files.changed()


def test_the_servers_own_write_does_not_hide_what_others_did_before(files: PictureFiles) -> None:
    files.note()
    files.path(Place.SCALED, "dropped.jpeg").write_bytes(b"x")
    files.write(Place.SCALED, "a.jpeg", b"x")
    assert files.changed()


def test_a_disk_that_comes_and_goes_is_a_change(files: PictureFiles, tmp_path: Path) -> None:
    files.note()
    (tmp_path / "images").rename(tmp_path / "unplugged")
    assert files.changed()
    files.note()
    assert not files.changed()
    (tmp_path / "unplugged").rename(tmp_path / "images")
    assert files.changed()


def test_nothing_is_written_where_the_disk_is_missing(files: PictureFiles, tmp_path: Path) -> None:
    (tmp_path / "images").rename(tmp_path / "unplugged")
    (tmp_path / "images").mkdir()
    with pytest.raises(FileNotFoundError):
        files.write(Place.SCALED, "a.jpeg", b"x")
    assert tree(tmp_path / "images") == []


def test_a_directory_that_somebody_removed_is_made_again(files: PictureFiles, tmp_path: Path) -> None:
    (tmp_path / "images" / "scalable").rmdir()
    files.write(Place.SCALED, "a.jpeg", b"x")
    assert tree(tmp_path / "images") == ["scalable/a.jpeg"]


def test_bringing_back_writes_over_nothing(files: PictureFiles, tmp_path: Path) -> None:
    waiting = tmp_path / "images" / ".deleted" / "a.jpeg"
    waiting.parent.mkdir()
    waiting.write_bytes(b"old")
    files.write(Place.SCALED, "a.jpeg", b"new")
    with pytest.raises(FileExistsError, match=r"a\.jpeg"):
        files.move_in(waiting, Place.SCALED, "a.jpeg")
    assert files.read(Place.SCALED, "a.jpeg").data == b"new"
    assert waiting.read_bytes() == b"old"


def test_moving_and_removing_what_is_not_there_does_nothing(files: PictureFiles, tmp_path: Path) -> None:
    files.remove(Place.SCALED, "a.jpeg")
    files.move_out(Place.SCALED, "a.jpeg", tmp_path / "x")
    assert not files.move_in(tmp_path / "x", Place.SCALED, "a.jpeg")
    assert tree(tmp_path) == []
