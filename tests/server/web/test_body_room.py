from __future__ import annotations

import asyncio

import pytest

from imageserver.exceptions import TooManyRequestsError
from imageserver.web.body_room import BodyRoom
from tests.manual_clock import settle


class Crowd:
    """Bodies that come, stay until they are told to go, and are seen."""

    def __init__(self, room: BodyRoom) -> None:
        self.inside: list[str] = []
        self._room = room
        self._bodies: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}

    async def comes(self, name: str, size: int) -> None:
        go = asyncio.Event()
        self._bodies[name] = (go, asyncio.create_task(self._stay(name, size, go)))
        await settle()

    async def goes(self, name: str) -> None:
        go, task = self._bodies.pop(name)
        go.set()
        await task
        await settle()

    async def _stay(self, name: str, size: int, go: asyncio.Event) -> None:
        async with self._room.hold(size):
            self.inside.append(name)
            await go.wait()
        self.inside.remove(name)


async def test_what_fits_comes_in_at_once_and_the_rest_in_its_turn() -> None:
    crowd = Crowd(BodyRoom(size=10, patience=60))
    for name, size in (("a", 6), ("b", 4), ("large", 8), ("small", 1)):
        await crowd.comes(name, size)
    assert crowd.inside == ["a", "b"]
    await crowd.goes("b")
    assert crowd.inside == ["a"], "the small one does not overtake"
    await crowd.goes("a")
    assert crowd.inside == ["large", "small"]
    await crowd.goes("large")
    await crowd.goes("small")


async def test_the_largest_is_alone() -> None:
    crowd = Crowd(BodyRoom(size=10, patience=60))
    await crowd.comes("larger than there is room", 1000)
    await crowd.comes("b", 1)
    assert crowd.inside == ["larger than there is room"]
    await crowd.goes("larger than there is room")
    assert crowd.inside == ["b"]
    await crowd.goes("b")


async def test_who_waits_too_long_is_told_to_come_again_and_takes_no_room() -> None:
    room = BodyRoom(size=10, patience=0.01)
    async with room.hold(10):
        with pytest.raises(TooManyRequestsError, match="one after the other"):
            async with room.hold(1):
                pass
    async with room.hold(10):
        pass


async def test_who_leaves_while_waiting_takes_no_room() -> None:
    room = BodyRoom(size=10, patience=60)
    crowd = Crowd(room)
    await crowd.comes("a", 10)
    waiting = asyncio.create_task(room.hold(5).__aenter__())
    await settle()
    waiting.cancel()
    await crowd.comes("b", 5)
    await crowd.goes("a")
    assert crowd.inside == ["b"]
    await crowd.goes("b")
