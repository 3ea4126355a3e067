from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.adapters import Script, scripted
from tests.api_client import Api, open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.manual_clock import ManualClock


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def api(tmp_path: Path, clock: ManualClock, script: Script) -> AsyncIterator[Api]:
    """A client of a whole server with one provider, which takes prompts."""
    async with open_api(tmp_path, scripted(script), clock=clock) as opened:
        yield opened
