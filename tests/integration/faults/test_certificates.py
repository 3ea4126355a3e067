"""The server's certificate, its name and its language change: it is told why, and well again by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest.mock import AsyncMock

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from imageserver.tls.tls import server_context
from tests.integration.absences import until_streaming
from tests.integration.faults.patience import POLL
from tests.tls import certificate_file, make_certificate, server_tls

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.integration.faults.faulty_line import FaultyLine
    from tests.integration.faults.journal import Journal
    from tests.integration.faults.patience import Time


@pytest.fixture
async def trusted(hass: HomeAssistant) -> ssl.SSLContext:
    """Let Home Assistant trust the tests' certificate, as if somebody vouched for it."""
    connector = async_get_clientsession(hass, verify_ssl=True).connector
    context: ssl.SSLContext = connector._ssl  # type: ignore[union-attr]
    context.load_verify_locations(certificate_file())
    return context


async def test_a_certificate_that_changes_into_one_that_nobody_knows_is_the_reason_until_it_is_mended(
    hass: HomeAssistant,
    line: FaultyLine,
    clock: Time,
    entry: MockConfigEntry,
    journal: Journal,
    trusted: ssl.SSLContext,  # noqa: ARG001 - the server's certificate is in it
    tmp_path: Path,
) -> None:
    await line.refuse()
    line.tls = server_tls()
    await line.listen()
    hass.config_entries.async_update_entry(entry, data={**entry.data, "url": line.url})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_streaming(entry)

    (tmp_path / "other.pem").write_text(make_certificate("127.0.0.1"))
    await line.refuse()
    line.tls = server_context(tmp_path / "other.pem")
    await line.listen()
    await clock.until(lambda: not entry.runtime_data.last_update_success)
    await clock.go_on(2 * POLL)
    assert len(journal.lines) == 1
    assert "certificate" in journal.lines[0]

    await line.refuse()
    line.tls = None  # plain HTTP, where TLS is expected
    await line.listen()
    await clock.go_on(2 * POLL)
    assert len(journal.lines) == 1

    await line.refuse()
    line.tls = server_tls()
    await line.listen()
    await clock.until(lambda: entry.runtime_data.last_update_success, within=2 * POLL)


async def test_a_name_that_nobody_knows_any_more_is_no_server(
    hass: HomeAssistant,
    clock: Time,
    entry: MockConfigEntry,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nobody_knows(*_: object, **__: object) -> list[object]:
        raise OSError("Name or service not known")

    connector = async_get_clientsession(hass, verify_ssl=True).connector
    monkeypatch.setattr(connector, "_resolver", SimpleNamespace(resolve=nobody_knows, close=AsyncMock()))
    hass.config_entries.async_update_entry(entry, data={**entry.data, "url": "http://gone.invalid:8097"})
    assert not await clock.patiently(hass.config_entries.async_setup(entry.entry_id))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_connect"
    await clock.go_on(10)
    assert len({text.partition("; Retrying")[0] for text in journal.lines}) == 1
