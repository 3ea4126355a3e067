"""The app's life in Home Assistant, from the image that its Dockerfile makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.app.rehearsal.network import SUPERVISORS
from tests.app.rehearsal.supervised_app import TIME_ZONE
from tests.app.rehearsal.visitors import browser, frame, home_assistant, size_of

if TYPE_CHECKING:
    from tests.app.rehearsal.supervised_app import SupervisedApp

pytestmark = pytest.mark.timeout(90)


async def test_a_first_start_without_any_options_ends_in_a_picture_on_each_frame(app: SupervisedApp) -> None:
    await app.start()
    for tls in (True, False):
        assert size_of(await frame(tls=tls).show()) == (320, 480)
    assert list((app.folders.media / "aiframes" / "original").iterdir()), "it was made, and no card"
    assert TIME_ZONE in await app.container.said("Local time is")
    assert (await app.stop()).code == 0
