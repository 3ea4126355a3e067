import asyncio
import contextlib
import gc
import os
import sys
import threading
import weakref

import pytest

from imageserver.exceptions import PictureError, UnavailableError
from imageserver.imaging.imaging import read_size
from imageserver.imaging.pool import ImagingPool
from imageserver.models import Size
from tests import pictures


class Gate:
    """Work that stands still in its thread until it is let go."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.finished: list[str] = []

    def work(self, name: str) -> str:
        self.begun.release()
        assert self._go.wait(10)
        self.finished.append(name)
        return name

    def open(self) -> None:
        self._go.set()

    async def wait_until_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.acquire, timeout=10)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_work_gives_its_result_or_its_error() -> None:
    pool = ImagingPool()
    assert await pool.run(read_size, pictures.jpeg()) == Size(320, 480)
    with pytest.raises(PictureError):
        await pool.run(read_size, b"")
    assert await pool.run(read_size, pictures.png()) == Size(320, 480)
    await pool.close()


async def test_work_runs_beside_the_loop_at_low_priority() -> None:
    pool = ImagingPool()
    assert await pool.run(threading.get_ident) != threading.get_ident()
    if sys.platform == "linux":
        nice = await pool.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        assert nice >= 10
        assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < nice
    await pool.close()


async def test_there_are_only_so_many_threads_and_only_so_much_waits_in_them() -> None:
    pool, gate = ImagingPool(workers=2, queue=3), Gate()
    tasks = [asyncio.create_task(pool.run(gate.work, str(number))) for number in range(10)]
    for _ in range(2):
        await gate.wait_until_begun()
    await settle()
    assert not gate.begun.acquire(blocking=False)
    assert pool._threads._work_queue.qsize() == 3
    gate.open()
    assert await asyncio.gather(*tasks) == [str(number) for number in range(10)]
    await pool.close()


async def test_who_is_cancelled_takes_back_what_has_not_begun() -> None:
    pool, gate = ImagingPool(workers=1, queue=1), Gate()
    tasks = [asyncio.create_task(pool.run(gate.work, name)) for name in ("runs", "waits", "stands outside")]
    await gate.wait_until_begun()
    await settle()
    for task in tasks[1:]:
        task.cancel()
    for task in tasks[1:]:
        with pytest.raises(asyncio.CancelledError):
            await task
    gate.open()
    assert await tasks[0] == "runs"
    assert await pool.run(gate.work, "after") == "after"
    assert gate.finished == ["runs", "after"]
    await pool.close()


async def test_work_whose_caller_left_keeps_its_place_until_it_ends() -> None:
    pool, gate = ImagingPool(workers=1, queue=0), Gate()
    first = asyncio.create_task(pool.run(gate.work, "first"))
    await gate.wait_until_begun()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(pool.run(gate.work, "second"))
    await settle()
    assert pool._threads._work_queue.empty()
    gate.open()
    assert await second == "second"
    await pool.close()


async def test_closing_waits_for_what_runs_and_drops_what_waits() -> None:
    pool, gate = ImagingPool(workers=1, queue=1), Gate()
    tasks = [asyncio.create_task(pool.run(gate.work, name)) for name in ("runs", "waits", "stands outside")]
    await gate.wait_until_begun()
    closing = asyncio.create_task(pool.close())
    for task in tasks[1:]:
        with pytest.raises(UnavailableError):
            await task if task is tasks[1] else await asyncio.shield(refused(task, gate))
    await closing
    assert await tasks[0] == "runs"
    assert gate.finished == ["runs"]
    with pytest.raises(UnavailableError):
        await pool.run(gate.work, "later")


async def refused(task: "asyncio.Task[str]", gate: Gate) -> str:
    """Open the gate, so that a place comes free for what stands outside."""
    gate.open()
    return await task


class _Picture:
    """Large, and seen from outside when it goes."""


async def test_what_failed_leaves_the_picture_in_nobodys_memory() -> None:
    pool = ImagingPool(workers=1)

    def refuse(_: _Picture) -> None:
        raise PictureError("no picture")

    picture = _Picture()
    gone = weakref.ref(picture)
    gc.disable()
    try:
        with contextlib.suppress(PictureError):
            await pool.run(refuse, picture)
        del picture
        await pool.run(int)  # the thread has gone on to other work
        await settle()
        assert gone() is None
    finally:
        gc.enable()
        await pool.close()
