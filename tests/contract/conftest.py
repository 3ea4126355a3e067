"""The client is held together with a real server, both in this process.

The client is imported by its real name, but without the integration's own `__init__`: that imports Home
Assistant, which puts another library in the place of `voluptuous` in the whole process, so that the server
would be tested with what it does not run with. A bare package of the same name and folder stands in for it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from tests.adapters import Script, scripted
from tests.manual_clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.contract.running import Running

_package = ModuleType("custom_components.aiframes")
_package.__path__ = [str(Path(__file__).parents[2] / "custom_components" / "aiframes")]
sys.modules.setdefault(_package.__name__, _package)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def running(
    tmp_path: Path, clock: ManualClock, script: Script, session: ClientSession
) -> AsyncIterator[Running]:
    """A whole server with one provider, which takes prompts, and a client of it."""
    from tests.contract.running import run  # noqa: PLC0415 - it imports the client, see above

    async with run(tmp_path, scripted(script), clock=clock, session=session) as opened:
        yield opened
