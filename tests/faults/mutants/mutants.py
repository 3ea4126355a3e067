"""What mutmut did to the code and what became of it, read from the files that it leaves."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import ndiff
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PACKAGE = "src/imageserver"

KILLED, BY_TYPES, TIMED_OUT, SURVIVED = "killed", "caught by types", "timed out", "survived"
FATES = {1: KILLED, 3: KILLED, 37: BY_TYPES, 36: TIMED_OUT, 24: TIMED_OUT, -24: TIMED_OUT, 152: TIMED_OUT}
"""By mutmut's exit codes; whatever else happened, no test has told the mutant from the original."""

_KEY = re.compile(r"(?P<module>.+)\.(?P<name>x(?:_|ǁ(?P<of>\w+?)ǁ)(?P<function>\w+)__mutmut_)(?P<number>\d+)")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """What a mutant is, wherever in its file the function stands.

    Attributes:
        function: With its module and class: "imageserver.policy.readiness".
        before: The lines that were changed, without their indentation.
        after: What they were changed to.
    """

    function: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change and what became of it."""

    change: Change
    module: str
    file: str
    fate: str


def mutants_below(folder: Path) -> list[Mutant]:
    return [mutant for meta in metas(folder) for mutant in _mutants_of(meta).values()]


def forget(folder: Path, which: Callable[[Mutant], bool]) -> None:
    """Have some mutants tried again."""
    for meta in metas(folder):
        data = _read(meta)
        for key, mutant in _mutants_of(meta).items():
            if which(mutant):
                data["exit_code_by_key"][key] = None
        meta.write_text(json.dumps(data), "utf-8")


def metas(folder: Path) -> list[Path]:
    return sorted((folder / "mutants" / PACKAGE).rglob("*.py.meta"))


def _mutants_of(meta: Path) -> dict[str, Mutant]:
    """Return the mutants of a file by mutmut's names for them."""
    source = meta.with_suffix("")
    lines = source.read_text("utf-8").splitlines()
    spans: dict[str, list[int]] = _read(source.with_name(f"{source.name}.spans"))["spans"]
    mutants = {}
    for key, code in _read(meta)["exit_code_by_key"].items():
        names = _KEY.fullmatch(key)
        if names is None:
            raise ValueError(f"mutmut calls a mutant {key}")
        stem = names["name"]
        original, mutated = (
            [
                line.strip().replace(name, names["function"])
                for line in lines[spans[name][0] - 1 : spans[name][1]]
            ]
            for name in (f"{stem}orig", f"{stem}{names['number']}")
        )
        function = ".".join(filter(None, (names["module"], names["of"], names["function"])))
        file = str(source).partition(f"{PACKAGE}/")[2]
        change = _change(function, original, mutated)
        mutants[key] = Mutant(change, names["module"], file, FATES.get(code, SURVIVED))
    return mutants


def _change(function: str, original: list[str], mutated: list[str]) -> Change:
    lines = list(ndiff(original, mutated))
    before, after = (" ".join(line[2:] for line in lines if line.startswith(sign)) for sign in ("- ", "+ "))
    return Change(function, before, after)


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
