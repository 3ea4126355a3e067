"""A machine that knows no time zones, and a user who asks for one: a server that runs, and says so once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.processes import READY, ROOT, run_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(60)
async def test_a_zone_that_is_not_known_is_said_once_and_darkens_nothing(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing" / "tzdata"
    nothing.mkdir(parents=True)
    (nothing / "__init__.py").write_text("raise ImportError('no zones here')\n")
    environment = {
        "TZ": "Europe/Moscow",
        "PYTHONTZPATH": "",
        "PYTHONPATH": os.pathsep.join([str(nothing.parent), str(ROOT / "addon")]),
    }
    async with run_server(tmp_path, environment=environment) as server:
        await server.said(READY)
        assert await server.stop() == 0
    warnings = [line for line in server.log if "WARNING" in line or "Traceback" in line]
    assert len(warnings) == 1, server.log
    assert "TZ='Europe/Moscow' is no time zone that is known here" in warnings[0]
