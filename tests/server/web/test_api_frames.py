from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imageserver.imaging import imaging
from imageserver.models import ContentKind, OperationKind, Protocol, Size
from tests.adapters import Script, scripted
from tests.api_client import open_api
from tests.houses import FRAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api_client import Api
    from tests.manual_clock import ManualClock

BLACK = 'sleep_time: [{time_range: {start_time: "00:00", end_time: "23:59:59"}, black_image_mode: true}]'


async def test_a_frame_appears_by_itself_and_is_named(api: Api, clock: ManualClock) -> None:
    assert (await api.get("/frames")).json == {"frames": []}
    await api.house.see()
    await clock.advance(600)
    await api.house.ask()
    (frame,) = (await api.get("/frames")).json["frames"]
    assert (frame["id"], frame["name"], frame["protocol"]) == (FRAME, None, "https")
    assert (frame["interval_seconds"], frame["pictures_sent"]) == (600, 1)
    assert frame["expected_at"].startswith("2026-11-24T09:20")

    renamed = await api.patch(f"/frames/{FRAME}", {"name": " Кухня "})
    assert renamed.json["name"] == "Кухня"
    assert (await api.get(f"/frames/{FRAME}")).json == renamed.json
    assert (await api.patch(f"/frames/{FRAME}", {"name": "👨‍👩‍👧"})).json["name"] == "👨‍👩‍👧"
    assert (await api.patch(f"/frames/{FRAME}", {"name": None})).json["name"] is None


async def test_a_frame_is_forgotten_and_comes_back(api: Api) -> None:
    await api.house.ask()
    assert (await api.delete(f"/frames/{FRAME}")).status == 204
    assert (await api.get(f"/frames/{FRAME}")).error == (404, "NotFound")
    assert (await api.delete(f"/frames/{FRAME}")).error == (404, "NotFound")
    await api.house.ask()
    assert (await api.get(f"/frames/{FRAME}")).status == 200


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("fd00::17", "fd00::17"),
        ("fd00::17", "fd00%3A%3A17"),
        ("fe80::1%eth0", "fe80%3A%3A1%25eth0"),
        ("192.168.1.5", "192.168.1.5"),
    ],
)
async def test_an_address_of_any_kind_is_an_id(api: Api, address: str, written: str) -> None:
    api.server.frames.asked(address, Protocol.HTTP)
    frame = (await api.get(f"/frames/{written}")).json
    assert (frame["id"], frame["protocol"]) == (address, "http")
    assert (await api.patch(f"/frames/{written}", {"name": "x"})).status == 200
    assert (await api.delete(f"/frames/{written}")).status == 204


@pytest.mark.parametrize(
    "path", ["/frames/10.0.0.1", "/frames/x%2Fy", "/frames/%3Cscript%3E", "/frames/10.0.0.1/picture"]
)
async def test_a_frame_that_was_never_seen_is_not_found(api: Api, path: str) -> None:
    assert (await api.get(path)).error == (404, "NotFound")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": 5},
        {"name": "a" * 65},
        {"name": "two\nlines"},
        {"name": "x", "colour": "red"},
        {"name": "\u202eevil"},
    ],
)
async def test_a_wrong_name_is_refused(api: Api, body: dict[str, Any]) -> None:
    await api.house.ask()
    answer = await api.patch(f"/frames/{FRAME}", body)
    assert answer.error == (400, "BadRequest")
    assert (await api.get(f"/frames/{FRAME}")).json["name"] is None


async def test_what_a_frame_shows_can_be_seen(api: Api) -> None:
    await api.house.ask()
    assert (await api.get(f"/frames/{FRAME}/picture")).error == (404, "NotFound")
    content = await api.house.see(OperationKind.DIRECT)
    answer = await api.get(f"/frames/{FRAME}/picture")
    assert answer.body == await api.server.store.frame_jpeg(content.picture_id or 0)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = await api.get(f"/frames/{FRAME}/picture", If_None_Match=answer.headers["ETag"])
    assert again.status == 304


async def test_a_card_and_a_passing_picture_can_be_seen_too(tmp_path: Path, clock: ManualClock) -> None:
    async with open_api(tmp_path, scripted(Script(missing="no key")), clock=clock) as api:
        assert (await api.house.see()).kind is ContentKind.CARD
        frame = (await api.get(f"/frames/{FRAME}")).json
        assert frame["content"] == {"kind": "card", "picture_id": None, "card": "no_pictures_provider_off"}
        card = await api.get(f"/frames/{FRAME}/picture")
        assert imaging.read_size(card.body) == Size(320, 480)

        name = await api.server.store.add_passing(card.body)
        assert name
        await api.ask("POST", "/images?keep=false", data=card.body, headers={"Content-Type": "image/jpeg"})
        assert (await api.house.see()).kind is ContentKind.PASSING
        assert (await api.get(f"/frames/{FRAME}")).json["content"]["kind"] == "passing"
        assert (await api.get(f"/frames/{FRAME}/picture")).body == card.body


async def test_the_black_picture_can_be_seen_too(tmp_path: Path, clock: ManualClock) -> None:
    async with open_api(tmp_path, scripted(Script()), clock=clock, options=BLACK) as api:
        assert (await api.house.see()).kind is ContentKind.BLACK
        assert (await api.get(f"/frames/{FRAME}/picture")).status == 200


async def test_a_picture_that_was_deleted_meanwhile_is_not_found(api: Api) -> None:
    content = await api.house.see(OperationKind.DIRECT)
    await api.delete(f"/images/{content.picture_id}")
    assert (await api.get(f"/frames/{FRAME}/picture")).error == (404, "NotFound")
    await api.post(f"/images/{content.picture_id}/restore")
    assert (await api.get(f"/frames/{FRAME}/picture")).status == 200
