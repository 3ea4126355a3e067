"""What a caller may rely on beyond names and shapes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from custom_components.aiframes.api import (
    KEEP,
    ContentKind,
    Fate,
    LogLevel,
    NotFoundError,
    OperationStatus,
    PictureOrder,
    PictureQuery,
    ProviderReason,
    SettingSource,
    State,
)
from tests import pictures
from tests.contract.calls import furnish
from tests.houses import FRAME

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from custom_components.aiframes.api import Keep
    from tests.adapters import Script
    from tests.contract.running import Running
    from tests.manual_clock import ManualClock

SETTLED = {"prompt": "a [[what]]", "negative": "dogs", "placeholders": {"what": ("cat",)}, "enabled": True}


# Requests for pictures


async def test_who_waits_gets_the_end_and_who_does_not_gets_the_beginning(
    running: Running, script: Script
) -> None:
    script.held.clear()
    pending = await running.client.generate(prompt="кошка", negative="dogs")
    assert (pending.status, pending.finished_at) == (OperationStatus.PENDING, None)
    waiting = asyncio.create_task(running.client.generate(prompt="a dog", wait=30))
    script.held.set()
    assert (await waiting).status is OperationStatus.DONE
    await running.house.server.operations.wait(pending.id, 5)
    done = await running.client.operation(pending.id)
    assert (done.status, done.fate, done.prompt, done.negative) == (
        OperationStatus.DONE,
        Fate.DONE,
        "кошка",
        "dogs",
    )
    assert done.picture_id is not None
    assert (await running.client.image(done.picture_id)).prompt == "кошка"
    newest = await running.client.operations(limit=1)
    assert (len(newest.operations), len(newest.generations)) == (1, 1)


async def test_a_picture_can_be_made_for_one_frame_or_for_none(running: Running) -> None:
    client = running.client
    await running.see()
    meant = await client.generate(prompt="for one", frame=FRAME, wait=30)
    stored = await client.generate(prompt="for none", show=False, wait=30)
    shows = {one.prompt: (one.frame, one.show) for one in (await client.operations()).generations}
    assert shows["for one"] == (FRAME, True)
    assert shows["for none"] == (None, False)
    assert meant.picture_id != stored.picture_id


# The prompt book


@pytest.mark.parametrize(
    ("changes", "becomes"),
    [
        ({"prompt": "two [[what]]s"}, {"prompt": "two [[what]]s"}),
        ({"negative": "birds"}, {"negative": "birds"}),
        ({"negative": None}, {"negative": None}),
        ({"placeholders": {"what": ["bird", "fish"]}}, {"placeholders": {"what": ("bird", "fish")}}),
        ({"placeholders": None}, {"placeholders": {}}),
        ({"enabled": False}, {"enabled": False}),
        ({"enabled": True, "negative": KEEP, "placeholders": KEEP, "prompt": KEEP}, {}),
    ],
)
async def test_what_is_not_named_stays_as_it_is_and_none_takes_away(
    running: Running, changes: dict[str, str | bool | Keep | None], becomes: dict[str, object]
) -> None:
    added = await running.client.add_prompt(
        prompt="a [[what]]", negative="dogs", placeholders={"what": ["cat"]}, enabled=True
    )
    edited = await running.client.edit_prompt(added.prompt.id, **changes)  # type: ignore[arg-type]
    wanted = {**SETTLED, **becomes}
    assert {name: getattr(edited, name) for name in wanted} == wanted
    assert await running.client.prompt(added.prompt.id) == edited


async def test_a_full_book_says_which_prompts_left(running: Running) -> None:
    book = await running.client.prompts()
    for number in range(book.limit - len(book.prompts)):
        assert (await running.client.add_prompt(prompt=f"number {number}")).removed == ()
    added = await running.client.add_prompt(prompt="one more")
    assert [prompt.id for prompt in added.removed] == [book.prompts[0].id]


async def test_prompts_move_and_their_ids_stay(running: Running) -> None:
    (first,) = (await running.client.prompts()).prompts
    second = (await running.client.add_prompt(prompt="second")).prompt
    moved = await running.client.move_prompt(second.id, idx=1)
    assert [(prompt.id, prompt.idx) for prompt in moved] == [(second.id, 1), (first.id, 2)]
    assert (await running.client.remove_prompt(first.id)).prompt == first.prompt


async def test_lists_for_all_prompts_are_put_in_place_of_the_old_ones(running: Running) -> None:
    assert await running.client.placeholders() == {}
    await running.client.set_placeholders({"what": ["cat"], "where": ["here"]})
    assert await running.client.set_placeholders({"what": ("dog",)}) == {"what": ("dog",)}
    preview = await running.client.preview_prompt(prompt="a [[what]] [[nothing]]", times=2)
    assert [text.prompt for text in preview.texts] == ["a dog [[nothing]]"] * 2
    assert [finding.placeholder for finding in preview.findings] == ["nothing"]
    assert preview.fits == {"ydArt": True}


# Stored pictures


async def test_pictures_are_found_page_by_page(running: Running) -> None:
    client = running.client
    for number in range(3):
        await client.push_image(pictures.jpeg(seed=number))
    everything = await client.search_images()
    assert everything.total == 3
    page = await client.search_images(PictureQuery(order=PictureOrder.OLDEST, offset=1, limit=1))
    assert (page.total, page.pictures) == (3, everything.pictures[1:2])
    await client.set_favourite(page.pictures[0].id, favourite=True)
    assert (await client.search_images(PictureQuery(favourite=True))).total == 1
    assert (await client.search_images(PictureQuery(favourite=False))).total == 2
    await client.set_favourite(page.pictures[0].id, favourite=False)
    assert (await client.search_images(PictureQuery(favourite=True))).total == 0
    assert (await client.search_images(PictureQuery(provider="nobody"))).pictures == ()


async def test_a_deleted_picture_is_found_among_the_deleted_ones_and_comes_back(
    running: Running, clock: ManualClock
) -> None:
    things = await furnish(running)
    deleted = await running.client.delete_image(things.picture)
    assert deleted.deleted_at == clock.now()
    assert (await running.client.search_images()).total == 0
    assert (await running.client.search_images(PictureQuery(deleted=True))).total == 1
    assert (await running.client.restore_image(things.picture)).deleted_at is None
    assert (await running.client.search_images()).total == 1


async def test_a_picture_knows_who_has_shown_it(running: Running) -> None:
    things = await furnish(running)
    picture = await running.client.image(things.picture)
    assert [(one.frame, one.shown) for one in picture.shown_by] == [(FRAME, 1)]
    assert picture.shown_at == picture.shown_by[0].shown_at


async def test_a_picture_that_is_sent_is_kept_or_shown_once(running: Running) -> None:
    await running.client.change_settings(paused=True)
    await running.see()
    kept = await running.client.push_image(pictures.jpeg(seed=1))
    assert kept.picture is not None
    assert (kept.picture.provider, kept.frame) == ("push", None)
    once = await running.client.push_image(pictures.jpeg(seed=2), keep=False, frame=FRAME)
    assert (once.picture, once.frame) == (None, FRAME)
    content = (await running.see()).content
    assert content is not None
    assert content.kind.value == ContentKind.PASSING
    shown = await running.client.frame(FRAME)
    assert shown.content is not None
    assert shown.content.kind is ContentKind.PASSING
    assert (await running.client.search_images()).total == 1


async def test_a_picture_can_be_chosen_to_be_next(running: Running) -> None:
    await running.client.change_settings(paused=True)
    await running.see()
    ids = []
    for number in range(3):
        picture = (await running.client.push_image(pictures.jpeg(seed=number))).picture
        assert picture is not None
        ids.append(picture.id)
    for picture_id in ids:
        shown = await running.client.show_image(picture_id, frame=FRAME)
        assert shown.picture is not None
        assert (shown.picture.id, shown.frame) == (picture_id, FRAME)
        content = (await running.see()).content
        assert content is not None
        assert str(content.picture_id) == picture_id
        frame_sees = await running.client.frame_picture(FRAME)
        assert frame_sees.data == (await running.client.frame_image(picture_id)).data
    assert (await running.client.show_image(ids[0])).frame is None


async def test_pictures_come_in_three_sizes(running: Running) -> None:
    things = await furnish(running)
    sizes = [
        await running.client.original(things.picture),
        await running.client.frame_image(things.picture),
        await running.client.thumbnail(things.picture),
    ]
    assert len({one.data for one in sizes}) == len({one.etag for one in sizes}) >= 2
    assert {one.content_type for one in sizes} == {"image/jpeg"}
    assert all(one.data.startswith(b"\xff\xd8") for one in sizes)


# Frames, providers, settings


async def test_a_frame_gets_a_name_loses_it_and_is_forgotten(running: Running) -> None:
    await furnish(running)
    client = running.client
    assert (await client.rename_frame(FRAME, "Кухня")).name == "Кухня"
    assert [frame.name for frame in await client.frames()] == ["Кухня"]
    assert (await client.rename_frame(FRAME, None)).name is None
    await client.forget_frame(FRAME)
    assert await client.frames() == ()
    with pytest.raises(NotFoundError):
        await client.frame(FRAME)


async def test_a_provider_is_switched_and_limited_each_by_itself(running: Running) -> None:
    client = running.client
    limited = await client.change_provider("ydArt", daily_limit=5)
    assert (limited.enabled, limited.daily_limit, limited.left_today) == (True, 5, 5)
    off = await client.change_provider("ydArt", enabled=False)
    assert (off.ready, off.reason, off.daily_limit) == (False, ProviderReason.DISABLED, 5)
    assert await client.providers() == (off,)
    unlimited = await client.change_provider("ydArt", daily_limit=0, enabled=True)
    assert (unlimited.enabled, unlimited.daily_limit, unlimited.left_today) == (True, 0, None)
    assert (await client.retry_provider("ydArt")).reason is None


async def test_settings_change_each_by_itself(running: Running) -> None:
    client = running.client
    assert (await client.status()).state is State.WAITING
    await client.change_settings(paused=True)
    await client.change_settings(image_generate_threshold=2.5)
    status = await client.status()
    assert (status.state, status.settings.paused) == (State.PAUSED, True)
    assert status.settings.image_generate_threshold == 2.5
    known = {setting.path: setting for setting in (await client.settings()).settings}
    assert known["paused"].source is SettingSource.RUN_TIME
    assert known["paused"].value is True
    assert {one.path for one in (await client.change_settings(paused=False)).settings} == known.keys()
    assert not (await client.status()).settings.paused


async def test_the_past_can_be_asked_for(running: Running, clock: ManualClock) -> None:
    await furnish(running)
    history = await running.client.history(days=2)
    today = clock.now().date()
    assert [day.date for day in history.days] == [today - timedelta(days=1), today]
    assert history.days[1].providers["ydArt"].success == 1
    assert len(history.hours) == 48
    assert len((await running.client.history()).days) == 14


async def test_the_log_can_be_asked_for_by_level_and_length(running: Running) -> None:
    running.house.server.problems.report("disk", "The disk is full.", remedy="Make room.")
    lines = await running.client.log(LogLevel.WARNING, limit=1)
    assert {line.level for line in lines} <= {"WARNING", "ERROR"}
    assert len(await running.client.log()) >= len(lines)


async def test_a_client_goes_on_with_the_token_that_it_renewed(
    running: Running, session: ClientSession
) -> None:
    token = await running.client.renew_token()
    assert token == running.house.server.installation.token
    assert (await running.client.info()).api_version == 1
    assert not session.closed
