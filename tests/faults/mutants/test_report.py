from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.faults.mutants.__main__ import room_report, wrong_of
from tests.faults.mutants.explained import Explained
from tests.faults.mutants.mutants import (
    BY_TYPES,
    KILLED,
    PACKAGE,
    SURVIVED,
    TIMED_OUT,
    Change,
    Mutant,
    forget,
    mutants_below,
)

if TYPE_CHECKING:
    from pathlib import Path

ORIGINAL = "def xǁDeskǁask__mutmut_orig(self):\n        return 1 + 1\n"
MUTANT = "def xǁDeskǁask__mutmut_1(self):\n        return 1 - 1\n"
CHANGE = Change("imageserver.desk.Desk.ask", "return 1 + 1", "return 1 - 1")
REASON = Explained("imageserver.desk.Desk.ask", "return 1 + 1", "return 1 - 1", "Any will do.")


def mutants(**fates: int) -> list[Mutant]:
    return [
        Mutant(
            CHANGE if number == 0 and fate == "survived" else Change("imageserver.desk.f", fate, str(number)),
            "imageserver.desk",
            "desk.py",
            fate.replace("_", " "),
        )
        for fate, amount in fates.items()
        for number in range(amount)
    ]


def workshop(folder: Path, code: int | None) -> Path:
    package = folder / "mutants" / PACKAGE
    package.mkdir(parents=True)
    (package / "desk.py").write_text(f"\n{ORIGINAL}\n{MUTANT}", "utf-8")
    spans = {"xǁDeskǁask__mutmut_orig": [2, 3], "xǁDeskǁask__mutmut_1": [5, 6]}
    (package / "desk.py.spans").write_text(json.dumps({"spans": spans}), "utf-8")
    codes = {"imageserver.desk.xǁDeskǁask__mutmut_1": code}
    (package / "desk.py.meta").write_text(json.dumps({"exit_code_by_key": codes}), "utf-8")
    return folder


def test_a_mutant_is_known_by_its_function_and_the_lines_that_differ(tmp_path: Path) -> None:
    (mutant,) = mutants_below(workshop(tmp_path, 1))
    assert mutant == Mutant(CHANGE, "imageserver.desk", "desk.py", KILLED)


def test_what_survived_can_be_forgotten_and_what_was_not_tried_has_survived(tmp_path: Path) -> None:
    folder = workshop(tmp_path, 0)
    assert [mutant.fate for mutant in mutants_below(folder)] == [SURVIVED]
    forget(folder, lambda mutant: mutant.fate in {KILLED, TIMED_OUT})
    assert '": 0}' in (folder / "mutants" / PACKAGE / "desk.py.meta").read_text()
    forget(folder, lambda mutant: mutant.fate == SURVIVED)
    assert '": null}' in (folder / "mutants" / PACKAGE / "desk.py.meta").read_text()


def test_what_the_types_tell_is_no_merit_of_the_tests() -> None:
    report = room_report(mutants(killed=6, timed_out=1, survived=3, caught_by_types=10), [])
    assert (report["mutants"], report["percent"], report["percent_by_tests"]) == (20, 85.0, 70.0)
    assert (report["killed"], report[TIMED_OUT.replace(" ", "_")], report["survived"]) == (6, 1, 3)
    assert report[BY_TYPES.replace(" ", "_")] == 10
    assert len(report["unexplained"]) == 3


def test_below_90_percent_each_survivor_without_a_reason_is_wrong() -> None:
    assert wrong_of(mutants(killed=9, survived=1), []) == []
    assert wrong_of(mutants(killed=8, survived=1), []) == [f"survives: {CHANGE}"]
    assert wrong_of(mutants(killed=8, survived=1), [REASON]) == []
    assert len(wrong_of(mutants(killed=8, survived=2, caught_by_types=100), [REASON])) == 1


def test_a_reason_without_a_survivor_is_wrong() -> None:
    assert wrong_of(mutants(killed=9), [REASON]) == [f"explained for nothing: {REASON}"]
    elsewhere = Explained("imageserver.shelf.f", "1", "2", "Any will do.")
    assert wrong_of(mutants(killed=9), [elsewhere]) == []


def test_where_nothing_was_mutated_something_is_wrong() -> None:
    assert wrong_of([], []) == ["nothing was mutated"]
