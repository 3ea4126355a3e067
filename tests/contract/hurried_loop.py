"""An event loop whose time can be skipped: patience of half a minute is tested as it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.manual_clock import settle

if TYPE_CHECKING:
    from collections.abc import Coroutine


class HurriedLoop(asyncio.SelectorEventLoop):
    """Goes with the time, but for what is skipped."""

    _skipped = 0.0

    def time(self) -> float:
        return super().time() + self._skipped

    def skip(self, seconds: float) -> None:
        self._skipped += seconds


async def skip(seconds: float) -> None:
    """Let time pass, and whoever waited for it run."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, HurriedLoop)
    loop.skip(seconds)
    await settle()


def hurry[T](main: Coroutine[None, None, T]) -> T:
    """Run in such a loop."""
    with asyncio.Runner(loop_factory=HurriedLoop) as runner:
        return runner.run(main)
