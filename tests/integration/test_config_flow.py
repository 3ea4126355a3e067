"""How a server comes into Home Assistant, and how what has changed about it is mended."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_REAUTH, SOURCE_USER, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.aiframes.api import ImageServerClient
from tests.integration.announcing import NAME
from tests.integration.conftest import DOMAIN, RealServer
from tests.integration.flows import begin, fill_in, is_created, reason
from tests.integration.relay import open_relay
from tests.integration.strangers import info, refusal, stranger
from tests.processes import READY, free_ports, run_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant


@pytest.fixture(autouse=True)
async def _let_go(hass: HomeAssistant) -> AsyncIterator[None]:
    """Unload at the end what a flow has set up."""
    yield
    await hass.async_block_till_done()
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await hass.config_entries.async_unload(entry.entry_id)


# By hand


@pytest.mark.parametrize("typed", ["127.0.0.1:{port}", " https://127.0.0.1:{port}/ "])
async def test_a_server_is_set_up_by_its_address_and_token(
    hass: HomeAssistant, server: RealServer, typed: str
) -> None:
    address = typed.format(port=server.process.api_port)
    form = await begin(hass)
    result = await fill_in(hass, form, url=address, token=f" {server.token}\n", verify_ssl=False)
    assert is_created(result)
    assert result["title"] == NAME
    assert result["data"] == server.entry_data
    entry: ConfigEntry = result["result"]
    assert entry.unique_id == server.installation_id
    assert entry.state is ConfigEntryState.LOADED


async def test_a_certificate_is_looked_at_unless_a_person_says_otherwise(
    hass: HomeAssistant, server: RealServer
) -> None:
    form = await begin(hass)
    refused = await fill_in(hass, form, url=server.url, token=server.token)
    assert refused["errors"] == {"base": "not_trusted"}
    assert is_created(await fill_in(hass, form, url=server.url, token=server.token, verify_ssl=False))


@asynccontextmanager
async def wrong_place(what: str, server: RealServer) -> AsyncIterator[dict[str, Any]]:
    """Yield what a person types who is wrong about something."""
    typed = {**server.entry_data}
    match what:
        case "nobody":
            yield {**typed, "url": f"127.0.0.1:{free_ports(1)[0]}"}
        case "no address":
            yield {**typed, "url": "my server"}
        case "frames' port":
            yield {**typed, "url": f"127.0.0.1:{server.process.https_port}"}
        case "token":
            yield {**typed, "token": "none-of-ours"}
        case "token with a line break":
            yield {**typed, "token": "two\nlines"}
        case _:
            answer, status = STRANGERS[what]
            async with stranger(answer, status=status) as url:
                yield {**typed, "url": url}


STRANGERS: Mapping[str, tuple[str | dict[str, Any], int]] = {
    "a page": ("<html>Wi-Fi of the hotel</html>", 200),
    "a page that is not there": ("<html>Nothing here</html>", 404),
    "other JSON": ({"hello": "world"}, 200),
    "older": (info(0), 200),
    "newer": (info(2), 200),
    "busy": (refusal("NotNow", "The disk is full"), 503),
    "faulty": (refusal("Fault", "It broke"), 500),
    "strict": (refusal("Forbidden", "Not from here"), 403),
}


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("nobody", "cannot_connect"),
        ("no address", "invalid_url"),
        ("token", "invalid_auth"),
        ("token with a line break", "invalid_auth"),
        ("frames' port", "not_image_server"),
        ("a page", "not_image_server"),
        ("a page that is not there", "not_image_server"),
        ("other JSON", "not_image_server"),
        ("older", "server_too_old"),
        ("newer", "server_too_new"),
        ("busy", "not_now"),
        ("faulty", "not_now"),
        ("strict", "not_now"),
    ],
)
async def test_what_is_wrong_is_said_and_can_be_corrected(
    hass: HomeAssistant, server: RealServer, what: str, error: str
) -> None:
    form = await begin(hass)
    async with wrong_place(what, server) as typed:
        refused = await fill_in(hass, form, **typed)
    assert refused["type"] is FlowResultType.FORM
    assert refused["errors"] == {"url" if error == "invalid_url" else "base": error}
    placeholders = refused["description_placeholders"] or {}
    if error.startswith("server_too"):
        assert placeholders["version"] == ("0" if what == "older" else "2")
    if what == "busy":
        assert placeholders["reason"] == "The disk is full"
    schema = refused["data_schema"]
    assert schema is not None
    suggested = {str(key): key.description["suggested_value"] for key in schema.schema}
    assert suggested == typed, "nobody types the rest once more"
    assert is_created(await fill_in(hass, form, **server.entry_data))


async def test_what_nobody_thought_of_is_logged_and_can_be_tried_again(
    hass: HomeAssistant,
    server: RealServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(_: ImageServerClient) -> None:
        raise RuntimeError("a mistake of ours")

    form = await begin(hass)
    with monkeypatch.context() as broken:
        broken.setattr(ImageServerClient, "info", fail)
        result = await fill_in(hass, form, **server.entry_data)
    assert result["errors"] == {"base": "unknown"}
    assert "RuntimeError: a mistake of ours" in caplog.text
    assert server.token not in caplog.text
    caplog.clear()
    assert is_created(await fill_in(hass, form, **server.entry_data))


async def test_a_server_is_set_up_once(
    hass: HomeAssistant, server: RealServer, loaded: MockConfigEntry
) -> None:
    form = await begin(hass)
    async with open_relay(server.process.api_port) as relay:
        result = await fill_in(hass, form, **{**server.entry_data, "url": relay.url})
    assert reason(result) == "already_configured"
    assert loaded.data == server.entry_data


async def test_a_second_server_has_a_name_of_its_own(hass: HomeAssistant, server: RealServer) -> None:
    MockConfigEntry(domain=DOMAIN, title=NAME, unique_id="another").add_to_hass(hass)
    result = await fill_in(hass, await begin(hass), **server.entry_data)
    assert result["title"] == f"{NAME} (127.0.0.1)"


async def test_who_ignores_a_discovered_server_may_add_it_later(
    hass: HomeAssistant, server: RealServer
) -> None:
    ignored = MockConfigEntry(domain=DOMAIN, unique_id=server.installation_id, source=SOURCE_IGNORE)
    ignored.add_to_hass(hass)
    assert is_created(await fill_in(hass, await begin(hass), **server.entry_data))
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.source == SOURCE_USER


# Another token


async def test_a_token_that_holds_no_longer_is_asked_for(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, "token": "old"})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert (flow["context"]["source"], flow["step_id"]) == (SOURCE_REAUTH, "reauth_confirm")
    refused = await fill_in(hass, flow, token="wrong")
    assert refused["errors"] == {"base": "invalid_auth"}
    assert refused["description_placeholders"] == {"name": NAME}
    assert reason(await fill_in(hass, flow, token=f"{server.token}\n")) == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.data == server.entry_data
    assert entry.state is ConfigEntryState.LOADED


async def test_a_token_can_be_given_once_the_server_is_back(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    async with open_relay(server.process.api_port) as relay:
        data = {**entry.data, "url": relay.url, "token": "old"}
        hass.config_entries.async_update_entry(entry, data=data)
        form = await entry.start_reauth_flow(hass)
        relay.close()
        assert (await fill_in(hass, form, token=server.token))["errors"] == {"base": "cannot_connect"}
        relay.is_open = True
        assert reason(await fill_in(hass, form, token=server.token)) == "reauth_successful"
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_the_token_of_another_server_is_no_token_of_this_one(
    hass: HomeAssistant, server: RealServer
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, title=NAME, unique_id="reinstalled", data=server.entry_data)
    entry.add_to_hass(hass)
    form = await entry.start_reauth_flow(hass)
    assert reason(await fill_in(hass, form, token=server.token)) == "another_server"


# Another address


async def test_a_server_that_has_moved_is_found_again_with_the_token_it_had(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        entry, data={"url": "https://127.0.0.1:1", "token": server.token, "verify_ssl": True}
    )
    form = await entry.start_reconfigure_flow(hass)
    assert form["step_id"] == "reconfigure"
    assert form["description_placeholders"] == {"name": NAME}
    schema = form["data_schema"]
    assert schema is not None
    marks = {str(key): key.description for key in schema.schema}
    assert marks == {
        "url": {"suggested_value": "https://127.0.0.1:1"},
        "token": None,
        "verify_ssl": {"suggested_value": True},
    }, "the token does not leave Home Assistant"
    refused = await fill_in(hass, form, url="127.0.0.1:1", verify_ssl=False)
    assert refused["errors"] == {"base": "cannot_connect"}
    address = f"127.0.0.1:{server.process.api_port}"
    assert (await fill_in(hass, form, url=address, verify_ssl=True))["errors"] == {"base": "not_trusted"}
    refused = await fill_in(hass, form, url=address, token="wrong", verify_ssl=False)
    assert refused["errors"] == {"base": "invalid_auth"}
    result = await fill_in(hass, form, url=address, token="", verify_ssl=False)
    assert reason(result) == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data == server.entry_data
    assert entry.state is ConfigEntryState.LOADED


async def test_a_new_token_may_come_with_the_address(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, "token": "old"})
    form = await entry.start_reconfigure_flow(hass)
    result = await fill_in(hass, form, url=server.url, token=server.token, verify_ssl=False)
    assert reason(result) == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data == server.entry_data


async def test_an_entry_does_not_become_another_server(
    hass: HomeAssistant, server: RealServer, tmp_path: Path, entry: MockConfigEntry
) -> None:
    (tmp_path / "other").mkdir()
    async with run_server(tmp_path / "other") as other:
        await other.said(READY)
        url = f"https://127.0.0.1:{other.api_port}"
        token = (tmp_path / "other" / "data" / "api_token").read_text()
        form = await entry.start_reconfigure_flow(hass)
        result = await fill_in(hass, form, url=url, token=token, verify_ssl=False)
    assert reason(result) == "another_server"
    assert entry.data == server.entry_data
