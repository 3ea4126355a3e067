"""A real server with adapters that can't be used, and one that breaks, as its user starts it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import aiohttp

from tests import pictures
from tests.faults.provider.adapter_world import FILE
from tests.houses import put_pictures
from tests.processes import run_server
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = "providers: {mine: {api_key: sk-of_the-user.0123456789}}"


async def test_adapters_that_break_are_a_problem_on_the_page_and_frames_get_their_pictures(
    tmp_path: Path,
) -> None:
    put_pictures(tmp_path, 1)
    directory = tmp_path / "data" / "providers"
    directory.mkdir(parents=True)
    shutil.copy(FILE, directory / "my_provider.py")
    (directory / "picture.jpeg").write_bytes(pictures.jpeg())
    (directory / "fault.txt").write_text("request wants_to_exit")
    (directory / "half.py").write_text("def half(:\n")
    async with run_server(tmp_path, options=OPTIONS) as server:
        await server.said("in a browser")
        frame = Frame("127.0.0.1", server.http_port, tls=False, sleep=_at_once)
        shown = await frame.show()
        assert shown.jpeg, "the adapter wanted to end the server"
        token = (tmp_path / "data" / "api_token").read_text().strip()
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.get(f"https://127.0.0.1:{server.api_port}/api/v1/status", ssl=False) as answer,
        ):
            status = await answer.json()
        (problem,) = status["problems"]
        assert (problem["code"], problem["subject"]) == ("provider_unusable", "providers/half.py")
        assert "line 1" in problem["text"]
        (mine,) = (provider for provider in status["providers"] if provider["code"] == "mine")
        assert "wants to end the server" in mine["last_error"]
        assert await server.stop() == 0
        assert sum("My provider gave no picture" in line for line in server.log) == 1


async def _at_once(_: float) -> None:
    """Poll without waiting."""
