"""What must survive a restart of the prompt book: ids, refusals, what frames added, what was written."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from typing import TYPE_CHECKING, Final, cast

from ..state.state import put_note
from .ledger import Ledger

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..models import Json
    from ..state.state import State
    from ..timing.clock import Clock
    from .draft import Draft, Kept
    from .file import Entry

WRITTEN: Final = "prompts_written"
"""The note with hashes of what the server wrote into `prompts.yaml`, the newest last."""

FRAMES: Final = "prompts_frames"
"""The note with the frames that added prompts, by the ids of these."""

LEDGER: Final = "prompts_ledger"

ID_LENGTH: Final = 12

GONE_KEPT: Final = 1000
"""Of prompts that are in the file no more: who only edits by hand never says that one is gone for good."""

_INSERT_ID: Final = "INSERT OR REPLACE INTO prompt_ids VALUES (?, ?)"
_DELETE_ID: Final = "DELETE FROM prompt_ids WHERE content = ?"
_DELETE_REFUSALS: Final = "DELETE FROM refusals WHERE prompt_id = ?"


class PromptRecords:
    """Kept in memory, and for the most part written down behind: losing a second of it does no harm."""

    def __init__(self, *, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._ids: dict[str, str] = {}
        self._refusals: dict[str, dict[str, str]] = {}
        self._written: list[str] = []
        self._frames: dict[str, str] = {}
        self.ledger = Ledger()

    async def load(self) -> None:
        """Read what was written down."""

        def read(connection: sqlite3.Connection) -> None:
            self._ids = dict(connection.execute("SELECT content, id FROM prompt_ids").fetchall())
            for row in connection.execute("SELECT prompt_id, provider, reason FROM refusals"):
                self._refusals.setdefault(row["prompt_id"], {})[row["provider"]] = row["reason"]

        await self._state.read(read)
        written = await self._state.note(WRITTEN)
        self._written = [str(one) for one in written] if isinstance(written, list) else []
        self._frames = cast("dict[str, str]", await self._state.note(FRAMES) or {})
        self.ledger = Ledger.read(await self._state.note(LEDGER))

    def ids(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        """Return the ids of entries that were read: those that they had, or new ones.

        What is not among them any more is not forgotten soon: a file that an editor has half written is
        whole a moment later.
        """
        contents = list(_contents(entries))
        new = {content: self._unused(content) for content in contents if content not in self._ids}
        if new:
            self._ids |= new
            rows = list(new.items())
            self._state.post(lambda connection: connection.executemany(_INSERT_ID, rows))
            self._forget_gone(frozenset(contents))
        return tuple(self._ids[content] for content in contents)

    def new_id(self, entry: Entry) -> str:
        """Return an id for an entry that will be kept."""
        return self._unused(next(_contents([entry])))

    def frame(self, prompt_id: str) -> str | None:
        """Return the frame that added a prompt; None for a person's."""
        return self._frames.get(prompt_id)

    def keep(self, prompts: Sequence[Kept], ledger: Ledger | None = None) -> None:
        """Remember these prompts with their ids and refusals, and no others."""
        ids = [kept.id for kept in prompts]
        self._ids = dict(zip(_contents(kept.entry for kept in prompts), ids, strict=True))
        self._frames = frames = _frames(prompts)
        self.ledger = ledger or self.ledger
        gone = [(prompt_id,) for prompt_id in self._refusals if prompt_id not in ids]
        self._refusals = {key: reasons for key, reasons in self._refusals.items() if key in ids}
        rows = list(self._ids.items())

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM prompt_ids")
            connection.executemany(_INSERT_ID, rows)
            connection.executemany(_DELETE_REFUSALS, gone)
            put_note(connection, FRAMES, cast("Json", frames))

        self._state.post(write)

    def refusals(self, prompt_id: str) -> Mapping[str, str]:
        """Return who refuses a prompt, and why."""
        return self._refusals.get(prompt_id, {})

    def refuse(self, prompt_id: str, provider: str, reason: str) -> None:
        """Remember a refusal."""
        self._refusals[prompt_id] = {**self.refusals(prompt_id), provider: reason}
        row = (prompt_id, provider, reason, self._clock.now().timestamp())
        self._state.post(
            lambda connection: connection.execute("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?)", row)
        )

    def forgive(self, prompt_id: str) -> None:
        """Forget the refusals of a prompt that is another now."""
        if self._refusals.pop(prompt_id, None):
            self._state.post(lambda connection: connection.execute(_DELETE_REFUSALS, (prompt_id,)))

    def has_written(self, data: bytes) -> bool:
        """Whether this content is what the server itself wrote last."""
        return _hash(data) in self._written

    async def will_write(self, data: bytes, draft: Draft) -> None:
        """Remember what the server is about to write, beside what it wrote before.

        A crash leaves either of them in the file; neither is somebody's work. What frames did counts from
        now on, so that nobody gets more than is allowed by a crash in between.

        Raises:
            StateError: It can't be written down.
        """
        written = [*self._written[-1:], _hash(data)]
        frames, ledger = self._frames | _frames(draft.prompts), draft.ledger.written()

        def write(connection: sqlite3.Connection) -> None:
            put_note(connection, WRITTEN, [*written])
            put_note(connection, FRAMES, cast("Json", frames))
            put_note(connection, LEDGER, ledger)

        await self._state.run(write, durable=True)
        self._written = written

    def _forget_gone(self, there: frozenset[str]) -> None:
        """Forget the oldest of too many prompts that are in the file no more."""
        gone = [content for content in self._ids if content not in there]
        forgotten = [(content, self._ids.pop(content)) for content in gone[: max(0, len(gone) - GONE_KEPT)]]
        for _, prompt_id in forgotten:
            self._refusals.pop(prompt_id, None)

        def forget(connection: sqlite3.Connection) -> None:
            connection.executemany(_DELETE_ID, [(content,) for content, _ in forgotten])
            connection.executemany(_DELETE_REFUSALS, [(prompt_id,) for _, prompt_id in forgotten])

        if forgotten:
            self._state.post(forget)

    def _unused(self, content: str) -> str:
        # Mostly the same for the same prompt, even where nothing was remembered.
        taken = set(self._ids.values())
        candidates = (
            _hash(f"{content}{attempt or ''}".encode())[:ID_LENGTH] for attempt in itertools.count()
        )
        return next(candidate for candidate in candidates if candidate not in taken)


def _frames(prompts: Iterable[Kept]) -> dict[str, str]:
    return {kept.id: kept.frame for kept in prompts if kept.frame is not None}


def _contents(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield what tells each entry from the others: its content, and of equal ones which it is."""
    seen: Counter[str] = Counter()
    for entry in entries:
        lists = {name: list(values) for name, values in entry.placeholders.items()}
        content = json.dumps([entry.prompt, entry.negative, lists], sort_keys=True)
        seen[content] += 1
        yield _hash(f"{content}{seen[content]}".encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
