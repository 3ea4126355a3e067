from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from imageserver.events import Events
from imageserver.problems import Problems
from imageserver.state.state import State
from tests.manual_clock import ManualClock
from tests.prompt_books import Library

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def random() -> Random:
    return Random(7)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def problems(clock: ManualClock, events: Events) -> Problems:
    return Problems(clock=clock, events=events)


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    state = await State.open(tmp_path)
    yield state
    await state.close()


@pytest.fixture
def library(
    *, tmp_path: Path, state: State, clock: ManualClock, random: Random, events: Events, problems: Problems
) -> Library:
    return Library(tmp_path / "config", state, clock, random, events, problems)
