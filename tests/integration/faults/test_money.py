"""What costs money is asked for once: whatever becomes of the answer, only a person asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.exceptions import HomeAssistantError

from tests.integration.absences import until_streaming
from tests.integration.faults.table import FAULTS
from tests.integration.faults.wishes import House
from tests.integration.watching import until

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.conftest import RealServer
    from tests.integration.faults.faulty_line import FaultyLine
    from tests.integration.faults.patience import Time

DONE_ALL_THE_SAME = {"reset after", "reset during", "slow drip", "missing field"}
"""Faults that come after the server has done it."""


def generations(server: RealServer) -> int:
    """Count the requests to providers, each of which would be paid for."""
    return len(server.ask("/api/v1/operations?limit=500")["generations"])


@pytest.mark.parametrize("press", [True, False])
@pytest.mark.parametrize(
    "name", ["silence", "slow drip", "reset before", "reset after", "502 of a proxy", "page"]
)
async def test_a_request_for_a_picture_is_made_once_whatever_becomes_of_its_answer(
    hass: HomeAssistant,
    server: RealServer,
    line: FaultyLine,
    clock: Time,
    entry: MockConfigEntry,
    name: str,
    press: bool,  # noqa: FBT001 - of the table
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    house, before = House(hass, entry), generations(server)
    await line.fail(FAULTS[name].way, lambda method, _: method == "POST")
    asking = house.act("button", "press", "generate") if press else house.act("aiframes", "generate", wait=30)
    with pytest.raises(HomeAssistantError) as caught:
        await clock.patiently(asking)
    assert caught.value.translation_key == FAULTS[name].after_a_change
    await clock.go_on(150)
    await line.mend()
    await clock.until(lambda: entry.runtime_data.stream is not None)
    await clock.go_on(150)
    assert line.count("POST", "operations") == 1
    assert generations(server) - before == (name in DONE_ALL_THE_SAME)


async def test_what_was_done_although_nobody_heard_of_it_is_seen_by_itself(
    hass: HomeAssistant, server: RealServer, line: FaultyLine, clock: Time, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)
    before = server.ask("/api/v1/status")["last_picture"]["id"]
    await line.fail(FAULTS["reset after"].way, lambda method, _: method == "POST")
    with pytest.raises(HomeAssistantError):
        await clock.patiently(House(hass, entry).act("aiframes", "generate", wait=30))

    def newest() -> Any:
        (image,) = (one for one in hass.states.async_all("image") if "last_picture" in one.entity_id)
        return image.attributes.get("image_id")

    await until(lambda: newest() not in {None, before})
