"""Home Assistant, one real server, and a line between them that fails as a test wants it."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_socket import enable_socket

from custom_components.aiframes import coordinator
from tests.integration.conftest import DOMAIN, RealServer
from tests.integration.faults.calm import WORST
from tests.integration.faults.faulty_line import open_line
from tests.integration.faults.journal import Journal, say_at_once
from tests.integration.faults.one_server import run_one_server
from tests.integration.faults.patience import Time, skippable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from homeassistant.core import HomeAssistant

    from tests.integration.faults.faulty_line import FaultyLine

PROMPT = "test"
"""What the server draws."""

EACH = 6
"""Of so many rows of a table, the short version has one."""

IS_LONG = os.environ.get("AIFRAMES_FAULTS") == "long"
"""Whether every fault meets every part; else the tests are those that fit into a minute."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the short version, let each test have some of its rows; other tests have other ones."""
    if IS_LONG:
        return
    rows: dict[str, list[pytest.Item]] = {}
    for item in items:
        if Path(__file__).parent in item.path.parents:
            rows.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left_out = {
        id(item)
        for number, of_one in enumerate(rows.values())
        for place, item in enumerate(of_one)
        if len(of_one) > 2 and place % min(EACH, len(of_one)) != number % min(EACH, len(of_one))
    }
    config.hook.pytest_deselected(items=[item for item in items if id(item) in left_out])
    items[:] = [item for item in items if id(item) not in left_out]


def pytest_sessionfinish() -> None:
    """Leave the figures where a program wants them."""
    if wanted := os.environ.get("AIFRAMES_FAULTS_FIGURES"):
        Path(wanted).write_text(json.dumps(WORST))


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A server that all tests share; it is older than the plugin's leave to open sockets."""
    enable_socket()
    with run_one_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(one_server: RealServer) -> RealServer:
    """The same; it makes pictures of one prompt, whatever a test before has left."""
    one_server.ask("/api/v1/settings", {"paused": False}, method="PATCH")
    book = {prompt["prompt"]: prompt["id"] for prompt in one_server.ask("/api/v1/prompts")["prompts"]}
    if book.pop(PROMPT, None) is None:
        one_server.ask("/api/v1/prompts", {"prompt": PROMPT})
    for prompt_id in book.values():
        one_server.ask(f"/api/v1/prompts/{prompt_id}", method="DELETE")
    return one_server


@pytest.fixture
async def line(server: RealServer) -> AsyncIterator[FaultyLine]:
    """The way to it."""
    async with open_line(server.process.api_port) as line:
        yield line


@pytest.fixture
def clock(hass: HomeAssistant, line: FaultyLine) -> Iterator[Time]:
    """Home Assistant's time."""
    with skippable(hass.loop, line) as clock:
        yield clock


@pytest.fixture
async def entry(hass: HomeAssistant, server: RealServer, line: FaultyLine) -> AsyncIterator[MockConfigEntry]:
    """The server's config entry over the line, not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="AIFrames ImageServer",
        unique_id=server.installation_id,
        data={"url": line.url, "token": server.token, "verify_ssl": True},
    )
    entry.add_to_hass(hass)
    yield entry
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture(autouse=True)
def journal(hass: HomeAssistant) -> Iterator[Journal]:  # noqa: ARG001 - Home Assistant sets logging up first
    """All that is logged, in which there must be no exception."""
    journal = Journal()
    logging.getLogger().addHandler(journal)
    logging.getLogger(coordinator.__name__).addFilter(say_at_once)
    yield journal
    logging.getLogger(coordinator.__name__).removeFilter(say_at_once)
    logging.getLogger().removeHandler(journal)
    assert journal.exceptions == []
