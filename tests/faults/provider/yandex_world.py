"""YandexART with every fault: of the API, of an operation, and of the network on the way to it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

from imageserver.providers.yandex_art import YandexArt
from tests.processes import free_ports
from tests.simulators.yandex_art_faults import FAULTS
from tests.simulators.yandex_art_rules import API_KEY
from tests.tls import server_tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from imageserver.models import Json
    from imageserver.providers.base import Done, Pending, PictureRequest, ProviderContext
    from tests.houses import House
    from tests.simulators.yandex_art import YandexArtSimulator

PROMPTS = 300
"""So many that one is left when every fault has put one out of use."""

REQUEST, POLL, OPERATION, NETWORK = "request", "poll", "operation", "network"
NETWORK_FAULTS = ("name_unknown", "call_refused", "call_unanswered", "no_tls", "certificate_untrusted")


PATIENCE = {"silence": 0.4, "drip": 0.4, "endless": 0.4, "call_unanswered": 2.0}
"""Real seconds that the adapter waits in those faults that only its patience ends."""


class HastyYandexArt(YandexArt):
    """Gives up after a moment what the user's would wait minutes for, where waiting leads to nothing."""

    patience: ClassVar[float | None] = None

    def __init__(self, options: Mapping[str, Any], context: ProviderContext) -> None:
        super().__init__(options, context)
        self._others = {
            patience: YandexArt({**options, "timeout": patience}, context) for patience in PATIENCE.values()
        }

    async def submit(self, request: PictureRequest) -> Done | Pending:
        if self.patience is None:
            return await super().submit(request)
        return await self._others[self.patience].submit(request)

    async def fetch(self, ticket: Json) -> bytes | None:
        if self.patience is None:
            return await super().fetch(ticket)
        return await self._others[self.patience].fetch(ticket)


class YandexWorld:
    """A simulated YandexART, spoken to over one of its two APIs."""

    code = "ydArt"
    title = "YandexART"
    secret = API_KEY
    day = 25 * 3600.0
    takes_prompts = True
    free = False
    path = ""

    def __init__(self, simulator: YandexArtSimulator, transport: str) -> None:
        self._simulator = simulator
        self._transport = transport

    @property
    def options(self) -> dict[str, Any]:
        return {**self._simulator.options, "transport": self._transport}

    @property
    def sent(self) -> int:
        return sum(asked.method == "POST" for asked in self._simulator.asked)

    @property
    def polls(self) -> int:
        return sum(asked.method == "GET" for asked in self._simulator.asked)

    @property
    def billed(self) -> int:
        return len(self._simulator.billed)

    def faults(self) -> list[tuple[str, str]]:
        places = (REQUEST,) if self._transport == "images" else (REQUEST, POLL)
        found = [(name, NETWORK) for name in NETWORK_FAULTS]
        found += [(name, place) for place in places for name, fault in FAULTS.items() if not fault.operation]
        if self._transport == "async":
            found += [(name, OPERATION) for name, fault in FAULTS.items() if fault.operation]
        return found

    @asynccontextmanager
    async def befall(self, house: House, fault: str, place: str) -> AsyncIterator[None]:
        HastyYandexArt.patience = PATIENCE.get(fault)
        if place == NETWORK:
            async with _network(fault) as address:
                await self._use(house, base_url=address)
                yield
            await self._use(house)
        else:
            where = POLL if place == POLL else REQUEST
            self._simulator.always(fault, place=where)
            yield
            self._simulator.always(None, place=where)
        HastyYandexArt.patience = None

    def hangs(self, fault: str, place: str) -> float | None:  # noqa: ARG002 - it has limits of its own
        return None

    async def _use(self, house: House, **options: Any) -> None:
        providers = {self.code: {**self.options, **options}}
        house.places.options.write_text(str({"prompts_amount": PROMPTS, "providers": providers}))
        await house.server.reload()
        await house.server.jobs.close()


@asynccontextmanager
async def _network(fault: str) -> AsyncIterator[str]:
    """Yield an address at which the network is broken in some way."""
    (port,) = free_ports(1)
    if fault == "name_unknown":
        with patch.object(
            socket, "getaddrinfo", side_effect=socket.gaierror(socket.EAI_NONAME, "no such name")
        ):
            yield "https://pictures.example"
    elif fault == "call_refused":
        yield f"https://127.0.0.1:{port}"
    elif fault == "call_unanswered":
        with socket.create_server(("127.0.0.1", port), backlog=1):
            yield f"https://127.0.0.1:{port}"  # TLS begins, and nobody says anything
    elif fault == "no_tls":
        async with await asyncio.start_server(_greet, "127.0.0.1", port):
            yield f"https://127.0.0.1:{port}"
    else:
        async with await asyncio.start_server(_greet, "127.0.0.1", port, ssl=server_tls()):
            yield f"https://127.0.0.1:{port}"


async def _greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n")
    writer.close()
