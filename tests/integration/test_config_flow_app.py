"""How an app comes into Home Assistant by itself, and stays known whatever becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.announcing import NAME, SLUG, discover, run_app
from tests.integration.conftest import DOMAIN
from tests.integration.flows import fill_in, is_created, reason
from tests.integration.relay import open_relay
from tests.integration.strangers import info, stranger

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant


def known_app(unique_id: str, **data: Any) -> MockConfigEntry:
    """Return an entry as the app of an earlier day left it."""
    kept = {"url": "http://127.0.0.1:1", "token": "old", "verify_ssl": True, "app": SLUG, **data}
    return MockConfigEntry(domain=DOMAIN, title=NAME, unique_id=unique_id, data=kept)


async def test_an_app_is_set_up_with_one_click(hass: HomeAssistant, tmp_path: Path) -> None:
    async with run_app(tmp_path) as app:
        form = await discover(hass, await app.message())
        assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "hassio_confirm")
        assert form["description_placeholders"] == {"name": NAME}
        (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        assert flow["context"]["confirm_only"]
        assert flow["context"]["title_placeholders"] == {"name": NAME}
        result = await fill_in(hass, form)
        assert is_created(result)
        assert result["title"] == NAME
        assert result["data"] == {"url": app.url, "token": app.token, "verify_ssl": True, "app": SLUG}
        entry: ConfigEntry = result["result"]
        assert entry.state is ConfigEntryState.LOADED
        (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        assert device.configuration_url == f"homeassistant://app/{SLUG}"
        await hass.config_entries.async_unload(entry.entry_id)


async def test_an_app_at_another_address_or_with_another_token_stays_the_same_server(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    async with run_app(tmp_path) as app:
        message = await app.message()
        entry = known_app(message.config["installation_id"], url=app.url, token=app.token)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        before = entry.runtime_data
        assert reason(await discover(hass, message)) == "already_configured"
        await hass.async_block_till_done()
        assert entry.runtime_data is before, "nothing has changed, so nothing is set up again"
        await before.client.renew_token()
        assert reason(await discover(hass, await app.message(2))) == "already_configured"
        await hass.async_block_till_done()
        assert entry.data["token"] == app.token
        assert entry.state is ConfigEntryState.LOADED
        assert entry.runtime_data is not before
        assert await app.process.stop() == 0
    async with run_app(tmp_path) as app:
        assert entry.data["url"] != app.url
        assert reason(await discover(hass, await app.message())) == "already_configured"
        await hass.async_block_till_done()
        assert entry.data["url"] == app.url
        assert entry.state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("old", [{"url": "http://127.0.0.1:1"}, {"token": "old"}, {}])
async def test_an_app_that_could_not_be_set_up_is_tried_again_when_it_starts(
    hass: HomeAssistant, tmp_path: Path, old: dict[str, Any]
) -> None:
    async with run_app(tmp_path) as app:
        message = await app.message()
        right = {"url": app.url, "token": app.token}
        entry = known_app(
            message.config["installation_id"], **{**right, **(old or {"url": "http://127.0.0.1:1"})}
        )
        entry.add_to_hass(hass)
        assert not await hass.config_entries.async_setup(entry.entry_id)
        if not old:
            hass.config_entries.async_update_entry(entry, data={**entry.data, **right})
        assert reason(await discover(hass, message)) == "already_configured"
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        assert flows == [], "nobody is asked for a token that Home Assistant has"
        await hass.config_entries.async_unload(entry.entry_id)


async def test_an_app_that_is_ignored_stays_so(hass: HomeAssistant, tmp_path: Path) -> None:
    async with run_app(tmp_path) as app:
        message = await app.message()
        ignored = MockConfigEntry(
            domain=DOMAIN, unique_id=message.config["installation_id"], source=SOURCE_IGNORE
        )
        ignored.add_to_hass(hass)
        assert reason(await discover(hass, message)) == "already_configured"
        assert ignored.data == {}


async def test_an_app_that_does_not_run_is_not_offered(hass: HomeAssistant, tmp_path: Path) -> None:
    async with run_app(tmp_path) as app:
        message = await app.message()
    assert reason(await discover(hass, message)) == "cannot_connect"


async def test_an_app_that_stops_before_the_click_is_tried_again_by_another(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    async with run_app(tmp_path) as app, open_relay(app.process.api_port) as relay:
        form = await discover(hass, await app.message(port=relay.port))
        relay.close()
        refused = await fill_in(hass, form)
        assert refused["errors"] == {"base": "cannot_connect"}
        relay.is_open = True
        result = await fill_in(hass, form)
        assert is_created(result)
        await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize(("version", "error"), [(0, "server_too_old"), (2, "server_too_new")])
async def test_an_app_of_another_time_is_offered_with_what_to_do(
    hass: HomeAssistant, tmp_path: Path, version: int, error: str
) -> None:
    async with run_app(tmp_path) as app, stranger(info(version)) as url:
        right = await app.message()
        form = await discover(hass, await app.message(port=int(url.rpartition(":")[2])))
        assert form["errors"] == {"base": error}
        assert form["description_placeholders"] == {"name": NAME, "version": str(version)}
        assert (await fill_in(hass, form))["errors"] == {"base": error}
        updated = await discover(hass, right)
        assert is_created(await fill_in(hass, updated))
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        await hass.config_entries.async_unload(entry.entry_id)


async def test_a_person_is_offered_the_latest_token_only(hass: HomeAssistant, tmp_path: Path) -> None:
    async with run_app(tmp_path) as app:
        await discover(hass, await app.message(token="old"))
        form = await discover(hass, await app.message())
        (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        assert flow["flow_id"] == form["flow_id"]
        result = await fill_in(hass, form)
        assert is_created(result)
        await hass.config_entries.async_unload(result["result"].entry_id)


async def test_who_announces_another_server_than_answers_is_not_offered(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    async with run_app(tmp_path) as app:
        message = await app.message(installation_id="another")
        assert reason(await discover(hass, message)) == "another_server"


async def test_an_app_that_is_reinstalled_before_the_click_is_not_set_up_as_the_old_one(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    async with run_app(old) as app:
        message = await app.message()
        (new / "data").mkdir()
        (new / "data" / "api_token").write_text(app.token)
        async with run_app(new) as other, open_relay(app.process.api_port) as relay:
            await other.message()
            message.config["port"] = relay.port
            form = await discover(hass, message)
            relay.target = other.process.api_port
            relay.cut()
            assert reason(await fill_in(hass, form)) == "another_server"


@pytest.mark.parametrize(
    "nonsense",
    [{"host": ""}, {"host": 5}, {"port": 0}, {"port": "8097"}, {"token": None}, {"installation_id": None}],
)
async def test_a_message_of_another_kind_is_not_understood_and_logged(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, nonsense: dict[str, Any]
) -> None:
    config = {"host": "127.0.0.1", "port": 1, "token": "secret-token", "installation_id": "i", **nonsense}
    message = HassioServiceInfo(config=config, name=NAME, slug=SLUG, uuid="1")
    assert reason(await discover(hass, message)) == "not_understood"
    assert f"The app {SLUG} announces itself in an unknown way" in caplog.text
    assert "secret-token" not in caplog.text
