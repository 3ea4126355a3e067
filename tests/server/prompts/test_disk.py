import os
from pathlib import Path
from typing import Any

import pytest

from imageserver.exceptions import ConflictError
from imageserver.files.atomic import atomic_write
from imageserver.prompts.disk import EXAMPLE, FIRST, PromptsDisk
from imageserver.prompts.file import Document, Entry, parse


@pytest.fixture
def disk(tmp_path: Path) -> PromptsDisk:
    disk = PromptsDisk(tmp_path)
    disk.prepare()
    return disk


def backups(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.glob("*.bak"))}


def test_the_first_file_is_that_of_the_old_server() -> None:
    assert len(FIRST) == 42
    assert parse(FIRST) == Document(entries=(Entry(prompt="test"),))


def test_the_example_shows_every_field_and_has_no_mistake() -> None:
    document = parse(EXAMPLE)
    assert document.notes == ()
    assert document.orderly
    assert any(entry.negative for entry in document.entries)
    assert any(entry.placeholders for entry in document.entries)
    assert any(not entry.enabled for entry in document.entries)
    assert document.global_placeholders


def test_files_are_made_where_they_are_missing_and_never_overwritten(tmp_path: Path) -> None:
    directory = tmp_path / "not yet" / "config"
    PromptsDisk(directory).prepare()
    assert (directory / "prompts.yaml").read_bytes() == FIRST
    assert (directory / "prompts_example.yaml").read_text() == EXAMPLE
    for name in ("prompts.yaml", "prompts_example.yaml"):
        (directory / name).write_text("mine")
    PromptsDisk(directory).prepare()
    assert {path.read_text() for path in directory.iterdir()} == {"mine"}


def test_what_a_crash_left_unfinished_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".writing-0123").write_bytes(b"prom")
    PromptsDisk(tmp_path).prepare()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prompts.yaml", "prompts_example.yaml"]


def test_a_look_gives_the_same_until_the_file_changes(disk: PromptsDisk, tmp_path: Path) -> None:
    first = disk.look()
    assert first.data == FIRST
    assert disk.look() is first
    (tmp_path / "prompts.yaml").write_bytes(b"prompts: []\n")
    second = disk.look()
    assert second.data == b"prompts: []\n"
    assert disk.look() is second
    (tmp_path / "prompts.yaml").unlink()
    assert disk.look().stamp is None


def test_a_change_that_leaves_no_trace_in_the_times_is_noticed_at_the_second_look(
    disk: PromptsDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = disk.look().stamp
    monkeypatch.setattr(disk, "_stamp", lambda: stamp)
    (tmp_path / "prompts.yaml").write_bytes(b"x" * len(FIRST))
    assert disk.look().data == b"x" * len(FIRST)


def test_what_was_written_is_what_is_seen(disk: PromptsDisk, tmp_path: Path) -> None:
    written = disk.write(b"prompts: []\n", instead_of=disk.look())
    assert (tmp_path / "prompts.yaml").read_bytes() == b"prompts: []\n"
    assert disk.look() is written
    assert backups(tmp_path) == {}


def test_what_someone_writes_within_the_same_tick_as_the_server_is_noticed(
    disk: PromptsDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = disk.write(b"prompts: []\n", instead_of=disk.look()).stamp
    monkeypatch.setattr(disk, "_stamp", lambda: stamp)
    (tmp_path / "prompts.yaml").write_bytes(b"prompts: {}\n")
    assert disk.look().data == b"prompts: {}\n"


def test_what_someone_else_wrote_meanwhile_is_not_overwritten(disk: PromptsDisk, tmp_path: Path) -> None:
    reading = disk.look()
    (tmp_path / "prompts.yaml").write_bytes(b"prompts: [mine]\n")
    with pytest.raises(ConflictError, match="changed by someone else"):
        disk.write(b"prompts: []\n", instead_of=reading)
    assert (tmp_path / "prompts.yaml").read_bytes() == b"prompts: [mine]\n"
    disk.write(b"prompts: []\n", instead_of=disk.look())
    assert (tmp_path / "prompts.yaml").read_bytes() == b"prompts: []\n"


def test_the_last_five_backups_are_kept(disk: PromptsDisk, tmp_path: Path) -> None:
    (tmp_path / "prompts.yaml.mine.bak").write_bytes(b"not ours")
    times = [f"20261124-09000{second}" for second in (0, 1, 1, 2, 3, 4)]
    for number, time in enumerate(times):
        disk.write(f"{number}".encode(), instead_of=disk.look(), keep_as=time)
    assert backups(tmp_path) == {
        "prompts.yaml.20261124-090001.bak": b"0",
        "prompts.yaml.20261124-090001-2.bak": b"1",
        "prompts.yaml.20261124-090002.bak": b"2",
        "prompts.yaml.20261124-090003.bak": b"3",
        "prompts.yaml.20261124-090004.bak": b"4",
        "prompts.yaml.mine.bak": b"not ours",
    }


def test_a_crash_between_backup_and_write_drives_out_no_other_backup(
    disk: PromptsDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        disk.write(f"{number}".encode(), instead_of=disk.look(), keep_as=f"20261124-09000{number}")
    before = {name: data for name, data in backups(tmp_path).items() if data != FIRST}

    def crash(path: Path, data: bytes, **rest: Any) -> None:
        if path.name == "prompts.yaml":
            raise KeyboardInterrupt
        atomic_write(path, data, **rest)

    monkeypatch.setattr("imageserver.prompts.disk.atomic_write", crash)
    for number in range(5, 9):
        with pytest.raises(KeyboardInterrupt):
            disk.write(b"new", instead_of=disk.look(), keep_as=f"20261124-09000{number}")
    assert before.items() < backups(tmp_path).items()
    assert len(backups(tmp_path)) == 5


def test_of_backups_of_one_second_the_first_goes_first(disk: PromptsDisk, tmp_path: Path) -> None:
    for number, second in enumerate((0, 0, 1, 2, 3, 4)):
        disk.write(f"{number}".encode(), instead_of=disk.look(), keep_as=f"20261124-09000{second}")
    assert [path.stat().st_size for path in sorted(tmp_path.glob("*.bak"))] == [1] * 5
    assert backups(tmp_path)["prompts.yaml.20261124-090000-2.bak"] == b"0"


def test_a_new_file_can_be_read_by_everyone_and_a_backup_by_those_who_could(
    disk: PromptsDisk, tmp_path: Path
) -> None:
    file = tmp_path / "prompts.yaml"
    file.unlink()
    disk.write(b"prompts: []\n", instead_of=disk.look())
    assert file.stat().st_mode & 0o777 == 0o644
    file.chmod(0o600)
    disk.write(b"prompts: [a]\n", instead_of=disk.look(), keep_as="20261124-090000")
    (backup,) = tmp_path.glob("*.bak")
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_file_keeps_its_rights_and_a_link_stays_a_link(disk: PromptsDisk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "prompts.yaml").rename(elsewhere / "my.yaml")
    (elsewhere / "my.yaml").chmod(0o600)
    (tmp_path / "prompts.yaml").symlink_to(elsewhere / "my.yaml")
    disk.write(b"prompts: []\n", instead_of=disk.look())
    assert (tmp_path / "prompts.yaml").is_symlink()
    assert (elsewhere / "my.yaml").read_bytes() == b"prompts: []\n"
    assert (elsewhere / "my.yaml").stat().st_mode & 0o777 == 0o600


def test_what_is_no_file_is_an_error_and_hangs_nothing(disk: PromptsDisk, tmp_path: Path) -> None:
    (tmp_path / "prompts.yaml").unlink()
    os.mkfifo(tmp_path / "prompts.yaml")
    with pytest.raises(OSError, match="not a file with text"):
        disk.look()
    (tmp_path / "prompts.yaml").unlink()
    (tmp_path / "prompts.yaml").mkdir()
    with pytest.raises(OSError, match="not a file with text"):
        disk.look()
    (tmp_path / "prompts.yaml").rmdir()
    assert disk.look().stamp is None


def test_a_huge_file_is_not_read_as_a_whole(disk: PromptsDisk, tmp_path: Path) -> None:
    with (tmp_path / "prompts.yaml").open("wb") as file:
        file.truncate(10_000_000_000)
    assert len(disk.look().data) == 1024 * 1024 + 1
