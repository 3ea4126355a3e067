"""Each property with a few examples, the same ones each time."""

from __future__ import annotations

import pytest

from imageserver import policy
from imageserver.files import yaml_text
from imageserver.prompts import templates
from tests.faults.oracles.all_properties import PROPERTIES

SLEEP = "Sleep begins and ends as the clocks on the wall say, whatever is done to them"
TEMPLATES = "A placeholder becomes each of its values before one comes again, and nothing else changes"
YAML = "YAML is refused in our words, or read as others read it"


@pytest.mark.parametrize("sentence", PROPERTIES)
def test_it_holds_for_whatever_is_made_up(sentence: str) -> None:
    PROPERTIES[sentence].hold()


def test_an_oracle_notices_an_end_that_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "_SECOND", policy._SECOND * 0)
    with pytest.raises(AssertionError):
        PROPERTIES[SLEEP].hold()


def test_an_oracle_notices_a_value_that_comes_again_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(text: object, lists: templates.Lists, order: object) -> object:
        one_each = {name: values[:1] for name, values in lists.items()}
        return honest(text, one_each, order)  # type: ignore[arg-type]

    honest = templates._filled
    monkeypatch.setattr(templates, "_filled", careless)
    with pytest.raises(AssertionError):
        PROPERTIES[TEMPLATES].hold()


def test_an_oracle_notices_text_that_is_read_as_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "_text", lambda node: node.value.lstrip("0"))
    with pytest.raises(AssertionError):
        PROPERTIES[YAML].hold()
