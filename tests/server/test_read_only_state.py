"""A data directory that becomes read-only under a running server, and writable again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from imageserver.metrics import RequestKind
from imageserver.models import ContentKind
from tests import pictures
from tests.adapters import Script, scripted
from tests.api_client import open_api
from tests.houses import put_pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api_client import Api
    from tests.manual_clock import ManualClock


READABLE = (
    "./ ./metrics ./healthz /info /status /operations /prompts /providers /settings /log /history /frames"
)
CHANGES: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("PATCH", "/settings", {"paused": True}),
    ("PATCH", "/providers/ydArt", {"daily_limit": 3}),
    ("PATCH", "/images/1", {"favourite": True}),
    ("DELETE", "/images/1", None),
    ("POST", "/images/1/show", {}),
    ("POST", "/operations", {"wait": 5}),
)


async def read_only(api: Api, *, on: bool) -> None:
    await api.server.state.read(lambda connection: connection.execute(f"PRAGMA query_only = {int(on)}"))


async def test_frames_are_served_and_everything_can_be_read(tmp_path: Path, clock: ManualClock) -> None:
    put_pictures(tmp_path, 3)
    script = Script()
    async with open_api(tmp_path, scripted(script), clock=clock) as api:
        await api.server.store.scan()
        await read_only(api, on=True)
        for _ in range(5):
            assert (await api.house.see()).kind is ContentKind.PICTURE
            await clock.advance(60)
        for path in READABLE.split():
            assert (await api.get(path)).status == 200, path
        assert script.asked == [], "what can't be written down is not bought"


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_what_cannot_be_kept_is_refused_until_it_can(
    tmp_path: Path, clock: ManualClock, method: str, path: str, body: object
) -> None:
    put_pictures(tmp_path, 3)
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        await api.server.store.scan()
        await read_only(api, on=True)
        answer = await api.ask(method, path, json=body)
        assert answer.status == 503
        await read_only(api, on=False)
        assert (await api.ask(method, path, json=body)).status < 300


async def test_a_picture_is_taken_once_it_can_be_kept(tmp_path: Path, clock: ManualClock) -> None:
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:

        async def push() -> int:
            kind = {"Content-Type": "image/jpeg"}
            return (await api.ask("POST", "/images", data=pictures.jpeg(), headers=kind)).status

        await read_only(api, on=True)
        assert await push() == 503
        await read_only(api, on=False)
        assert await push() == 201
        assert (await api.post("/images/search")).json["total"] == 1


async def test_a_prompt_is_taken_once_it_can_be_kept(tmp_path: Path, clock: ManualClock) -> None:
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        await read_only(api, on=True)
        assert (await api.post("/prompts", {"prompt": "кукушка"})).status == 503
        assert [prompt["prompt"] for prompt in (await api.get("/prompts")).json["prompts"]] == ["test"]
        await read_only(api, on=False)
        assert (await api.post("/prompts", {"prompt": "кукушка"})).status == 201
        prompts = (await api.get("/prompts")).json["prompts"]
        assert [prompt["prompt"] for prompt in prompts] == ["test", "кукушка"]


async def test_what_was_counted_meanwhile_is_written_down_afterwards(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    put_pictures(tmp_path, 3)
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        metrics = api.server.metrics
        await read_only(api, on=True)
        for _ in range(3):
            metrics.request(RequestKind.RESULT, success=True)
            assert (await api.get("/history")).status == 200, "which writes down what is counted"
            await clock.advance(3600)
        lost = [line for line in caplog.messages if line.startswith("Nothing can be written down")]
        assert len(lost) == 1, "said once"
        await read_only(api, on=False)
        hours = (await api.get("/history")).json["hours"]
        assert [hour["requests"] for hour in hours[-4:]] == [1, 1, 1, 0], "each at its hour"
    assert (
        len([line for line in caplog.messages if line.startswith("No longer: Nothing can be written down")])
        == 1
    )
    async with open_api(tmp_path, scripted(Script()), clock=clock) as api:
        assert api.server.metrics.snapshot([]).all_requests.total == 3
