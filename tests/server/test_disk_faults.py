"""A disk that is full, goes away and comes back, below a real server that frames go on asking."""

from __future__ import annotations

import asyncio
import logging
import resource
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import StoreError
from imageserver.models import ContentKind, OperationKind
from imageserver.providers.base import Capabilities
from imageserver.store.health import UNREADABLE
from tests.adapters import Script, scripted
from tests.houses import open_house
from tests.processes import READY, ServerProcess, run_server
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from pathlib import Path

    from tests.manual_clock import ManualClock

DIRECT = OperationKind.DIRECT


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def test_pictures_that_go_and_come_back_are_told_once_each(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    images, away = tmp_path / "images", tmp_path / "unplugged"
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see(DIRECT)
        images.rename(away)
        for _ in range(5):
            assert (await house.see(OperationKind.OLD)).kind is ContentKind.CARD
            await house.server.store.scan()
        with pytest.raises(StoreError, match="could not be stored"):
            await house.ask(DIRECT)
        said = warnings(caplog)
        assert len(said) == 1, said
        assert not any(".." in line for line in said)

        away.rename(images)
        await house.server.store.scan()
        assert (await house.see(DIRECT)).kind is ContentKind.PICTURE
        assert len(script.asked) == 2, "what could not be stored was not asked for"
        assert not [problem for problem in house.server.problems.all() if problem.code == UNREADABLE]
        assert warnings(caplog) == said


async def show(server: ServerProcess, kind: str = "old") -> None:
    frame = Frame("127.0.0.1", server.http_port, tls=False, sleep=lambda _: asyncio.sleep(0.02))
    assert (await frame.show(kind, polls=100)).image is not None


@pytest.mark.timeout(60)
async def test_a_full_disk_keeps_nothing_and_all_is_shown_and_kept_when_there_is_room(
    tmp_path: Path,
) -> None:
    async with run_server(tmp_path) as server:
        await server.said(READY)
        await server.said("made picture")
        unlimited = resource.RLIM_INFINITY
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, unlimited))
        for _ in range(4):
            await show(server)
            await show(server, "auto")
            await show(server, "ydart")  # which costs nothing, and is only shown
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
        await show(server, "ydart")
        assert await server.stop() == 0
    log = "\n".join(server.log)
    assert "Traceback" not in log
    assert sum("WARNING" in line for line in server.log) <= 2, log
    assert len(list((tmp_path / "images" / "original").iterdir())) == 2


async def test_a_picture_that_cost_nothing_and_can_not_be_stored_does_not_hold_up_a_stop(
    tmp_path: Path, clock: ManualClock
) -> None:
    free = Capabilities(costs_money=False)
    async with open_house(tmp_path, [scripted(Script(), capabilities=free)], clock=clock) as house:
        await house.see(DIRECT)
        (tmp_path / "images").rename(tmp_path / "unplugged")
        await house.ask(DIRECT)
        await house.until(house.server.problems.all)
        async with asyncio.timeout(5):
            await house.server.generations.close(grace=30)
