"""The prompt book: the prompts of `prompts.yaml`, read, changed and drawn by lot."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from ..events import EventKind
from ..exceptions import NotFoundError, PromptError
from . import findings as prompt_findings
from . import leaving, templates
from .checks import accepted, accepted_lists, check, edited
from .draft import Kept
from .file import Entry
from .ledger import Left
from .prompt import Added, Drawn, Preview, Prompt
from .records import PromptRecords
from .shelf import PromptShelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from random import Random

    from ..events import Events
    from ..models import PromptText
    from ..problems import Problems
    from ..state.state import State
    from ..timing.clock import Clock
    from .checks import Checked
    from .draft import Draft
    from .prompt import Finding, PromptChanges, PromptSettings, PromptTaker

_LOGGER = logging.getLogger(__name__)

MAX_PREVIEWS: Final = 50


class PromptBook:
    """Answers from memory without waiting; every change goes through the file."""

    def __init__(
        self,
        *,
        config_dir: Path,
        state: State,
        clock: Clock,
        random: Random,
        events: Events,
        problems: Problems,
        settings: PromptSettings,
        takers: Callable[[], Sequence[PromptTaker]],
    ) -> None:
        self._random = random
        self._events = events
        self._settings = settings
        self._clock = clock
        self._takers = takers
        self._records = PromptRecords(state=state, clock=clock)
        self._shelf = PromptShelf(
            config_dir=config_dir, records=self._records, clock=clock, events=events, problems=problems
        )
        self._logged: frozenset[tuple[str | None, str]] = frozenset()

    async def open(self) -> None:
        """Make `prompts.yaml` and its example where they are missing, and read the prompts.

        Raises:
            StateError: What was written down about them can't be read.
        """
        await self._records.load()
        await self._shelf.open()
        _LOGGER.info("The prompt book has %d prompt%s", self.count, "" if self.count == 1 else "s")
        self._log_findings()

    async def refresh(self) -> None:
        """Take in what someone changed in the file."""
        await self._shelf.refresh()
        self._log_findings()

    def apply(self, settings: PromptSettings) -> None:
        """Take other settings; what is over the cap stays until prompts are added."""
        self._settings = settings
        self._log_findings()

    @property
    def count(self) -> int:
        """How many prompts there are."""
        return len(self._shelf.prompts)

    @property
    def global_placeholders(self) -> Mapping[str, tuple[str, ...]]:
        """The lists for all prompts."""
        return self._shelf.document.global_placeholders

    def all(self) -> list[Prompt]:
        """Return the prompts, the oldest first."""
        return [self._prompt(checked) for checked in self._shelf.prompts]

    def get(self, prompt_id: str) -> Prompt:
        """Return one prompt.

        Raises:
            NotFoundError: It is not there (any more).
        """
        for checked in self._shelf.prompts:
            if checked.id == prompt_id:
                return self._prompt(checked)
        raise NotFoundError(f"There is no prompt {prompt_id}")

    def findings(self) -> list[Finding]:
        """Return what is probably not meant as it is: about the file, then prompt by prompt."""
        shelf = self._shelf
        return list(
            prompt_findings.find(
                shelf.document, shelf.prompts, takers=self._takers(), amount=self._settings.amount
            )
        )

    def replaced(self) -> list[Left]:
        """Return what left for prompts of frames and can be brought back, the newest first."""
        there = {checked.entry.text for checked in self._shelf.prompts}
        return [left for left in reversed(self._records.ledger.left) if left.entry.text not in there]

    def draw(self, taker: PromptTaker) -> Drawn | None:
        """Draw a prompt for a provider, each as likely as the others, and fill its placeholders.

        Returns:
            None where none is left: enabled, not refused by it, and short enough in every expansion.
        """
        candidates = [checked for checked in self._shelf.prompts if self._is_for(checked, taker)]
        if not candidates:
            return None
        drawn = self._random.choice(candidates)
        return Drawn(drawn.id, templates.expand(drawn.entry.text, drawn.lists, self._random))

    def has_any(self, taker: PromptTaker) -> bool:
        """Whether there is a prompt to draw for a provider."""
        return any(self._is_for(checked, taker) for checked in self._shelf.prompts)

    def expand(self, text: PromptText) -> PromptText:
        """Fill the placeholders of a text that is not in the book, from the global lists."""
        return templates.expand(text, templates.merged({}, self.global_placeholders), self._random)

    def preview(
        self,
        prompt: str,
        *,
        negative: str | None = None,
        placeholders: Mapping[str, Sequence[str]] | None = None,
        times: int = 1,
    ) -> Preview:
        """Show what a text would become; one that could not be added has findings that say so."""
        lists = {name: tuple(values) for name, values in (placeholders or {}).items()}
        entry = Entry(prompt=prompt.strip(), negative=(negative or "").strip() or None, placeholders=lists)
        checked = check(entry, self.global_placeholders)
        takers = self._takers()
        return Preview(
            texts=tuple(
                templates.expand(entry.text, checked.lists, self._random)
                for _ in range(min(times, MAX_PREVIEWS))
            ),
            findings=(*checked.findings, *prompt_findings.too_long(checked, takers)),
            longest=checked.longest,
            fits=prompt_findings.fits(checked.longest, takers),
        )

    async def add(
        self,
        prompt: str,
        *,
        negative: str | None = None,
        placeholders: Mapping[str, Sequence[str]] | None = None,
        enabled: bool = True,
        frame: str | None = None,
    ) -> Added:
        """Add a prompt as the youngest; at the cap or beyond it, one leaves: see `leaving.py`.

        Args:
            prompt: Its text.
            negative: What shall not be in the picture.
            placeholders: Its own lists.
            enabled: It may be drawn.
            frame: The address of the frame that adds it; None for a person.

        Raises:
            PromptError: It can't be kept, frames may add no more today, or the file can't be changed.
        """
        entry = accepted(prompt, negative, accepted_lists(placeholders or {}), enabled=enabled)
        day = self._clock.today()

        def change(draft: Draft) -> tuple[str, tuple[Prompt, ...]]:
            draft.refuse_double(entry.text)
            added = Kept(self._records.new_id(entry), entry, frame)
            if frame is None:
                left = leaving.for_a_persons(draft.prompts, settings=self._settings)
            else:
                done = draft.ledger.on(day)
                left = leaving.for_a_frames(draft.prompts, done=done, settings=self._settings)
                draft.ledger = draft.ledger.with_added(day)
                if left is not None:
                    gone = Left(left.id, left.entry, left.frame, self._clock.now(), frame)
                    draft.ledger = draft.ledger.with_left(day, gone)
            return added.id, self._exchange(draft, left, added)

        prompt_id, removed = await self._change(change)
        return self._added(prompt_id, removed)

    async def restore(self, prompt_id: str) -> Added:
        """Bring back what left for a frame's prompt, as a person's youngest; at the cap, another one leaves.

        Raises:
            NotFoundError: It did not leave, or too long ago.
            PromptError: It is there already, or the file can't be changed.
        """

        def change(draft: Draft) -> tuple[str, tuple[Prompt, ...]]:
            entry = draft.ledger.find(prompt_id).entry
            draft.refuse_double(entry.text)
            back = Kept(self._records.new_id(entry), entry)
            left = leaving.for_a_restored(draft.prompts, settings=self._settings)
            draft.ledger = draft.ledger.without(prompt_id)
            return back.id, self._exchange(draft, left, back)

        back_id, removed = await self._change(change)
        return self._added(back_id, removed)

    async def edit(self, prompt_id: str, *, changes: PromptChanges) -> Prompt:
        """Change a prompt; with another content, no provider refuses it any more.

        Raises:
            NotFoundError: It is not there (any more).
            PromptError: It can't be kept, or the file can't be changed.
        """

        def change(draft: Draft) -> None:
            place = draft.place(prompt_id)
            entry = edited(draft.prompts[place].entry, changes)
            if entry.text != draft.prompts[place].entry.text:
                draft.refuse_double(entry.text)
            kept = draft.prompts[place]
            frame = kept.frame if entry.text == kept.entry.text else None  # who rewrites it makes it his own
            draft.prompts[place] = Kept(prompt_id, entry, frame)

        await self._change(change)
        return self.get(prompt_id)

    async def remove(self, prompt_id: str) -> Prompt:
        """Remove a prompt, and return what it was.

        Raises:
            NotFoundError: It is not there (any more).
            PromptError: The file can't be changed.
        """

        def change(draft: Draft) -> Prompt:
            del draft.prompts[draft.place(prompt_id)]
            return self.get(prompt_id)

        removed = await self._change(change)
        _LOGGER.info("Removed prompt %s: %s", removed.idx, _one_line(removed.prompt))
        return removed

    async def move(self, prompt_id: str, idx: int) -> Prompt:
        """Give a prompt another idx; those between are counted anew.

        Raises:
            NotFoundError: It is not there (any more).
            PromptError: There is no such idx, or the file can't be changed.
        """

        def change(draft: Draft) -> None:
            place = draft.place(prompt_id)
            if not 1 <= idx <= len(draft.prompts):
                raise PromptError(f"There is no idx {idx}: it can be 1 to {len(draft.prompts)}.")
            draft.prompts.insert(idx - 1, draft.prompts.pop(place))

        await self._change(change)
        return self.get(prompt_id)

    async def set_placeholders(self, lists: Mapping[str, Sequence[str]]) -> None:
        """Put these lists for all prompts in the place of those that there are.

        Raises:
            PromptError: A list can't be kept, or the file can't be changed.
        """
        values = accepted_lists(lists)

        def change(draft: Draft) -> None:
            draft.lists = values

        await self._change(change)

    async def refuse(self, prompt_id: str, *, provider: str, reason: str) -> None:
        """Note that a provider refuses a prompt: it is not drawn for it until it is another."""
        if any(checked.id == prompt_id for checked in self._shelf.prompts):
            self._records.refuse(prompt_id, provider, reason)
            self._events.publish(EventKind.PROMPTS)

    def _exchange(self, draft: Draft, left: Kept | None, added: Kept) -> tuple[Prompt, ...]:
        """Put a prompt last, and take out what leaves for it; returns what that was."""
        removed = () if left is None else (self.get(left.id),)
        draft.prompts = [*(kept for kept in draft.prompts if kept is not left), added]
        return removed

    def _added(self, prompt_id: str, removed: tuple[Prompt, ...]) -> Added:
        prompt = self.get(prompt_id)
        by = f" from the frame at {prompt.frame}" if prompt.frame else ""
        _LOGGER.info("Added prompt %s%s: %s", prompt.idx, by, _one_line(prompt.prompt))
        for old in removed:
            _LOGGER.info("A prompt left for it: %s", _one_line(old.prompt))
        return Added(prompt, removed)

    async def _change[T](self, change: Callable[[Draft], T]) -> T:
        result = await self._shelf.change(change)
        self._log_findings()
        return result

    def _is_for(self, checked: Checked, taker: PromptTaker) -> bool:
        return (
            checked.entry.enabled
            and checked.drawable
            and taker.code not in self._records.refusals(checked.id)
            and taker.fits(checked.longest)
        )

    def _prompt(self, checked: Checked) -> Prompt:
        entry = checked.entry
        return Prompt(
            id=checked.id,
            idx=checked.idx,
            prompt=entry.prompt,
            negative=entry.negative,
            placeholders=entry.placeholders,
            enabled=entry.enabled,
            refused_by=self._records.refusals(checked.id),
            frame=self._records.frame(checked.id),
        )

    def _log_findings(self) -> None:
        """Log each finding once, for as long as it stands."""
        standing = {(finding.prompt_id, finding.text): finding for finding in self.findings()}
        for key, finding in standing.items():
            if key not in self._logged:
                _LOGGER.warning("%s", _one_line(str(finding)))
        self._logged = frozenset(standing)


def _one_line(text: str) -> str:
    """Return a text so that it can't look like several lines of the log."""
    return " ".join(text.split())
