"""The tables of faults: Markdown that people read and tests hold against the server.

Each row is one fault and everything that follows from it. What the columns mean stands above the tables, in
`tables/README.md`.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault, and what follows from it; a cell a field.

    Attributes:
        fault: Its name.
        place: What it befalls.
        sent: How many requests for a picture the provider got.
        billed: How many of them it charges.
        fate: What the server writes down about the request.
        auto: What a frame is shown that asks for any picture.
        direct: What a frame is told that asks for this picture.
        provider: How it is treated afterwards.
        log: The lines of the log from WARNING on, in short.
        says: What people read about it.
    """

    fault: str
    place: str
    sent: str
    billed: str
    fate: str
    auto: str
    direct: str
    provider: str
    log: str
    says: str

    def __str__(self) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in astuple(self)) + " |"


HEADS = [field.name for field in fields(Row)]


def read(name: str) -> list[Row]:
    """Return the rows of a table."""
    lines = (TABLES / f"{name}.md").read_text().splitlines()
    return [Row(**dict(zip(HEADS, row, strict=True))) for row in cells(lines, HEADS)]


def written(rows: Iterable[Row]) -> str:
    """Return a table as it stands in a file."""
    return "\n".join([head(HEADS), *map(str, rows)])


def head(heads: Sequence[str]) -> str:
    """Return the head of a table in Markdown."""
    return "| " + " | ".join(heads) + " |\n|" + "---|" * len(heads)


def cells(lines: Iterable[str], heads: Sequence[str]) -> Iterator[list[str]]:
    """Yield the cells of each row below the head."""
    for line in lines:
        found = [
            cell.strip().replace(r"\|", "|")
            for cell in line.strip().removeprefix("|").removesuffix("|").split(" | ")
        ]
        if line.startswith("| ") and found != heads:
            yield found
