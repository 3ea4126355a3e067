"""A server's month in minutes: frames, people, a provider, and nothing but the time is made up."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import ssl
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.faults.month import disk, midnight
from tests.faults.month.flatness import flatness, too_steep
from tests.faults.month.household import new_house, settle_in
from tests.faults.month.ledger import Ledger
from tests.faults.month.management import management_of
from tests.faults.month.pace import Pace
from tests.faults.month.people import FAVOURITES, People
from tests.faults.month.plan import DAILY_LIMIT, MOST_ORIGINALS, MOST_PICTURES, Options
from tests.faults.month.server_in_time import ServerInTime
from tests.faults.month.stepped_clock import SteppedClock
from tests.faults.month.timed_yandex_art import TimedYandexArt
from tests.simulators.drawn import draw
from tests.tls import make_certificate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from tests.faults.month.household import LightFrame
    from tests.faults.month.management import Management
    from tests.faults.month.plan import Plan

    type Deed = tuple[datetime, Callable[[int], Awaitable[None]], int]

_LOGGER = logging.getLogger(__name__)

FRAMES_APART = 300.0
"""Seconds between two groups of frames; those of one ask at the same moment."""

QUICK, SLOW = 25.0, 70.0
"""Seconds that a picture takes; SLOW is more than a frame waits for."""

PATIENCE = 20.0


class Month:
    """Everyone who takes part, and the time that passes."""

    def __init__(
        self,
        plan: Plan,
        *,
        server: ServerInTime,
        pace: Pace,
        ledger: Ledger,
        provider: TimedYandexArt,
        management: Management,
        frames: list[LightFrame],
    ) -> None:
        self.plan = plan
        self.rows: list[dict[str, Any]] = []
        self._server = server
        self._pace = pace
        self._clock = pace.clock
        self._ledger = ledger
        self._provider = provider
        self._management = management
        self._frames = frames
        self._options = Options(provider.options)
        self._log_read = 0
        self._complaints: Counter[str] = Counter()
        self._cpu_before = 0.0
        self._real_before = time.perf_counter()
        self._certificate = ""

    @property
    def root(self) -> Path:
        return self._server.root

    async def begin(self) -> None:
        """Prepare the directories and start the server."""
        for name in ("data", "images", "log", "certs"):
            (self.root / name).mkdir()
        for number in range(10):
            disk.drop(self.root, f"starter-{number}", draw(f"starter {number}", 320, 480))
        disk.keep_certificate(
            self.root,
            make_certificate(
                "127.0.0.1",
                starts=self.plan.midnight(1).isoformat(),
                ends=self.plan.certificate_ends().isoformat(),
            ),
        )
        self._write_options()
        self._provider.take(QUICK, transport=self._options.transport)
        await self._server.start(self._clock.now())
        self._certificate = await self._shown_certificate()

    async def pass_by(self) -> None:
        """Let all days pass."""
        for moment, deed, day in self._deeds():
            await self._pass_time(moment)
            await deed(day)

    async def end(self) -> dict[str, Any]:
        """Stop the server well, and say what was found."""
        code = await self._server.stop()
        ledger = self._ledger
        ledger.expect(code == 0, f"the last stop ended with {code}")
        errors = (self.root / "errors.txt").read_text()
        ledger.expect(not errors, f"on stderr: {errors[-500:]}")
        judged = [row for row in self.rows if self.plan.warm is not None and row["day"] > self.plan.warm]
        growth = flatness(judged, days=10) if judged else {}
        ledger.wrong += too_steep(growth)
        return {
            "rows": self.rows,
            "growth": growth,
            "deeds": dict(ledger.did),
            "events": dict(self._management.events),
            "streams": self._management.streams,
            "complaints": dict(self._complaints.most_common(40)),
            "wrong": ledger.wrong,
        }

    # The time

    async def _pass_time(self, until: datetime) -> None:
        while self._clock.now() < until:
            due = self._clock.next_due()
            await self._step(until if due is None else min(due, until))

    async def _step(self, now: datetime) -> None:
        """Let it be this late for everyone, and wait until all have done what they do then."""
        self._clock.set(now)
        await self._server.to(now)
        self._clock.wake()
        changes = -1
        while changes != self._pace.changes:
            await self._pace.rest()
            changes = self._pace.changes
            await self._server.to(now)
            await self._pace.rest()

    # What happens

    def _deeds(self) -> list[Deed]:
        plan = self.plan
        found: list[Deed] = []
        for day in range(1, plan.days + 1):
            found.append((plan.at(day, 10, 30, 45), self._refuse_one, day))
            found.append((plan.midnight(day + 1), self._look_back, day))
        found += [(plan.at(day, 12, 0, 45), self._start_anew, day) for day in plan.clean]
        found += [(plan.at(day, 12, 0, 45), self._kill, day) for day in plan.killed]
        found += [(plan.at(day, 18, 0, 45), self._reload, day) for day in plan.reloaded]
        found += self._of_provider()
        first, last = plan.midnight(1), plan.midnight(plan.days + 1)
        return sorted((deed for deed in found if first < deed[0] <= last), key=lambda deed: deed[0])

    def _of_provider(self) -> list[Deed]:
        plan = self.plan
        days: list[tuple[int, int, int, Callable[[int], Awaitable[None]]]] = [
            (plan.down, 0, 0, self._fail),
            (plan.down, 0, 12, self._go_away),
            (plan.down, 1, 0, self._come_back),
            (plan.images_from, 0, 8, self._use_images),
            (plan.slow, 0, 0, self._be_slow),
            (plan.slow, 1, 0, self._be_quick),
            (plan.over, 0, 15, self._ask_too_often),
        ]
        return [(plan.at(day + later, hour, 0, 45), deed, day) for day, later, hour, deed in days if day]

    async def _start_anew(self, _: int) -> None:
        code = await self._server.stop()
        self._ledger.expect(code == 0, f"a stop ended with {code}")
        self._read_log()
        await self._server.start(self._clock.now())
        self._cpu_before = 0.0
        self._ledger.did["restarts"] += 1

    async def _kill(self, _: int) -> None:
        """Kill it while frames start; only what they asked in that moment may be lost."""
        await disk.until_written(self.root, self._ledger, patience=PATIENCE)
        starts = [asyncio.ensure_future(frame.hurried_start()) for frame in self._frames]
        await asyncio.wait(starts, return_when=asyncio.FIRST_COMPLETED)
        await self._server.stop(signal.SIGKILL)
        await asyncio.gather(*starts, return_exceptions=True)
        self._read_log()
        await self._server.start(self._clock.now())
        self._cpu_before = 0.0
        status = await self._management.ask("GET", "/api/v1/status")
        counted = status["metrics"]["requests_by_kind"]["start_old"]["total"]
        known = self._ledger.requests_by_kind()["start_old"]
        self._ledger.expect(
            known <= counted <= known + len(starts),
            f"after a kill {counted} starts are counted, before it {known}, in it {len(starts)}",
        )
        self._ledger.note_request("start_old", counted - known)
        self._ledger.did["kills"] += 1

    async def _reload(self, day: int) -> None:
        self._options.quality = 80 + day % 10
        self._options.fit_mode = ("pad", "cover", "blur")[day % 3]
        await self._let_reload()
        self._ledger.did["reloads"] += 1

    async def _use_images(self, _: int) -> None:
        self._options.transport = "images"
        self._provider.take(QUICK, transport="images")
        await self._let_reload()

    async def _let_reload(self) -> None:
        self._write_options()
        before = self._management.events["settings"]
        self._server.reload()
        async with asyncio.timeout(PATIENCE):
            while self._management.events["settings"] == before:  # noqa: ASYNC110 - another process tells
                await asyncio.sleep(0.01)
        await self._step(self._clock.now())

    async def _refuse_one(self, day: int) -> None:
        if day != self.plan.down:
            self._provider.next("refused")
            self._ledger.did["refusals"] += 1

    async def _fail(self, _: int) -> None:
        self._provider.always("unavailable")

    async def _go_away(self, _: int) -> None:
        self._provider.always(None)
        await self._provider.go_away()

    async def _come_back(self, _: int) -> None:
        await self._provider.come_back()

    async def _be_slow(self, _: int) -> None:
        self._provider.take(SLOW, transport=self._options.transport)

    async def _be_quick(self, _: int) -> None:
        self._provider.take(QUICK, transport=self._options.transport)

    async def _ask_too_often(self, day: int) -> None:
        """Press the button of every frame twice."""
        refused = self._ledger.did["refused"]
        for frame in (*self._frames, *self._frames):
            self._pace.start(frame.ask("ydart"))
        await self._pass_time(self.plan.at(day, 15, 30, 45))
        asked = self._ledger.asked[self.plan.date(day).isoformat()]
        if 2 * len(self._frames) > DAILY_LIMIT:
            self._ledger.expect(
                asked == DAILY_LIMIT, f"{asked} requests were sent, {DAILY_LIMIT} are allowed"
            )
            self._ledger.expect(self._ledger.did["refused"] > refused, "nobody was refused")

    # What is looked at

    async def _look_back(self, day: int) -> None:
        """At midnight: compare and measure."""
        today = self.plan.date(day + 1)
        await self._step(self._clock.now())
        figures = await midnight.compare(self._ledger, self._management, self.root, today=today)
        self._compare_with_caps(figures)
        if day == self.plan.renewed:
            shown = await self._shown_certificate()
            self._ledger.expect(shown != self._certificate, "the certificate was not renewed")
            self._ledger.did["renewals"] += shown != self._certificate
        weight = self._server.weight()
        cpu, self._cpu_before = weight["cpu_seconds"] - self._cpu_before, weight["cpu_seconds"]
        real = time.perf_counter()
        sizes = disk.sizes(self.root)
        self.rows.append(
            {
                "day": day,
                "date": self.plan.date(day).isoformat(),
                **figures,
                **weight,
                "cpu_seconds": round(cpu, 1),
                "real_seconds": round(real - self._real_before, 1),
                **sizes,
                "table_rows": disk.rows(self.root),
                **self._read_log(),
            }
        )
        self._real_before = real
        _LOGGER.info("%s", json.dumps({**self.rows[-1], "wrong": self._ledger.wrong}))

    def _compare_with_caps(self, figures: dict[str, Any]) -> None:
        """What is kept whatever the caps say: favourites, and what waits to be shown or fetched."""
        kept = FAVOURITES + len(self._frames)
        for name, most in (("pictures", MOST_PICTURES), ("originals", MOST_ORIGINALS)):
            self._ledger.expect(figures[name] <= most + kept, f"{figures[name]} {name}, at most {most} stay")

    def _read_log(self) -> dict[str, Any]:
        before = self._log_read
        self._log_read, lines = disk.log_lines(self._server.log, before)
        bad = [line[20:] for line in lines if " WARNING " in line[:30] or " ERROR " in line[:30]]
        self._complaints.update(disk.without_numbers(line)[:100] for line in bad)
        self._ledger.expect(not any("Traceback" in line for line in lines), "a traceback in the log")
        return {
            "log_lines": len(lines),
            "log_kb": round((self._log_read - before) / 1024, 1),
            "log_complaints": len(bad),
        }

    async def _shown_certificate(self) -> str:
        address = ("127.0.0.1", self._server.https_port)
        return await asyncio.to_thread(ssl.get_server_certificate, address)

    def _write_options(self) -> None:
        (self.root / "data" / "options.yml").write_text(self._options.text())


@asynccontextmanager
async def month_of(plan: Plan, root: Path) -> AsyncIterator[Month]:
    """Bring everyone together; the month has begun when the block does."""
    clock = SteppedClock(plan.midnight(1), ZoneInfo(plan.zone))
    pace, random = Pace(clock), Random(plan.seed)
    ledger = Ledger(clock)
    server = ServerInTime(root, zone=plan.zone)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(server.close)
        provider = await stack.enter_async_context(TimedYandexArt(pace, ledger))
        management = await stack.enter_async_context(management_of(server))
        stack.push_async_callback(pace.close)
        house = new_house(server, pace, ledger, random)
        frames = settle_in(house, plan.frames, period=plan.period_minutes * 60, apart=FRAMES_APART)
        month = Month(
            plan,
            server=server,
            pace=pace,
            ledger=ledger,
            provider=provider,
            management=management,
            frames=frames,
        )
        await month.begin()
        following = asyncio.create_task(management.follow())
        stack.callback(following.cancel)
        people = People(house, management, frames)
        for day in range(1, plan.days + 1):
            pace.start(people.live_a_day(plan.midnight(day), day))
        pace.start(_look_again_and_again(pace, management, plan.look_minutes))
        yield month


async def _look_again_and_again(pace: Pace, management: Management, minutes: float) -> None:
    """Look as the integration does while it has no stream, and as a Prometheus does."""
    while True:
        await pace.sleep(minutes * 60)
        await management.ask("GET", "/api/v1/status")
        await management.ask("GET", "/metrics")
