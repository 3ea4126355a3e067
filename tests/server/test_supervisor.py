from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, DummyCookieJar, TCPConnector
from aiohttp.test_utils import TestServer

from imageserver.exceptions import SupervisorError, SupervisorRefusedError
from imageserver.supervisor import RETRIES, Announcer, Supervisor
from tests.manual_clock import ManualClock
from tests.simulators.supervisor import FAULTS, SupervisorSimulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from imageserver.supervisor import Ports

TOKEN = "a-token-of-the-supervisor"
API_TOKEN = "a-token-of-the-server"
CONFIG: dict[str, Any] = {
    "name": "AIFrames ImageServer",
    "slug": "aiframes",
    "version": "2.0.0",
    "discovery": ["aiframes"],
    "ports": {"8099/tcp": 8099, "8098/tcp": 8098},
}
SHORT = 0.1
"""Seconds of real time: the network has no other."""

PASSING = [fault for fault in FAULTS if fault != "echo"]


class NotedClock(ManualClock):
    """Tells how long somebody is going to sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.naps: asyncio.Queue[float] = asyncio.Queue()

    async def sleep(self, seconds: float) -> None:
        self.naps.put_nowait(seconds)
        await super().sleep(seconds)

    async def next_nap(self) -> float:
        """Wait until somebody sleeps; for how long."""
        async with asyncio.timeout(5):
            return await self.naps.get()


@dataclass
class Home:
    """A Supervisor, and an announcer that tells it what stands in `config`."""

    simulator: SupervisorSimulator
    clock: NotedClock
    config: dict[str, Any] = field(default_factory=lambda: {"port": 8097, "token": API_TOKEN})
    ports: list[Ports | None] = field(default_factory=list)
    announcer: Announcer = field(init=False)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for what comes over the network."""
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - the other side tells by no event of ours
                await asyncio.sleep(0.001)

    async def sooner_or_later(self, condition: Callable[[], object]) -> None:
        """Wait for what may take more than one attempt on a busy machine."""
        async with asyncio.timeout(10):
            while not condition():
                await self.clock.advance(RETRIES[-1])
                await asyncio.sleep(0.001)

    async def pushed(self, count: int) -> list[Any]:
        """Wait until Home Assistant was told so often; what it was told."""
        await self.until(lambda: len(self.simulator.pushed) >= count)
        return [message["config"] for message in self.simulator.pushed]


@asynccontextmanager
async def open_client(url: str, *, timeout: float = 5) -> AsyncIterator[Supervisor]:  # noqa: ASYNC109 - handed on
    async with ClientSession(
        connector=TCPConnector(force_close=True), cookie_jar=DummyCookieJar()
    ) as session:
        yield Supervisor(session=session, token=TOKEN, base_url=url, timeout=timeout)


@asynccontextmanager
async def open_home(
    *,
    fault: str | None = None,
    discovery: tuple[str, ...] = ("aiframes",),
    network: dict[str, int | None] | None = None,
    timeout: float = 5,  # noqa: ASYNC109 - handed on
) -> AsyncIterator[Home]:
    config = {**CONFIG, "discovery": list(discovery)}
    simulator = SupervisorSimulator(config=config, token=TOKEN, network=network)
    simulator.fault = fault
    home = Home(simulator, NotedClock())
    async with (
        TestServer(simulator.application()) as server,
        open_client(str(server.make_url("")).rstrip("/"), timeout=timeout) as supervisor,
    ):
        home.announcer = Announcer(
            supervisor=supervisor,
            clock=home.clock,
            config=lambda: dict(home.config),
            on_ports=home.ports.append,
            patience=min(timeout, 2),
        )
        home.announcer.start()
        try:
            yield home
        finally:
            await home.announcer.close()


def told(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == level]


async def test_home_assistant_discovers_the_server_and_each_change() -> None:
    async with open_home() as home:
        assert await home.pushed(1) == [{"port": 8097, "token": API_TOKEN}]
        home.config["token"] = "renewed"
        home.announcer.announce_again()
        assert (await home.pushed(2))[1]["token"] == "renewed"
        assert [message["service"] for message in home.simulator.pushed] == ["aiframes"] * 2
        assert home.clock.naps.empty()
    assert not [asked for asked in home.simulator.asked if asked.startswith("DELETE")], (
        "a stop takes back nothing"
    )


@pytest.mark.parametrize("fault", PASSING)
async def test_a_supervisor_that_can_not_is_asked_again_quietly_and_for_ever(
    caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG, "imageserver")
    async with open_home(fault=fault, timeout=SHORT) as home:
        for attempt, seconds in enumerate((*RETRIES, 300, 300), 1):
            assert await home.clock.next_nap() == seconds
            assert len(told(caplog, logging.WARNING)) == (1 if attempt >= len(RETRIES) else 0)
            await home.clock.advance(seconds)
        assert "asked again every 5 minutes" in told(caplog, logging.WARNING)[0]
        home.simulator.fault = None
        await home.sooner_or_later(lambda: told(caplog, logging.INFO))
        assert len(home.simulator.pushed) == 1
        assert told(caplog, logging.INFO) == ["Home Assistant was told about this server"]
    assert told(caplog, logging.ERROR) == []
    assert TOKEN not in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_closed_door_is_no_more_than_a_reason_to_come_again() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # and nobody listens
        async with open_client(f"http://127.0.0.1:{sock.getsockname()[1]}") as supervisor:
            with pytest.raises(SupervisorError, match="can't be reached") as caught:
                await supervisor.discover({})
    assert not isinstance(caught.value, SupervisorRefusedError)


@pytest.mark.parametrize("url", ["", "supervisor", "http://", "http://no such host", "ftp://supervisor"])
async def test_an_address_that_is_none_is_no_more_than_that(url: str) -> None:
    async with open_client(url) as supervisor:
        with pytest.raises(SupervisorError):
            await supervisor.discover({})


async def test_what_is_new_does_not_wait_for_the_next_attempt() -> None:
    async with open_home(fault="503") as home:
        await home.clock.next_nap()
        home.simulator.fault = None
        home.config["token"] = "renewed"
        home.announcer.announce_again()
        assert (await home.pushed(1))[0]["token"] == "renewed"


async def test_a_refusal_is_told_once_and_asked_again_only_with_news(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_home(discovery=("mqtt",)) as home:
        await home.until(lambda: told(caplog, logging.ERROR))
        (error,) = told(caplog, logging.ERROR)
        assert "HTTP 403: Apps must list services" in error
        assert "Update or reinstall the app" in error
        home.announcer.announce_again()
        await home.until(lambda: len(told(caplog, logging.ERROR)) == 2)
        assert home.clock.naps.empty(), "it waits for no time"
        assert home.ports == [{8099: 8099, 8098: 8098}], "other questions are answered"


async def test_a_wrong_token_is_a_refusal() -> None:
    simulator = SupervisorSimulator(config=CONFIG, token="another one")
    async with (
        TestServer(simulator.application()) as server,
        open_client(str(server.make_url("")).rstrip("/")) as supervisor,
    ):
        with pytest.raises(SupervisorRefusedError, match="HTTP 403: 403: Forbidden"):
            await supervisor.published_ports()


@pytest.mark.parametrize("fault", [None, "slow", "503"])
async def test_it_ends_at_once_whatever_it_does(fault: str | None) -> None:
    async with open_home(fault=fault) as home:
        await home.until(lambda: home.simulator.asked)
        async with asyncio.timeout(2):
            await home.announcer.close()
        await home.announcer.close()


@pytest.mark.parametrize(
    ("network", "ports"),
    [
        ({}, {8099: 8099, 8098: 8098}),
        ({"8099/tcp": 443, "8098/tcp": None}, {8099: 443, 8098: None}),
        ({"8099": 8099, "9/udp": 9, "http/tcp": 5}, {8099: 8099, 8098: 8098}),
    ],
)
async def test_the_published_ports_are_asked_once(network: dict[str, int | None], ports: Ports) -> None:
    async with open_home(network=network) as home:
        await home.pushed(1)
        home.config["token"] = "renewed"
        home.announcer.announce_again()
        await home.pushed(2)
        assert home.ports == [ports]
        assert home.simulator.asked.count("GET /addons/self/info") == 1


async def test_an_app_on_the_machines_own_network_has_its_own_ports() -> None:
    async with open_home() as home:
        home.simulator.network.clear()
        await home.pushed(1)
        assert home.ports == [None]


async def test_a_slow_supervisor_is_not_waited_for_and_believed_later() -> None:
    async with open_home(fault="slow", timeout=SHORT) as home:
        await home.until(lambda: home.ports)
        assert home.ports == [None]
        await home.clock.next_nap()
        home.simulator.fault = None
        await home.sooner_or_later(lambda: len(home.ports) == 2)
        assert home.ports == [None, {8099: 8099, 8098: 8098}]


async def test_what_a_refusal_repeats_is_cut_short() -> None:
    async with open_home(fault="echo") as home:
        await home.until(lambda: home.ports)
        with pytest.raises(SupervisorRefusedError) as caught:
            await home.announcer._supervisor.discover({"much": "x" * 10_000})
    assert len(str(caught.value)) < 300
