"""The page's files, read as text: what a browser would only show to somebody who happens to look."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from imageserver import exceptions
from imageserver.policy import Reason
from imageserver.status import ServerState
from imageserver.web.page.page import STATIC
from tests.server.web.page.words_file import Text, placeholders, read_words

PACKAGE = Path(exceptions.__file__).parent
OURS = sorted(path for path in STATIC.rglob("*") if path.is_file() and path.parent.name != "vendor")
MODULES = [path for path in OURS if path.suffix == ".js" and "words" not in path.parts]
LONGEST_FILE = 365

IN_ENGLISH_BY_THE_SERVER = ("now.problem.", "now.remedy.", "server.error.")
CATEGORIES = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}}

_WORDS_OF_VIEWS = "|".join(path.stem for path in (STATIC / "words" / "en").glob("*.js"))
_WHOLE = re.compile(rf'"((?:{_WORDS_OF_VIEWS})\.[\w.]+)"|`((?:{_WORDS_OF_VIEWS})\.[\w.]+)`')
_BEGINNING = re.compile(rf"`((?:{_WORDS_OF_VIEWS})\.[\w.]*)\$\{{")


def name_of(path: Path) -> str:
    return path.relative_to(STATIC).as_posix()


def words_of(language: str) -> dict[str, Text]:
    return {
        f"{path.stem}.{key}": text
        for path in sorted((STATIC / "words" / language).glob("*.js"))
        for key, text in read_words(path).items()
    }


WORDS = {language: words_of(language) for language in CATEGORIES}
ENGLISH, RUSSIAN = WORDS["en"], WORDS["ru"]
SCRIPTS = "\n".join(path.read_text("utf-8") for path in MODULES)


# Words


def test_both_languages_say_the_same_things() -> None:
    russian = {key for key in RUSSIAN if not key.startswith(IN_ENGLISH_BY_THE_SERVER)}
    assert ENGLISH.keys() == russian
    different = {key for key in russian if placeholders(ENGLISH[key]) != placeholders(RUSSIAN[key])}
    assert different == set()


@pytest.mark.parametrize("language", CATEGORIES)
def test_a_plural_has_every_category_of_its_language(language: str) -> None:
    plurals = {key: text for key, text in WORDS[language].items() if isinstance(text, dict)}
    assert plurals
    wrong = {key for key, texts in plurals.items() if texts.keys() != CATEGORIES[language]}
    assert wrong == set()
    assert {key for key, text in plurals.items() if "count" not in placeholders(text)} == set()


def test_every_text_is_written() -> None:
    for words in WORDS.values():
        for key, text in words.items():
            for one in [text] if isinstance(text, str) else text.values():
                assert one.strip() == one != "", key


def test_russian_texts_are_russian() -> None:
    bare = {key: re.sub(r"\{\w+\}", "", str(text)) for key, text in RUSSIAN.items()}
    latin = {key for key, text in bare.items() if not re.search(r"[а-яё]", text, re.IGNORECASE)}
    assert {key for key in latin if re.search(r"[a-z]{3}", bare[key])} == set()


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    whole = {first or second for first, second in _WHOLE.findall(SCRIPTS)}
    beginnings = tuple(_BEGINNING.findall(SCRIPTS))
    keys = ENGLISH.keys() | RUSSIAN.keys()
    assert whole - keys == set()
    assert {key for key in keys - whole if not key.startswith(beginnings)} == set()
    assert {start for start in beginnings if not any(key.startswith(start) for key in keys)} == set()


def test_what_the_server_says_by_code_is_known() -> None:
    assert {f"server.reason.{reason}" for reason in Reason} <= ENGLISH.keys()
    assert {f"server.state.{state}" for state in ServerState} <= ENGLISH.keys()


def test_every_problem_and_error_of_the_server_is_said_in_russian() -> None:
    source = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    reported = set(re.findall(r"problems\.(?:report|resolve)\(\s*\"(\w+)\"", source))
    names = "PROBLEM|UNUSABLE|UNREADABLE|UNWRITABLE|PLAIN_HTTP"
    reported |= set(re.findall(rf"^(?:{names})\b.*= \"(\w+)\"", source, re.MULTILINE))
    assert len(reported) >= 14
    for kind in ("problem", "remedy"):
        assert {f"now.{kind}.{code}" for code in reported} == {
            key for key in RUSSIAN if key.startswith(f"now.{kind}.")
        }
    errors = {
        kind.code
        for kind in vars(exceptions).values()
        if isinstance(kind, type) and issubclass(kind, exceptions.ImageServerError)
    }
    never_told = {"SupervisorError", "Forbidden"}
    assert {f"server.error.{code}" for code in errors - never_told} == {
        key for key in RUSSIAN if key.startswith("server.error.")
    }


# What browsers and people hold the page to


def test_nothing_is_inline() -> None:
    index = (STATIC / "index.html").read_text("utf-8")
    assert re.findall(r"<script[^>]*>[^<]", index) == []
    assert "<style" not in index
    assert re.findall(r"\sstyle=|\son\w+=", index) == []
    assert (
        re.findall(
            r"\sstyle=[\"$]|styleMap|unsafeHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(",
            SCRIPTS,
        )
        == []
    )


def test_links_stay_below_ingress_prefix() -> None:
    index = (STATIC / "index.html").read_text("utf-8")
    links = [link for link in re.findall(r'(?:href|src)="([^"]+)"', index) if not link.startswith("data:")]
    assert len(links) > 5
    for link in links:
        assert (STATIC / link.removeprefix("page/")).is_file(), link
        assert urljoin("http://home:8123/api/hassio_ingress/abc/", link).startswith(
            "http://home:8123/api/hassio_ingress/abc/page/"
        )
    assert re.findall(r"(?:href|src|fetch\()=?[\"'`(]/", SCRIPTS) == []


def test_every_module_that_is_imported_is_there() -> None:
    for path in MODULES:
        for link in re.findall(r"(?:from|import) \"(\.[^\"]+)\"", path.read_text("utf-8")):
            assert (path.parent / link).resolve().is_file(), f"{name_of(path)} imports {link}"


def test_every_module_is_imported_by_another() -> None:
    views = {
        f"{view}.js"
        for view in re.findall(r'"(\w+)"', re.findall(r"VIEWS = \[(.*?)\]", SCRIPTS, re.DOTALL)[0])
    }
    imported = {
        (path.parent / link).resolve()
        for path in MODULES
        for link in re.findall(r"(?:from|import) \"(\.[^\"]+)\"", path.read_text("utf-8"))
    }
    assert {path.name for path in MODULES if path not in imported} == views | {"app.js"}


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


def test_the_librarys_licence_stands_beside_it() -> None:
    assert "BSD" in (STATIC / "vendor" / "lit.LICENSE").read_text("utf-8")
    assert {path.name for path in (STATIC / "vendor").iterdir()} == {"lit.js", "lit.LICENSE"}
