"""Adapters that break when nobody asks for a picture; tests/faults/provider has those that break then."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import TYPE_CHECKING, Any

import pytest

from imageserver.exceptions import FateUnknownError, NotSentError
from imageserver.generations.provider import CLOSE_SECONDS, START_SECONDS, SUBMIT_SECONDS, Provider
from imageserver.models import OperationKind
from imageserver.providers.base import Capabilities, Done, ImageProvider
from imageserver.status import take_status
from tests import pictures
from tests.adapters import Script, scripted
from tests.houses import open_house, put_pictures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.houses import House
    from tests.manual_clock import ManualClock


def broken(**methods: Any) -> type[ImageProvider]:
    """Make an adapter that is as it should be, but for these methods."""
    good = scripted(Script(), code="mine")
    return type("Broken", (good,), methods)


def _exits(*_: object) -> None:
    raise SystemExit(3)


def _is_a_bug(*_: object) -> None:
    raise KeyError("a bug")


async def _hangs(*_: object) -> None:
    await asyncio.Event().wait()


async def a_look_at_everything(house: House) -> None:
    """Do what frames, people and the clock do all the time."""
    await house.see()
    await take_status(house.server)
    house.server.choosing.next_turn_at()
    house.server.choosing.card()
    house.server.prompts.findings()
    await house.server.reload()
    await house.server.jobs.close()
    assert house.server.settings.providers["mine"]


@pytest.mark.parametrize("failure", [_exits, _is_a_bug, lambda *_: object(), lambda *_: b"bytes"])
@pytest.mark.parametrize("name", ["not_set_up", "not_ready", "fits", "prompt_length"])
async def test_an_adapter_that_breaks_at_a_question_is_not_asked_and_stops_nothing(
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    name: str,
    failure: Callable[..., object],
) -> None:
    put_pictures(tmp_path, 1)
    method: Any = failure if name == "not_ready" else classmethod(failure)
    script = Script()
    adapters = [broken(**{name: method}), scripted(script)]
    async with open_house(tmp_path, adapters, clock=clock) as house:
        for _ in range(20):
            await a_look_at_everything(house)
            await clock.advance(600)
        assert script.asked, "the other provider goes on"
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) <= 1, "said once"
    assert all("The adapter of Scripted mine broke" in line for line in told)


async def test_an_adapter_that_forgets_what_it_can_do_can_what_its_class_says(
    tmp_path: Path, clock: ManualClock
) -> None:
    def forget(self: Any, *_: object) -> None:
        self.capabilities = "none"

    put_pictures(tmp_path, 1)
    async with open_house(tmp_path, [broken(__init__=forget)], clock=clock) as house:
        await a_look_at_everything(house)
        assert house.server.availability.provider("mine").capabilities.max_prompt_length == 500


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("__init__", _exits),
        ("__init__", _is_a_bug),
        ("start", _exits),
        ("start", _is_a_bug),
        ("start", _hangs),
    ],
)
async def test_an_adapter_that_can_not_begin_is_shown_as_a_problem_and_stops_nothing(
    tmp_path: Path, clock: ManualClock, name: str, failure: Callable[..., object]
) -> None:
    script = Script()
    adapters = [broken(**{name: failure}), scripted(script)]
    opened = asyncio.ensure_future(_open_and_ask(tmp_path, adapters, clock))
    while not opened.done():
        await clock.advance(START_SECONDS)
        await asyncio.sleep(0.01)
    assert await opened == ["provider_unusable"]
    assert len(script.asked) == 1


async def _open_and_ask(root: Path, adapters: list[type[ImageProvider]], clock: ManualClock) -> list[str]:
    async with open_house(root, adapters, clock=clock) as house:
        await house.ended(await house.ask(OperationKind.DIRECT))
        return [problem.code for problem in house.server.problems.all()]


@pytest.mark.parametrize("failure", [_exits, _is_a_bug, _hangs])
async def test_an_adapter_that_does_not_end_holds_up_no_stop(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture, failure: Callable[..., object]
) -> None:
    async def open_and_close() -> None:
        async with open_house(tmp_path, [broken(close=failure)], clock=clock):
            pass

    closed = asyncio.ensure_future(open_and_close())
    async with asyncio.timeout(10):
        while not closed.done():
            await clock.advance(CLOSE_SECONDS)
            await asyncio.sleep(0.01)
    await closed
    assert "could not be closed" in caplog.text


async def test_an_adapter_that_never_comes_back_is_asked_nothing_more_until_a_restart(
    tmp_path: Path, clock: ManualClock
) -> None:
    asked = 0

    async def never(*_: object) -> Done:
        nonlocal asked
        asked += 1
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue
        return Done(pictures.jpeg())

    over = asyncio.Event()
    put_pictures(tmp_path, 1)
    adapter = broken(submit=never, capabilities=Capabilities(costs_money=False))
    async with open_house(tmp_path, [adapter], clock=clock) as house:
        await house.ask()
        await house.until(lambda: asked)
        await clock.advance(SUBMIT_SECONDS)
        async with asyncio.timeout(10):
            (generation,) = await house.server.generations.newest(5)
            generation = await house.server.generations.wait(generation.id)
        assert generation.error_code == FateUnknownError.code
        for _ in range(5):
            await house.see()
            await clock.advance(3600)
        assert asked == 1
        assert "not come back" in (house.server.availability.readiness("mine").text or "")
        over.set()
        await clock.advance(1)
        assert house.server.availability.readiness("mine").ready, "it has come back after all"


async def test_an_adapter_that_fails_when_it_is_told_to_end_is_no_traceback(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def fails_at_the_end(*_: object) -> Done:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise NotSentError("it was told to end")

    adapter = broken(submit=fails_at_the_end, capabilities=Capabilities(costs_money=False))
    async with open_house(tmp_path, [adapter], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await begun.wait()
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_a_ticket_comes_back_in_this_process_as_it_would_after_a_restart(
    tmp_path: Path, clock: ManualClock
) -> None:
    script = Script()
    ticket: Any = {1: ("a", "b")}
    script.tickets.append(ticket)
    async with open_house(tmp_path, [scripted(script, code="mine")], clock=clock) as house:
        await house.ask(OperationKind.DIRECT)
        await house.ticket()
        await clock.advance(5)
    async with open_house(tmp_path, [scripted(script, code="mine")], clock=clock):
        await clock.advance(5)
    assert script.fetched
    assert all(ticket == {"1": ["a", "b"]} for ticket in script.fetched)


def test_a_provider_is_called_as_its_class_says(clock: ManualClock) -> None:
    provider = Provider(broken(), None, clock=clock, without_secrets=str)  # type: ignore[arg-type]
    assert (provider.code, provider.title) == ("mine", "Scripted mine")
