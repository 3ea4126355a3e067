"""What the tests of this folder share."""

import pytest

from tests.manual_clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """A clock that is told the time."""
    return ManualClock()
