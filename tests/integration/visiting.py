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
