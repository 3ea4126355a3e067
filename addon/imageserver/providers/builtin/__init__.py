"""Draws pictures from the prompt's text alone: no account, no network, and something to see at once.

It is no artificial intelligence: words name a scene, an hour and a colour (`theme.py`), a painter paints it
(`mountains.py`, `sea.py`, ...). The same prompt gives the same family of pictures, and with the same seed
the same picture.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ...models import Size
from ..base import Capabilities, Defaults, Done, ImageProvider, PictureRequest, ProviderContext

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIXELS = 700_000
"""About as many a picture has: twice the width and height of a screen of 320 x 480, and quickly drawn."""


class Builtin(ImageProvider):
    """Draws by itself."""

    code = "builtin"
    title = "Built-in pictures"
    capabilities = Capabilities(seed=True, costs_money=False)
    defaults = Defaults(image_generate_threshold=0, daily_limit=0)

    def __init__(self, options: Mapping[str, Any], context: ProviderContext) -> None:
        """Take nothing but the screen's ratio and the source of chance."""
        super().__init__(options, context)
        self._size = picture_size(context.size)
        self._random = context.random

    async def submit(self, request: PictureRequest) -> Done:
        """Draw a picture; without a seed, another one each time."""
        seed = self._random.getrandbits(64) if request.seed is None else request.seed
        return Done(await asyncio.to_thread(self._draw, request.prompt or "", seed))

    def _draw(self, prompt: str, seed: int) -> bytes:
        from .drawing import draw  # noqa: PLC0415 - painters take 3 MB, for those alone who have no other provider

        return draw(prompt, seed=seed, size=self._size)


def picture_size(screen: Size) -> Size:
    """Return the size of pictures for a screen: of its ratio, at most twice as large."""
    scale = min(2.0, (_PIXELS / (screen.width * screen.height)) ** 0.5)
    return Size(max(1, round(screen.width * scale)), max(1, round(screen.height * scale)))
