"""Waiting for other processes, which tell by no event of ours."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PATIENCE = 30.0


async def until(condition: Callable[[], object]) -> None:
    """Look now and then until `condition` holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - see the module
            await asyncio.sleep(0.05)


async def until_found[Found](look: Callable[[], Awaitable[Found | None]]) -> Found:
    """Look now and then until there is something to find, and return it."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await look()):  # noqa: ASYNC110 - see the module
            await asyncio.sleep(0.05)
    return found
