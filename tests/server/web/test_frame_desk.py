from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import PromptError, StartError
from imageserver.metrics import RequestKind
from imageserver.models import OperationKind, PromptText, Protocol
from imageserver.server import Server
from imageserver.web import frame_desk
from imageserver.web import frame_desk as module
from imageserver.web.frame_desk import PLAIN_HTTP, ServersFrameDesk
from tests.adapters import Script, scripted
from tests.houses import FRAME, open_house

if TYPE_CHECKING:
    from pathlib import Path

    from tests.houses import House
    from tests.manual_clock import ManualClock


async def add(desk: ServersFrameDesk, text: str) -> None:
    """Add a prompt and count it, as the route does."""
    await desk.add_prompt(PromptText(text), frame=FRAME)
    desk.count(RequestKind.PROMPT_ADD, success=True)


async def test_a_frames_prompt_is_kept(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await ServersFrameDesk(house.server).add_prompt(PromptText("кот", "собака"), frame=FRAME)
        newest = house.server.prompts.all()[-1]
        assert (newest.prompt, newest.negative) == ("кот", "собака")


async def test_what_a_frame_is_told_is_on_the_disk(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        desk = ServersFrameDesk(house.server)
        started = [
            await desk.start(kind, frame=FRAME, protocol=Protocol.HTTP, text=None)
            for kind in (OperationKind.AUTO, OperationKind.OLD, OperationKind.DIRECT)
        ]
        await desk.add_prompt(PromptText("кот"), frame=FRAME)
        with closing(sqlite3.connect(f"file:{house.places.data}/state.db?mode=ro", uri=True)) as connection:
            known = {row[0] for row in connection.execute("SELECT id FROM operations")}
            (prompts,) = connection.execute("SELECT count(*) FROM prompt_ids").fetchone()
        assert {operation.id for operation in started} <= known
        assert prompts == house.server.prompts.count


async def test_a_frame_is_answered_in_time_whatever_the_disk_does(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Server, "settled", never)
    monkeypatch.setattr(module, "DISK_PATIENCE", 0.01)
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        desk = ServersFrameDesk(house.server)
        assert await desk.start(OperationKind.OLD, frame=FRAME, protocol=Protocol.HTTP, text=None)


async def test_frames_add_only_so_many_prompts_a_day(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(
        tmp_path, [scripted(Script())], clock=clock, options="frame_prompts_per_day: 2"
    ) as house:
        desk = ServersFrameDesk(house.server)
        await add(desk, "one")
        await add(desk, "two")
        with pytest.raises(PromptError, match="2 prompts today"):
            await add(desk, "three")
        await clock.advance(24 * 3600)
        await add(desk, "three")


async def test_frames_may_be_kept_from_adding_prompts(tmp_path: Path, clock: ManualClock) -> None:
    options = "frame_prompts_per_day: 0"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        with pytest.raises(PromptError, match="may not add"):
            await ServersFrameDesk(house.server).add_prompt(PromptText("x"), frame=FRAME)


@pytest.mark.parametrize(
    ("http_port", "as_app", "remedy"),
    [
        (8098, False, "Set port 8098"),
        (18098, True, "Set port 18098"),
        (0, False, "Switch the port for plain HTTP on (8098)"),
        (0, True, "Switch the port for plain HTTP on in the app's Network settings (8098)"),
    ],
)
async def test_a_frame_on_the_wrong_port_is_a_problem_until_it_is_on_the_right_one(
    tmp_path: Path, clock: ManualClock, *, http_port: int, as_app: bool, remedy: str
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        desk = ServersFrameDesk(house.server)
        desk.spoke_plain_http("8.8.8.8", port=8099, http_port=http_port, as_app=as_app)
        assert plain_http(house) == [], "no frame of ours"
        desk.spoke_plain_http(FRAME, port=8099, http_port=http_port, as_app=as_app)
        (text,) = plain_http(house)
        assert FRAME in text
        assert remedy in text
        await desk.start(OperationKind.OLD, frame=FRAME, protocol=Protocol.HTTP, text=None)
        assert plain_http(house) == []


def plain_http(house: House) -> list[str]:
    problems = house.server.problems.all()
    return [f"{problem.text} {problem.remedy}" for problem in problems if problem.code == PLAIN_HTTP]


async def test_strangers_wishes_have_an_end_even_where_no_limit_is_set(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_desk, "WISHES_AN_HOUR", 3)
    options = "providers: {ydArt: {daily_limit: 0}}"
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        desk = ServersFrameDesk(house.server)

        async def wish(number: int) -> None:
            address = f"192.168.1.{number}"
            await desk.start(OperationKind.DIRECT, frame=address, protocol=Protocol.HTTP, text=None)

        for number in range(3):
            await wish(number)
        with pytest.raises(StartError, match="try again later") as error:
            await wish(3)
        assert len(str(error.value)) < 100
        await desk.start(OperationKind.AUTO, frame=FRAME, protocol=Protocol.HTTP, text=None)
        await clock.advance(3600)
        await wish(4)
        await house.rest()
