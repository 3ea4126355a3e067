import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from imageserver.log.log_secrets import STARS, LogSecrets

AWKWARD = """can"ary\\of'a&key<1>/+="""


@pytest.mark.parametrize(
    ("secrets", "text", "hidden"),
    [
        ([], "nothing is secret", "nothing is secret"),
        (["AQVN-key"], "Api-Key AQVN-key, twice AQVN-key", "Api-Key ***, twice ***"),
        (["AQVN", "AQVN-key"], "AQVN-key and AQVN", "*** and ***"),
        (["a.c+"], "abcc a.c+", "abcc ***"),
        (["", "a", "abc"], "a b c abc", "a b c abc"),
        (["ключ-от-всего"], "ключ-от-всего", "***"),
    ],
)
def test_each_secret_is_replaced_wherever_it_stands(secrets: list[str], text: str, hidden: str) -> None:
    known = LogSecrets()
    known.add(secrets)
    assert known.hide(text) == hidden


def test_secrets_that_come_later_do_not_uncover_earlier_ones() -> None:
    known = LogSecrets()
    known.add(["first-one"])
    known.add(["second-one"])
    assert known.hide("first-one second-one") == "*** ***"


@pytest.mark.parametrize(
    "spelling",
    [
        str,
        repr,
        json.dumps,
        html.escape,
        quote,
        lambda text: json.dumps(json.dumps(text)),
        lambda text: repr(f"it's {text}"),
        lambda text: repr(text.encode()),
        lambda text: repr(KeyError(repr({"key": text}))),
        lambda text: json.dumps({"error": repr(RuntimeError(f"{text!r}", {"key": text}))}),
    ],
)
def test_a_secret_is_known_in_every_spelling(spelling: Callable[[str], str]) -> None:
    known = LogSecrets()
    known.add([AWKWARD])
    hidden = known.hide(f"refused: {spelling(AWKWARD)}")
    assert STARS in hidden
    assert "ary" not in hidden


def test_a_secret_of_other_letters_is_known_in_json_too() -> None:
    known = LogSecrets()
    known.add(["ключ-от-всего"])
    assert known.hide(json.dumps(json.dumps("ключ-от-всего"))) == '"\\"***\\""'


def test_rows_of_backslashes_take_no_time() -> None:
    known = LogSecrets()
    known.add(["\\\\\\'\\\\'key"])
    text = "\\" * 10_000
    assert known.hide(text) == text


def test_a_secret_in_basic_authorization_is_known() -> None:
    known = LogSecrets()
    known.add(["canary-key-9a1b7c"])
    assert known.hide(base64.b64encode(b"canary-key-9a1b7c").decode()).rstrip("=") == STARS
