"""The switchboard of `shim.c`: which calls of a process fail, and how wrong its clock is."""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPILER = shutil.which("gcc") or shutil.which("cc")
SOURCE = Path(__file__).with_name("shim.c")
BYTES = 4096


class Call(IntEnum):
    """What can fail; the clock can't, but can be wrong by so many seconds."""

    READ = 0
    WRITE = 1
    SYNC = 2
    RENAME = 3
    CHANGE = 4
    """Opening a file for writing, making a folder, removing a file."""
    THREAD = 5
    CLOCK = 6
    FAILED = 7
    """How many calls have failed so far."""


class Shim:
    """Below one root folder; for one process, and those that it starts."""

    def __init__(self, root: Path) -> None:
        assert COMPILER is not None
        self._library = root / "shim.so"
        self._file = root / "shim.control"
        build = [COMPILER, "-O1", "-shared", "-fPIC", "-o", str(self._library), str(SOURCE), "-ldl"]
        subprocess.run(build, check=True)  # noqa: S603 - a compiler of this machine
        self._file.write_bytes(bytes(BYTES))
        with self._file.open("r+b") as file:
            self._control = mmap.mmap(file.fileno(), BYTES)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to meet the faults."""
        return {"LD_PRELOAD": str(self._library), "FAULTS_CONTROL": str(self._file)}

    @property
    def failed(self) -> int:
        """How many calls have failed: a fault that nobody met shows nothing."""
        return self._get(Call.FAILED)

    def fail(self, error: int, *calls: Call, below: Path) -> None:
        """Let calls fail with an error number, for files below a folder."""
        folder = os.fsencode(below)
        start = len(Call) * 8
        self._control[start : start + len(folder) + 1] = folder + b"\0"
        for call in calls:
            self._set(call, error)

    def set_clock(self, seconds: int) -> None:
        """Let the wall clock be wrong."""
        self._set(Call.CLOCK, seconds)

    def heal(self) -> None:
        """Let everything be well again."""
        for call in Call:
            if call is not Call.FAILED:
                self._set(call, 0)

    def close(self) -> None:
        """Let go of the switchboard."""
        self._control.close()

    def _set(self, call: Call, value: int) -> None:
        struct.pack_into("=q", self._control, call * 8, value)

    def _get(self, call: Call) -> int:
        (value,) = struct.unpack_from("=q", self._control, call * 8)
        return int(value)
