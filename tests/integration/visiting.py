"""Frames that ask the server for pictures; each address is a frame of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from tests.processes import ServerProcess
    from tests.simulators.frame import Shown

FRAME = "127.0.0.2"
OTHER_FRAME = "127.0.0.3"
AT_ONCE = 5
"""Frames of a big house."""

HURRY = 0.05
"""Seconds between two polls."""


def frame(server: ServerProcess, address: str = FRAME) -> Frame:
    """Return a frame that is in a hurry."""
    return Frame(
        "127.0.0.1", server.http_port, tls=False, source=address, sleep=lambda _: asyncio.sleep(HURRY)
    )


async def show(
    server: ServerProcess, kind: str = "old", *, address: str = FRAME, prompt: str | None = None
) -> Shown:
    """Let a frame ask for a picture and show it."""
    return await frame(server, address).show(kind, prompt, polls=200)


async def show_everywhere(server: ServerProcess, frames: int) -> None:
    """Let so many frames show a picture."""
    addresses = [f"127.0.1.{number + 1}" for number in range(frames)]
    for first in range(0, frames, AT_ONCE):
        await asyncio.gather(
            *(show(server, address=address) for address in addresses[first : first + AT_ONCE])
        )
