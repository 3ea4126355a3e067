"""A backup that is killed at any line, in its beginning, its end or its way back, loses no state."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import warnings
from contextlib import closing
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from imageserver.container import backup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType


def write(file: Path, value: int) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS notes (value INTEGER)")
        connection.execute("DELETE FROM notes")
        connection.execute("INSERT INTO notes VALUES (?)", (value,))


def read(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (value,) = connection.execute("SELECT value FROM notes").fetchone()
    assert isinstance(value, int)
    return value


def names(data: Path) -> list[str]:
    return sorted(path.name for path in data.iterdir())


def killed_at(line: int, work: Callable[[], None]) -> bool:
    """Run work in a child that is killed before so manieth line of the module; False where it has fewer."""
    left = line

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != backup.__file__:
            return None
        left -= event == "line"
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child does nothing that a thread has locked
        child = os.fork()
    if child == 0:
        sys.settrace(trace)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def killed_everywhere(
    tmp_path: Path, prepare: Callable[[Path], None], work: Callable[[Path], None]
) -> Iterator[Path]:
    """Yield a folder for each line at which the work was killed."""
    for line in count(1):
        folder = tmp_path / str(line)
        folder.mkdir()
        prepare(folder)
        if not killed_at(line, partial(work, folder)):
            return
        yield folder


def test_killed_in_its_beginning(tmp_path: Path) -> None:
    kills = 0
    for data in killed_everywhere(tmp_path, lambda data: write(data / backup.STATE, 1), backup.begin):
        kills += 1
        write(data / backup.STATE, 2)
        backup.take_over(data)
        assert read(data / backup.STATE) == 2
        assert names(data) == [backup.STATE]
    assert kills > 8


def test_killed_at_its_end(tmp_path: Path) -> None:
    def prepare(data: Path) -> None:
        write(data / backup.STATE, 1)
        backup.begin(data)
        write(data / backup.STATE, 2)

    kills = 0
    for data in killed_everywhere(tmp_path, prepare, backup.end):
        kills += 1
        backup.take_over(data)
        assert read(data / backup.STATE) == 2
        assert names(data) == [backup.STATE]
    assert kills > 4


@pytest.mark.parametrize("before", [True, False])
def test_killed_on_its_way_back(tmp_path: Path, before: bool) -> None:  # noqa: FBT001 - a case
    def prepare(data: Path) -> None:
        write(data / backup.COPY, 1)
        if before:
            write(data / backup.STATE, 2)

    kills = 0
    for data in killed_everywhere(tmp_path, prepare, backup.take_over):
        kills += 1
        backup.take_over(data)
        assert read(data / backup.STATE) == 1
        assert names(data) == [backup.STATE]
    assert kills > 6
