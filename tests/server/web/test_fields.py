from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pytest

from imageserver.exceptions import BadRequestError
from imageserver.web.fields import MAX_LIST, Fields

if TYPE_CHECKING:
    from collections.abc import Callable


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def mistakes(fields: Fields) -> dict[str, str]:
    with pytest.raises(BadRequestError) as caught:
        fields.finish()
    return {mistake.path: mistake.message for mistake in caught.value.mistakes}


TAKES: list[tuple[str, Callable[[Fields], Any], list[tuple[Any, Any]], list[Any]]] = [
    (
        "text",
        lambda fields: fields.text("x", maximum=5),
        [("abc", "abc"), ("ключи", "ключи"), (" a ", " a ")],
        ["", "  \n", "abcdef", 1, True, [], {}],
    ),
    (
        "blank text",
        lambda fields: fields.text("x", may_be_blank=True),
        [("", None), (" \n", None), ("a", "a")],
        [1, False, ["a"]],
    ),
    ("flag", lambda fields: fields.flag("x"), [(True, True), (False, False)], [0, 1, "true", []]),
    (
        "number",
        lambda fields: fields.number("x", minimum=0, maximum=9.5),
        [(0, 0), (9.5, 9.5), (3, 3)],
        [-0.1, 9.6, True, "3", float("inf"), float("nan"), 10**400],
    ),
    (
        "integer",
        lambda fields: fields.integer("x", minimum=1, maximum=9),
        [(1, 1), (9, 9), (1.0, 1)],
        [0, 10, 1.5, True, "1"],
    ),
    ("choice", lambda fields: fields.choice("x", Colour), [("red", Colour.RED)], ["RED", "", 1, []]),
    (
        "lists",
        lambda fields: fields.lists("x"),
        [({}, {}), ({"a": ["b", ""]}, {"a": ("b", "")})],
        [[], "a", {"a": "b"}, {"a": [1]}, {"a": ["b"] * (MAX_LIST + 1)}],
    ),
]


@pytest.mark.parametrize(
    ("take", "value", "expected"),
    [(take, value, expected) for _, take, good, _ in TAKES for value, expected in good],
)
def test_what_is_right_is_taken(take: Callable[[Fields], Any], value: Any, expected: Any) -> None:
    fields = Fields({"x": value})
    assert take(fields) == expected
    fields.finish()


@pytest.mark.parametrize(
    ("take", "value"),
    [(take, value) for _, take, _, bad in TAKES for value in bad],
    ids=[f"{kind} {number}" for kind, _, _, bad in TAKES for number in range(len(bad))],
)
def test_what_is_wrong_is_named(take: Callable[[Fields], Any], value: Any) -> None:
    fields = Fields({"x": value})
    take(fields)
    assert all(path.startswith("x") for path in mistakes(fields))


@pytest.mark.parametrize("take", [take for _, take, _, _ in TAKES])
@pytest.mark.parametrize("values", [{}, {"x": None}])
def test_what_is_absent_or_null_is_none(take: Callable[[Fields], Any], values: dict[str, Any]) -> None:
    fields = Fields(values)
    assert take(fields) is None
    fields.finish()


def test_all_mistakes_are_told_at_once_with_their_paths() -> None:
    fields = Fields({"prompt": "", "lists": {"colour": ["red", 5]}, "promt": "typo", "wait": 500})
    fields.text("prompt")
    fields.lists("lists")
    fields.number("wait", minimum=0, maximum=120)
    fields.require("name")
    found = mistakes(fields)
    assert set(found) == {"prompt", "lists.colour[1]", "promt", "wait", "name"}
    assert "prompt" in found["promt"], "a typo is told what there is"
    assert "120" in found["wait"]


def test_a_whole_number_may_be_written_with_a_point() -> None:
    fields = Fields({"one": 1.0, "half": 1.5, "endless": float("inf")})
    assert fields.integer("one", minimum=1, maximum=5) == 1
    assert fields.integer("half", minimum=1, maximum=5) is None
    assert fields.integer("endless", minimum=1, maximum=5) is None
    assert set(mistakes(fields)) == {"half", "endless"}


def test_of_many_mistakes_the_sentence_tells_some() -> None:
    fields = Fields({f"key{number}": 1 for number in range(30)} | {"": 1})
    with pytest.raises(BadRequestError) as caught:
        fields.finish()
    assert len(caught.value.mistakes) == 31
    assert str(caught.value).count("key") == 10
    assert str(caught.value).endswith("; and 21 more")
    assert caught.value.mistakes[-1].path == '""'


def test_a_change_to_null_is_none_where_null_means_nothing() -> None:
    fields = Fields({"enabled": None})
    fields.flag("enabled")
    fields.require_any("enabled", or_null=True)
    fields.finish()
    fields.require_any("enabled", or_null=False)
    assert "nothing to change" in mistakes(fields)[""]


def test_a_change_of_nothing_is_a_mistake() -> None:
    fields = Fields({})
    fields.flag("enabled")
    fields.require_any("enabled", "limit")
    assert "enabled, limit" in mistakes(fields)[""]
