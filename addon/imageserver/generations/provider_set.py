"""The adapters of this installation, and the providers that are made of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..exceptions import ProviderError
from ..providers.base import ProviderContext
from .provider import Provider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from pathlib import Path
    from random import Random

    from aiohttp import ClientSession

    from ..exceptions import Mistake
    from ..models import Size
    from ..problems import Problems
    from ..providers.base import ImageProvider
    from ..settings import ProviderSettings, Settings
    from ..timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

UNUSABLE = "provider_unusable"
"""The problem with an adapter that can't be loaded or started; its subject is the code, or the file."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A provider, and what it was made from."""

    provider: Provider
    settings: ProviderSettings
    size: Size


def tell_unusable(problems: Problems, mistakes: Iterable[Mistake]) -> None:
    """Show which files in the configuration directory are no adapters, and why."""
    for mistake in mistakes:
        problems.report(
            UNUSABLE,
            f"{mistake}.",
            remedy="Mend the file, then restart the server.",
            subject=mistake.path,
        )


class ProviderSet:
    """Makes a provider of each adapter, and makes it anew when its own settings change."""

    def __init__(self, adapters: Sequence[type[ImageProvider]]) -> None:
        self.adapters = tuple(adapters)
        self._made: dict[str, _Made] = {}

    def lend(
        self,
        *,
        session: ClientSession,
        random: Random,
        clock: Clock,
        image_dir: Path,
        problems: Problems,
        check: Callable[[bytes, Size], Awaitable[None]],
        without_secrets: Callable[[str], str],
    ) -> None:
        """Take what every adapter is lent, and what it takes to keep it to its promises."""
        self._problems = problems
        self._check = check
        self._without_secrets = without_secrets
        self._session = session
        self._random = random
        self._clock = clock
        self._image_dir = image_dir

    async def apply(self, settings: Settings) -> list[tuple[Provider, ProviderSettings]]:
        """Return a provider for each adapter, with the settings that hold for it."""
        size = settings.frame_image.size
        pairs = []
        for adapter in self.adapters:
            mine = settings.providers[adapter.code]
            made = self._made.get(adapter.code)
            if made is None or made.settings.options != mine.options or made.size != size:
                made = await self._make(adapter, mine, size)
            if made is not None:
                pairs.append((made.provider, mine))
        return pairs

    async def close(self) -> None:
        """End what providers began."""
        for made in self._made.values():
            await made.provider.close()
        self._made.clear()

    async def _make(
        self, adapter: type[ImageProvider], settings: ProviderSettings, size: Size
    ) -> _Made | None:
        before = self._made.pop(adapter.code, None)
        if before is not None:
            await before.provider.close()
        context = ProviderContext(
            session=self._session,
            size=size,
            random=self._random,
            image_dir=self._image_dir,
            clock=self._clock,
            check=lambda picture: self._check(picture, size),
        )
        provider = Provider(adapter, context, clock=self._clock, without_secrets=self._without_secrets)
        try:
            await provider.start(settings.options)
        except ProviderError as error:
            self._problems.report(
                UNUSABLE,
                f"{adapter.title} can't be used: {error}.",
                remedy="Mend its file or its settings, then restart the server.",
                subject=adapter.code,
            )
            _LOGGER.debug("%s can't be used", adapter.code, exc_info=error.__cause__)
            await provider.close()
            return None
        self._problems.resolve(UNUSABLE, adapter.code)
        made = self._made[adapter.code] = _Made(provider, settings, size)
        return made
