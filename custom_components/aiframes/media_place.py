"""Places in the media browser, and how they are written in a media content id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import quote, unquote

from .api import PictureQuery
from .const import DOMAIN

PAGE = 250
"""Pictures that are listed at once."""

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


class Folder(StrEnum):
    """What pictures are put together by."""

    ALL = "all"
    FAVOURITES = "favourites"
    ARCHIVE = "archive"
    PROVIDER = "by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server, a folder in it, a page of that, or a picture.

    Attributes:
        server: Its installation id.
        provider: Whose pictures, in that folder.
        page: Counted from 1; None is the whole folder.
        picture: Its id; then there is no folder.
    """

    server: str
    folder: Folder | None = None
    provider: str | None = None
    page: int | None = None
    picture: str | None = None

    @classmethod
    def parse(cls, identifier: str) -> Self:
        """Read what follows the domain in a media content id.

        Raises:
            ValueError: It is none of ours.
        """
        match identifier.split("/"):
            case [server]:
                return cls(server=server)
            case [server, picture] if _NUMBER.fullmatch(picture):
                return cls(server=server, picture=picture)
            case [server, Folder.PROVIDER, code, *page]:
                return cls(server=server, folder=Folder.PROVIDER, provider=unquote(code), page=_page(page))
            case [server, folder, *page] if folder != Folder.PROVIDER:
                return cls(server=server, folder=Folder(folder), page=_page(page))
        raise ValueError(identifier)

    @property
    def identifier(self) -> str:
        """The same as it is written."""
        code = None if self.provider is None else quote(self.provider, safe="")
        parts = (self.server, self.folder, code, self.page, self.picture)
        return "/".join(str(part) for part in parts if part is not None)

    def query(self, *, text: str | None = None, first: int = 0, limit: int = PAGE) -> PictureQuery:
        """Return what finds the pictures of this folder, from the newest on."""
        return PictureQuery(
            text=text,
            provider=self.provider,
            favourite=True if self.folder is Folder.FAVOURITES else None,
            archived=True if self.folder is Folder.ARCHIVE else None,
            offset=first,
            limit=limit,
        )


def media_content_id(server: str, picture: str) -> str:
    """Return what automations and the media browser know a picture by."""
    return f"media-source://{DOMAIN}/{Place(server=server, picture=picture).identifier}"


def _page(parts: list[str]) -> int | None:
    if not parts:
        return None
    if len(parts) > 1 or not _NUMBER.fullmatch(parts[0]):
        raise ValueError("/".join(parts))
    return int(parts[0])
