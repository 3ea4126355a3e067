"""Changes `prompts.yaml` as a person would in an editor: the rest stays as it is, comments and all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import yaml

from ..exceptions import UnreadableFileError
from .dump import dump, dump_entry, dump_lists
from .file import parse

if TYPE_CHECKING:
    from .file import Document


def rewritten(old: str, before: Document, after: Document) -> tuple[str, Document]:
    """Return a text that says `after`: the old one with the changes in it, or all of it anew.

    An entry that did not change keeps its lines, and the comments above it go where it goes; those
    above the first one stay at the top. What comes of that is read back, and taken only where it says
    exactly what it should.

    Args:
        old: What is in the file.
        before: What that says.
        after: What it shall say; entries with a `source` are those of `before`.

    Returns:
        The text, and what it reads as.

    Raises:
        UnreadableFileError: It would be larger than a file may be.
    """
    patched = _patched(old, before, after)
    if patched is not None:
        return patched
    text = dump(after)
    document = parse(text)
    if document != after:
        raise UnreadableFileError("it can't be written so that it reads the same again")
    return text, document


def _patched(old: str, before: Document, after: Document) -> tuple[str, Document] | None:
    try:
        text = _guess(old, before, after)
        document = parse(text)
    except (UnreadableFileError, yaml.YAMLError):
        return None
    return (text, document) if document == after and document.orderly else None


def _guess(old: str, before: Document, after: Document) -> str:
    """Return what is most probably right; nothing where the prompts have no lines of their own (JSON)."""
    layout = _Layout.of(old)
    if layout is None:
        return ""
    unchanged = {entry.source: entry for entry in before.entries}
    text = layout.head
    for idx, entry in enumerate(after.entries, 1):
        block = layout.blocks.get(entry.source)
        text += block.lead if block else ""
        if block and entry == unchanged[entry.source]:
            text += block.counted(idx)
        else:
            text += layout.fitted(dump_entry(entry, idx, indent=layout.indent))
    text += layout.tail
    if after.global_placeholders != before.global_placeholders:
        text = _with_lists(text, layout.fitted(dump_lists(after.global_placeholders)))
    return text


@dataclass(frozen=True, slots=True)
class _Block:
    """An entry's lines.

    Attributes:
        lead: Comments and blank lines above it.
        before, after: Its lines, around the number of its idx.
    """

    lead: str
    before: str
    after: str

    @classmethod
    def of(cls, lead: str, lines: str, start: int, node: yaml.Node) -> Self:
        """Take the lines of `node`; they begin at `start` in the file."""
        idx = _value(node, "idx")
        if idx is None:
            at = node.start_mark.index - start
            return cls(lead, f"{lines[:at]}idx: ", f"\n{' ' * node.start_mark.column}{lines[at:]}")
        return cls(lead, lines[: idx.start_mark.index - start], lines[idx.end_mark.index - start :])

    def counted(self, idx: int) -> str:
        """Return its lines with this idx."""
        return f"{self.before}{idx}{self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """The file, cut at its entries.

    Attributes:
        blocks: By the position of their entries.
        indent: The column of the dashes.
    """

    head: str
    blocks: dict[int | None, _Block]
    tail: str
    indent: int
    newline: str

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Cut the text; None where that can't be done."""
        prompts = _value(yaml.compose(text, Loader=yaml.SafeLoader), "prompts")
        if not isinstance(prompts, yaml.SequenceNode) or not prompts.value or prompts.flow_style:
            return None
        items = prompts.value
        if not all(isinstance(node, yaml.MappingNode) and not node.flow_style for node in items):
            return None
        starts = [_line_start(text, node.start_mark.index) for node in items]
        cuts = [*starts, _end(text, prompts)]
        indent = _width(text[starts[0] :])
        blocks: dict[int | None, _Block] = {}
        lead = ""
        for position, (first, last) in enumerate(pairwise(cuts)):
            lines, following = _without_lead(text[first:last], indent)
            lines += "" if lines.endswith("\n") else "\n"
            blocks[position] = _Block.of(lead, lines, first, items[position])
            lead = following
        newline = "\r\n" if "\r\n" in text else "\n"
        return cls(
            head=text[: starts[0]],
            blocks=blocks,
            tail=lead + text[cuts[-1] :],
            indent=indent,
            newline=newline,
        )

    def fitted(self, lines: str) -> str:
        """Return new lines with the file's own ends."""
        return lines.replace("\n", self.newline)


def _with_lists(text: str, lines: str) -> str:
    """Put the global lists where they were, or at the end."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "global_placeholders":
            start, end = _line_start(text, key.start_mark.index), _end(text, value)
            _, following = _without_lead(text[start:end], 0)
            return f"{text[:start]}{lines}{following}{text[end:]}"
    return f"{text}{lines}"


def _value(node: yaml.Node | None, wanted: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == wanted), None)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _end(text: str, node: yaml.Node) -> int:
    """Return where the line begins that follows a value: what is in blocks ends at the next key."""
    index = node.end_mark.index
    start = _line_start(text, index)
    if not text[start:index].strip():
        return start
    return text.find("\n", index) + 1 or len(text)


def _without_lead(text: str, indent: int) -> tuple[str, str]:
    """Cut off the blank lines and comments at the end, which belong to what follows."""
    lines = text.splitlines(keepends=True)
    cut = len(lines)
    while cut and _is_between(lines[cut - 1], indent):
        cut -= 1
    return "".join(lines[:cut]), "".join(lines[cut:])


def _is_between(line: str, indent: int) -> bool:
    content = line.strip()
    return not content or (content.startswith("#") and _width(line) <= indent)


def _width(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
