"""Settings that a person changed at run time, through the API.

Each holds until that option's own value in the file changes: it is kept together with the value that
it replaced, and dies when the file says something else.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from ..exceptions import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models import Json
    from ..settings import ProviderSettings, Settings
    from ..state.state import State

NOTE = "overrides"
THRESHOLD = "image_generate_threshold"
PAUSED = "paused"


def enabled_path(code: str) -> str:
    """Return the path of a provider's switch."""
    return f"providers.{code}.enabled"


def daily_limit_path(code: str) -> str:
    """Return the path of a provider's daily limit."""
    return f"providers.{code}.daily_limit"


class Overrides:
    """What holds at run time instead of the file."""

    def __init__(self, *, state: State) -> None:
        self._state = state
        self._values: dict[str, dict[str, Json]] = {}

    async def open(self) -> None:
        """Read what was changed before."""
        self._values = cast("dict[str, dict[str, Json]]", await self._state.note(NOTE) or {})

    @property
    def paths(self) -> frozenset[str]:
        """The settings that do not come from the file now."""
        return frozenset(self._values)

    @property
    def paused(self) -> bool:
        """Whether a person has paused automatic requests."""
        return PAUSED in self._values

    async def set(self, path: str, value: Json, *, instead_of: Json) -> None:
        """Keep a value instead of the file's `instead_of`; the file's own value ends it.

        Raises:
            StateError: It can't be written down, so nothing is changed.
        """
        before = self._values
        self._values = {known: entry for known, entry in before.items() if known != path}
        if value != instead_of:
            self._values[path] = {"value": value, "instead_of": instead_of}
        try:
            await self._write()
        except StateError:
            self._values = before
            raise

    async def apply(self, settings: Settings) -> Settings:
        """Return the file's settings with what holds instead; forget what the file has overruled."""
        in_file = _changeable(settings)
        kept = {
            path: entry for path, entry in self._values.items() if in_file.get(path) == entry["instead_of"]
        }
        if kept != self._values:
            self._values = kept
            await self._write()
        threshold = cast("float", self._value(THRESHOLD, settings.image_generate_threshold))
        providers = {code: self._provider(provider) for code, provider in settings.providers.items()}
        return replace(settings, image_generate_threshold=threshold, providers=MappingProxyType(providers))

    def _provider(self, provider: ProviderSettings) -> ProviderSettings:
        return replace(
            provider,
            enabled=cast("bool", self._value(enabled_path(provider.code), provider.enabled)),
            daily_limit=cast("int", self._value(daily_limit_path(provider.code), provider.daily_limit)),
        )

    def _value(self, path: str, otherwise: Json) -> Json:
        entry = self._values.get(path)
        return otherwise if entry is None else entry["value"]

    async def _write(self) -> None:
        await self._state.set_note(NOTE, cast("Json", self._values), durable=True)


def _changeable(settings: Settings) -> Mapping[str, Json]:
    values: dict[str, Json] = {PAUSED: False, THRESHOLD: settings.image_generate_threshold}
    for code, provider in settings.providers.items():
        values[enabled_path(code)] = provider.enabled
        values[daily_limit_path(code)] = provider.daily_limit
    return values
