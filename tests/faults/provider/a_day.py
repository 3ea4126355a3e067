"""A fault that lasts for a day, and a frame that goes on asking: what it costs, what there is to read."""

from __future__ import annotations

import logging
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

from imageserver.models import OperationStatus
from tests.faults.provider.table import TABLES, cells, head
from tests.faults.provider.visit import Mode

if TYPE_CHECKING:
    from tests.faults.provider.visit import Visit

EVERY = 300.0
"""Seconds between two requests of a frame."""

ASKED = int(24 * 3600 / EVERY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day of a fault comes to; a cell a field.

    Attributes:
        table: Whose fault it is.
        fault: Its name.
        place: What it befalls.
        sent: Requests for a picture that the provider got.
        billed: How many of them it charges.
        lines: Of the log, from WARNING on; a traceback counts too.
        back_after: Seconds from the end of the fault to the next picture that is made for a frame.
        for_it: Requests that this takes.
    """

    table: str
    fault: str
    place: str
    sent: str
    billed: str
    lines: str
    back_after: str
    for_it: str

    def __str__(self) -> str:
        return "| " + " | ".join(astuple(self)) + " |"


HEADS = [field.name for field in fields(Day)]


def days() -> list[Day]:
    """Return the rows of the table."""
    lines = (TABLES / "a_day.md").read_text().splitlines()
    return [Day(**dict(zip(HEADS, row, strict=True))) for row in cells(lines, HEADS)]


def written(rows: list[Day]) -> str:
    """Return the table as it stands in its file."""
    return "\n".join([head(HEADS), *map(str, rows)])


async def live(visit: Visit, day: Day) -> Day:
    """Let a frame ask every five minutes of a day in which the fault lasts, and on until it is over.

    Raises:
        AssertionError: A frame gets no picture.
    """
    world, clock = visit.world, visit.house.clock
    await visit.recover()
    await clock.advance(world.day)
    sent, billed = world.sent, world.billed
    async with world.befall(visit.house, day.fault, day.place):
        visit.records.clear()
        for _ in range(ASKED):
            await _ask(visit)
            await clock.advance(EVERY)
        lines = sum(record.levelno >= logging.WARNING for record in visit.records)
        lines += sum(bool(record.exc_info and record.exc_info[0]) for record in visit.records)
        sent, billed = world.sent - sent, world.billed - billed
    before, began = world.sent, clock.monotonic()
    while await _ask(visit) != "new":
        await clock.advance(EVERY)
        assert clock.monotonic() - began < 26 * 3600, "it does not come back"
    return Day(
        table=day.table,
        fault=day.fault,
        place=day.place,
        sent=str(sent),
        billed=str(billed),
        lines=str(lines),
        back_after=f"{EVERY * round((clock.monotonic() - began) / EVERY):.0f}",
        for_it=str(world.sent - before),
    )


async def _ask(visit: Visit) -> str:
    """Ask as a frame does; return what it gets."""
    operation = await visit.house.ask()
    _, says, generation = await visit.fate(operation, Mode.BACKGROUND)
    shown = await visit.shown(operation, generation, Mode.AUTO, says)
    assert visit.house.server.operations.get(operation.id).status is OperationStatus.DONE
    return shown
