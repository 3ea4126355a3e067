from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from custom_components.aiframes.api import (
    EventStream,
    Mistake,
    NotFoundError,
    PictureQuery,
    RequestRefusedError,
    TokenRefusedError,
)
from imageserver.web.attempts import Attempts
from imageserver.web.event_stream import StreamLimits
from tests import pictures
from tests.adapters import Script, scripted
from tests.contract.calls import furnish
from tests.contract.running import run
from tests.houses import FRAME
from tests.manual_clock import settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from aiohttp import ClientSession

    from custom_components.aiframes.api import ImageServerClient
    from tests.contract.running import Running
    from tests.manual_clock import ManualClock

WRONG = "canary-of-a-wrong-token"


async def _followed(client: ImageServerClient) -> None:
    async for _ in EventStream(client).follow():
        return


@pytest.mark.parametrize(
    "asking",
    [
        lambda client: client.info(),
        lambda client: client.generate(prompt="a cat"),
        lambda client: client.original("1"),
        lambda client: client.forget_frame(FRAME),
        lambda client: client.push_image(pictures.jpeg()),
        _followed,
    ],
)
async def test_a_wrong_token_is_told_apart(
    running: Running, asking: Callable[[ImageServerClient], Awaitable[object]]
) -> None:
    with pytest.raises(TokenRefusedError) as caught:
        await asking(running.another_client(token=WRONG))
    assert str(caught.value) == "The token is wrong"


async def test_a_token_that_was_renewed_elsewhere_is_refused_and_the_new_one_is_not(running: Running) -> None:
    other = running.another_client()
    new = await other.renew_token()
    assert (await other.info()).installation_id
    with pytest.raises(TokenRefusedError):
        await running.client.info()
    assert (await running.another_client(token=new).info()).installation_id


async def test_too_many_wrong_tokens_are_refused_for_a_while(running: Running, clock: ManualClock) -> None:
    stranger = running.another_client(token=WRONG)
    for _ in range(Attempts.FREE):
        with pytest.raises(TokenRefusedError):
            await stranger.info()
    crowd = [asyncio.create_task(stranger.info()) for _ in range(Attempts.WAITING + 1)]
    (turned_away,), held = await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
    error = turned_away.exception()
    assert isinstance(error, RequestRefusedError)
    assert (error.status, error.code, error.retry_after) == (429, "TooManyRequests", Attempts.LONGEST)
    while not all(task.done() for task in held):
        await settle()
        await clock.advance(Attempts.LONGEST)
    assert {type(task.exception()) for task in held} == {TokenRefusedError}


@pytest.mark.parametrize(
    "nobody", ["nobody", "", "..", "a/b", "../token", "%2e%2e", "?x=1", "#x", "кошка", "a b", "1;"]
)
async def test_what_does_not_exist_is_not_found_whatever_it_is_called(running: Running, nobody: str) -> None:
    client = running.client
    token = running.house.server.installation.token
    for asking in (
        client.operation(nobody),
        client.prompt(nobody),
        client.edit_prompt(nobody, enabled=False),
        client.remove_prompt(nobody),
        client.move_prompt(nobody, idx=1),
        client.image(nobody),
        client.original(nobody),
        client.frame_image(nobody),
        client.thumbnail(nobody),
        client.set_favourite(nobody, favourite=True),
        client.delete_image(nobody),
        client.restore_image(nobody),
        client.show_image(nobody),
        client.frame(nobody),
        client.rename_frame(nobody, "Kitchen"),
        client.forget_frame(nobody),
        client.frame_picture(nobody),
        client.change_provider(nobody, enabled=False),
        client.retry_provider(nobody),
    ):
        with pytest.raises(NotFoundError) as caught:
            await asking
        assert (caught.value.status, caught.value.code) == (404, "NotFound")
    assert running.house.server.installation.token == token


async def test_every_mistake_is_named_with_its_path(running: Running) -> None:
    with pytest.raises(RequestRefusedError) as caught:
        await running.client.add_prompt(
            prompt="a [[what]]", placeholders={"what": ["x" * 5000, ""]}, negative="n" * 3000
        )
    error = caught.value
    assert (error.status, error.code) == (400, "BadRequest")
    assert error.message in str(error)
    assert {mistake.path for mistake in error.details} >= {"negative"}
    assert all(isinstance(mistake, Mistake) and mistake.message for mistake in error.details)


@pytest.mark.parametrize(
    "asking",
    [
        lambda client: client.generate(negative="dogs"),
        lambda client: client.generate(wait=121),
        lambda client: client.operations(limit=501),
        lambda client: client.preview_prompt(prompt="x", times=51),
        lambda client: client.search_images(PictureQuery(limit=0)),
        lambda client: client.change_provider("ydArt"),
        lambda client: client.change_settings(),
        lambda client: client.change_settings(image_generate_threshold=-1),
        lambda client: client.history(days=0),
        lambda client: client.log(limit=0),
        lambda client: client.rename_frame(FRAME, "x" * 65),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(
    running: Running, asking: Callable[[ImageServerClient], Awaitable[object]]
) -> None:
    await furnish(running)
    with pytest.raises(RequestRefusedError) as caught:
        await asking(running.client)
    assert (caught.value.status, caught.value.code) == (400, "BadRequest")


async def test_why_no_picture_can_be_made_now_is_told(running: Running) -> None:
    await running.client.change_provider("ydArt", enabled=False)
    with pytest.raises(RequestRefusedError) as caught:
        await running.client.generate(provider="ydArt")
    assert (caught.value.status, caught.value.code) == (400, "StartError")
    assert "Disabled in the settings" in caught.value.message


async def test_why_a_prompt_is_not_kept_is_told(running: Running) -> None:
    (prompt,) = (await running.client.prompts()).prompts
    with pytest.raises(RequestRefusedError) as caught:
        await running.client.add_prompt(prompt=prompt.prompt)
    assert (caught.value.status, caught.value.code) == (400, "PromptError")


async def test_what_does_not_fit_the_state_of_things_is_a_conflict(running: Running) -> None:
    things = await furnish(running)
    await running.client.delete_image(things.picture)
    with pytest.raises(RequestRefusedError) as caught:
        await running.client.show_image(things.picture)
    assert (caught.value.status, caught.value.code) == (409, "Conflict")


async def test_what_is_no_picture_is_refused(running: Running) -> None:
    with pytest.raises(RequestRefusedError) as caught:
        await running.client.push_image(b"no picture")
    assert (caught.value.status, caught.value.code) == (422, "PictureError")


async def test_a_picture_that_is_too_large_is_refused(running: Running) -> None:
    with pytest.raises(RequestRefusedError) as caught:
        await running.client.push_image(bytes(20 * 1024 * 1024 + 1))
    assert (caught.value.status, caught.value.code) == (413, "TooLarge")


async def test_a_server_that_can_not_write_says_so_until_it_can(running: Running) -> None:
    state = running.house.server.state
    await state.run(lambda connection: connection.execute("ALTER TABLE notes RENAME TO gone"))
    with pytest.raises(RequestRefusedError) as caught:
        await running.client.change_settings(paused=True)
    assert (caught.value.status, caught.value.code) == (503, "StateError")
    assert caught.value.retry_after is None
    await state.run(lambda connection: connection.execute("ALTER TABLE gone RENAME TO notes"))
    assert (await running.client.change_settings(paused=True)).settings


async def test_a_stream_too_many_is_refused_for_a_while(
    tmp_path: Path, clock: ManualClock, session: ClientSession
) -> None:
    few = StreamLimits(subscribers=1)
    async with run(tmp_path, scripted(Script()), clock=clock, session=session, streams=few) as running:
        first = EventStream(running.client).follow()
        await anext(first)
        with pytest.raises(RequestRefusedError) as caught:
            await _followed(running.client)
        await first.aclose()
    assert (caught.value.status, caught.value.retry_after) == (429, 15.0)
