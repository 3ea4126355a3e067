"""`prompts.yaml` as it is read; `prompts_writer.py` writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import yaml

from ..exceptions import UnreadableFileError
from ..files import yaml_text
from ..files.text_decoding import decode
from ..models import PromptText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

type Path = tuple[str | int, ...]
"""The keys and positions that lead to a value."""

type Values = dict[str, tuple[str, ...]]
"""Values by the name of their placeholder."""

TOP_KEYS: Final = ("prompts", "global_placeholders")
PROMPT_KEYS: Final = ("idx", "prompt", "negative", "placeholders", "global_placeholders", "enabled")

NO: Final = frozenset({"false", "no", "off", "n", "0"})
YES: Final = frozenset({"true", "yes", "on", "y", "1", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One prompt of the file.

    Attributes:
        extra: Keys that are not ours, kept as they are.
        source: Its position in the file that it was read from, from 0; None where it is new.
        line: Where it begins there, from 1.
    """

    prompt: str
    negative: str | None = None
    placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enabled: bool = True
    extra: Mapping[str, object] = field(default_factory=dict)
    source: int | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)

    @property
    def text(self) -> PromptText:
        """What is sent, before its placeholders are filled."""
        return PromptText(self.prompt, self.negative)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something in the file that was understood, but is not as it should be."""

    text: str
    idx: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The whole file. Its first entry has idx 1, the next 2, and so on.

    Attributes:
        extra: Keys at the top that are not ours, kept as they are.
        orderly: The file itself counts its entries like this.
    """

    entries: tuple[Entry, ...] = ()
    global_placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[Note, ...] = field(default=(), compare=False)
    orderly: bool = field(default=True, compare=False)


def parse(data: str | bytes) -> Document:
    """Read the file, mending in memory what is wrong with the counting.

    Raises:
        UnreadableFileError: It can't be understood; the text says where.
    """
    text = decode(data)
    tree = yaml_text.load(text)
    if tree is None:
        raise UnreadableFileError("it is empty")
    lines = _Lines(text)
    try:
        return _document(tree, lines)
    except _MisplacedError as error:
        raise UnreadableFileError(f"line {lines.of(error.path)}: {error}") from error


class _Lines:
    """Where values stand in a text that is known to be YAML."""

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, Loader=yaml.SafeLoader)

    def of(self, path: Path) -> int:
        """Return the line, from 1, of a value, or of the nearest that holds it."""
        line, node = 0, self._root
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == step), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
                line = node.start_mark.line
        return line + 1


class _MisplacedError(Exception):
    """A value of the wrong kind; `path` leads to it."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry with its idx as written, and as a number where it is one."""

    entry: Entry
    written: str
    idx: int | None
    enabled: str


def _document(tree: object, lines: _Lines) -> Document:
    top = _mapping(tree, ())
    if "prompts" not in top:
        raise _MisplacedError((), "the key prompts is missing (without any prompt: prompts: [])")
    read = [_item(value, index, lines) for index, value in enumerate(_list(top["prompts"], ("prompts",)))]
    ordered = sorted(read, key=lambda item: (item.idx is None, item.idx or 0))
    counting = tuple(_counting(ordered))
    return Document(
        entries=tuple(item.entry for item in ordered),
        global_placeholders=_lists(top, "global_placeholders", ()),
        extra={key: value for key, value in top.items() if key not in TOP_KEYS},
        notes=(*counting, *_unclear(ordered), *_unknown_keys(top, ordered, lines)),
        orderly=not counting and ordered == read,
    )


def _item(value: object, index: int, lines: _Lines) -> _Item:
    path: Path = ("prompts", index)
    fields = {"prompt": value} if isinstance(value, str) else _mapping(value, path)
    idx = _text(fields, "idx", path)
    enabled = _text(fields, "enabled", path)
    entry = Entry(
        prompt=_text(fields, "prompt", path),
        negative=_text(fields, "negative", path) or None,
        placeholders=_lists(fields, "global_placeholders", path) | _lists(fields, "placeholders", path),
        enabled=enabled.lower() not in NO,
        extra={key: value for key, value in fields.items() if key not in PROMPT_KEYS},
        source=index,
        line=lines.of(path),
    )
    is_number = re.fullmatch(r"[+-]?\d{1,9}", idx, re.ASCII)
    return _Item(entry, idx, int(idx) if is_number else None, enabled)


def _counting(ordered: Sequence[_Item]) -> Iterator[Note]:
    """Say where idx does not count from 1, each number once, without gaps."""
    seen: set[int] = set()
    for place, item in enumerate(ordered, 1):
        what = None
        if item.idx is None:
            what = f"idx {item.written} is not a number" if item.written else "idx is missing"
        elif item.idx in seen:
            what = f"idx {item.idx} is there already"
        else:
            seen.add(item.idx)
        if what:
            yield Note(text=f"{what}: it counts as {place}.", idx=place, line=item.entry.line)
    if seen and seen != set(range(1, len(seen) + 1)):
        found = ", ".join(str(number) for number in sorted(seen)[:20])
        yield Note(text=f"idx has to count from 1 without gaps, found {found}: the order counts.")


def _unclear(ordered: Sequence[_Item]) -> Iterator[Note]:
    for place, item in enumerate(ordered, 1):
        if item.enabled.lower() not in YES | NO:
            text = f"enabled is {item.enabled}, neither true nor false: it counts as true."
            yield Note(text=text, idx=place, line=item.entry.line)


def _unknown_keys(top: Mapping[str, object], ordered: Sequence[_Item], lines: _Lines) -> Iterator[Note]:
    for key in top:
        if key not in TOP_KEYS:
            yield Note(text=f"The key {key} is not known here and means nothing.", line=lines.of((key,)))
    said: set[str] = set()
    for place, item in enumerate(ordered, 1):
        for key in item.entry.extra:
            if key not in said:
                said.add(key)
                text = f"The key {key} is not known in a prompt and means nothing."
                yield Note(text=text, idx=place, line=item.entry.line)


def _mapping(value: object, path: Path) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _MisplacedError(path, f"{_called(path)} has to be keys with values, such as prompt: a cat")
    return value


def _list(value: object, path: Path) -> Sequence[object]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _MisplacedError(path, f"{_called(path)} has to be a list, a dash before each line of it")
    return value


def _text(fields: Mapping[str, object], key: str, path: Path) -> str:
    value = fields.get(key)
    if not isinstance(value, str | None):
        raise _MisplacedError((*path, key), f"{key} has to be a text")
    return (value or "").strip()


def _lists(fields: Mapping[str, object], key: str, path: Path) -> Values:
    """Return lists of values; a single text is a list of one, and what is left empty is no value."""
    if fields.get(key) is None:
        return {}
    lists: Values = {}
    for name, values in _mapping(fields[key], (*path, key)).items():
        place = (*path, key, name)
        several = [values] if isinstance(values, str) else _list(values, place)
        if not all(isinstance(single, str | None) for single in several):
            raise _MisplacedError(place, f"each value of {name} has to be a text")
        lists[name] = tuple(single for single in several if isinstance(single, str))
    return lists


def _called(path: Path) -> str:
    match path:
        case ():
            return "the file"
        case (*_, str(key), int()):
            return f"each of {key}"
        case _:
            return str(path[-1])
