"""The stored pictures in the media browser: every folder, page, thumbnail and word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import media_source
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aiframes.media_place import PAGE
from tests.bench.pictures_on_disk import fill
from tests.integration.browsing import ROOT, RefusedError, open_browser, titles
from tests.integration.conftest import DOMAIN, RealServer
from tests.integration.relay import set_up_behind_relay
from tests.integration.watching import until_drawn, until_state
from tests.pictures import jpeg
from tests.processes import READY, run_server

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

    from tests.integration.browsing import Browser

NO_PROVIDER = "disabled_providers: [builtin]\n"
SMALL = """
disabled_providers: [builtin]
image_amount_min: 1
image_amount_max: 3
original_image_amount_min: 10
original_image_amount_max: 20
"""


@pytest.fixture
async def browser(
    hass: HomeAssistant,
    loaded: MockConfigEntry,  # noqa: ARG001 - browsed
    hass_ws_client: WebSocketGenerator,
) -> Browser:
    return await open_browser(hass, hass_ws_client)


async def test_one_server_shows_its_folders_at_once(
    hass: HomeAssistant, loaded: MockConfigEntry, browser: Browser
) -> None:
    await until_drawn(hass, loaded)
    found = await browser.browse()
    assert found["title"] == loaded.title
    assert titles(found) == ["All pictures", "Built-in pictures"]
    for child in found["children"]:
        assert (child["media_class"], child["can_expand"], child["can_play"]) == ("directory", True, False)
        assert (child["can_search"], child["search_media_classes"]) == (True, ["image"])
        assert child["thumbnail"] == f"/api/aiframes/{loaded.unique_id}/1/thumbnail"

    found = await browser.folder("All pictures")
    (picture,) = found["children"]
    assert picture["title"] == "test"
    assert picture["media_content_id"] == f"{ROOT}/{loaded.unique_id}/1"
    assert (picture["media_class"], picture["media_content_type"]) == ("image", "image/jpeg")
    assert (picture["can_expand"], picture["can_play"]) == (False, False)
    assert found["children_media_class"] == "image"
    assert (await browser.browse(picture["media_content_id"]))["title"] == "test"


@pytest.mark.parametrize("options", [SMALL])
async def test_favourites_the_archive_and_what_people_sent_have_folders(
    loaded: MockConfigEntry, browser: Browser
) -> None:
    assert titles(await browser.browse()) == []
    client = loaded.runtime_data.client
    pushed = [await client.push_image(jpeg(320, 480, seed=seed)) for seed in range(4)]
    assert pushed[0].picture is not None
    await client.set_favourite(pushed[0].picture.id, favourite=True)
    await client.push_image(jpeg(320, 480, seed=9))
    assert titles(await browser.browse()) == ["All pictures", "Favourites", "Archive", "Sent by people"]
    (favourite,) = (await browser.folder("Favourites"))["children"]
    assert favourite["media_content_id"].endswith(f"/{pushed[0].picture.id}")
    archived = (await browser.folder("Archive"))["children"]
    assert 0 < len(archived) < 5
    assert len((await browser.folder("All pictures"))["children"]) == 5
    assert len((await browser.folder("Sent by people"))["children"]) == 5


async def test_folders_are_called_in_the_language_of_the_home(
    hass: HomeAssistant, loaded: MockConfigEntry, browser: Browser
) -> None:
    hass.config.language = "ru"
    await until_drawn(hass, loaded)
    assert titles(await browser.browse())[0] == "Все картинки"


async def test_a_long_prompt_is_shortened_to_one_line(
    hass: HomeAssistant, server: RealServer, browser: Browser
) -> None:
    prompt = "a lighthouse\nby the sea, " * 20
    await hass.async_add_executor_job(server.ask, "/api/v1/operations", {"prompt": prompt, "wait": 20})
    title = titles(await browser.folder("All pictures"))[0]
    assert len(title) == 120
    assert title.startswith("a lighthouse by the sea, a lighthouse")
    assert title.endswith("…")


class TestPages:
    @pytest.fixture
    def options(self) -> str:
        return NO_PROVIDER

    @pytest.fixture(autouse=True)
    def _many(self, tmp_path: Path) -> None:
        fill(tmp_path / "images", 2 * PAGE + 10, scaled=True)

    async def test_many_pictures_are_put_into_pages(
        self, hass: HomeAssistant, loaded: MockConfigEntry, browser: Browser
    ) -> None:
        await until_state(hass, loaded, "sensor", "stored_pictures", str(2 * PAGE + 10))
        found = await browser.folder("All pictures")
        today = datetime.now().astimezone().date()
        assert titles(found) == [f"1–250 · {today}", f"251–500 · {today}", f"501–510 · {today}"]
        shown: list[str] = []
        for child, count in zip(found["children"], (PAGE, PAGE, 10), strict=True):
            assert child["can_expand"]
            pictures = (await browser.browse(child["media_content_id"]))["children"]
            assert child["thumbnail"] == pictures[0]["thumbnail"]
            assert len(pictures) == count
            shown += [picture["media_content_id"] for picture in pictures]
        assert len(set(shown)) == 2 * PAGE + 10
        assert (await browser.browse(f"{ROOT}/{loaded.unique_id}/all/9"))["children"] == []


async def test_several_servers_are_folders_of_their_own(
    hass: HomeAssistant, loaded: MockConfigEntry, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    async with run_server(tmp_path / "other", options=NO_PROVIDER) as process:
        await process.said(READY)
        other = RealServer(process, tmp_path / "other")
        unique_id = await hass.async_add_executor_job(lambda: other.installation_id)
        entry = MockConfigEntry(domain=DOMAIN, title="Attic", unique_id=unique_id, data=other.entry_data)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert titles(await browser.browse()) == [loaded.title, "Attic"]
        assert titles(await browser.folder("Attic")) == []
        with pytest.raises(RefusedError, match="earch"):
            await browser.search("test")
        await hass.config_entries.async_unload(entry.entry_id)
    assert titles(await browser.browse())[0] == "All pictures"


async def test_pictures_are_found_by_words_of_their_prompts(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry, browser: Browser
) -> None:
    for prompt in ("a red fox in the snow", "a white fox", "a lighthouse"):
        await hass.async_add_executor_job(server.ask, "/api/v1/operations", {"prompt": prompt, "wait": 20})
    assert [found["title"] for found in await browser.search("FOX snow")] == ["a red fox in the snow"]
    folder = await browser.folder("Built-in pictures")
    found = await browser.search("fox", folder["media_content_id"])
    assert [one["title"] for one in found] == ["a white fox", "a red fox in the snow"]
    assert await browser.search("fox", f"{ROOT}/{loaded.unique_id}/favourites") == []
    assert await browser.search("fox", media_filter_classes=["music"]) == []
    assert len(await browser.search("fox", media_filter_classes=["image", "music"])) == 2


async def test_a_thumbnail_is_small_and_kept_by_browsers(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    browser: Browser,
    hass_client: ClientSessionGenerator,
) -> None:
    await until_drawn(hass, loaded)
    (picture,) = (await browser.folder("All pictures"))["children"]
    page = await hass_client()
    async with page.get(picture["thumbnail"]) as answer:
        assert (answer.status, answer.content_type) == (HTTPStatus.OK, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
        tag, small = answer.headers["ETag"], await answer.read()
    async with page.get(picture["thumbnail"].replace("thumbnail", "original")) as answer:
        assert len(await answer.read()) > len(small)
    async with page.get(picture["thumbnail"], headers={"If-None-Match": tag}) as answer:
        assert answer.status == HTTPStatus.NOT_MODIFIED
        assert (answer.headers["ETag"], await answer.read()) == (tag, b"")


async def test_a_picture_is_resolved_to_its_original_for_whoever_was_given_the_address(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    browser: Browser,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    await until_drawn(hass, loaded)
    media = await browser.resolve(f"{ROOT}/{loaded.unique_id}/1")
    assert media["mime_type"] == "image/jpeg"
    stranger = await hass_client_no_auth()
    async with stranger.get(media["url"]) as answer:
        (original,) = (server.root / "images" / "original").iterdir()
        assert await answer.read() == original.read_bytes()
    for refused in (media["url"].split("?")[0], media["url"].replace("/original", "/thumbnail")):
        async with stranger.get(refused) as answer:
            assert answer.status == HTTPStatus.UNAUTHORIZED


async def test_only_what_there_is_can_be_fetched(
    hass: HomeAssistant, loaded: MockConfigEntry, browser: Browser, hass_client: ClientSessionGenerator
) -> None:
    await until_drawn(hass, loaded)
    await browser.browse()
    page = await hass_client()
    server = loaded.unique_id
    statuses = {}
    for path in (
        f"{server}/0/original",
        f"{server}/01/original",
        f"{server}/1%2F2/original",
        f"{server}/1/frame",
        f"{server}/1/original/",
        f"{server}/99/original",
        f"{server}/99/thumbnail",
        "nobody/1/original",
    ):
        async with page.get(f"/api/aiframes/{path}") as answer:
            statuses[path] = answer.status
    assert statuses == dict.fromkeys(statuses, HTTPStatus.NOT_FOUND)


async def test_what_nobody_wrote_is_refused_in_words(loaded: MockConfigEntry, browser: Browser) -> None:
    for rest in ("0", "everything", "all/x", "by"):
        told = re.escape(f"There is no picture or folder {loaded.unique_id}/{rest}")
        for ask in (browser.browse, browser.resolve):
            with pytest.raises(RefusedError, match=told):
                await ask(f"{ROOT}/{loaded.unique_id}/{rest}")


async def test_folders_and_pictures_that_are_gone_resolve_to_nothing(
    loaded: MockConfigEntry, browser: Browser
) -> None:
    with pytest.raises(RefusedError, match="no picture or folder"):
        await browser.resolve(f"{ROOT}/{loaded.unique_id}/all")
    with pytest.raises(RefusedError, match="99"):
        await browser.resolve(f"{ROOT}/{loaded.unique_id}/99")


async def test_a_server_that_is_away_or_not_set_up_is_told_as_such(
    hass: HomeAssistant,
    server: RealServer,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> None:
    picture = f"{ROOT}/{entry.unique_id}/1"
    async with set_up_behind_relay(hass, entry, server.process) as relay:
        browser = await open_browser(hass, hass_ws_client)
        await until_drawn(hass, entry)
        page = await hass_client()
        relay.close()
        for ask in (browser.browse(), browser.search("test"), browser.resolve(picture)):
            with pytest.raises(RefusedError, match="can't be reached"):
                await ask
        async with page.get(f"/api/aiframes/{entry.unique_id}/1/thumbnail") as answer:
            assert answer.status == HTTPStatus.BAD_GATEWAY
        relay.is_open = True
        assert titles(await browser.browse())[0] == "All pictures"
    for ask in (browser.browse(), browser.browse(picture), browser.resolve(picture)):
        with pytest.raises(RefusedError, match="not set up here, or is not ready"):
            await ask
    async with page.get(f"/api/aiframes/{entry.unique_id}/1/thumbnail") as answer:
        assert answer.status == HTTPStatus.NOT_FOUND


@dataclass
class MediaImage:
    """As Home Assistant has it since 2026.11."""

    content: bytes
    mime_type: str


async def test_home_assistant_can_take_a_picture_itself(
    hass: HomeAssistant,
    server: RealServer,
    loaded: MockConfigEntry,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await until_drawn(hass, loaded)
    await browser.browse()
    monkeypatch.setattr(media_source, "MediaImage", MediaImage, raising=False)
    item = media_source.MediaSourceItem.from_uri(hass, f"{ROOT}/{loaded.unique_id}/1", None)
    source: Any = await item._async_media_source()
    image = await source.async_get_media_image(item)
    (original,) = (server.root / "images" / "original").iterdir()
    assert (image.content, image.mime_type) == (original.read_bytes(), "image/jpeg")
