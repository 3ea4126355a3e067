"""Threads that are there from the beginning: a system that lets no more be started then stops nothing."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FOR_FILES = (os.process_cpu_count() or 1) + 4
"""As many as Python itself would start, one after the other, for what blocks."""


class Threads(ThreadPoolExecutor):
    """All of them are started at once, and wait for work."""

    def __init__(self, amount: int, *, name: str, initializer: Callable[[], object] | None = None) -> None:
        """Start them.

        Raises:
            RuntimeError: The system does not let so many be started.
        """
        super().__init__(amount, thread_name_prefix=name, initializer=initializer)
        all_there = Barrier(amount + 1)
        try:
            for _ in range(amount):
                self.submit(all_there.wait)
        except BaseException:
            all_there.abort()
            self.shutdown(cancel_futures=True)
            raise
        all_there.wait()
