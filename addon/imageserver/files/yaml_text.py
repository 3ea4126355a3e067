"""YAML in which text stays text: `23:00`, `2026-11-24`, `yes` and `007` come out as they are written.

Every scalar is text, quoted or not; whoever reads it knows what it should be and makes a number of it
where one is wanted. Only an empty value, `~` and `null` are None. Aliases and merge keys (`<<`) work,
tags do not, and no file can grow into more than it seems.
"""

from __future__ import annotations

import math
import re
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

from ..exceptions import UnreadableFileError
from .text_decoding import decode, whole_characters

if TYPE_CHECKING:
    from ..models import Json

MAX_DEPTH = 32
MAX_NODES = 50_000
"""Of lists, mappings, keys and values, with aliases written out."""

type Text = str | list[Text] | dict[str, Text] | None
"""What YAML holds for us. What an alias repeats is the same object: not to be changed in place."""

_TAG = "tag:yaml.org,2002:"
_NULL, _MERGE, _MAP = f"{_TAG}null", f"{_TAG}merge", f"{_TAG}map"
_KNOWN_TAGS = frozenset({f"{_TAG}str", f"{_TAG}seq", _MAP, _NULL, _MERGE})
_QUOTES = "text that begins with this character needs quotes"
_INDENTATION = "the indentation does not fit the lines above"
_PLAIN_WORDS = (
    (
        "mapping values",
        "a colon that begins no value; is the indentation right? Text with a colon needs quotes",
    ),
    (
        "expected <block end>|expected '<document start>'|(mapping keys|sequence entries) are not",
        _INDENTATION,
    ),
    ("could not find expected ':'", "a key without a colon, or text without its closing quotes"),
    ("found unexpected (end of stream|document separator)", "quotes that were opened above are not closed"),
    (
        "found unknown escape|expected escape sequence",
        "in double quotes a \\ begins an escape; use single ones",
    ),
    ("expected ',' or", "a comma is missing here, or a closing bracket"),
    (
        "expected (chomping|indentation indicator|a comment)",
        "text of several lines begins below its | or >, other text needs quotes",
    ),
    ("expected ' '", "a space is missing before this"),
    ("expected the node content", "a value is missing here"),
    ("second occurrence|found duplicate anchor", "an anchor (&) of this name is there already"),
    ("but found another document", "a second document begins here; only one is read"),
    (".*cannot start any token|found undefined|expected (alphabetic|URI|a digit|'!')|.*codec", _QUOTES),
    (
        "found (incompatible|duplicate|unknown)|expected.*directive",
        "a line that begins with % has no place here",
    ),
)
"""What PyYAML says of what is no YAML, and what we say."""
_TAGS_TO_WRITE = frozenset({None, "!", f"{_TAG}str"})
_NO_TAGS = "tags (words that begin with !) are not understood; leave it out"
_WORD = re.compile(r"[A-Za-z/][\w./-]*", re.ASCII)


def load(data: str | bytes) -> Text:
    """Return what the one document of a file holds; None for an empty one.

    Raises:
        UnreadableFileError: It is no YAML, holds a key twice, or is too large, too deep or too
            tangled; with line and column.
    """
    text = decode(data)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _in_plain_words(error, text) from error
    except ValueError as error:
        # PyYAML makes a character of whatever number is escaped, and a number of whatever version.
        raise _error("a number that is far too large", loader.get_mark()) from error
    finally:
        loader.dispose()
    return None if node is None else _Reader().value(node, depth=0)


def dump(value: Json) -> str:
    """Write a document; text that some reader might take for something else is in quotes."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=sys.maxsize)


class _Loader(yaml.SafeLoader):
    """Composes nodes, and stops where there are too many of them."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own class attribute, only read
        first: [resolver for resolver in resolvers if resolver[0] in _KNOWN_TAGS]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs lack it
        mark = event.start_mark
        if getattr(event, "tag", None) not in _TAGS_TO_WRITE:
            raise _error(_NO_TAGS, mark)
        self._nodes += 1
        self._depth += 1
        _check_limits(self._nodes, self._depth, mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Dumper(yaml.SafeDumper):
    """Knows text that needs quotes, and writes numbers without an exponent."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if _WORD.fullmatch(text) else '"'
    return dumper.represent_scalar(f"{_TAG}str", text, style=style)


def _represent_float(dumper: yaml.SafeDumper, number: float) -> yaml.ScalarNode:
    if not math.isfinite(number):
        return dumper.represent_float(number)
    text = f"{Decimal(repr(number)):f}"
    return dumper.represent_scalar(f"{_TAG}float", text if "." in text else f"{text}.0")


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(float, _represent_float)


class _Reader:
    """Turns nodes into values; a node that aliases repeat counts each time."""

    def __init__(self) -> None:
        self._nodes = 0

    def value(self, node: yaml.Node, *, depth: int) -> Text:
        self._nodes += 1
        _check_limits(self._nodes, depth, node.start_mark)
        if node.tag not in _KNOWN_TAGS:
            raise _error(_NO_TAGS, node.start_mark)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, depth=depth + 1)
            case yaml.SequenceNode():
                return [self.value(item, depth=depth + 1) for item in node.value]
            case _:
                return None if node.tag == _NULL else _text(node)

    def _mapping(self, node: yaml.MappingNode, *, depth: int) -> dict[str, Text]:
        merged: dict[str, Text] = {}
        own: dict[str, Text] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            value = self.value(value_node, depth=depth)
            if key_node.tag == _MERGE:
                merged |= _to_merge(value, value_node.start_mark)
                continue
            key = _key(key_node)
            if key in own:
                message = f"the key {key!r} is there twice, first in line {lines[key]}"
                raise _error(message, key_node.start_mark)
            own[key] = value
            lines[key] = key_node.start_mark.line + 1
        return merged | own


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _error("a key must be text, neither a list nor a mapping", node.start_mark)
    return _text(node)


def _text(node: yaml.Node) -> str:
    try:
        return whole_characters(node.value)
    except ValueError as error:
        raise _error("an escape that stands for half a character", node.start_mark) from error


def _to_merge(value: Text, mark: yaml.Mark) -> dict[str, Text]:
    """Of several mappings to merge, the first goes before the others."""
    mappings = value if isinstance(value, list) else [value]
    merged: dict[str, Text] = {}
    for mapping in mappings:
        if not isinstance(mapping, dict):
            raise _error("what is merged with << must be a mapping", mark)
        merged = mapping | merged
    return merged


def _check_limits(nodes: int, depth: int, mark: yaml.Mark) -> None:
    if nodes > MAX_NODES:
        raise _error(f"more than {MAX_NODES} keys and values, aliases written out", mark)
    if depth > MAX_DEPTH:
        raise _error(f"nested deeper than {MAX_DEPTH} levels", mark)


def _in_plain_words(error: yaml.MarkedYAMLError, text: str) -> UnreadableFileError:
    mark: Any = error.problem_mark or error.context_mark
    problem = error.problem or ""
    if text[mark.index : mark.index + 1] == "\t":
        return _error("a tab can't stand here; indent with spaces", mark)
    words = (ours for theirs, ours in _PLAIN_WORDS if re.match(theirs, problem))
    return _error(next(words, "this is no YAML"), mark)


def _error(message: str, mark: Any) -> UnreadableFileError:
    return UnreadableFileError(message, line=mark.line + 1, column=mark.column + 1)
