from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from imageserver.exceptions import StateError
from imageserver.options.overrides import PAUSED, THRESHOLD, Overrides, daily_limit_path, enabled_path
from imageserver.settings import ProviderSettings, Settings

if TYPE_CHECKING:
    from imageserver.state.state import State


def in_file(*, threshold: float = 10, limit: int = 200) -> Settings:
    providers = {"ydArt": ProviderSettings(code="ydArt", daily_limit=limit)}
    return Settings(image_generate_threshold=threshold, providers=MappingProxyType(providers))


async def test_what_a_person_changed_holds_over_restarts(state: State) -> None:
    overrides = Overrides(state=state)
    await overrides.open()
    await overrides.set(THRESHOLD, 60, instead_of=10)
    await overrides.set(daily_limit_path("ydArt"), 5, instead_of=200)
    await overrides.set(enabled_path("ydArt"), value=False, instead_of=True)
    await overrides.set(PAUSED, value=True, instead_of=False)

    again = Overrides(state=state)
    await again.open()
    settings = await again.apply(in_file())
    assert settings.image_generate_threshold == 60
    assert settings.providers["ydArt"].daily_limit == 5
    assert not settings.providers["ydArt"].enabled
    assert again.paused


async def test_the_file_wins_once_that_options_own_value_changes_in_it(state: State) -> None:
    overrides = Overrides(state=state)
    await overrides.set(THRESHOLD, 60, instead_of=10)
    await overrides.set(daily_limit_path("ydArt"), 5, instead_of=200)

    settings = await overrides.apply(in_file(threshold=20))
    assert settings.image_generate_threshold == 20
    assert settings.providers["ydArt"].daily_limit == 5, "another option's change is not this one's"

    settings = await overrides.apply(in_file(threshold=10))
    assert settings.image_generate_threshold == 10, "what has died stays dead"


async def test_going_back_to_the_files_value_ends_the_change(state: State) -> None:
    overrides = Overrides(state=state)
    await overrides.set(THRESHOLD, 60, instead_of=10)
    assert overrides.paths == {THRESHOLD}
    await overrides.set(THRESHOLD, 10, instead_of=10)
    assert overrides.paths == set()


async def test_a_provider_that_is_no_longer_there_takes_its_changes_with_it(state: State) -> None:
    overrides = Overrides(state=state)
    await overrides.set(daily_limit_path("mine"), 5, instead_of=0)
    await overrides.apply(in_file())
    assert overrides.paths == set()


async def test_what_cannot_be_written_down_changes_nothing(state: State) -> None:
    overrides = Overrides(state=state)
    await state.run(lambda connection: connection.execute("ALTER TABLE notes RENAME TO gone"))
    with pytest.raises(StateError):
        await overrides.set(PAUSED, value=True, instead_of=False)
    assert not overrides.paused

    await state.run(lambda connection: connection.execute("ALTER TABLE gone RENAME TO notes"))
    await overrides.set(PAUSED, value=True, instead_of=False)
    assert overrides.paused
