"""A simulated YandexART that lives at everyone's pace, and can be out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.simulators.yandex_art import YandexArtSimulator

if TYPE_CHECKING:
    from tests.faults.month.ledger import Ledger
    from tests.faults.month.pace import Pace
    from tests.simulators.yandex_art_faults import Fault
    from tests.simulators.yandex_art_rules import Asked


class TimedYandexArt(YandexArtSimulator):
    """Writes down when it took a request: when it said so."""

    def __init__(self, pace: Pace, ledger: Ledger) -> None:
        super().__init__(
            old_model_retired=False,
            now=pace.clock.now,
            sleep=pace.sleep,
            monotonic=pace.clock.monotonic,
        )
        self._pace = pace
        self._ledger = ledger

    def take(self, seconds: float, *, transport: str) -> None:
        """Need so long for a picture: before the only answer, or after the one with the ticket."""
        self.delay, self.operation_delay = (seconds, 0.0) if transport == "images" else (0.0, seconds)

    async def go_away(self) -> None:
        """Refuse connections."""
        for site in tuple(self._runner.sites):
            await site.stop()

    async def come_back(self) -> None:
        """Listen again, where it was."""
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def _images(self, request: web.Request) -> web.StreamResponse:
        with self._pace.awake():
            return await super()._images(request)

    async def _async(self, request: web.Request) -> web.StreamResponse:
        with self._pace.awake():
            return await super()._async(request)

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        with self._pace.awake():
            return await super()._poll(request)

    def _note(self, request: web.Request) -> Asked:
        if request.method == "POST":
            self._ledger.asked[self._pace.clock.today()] += 1
        return super()._note(request)

    async def _answer(
        self, request: web.Request, asked: Asked, made: dict[str, Any], fault: Fault | None
    ) -> web.StreamResponse:
        if asked.method == "POST" and fault is None:
            self._ledger.taken[self._pace.clock.today()] += 1
        return await super()._answer(request, asked, made, fault)
