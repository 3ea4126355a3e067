"""The action that shows a picture: what Home Assistant has reaches the frame, or an error says why not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, override
from unittest.mock import AsyncMock, Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.components.media_source import (
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    async_browse_media,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
    mock_platform,
)

from tests.integration.acting import act, act_silently, another_server, first_picture, refused, until
from tests.integration.conftest import DOMAIN, RealServer
from tests.pictures import jpeg
from tests.simulators.frame import Frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

DOOR = "media-source://media_source/local/door.jpg"
LARGE = 20 * 1024 * 1024 + 1


@dataclass(frozen=True, slots=True)
class Home:
    """Home Assistant's media folder, and what the server has become of it."""

    hass: HomeAssistant
    server: RealServer
    media: Path

    @property
    def stored(self) -> list[dict[str, Any]]:
        """The server's pictures, newest first."""
        found: list[dict[str, Any]] = self.server.ask("/api/v1/images/search", {})["pictures"]
        return found

    async def shown(self, *, source: str = "127.0.0.1") -> dict[str, Any]:
        """Let a frame ask, and return what it is shown."""
        port = self.server.process.https_port
        await Frame("127.0.0.1", port, source=source, sleep=lambda _: asyncio.sleep(0)).show(polls=200)
        content: dict[str, Any] = self.server.ask(f"/api/v1/frames/{source}")["content"]
        return content

    async def camera(self, file: str) -> str:
        """Set up a camera that sees what is in a file, and return its media content id."""
        self.hass.config.allowlist_external_dirs = {str(self.media)}
        entry = MockConfigEntry(
            domain="local_file",
            title="Door",
            options={"name": "Door", "file_path": str(self.media / file)},
        )
        entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()
        return "media-source://camera/camera.door"


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Home Assistant's media folder, which it learns of before it is set up."""
    media = tmp_path / "media"
    media.mkdir()
    (media / "door.jpg").write_bytes(jpeg())
    hass.config.media_dirs = {"local": str(media)}
    return media


@pytest.fixture
async def home(hass: HomeAssistant, server: RealServer, media: Path, loaded: MockConfigEntry) -> Home:
    await first_picture(hass, loaded)
    return Home(hass, server, media)


async def test_a_file_of_the_media_folder_is_shown_once_and_forgotten(home: Home) -> None:
    shown = await act(home.hass, "show_image", media=DOOR)
    assert shown == {"image_id": None, "frame": None}
    assert len(home.stored) == 1
    assert (await home.shown())["kind"] == "passing"
    assert (await home.shown())["kind"] == "picture"


async def test_what_is_kept_is_shown_now_and_again(home: Home) -> None:
    picked = {"media_content_id": DOOR, "media_content_type": "image/jpeg", "metadata": {"title": "Door"}}
    shown = await act(home.hass, "show_image", media=picked, keep=True)
    kept = home.stored[0]
    assert (kept["id"], kept["provider"]) == (shown["image_id"], "push")
    assert (await home.shown())["picture_id"] == kept["id"]


@pytest.mark.parametrize("keep", [True, False])
async def test_the_frame_that_is_named_shows_it(home: Home, *, keep: bool) -> None:
    await home.shown()
    await home.shown(source="127.0.0.2")
    await until(home.hass, lambda: len(_frames(home)) == 2)
    media = DOOR
    shown = await act(home.hass, "show_image", media=media, keep=keep, frame="127.0.0.2")
    assert shown["frame"] == "127.0.0.2"
    passing = {"kind": "passing", "picture_id": None, "card": None}
    sent = {"kind": "picture", "picture_id": shown["image_id"], "card": None} if keep else passing
    assert await home.shown(source="127.0.0.1") != passing
    assert await home.shown(source="127.0.0.2") == sent


async def test_a_camera_and_an_image_entity_will_do(home: Home) -> None:
    camera = await home.camera("door.jpg")
    await act_silently(home.hass, "show_image", media=camera)
    assert (await home.shown())["kind"] == "passing"
    unique_id = f"{home.server.installation_id}_last_picture"
    image = er.async_get(home.hass).async_get_entity_id("image", DOMAIN, unique_id)
    await act_silently(home.hass, "show_image", media=f"media-source://image/{image}")
    assert (await home.shown())["kind"] == "passing"


async def test_a_stored_one_goes_by_its_id_or_its_place_in_the_media_browser(home: Home) -> None:
    (picture,) = home.stored
    for data in (
        {"image_id": picture["id"]},
        {"media": f"media-source://{DOMAIN}/{home.server.installation_id}/{picture['id']}"},
    ):
        shown = await act(home.hass, "show_image", **data)
        assert shown == {"image_id": picture["id"], "frame": None}
        assert (await home.shown())["picture_id"] == picture["id"]
    assert len(home.stored) == 1


class TestOverHttp:
    """What has no path is fetched from Home Assistant itself."""

    @pytest.fixture
    async def second(self, hass: HomeAssistant, tmp_path: Path) -> AsyncIterator[RealServer]:
        async with another_server(hass, tmp_path / "second") as (server, _):
            yield server

    @pytest.fixture(autouse=True)
    async def _listening(self, home: Home, hass_client: ClientSessionGenerator) -> None:
        # Aiohttp's test server takes no more paths once it runs; Home Assistant's own does.
        await async_browse_media(home.hass, f"media-source://{DOMAIN}")
        client = await hass_client()
        home.hass.config.internal_url = str(client.make_url("")).rstrip("/")

    async def test_a_picture_of_another_server_is_shown(
        self, home: Home, loaded: MockConfigEntry, second: RealServer
    ) -> None:
        (picture,) = second.ask("/api/v1/images/search", {})["pictures"]
        media = f"media-source://{DOMAIN}/{second.installation_id}/{picture['id']}"
        await act_silently(home.hass, "show_image", config_entry_id=loaded.entry_id, media=media)
        assert (await home.shown())["kind"] == "passing"

    async def test_one_that_is_not_there_is_said_so(
        self, home: Home, loaded: MockConfigEntry, second: RealServer
    ) -> None:
        media = f"media-source://{DOMAIN}/{second.installation_id}/4711"
        with refused("picture_unreadable", invalid=False):
            await act(home.hass, "show_image", config_entry_id=loaded.entry_id, media=media)


class Shelf(MediaSource):
    """A media source of somebody else, whose pictures are at another machine."""

    def __init__(self, address: str) -> None:
        super().__init__("shelf")
        self.address = address

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        return PlayMedia(f"{self.address}/{item.identifier}", "image/jpeg")


class TestElsewhere:
    """Media may be anywhere; what is too large is not waited for to its end."""

    @pytest.fixture(autouse=True)
    async def _elsewhere(self, hass: HomeAssistant, home: Home) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_static("/", home.media)
        async with TestServer(app) as server:
            shelf = Shelf(str(server.make_url("")).rstrip("/"))
            mock_integration(hass, MockModule("shelf"))
            mock_platform(
                hass, "shelf.media_source", Mock(async_get_media_source=AsyncMock(return_value=shelf))
            )
            assert await async_setup_component(hass, "shelf", {})
            yield

    async def test_a_picture_is_shown(self, home: Home) -> None:
        await act_silently(home.hass, "show_image", media="media-source://shelf/door.jpg")
        assert (await home.shown())["kind"] == "passing"

    async def test_one_that_is_not_there_is_said_so(self, home: Home) -> None:
        with refused("picture_unreadable", "404 Not Found", invalid=False):
            await act(home.hass, "show_image", media="media-source://shelf/none.jpg")

    async def test_what_is_too_large_is_not_sent(self, home: Home) -> None:
        with (home.media / "large.jpg").open("wb") as file:
            file.truncate(2 * LARGE)
        with refused("picture_too_large", "20 MB"):
            await act(home.hass, "show_image", media="media-source://shelf/large.jpg")


class TestRefused:
    @pytest.mark.parametrize("data", [{}, {"image_id": ""}, {"image_id": "1", "media": "media-source://x/y"}])
    async def test_exactly_one_picture_is_wanted(self, home: Home, data: dict[str, Any]) -> None:
        with refused("which_image"):
            await act(home.hass, "show_image", **data)

    @pytest.mark.parametrize(
        ("media", "reason"),
        [
            ("media-source://media_source/local/none.jpg", "none.jpg"),
            ("media-source://media_source/elsewhere/door.jpg", "Unknown source directory"),
            ("media-source://nowhere/door.jpg", "nowhere"),
            ("https://example.com/door.jpg", "media source URI"),
            ("media-source://camera/camera.door", "There is no camera"),
            ("media-source://image/image.none", "image.none"),
        ],
    )
    async def test_what_is_not_there_is_said_so(self, home: Home, media: str, reason: str) -> None:
        with refused("picture_unreadable", reason, invalid=False):
            await act(home.hass, "show_image", media=media)

    async def test_a_camera_that_sees_nothing_is_said_so(self, home: Home) -> None:
        camera = await home.camera("door.jpg")
        (home.media / "door.jpg").unlink()
        with refused("picture_unreadable", invalid=False):
            await act(home.hass, "show_image", media=camera)
        with refused("picture_unreadable", "Camera not found", invalid=False):
            await act(home.hass, "show_image", media="media-source://camera/camera.window")

    async def test_what_is_no_picture_is_refused_by_the_server(self, home: Home) -> None:
        (home.media / "notes.jpg").write_text("Not a picture")
        with refused("refused"):
            await act(home.hass, "show_image", media="media-source://media_source/local/notes.jpg")
        assert (await home.shown())["kind"] == "picture"

    @pytest.mark.parametrize("from_camera", [True, False])
    async def test_what_is_too_large_is_not_sent(self, home: Home, *, from_camera: bool) -> None:
        with (home.media / "large.jpg").open("wb") as file:
            file.truncate(LARGE)
        media = "media-source://media_source/local/large.jpg"
        if from_camera:
            media = await home.camera("large.jpg")
        with refused("picture_too_large", "20 MB"):
            await act(home.hass, "show_image", media=media)

    async def test_one_that_the_server_does_not_have_is_said_so(self, home: Home) -> None:
        place = f"media-source://{DOMAIN}/{home.server.installation_id}/4711"
        found: tuple[dict[str, Any], ...] = ({"image_id": "4711"}, {"media": place})
        for data in found:
            with refused("not_found"):
                await act(home.hass, "show_image", **data)


def _frames(home: Home) -> list[str]:
    (entry,) = home.hass.config_entries.async_loaded_entries(DOMAIN)
    return [frame.id for frame in entry.runtime_data.data.frames]
