"""One fault, met by one kind of request: what it does to the frame, the money, the people and the log."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from imageserver.exceptions import StartError
from imageserver.generations.provider import SUBMIT_SECONDS
from imageserver.models import Fate, OperationKind, OperationStatus, PromptText
from tests.faults.provider.table import Row
from tests.houses import OTHER_FRAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

    from imageserver.models import Generation, Operation
    from tests.houses import House

PATIENCE = 25.0
"""Real seconds that anything here may take, on a machine under load."""

SHORT = 6.0
"""Seconds of the longest pause between two tries that is waited for."""

LONG = 31.0
"""Seconds of the longest pause between two questions about a ticket."""

ENOUGH = 6
"""Questions after which a provider that still owes the picture has been asked often enough."""

NO_MORE = "the prompt is drawn no more"
NOTHING = "-"
TRACEBACK = " with traceback"
REMEDY = "Mend its credentials, rights, balance or settings, then retry it."


class Mode(StrEnum):
    """Who asks."""

    AUTO = "auto"
    """A frame, for any picture; it polls."""
    DIRECT = "direct"
    """A frame, for a picture of a prompt; it polls."""
    BACKGROUND = "background"
    """A frame, for any picture, and then it is never heard of again."""


class World(Protocol):
    """A provider that can be made to fail.

    Attributes:
        code: The provider's.
        title: As people call it.
        secret: What nobody may read.
        day: Seconds after which the next automatic request is due, whatever has happened.
        takes_prompts: It makes pictures from prompts.
        free: Nothing that is asked of it costs money.
        path: What is another one each time, and stands as `PATH` in the table.
    """

    code: str
    title: str
    secret: str
    day: float
    takes_prompts: bool
    free: bool
    path: str

    @property
    def sent(self) -> int:
        """How many requests for a picture have come so far."""

    @property
    def billed(self) -> int:
        """How many of them cost money."""

    @property
    def polls(self) -> int:
        """How many questions about a ticket have come so far."""

    def faults(self) -> list[tuple[str, str]]:
        """Return each fault with each place where it can befall a request."""

    def befall(self, house: House, fault: str, place: str) -> AbstractAsyncContextManager[None]:
        """Let a fault last for as long as the block."""

    def hangs(self, fault: str, place: str) -> float | None:
        """After how many seconds the server gives up what never ends; None for any other fault."""


@dataclass(slots=True)
class Visit:
    """Asks one provider of one server, and looks at everything that follows."""

    house: House
    world: World
    records: list[logging.LogRecord]
    _refused: int = 0
    _calls: int = 0

    async def meet(self, fault: str, place: str, mode: Mode) -> Row:
        """Meet a fault, and describe what happened as a row of the table."""
        await self.house.clock.advance(self.world.day)
        sent, billed = self.world.sent, self.world.billed
        self._refused = self._out_of_use()
        self._calls = self.world.sent + self.world.polls
        async with self.world.befall(self.house, fault, place):
            self.records.clear()
            try:
                operation = await self._ask(fault, mode)
            except StartError as error:
                return self._row(fault, place, direct="refused", says=str(error))
            hangs = self.world.hangs(fault, place)
            fate, says, generation = await self.fate(operation, mode, hangs=hangs)
            row = self._row(fault, place, fate=fate, says=says)
            shown = await self.shown(operation, generation, mode, says)
        if generation is not None and fate == Fate.SENT:
            await self.house.clock.advance(hangs or 0)  # what hangs already does not come back earlier
            row = replace(row, fate=await self._later(operation, generation, mode))
        return replace(
            row,
            sent=str(self.world.sent - sent),
            billed=str(self.world.billed - billed),
            log=self._log(says),
            **{"direct" if mode is Mode.DIRECT else "auto": shown},
        )

    def retry(self) -> None:
        """Open the provider again, as a person can."""
        self.house.server.availability.retry(self.world.code)

    async def recover(self) -> list[str]:
        """Let time pass until anything is tried again; return what is wrong if no picture comes."""
        await self.house.clock.advance(self.world.day)
        sent = self.world.sent
        operation = await self.house.ask(OperationKind.AUTO)
        _, says, generation = await self.fate(operation, Mode.AUTO, hangs=None)
        shown = await self.shown(operation, generation, Mode.AUTO, says)
        if shown != "new":
            return [f"it does not recover: {shown}, {says}"]
        if self.world.sent - sent != 1:
            return [f"it needs {self.world.sent - sent} requests to recover"]
        return []

    async def _ask(self, fault: str, mode: Mode) -> Operation:
        if mode is not Mode.DIRECT:
            return await self.house.ask(OperationKind.AUTO)
        text = PromptText(f"a fox and {fault}") if self.world.takes_prompts else None
        return await self.house.ask(OperationKind.DIRECT, text=text)

    async def fate(
        self, operation: Operation, mode: Mode, *, hangs: float | None = None
    ) -> tuple[str, str, Generation | None]:
        """Return what has become of the request while the fault lasts, and what people read about it."""
        availability = self.house.server.availability
        if operation.generation_id is None:
            return NOTHING, availability.readiness(self.world.code).text or "", None
        generation = await self.house.server.generations.get(operation.generation_id)
        generation = await self._end(generation, hangs=hangs, hurry=mode is not Mode.BACKGROUND)
        says = generation.error or availability.last_error(self.world.code) or ""
        return generation.fate, says, generation

    async def _end(
        self, generation: Generation, *, hangs: float | None, hurry: bool, pause: float = SHORT
    ) -> Generation:
        """Wait until a request has ended, or until it has been asked about often enough."""
        generations = self.house.server.generations
        over = asyncio.ensure_future(generations.wait(generation.id))
        polls = self.world.polls
        if hangs is not None:
            await self._hang(hangs)
        async with asyncio.timeout(PATIENCE):
            while not over.done() and not self._is_enough(generation.id, polls, hangs=hangs):
                if hurry:
                    generations.hurry()
                await self._pause(pause)
        if over.done():
            return over.result()
        over.cancel()
        return await generations.get(generation.id)

    async def _hang(self, seconds: float) -> None:
        """Let the time pass that the server waits for an answer, and see that it waits as long."""
        clock = self.house.clock
        calls = 1 if seconds == SUBMIT_SECONDS else 2
        async with asyncio.timeout(PATIENCE):
            while self.world.sent + self.world.polls < self._calls + calls:
                await self._pause()
        await clock.advance(seconds - 1)
        assert self.house.server.generations.running, "it is given up too early"
        told = [record.getMessage() for record in self.records if record.levelno >= logging.WARNING]
        assert told == [], "it is told too early"
        await clock.advance(1)

    async def _pause(self, longest: float = SHORT) -> None:
        """Let a short pause between two tries pass, and whatever a socket or a thread does meanwhile."""
        pause = self.house.clock.next_waking()
        if pause is not None and pause <= longest:
            await self.house.clock.advance(pause)
        await asyncio.sleep(0.002)

    def _is_enough(self, generation_id: str, polls: int, *, hangs: float | None) -> bool:
        """Whether it is clear by now that the picture is owed for as long as the fault lasts."""
        if hangs is not None:
            return any(record.levelno >= logging.WARNING for record in self.records)
        running = self.house.server.generations.running
        is_owed = any(one.id == generation_id and one.fate is Fate.SENT for one in running)
        return is_owed and self.world.polls > polls + ENOUGH

    async def _later(self, operation: Operation, generation: Generation, mode: Mode) -> str:
        """Return what becomes of a picture that is owed, once the fault has ended."""
        hurry = mode is not Mode.BACKGROUND
        last = await self._end(generation, hangs=None, hurry=hurry, pause=SHORT if hurry else LONG)
        if last.fate is not Fate.DONE:
            return "sent" if last.fate is Fate.SENT else f"sent, then {last.fate}"
        if mode is Mode.DIRECT:
            seen = await self.house.shown(await self.house.ended(operation))
        else:
            seen = await self.house.see(frame=OTHER_FRAME)
        return "sent, then done" if seen.picture_id == last.picture_id else "sent, then done and not seen"

    async def shown(self, operation: Operation, generation: Generation | None, mode: Mode, says: str) -> str:
        """Return what the frame gets while the fault lasts."""
        if generation is not None and generation.fate is Fate.SENT:
            await self.house.clock.advance(60)
            if mode is Mode.DIRECT:
                return "waits"
        operation = await self.house.ended(operation)
        if operation.status is OperationStatus.ERROR:
            told = "told" if operation.error == says else f"told {operation.error!r}"
            return f"{told} ({operation.error_code})"
        # Of a frame that is never heard of again, the next one gets the picture.
        content = await self.house.shown(operation)
        if content.passing is not None:
            return "new"
        if content.picture_id is None:
            return str(content.kind)
        made = generation is not None and content.picture_id == generation.picture_id
        return "new" if made else "stored"

    def _row(self, fault: str, place: str, *, fate: str = NOTHING, direct: str = "", says: str = "") -> Row:
        for text in (says, *(record.getMessage() for record in self.records)):
            assert self.world.secret not in text, "a secret is told"
        return Row(
            fault=fault,
            place=place,
            sent="0",
            billed="0",
            fate=fate,
            auto="",
            direct=direct,
            provider=self._provider(),
            log=self._log(says),
            says=self._everywhere(says),
        )

    def _everywhere(self, text: str) -> str:
        return text.replace(self.world.path, "PATH") if self.world.path else text

    def _provider(self) -> str:
        """Describe how the provider is treated from now on."""
        server, now = self.house.server, self.house.clock.now()
        facts = server.availability.facts(self.world.code)
        found = []
        if facts.off:
            found.append("off")
        for name, until in (("rests", facts.not_before), ("unreachable", facts.unreachable_until)):
            if until is not None and until > now:
                found.append(f"{name} {(until - now).total_seconds():.0f} s")
        if facts.not_ready:
            found.append("not ready")
        if self._out_of_use() > self._refused:
            found.append(NO_MORE)
        known = {"access_refused"} if facts.off else set()
        found += [problem.code for problem in server.problems.all() if problem.code not in known]
        return ", ".join(found) or "as before"

    def _out_of_use(self) -> int:
        """Return how many prompts are not drawn any more."""
        return sum(self.world.code in prompt.refused_by for prompt in self.house.server.prompts.all())

    def _log(self, says: str) -> str:
        """Describe the lines of the log from WARNING on."""
        title = self.world.title
        known = {
            f"{title} gave no picture: {says}": "said",
            f"{title} has not handed out its picture yet and goes on being asked: {says}": "owed",
            f"{title} is switched off: {says} {REMEDY}": "off",
        }
        lines = []
        for record in self.records:
            if record.levelno >= logging.WARNING:
                message = record.getMessage()
                traceback = TRACEBACK if record.exc_info and record.exc_info[0] else ""
                lines.append(self._everywhere(known.get(message, message)) + traceback)
        return ", ".join(lines) or NOTHING


@contextmanager
def listening() -> Iterator[list[logging.LogRecord]]:
    """Take down what is logged, as a list that may be emptied."""
    records: list[logging.LogRecord] = []

    class Pencil(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler = Pencil()
    logger = logging.getLogger("imageserver")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield records
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
