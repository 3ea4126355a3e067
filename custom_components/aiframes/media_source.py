"""The stored pictures in Home Assistant's media browser, and where others find them by their ids."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, override

from homeassistant.components.media_player import BrowseError, MediaClass, SearchMedia
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .failures import translated
from .media_nodes import folder_node, folder_nodes, page_nodes, picture_node, picture_nodes
from .media_place import PAGE, Folder, Place
from .picture_view import CONTENT_TYPE, ORIGINAL, PictureView, loaded_entry, picture_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeassistant.components.media_player import SearchMediaQuery
    from homeassistant.components.media_source import MediaImage  # type: ignore[attr-defined]  # since 2026.11
    from homeassistant.core import HomeAssistant

    from .coordinator import AiframesConfigEntry
    from .media_nodes import Titles

PUSHED = "push"
"""The code that stands for people, where a picture was sent."""


async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
    """Offer the pictures, and serve their bytes."""
    hass.http.register_view(PictureView())
    return PictureSource(hass)


class PictureSource(MediaSource):
    """The pictures of every server that is set up."""

    name = "AIFrames ImageServer"

    def __init__(self, hass: HomeAssistant) -> None:
        """Ask nothing yet."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """List a folder."""
        place = self._place(item) if item.identifier else self._only_server()
        if place is None:
            return self._servers()
        entry = self._entry(place)
        with _raising(BrowseError, self.hass, entry):
            return await self._browse(entry, place)

    @override
    async def async_search_media(self, item: MediaSourceItem, query: SearchMediaQuery) -> SearchMedia:
        """Find pictures by words of their prompts, in the folder where somebody stands."""
        place = self._place(item) if item.identifier else self._only_server()
        if place is None:
            raise NotImplementedError  # Home Assistant says that here is nothing to search
        if query.media_filter_classes and MediaClass.IMAGE not in query.media_filter_classes:
            return SearchMedia(result=[])
        entry = self._entry(place)
        with _raising(BrowseError, self.hass, entry):
            page = await entry.runtime_data.client.search_images(place.query(text=query.search_query))
        return SearchMedia(result=picture_nodes(place.server, page.pictures))

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return where a picture is, in full size."""
        entry, picture = self._resolved(item)
        with _raising(Unresolvable, self.hass, entry):
            await entry.runtime_data.client.image(picture)
        return PlayMedia(picture_url(entry.runtime_data.installation_id, picture, ORIGINAL), CONTENT_TYPE)

    async def async_get_media_image(self, item: MediaSourceItem) -> MediaImage:
        """Return a picture itself, which Home Assistant asks for since 2026.11."""
        from homeassistant.components.media_source import (  # type: ignore[attr-defined]  # noqa: PLC0415
            MediaImage,
        )

        entry, picture = self._resolved(item)
        with _raising(Unresolvable, self.hass, entry):
            image = await entry.runtime_data.client.original(picture)
        return MediaImage(content=image.data, mime_type=CONTENT_TYPE)

    def _servers(self) -> BrowseMediaSource:
        entries = self.hass.config_entries.async_loaded_entries(DOMAIN)
        if not entries:
            raise BrowseError(translation_domain=DOMAIN, translation_key="no_server")
        servers = [folder_node(Place(server=str(entry.unique_id)), entry.title) for entry in entries]
        return folder_node(None, self.name, servers)

    def _only_server(self) -> Place | None:
        entries = self.hass.config_entries.async_loaded_entries(DOMAIN)
        return Place(server=str(entries[0].unique_id)) if len(entries) == 1 else None

    def _place(self, item: MediaSourceItem) -> Place:
        try:
            return Place.parse(item.identifier)
        except ValueError as error:
            raise BrowseError(
                translation_domain=DOMAIN,
                translation_key="no_such_media",
                translation_placeholders={"identifier": item.identifier},
            ) from error

    def _entry(self, place: Place) -> AiframesConfigEntry:
        entry = loaded_entry(self.hass, place.server)
        if entry is None:
            raise BrowseError(translation_domain=DOMAIN, translation_key="no_server")
        return entry

    def _resolved(self, item: MediaSourceItem) -> tuple[AiframesConfigEntry, str]:
        try:
            place = self._place(item)
            entry = self._entry(place)
        except BrowseError as error:
            raise _again(Unresolvable, error) from error
        if place.picture is None:
            raise Unresolvable(
                translation_domain=DOMAIN,
                translation_key="no_such_media",
                translation_placeholders={"identifier": item.identifier},
            )
        return entry, place.picture

    async def _browse(self, entry: AiframesConfigEntry, place: Place) -> BrowseMediaSource:
        client = entry.runtime_data.client
        if place.picture is not None:
            return picture_node(place.server, await client.image(place.picture))
        titles = await self._titles(entry)
        if place.folder is None:
            return folder_node(place, entry.title, await folder_nodes(client, place.server, titles))
        title = titles.get((place.folder, place.provider), place.provider or place.folder)
        if place.page is not None:
            first = (place.page - 1) * PAGE
            page = await client.search_images(place.query(first=first))
            return folder_node(place, title, picture_nodes(place.server, page.pictures))
        page = await client.search_images(place.query())
        if page.total > PAGE and page.pictures:
            return folder_node(place, title, await page_nodes(client, place, page.pictures[0], page.total))
        return folder_node(place, title, picture_nodes(place.server, page.pictures))

    async def _titles(self, entry: AiframesConfigEntry) -> Titles:
        """Return the names of all folders of a server, in their order."""
        texts = await async_get_translations(self.hass, self.hass.config.language, "common", {DOMAIN})
        prefix = f"component.{DOMAIN}.common.media_"
        titles: dict[tuple[Folder, str | None], str] = {
            (folder, None): texts[f"{prefix}{folder}"]
            for folder in (Folder.ALL, Folder.FAVOURITES, Folder.ARCHIVE)
        }
        for provider in entry.runtime_data.data.providers:
            titles[Folder.PROVIDER, provider.code] = provider.title
        titles[Folder.PROVIDER, PUSHED] = texts[f"{prefix}pushed"]
        return titles


@contextmanager
def _raising(
    kind: type[HomeAssistantError], hass: HomeAssistant, entry: AiframesConfigEntry
) -> Iterator[None]:
    try:
        with translated(hass, entry):
            yield
    except HomeAssistantError as error:
        raise _again(kind, error) from error


def _again[Error: HomeAssistantError](kind: type[Error], error: HomeAssistantError) -> Error:
    """Return the same error as the kind that Home Assistant expects here."""
    return kind(
        translation_domain=error.translation_domain,
        translation_key=error.translation_key,
        translation_placeholders=error.translation_placeholders,
    )
