"""The mutants themselves take an hour; what CI holds is that the reasons are those of code that exists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.faults.mutants.explained import Explained, InAnyCase, explained
from tests.faults.mutants.mutants import Change
from tests.faults.mutants.rooms import ROOMS

ADDON = Path(__file__).parents[3] / "addon"
GROUP = """
[[explained]]
reason = "Any will do."
mutants = [{ function = "a.b", before = "1", after = "2" }]
"""


def functions() -> set[str]:
    return {
        f"{'.'.join(path.relative_to(ADDON).with_suffix('').parts)}.{name}"
        for path in (ADDON / "imageserver").rglob("*.py")
        for name in names_of(ast.parse(path.read_text("utf-8")).body)
    }


def names_of(body: list[ast.stmt], prefix: str = "") -> set[str]:
    names: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(prefix + statement.name)
        elif isinstance(statement, ast.ClassDef):
            names |= names_of(statement.body, f"{statement.name}.")
    return names


def test_each_survivor_that_is_explained_is_a_change_of_a_function_that_exists() -> None:
    reasons = [reason for reason in explained() if isinstance(reason, Explained)]
    assert reasons
    assert {reason.function for reason in reasons} <= functions()
    assert all(reason.before != reason.after for reason in reasons)


def test_each_reason_is_a_sentence() -> None:
    assert all(one.reason[0].isupper() and one.reason.endswith(".") for one in explained())


def test_no_survivor_is_explained_twice(tmp_path: Path) -> None:
    path = tmp_path / "explained.toml"
    path.write_text(GROUP, "utf-8")
    assert explained(path) == [Explained("a.b", "1", "2", "Any will do.")]
    path.write_text(GROUP * 2, "utf-8")
    with pytest.raises(ValueError, match="explained twice"):
        explained(path)


@pytest.mark.parametrize(
    ("after", "change", "about"),
    [
        ("2", Change("a.b", "1", "2"), True),
        ("2", Change("a.b", "1", "3"), False),
        ("2", Change("a.c", "1", "2"), False),
        (None, Change("a.b", "Do x", "DO X"), True),
        (None, Change("a.b", "Do x", "XXDo xXX"), False),
    ],
)
def test_a_reason_is_for_one_change_or_for_a_change_of_case(
    after: str | None, change: Change, *, about: bool
) -> None:
    assert Explained("a.b", change.before, after, "Any will do.").is_about(change) == about


@pytest.mark.parametrize(
    ("change", "about"),
    [
        (Change("a.b", '" AND id = ?"', '" and id = ?"'), True),
        (Change("a.b", '" AND id = ?"', '" AND ID = ?"'), True),
        (Change("a.b", '" AND id = ?"', '"XX AND id = ?XX"'), False),
        (Change("a.b", 'name=row["name"],', 'name=row["NAME"],'), True),
        (Change("a.b", '"Mend it."', '"MEND IT."'), False),
    ],
)
def test_what_means_the_same_in_any_case_needs_no_entry_of_its_own(change: Change, *, about: bool) -> None:
    rules = [reason for reason in explained() if isinstance(reason, InAnyCase)]
    assert any(rule.is_about(change) for rule in rules) == about


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_is_of_files_and_tests_that_exist(name: str) -> None:
    room = ROOMS[name]
    assert all(list((ADDON / "imageserver").glob(pattern)) for pattern in (*room.files, *room.but))
    assert all((ADDON.parent / path).exists() for path in room.tests)
