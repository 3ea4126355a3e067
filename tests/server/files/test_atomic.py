from pathlib import Path

import pytest

from imageserver.files.atomic import atomic_write


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "prompts.yaml"
    target.write_bytes(b"old")
    atomic_write(target, b"new")
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["prompts.yaml"]


def test_a_secret_is_never_readable_by_others(tmp_path: Path) -> None:
    atomic_write(tmp_path / "token", b"s", mode=0o600)
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").write_bytes(b"kept")
    with pytest.raises(OSError, match="folder"):
        atomic_write(tmp_path / "folder", b"new")
    assert (tmp_path / "folder" / "inside").read_bytes() == b"kept"
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_file_that_can_not_be_written_is_named_as_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        atomic_write(tmp_path / "gone" / "cert.pem", b"new")
    assert str(caught.value) == f"[Errno 2] No such file or directory: '{tmp_path}/gone/cert.pem'"
