from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from imageserver.imaging import imaging
from imageserver.models import ContentKind, OperationKind, Protocol, Size
from tests import pictures
from tests.houses import FRAME, OTHER_FRAME

if TYPE_CHECKING:
    from tests.api_client import Answer, Api
    from tests.manual_clock import ManualClock

JPEG = {"Content-Type": "image/jpeg"}


async def push(api: Api, image: bytes | None = None, query: str = "", kind: str = "image/jpeg") -> Answer:
    data = pictures.jpeg(640, 960) if image is None else image
    return await api.ask("POST", f"/images{query}", data=data, headers={"Content-Type": kind})


async def pushed(api: Api, image: bytes | None = None) -> str:
    return str((await push(api, image)).json["picture"]["id"])


async def test_a_pushed_picture_is_kept_and_joins_the_rotation(api: Api) -> None:
    answer = await push(api)
    assert answer.status == 201
    picture = answer.json["picture"]
    assert (picture["provider"], picture["width"], picture["height"]) == ("push", 640, 960)
    assert (picture["shown"], picture["favourite"], picture["has_original"]) == (0, False, True)
    content = await api.house.see(OperationKind.OLD)
    assert str(content.picture_id) == picture["id"]
    seen = (await api.get(f"/images/{picture['id']}")).json
    assert seen["shown"] == 1
    assert [(entry["frame"], entry["shown"]) for entry in seen["shown_by"]] == [(FRAME, 1)]


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (pictures.png(), "image/png"),
        (pictures.webp(), "image/webp"),
        (pictures.png(), "image/jpeg"),
        (pictures.jpeg(), "application/octet-stream"),
    ],
)
async def test_a_pictures_bytes_say_what_it_is(api: Api, image: bytes, kind: str) -> None:
    assert (await push(api, image, kind=kind)).status == 201


async def test_a_picture_can_be_shown_once_without_being_kept(api: Api) -> None:
    answer = await push(api, query="?keep=false")
    assert (answer.status, answer.json) == (202, {"picture": None, "frame": None})
    content = await api.house.see()
    assert content.kind is ContentKind.PASSING
    assert (await api.post("/images/search")).json["total"] == 0


async def test_a_picture_that_is_shown_once_can_be_for_one_frame(api: Api) -> None:
    for frame in (FRAME, OTHER_FRAME):
        api.server.frames.asked(frame, Protocol.HTTPS)
    assert (await push(api, query=f"?keep=false&frame={OTHER_FRAME}")).json["frame"] == OTHER_FRAME
    assert (await api.house.see(frame=FRAME)).kind is not ContentKind.PASSING
    assert (await api.house.see(frame=OTHER_FRAME)).kind is ContentKind.PASSING


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?keep=maybe", (400, "BadRequest")),
        ("?keep=true&frame=1.2.3.4", (400, "BadRequest")),
        ("?keep=false&frame=1.2.3.4", (404, "NotFound")),
        ("?colour=red", (400, "BadRequest")),
    ],
)
async def test_a_wrong_query_keeps_nothing(api: Api, query: str, error: tuple[int, str]) -> None:
    assert (await push(api, query=query)).error == error
    assert (await api.post("/images/search")).json["total"] == 0


@pytest.mark.parametrize("keep", ["", "?keep=false"])
@pytest.mark.parametrize(
    ("image", "kind", "error"),
    [
        (b"", "image/jpeg", (422, "Unprocessable")),
        (b"no picture at all", "image/jpeg", (422, "PictureError")),
        (pictures.jpeg()[:2000], "image/jpeg", (422, "PictureError")),
        (pictures.jpeg(), "text/plain", (415, "UnsupportedType")),
        (pictures.jpeg(), "image/gif", (415, "UnsupportedType")),
        (b"\xff" * (imaging.MAX_BYTES + 1), "image/jpeg", (413, "TooLarge")),
    ],
    ids=["empty", "text", "cut", "type", "gif", "large"],
)
async def test_what_is_no_picture_is_refused(
    api: Api, keep: str, image: bytes, kind: str, error: tuple[int, str]
) -> None:
    assert (await push(api, image, query=keep, kind=kind)).error == error
    assert (await push(api, query=keep)).status in {201, 202}, "and the next one is taken"


async def test_a_picture_comes_in_three_sizes(api: Api) -> None:
    image = pictures.jpeg(640, 960)
    picture_id = await pushed(api, image)
    original = await api.get(f"/images/{picture_id}/original")
    assert original.body == image
    frame = await api.get(f"/images/{picture_id}/frame")
    assert imaging.read_size(frame.body) == Size(320, 480)
    thumbnail = await api.get(f"/images/{picture_id}/thumbnail")
    assert max(imaging.read_size(thumbnail.body).width, imaging.read_size(thumbnail.body).height) <= 320
    assert len(thumbnail.body) < len(original.body)


@pytest.mark.parametrize(
    ("which", "cache"),
    [
        ("original", "private, max-age=3600"),
        ("thumbnail", "private, max-age=3600"),
        ("frame", "private, no-cache"),
    ],
)
async def test_a_browser_is_not_sent_what_it_has(api: Api, which: str, cache: str) -> None:
    path = f"/images/{await pushed(api)}/{which}"
    first = await api.get(path)
    assert first.headers["Cache-Control"] == cache
    tag = first.headers["ETag"]
    for header in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = await api.get(path, If_None_Match=header)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == tag
    assert (await api.get(path, If_None_Match='"other"')).body == first.body
    head = await api.ask("HEAD", path)
    assert (head.status, head.headers["ETag"]) == (200, tag)
    assert int(head.headers["Content-Length"]) == len(first.body)


async def test_a_favourite_is_marked_and_unmarked(api: Api) -> None:
    path = f"/images/{await pushed(api)}"
    assert (await api.patch(path, {"favourite": True})).json["favourite"]
    assert (await api.post("/images/search", {"favourite": True})).json["total"] == 1
    assert not (await api.patch(path, {"favourite": False})).json["favourite"]
    assert (await api.patch(path, {})).error == (400, "BadRequest")
    assert (await api.patch(path, {"favourite": "yes"})).error == (400, "BadRequest")


async def test_a_deletion_is_undoable_for_a_day(api: Api, clock: ManualClock) -> None:
    picture_id = await pushed(api)
    path = f"/images/{picture_id}"
    assert (await api.delete(path)).json["deleted_at"] is not None
    assert (await api.get(path)).json["deleted_at"] is not None
    assert (await api.get(f"{path}/original")).error == (404, "NotFound")
    assert (await api.delete(path)).error == (404, "NotFound")
    assert (await api.post("/images/search", {"deleted": True})).json["total"] == 1
    assert (await api.post(f"{path}/show")).error == (409, "Conflict")

    assert (await api.post(f"{path}/restore")).json["deleted_at"] is None
    assert (await api.post(f"{path}/restore")).error == (409, "Conflict")
    assert (await api.get(f"{path}/original")).status == 200

    await api.delete(path)
    await clock.advance(25 * 3600)
    await api.server.store.purge()
    assert (await api.post(f"{path}/restore")).error == (404, "NotFound")


async def test_a_chosen_picture_is_shown_before_all_else(api: Api) -> None:
    chosen = await pushed(api)
    for seed in range(3):
        await pushed(api, pictures.jpeg(seed=seed))
    answer = await api.post(f"/images/{chosen}/show")
    assert answer.status == 202
    assert answer.json["picture"]["id"] == chosen
    assert str((await api.house.see()).picture_id) == chosen


async def test_a_chosen_picture_can_be_for_one_frame(api: Api) -> None:
    chosen, other = await pushed(api), await pushed(api, pictures.jpeg(seed=5))
    await api.patch("/settings", {"paused": True})
    await api.delete(f"/images/{other}")
    await api.post(f"/images/{other}/restore")
    for frame in (FRAME, OTHER_FRAME):
        api.server.frames.asked(frame, Protocol.HTTPS)
    await api.post(f"/images/{chosen}/show", {"frame": OTHER_FRAME})
    await api.post(f"/images/{chosen}/show", {"frame": OTHER_FRAME})
    first = await api.house.see(frame=OTHER_FRAME)
    await api.house.see(frame=FRAME)
    second = await api.house.see(frame=OTHER_FRAME)
    assert {str(first.picture_id), str(second.picture_id)} == {chosen}


async def test_what_cannot_be_shown_is_refused_with_the_reason(api: Api) -> None:
    folder = api.house.places.images_for("") / "scalable"
    (folder / "broken.jpeg").write_bytes(b"broken")
    await api.server.store.scan()
    await api.house.see(OperationKind.OLD)
    (picture,) = (await api.post("/images/search")).json["pictures"]
    assert picture["unreadable"]
    answer = await api.post(f"/images/{picture['id']}/show")
    assert answer.error == (409, "Conflict")
    assert picture["unreadable"] in answer.message
    assert (await api.get(f"/images/{picture['id']}/frame")).error == (422, "PictureError")
    assert (await api.post(f"/images/{await pushed(api)}/show", {"frame": "1.2.3.4"})).error == (
        404,
        "NotFound",
    )


async def test_pictures_are_searched(api: Api) -> None:
    await api.post("/operations", {"prompt": "Рыжий КОТ на крыше", "wait": 30})
    await api.post("/operations", {"prompt": "red dog", "negative": "Cat", "wait": 30})
    await pushed(api)

    async def found(**query: Any) -> list[str | None]:
        answer = (await api.post("/images/search", query)).json
        assert answer["total"] == len(answer["pictures"])
        return [entry["prompt"] for entry in answer["pictures"]]

    assert await found(text="кот рыжий") == ["Рыжий КОТ на крыше"]
    assert await found(text="CAT") == ["red dog"]
    assert await found(text="") == [None, "red dog", "Рыжий КОТ на крыше"]
    assert await found(provider="YDART", order="oldest") == ["Рыжий КОТ на крыше", "red dog"]
    assert await found(provider="push") == [None]
    assert await found(archived=True) == []
    page = (await api.post("/images/search", {"offset": 1, "limit": 1})).json
    assert ([entry["prompt"] for entry in page["pictures"]], page["total"]) == (["red dog"], 3)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"order": "by colour"}, "order"),
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"offset": -1}, "offset"),
        ({"favourite": 1}, "favourite"),
        ({"q": "x"}, "q"),
    ],
)
async def test_a_wrong_search_is_named(api: Api, body: dict[str, Any], path: str) -> None:
    assert set((await api.post("/images/search", body)).mistakes) == {path}


async def test_ten_thousand_pictures_are_searched_quickly(api: Api) -> None:
    rows = [(f"p{number}", f"a cat number {number}\np{number}", float(number)) for number in range(10_000)]
    await api.server.state.run(
        lambda connection: connection.executemany(
            "INSERT INTO pictures (stem, words, added_at, round, lot) VALUES (?, ?, ?, 0, 0)", rows
        )
    )
    begun = time.perf_counter()
    answer = (await api.post("/images/search", {"text": "cat 9999", "limit": 500})).json
    everything = (await api.post("/images/search", {"limit": 500, "offset": 5000})).json
    assert time.perf_counter() - begun < 1.0
    assert answer["total"] == 1
    assert everything["total"] == 10_000


@pytest.mark.parametrize(
    "picture_id", ["1", "0", "01", "-1", "1.0", "x", "1%00", "١", "9" * 30, "%2e%2e%2fetc", "1%20", "'"]
)
@pytest.mark.parametrize("suffix", ["", "/original", "/frame", "/thumbnail"])
async def test_an_id_that_names_no_picture_is_not_found(api: Api, picture_id: str, suffix: str) -> None:
    assert (await api.get(f"/images/{picture_id}{suffix}")).error == (404, "NotFound")
