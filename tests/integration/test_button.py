"""The button makes a picture, or says why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.acting import refused
from tests.integration.watching import state_of, until_drawn, until_state

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer


async def _press(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    button = state_of(hass, entry, "button", "generate").entity_id
    await hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)


async def test_a_press_makes_a_picture(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    first = await until_drawn(hass, loaded)
    await _press(hass, loaded)
    await until_state(
        hass,
        loaded,
        "image",
        "last_picture",
        lambda state: state.attributes["image_id"] != first.attributes["image_id"],
    )


@pytest.mark.parametrize("options", ["disabled_providers: [builtin]\n"])
async def test_without_a_provider_the_press_says_what_is_missing(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with refused("refused", "Disabled in the settings"):
        await _press(hass, loaded)


async def test_without_the_server_the_press_says_that_it_is_away(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    server.process.process.kill()
    with refused("cannot_connect", invalid=False):
        await _press(hass, loaded)
