"""A big house: 50 frames, 10,000 pictures. The figures are printed by `tests.bench.integration_load`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from homeassistant.components import media_source
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

from custom_components.aiframes.media_place import PAGE
from tests.bench.integration_load import ROOT, everything_changed, roomy, until_stored
from tests.bench.pictures_on_disk import fill
from tests.integration.visiting import show_everywhere
from tests.integration.watching import enable_everything, state_of

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer

FRAMES, STORED = 50, 10_000
SET_UP_SECONDS, UPDATE_SECONDS, BROWSE_SECONDS = 2.0, 0.05, 1.0


@pytest.fixture
def options() -> str:
    return roomy(STORED)


@pytest.fixture(autouse=True)
def _pictures(tmp_path: Path) -> None:
    fill(tmp_path / "images", STORED, scaled=True)


async def test_a_big_house_is_set_up_updated_and_browsed_without_delay(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    await show_everywhere(server.process, FRAMES)
    await until_stored(server, STORED)

    began = time.process_time()  # without the server's time, and that of others who run beside the tests
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert time.process_time() - began < SET_UP_SECONDS
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert len(devices) == FRAMES + 1

    await enable_everything(hass, entry)
    coordinator = entry.runtime_data
    sent = int(state_of(hass, entry, "sensor", "frame_127.0.1.50_pictures_sent").state)
    status = everything_changed(coordinator.data, 1)
    began = time.process_time()
    coordinator.async_set_updated_data(status)
    assert time.process_time() - began < UPDATE_SECONDS
    assert state_of(hass, entry, "sensor", "frame_127.0.1.50_pictures_sent").state == str(sent + 1)

    assert await async_setup_component(hass, "media_source", {})
    began = time.process_time()
    pages = (await media_source.async_browse_media(hass, f"{ROOT}/{entry.unique_id}/all")).children
    assert pages is not None
    page = await media_source.async_browse_media(hass, pages[-1].media_content_id)
    assert time.process_time() - began < BROWSE_SECONDS
    assert (len(pages), len(page.children or ())) == (STORED / PAGE, PAGE)
    await hass.config_entries.async_unload(entry.entry_id)
