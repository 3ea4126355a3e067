"""`prompts.yaml` on the disk: noticing that it changed, and replacing it without losing anything.

Everything here blocks; it is called in a thread, by one caller at a time.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..exceptions import ConflictError
from ..files.atomic import atomic_write, remove_leftovers
from ..files.text_decoding import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME: Final = "prompts.yaml"
EXAMPLE_NAME: Final = "prompts_example.yaml"
BACKUPS: Final = 5
_BACKUP = re.compile(rf"{re.escape(NAME)}\.\d{{8}}-\d{{6}}(-\d+)?\.bak")

FIRST: Final = b"prompts:\n    - idx: 1\n      prompt: test\n\n"

EXAMPLE: Final = """\
# An example for prompts.yaml, to copy from. The server reads only prompts.yaml itself.
# Пример для prompts.yaml. Сам этот файл сервер не читает.
prompts:
    # A simple prompt: it is sent as it is. The prompt with the smallest idx is the oldest.
    # Простой промпт: отправляется как есть. Чем меньше idx, тем старше промпт.
    - idx: 1
      prompt: a lighthouse in the evening fog, oil painting

    # With placeholders: each [[name]] becomes one of its values, drawn by lot. The same name twice
    # gives two different values. A prompt's own list goes before the global one of that name.
    # С плейсхолдерами: вместо [[имя]] подставляется случайное значение из списка. Одно и то же имя
    # дважды даёт разные значения. Список промпта перекрывает глобальный с тем же именем.
    - idx: 2
      prompt: "[[цвет]] кот в [[цвет]] шарфе, на столе [[фрукт]]"
      negative: надписи, рамка
      placeholders:
        фрукт:
          - яблоко
          - спелая груша

    # Kept, but not drawn for now. / Хранится, но пока не используется.
    - idx: 3
      prompt: a robot holding [[thing]]
      enabled: false

# For all prompts. / Для всех промптов.
global_placeholders:
    цвет:
      - изумрудный
      - золотой
      - тёмно-синий
    thing:
      - an old umbrella
      - a paper boat
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What differs once a file was written, without reading it."""

    modified_ns: int
    changed_ns: int
    size: int
    inode: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the file held; `stamp` is None where there was no file."""

    stamp: Stamp | None
    data: bytes = b""


class PromptsDisk:
    """The directory with `prompts.yaml`, its example and its backups."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / NAME
        self._last: Reading | None = None
        self._settled = False

    def prepare(self) -> None:
        """Remove files that were never finished, and make the two files where they are missing.

        Raises:
            OSError: The directory can't be written.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        for directory in {self._directory, self._path.resolve().parent}:  # what a link leads to is beside it
            remove_leftovers(directory)
        for name, data in ((NAME, FIRST), (EXAMPLE_NAME, EXAMPLE.encode())):
            if not os.path.lexists(self._directory / name):
                atomic_write(self._directory / name, data)

    def look(self) -> Reading:
        """Return what the file holds; the same object as long as that is the same.

        A file that changed is read again at the next look too: a second change within one tick of the
        file system's clock leaves no other trace.

        Raises:
            OSError: It is there but can't be read.
        """
        last = self._last
        if last is not None and self._settled and last.stamp == self._stamp():
            return last
        reading = self._read()
        self._settled = reading == last
        self._last = last if last is not None and self._settled else reading
        return self._last

    def write(self, data: bytes, *, instead_of: Reading, keep_as: str | None = None) -> Reading:
        """Replace what was read.

        Args:
            data: The new content.
            instead_of: What `look` returned last.
            keep_as: A local time such as `20261124-090000`, under which the old content is kept.

        Raises:
            ConflictError: Someone changed the file since.
            OSError: It can't be written; it is as it was.
        """
        if self._stamp() != instead_of.stamp:
            raise ConflictError(f"{NAME} was changed by someone else at this very moment: try again")
        path = self._path.resolve()
        mode = 0o644
        if instead_of.stamp is not None:
            mode = stat.S_IMODE(path.stat().st_mode)
            if keep_as is not None:
                self._back_up(instead_of.data, keep_as, mode)
        atomic_write(path, data, mode=mode)
        self._last = Reading(self._stamp(), data)
        self._settled = False
        return self._last

    def _back_up(self, data: bytes, time: str, mode: int) -> None:
        kept = self._backups()
        if kept and kept[-1].read_bytes() == data:
            return  # a crash came between this and the write that it was for
        names = (f"{NAME}.{time}{suffix}.bak" for suffix in itertools.chain([""], _suffixes()))
        free = next(name for name in names if not (self._directory / name).exists())
        atomic_write(self._directory / free, data, mode=mode)
        for path in self._backups()[:-BACKUPS]:
            path.unlink(missing_ok=True)

    def _backups(self) -> list[Path]:
        """Return what was kept, the newest last."""
        kept = sorted(self._directory.glob(f"{NAME}.*.bak"), key=lambda path: path.stem)
        return [path for path in kept if _BACKUP.fullmatch(path.name)]

    def _stamp(self) -> Stamp | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a file with text in it", str(self._path))
        return Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)

    def _read(self) -> Reading:
        stamp = self._stamp()
        if stamp is None:
            return Reading(None)
        with self._path.open("rb") as file:
            return Reading(stamp, file.read(MAX_BYTES + 1))


def _suffixes() -> Iterator[str]:
    return (f"-{number}" for number in itertools.count(2))
