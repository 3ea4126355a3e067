"""`prompts.yaml` as the server writes it, where it writes it anew."""

from __future__ import annotations

import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .file import Document, Entry
    from .templates import Lists


def dump(document: Document) -> str:
    """Write the whole file."""
    prompts = "".join(dump_entry(entry, idx) for idx, entry in enumerate(document.entries, 1))
    extra = _yaml(document.extra) if document.extra else ""
    return (
        f"prompts:{f'\n{prompts}' if prompts else ' []\n'}{dump_lists(document.global_placeholders)}{extra}"
    )


def dump_entry(entry: Entry, idx: int, *, indent: int = 4) -> str:
    """Write an item of a list whose dashes stand `indent` columns from the left."""
    fields: dict[str, object] = {"idx": idx, "prompt": entry.prompt}
    if entry.negative is not None:
        fields["negative"] = entry.negative
    if entry.placeholders:
        fields["placeholders"] = _plain(entry.placeholders)
    if not entry.enabled:
        fields["enabled"] = False
    margin = " " * (indent + 2)
    lines = textwrap.indent(_yaml({**fields, **entry.extra}), margin)
    return f"{' ' * indent}- {lines.removeprefix(margin)}"


def dump_lists(lists: Lists) -> str:
    """Write the global lists with their key; nothing where there are none."""
    return f"global_placeholders:\n{textwrap.indent(_yaml(_plain(lists)), ' ' * 4)}" if lists else ""


_OTHER_LINE_ENDS = re.compile("[\r\x85\u2028\u2029]")
"""YAML takes these for ends of lines too, and reads another one for some of them."""


class _Dumper(yaml.SafeDumper):
    """Indents lists and refers to nothing twice. Not the C one: that escapes emoji."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _OTHER_LINE_ENDS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _yaml(value: Mapping[str, object]) -> str:
    return yaml.dump(dict(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=sys.maxsize)


def _plain(lists: Lists) -> dict[str, list[str]]:
    return {name: list(values) for name, values in lists.items()}
