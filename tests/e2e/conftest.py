"""A home as a person has it: a frame on the wall, the server as an app, Home Assistant, and a browser."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chromium import open_browser
from tests.e2e.browser import Window, open_window
from tests.e2e.home_assistant import HomeAssistant, run_home_assistant
from tests.e2e.image_server import ImageServer
from tests.e2e.pictures import Pictures
from tests.e2e.supervisor import Supervisor, open_supervisor
from tests.e2e.waiting import until, until_found
from tests.simulators.frame import FirmwareError, Frame, RefusedError, Shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

FRAME = "127.0.0.7"
"""The frame's address."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, help="where to put the pictures of the documentation")


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest) -> Pictures:
    return Pictures(request.config.getoption("--pictures"))


@pytest.fixture(scope="session")
async def supervisor() -> AsyncIterator[tuple[Supervisor, str]]:
    async with open_supervisor() as opened:
        yield opened


@pytest.fixture(scope="session")
async def server(
    tmp_path_factory: pytest.TempPathFactory, supervisor: tuple[Supervisor, str]
) -> AsyncIterator[ImageServer]:
    """The server as an app, which has announced itself."""
    root = tmp_path_factory.mktemp("server")
    async with ImageServer(root, environment=supervisor[0].environment) as server:
        await until(lambda: supervisor[0].simulator.pushed)
        yield server


@pytest.fixture(scope="session", autouse=True)
async def shown(server: ImageServer) -> AsyncIterator[list[Shown]]:
    """What a frame has shown so far, which asks for pictures as long as the tests go on."""
    shown: list[Shown] = []
    asking = asyncio.create_task(_ask_for_ever(server, shown))
    yield shown
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking


async def _ask_for_ever(server: ImageServer, shown: list[Shown]) -> None:
    frame = Frame("127.0.0.1", server.frames_port, source=FRAME, sleep=lambda _: asyncio.sleep(0.5))
    while True:
        with suppress(FirmwareError, RefusedError, OSError):
            shown.append(await frame.show())


@pytest.fixture(scope="session")
async def home(
    tmp_path_factory: pytest.TempPathFactory,
    supervisor: tuple[Supervisor, str],
    server: ImageServer,  # noqa: ARG001 - it has announced itself
) -> AsyncIterator[HomeAssistant]:
    """A new Home Assistant, started when the app runs already.

    Of us its log may complain when the server is killed, and not otherwise.
    """
    async with run_home_assistant(tmp_path_factory.mktemp("home"), supervisor=supervisor[1]) as home:
        telling = asyncio.create_task(
            supervisor[0].tell_of_messages(lambda uuid: home.rest("POST", f"hassio_push/discovery/{uuid}"))
        )
        yield home
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
    assert home.complaints() == home.complaints("Error fetching AIFrames ImageServer data")


@pytest.fixture(scope="session", autouse=True)
async def accepted(home: HomeAssistant) -> None:
    """The app was discovered, and somebody said yes."""
    (flow,) = await until_found(home.flows)
    assert (flow["context"]["source"], flow["step_id"]) == ("hassio", "hassio_confirm")
    added = await home.rest("POST", f"config/config_entries/flow/{flow['flow_id']}", {})
    assert added["type"] == "create_entry"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
async def window(browser: Browser, home: HomeAssistant) -> AsyncIterator[Window]:
    """The window in which everything happens, one page after the other."""
    async with open_window(browser, home) as window:
        yield window
