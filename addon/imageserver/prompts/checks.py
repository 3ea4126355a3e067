"""What a prompt has to be, and what it can become."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from ..exceptions import Mistake, PromptError
from . import templates
from .file import Entry
from .prompt import Finding, Part, Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..models import PromptText
    from .file import Values
    from .prompt import PromptChanges
    from .templates import Lists

TOLD: Final = 10
"""Mistakes of which one sentence tells; the others stand beside it."""

MAX_LENGTH: Final = 2000
"""Of a prompt, of its negative part and of a value, in characters."""

# All but tab and line feed; the surrogates are halves of characters, which no file can hold.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An entry with what it can become.

    Attributes:
        id, idx: Empty and 0 for one that is only tried.
        lists: The values of the placeholders that it uses.
        longest: Its longest expansion.
        drawable: Every expansion is a prompt.
    """

    id: str
    idx: int
    entry: Entry
    lists: Lists
    longest: PromptText
    drawable: bool
    findings: tuple[Finding, ...]


def check(entry: Entry, shared: Lists, *, prompt_id: str = "", idx: int = 0) -> Checked:
    """Find out what is wrong with an entry, and what it can become with these global lists."""
    text = entry.text
    lists = templates.merged(entry.placeholders, shared)
    used = {name: lists[name] for name in sorted(templates.names(text)) if name in lists}
    faults = list(_faults(entry, used))
    finding = partial(Finding, prompt_id=prompt_id or None, idx=idx or None, line=entry.line)
    flaws = [
        finding(text=flaw.text, placeholder=flaw.placeholder, position=Position(part, flaw.start, flaw.end))
        for part, written in ((Part.PROMPT, entry.prompt), (Part.NEGATIVE, entry.negative or ""))
        for flaw in templates.flaws(written, lists)
    ]
    return Checked(
        id=prompt_id,
        idx=idx,
        entry=entry,
        lists=used,
        longest=templates.longest(text, used),
        drawable=not faults,
        findings=(*(finding(text=f"{fault}: it is never drawn.") for fault in faults), *flaws),
    )


def accepted(
    prompt: str, negative: str | None, lists: Mapping[str, tuple[str, ...]], *, enabled: bool
) -> Entry:
    """Return what somebody wants to keep, without white space around it.

    Raises:
        PromptError: It can't be kept; the text says why and what would be right.
    """
    entry = Entry(
        prompt=_cleaned(prompt),
        negative=_cleaned(negative or "") or None,
        placeholders=lists,
        enabled=enabled,
    )
    for fault in _faults(entry, {}):
        raise PromptError(f"{fault}." if entry.prompt else "The prompt is empty: say what is to be drawn.")
    return entry


def edited(entry: Entry, changes: PromptChanges) -> Entry:
    """Return an entry with the changes that somebody wants to keep.

    Raises:
        PromptError: It can't be kept; the text says why and what would be right.
    """
    enabled = entry.enabled if changes.enabled is None else changes.enabled
    if changes.prompt is None and changes.negative is None and changes.placeholders is None:
        return replace(entry, enabled=enabled)
    new = accepted(
        entry.prompt if changes.prompt is None else changes.prompt,
        entry.negative if changes.negative is None else changes.negative,
        entry.placeholders if changes.placeholders is None else accepted_lists(changes.placeholders),
        enabled=enabled,
    )
    return replace(new, extra=entry.extra, source=entry.source)


def accepted_lists(lists: Mapping[str, Sequence[str]]) -> Values:
    """Return lists of values that somebody wants to keep.

    Raises:
        PromptError: With every mistake.
    """
    values = {templates.name_of(name): tuple(_cleaned(value) for value in lists[name]) for name in lists}
    mistakes = tuple(
        Mistake(f"placeholders.{name or '""'}", message)
        for name in values
        for message in _list_faults(name, values[name])
    )
    if mistakes:
        more = f"; and {len(mistakes) - TOLD} more" if len(mistakes) > TOLD else ""
        raise PromptError("; ".join(map(str, mistakes[:TOLD])) + more, mistakes=mistakes)
    return values


def _cleaned(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _faults(entry: Entry, lists: Lists) -> Iterator[str]:
    """Say why an entry can't be a prompt, without a full stop."""
    for called, text in (("prompt", entry.prompt), ("negative part", entry.negative or "")):
        fault = _text_fault(text)
        if fault:
            yield f"The {called} {fault}"
    # Only an expansion of nothing but white space would be empty.
    stripped = {name: [value.strip() for value in values] for name, values in lists.items()}
    if not entry.prompt:
        yield "The prompt is empty"
    elif not templates.shortest(entry.text, stripped).prompt.strip():
        yield "The prompt can become empty, for a placeholder has an empty value"


def _text_fault(text: str) -> str | None:
    if len(text) > MAX_LENGTH:
        return f"has {len(text)} characters, but at most {MAX_LENGTH} are taken"
    control = _CONTROL.search(text)
    if control is not None:
        return f"has a control character (U+{ord(control[0]):04X}), which has no place in it"
    return None


def _list_faults(name: str, values: Sequence[str]) -> Iterator[str]:
    if not templates.is_name(name):
        yield "the name of a placeholder has letters, digits, _ and - only"
    for value in values:
        fault = _text_fault(value)
        if fault:
            yield f"a value {fault}"
