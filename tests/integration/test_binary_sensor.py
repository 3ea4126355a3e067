"""Whether something is wrong is told together with what helps."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.integration.watching import until_state

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer


@pytest.mark.parametrize("options", ["image_generate_threshold: soon\n"])
async def test_a_problem_is_told_until_it_is_mended(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    state = await until_state(hass, loaded, "binary_sensor", "problem", "on")
    (problem,) = (await hass.async_add_executor_job(server.ask, "/api/v1/status"))["problems"]
    assert state.attributes["codes"] == [problem["code"]] == ["options"]
    assert state.attributes["reasons"] == [problem["text"]]
    assert state.attributes["remedies"] == [problem["remedy"]]

    (server.root / "data" / "options.yml").write_text("image_generate_threshold: 10\n")
    server.process.process.send_signal(signal.SIGHUP)
    state = await until_state(hass, loaded, "binary_sensor", "problem", "off")
    assert state.attributes["reasons"] == []
