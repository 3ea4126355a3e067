import pytest

from imageserver.log.log_secrets import LogSecrets


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
