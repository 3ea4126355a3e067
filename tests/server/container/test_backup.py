from __future__ import annotations

import os
import sqlite3
import stat
import sys
import tarfile
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imageserver.container import backup
from imageserver.container.ownership import SERVER, HandOver
from imageserver.exceptions import StateError
from imageserver.state.state import FILE_NAME, State
from tests.processes import ROOT
from tests.server.container.child import in_child
from tests.server.container.root import ME, needs_root
from tests.tls import run

if TYPE_CHECKING:
    from collections.abc import Callable

LEFT_OUT = ("*.tmp",)
"""What of the data directory is not in a backup, however little else is left out."""


def names(data: Path) -> list[str]:
    return sorted(path.name for path in data.iterdir())


def read(file: Path, query: str) -> object:
    with closing(sqlite3.connect(file)) as connection:
        value: object = connection.execute(query).fetchone()[0]
        return value


async def furnish(data: Path, **notes: int) -> None:
    """Leave a state as a server does that has ended."""
    state = await State.open(data)
    for key, value in notes.items():
        await state.set_note(key, value)
    await state.close()


async def notes_of(data: Path, *keys: str) -> list[object]:
    state = await State.open(data)
    try:
        return [await state.note(key) for key in keys]
    finally:
        await state.close()


def restored(data: Path, target: Path, *, without: tuple[str, ...] = ()) -> Path:
    """Carry a directory through a backup, file by file, as the Supervisor does."""

    def chosen(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        out = any(Path(member.name).match(pattern) for pattern in (*LEFT_OUT, *without))
        return None if out else member

    with tarfile.open(target.with_suffix(".tar"), "w") as tar:
        tar.add(data, "data", filter=chosen)
    with tarfile.open(target.with_suffix(".tar")) as tar:
        tar.extractall(target, filter="tar")
    return target / "data"


async def test_the_copy_has_all_that_was_committed_while_the_server_runs(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    try:
        await state.set_note("a", 1, durable=True)
        backup.begin(tmp_path)
        await state.set_note("a", 2, durable=True)
    finally:
        await state.close()
    assert read(tmp_path / backup.COPY, "SELECT value FROM notes WHERE key = 'a'") == "1"
    assert read(tmp_path / backup.COPY, "PRAGMA integrity_check") == "ok"
    assert names(tmp_path) == ["state.backup.db", "state.backup.made-here.tmp", "state.db"]
    backup.end(tmp_path)
    assert names(tmp_path) == ["state.db"]


async def test_the_copy_is_whole_however_busy_the_state_is(tmp_path: Path) -> None:
    # Each commit keeps two sums equal; a torn copy would show halves of one.
    await furnish(tmp_path)
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.executescript("CREATE TABLE sums (n INTEGER, padding TEXT);")
        connection.executemany("INSERT INTO sums VALUES (?, ?)", [(0, "x" * 3000)] * 500)
        connection.commit()
    stopping = threading.Event()
    commits = []

    def write() -> None:
        with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
            while not stopping.is_set():
                with connection:
                    connection.execute("UPDATE sums SET n = n + 1")
                commits.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            before = len(commits)
            backup.begin(tmp_path)
            assert read(tmp_path / backup.COPY, "SELECT count(DISTINCT n) FROM sums") == 1
            sums = read(tmp_path / backup.COPY, "SELECT max(n) FROM sums")
            assert isinstance(sums, int)
            assert sums >= before
            assert read(tmp_path / backup.COPY, "PRAGMA integrity_check") == "ok"
    finally:
        stopping.set()
        writer.join()
    assert commits


def test_it_knows_the_states_name() -> None:
    assert backup.STATE == FILE_NAME


def test_without_a_state_there_is_nothing_to_copy(tmp_path: Path) -> None:
    backup.begin(tmp_path)
    backup.end(tmp_path)
    assert names(tmp_path) == []


async def test_a_state_that_can_not_be_copied_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StateError, match=r"can't be copied to .*state.backup.db: file is not a database"):
        backup.begin(tmp_path)
    assert names(tmp_path) == ["state.db"]


async def test_what_a_cut_copy_left_is_in_nobodys_way(tmp_path: Path) -> None:
    await furnish(tmp_path, a=1)
    (tmp_path / backup.UNFINISHED).write_bytes(b"half")
    (tmp_path / f"{backup.UNFINISHED}-journal").write_bytes(b"half")
    backup.begin(tmp_path)
    assert read(tmp_path / backup.COPY, "PRAGMA integrity_check") == "ok"


@pytest.mark.parametrize("without", [(), ("state.db", "state.db-wal", "state.db-shm")])
async def test_a_backup_of_a_running_server_is_its_state_when_it_comes_back(
    tmp_path: Path, without: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    await furnish(data, a=1)
    state = await State.open(data)
    try:
        backup.begin(data)
        await state.set_note("a", 2, durable=True)  # what comes after is not in the backup
        back = restored(data, tmp_path / "restored", without=without)
    finally:
        await state.close()
    with caplog.at_level("INFO"):
        backup.take_over(back)
    assert names(back) == ["state.db"]
    assert await notes_of(back, "a") == [1]
    assert caplog.messages == ["The state comes from a backup"]


async def test_a_backup_of_a_stopped_server_is_its_state_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    await furnish(tmp_path / "data", a=1)
    back = restored(tmp_path / "data", tmp_path / "restored")
    backup.take_over(back)
    assert await notes_of(back, "a") == [1]


async def test_a_copy_that_was_made_here_does_not_replace_what_came_after(tmp_path: Path) -> None:
    # The machine lost its power while a backup was made.
    await furnish(tmp_path, a=1)
    backup.begin(tmp_path)
    await furnish(tmp_path, a=2)
    backup.take_over(tmp_path)
    assert names(tmp_path) == ["state.db"]
    assert await notes_of(tmp_path, "a") == [2]


async def test_a_copy_is_better_than_no_state(tmp_path: Path) -> None:
    await furnish(tmp_path, a=1)
    backup.begin(tmp_path)
    (tmp_path / "state.db").unlink()
    backup.take_over(tmp_path)
    assert names(tmp_path) == ["state.db"]
    assert await notes_of(tmp_path, "a") == [1]


def test_where_nothing_was_ever_backed_up_nothing_happens(tmp_path: Path) -> None:
    backup.take_over(tmp_path)
    assert names(tmp_path) == []


class TestProgram:
    def order(self, data: Path, *words: str) -> Callable[[], int]:
        def main() -> int:
            os.environ["IMAGESERVER_DATA_DIR"] = str(data)
            return backup.main(words)

        return main

    @pytest.mark.parametrize("words", [(), ("begin", "end"), ("stop",)])
    def test_it_wants_one_order(self, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
        assert backup.main(words) == 2
        assert "Say begin" in capsys.readouterr().err

    async def test_it_makes_the_copy_and_removes_it(self, tmp_path: Path) -> None:
        await furnish(tmp_path, a=1)
        path = f"PYTHONPATH={ROOT / 'addon'}"
        command = ("env", f"IMAGESERVER_DATA_DIR={tmp_path}", path, sys.executable, "-P", "-m")
        run(*command, "imageserver.container.backup", "begin")
        assert (tmp_path / backup.COPY).exists()
        run(*command, "imageserver.container.backup", "end")
        assert names(tmp_path) == ["state.db"]

    async def test_it_fails_where_a_backup_would_lack_the_state(self, tmp_path: Path) -> None:
        (tmp_path / "state.db").write_bytes(b"no database" * 1000)
        assert in_child(self.order(tmp_path, "begin")) == 1

    @needs_root
    async def test_the_copy_is_the_servers(self, open_directory: Path) -> None:
        data = open_directory / "data"
        data.mkdir()
        await furnish(data, a=1)
        HandOver(SERVER).directory(data)
        assert in_child(self.order(data, "begin")) == 0
        for name in (backup.COPY, backup.MARK, "state.db"):
            assert (data / name).stat().st_uid == SERVER.uid
        assert in_child(self.order(data, "end")) == 0
        assert names(data) == ["state.db"]

    async def test_the_copy_is_roots_where_everything_is(self, tmp_path: Path) -> None:
        await furnish(tmp_path, a=1)
        assert in_child(self.order(tmp_path, "begin")) == 0
        found = (tmp_path / backup.COPY).stat()
        assert found.st_uid == ME.uid
        assert stat.S_ISREG(found.st_mode)
