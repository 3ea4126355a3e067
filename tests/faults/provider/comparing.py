"""Holds a table against a server: every row, met by every kind of request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imageserver.models import Fate
from tests.faults.provider import table
from tests.faults.provider.visit import NO_MORE, TRACEBACK, Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.faults.provider.table import Row
    from tests.faults.provider.visit import Visit


async def differences(visit: Visit, name: str, modes: Sequence[Mode]) -> list[str]:
    """Return a sentence for everything that is not as the table says."""
    rows = table.read(name)
    named = [(row.fault, row.place) for row in rows]
    wrong = [
        f"{fault} ({place}) has no row"
        for fault, place in visit.world.faults()
        if (fault, place) not in named
    ]
    for row in rows:
        # What is owed for ever would be asked about beside everything that follows.
        for mode in modes if row.fate != "sent" else modes[-1:]:
            is_told_once = visit.world.free or row.fate == Fate.NOT_SENT or row.provider != "as before"
            if is_told_once and mode is not modes[0]:
                await visit.recover()
            visit.retry()
            seen = await visit.meet(row.fault, row.place, mode)
            expected = _as_met_by(mode, row, is_first=is_told_once or mode is modes[0])
            if seen != expected:
                wrong.append(f"{name}, {mode}:\n  expected {expected}\n  seen     {seen}")
        if row.fate != "sent":
            wrong += [f"{name}, {row.fault} ({row.place}): {it}" for it in await visit.recover()]
    return wrong


async def observed(visit: Visit) -> list[Row]:
    """Return the table as it would have to be, for somebody to read before it is believed."""
    rows = []
    for fault, place in visit.world.faults():
        row = await visit.meet(fault, place, Mode.AUTO)
        await visit.recover()
        direct = await visit.meet(fault, place, Mode.DIRECT)
        await visit.recover()
        rows.append(replace(row, direct=direct.direct))
    return rows


def sums(rows: Iterable[Row]) -> dict[str, int]:
    """Count what a table says."""
    rows = list(rows)
    return {
        "faults": len(rows),
        "sent": sum(int(row.sent) for row in rows),
        "billed": sum(int(row.billed) for row in rows),
    }


def _as_met_by(mode: Mode, row: Row, *, is_first: bool) -> Row:
    """Return a row as requests of one kind see it; `is_first`: a picture has come since the last fault."""
    log = row.log if is_first or row.fate.endswith(Fate.DONE) else row.log.replace(TRACEBACK, "")
    if mode is not Mode.DIRECT:
        return replace(row, direct="", log=log)
    # A prompt that came with the request is not one of the book.
    others = [cell for cell in row.provider.split(", ") if cell != NO_MORE]
    return replace(row, auto="", log=log, provider=", ".join(others) or "as before")
