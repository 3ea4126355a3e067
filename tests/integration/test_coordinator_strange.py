"""Answers that no server of today gives, and faults of our own: they are told once, and things go on."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.aiframes.coordinator as module
from custom_components.aiframes.api import EventStream
from tests.integration.absences import (
    BACK,
    GONE,
    let_time_pass,
    said,
    until_available,
    until_streaming,
    until_unavailable,
)
from tests.integration.conftest import DOMAIN, RealServer
from tests.integration.puppet import event, open_puppet
from tests.integration.relay import open_relay
from tests.integration.strangers import info, refusal, stranger
from tests.integration.watching import state_of, until, until_state

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from homeassistant.core import HomeAssistant

    from custom_components.aiframes.api import Event
    from tests.integration.puppet import Puppet

pytestmark = pytest.mark.usefixtures("brisk")


@pytest.fixture
async def puppet(server: RealServer) -> AsyncIterator[Puppet]:
    """A server that says what a test lets it say."""
    async with open_puppet(server) as opened:
        yield opened


def entry_of(puppet: Puppet, hass: HomeAssistant) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="AIFrames ImageServer",
        unique_id=puppet.info["installation_id"],
        data=puppet.entry_data,
    )
    entry.add_to_hass(hass)
    return entry


@asynccontextmanager
async def set_up(hass: HomeAssistant, puppet: Puppet) -> AsyncIterator[MockConfigEntry]:
    """Set an entry up that reaches a puppet; unload it at the end."""
    entry = entry_of(puppet, hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        ("<html>Wi-Fi of the hotel</html>", 200, "does not answer as an ImageServer does"),
        ({"hello": "world"}, 200, "does not answer as an ImageServer does"),
        ("<html>nginx</html>", 502, "can't be reached"),
        (refusal("Fault", "It broke"), 500, "It broke"),
        (refusal("NotNow", "The disk is full"), 503, "The disk is full"),
    ],
)
async def test_a_stranger_at_the_servers_address_is_no_server(
    hass: HomeAssistant,
    puppet: Puppet,
    caplog: pytest.LogCaptureFixture,
    answer: str | dict[str, Any],
    status: int,
    told: str,
) -> None:
    async with open_relay(puppet.port) as relay, stranger(answer, status=status) as url:
        puppet.url = f"http://127.0.0.1:{relay.port}"
        async with set_up(hass, puppet) as entry:
            await until_streaming(entry)
            relay.target = int(url.rpartition(":")[2])
            relay.cut()
            await until_unavailable(hass, entry)
            await let_time_pass(hass, seconds=31)
            assert said(caplog, GONE) == 1
            assert told in caplog.text
            relay.target = puppet.port
            relay.cut()
            await until_available(hass, entry)
            await until_streaming(entry)
            assert said(caplog, BACK) == 1


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\0\xff\n\n",
        b"event: status\ndata: {}\n\n",
        b"event: status\ndata: no JSON\n\n",
        event("frame", {"id": 5}),
        event("news of a newer server", {}),
    ],
)
async def test_a_server_whose_stream_is_nonsense_is_polled(
    hass: HomeAssistant, puppet: Puppet, caplog: pytest.LogCaptureFixture, nonsense: bytes
) -> None:
    puppet.first, puppet.is_deaf = nonsense, True
    async with set_up(hass, puppet) as entry:
        puppet.status["settings"]["paused"] = True
        await until_state(hass, entry, "switch", "generation", STATE_OFF)
        puppet.status["settings"]["paused"] = False
        await until(lambda: puppet.asked.count("events") > 5)
        assert entry.runtime_data.update_interval == module.POLL_INTERVAL
        assert state_of(hass, entry, "switch", "generation").state == STATE_ON
        assert said(caplog, GONE) == said(caplog, "can't be followed") == 0


async def test_a_stream_that_can_not_be_had_is_asked_for_less_and_less(
    hass: HomeAssistant, puppet: Puppet
) -> None:
    puppet.is_deaf = True
    async with set_up(hass, puppet):
        await until(lambda: puppet.asked.count("events") > 6)
    when = [at for at, what in zip(puppet.asked_at, puppet.asked, strict=True) if what == "events"]
    pauses = [later - earlier for earlier, later in itertools.pairwise(when)]
    for pause, least in zip(pauses, [0.05, 0.1, 0.2, 0.2, 0.2], strict=False):
        assert pause >= least


async def test_a_look_that_fails_while_the_stream_lasts_is_repeated(
    hass: HomeAssistant, puppet: Puppet, caplog: pytest.LogCaptureFixture
) -> None:
    async with set_up(hass, puppet) as entry:
        await until_streaming(entry)
        whole, puppet.status = puppet.status, {"not": "it"}
        puppet.say("settings", {"paused": True, "image_generate_threshold": 5.0})
        await until_unavailable(hass, entry)
        puppet.status = {**whole, "settings": {**whole["settings"], "paused": True}}
        await let_time_pass(hass, seconds=31)
        await until_state(hass, entry, "switch", "generation", STATE_OFF)
        assert said(caplog, GONE) == said(caplog, BACK) == 1
        await until_streaming(entry)


async def test_a_change_during_a_look_is_looked_at_again(hass: HomeAssistant, puppet: Puppet) -> None:
    async with set_up(hass, puppet) as entry:
        await until_streaming(entry)
        puppet.asked.clear()
        puppet.go_on.clear()
        puppet.say("settings", {"paused": True, "image_generate_threshold": 5.0})
        await until(lambda: "status" in puppet.asked)
        puppet.status["settings"]["paused"] = True
        puppet.say("settings", {"paused": True, "image_generate_threshold": 5.0}, 3)
        await until(entry.runtime_data._has_changed.is_set)
        puppet.go_on.set()
        await until_state(hass, entry, "switch", "generation", STATE_OFF)
        assert puppet.asked.count("status") == 2


async def test_a_mistake_of_ours_is_told_once_and_the_server_is_polled_meanwhile(
    hass: HomeAssistant, puppet: Puppet, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    followed = EventStream.follow
    failures = 0

    async def fail(stream: EventStream, last_event_id: str | None = None) -> AsyncGenerator[Event]:
        nonlocal failures
        failures += 1
        async for one in followed(stream, last_event_id):
            yield one
            raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as broken:
        broken.setattr(EventStream, "follow", fail)
        async with set_up(hass, puppet) as entry:
            await until(lambda: failures > 3)
            assert said(caplog, "can't be followed; it is polled meanwhile") == 1
            assert caplog.text.count("RuntimeError: a mistake of ours") >= 1
            puppet.status["settings"]["paused"] = True
            await until_state(hass, entry, "switch", "generation", STATE_OFF)
            broken.undo()
            await until_streaming(entry)
            assert puppet.streams
    caplog.clear()


# Another server


async def test_a_server_that_was_updated_is_set_up_anew(hass: HomeAssistant, puppet: Puppet) -> None:
    async with set_up(hass, puppet) as entry:
        await until_streaming(entry)
        before = entry.runtime_data
        puppet.info["version"] = "2.1.0"
        puppet.cut()
        await until(lambda: getattr(entry, "runtime_data", before) is not before)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        (device,) = [
            one
            for one in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
            if one.entry_type is dr.DeviceEntryType.SERVICE
        ]
        assert device.sw_version == "2.1.0"


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"installation_id": "reinstalled"}, "another_server"),
        (info(0), "server_too_old"),
        (info(2), "server_too_new"),
    ],
)
async def test_a_server_that_became_another_one_is_no_longer_taken_for_it(
    hass: HomeAssistant, puppet: Puppet, changed: dict[str, Any], key: str
) -> None:
    async with set_up(hass, puppet) as entry:
        await until_streaming(entry)
        puppet.info |= changed
        puppet.cut()
        await until(lambda: entry.state is ConfigEntryState.SETUP_RETRY)
        assert entry.error_reason_translation_key == key
