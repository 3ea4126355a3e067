"""Every wrong answer of a provider that costs money, over both of its APIs, to both kinds of request."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
import voluptuous as vol

from imageserver.models import Fate, OperationKind, OperationStatus, PromptText
from imageserver.providers.yandex_art import YandexArt
from tests.houses import House, open_house, put_pictures
from tests.simulators import yandex_art_faults as faults
from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imageserver.models import Generation
    from tests.manual_clock import ManualClock

AUTO, DIRECT = OperationKind.AUTO, OperationKind.DIRECT
ENOUGH = 4
"""Requests after which a provider that still owes the picture has been asked often enough."""


class HastyYandexArt(YandexArt):
    """Gives up after a moment what the user's would wait minutes for."""

    schema = YandexArt.schema.extend({vol.Optional("timeout", default=0.5): float})


def cases() -> Iterator[tuple[str, str, str, set[Fate]]]:
    """Yield the API, the place, the fault, and the fates that it may lead to."""
    for name, fault in faults.FAULTS.items():
        if fault.operation:
            yield "async", "request", name, {Fate.REFUSED, Fate.FAILED, Fate.SENT}
            continue
        yield "images", "request", name, fates_of_request(name)
        yield "async", "request", name, fates_of_request(name) | fates_of_start(name)
        yield "async", "poll", name, {Fate.DONE, Fate.FAILED, Fate.REFUSED}


def fates_of_request(name: str) -> set[Fate]:
    if name in faults.HARMLESS:
        return {Fate.DONE}
    if name in faults.REFUSALS:
        return {Fate.REFUSED}
    if name in faults.UNKNOWN_FATES:
        return {Fate.UNKNOWN}
    return {Fate.FAILED} | ({Fate.UNKNOWN} if name == "flood" else set())


def fates_of_start(name: str) -> set[Fate]:
    """An answer that has no picture says nothing about the prompt where none is expected yet."""
    return {Fate.FAILED} if name == "refused_empty_data" else set()


class Visit:
    """A server with one stored picture and a YandexART that errs once a request."""

    def __init__(self, house: House, simulator: YandexArtSimulator, fault: str, place: str) -> None:
        self.house = house
        self.simulator = simulator
        self.fault = fault
        self.place = place

    @property
    def requests(self) -> int:
        """How often a picture was asked for, paid or not."""
        return sum(asked.method == "POST" for asked in self.simulator.asked)

    async def ask(self, kind: OperationKind) -> tuple[Generation, OperationStatus, str | None]:
        """Ask as a frame does, and wait for as long as it would."""
        self.simulator.next(self.fault, place=self.place)
        text = PromptText("a fox") if kind is DIRECT else None
        operation = await self.house.ask(kind, text=text)
        await self._give_time(len(self.simulator.asked) + ENOUGH)
        await self.house.clock.advance(60)
        generations = self.house.server.generations
        if kind is AUTO or not generations.running:
            operation = await self.house.ended(operation)
        (generation, *_) = await generations.newest(1)
        return generation, operation.status, operation.error

    async def _give_time(self, enough: int) -> None:
        generations = self.house.server.generations
        happened = asyncio.Event()
        stop_watching = self.house.server.events.watch(lambda _: happened.set())
        over = asyncio.ensure_future(generations.wait(generations.running[0].id))
        while not over.done() and len(self.simulator.asked) < enough:
            generations.hurry()
            news = asyncio.ensure_future(happened.wait())
            # Only that an operation is not ready yet is told by nothing.
            await asyncio.wait({over, news}, return_when=asyncio.FIRST_COMPLETED, timeout=0.7)
            news.cancel()
            happened.clear()
        over.cancel()
        stop_watching()


@pytest.mark.parametrize(("transport", "place", "fault", "fates"), cases())
async def test_a_fault_costs_once_is_told_once_and_darkens_no_frame(
    *,
    tmp_path: Path,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    transport: str,
    place: str,
    fault: str,
    fates: set[Fate],
) -> None:
    caplog.set_level(logging.INFO)
    put_pictures(tmp_path, 1)
    async with YandexArtSimulator(old_model_retired=False, now=clock.now) as simulator:
        options = {"providers": {"ydArt": {**simulator.options, "transport": transport}}}
        async with open_house(tmp_path, [HastyYandexArt], clock=clock, options=str(options)) as house:
            visit = Visit(house, simulator, fault, place)
            caplog.clear()
            generation, status, _ = await visit.ask(AUTO)
            assert generation.fate in fates, generation
            assert status is OperationStatus.DONE, "a frame that asks auto gets a picture whatever happens"
            assert visit.requests == 1, "whatever came of it, it is not asked for again"
            told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
            assert bool(told) is is_worth_telling(fault, place, generation.fate), told
            assert len(told) <= (2 if "switched off" in caplog.text or place == "poll" else 1), told
            await house.clock.advance(25 * 3600)  # over all that makes anyone wait
            generation, status, error = await visit.ask(DIRECT)
            assert generation.fate in fates, generation
            assert visit.requests == 2
            if generation.fate is not Fate.SENT:
                assert status is (
                    OperationStatus.DONE if generation.fate is Fate.DONE else OperationStatus.ERROR
                )
                assert (error is None) is (status is OperationStatus.DONE)
            assert simulator.options["api_key"] not in f"{caplog.text}{error}{generation}"
            assert "Traceback" not in caplog.text


def is_worth_telling(fault: str, place: str, fate: Fate) -> bool:
    if place == "poll":
        # Over a connection that breaks at once, a question is asked a second time.
        return fault not in {*faults.HARMLESS, "reset_before"}
    return fate not in {Fate.DONE, Fate.SENT}
