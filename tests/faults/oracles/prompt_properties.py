"""`prompts.yaml`: whatever is in it, nothing is lost; what a person wrote round the prompts stays there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from imageserver.files.text_decoding import decode
from imageserver.prompts.file import Entry, parse
from imageserver.prompts.patch import rewritten
from tests.faults.oracles.prompts_judge import judge_prompts
from tests.faults.oracles.property import Property
from tests.faults.oracles.rubbish_text import SPECIAL, tokens, trees, written

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

KEYS = ("prompts", "idx", "prompt", "negative", "placeholders", "global_placeholders", "enabled", "note")
_RUBBISH = st.binary(max_size=60) | tokens(*(f"{key}: " for key in KEYS), "\n- ", "\n  ", "[[a]]").map(
    lambda text: text.encode("utf-8", "surrogatepass")
)


def _books() -> SearchStrategy[Any]:
    """Files that somebody might have meant, with mistakes in any place."""
    text = st.sampled_from(SPECIAL) | st.text(max_size=10) | st.none() | st.integers(-1, 9)
    lists = st.dictionaries(text.map(str), st.lists(text, max_size=3) | text, max_size=3)
    entry = st.fixed_dictionaries(
        {},
        optional={
            "idx": st.integers(-1, 5) | text,
            "prompt": text,
            "negative": text,
            "placeholders": lists | text,
            "global_placeholders": lists,
            "enabled": text | st.booleans(),
            "note": trees("a"),
        },
    )
    return st.fixed_dictionaries(
        {"prompts": st.lists(entry | text, max_size=4)},
        optional={"global_placeholders": lists | text, "mine": trees("a")},
    )


@dataclass(frozen=True, slots=True)
class Edited:
    """A file as a person keeps it, with numbered comments, and what is to be done to its prompts."""

    text: str
    entries: int
    change: str
    seed: int


_PROMPTS = (
    "prompt: a cat{c}",
    "prompt: 'a # cat'{c}",
    'prompt: "a \\" cat"{c}',
    "prompt: |{c}\n{i}  a cat\n{i}  # no comment",
    "prompt: >-{c}\n{i}  a cat\n\n{i}  on a roof",
    "prompt: a\n{i}  cat",
)
_MORE = (
    "negative: fog{c}",
    "placeholders:{c}\n{i}  colour: [red, green]{c}",
    "placeholders: {{colour: [red]}}{c}",
    "placeholders:\n{i}  {c}\n{i}  weapon:\n{i}  - axe{c}",
    "enabled: false{c}",
    "mine: [1, 2]{c}",
)
_ENDS = ("", "\n", "{c}\n", "global_placeholders:{c}\n  colour: [blue]{c}\n{c}\n", "\n{c}\nmine: 1{c}\n")


@st.composite
def _edited(draw: st.DrawFn) -> Edited:
    indent, newline = " " * draw(st.integers(0, 4)), draw(st.sampled_from(["\n", "\r\n"]))
    amount = draw(st.integers(1, 4))
    lines = [
        draw(st.sampled_from(["", "{c}\n", "---\n", "global_placeholders: {{a: [b]}}{c}\n"])),
        "prompts:{c}\n",
    ]
    for number in range(1, amount + 1):
        fields = [
            f"idx: {number}{{c}}",
            draw(st.sampled_from(_PROMPTS)),
            *draw(st.lists(st.sampled_from(_MORE), max_size=2)),
        ]
        kept = {one.partition(":")[0]: one for one in fields}
        order = draw(st.permutations(list(kept.values())))
        above = draw(st.sampled_from(["", f"{indent}{{c}}\n", "\n", f"\n{indent}{{c}}\n\n"]))
        body = f"\n{indent}  ".join(one.replace("{i}", f"{indent}  ") for one in order)
        lines.append(f"{above}{indent}- {body}\n")
    ends = [end for end in _ENDS if "global" not in end or "global" not in lines[0]]
    lines.append(draw(st.sampled_from(ends)))
    text = "".join(lines)
    comments = iter(range(1000))
    text = re.sub(r"(?<=\S)\{c\}", "  {c}", text)
    text = re.sub(r"\{c\}", lambda _: f"# note-{next(comments)}.", text)
    text = text.replace("{{", "{").replace("}}", "}")
    change = draw(st.sampled_from(["add", "edit", "remove", "move", "lists"]))
    return Edited(text.replace("\n", newline), amount, change, draw(st.integers(0, 99)))


def _comments_stay(edited: Edited) -> None:
    """All comments stay, but those inside of what is edited or removed, or of lists that are replaced."""
    before = parse(edited.text)
    assert len(before.entries) == edited.entries
    chance = Random(edited.seed)
    place = chance.randrange(edited.entries)
    entries = list(before.entries)
    after = before
    match edited.change:
        case "add":
            entries.append(Entry(prompt="new"))
        case "edit":
            entries[place] = replace(entries[place], prompt="new", negative=None)
        case "remove":
            del entries[place]
        case "move":
            entries.insert(chance.randrange(edited.entries), entries.pop(place))
        case _:
            after = replace(before, global_placeholders={"new": ("x",)})
    after = replace(after, entries=tuple(entries))
    if after == before:
        return
    text, document = rewritten(decode(edited.text), before, after)
    assert document == after == parse(text)
    lost = _notes(edited.text) - _notes(text)
    allowed = _notes_inside(edited, place)
    assert lost <= allowed, f"{edited.change} {place} lost {lost - allowed}: {edited.text!r} became {text!r}"
    assert ("\r\n" in edited.text) == ("\r\n" in text) or not text.strip()


def _notes(text: str) -> set[str]:
    return set(re.findall(r"# note-\d+\.", text))


def _notes_inside(edited: Edited, place: int) -> set[str]:
    if edited.change == "lists":
        found = re.search(r"^global_placeholders:.*?(?=^\S|\Z)", edited.text, re.MULTILINE | re.DOTALL)
        return _notes(found[0]) if found else set()
    if edited.change not in {"edit", "remove"}:
        return set()
    own = r"^(?= *- (?:idx|prompt|negative|placeholders|enabled|mine):)"
    pieces = re.split(own, edited.text, flags=re.MULTILINE)
    above = re.search(r"(?:^ *(?:#.*)?\r?\n)*\Z", pieces[place], re.MULTILINE)
    leaves = _notes(above[0]) if above and place and edited.change == "remove" else set()
    return _notes(pieces[place + 1]) | leaves


PROPERTIES = {
    "No bytes in prompts.yaml do harm": Property(_RUBBISH, judge_prompts, 100),
    "What is in prompts.yaml is understood or refused, never lost, and written as it reads": Property(
        written(_books()) | written(trees(*KEYS)), judge_prompts, 200
    ),
    "What a person wrote round the prompts stays when the server changes the file": Property(
        _edited(), _comments_stay, 100
    ),
}
