"""From what a frame is to be shown to the JPEG that it gets. There is always one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..exceptions import NoMemoryError, NotFoundError, PictureError, StateError, StoreError
from ..imaging import imaging
from ..models import Card, Content, ContentKind

if TYPE_CHECKING:
    from ..imaging.pool import ImagingPool
    from ..settings import FrameImage
    from ..store.store import Store

_LOGGER = logging.getLogger(__name__)

ATTEMPTS = 20
"""How many broken files in a row are stepped over before a card is shown."""


class Gallery:
    """Hands out pictures, and draws what no file holds."""

    def __init__(self, *, store: Store, pool: ImagingPool, frame_image: FrameImage) -> None:
        self._store = store
        self._pool = pool
        self._frame_image = frame_image
        self._drawn: dict[tuple[ContentKind, Card | None], bytes] = {}

    def apply(self, frame_image: FrameImage) -> None:
        """Take a new size, fit or panel."""
        if frame_image != self._frame_image:
            self._frame_image = frame_image
            self._drawn.clear()

    async def rotation(self, otherwise: Card) -> tuple[Content, bytes]:
        """Return the next picture of the rotation that can be shown; the card where there is none."""
        for _ in range(ATTEMPTS):
            try:
                picture = await self._store.next()
                if picture is None:
                    break
                image = await self._store.frame_jpeg(picture.id)
            except (NotFoundError, PictureError):
                continue  # The store has named it and will not offer it again.
            except NoMemoryError as error:
                _LOGGER.debug("Another picture is shown: %s", error)
                continue
            except (StoreError, StateError) as error:
                _LOGGER.debug("No picture from the store: %s", error)
                otherwise = Card.STORE_UNREADABLE
                break
            return Content(kind=ContentKind.PICTURE, picture_id=picture.id), image
        card = Content(kind=ContentKind.CARD, card=otherwise)
        return card, await self.jpeg(card)

    async def jpeg(self, content: Content) -> bytes:
        """Return the JPEG of a content.

        Raises:
            NotFoundError, PictureError, StoreError, StateError: A file that can't be had any more;
                never for what is drawn.
        """
        if content.picture_id is not None:
            return await self._store.frame_jpeg(content.picture_id)
        if content.passing is not None:
            return await self._store.passing_jpeg(content.passing)
        return await self._draw(content)

    async def _draw(self, content: Content) -> bytes:
        key = (content.kind, content.card)
        if key not in self._drawn:
            if content.card is not None:
                try:
                    image = await self._pool.run(_draw_card, content.card, self._frame_image)
                except (OSError, MemoryError) as error:  # its fonts are files, and not small
                    _LOGGER.debug("The card can't be drawn: %s", error)
                    return await self._draw(Content(kind=ContentKind.BLACK))
            else:
                image = await self._pool.run(imaging.black, self._frame_image)
            self._drawn[key] = image
        return self._drawn[key]


def _draw_card(card: Card, frame_image: FrameImage) -> bytes:
    from ..imaging.card import draw_card  # noqa: PLC0415 - fonts take 2 MB, and most servers never show a card

    return draw_card(card, frame_image)
