"""What anybody was told is on the disk: a crash in the very next moment takes nothing of it back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from imageserver.metrics import RequestKind
from imageserver.models import ContentKind
from tests.houses import FRAME

if TYPE_CHECKING:
    from tests.api_client import Api


def on_disk(api: Api, query: str) -> Any:
    """Look with other eyes than the server's: what is not committed is not there."""
    path = api.house.places.data / "state.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        row = connection.execute(query).fetchone()
    return None if row is None else row[0]


async def test_a_frames_name_lasts_once_it_is_answered(api: Api) -> None:
    await api.house.see()
    await api.patch(f"/frames/{FRAME}", {"name": "Кухня"})
    assert on_disk(api, "SELECT name FROM frames") == "Кухня"
    await api.delete(f"/frames/{FRAME}")
    assert on_disk(api, "SELECT count(*) FROM frames") == 0


async def test_a_request_that_was_taken_is_known_after_a_crash(api: Api) -> None:
    operation_id = (await api.post("/operations", {"prompt": "кот"})).json["id"]
    assert on_disk(api, "SELECT id FROM operations WHERE kind = 'forced'") == operation_id


@pytest.mark.parametrize("path", ["./metrics", "/status"])
async def test_a_count_that_was_told_does_not_go_back(api: Api, path: str) -> None:
    api.server.metrics.request(RequestKind.STATUS, success=True)
    await api.get(path)
    assert on_disk(api, "SELECT value FROM counters WHERE name = 'requests.total'") == 1


async def test_an_edited_prompt_keeps_the_id_that_was_answered(api: Api) -> None:
    added = (await api.post("/prompts", {"prompt": "a cat"})).json["prompt"]
    edited = (await api.put(f"/prompts/{added['id']}", {"prompt": "a dog"})).json
    assert edited["id"] == added["id"]
    ids = on_disk(api, "SELECT json_group_array(id) FROM prompt_ids")
    assert added["id"] in json.loads(ids)


async def test_what_is_told_as_an_event_lasts(api: Api) -> None:
    async with api.browser.get(
        "/api/v1/events", headers={"Authorization": f"Bearer {api.server.installation.token}"}
    ) as stream:
        content = await api.house.see()
        assert content.kind is not ContentKind.BLACK
        async for line in stream.content:
            if line == b"event: picture_sent\n":
                break
        assert on_disk(api, "SELECT pictures_sent FROM frames") == 1
        assert on_disk(api, "SELECT count(*) FROM operations WHERE delivered_at IS NOT NULL") == 1
