from __future__ import annotations

import pytest

from imageserver.web.language import Language, preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.ENGLISH),
        ("ru", Language.RUSSIAN),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", Language.RUSSIAN),
        ("en-GB,en;q=0.9,ru;q=0.8", Language.ENGLISH),
        ("de,fr;q=0.9,ru;q=0.5,en;q=0.3", Language.RUSSIAN),
        ("en;q=0.5, RU;q=0.6", Language.RUSSIAN),
        ("de-DE, fr", Language.ENGLISH),
        ("ru;q=0", Language.ENGLISH),
        ("ru;q=nonsense,en;q=0.1", Language.ENGLISH),
        ("*", Language.ENGLISH),
        (",;=,;q", Language.ENGLISH),
        ("de," * 1000 + "ru", Language.ENGLISH),
    ],
)
def test_the_best_language_that_the_page_speaks_is_chosen(header: str, language: Language) -> None:
    assert preferred(header) is language
