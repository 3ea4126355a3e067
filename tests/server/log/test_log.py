import io
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from imageserver.log import log as log_module
from imageserver.log.log import REMEMBERED, Log, setup
from imageserver.settings import LogLevel

OURS = logging.getLogger("imageserver.store")
OTHERS = logging.getLogger("aiohttp.server")
SECRET = "AQVN-made-up-secret"

type Open = Callable[..., Log]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def open_log(stream: io.StringIO) -> Iterator[Open]:
    names = ("", "aiohttp", "asyncio", "PIL")
    levels = {name: logging.getLogger(name).level for name in names}
    opened: list[Log] = []

    def open_it(**arguments: Any) -> Log:
        opened.append(setup(**{"stream": stream, **arguments}))
        return opened[-1]

    yield open_it
    for log in opened:
        log.close()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def lines(log: Log, stream: io.StringIO) -> list[str]:
    log.close()
    return stream.getvalue().splitlines()


def fail() -> None:
    raise ValueError(f"the key {SECRET} is refused")


class TestLines:
    def test_a_line_is_for_people_with_local_time(self, open_log: Open, stream: io.StringIO) -> None:
        log = open_log(zone=ZoneInfo("Asia/Kolkata"))
        record = logging.makeLogRecord(
            {
                "name": "imageserver.store",
                "levelno": logging.INFO,
                "levelname": "INFO",
                "msg": "Картинка %d готова",
                "args": (5,),
                "created": datetime(2026, 11, 24, 6, 30, 1, tzinfo=UTC).timestamp(),
            }
        )
        logging.getLogger().handle(record)
        assert lines(log, stream) == ["2026-11-24 12:00:01 INFO    Картинка 5 готова"]

    def test_where_a_line_comes_from_is_told_where_that_helps(
        self, open_log: Open, stream: io.StringIO
    ) -> None:
        log = open_log(level=LogLevel.DEBUG)
        OURS.debug("one")
        OURS.warning("two")
        OTHERS.error("three")
        written = lines(log, stream)
        assert [line.split(" ", maxsplit=2)[2] for line in written] == [
            "DEBUG   store: one",
            "WARNING two",
            "ERROR   aiohttp.server: three",
        ]

    def test_no_text_can_forge_a_line_or_talk_to_the_terminal(
        self, open_log: Open, stream: io.StringIO
    ) -> None:
        log = open_log()
        OURS.info("Prompt %s", "cat\r\n2026-11-24 12:00:00 ERROR   forged\x1b[31m\x9b")
        (line,) = lines(log, stream)
        assert line.endswith(r"Prompt cat\r\n2026-11-24 12:00:00 ERROR   forged\x1b[31m\x9b")

    def test_a_traceback_is_shown(self, open_log: Open, stream: io.StringIO) -> None:
        log = open_log()
        try:
            fail()
        except ValueError:
            OURS.exception("It failed")
        written = lines(log, stream)
        assert written[0].endswith("ERROR   It failed")
        assert written[-1].startswith("ValueError: the key")

    def test_what_is_far_too_long_is_shortened_in_the_middle(
        self, open_log: Open, stream: io.StringIO
    ) -> None:
        log = open_log()
        OURS.info("begin %s end", "x" * 100_000)
        (line,) = lines(log, stream)
        assert len(line) < 11_000
        assert "begin" in line
        assert line.endswith("end")

    def test_a_stream_that_is_gone_stops_nobody(
        self, open_log: Open, stream: io.StringIO, tmp_path: Path
    ) -> None:
        log = open_log(log_dir=tmp_path)
        stream.close()
        OURS.info("still here")
        log.close()
        assert "still here" in (tmp_path / "app.log").read_text()

    def test_a_stream_that_knows_no_cyrillic_gets_it_in_another_form(self, open_log: Open) -> None:
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="ascii")
        log = open_log(stream=stream)
        OURS.info("кот")
        log.close()
        assert rb"\u043a\u043e\u0442" in raw.getvalue()


class TestLevels:
    @pytest.mark.parametrize(
        ("level", "seen"),
        [
            (LogLevel.DEBUG, ["debug", "info", "warning", "error", "other warning", "other error"]),
            (LogLevel.INFO, ["info", "warning", "error", "other warning", "other error"]),
            (LogLevel.WARNING, ["warning", "error", "other warning", "other error"]),
            (LogLevel.ERROR, ["error", "other error"]),
        ],
    )
    def test_a_level_holds_for_the_server_and_libraries_only_warn(
        self, open_log: Open, level: LogLevel, seen: list[str]
    ) -> None:
        log = open_log()
        log.set_level(level)
        for name in ("debug", "info", "warning", "error"):
            getattr(OURS, name)(name)
        for name in ("debug", "info", "warning", "error"):
            getattr(OTHERS, name)(f"other {name}")
        assert [line.message for line in log.recent()] == seen


class TestRecent:
    def test_the_last_lines_can_be_asked_for_by_level_and_number(self, open_log: Open) -> None:
        log = open_log()
        for number in range(5):
            OURS.info("info %d", number)
            OURS.warning("warning %d", number)
        assert [line.message for line in log.recent(LogLevel.WARNING, 2)] == ["warning 3", "warning 4"]
        assert [line.message for line in log.recent(limit=3)] == ["warning 3", "info 4", "warning 4"]
        last = log.recent()[-1]
        assert (last.level, last.logger) == ("WARNING", "imageserver.store")
        assert last.at.tzinfo is UTC

    def test_only_so_many_lines_are_remembered(self, open_log: Open) -> None:
        log = open_log()
        for number in range(REMEMBERED + 5):
            OURS.info("%d", number)
        assert log.recent()[0].message == "5"
        assert len(log.recent(limit=10_000)) == REMEMBERED

    def test_a_log_that_is_not_connected_takes_no_part(self) -> None:
        level = logging.getLogger().level
        log = Log()
        log.set_level(LogLevel.DEBUG)
        OURS.error("unheard")
        assert log.recent() == []
        assert logging.getLogger().level == level
        log.close()


class TestSecrets:
    def test_no_secret_gets_out_anywhere(self, open_log: Open, stream: io.StringIO, tmp_path: Path) -> None:
        log = open_log(secrets=[SECRET], log_dir=tmp_path)
        log.hide(["another-secret"])
        OURS.warning("Authorization: Api-Key %s and %r", SECRET, {"key": "another-secret"})
        try:
            fail()
        except ValueError:
            OURS.exception("It failed")
        everything = "\n".join(
            [
                *(line.message for line in log.recent()),
                *lines(log, stream),
                (tmp_path / "app.log").read_text(),
            ]
        )
        assert everything.count("the key *** is refused") >= 3
        assert SECRET not in everything
        assert "another-secret" not in everything

    def test_other_handlers_see_the_record_as_it_was(
        self, open_log: Open, caplog: pytest.LogCaptureFixture
    ) -> None:
        open_log(secrets=[SECRET])
        OURS.warning("for %s", "tests")
        assert caplog.records[-1].args == ("tests",)


class TestFile:
    def test_lines_go_to_app_log_too(self, open_log: Open, stream: io.StringIO, tmp_path: Path) -> None:
        log = open_log(log_dir=tmp_path / "made" / "log")
        OURS.info("кот")
        assert lines(log, stream) == (tmp_path / "made" / "log" / "app.log").read_text().splitlines()

    def test_a_directory_that_cannot_be_written_is_one_warning(
        self, open_log: Open, stream: io.StringIO, tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        log = open_log(log_dir=tmp_path / "file")
        OURS.info("goes on")
        written = lines(log, stream)
        assert len(written) == 2
        assert f"WARNING There is no app.log, since {tmp_path / 'file'} can't be written" in written[0]


class TestWaiting:
    def test_nobody_waits_for_a_terminal_that_hangs_and_what_is_lost_is_told(
        self, open_log: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(log_module, "MAX_WAITING", 5)
        stream = Hanging()
        log = open_log(stream=stream)
        OURS.info("first")
        assert stream.entered.wait(10)
        for number in range(9):
            OURS.info("%d", number)
        stream.go_on.set()
        assert stream.caught_up.wait(10)
        OURS.info("last")
        log.close()
        written = stream.getvalue().splitlines()
        assert [line.rpartition("    ")[2] for line in written] == [
            "first",
            *"01234",
            "... 4 lines are lost here ...",
            "last",
        ]
        assert len(log.recent()) == 11


class Hanging(io.StringIO):
    """Writes nothing until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.caught_up = threading.Event()

    def write(self, text: str) -> int:
        self.entered.set()
        self.go_on.wait(10)
        written = super().write(text)
        if text.endswith("4\n"):
            self.caught_up.set()
        return written
