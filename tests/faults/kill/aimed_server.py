"""A server that kills itself at a chosen moment: as dead as by any `kill -9`, but exactly there.

    python -P aimed_server.py [--visited FILE] [--at store/adding.py:120:1] [--from-start]
        [--with-child SECONDS] [--forget-after SECONDS] -- python -P -m imageserver FLAG...

becomes the server behind `--`. A moment is a line of the product, before it runs for the n-th time, counted
from the start or from SIGUSR1 on. The lines that the server comes through are noted in a file, each once:
they are the moments to aim at.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import signal
import sys
import threading
from datetime import timedelta
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType, FrameType

AIMED = (
    *("files/atomic", "generations/fates", "generations/generations", "generations/asking"),
    *("generations/held", "generations/keeping", "generations/ledger", "generations/records"),
    *("imaging/imaging", "installation", "metrics", "operations/operations"),
    *("options/overrides", "prompts/book", "prompts/disk", "prompts/records", "prompts/shelf", "state/state"),
    *("store/adding", "store/caps", "store/deletion", "store/deleted_files", "store/frame_files"),
    *("store/passing", "store/bag", "web/event_stream", "web/frame_desk"),
    *("store/picture_files", "store/pictures", "store/preparing", "store/reconciling", "store/scan"),
    *("store/show_queue", "store/store", "tls/certificates", "providers/yandex_art", "server"),
)
"""Where something is saved, paid for, made or thrown away."""

_TOOL = 3


class Aim:
    """Watches the lines, and fires."""

    def __init__(self, *, visited: str | None, at: str | None, armed: bool) -> None:
        self._visited = None if visited is None else os.open(visited, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        name, line, times = at.rsplit(":", 2) if at else ("", "0", "0")
        self._target = (name, int(line))
        self._left = int(times)
        self._armed = armed
        self._seen: set[tuple[str, int, bool]] = set()
        self._names: dict[CodeType, str] = {}

    def take(self) -> None:
        """Watch every function of the modules that are aimed at."""
        monitoring = sys.monitoring
        monitoring.use_tool_id(_TOOL, "aim")
        monitoring.register_callback(_TOOL, monitoring.events.LINE, self._on_line)
        files = {}
        for name in AIMED:
            module = _imported(name)
            if module is not None:
                files[module] = f"{name}.py"
        for function in [found for found in gc.get_objects() if isinstance(found, FunctionType)]:
            name = files.get(function.__code__.co_filename, "")
            if name:
                self._watch(function.__code__, name)
        signal.signal(signal.SIGUSR1, self._arm)

    def _watch(self, code: CodeType, name: str) -> None:
        if code in self._names:
            return
        self._names[code] = name
        sys.monitoring.set_local_events(_TOOL, code, sys.monitoring.events.LINE)
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                self._watch(constant, name)

    def _on_line(self, code: CodeType, line: int) -> object:
        moment = (self._names[code], line)
        if self._armed and moment == self._target:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        if (*moment, self._armed) not in self._seen:
            self._seen.add((*moment, self._armed))
            if self._visited is not None:
                phase = "life" if self._armed else "start"
                os.write(self._visited, f"{phase} {moment[0]}:{line}\n".encode())
        return None if moment == self._target else sys.monitoring.DISABLE

    def _arm(self, _: int, __: FrameType | None) -> None:
        self._armed = True
        sys.monitoring.restart_events()


def _imported(name: str) -> str | None:
    try:
        module = importlib.import_module(f"imageserver.{name.replace('/', '.')}")
    except ModuleNotFoundError:
        return None
    return module.__file__


def die_with_child(seconds: float) -> None:
    """Kill this process and its child, so many seconds after one was begun."""
    os.setsid()

    def audit(event: str, _: object) -> None:
        if event == "subprocess.Popen":
            threading.Timer(seconds, os.killpg, (0, signal.SIGKILL)).start()

    sys.addaudithook(audit)


def hurry(forget_after: float | None) -> None:
    """Do each second what is done by the minute; what is deleted is gone for good after so many seconds."""
    program, schedule = (importlib.import_module(f"imageserver.{name}") for name in ("__main__", "schedule"))
    make = schedule.Job

    def soon(*args: object, **details: object) -> object:
        return make(*args, **(details | {"seconds": 1} if "seconds" in details else details))

    vars(schedule)["Job"] = soon
    vars(program)["CERTIFICATE_SECONDS"] = 1
    if forget_after is not None:
        deletion = importlib.import_module("imageserver.store.deletion")
        vars(deletion)["UNDOABLE_FOR"] = timedelta(seconds=forget_after)


def main() -> int:
    """Become the server."""
    parser = argparse.ArgumentParser(prog="aimed_server.py", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--visited", help="where lines are noted, each as it is first come through")
    parser.add_argument("--at", help="FILE:LINE:TIMES below imageserver/")
    parser.add_argument("--from-start", action="store_true", help="count from the start, not from SIGUSR1")
    parser.add_argument(
        "--with-child", type=float, metavar="SECONDS", help="after a child was begun, both die"
    )
    parser.add_argument("--forget-after", type=float, metavar="SECONDS", help="instead of a day")
    split = sys.argv.index("--")
    options = parser.parse_args(sys.argv[1:split])
    sys.argv = ["imageserver", *sys.argv[sys.argv.index("imageserver", split) + 1 :]]
    hurry(options.forget_after)
    Aim(visited=options.visited, at=options.at, armed=options.from_start).take()
    if options.with_child is not None:
        die_with_child(options.with_child)
    code: int = importlib.import_module("imageserver.__main__").main()
    return code


if __name__ == "__main__":
    sys.exit(main())
