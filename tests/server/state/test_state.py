import asyncio
import sqlite3
from pathlib import Path

import pytest

from imageserver.exceptions import StateError
from imageserver.state.connection import WAL_BYTES
from imageserver.state.salvage import BROKEN_KEPT
from imageserver.state.state import FILE_NAME, State, put_note


async def test_a_note_outlives_the_server(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    await state.set_note("installation", {"id": "abc"})
    await state.close()

    state = await State.open(tmp_path)
    assert await state.note("installation") == {"id": "abc"}
    assert await state.note("never kept") is None
    await state.close()


async def test_a_durable_change_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    await state.set_note("soon", 1)
    assert read_note(tmp_path, "soon") is None
    await state.set_note("now", 2, durable=True)
    assert read_note(tmp_path, "now") == "2"
    assert read_note(tmp_path, "soon") == "1", "what waited joins the commit"
    await state.close()


async def test_work_that_fails_leaves_nothing_behind_and_takes_nothing_else_with_it(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    await state.set_note("before", True)

    def work(connection: sqlite3.Connection) -> None:
        put_note(connection, "half", True)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await state.run(work)
    assert await state.note("half") is None
    assert await state.note("before") is True
    await state.close()


async def test_posted_work_is_done_before_what_is_asked_next(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    state.post(lambda connection: put_note(connection, "posted", 1))
    assert await state.note("posted") == 1
    await state.close()
    assert read_note(tmp_path, "posted") == "1"


async def test_posted_work_that_fails_takes_no_other_with_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        put_note(connection, "half", 1)
        raise ValueError("a bug")

    state = await State.open(tmp_path)
    state.post(lambda connection: put_note(connection, "before", 1))
    state.post(fail)
    state.post(lambda connection: put_note(connection, "after", 1))
    assert [await state.note(key) for key in ("before", "half", "after")] == [1, None, 1]
    assert "a bug" in caplog.text
    await state.close()


async def test_a_damaged_file_is_put_aside_and_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this was a database once " * 100)
    state = await State.open(tmp_path)
    await state.set_note("works", True)
    await state.close()
    assert (tmp_path / f"{FILE_NAME}.broken").read_bytes().startswith(b"this was")
    assert "damaged" in caplog.text


def put_aside(directory: Path) -> list[bytes]:
    """The databases that were put aside, the first one first."""
    return [path.read_bytes() for path in sorted(directory.glob(f"{FILE_NAME}.broken*"))]


async def test_a_disk_that_breaks_the_file_again_and_again_is_not_filled(tmp_path: Path) -> None:
    for number in range(BROKEN_KEPT + 3):
        (tmp_path / FILE_NAME).write_bytes(f"this was a database {number}".encode() * 100)
        await (await State.open(tmp_path)).close()
    kept = put_aside(tmp_path)
    assert len(kept) == BROKEN_KEPT
    assert kept[0].startswith(b"this was a database 0"), "the one that held most stays"


async def test_a_file_of_a_newer_server_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateError, match="newer version"):
        await State.open(tmp_path)


async def test_a_missing_directory_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="nowhere"):
        await State.open(tmp_path / "nowhere")


async def test_a_closed_state_says_so(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    await state.close()
    with pytest.raises(RuntimeError):
        await state.note("any")


def read_note(directory: Path, key: str) -> str | None:
    """Look as another process would: only what is committed."""
    connection = sqlite3.connect(directory / FILE_NAME)
    row = connection.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
    connection.close()
    return None if row is None else row[0]


async def test_what_has_settled_is_on_the_disk(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    state.post(lambda connection: put_note(connection, "posted", 1))
    await state.set_note("run", 2)
    assert read_note(tmp_path, "run") is None
    await state.settled()
    assert read_note(tmp_path, "posted") == "1"
    assert read_note(tmp_path, "run") == "2"
    await state.close()


async def test_many_who_wait_for_the_disk_share_commits(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    commits: list[str] = []
    assert state._connection is not None
    state._connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    async def tell(number: int) -> None:
        state.post(lambda connection: put_note(connection, f"told {number}", number))
        await state.settled()
        assert read_note(tmp_path, f"told {number}") == str(number)

    await asyncio.gather(*(tell(number) for number in range(50)))
    assert 1 <= len(commits) <= 3
    await state.settled()
    assert 1 <= len(commits) <= 3, "there is nothing to wait for"
    await state.close()


async def test_what_was_once_much_does_not_stay_beside_the_database(tmp_path: Path) -> None:
    state = await State.open(tmp_path)
    wal = tmp_path / f"{FILE_NAME}-wal"
    await state.set_note("much", "x" * 4 * WAL_BYTES, durable=True)
    assert wal.stat().st_size > 4 * WAL_BYTES
    await state.set_note("little", 1, durable=True)
    await state.set_note("little", 2, durable=True)
    assert wal.stat().st_size <= WAL_BYTES
    await state.close()
