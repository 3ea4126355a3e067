"""Home Assistant's media browser, as its page asks over the WebSocket and HTTP."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import async_browse_media
from homeassistant.setup import async_setup_component

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

ROOT = "media-source://aiframes"


class RefusedError(Exception):
    """What the page is told instead of an answer."""


class Browser:
    """A page that is logged in."""

    def __init__(self, page: MockHAClientWebSocket) -> None:
        self._page = page

    async def browse(self, media_content_id: str = ROOT) -> dict[str, Any]:
        return await self._ask("media_source/browse_media", media_content_id=media_content_id)

    async def folder(self, *titles: str) -> dict[str, Any]:
        """Go down from the top, by what is written on the folders."""
        found = await self.browse()
        for title in titles:
            (child,) = (one for one in found["children"] if one["title"] == title)
            assert child["can_expand"]
            found = await self.browse(child["media_content_id"])
        return found

    async def search(self, text: str, media_content_id: str = ROOT, **more: Any) -> list[dict[str, Any]]:
        answer = await self._ask(
            "media_source/search_media", media_content_id=media_content_id, search_query=text, **more
        )
        found: list[dict[str, Any]] = answer["result"]
        return found

    async def resolve(self, media_content_id: str) -> dict[str, Any]:
        return await self._ask("media_source/resolve_media", media_content_id=media_content_id)

    async def _ask(self, kind: str, **data: Any) -> dict[str, Any]:
        await self._page.send_json_auto_id({"type": kind, **data})
        answer = await self._page.receive_json()
        if not answer["success"]:
            raise RefusedError(answer["error"]["message"])
        found: dict[str, Any] = answer["result"]
        return found


async def open_browser(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Browser:
    """Log in."""
    assert await async_setup_component(hass, "media_source", {})
    # Sources are loaded when they are asked first, and add addresses then, which the test's server takes
    # only before it serves.
    with suppress(BrowseError):
        await async_browse_media(hass, ROOT)
    return Browser(await hass_ws_client())


def titles(found: dict[str, Any]) -> list[str]:
    """Return what is written on the children."""
    return [child["title"] for child in found["children"]]
