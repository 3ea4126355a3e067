"""The prompts in force, in step with `prompts.yaml` both ways."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from ..events import EventKind
from ..exceptions import ConflictError, PromptError, UnreadableFileError
from ..files.text_decoding import decode
from .checks import Checked, check
from .disk import FIRST, NAME, PromptsDisk, Reading
from .draft import Draft, Kept
from .file import Document, parse
from .patch import rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..events import Events
    from ..problems import Problems
    from ..timing.clock import Clock
    from .records import PromptRecords

_LOGGER = logging.getLogger(__name__)

PROBLEM: Final = "prompts_file"

ATTEMPTS: Final = 5
"""How often a change is tried when someone else saves the file in between."""


class PromptShelf:
    """What was last understood of the file stays in force until something else is understood.

    Attributes:
        document: What is in force.
        prompts: The same, each prompt with its id and with what it can become.
    """

    def __init__(
        self, *, config_dir: Path, records: PromptRecords, clock: Clock, events: Events, problems: Problems
    ) -> None:
        self._clock = clock
        self._events = events
        self._problems = problems
        self._disk = PromptsDisk(config_dir)
        self._records = records
        self._lock = asyncio.Lock()
        self._reading: Reading | None = None
        self._fault: str | None = None
        self.document = Document()
        self.prompts: tuple[Checked, ...] = ()

    async def open(self) -> None:
        """Make the files that are missing, and read the prompts."""
        async with self._lock:
            try:
                await asyncio.to_thread(self._disk.prepare)
            except OSError as error:
                _LOGGER.warning("The directory of %s can't be written: %s", NAME, error)
            await self._look()
            if self._reading is None or self._fault is not None:
                return
            if self._reading.stamp is None:
                self._take(parse(FIRST))
            self._records.keep(self._kept())

    async def refresh(self) -> None:
        """Take in what someone changed in the file."""
        async with self._lock:
            await self._look()

    async def change[T](self, change: Callable[[Draft], T]) -> T:
        """Change the prompts as they are in the file now, and the file.

        Args:
            change: Called with a draft of what is there; again, where someone saves the file meanwhile.

        Returns:
            What `change` returned.

        Raises:
            PromptError: The file is broken or can't be written; nothing was changed.
            StateError: What has to be remembered can't be written down; nothing was changed.
        """
        async with self._lock:
            for _ in range(ATTEMPTS):
                await self._look()
                if self._fault is not None:
                    raise PromptError(f"{self._fault}. Nothing can be changed until that is mended.")
                lists = dict(self.document.global_placeholders)
                draft = Draft(self._kept(), lists, self._records.ledger)
                result = change(draft)
                with suppress(ConflictError):
                    await self._put(draft)
                    return result
            raise PromptError(f"Someone else is writing {NAME} all the time: try again later.")

    async def _look(self) -> None:
        try:
            reading = await asyncio.to_thread(self._disk.look)
        except OSError as error:
            self._reading = None
            self._break(f"{NAME} can't be read: {error.strerror or error}")
            return
        if reading is self._reading:
            return
        self._reading = reading
        if reading.stamp is None:
            self._miss()
            return
        try:
            document = await asyncio.to_thread(parse, reading.data)
        except UnreadableFileError as error:
            self._break(f"{NAME}, {error}")
            return
        self._mend()
        self._take(document)

    def _break(self, fault: str) -> None:
        self._fault = fault
        remedy = "Mend it; until then the prompts that were read last stay in force, and none can be added."
        self._problems.report(PROBLEM, f"{fault}.", remedy=remedy)

    def _miss(self) -> None:
        self._fault = None
        remedy = "Put it back, or add a prompt: then it is written anew with those that are in force still."
        self._problems.report(PROBLEM, f"There is no {NAME}.", remedy=remedy)

    def _mend(self) -> None:
        self._fault = None
        self._problems.resolve(PROBLEM)

    def _take(self, document: Document, ids: Sequence[str] | None = None) -> None:
        """Let a document be in force; without ids, its prompts get those that they had."""
        ids = self._records.ids(document.entries) if ids is None else ids
        before = {prompt.id: prompt for prompt in self.prompts}
        changed = document != self.document or [*ids] != [*before]
        self.document = document
        self.prompts = tuple(
            check(entry, document.global_placeholders, prompt_id=prompt_id, idx=idx)
            for idx, (prompt_id, entry) in enumerate(zip(ids, document.entries, strict=True), 1)
        )
        for prompt in self.prompts:
            if prompt.id in before and _becomes_other(before[prompt.id], prompt):
                self._records.forgive(prompt.id)
        if changed:
            self._events.publish(EventKind.PROMPTS)

    def _kept(self) -> list[Kept]:
        return [Kept(prompt.id, prompt.entry, self._records.frame(prompt.id)) for prompt in self.prompts]

    async def _put(self, draft: Draft) -> None:
        """Write a draft and let it be in force.

        Raises:
            ConflictError: Someone else wrote the file since it was read.
            PromptError: It can't be written.
        """
        entries = tuple(kept.entry for kept in draft.prompts)
        document = replace(self.document, entries=entries, global_placeholders=draft.lists)
        if document == self.document and draft.prompts == self._kept():
            return
        written = await self._write(document, draft)
        kept = [
            Kept(kept.id, entry, kept.frame)
            for kept, entry in zip(draft.prompts, written.entries, strict=True)
        ]
        self._records.keep(kept, draft.ledger)
        self._take(written, [one.id for one in kept])
        self._mend()

    async def _write(self, wanted: Document, draft: Draft) -> Document:
        reading = self._reading or Reading(None)
        try:
            text, document = await asyncio.to_thread(rewritten, decode(reading.data), self.document, wanted)
        except UnreadableFileError as error:
            raise PromptError(f"This can't be kept: {error}.") from error
        data = text.encode()
        by_hand = reading.data != FIRST and not self._records.has_written(reading.data)
        keep_as = f"{self._clock.local():%Y%m%d-%H%M%S}" if by_hand else None
        write = partial(self._disk.write, data, instead_of=reading, keep_as=keep_as)
        await self._records.will_write(data, draft)
        try:
            self._reading = await asyncio.to_thread(write)
        except OSError as error:
            reason = f"{error.strerror}; its directory has to be writable, and the disk not full"
            raise PromptError(f"{NAME} can't be written, nothing was changed: {reason}.") from error
        return document


def _becomes_other(before: Checked, after: Checked) -> bool:
    """Whether a provider that refused a prompt would be asked for something else now."""
    return (before.entry.text, before.entry.placeholders, before.lists) != (
        after.entry.text,
        after.entry.placeholders,
        after.lists,
    )
