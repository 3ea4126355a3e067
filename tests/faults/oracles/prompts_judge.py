"""Any bytes as `prompts.yaml`: understood or refused, nothing lost, and written as it reads."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from imageserver.exceptions import UnreadableFileError
from imageserver.files import yaml_text
from imageserver.files.text_decoding import decode
from imageserver.prompts import templates
from imageserver.prompts.checks import check
from imageserver.prompts.dump import dump
from imageserver.prompts.file import Document, Entry, parse
from imageserver.prompts.patch import rewritten
from imageserver.prompts.prompt import Prompt
from imageserver.web import representations

if TYPE_CHECKING:
    from imageserver.models import Json

NEW = Entry(prompt="a new one")


def judge_prompts(data: bytes) -> None:
    """Fail where the prompt book does with these bytes what it must not."""
    try:
        document = parse(data)
    except UnreadableFileError as error:
        _check_text(str(error))
        return
    _check_nothing_lost(data, document)
    _check_shown(document)
    _check_written(data, document)


def _check_nothing_lost(data: bytes, document: Document) -> None:
    """Compare with what the file says, looked at without any rule but that of YAML."""
    tree = yaml_text.load(data)
    assert isinstance(tree, dict)
    written: Any = tree["prompts"] or []
    texts = Counter(_prompt_of(item) for item in written)
    assert texts == Counter(entry.prompt for entry in document.entries)
    assert sorted(entry.source for entry in document.entries if entry.source is not None) == list(
        range(len(written))
    )
    shared: Any = tree.get("global_placeholders") or {}
    assert set(document.global_placeholders) == set(shared)
    for entry in document.entries:
        assert entry.source is not None
        item = written[entry.source]
        if not isinstance(item, dict):
            continue
        own = {*(item.get("placeholders") or {}), *(item.get("global_placeholders") or {})}
        assert set(entry.placeholders) == own
        known = {"idx", "prompt", "negative", "placeholders", "global_placeholders", "enabled"}
        assert dict(entry.extra) == {key: value for key, value in item.items() if key not in known}
        assert (entry.negative or "") == (item.get("negative") or "").strip()


def _prompt_of(item: Any) -> str:
    text = item if isinstance(item, str) else item.get("prompt")
    return (text or "").strip()


def _check_shown(document: Document) -> None:
    """Let each entry be looked at, drawn and told to a client."""
    chance = Random(1)
    for idx, entry in enumerate(document.entries, 1):
        checked = check(entry, document.global_placeholders, prompt_id="1", idx=idx)
        for finding in checked.findings:
            _check_text(str(finding))
        if checked.drawable and entry.enabled:
            drawn = templates.expand(entry.text, checked.lists, chance)
            assert drawn.prompt.strip(), "an empty prompt was drawn"
            assert len(drawn.prompt) + len(drawn.negative or "") <= len(checked.longest.prompt) + len(
                checked.longest.negative or ""
            )
        prompt = Prompt(
            id="1", idx=idx, prompt=entry.prompt, negative=entry.negative, placeholders=entry.placeholders
        )
        _check_sent(representations.prompt(prompt))
    for note in document.notes:
        _check_text(note.text)


def _check_written(data: bytes, document: Document) -> None:
    """Write all of it anew, and write it with changes as the server does."""
    anew = dump(document)
    read = parse(anew)
    assert read == document, "it reads otherwise once it is written"
    assert read.orderly
    old = decode(data)
    entries = document.entries
    for after in (
        replace(document, entries=(*entries, NEW)),
        replace(document, entries=entries[1:]),
        replace(document, entries=entries[::-1], global_placeholders={"a": ("b",)}),
    ):
        text, understood = rewritten(old, document, after)
        assert understood == after == parse(text)


def _check_text(text: str) -> None:
    assert text.strip()
    text.encode()


def _check_sent(value: Json) -> None:
    json.dumps(value, ensure_ascii=False).encode()
