"""The sensors say what the server counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.const import STATE_UNKNOWN
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from custom_components.aiframes.api import State
from custom_components.aiframes.figures import REQUEST_KINDS
from tests.integration.visiting import FRAME, show
from tests.integration.watching import enable_everything, state_of, until_drawn, until_state

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer

ASLEEP_ALWAYS = """
sleep_time:
  - time_range:
      start_time: "00:00:00"
      end_time: "23:59:59"
"""


async def _forced(server: RealServer, hass: HomeAssistant, **wanted: Any) -> dict[str, Any]:
    """Let the server make a picture now."""
    return await hass.async_add_executor_job(
        server.ask, "/api/v1/operations", {"wait": 20, "show": False, **wanted}
    )


def _second(moment: str) -> str:
    """Return a moment as a state says it, which leaves the milliseconds out."""
    return datetime.fromisoformat(moment).replace(microsecond=0).isoformat()


async def test_every_figure_of_the_servers_own_pages_has_its_sensor(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await until_drawn(hass, loaded)
    await enable_everything(hass, loaded)
    await _forced(server, hass)
    await show(server.process, "old")
    await show(server.process, "ydart", prompt="a fox in the snow")
    await until_state(hass, loaded, "sensor", "images_sent", "2")
    status = await hass.async_add_executor_job(server.ask, "/api/v1/status")
    await until_state(hass, loaded, "sensor", "requests", str(status["metrics"]["requests"]["total"]))

    said = {
        state.entity_id: float(state.state)
        for entity in er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)
        if entity.domain == "sensor" and (state := hass.states.get(entity.entity_id))
        if "unit_of_measurement" in state.attributes and state.state != STATE_UNKNOWN
    }

    def figure(key: str) -> float:
        return said.pop(state_of(hass, loaded, "sensor", key).entity_id)

    requests, images = status["metrics"]["requests"], status["metrics"]["images"]
    assert figure("requests") == requests["total"] >= 4
    assert figure("request_successes") == requests["success"]
    assert figure("request_errors") == requests["errors"] == 0
    for kind in REQUEST_KINDS:
        assert figure(f"requests_{kind}") == status["metrics"]["requests_by_kind"][kind]["total"]
        assert figure(f"request_errors_{kind}") == status["metrics"]["requests_by_kind"][kind]["errors"]
    assert figure("images_sent") == images["success"] == 2
    assert figure("image_errors") == images["errors"]
    for rate in ("request_rate", "request_success_rate", "image_success_rate"):
        assert figure(rate) > 0
    for rate in ("request_error_rate", "image_error_rate"):
        assert figure(rate) == 0
    assert figure("stored_pictures") == status["store"]["pictures"]
    assert figure("archived_pictures") == status["store"]["archived"]
    assert figure("storage_used") == pytest.approx(status["store"]["size_bytes"] / 1e6)
    assert figure("prompts") == 1
    (builtin,) = (provider for provider in status["providers"] if provider["in_use"])
    assert figure("builtin_today") == builtin["accepted_today"] >= 2
    assert figure("builtin_yesterday") == 0
    assert figure("builtin_total") == builtin["requests"]["total"]
    assert figure("builtin_success") == builtin["requests"]["success"]
    assert figure("builtin_errors") == 0
    assert figure("builtin_success_rate") > 0
    assert figure("builtin_error_rate") == 0
    assert figure(f"frame_{FRAME}_pictures_sent") == 2
    assert said == {}, "figures that nobody asked for here"


async def test_the_last_picture_says_when_and_from_what_it_was_made(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    prompt = "a lighthouse " * 30
    made = await _forced(server, hass, prompt=prompt)
    state = await until_state(hass, loaded, "sensor", "last_prompt", lambda found: "light" in found.state)
    assert state.state == f"{prompt[:254]}…"
    picture = await hass.async_add_executor_job(server.ask, f"/api/v1/images/{made['picture_id']}")
    assert state_of(hass, loaded, "sensor", "last_generation").state == _second(picture["made_at"])


async def test_the_next_generation_is_told_as_long_as_there_will_be_one(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await until_drawn(hass, loaded)
    await show(server.process, "auto")  # a picture that is there and was not seen yet
    await show(server.process, "auto")
    status = await hass.async_add_executor_job(server.ask, "/api/v1/status")
    allowed = _second(status["next_generation_at"])
    assert allowed > dt_util.utcnow().isoformat()
    await until_state(hass, loaded, "sensor", "next_generation", allowed)
    await hass.async_add_executor_job(
        lambda: server.ask("/api/v1/settings", {"paused": True}, method="PATCH")
    )
    await until_state(hass, loaded, "sensor", "next_generation", STATE_UNKNOWN)
    assert (await until_state(hass, loaded, "sensor", "state", "paused")).attributes["options"] == [
        "generating",
        "waiting",
        "sleeping",
        "paused",
        "problem",
    ]


@pytest.mark.parametrize("options", [ASLEEP_ALWAYS])
async def test_a_server_that_sleeps_says_so(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    await until_state(hass, loaded, "sensor", "state", "sleeping")


async def test_what_a_newer_server_does_is_unknown(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    coordinator = loaded.runtime_data
    coordinator.async_set_updated_data(replace(coordinator.data, state=State.OTHER))
    assert state_of(hass, loaded, "sensor", "state").state == STATE_UNKNOWN


async def test_a_frame_says_when_it_asked_last(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    await show(server.process)
    await until_state(hass, loaded, "sensor", f"frame_{FRAME}_pictures_sent", "1")
    (seen,) = (await hass.async_add_executor_job(server.ask, "/api/v1/frames"))["frames"]
    asked_at = _second(seen["last_asked_at"])
    await until_state(hass, loaded, "sensor", f"frame_{FRAME}_last_seen", asked_at)
