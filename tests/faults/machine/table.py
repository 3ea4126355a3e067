"""What everyone is answered while something below the server fails, fault by fault.

`new`: the picture that was just paid for; `stored`: one of the store; `card`: the server's own, which says
what is wrong. Where an answer changes, both stand there: `new, 503`: the first one is shown, though it can't
be stored, and waits for the disk; until it is stored nothing else is paid for, and `start` says why.
"""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS = ("direct", "auto", "old", "read", "write", "prompt")

TABLE = """
fault                     | direct         | auto   | old    | read    | write | prompt     | problems
images: full              | new, 503 Store | stored | stored | 200     | 200   | 201        | store_unwritable
images: mounted read-only | new, 503 Store | stored | stored | 200     | 200   | 201        | store_unwritable
images: no right to write | new, 503 Store | stored | stored | 200     | 200   | 201        | store_unwritable
images: EIO on write      | new, 503 Store | stored | stored | 200     | 200   | 201        | store_unwritable
images: EIO on fsync      | new, 503 Store | stored | stored | 200     | 200   | 201        | store_unwritable
images: EIO on rename     | new, 503 Store | stored | stored | 200     | 200   | 201        | store_unwritable
images: EIO on read       | card           | card   | card   | 503 200 | 200   | 201        | store_unreadable
images: gone              | new, 503 Store | card   | card   | 503 200 | 200   | 201        | store_unreadable
images: no right to read  | new, 503 Store | card   | card   | 503 200 | 200   | 201        | store_unreadable
data: full                | 503 State      | stored | stored | 200     | 503   | 503 State  | state_unwritable
data: read-only           | 503 State      | stored | stored | 200     | 503   | 503 State  | state_unwritable
data: EIO on write        | 503 State      | stored | stored | 200     | 503   | 503 State  | state_unwritable
data: EIO on fsync        | 503 State      | stored | stored | 200     | 503   | 503 State  | state_unwritable
database: locked          | 503 State      | stored | stored | 200     | 503   | 503 State  | state_unwritable
data: EIO on read         | new            | new    | stored | 200     | 200   | 201        |
data: no right to write   | new            | new    | stored | 200     | 200   | 201        |
data: gone                | new            | new    | stored | 200     | 200   | 201        |
config: full              | new            | new    | stored | 200     | 200   | 400 Prompt |
config: mounted read-only | new            | new    | stored | 200     | 200   | 400 Prompt |
config: no right to write | new            | new    | stored | 200     | 200   | 400 Prompt |
config: EIO on rename     | new            | new    | stored | 200     | 200   | 400 Prompt |
config: EIO on read       | new            | new    | stored | 200     | 200   | 400 Prompt | prompts_file
config: gone              | new            | new    | stored | 200     | 200   | 400 Prompt | prompts_file
certs: gone               | new            | new    | stored | 200     | 200   | 201        |
log: gone                 | new            | new    | stored | 200     | 200   | 201        |
no file can be opened     | new            | new    | stored | 200     | 200   | 201        |
no memory                 | new            | new    | stored | 200     | 200   | 201        |
no thread can be started  | new            | new    | stored | 200     | 200   | 201        |
clock: a year ahead       | new            | new    | stored | 200     | 200   | 201        |
clock: a year behind      | new            | new    | stored | 200     | 200   | 201        |
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What is expected of one fault: an answer by column, and the problem that people are told."""

    answers: dict[str, str]
    problems: list[str]


def rows() -> dict[str, Row]:
    """Read the table."""
    _, *lines = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    return {
        fault: Row(dict(zip(COLUMNS, answers, strict=True)), problems.split())
        for fault, *answers, problems in lines
    }
