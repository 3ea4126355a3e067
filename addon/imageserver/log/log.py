"""The log: for people, on standard output and in `app.log`; its last lines also for the API.

Nobody who logs waits for a disk or a terminal: lines are handed to a thread. Secrets are taken out of each
line, traceback included, before it goes anywhere.
"""

from __future__ import annotations

import io
import logging
import sys
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from typing import TYPE_CHECKING, TextIO

from ..settings import LogLevel
from .log_file import LogFile
from .log_secrets import LogSecrets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)

REMEMBERED = 500
"""Lines that the API can be given."""

MAX_WAITING = 10_000
"""Lines that may wait for a disk or a terminal that hangs; what comes then is lost."""

_MAX_MESSAGE = 10_000
_OURS = f"{__name__.partition('.')[0]}."
_MAIN = "__main__"
_QUIET = ("aiohttp", "asyncio", "PIL")
"""Libraries that say nothing of interest below WARNING."""

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_VISIBLE = str.maketrans(_CONTROL | {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\t"})
"""No text of a user or a provider can begin a line of its own, or talk to a terminal."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, with its traceback if it has one; without secrets.

    Attributes:
        at: In UTC.
        level: `INFO` and so on.
        logger: Where it comes from, such as `imageserver.store`.
    """

    at: datetime
    level: str
    logger: str
    message: str


class Log:
    """What is logged; connected to nothing until `setup` does that."""

    def __init__(self, *, zone: tzinfo = UTC) -> None:
        self._secrets = LogSecrets()
        self._intake = _Intake(self._secrets, zone)
        self._outlet: QueueListener | None = None

    def recent(self, level: LogLevel = LogLevel.DEBUG, limit: int = REMEMBERED) -> list[LogLine]:
        """Return the last lines of this level and above, oldest first."""
        least = logging.getLevelNamesMapping()[level]
        newest_first = (line for number, line in reversed(self._intake.lines) if number >= least)
        return list(islice(newest_first, limit))[::-1]

    def hide(self, secrets: Iterable[str]) -> None:
        """Keep these out of every line from now on."""
        self._secrets.add(secrets)

    def without_secrets(self, text: str) -> str:
        """Return a text as it would stand in a line: for what others say, and we repeat elsewhere."""
        return self._secrets.hide(text)

    def set_level(self, level: LogLevel) -> None:
        """Log this level and above; of libraries, only warnings and errors."""
        if self._outlet is None:
            return
        number = logging.getLevelNamesMapping()[level]
        logging.getLogger().setLevel(number)
        for name in _QUIET:
            logging.getLogger(name).setLevel(max(number, logging.WARNING))

    def connect(self, *outlets: logging.Handler) -> None:
        """Take in all that is logged, and write it to the outlets."""
        self._outlet = QueueListener(self._intake.queue, *outlets)
        self._outlet.start()
        logging.getLogger().addHandler(self._intake)

    def close(self) -> None:
        """Write what waits, and take in no more."""
        if self._outlet is None:
            return
        logging.getLogger().removeHandler(self._intake)
        self._outlet.stop()
        for outlet in self._outlet.handlers:
            outlet.close()
        self._outlet = None


def setup(
    *,
    level: LogLevel = LogLevel.INFO,
    log_dir: Path | None = None,
    secrets: Iterable[str] = (),
    zone: tzinfo = UTC,
    stream: TextIO | None = None,
) -> Log:
    """Begin to log; the caller closes what it gets.

    Args:
        level: The lowest that is logged.
        log_dir: For `app.log`; None for none. One that can't be written is a warning and no more.
        secrets: What no line may hold; more can follow.
        zone: Of the times in the lines.
        stream: Instead of standard output.
    """
    outlets: list[logging.Handler] = [_Console(stream or sys.stdout)]
    complaint = None
    if log_dir is not None:
        try:
            log_dir.mkdir(parents=True, exist_ok=True)
            outlets.append(LogFile(log_dir))
        except OSError as error:
            complaint = error
    log = Log(zone=zone)
    log.hide(secrets)
    log.connect(*outlets)
    log.set_level(level)
    if complaint is not None:
        _LOGGER.warning("There is no app.log, since %s can't be written: %s", log_dir, complaint.strerror)
    return log


class _Intake(QueueHandler):
    """Makes a line of each record, remembers it, and hands it to the thread that writes."""

    queue: SimpleQueue[logging.LogRecord]

    def __init__(self, secrets: LogSecrets, zone: tzinfo) -> None:
        super().__init__(SimpleQueue())
        self.lines: deque[tuple[int, LogLine]] = deque(maxlen=REMEMBERED)
        self._secrets = secrets
        self._zone = zone
        self._lost = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        at = datetime.fromtimestamp(record.created, UTC)
        line = LogLine(at, record.levelname, record.name, self._message(record))
        self.lines.append((record.levelno, line))
        return logging.makeLogRecord({"msg": self._written(line)})

    def enqueue(self, record: logging.LogRecord) -> None:
        if self.queue.qsize() >= MAX_WAITING:
            self._lost += 1
            return
        if self._lost:
            lost, self._lost = self._lost, 0
            self.queue.put(logging.makeLogRecord({"msg": f"... {lost} lines are lost here ..."}))
        self.queue.put(record)

    def _message(self, record: logging.LogRecord) -> str:
        message = record.getMessage().translate(_VISIBLE)
        if record.exc_info and record.exc_info[0] is not None:
            message += "\n" + logging.Formatter().formatException(record.exc_info)
        message = self._secrets.hide(message)
        if len(message) <= _MAX_MESSAGE:
            return message
        return f"{message[: _MAX_MESSAGE // 2]} [...] {message[-_MAX_MESSAGE // 2 :]}"

    def _written(self, line: LogLine) -> str:
        """For people: `2026-11-24 12:00:01 INFO    text`, with its origin where that helps."""
        origin = ""
        if line.level == LogLevel.DEBUG or not line.logger.startswith((_OURS, _MAIN)):
            origin = f"{line.logger.removeprefix(_OURS)}: "
        return f"{line.at.astimezone(self._zone):%Y-%m-%d %H:%M:%S} {line.level:7} {origin}{line.message}"


class _Console(logging.StreamHandler[TextIO]):
    """Standard output; a terminal that has gone away is nothing to complain about."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Go on."""
