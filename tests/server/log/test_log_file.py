import gzip
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from imageserver.log.log_file import LogFile


class Clock:
    """Seconds, as the file's names are made of them: each look is a second later."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[LogFile]:
    handler = LogFile(tmp_path, max_bytes=100, now=Clock())
    yield handler
    handler.close()


def write(handler: LogFile, *lines: str) -> None:
    for line in lines:
        handler.handle(logging.makeLogRecord({"msg": line}))


def put_aside(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.name != "app.log")


def test_lines_follow_what_an_earlier_start_wrote(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("earlier\n")
    handler = LogFile(tmp_path)
    write(handler, "строка", "half a pair \ud83d")
    handler.close()
    assert (tmp_path / "app.log").read_text().splitlines() == ["earlier", "строка", "half a pair \\ud83d"]


def test_a_large_file_is_put_aside_and_compressed(tmp_path: Path, log_file: LogFile) -> None:
    write(log_file, "a" * 60, "b" * 60, "new")
    assert (tmp_path / "app.log").read_text() == "new\n"
    (name,) = put_aside(tmp_path)
    assert name.startswith("app-2027-")
    assert gzip.decompress((tmp_path / name).read_bytes()).decode() == f"{'a' * 60}\n{'b' * 60}\n"


@pytest.mark.parametrize(("room", "files"), [(7, 0), (6, 1)])
def test_a_file_is_large_from_100_megabytes_on(tmp_path: Path, room: int, files: int) -> None:
    with (tmp_path / "app.log").open("wb") as file:
        file.truncate(100 * 1024 * 1024 - room)
    handler = LogFile(tmp_path)
    write(handler, "a" * 5)
    handler.close()
    assert len(put_aside(tmp_path)) == files


def test_three_old_files_are_kept(tmp_path: Path, log_file: LogFile) -> None:
    for number in range(6):
        write(log_file, str(number) * 100)
    contents = [gzip.decompress((tmp_path / name).read_bytes())[:1] for name in put_aside(tmp_path)]
    assert contents == [b"3", b"4", b"5"]


def test_what_is_older_than_28_days_goes_at_the_next_start(tmp_path: Path) -> None:
    for name in ("app-2026-12-18T07-59-59.log.gz", "app-2026-12-18T08-00-30.log"):
        (tmp_path / name).touch()
    LogFile(tmp_path, now=Clock()).close()
    assert put_aside(tmp_path) == ["app-2026-12-18T08-00-30.log"]


def test_files_of_others_stay(tmp_path: Path) -> None:
    for name in ("app-1.log", "application.log"):
        (tmp_path / name).touch()
    LogFile(tmp_path, now=Clock()).close()
    assert put_aside(tmp_path) == ["app-1.log", "application.log"]


def test_a_file_that_was_removed_is_begun_anew(tmp_path: Path, log_file: LogFile) -> None:
    write(log_file, "one")
    (tmp_path / "app.log").unlink()
    write(log_file, "two")
    (tmp_path / "app.log").rename(tmp_path / "elsewhere")
    write(log_file, "three")
    assert (tmp_path / "app.log").read_text() == "three\n"
    assert (tmp_path / "elsewhere").read_text() == "two\n"


def test_a_disk_that_says_no_is_named_once_and_its_recovery_too(
    tmp_path: Path, log_file: LogFile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "app.log").unlink()
    (tmp_path / "app.log").mkdir()
    write(log_file, "lost", "lost too")
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'app.log'} can't be written: Is a directory"
    ]
    (tmp_path / "app.log").rmdir()
    write(log_file, "kept", "kept too")
    assert (tmp_path / "app.log").read_text() == "kept\nkept too\n"
    assert [record.getMessage() for record in caplog.records[1:]] == [
        f"{tmp_path / 'app.log'} is written again"
    ]


def test_without_room_to_compress_the_file_is_kept_as_it_is(tmp_path: Path, log_file: LogFile) -> None:
    stamp = "app-2027-01-15T08-00-02.log"
    (tmp_path / f"{stamp}.gz").mkdir()
    write(log_file, "a" * 100, "new")
    assert (tmp_path / stamp).read_text() == "a" * 100 + "\n"
    assert (tmp_path / "app.log").read_text() == "new\n"


def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        LogFile(tmp_path / "nowhere")
