"""The real server on a time that is told: `python -m tests.faults.month.timed_server FD SECONDS -- FLAGS`.

FD is a socket that is open already, SECONDS the time to begin at (since 1970). Each line that comes over the
socket is a later time; once everything that is due then is done, one line of JSON with figures answers.
It imports nothing that the server itself does not, but for the clock, so that its memory is the server's.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imageserver.__main__ import run
from imageserver.arguments import parse
from tests.faults.month.calm import Calm
from tests.faults.month.stepped_clock import SteppedClock

if TYPE_CHECKING:
    from datetime import tzinfo


async def obey(control: socket.socket, clock: SteppedClock, calm: Calm) -> None:
    """Let it be as late as is told, until the other side is gone."""
    reader, writer = await asyncio.open_connection(sock=control)
    while line := await reader.readline():
        clock.move_to(datetime.fromtimestamp(float(line), UTC))
        await calm.come()
        writer.write(json.dumps(figures()).encode() + b"\n")


def figures() -> dict[str, int]:
    """What only the process itself knows."""
    return {
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
    }


async def serve(control: socket.socket, start: datetime, flags: list[str]) -> int:
    """Run the server."""
    clock = SteppedClock(start)

    def new_clock(zone: tzinfo) -> SteppedClock:
        clock.zone = zone
        return clock

    # It counts from before the server's first work on: what it does not see begin must not end.
    obeying = asyncio.create_task(obey(control, clock, Calm()))
    try:
        return await run(parse(flags, os.environ), os.environ, new_clock=new_clock)
    finally:
        obeying.cancel()


if __name__ == "__main__":
    fd, seconds, _, *flags = sys.argv[1:]
    began = datetime.fromtimestamp(float(seconds), UTC)
    sys.exit(asyncio.run(serve(socket.socket(fileno=int(fd)), began, flags)))
