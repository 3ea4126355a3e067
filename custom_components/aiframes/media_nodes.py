"""What the media browser lists: folders, their pages, and pictures."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import BrowseMediaSource
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .media_place import PAGE, Place
from .picture_view import CONTENT_TYPE, THUMBNAIL, picture_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .api import ImageServerClient, Picture
    from .media_place import Folder

type Titles = Mapping[tuple[Folder, str | None], str]
"""The names of a server's folders, by what is in them and whose it is."""

LONGEST_TITLE = 120
"""Characters; browsers show fewer."""


MOST_LISTED = 100_000
"""Pictures of a folder, whatever number a server says: each page costs a question."""


async def folder_nodes(client: ImageServerClient, server: str, titles: Titles) -> list[BrowseMediaSource]:
    """Return a server's folders, without empty ones, each with its newest picture."""
    found = []
    for (folder, provider), title in titles.items():
        place = Place(server=server, folder=folder, provider=provider)
        newest = (await client.search_images(place.query(limit=1))).pictures
        if newest:
            found.append(folder_node(place, title, newest=newest[0]))
    return found


async def page_nodes(
    client: ImageServerClient, folder: Place, newest: Picture, total: int
) -> list[BrowseMediaSource]:
    """Return a folder's pages, named by what is in them: from where to where, and of which days."""
    ends = [newest]
    total = min(total, MOST_LISTED)
    for first in [*range(PAGE, total, PAGE), total - 1]:
        # A folder that shrinks meanwhile has no such picture any more.
        ends += (await client.search_images(folder.query(first=first, limit=1))).pictures[:1]
    found = []
    for number, (start, end) in enumerate(pairwise(ends), 1):
        place = Place(server=folder.server, folder=folder.folder, provider=folder.provider, page=number)
        since, until = (f"{dt_util.as_local(picture.added_at):%Y-%m-%d}" for picture in (end, start))
        days = since if since == until else f"{since} – {until}"
        title = f"{(number - 1) * PAGE + 1}–{min(number * PAGE, total)} · {days}"
        found.append(folder_node(place, title, newest=start))
    return found


def folder_node(
    place: Place | None,
    title: str,
    children: Sequence[BrowseMediaSource] | None = None,
    *,
    newest: Picture | None = None,
) -> BrowseMediaSource:
    """Return a folder; without a place it is the one of all servers."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=place.identifier if place else None,
        media_class=MediaClass.DIRECTORY,
        media_content_type=CONTENT_TYPE,
        title=title,
        can_play=False,
        can_expand=True,
        can_search=place is not None,
        search_media_classes=[MediaClass.IMAGE] if place else None,
        children=children,
        thumbnail=picture_url(place.server, newest.id, THUMBNAIL) if place and newest else None,
    )


def picture_nodes(server: str, pictures: Iterable[Picture]) -> list[BrowseMediaSource]:
    """Return pictures, named by their prompts where they have any."""
    return [picture_node(server, picture) for picture in pictures]


def picture_node(server: str, picture: Picture) -> BrowseMediaSource:
    """Return one picture."""
    title = " ".join((picture.prompt or picture.name).split())
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=Place(server=server, picture=picture.id).identifier,
        media_class=MediaClass.IMAGE,
        media_content_type=CONTENT_TYPE,
        title=title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…",
        can_play=False,
        can_expand=False,
        thumbnail=picture_url(server, picture.id, THUMBNAIL),
    )
