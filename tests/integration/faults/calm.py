"""Whether the event loop was held up, and whether memory grew: by whom, and how much."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_STEP = 0.05
"""Seconds of this machine's time that nobody may take from the others at once."""


WORST = {"longest_step_ms": 0.0, "largest_growth_mb": 0.0}
"""Of all that was watched."""


def _note(what: str, figure: float) -> None:
    WORST[what] = max(WORST[what], round(figure, 1))


@dataclass(slots=True)
class Steps:
    """The longest step that the event loop has taken while it was watched."""

    seconds: float = 0.0
    what: str = ""
    _own: object = field(default=None)

    def took(self, handle: asyncio.Handle, seconds: float) -> None:
        if seconds > self.seconds and not _is_of_tests(handle):
            self.seconds, self.what = seconds, repr(handle)


@contextmanager
def watched_steps() -> Iterator[Steps]:
    """Watch how long the loop is held up by each step, but for those of the tests themselves.

    Taken by the clock of this thread's own work, so that a busy machine changes nothing.
    """
    steps, run = Steps(), asyncio.Handle._run

    def watched(handle: asyncio.Handle) -> Any:
        begin = time.thread_time()
        try:
            return run(handle)
        finally:
            steps.took(handle, time.thread_time() - begin)

    gc.collect()
    with patch.object(asyncio.Handle, "_run", watched):
        yield steps
    _note("longest_step_ms", steps.seconds * 1000)


def _is_of_tests(handle: asyncio.Handle) -> bool:
    task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
    coroutine = task.get_coro() if isinstance(task, asyncio.Task) else None
    code = getattr(coroutine, "cr_code", None)
    return code is not None and ("/tests/" in code.co_filename or "pytest" in code.co_filename)


@dataclass(slots=True)
class Growth:
    """By how much this process was larger at most than before."""

    megabytes: float = 0.0


@contextmanager
def watched_growth() -> Iterator[Growth]:
    """Watch the memory of this process."""
    growth = Growth()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = _peak()
    yield growth
    growth.megabytes = _peak() - before
    _note("largest_growth_mb", growth.megabytes)


def _peak() -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
