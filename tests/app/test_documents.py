"""What people read agrees with what is: options, names, defaults, ports, links, examples."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from imageserver import __version__
from imageserver.options.options import load
from imageserver.prompts import file as prompts_file
from imageserver.providers import ADAPTERS

ROOT = Path(__file__).parents[2]
APP = ROOT / "addon"
CONFIG = yaml.safe_load((APP / "config.yaml").read_text())
LANGUAGES = {"en": APP / "DOCS.md", "ru": APP / "DOCS.ru.md"}
IN_HOME_ASSISTANT = (*LANGUAGES.values(), APP / "README.md", APP / "CHANGELOG.md")
EVERYWHERE = (*IN_HOME_ASSISTANT, ROOT / "README.md", *(ROOT / "docs").glob("*.md"))

SWITCHES = {"on": True, "off": False, "включено": True, "выключено": False}
NOTHING = {"none", "нет"}
OWN_ADDRESS = re.compile(
    r"https://(?:github\.com/aiframes/imageserver/blob|raw\.githubusercontent\.com/aiframes/imageserver)/main/"
)
SAID_BY_THE_SERVER = (
    "speaks plain HTTP to port",
    "it is outside frame_networks",
    "is switched off: ",
    "requests of today",
    "are used up",
    "refuses this prompt",
    "Pictures can't be written to",
    "The pictures in",
    "can't be read",
    "The options have a mistake",
    "Local time is",
    "The prompt book has",
    "Options: those of the app's Configuration tab",
    "of this Home Assistant",
    "has asked for its first picture",
    " for a picture",
    " made picture ",
)


@dataclass(frozen=True, slots=True)
class Row:
    """An option as a document describes it."""

    name: str
    path: str
    default: str


def described(document: Path) -> list[Row]:
    """Read the tables of options: the key stands in the second column, its group in the heading above."""
    rows, group = [], ""
    for line in document.read_text().splitlines():
        if line.startswith("#"):
            found = re.search(r"\(`([\w.]+)`\)", line)
            group = found[1] if found else ""
        elif option := re.fullmatch(r"\| ([^|`]+) \| `([a-z_.]+)` \| [^|]+\| ([^|]*)\|", line):
            name, key, default = (text.strip() for text in option.groups())
            path = key if key == group or not group else f"{group}.{key}"
            rows.append(Row(name, path, default))
    return rows


def options(schema: object, path: str = "") -> Iterator[str]:
    """Yield the paths of all options; what all entries of a list have counts once."""
    if isinstance(schema, list):
        schema = schema[0]
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield f"{path}{key}"
            yield from options(value, f"{path}{key}.")


def in_tables() -> set[str]:
    """Return the options that tables are to describe: not the groups, and a period of sleep only once."""
    groups = {
        "providers",
        "iframe_image_parameters",
        *(f"providers.{key}" for key in CONFIG["schema"]["providers"]),
    }
    return {
        path
        for path in options(CONFIG["schema"])
        if path not in groups and not re.search(r"^providers.*time_range", path)
    }


def names(language: str) -> dict[str, str]:
    """Return what the Configuration tab calls each option."""
    found: dict[str, str] = {}

    def walk(fields: dict[str, Any], path: str) -> None:
        for key, texts in fields.items():
            found[path + key] = texts["name"]
            walk(texts.get("fields", {}), f"{path}{key}.")

    walk(yaml.safe_load((APP / f"translations/{language}.yaml").read_text())["configuration"], "")
    return found


def default_of(path: str) -> object:
    """Return what an option is until someone sets it; None where it is not there."""
    value: Any = CONFIG["options"]
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def headings(document: Path) -> list[str]:
    return re.findall(r"^#+ .*", without_code(document), re.MULTILINE)


def without_code(document: Path) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)


def examples(document: Path) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)


def links(document: Path) -> list[str]:
    text = without_code(document)
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def document(language: str) -> Path:
    return LANGUAGES[language]


class TestOptions:
    def test_each_is_described_once(self, document: Path) -> None:
        paths = [row.path for row in described(document)]
        assert sorted(paths) == sorted(in_tables())

    def test_each_is_called_as_in_the_configuration_tab(self, document: Path, language: str) -> None:
        shown = names(language)
        assert {row.path: row.name for row in described(document)} == {
            path: shown[path] for path in in_tables()
        }

    def test_each_default_is_the_true_one(self, document: Path) -> None:
        for row in described(document):
            default = default_of(row.path)
            literal = re.fullmatch(r"`(.+)`", row.default)
            if row.default in SWITCHES and default is not None:
                assert default is SWITCHES[row.default], row
            elif row.default in NOTHING:
                assert default == [], row
            elif literal:
                assert str(default) == literal[1], row
            else:
                assert default is None, row

    def test_a_switch_that_may_be_left_out_is_off_then(self, document: Path) -> None:
        (row,) = (row for row in described(document) if row.path == "sleep_time.black_image_mode")
        assert SWITCHES[row.default] is False


class TestLanguages:
    def test_both_documents_have_the_same_chapters(self) -> None:
        english, russian = (
            [len(title.split()[0]) for title in headings(path)] for path in LANGUAGES.values()
        )
        assert english == russian

    def test_both_describe_the_options_in_the_same_order(self) -> None:
        english, russian = ([row.path for row in described(path)] for path in LANGUAGES.values())
        assert english == russian

    def test_both_have_the_same_tables_lists_and_examples(self) -> None:
        english, russian = (
            [
                re.sub(r"\w.*", "", line) if line.lstrip().startswith("-") else line.count("|") * "|"
                for line in path.read_text().splitlines()
                if re.match(r" *([-|]|\d\.|```|>)", line)
            ]
            for path in LANGUAGES.values()
        )
        assert len(english) == len(russian)
        assert [line for line in english if "|" in line] == [line for line in russian if "|" in line]

    def test_both_link_to_the_same_places(self) -> None:
        english, russian = (
            [re.sub(r"/(en|ru)/docs/", "/docs/", link) for link in links(path) if "addon/DOCS" not in link]
            for path in LANGUAGES.values()
        )
        assert english == russian

    def test_each_begins_with_a_link_to_the_other(self) -> None:
        for path, other in zip(LANGUAGES.values(), reversed(LANGUAGES.values()), strict=True):
            assert links(path)[0].endswith(f"/blob/main/addon/{other.name}")


class TestLinks:
    @pytest.mark.parametrize("path", EVERYWHERE, ids=lambda path: path.name)
    def test_what_they_lead_to_in_this_repository_exists(self, path: Path) -> None:
        for link in links(path):
            own, found = OWN_ADDRESS.subn("", link)
            if found:
                assert (ROOT / own).exists(), link
            elif not link.startswith(("https://", "http://", "#")):
                assert (path.parent / link.partition("#")[0]).exists(), link

    @pytest.mark.parametrize("path", IN_HOME_ASSISTANT, ids=lambda path: path.name)
    def test_home_assistant_can_follow_them(self, path: Path) -> None:
        # It shows these texts at an address of its own, and gives headings no anchors.
        assert all(link.startswith("https://") for link in links(path))


class TestTruth:
    def test_the_ports_are_those_of_the_app(self, document: Path) -> None:
        ports = re.findall(r"^\| `(\d+/tcp)` \|[^|]+\| (\d+) \|$", document.read_text(), re.MULTILINE)
        assert {port: int(default) for port, default in ports} == CONFIG["ports"]

    def test_the_prompts_of_the_example_are_right(self, document: Path) -> None:
        prompts, _ = examples(document)
        parsed = prompts_file.parse(prompts.encode())
        assert len(parsed.entries) == 3
        assert parsed.orderly
        assert not parsed.notes

    def test_the_periods_of_the_example_are_right(self, document: Path, tmp_path: Path) -> None:
        _, sleep = examples(document)
        (tmp_path / "options.yml").write_text(sleep)
        loaded = load(options_file=tmp_path / "options.yml", config_dir=tmp_path, adapters=ADAPTERS)
        assert not loaded.mistakes
        assert loaded.settings.sleep_time[0].black

    @pytest.mark.parametrize("words", SAID_BY_THE_SERVER)
    def test_the_server_says_what_is_quoted(self, words: str, document: Path) -> None:
        assert words in document.read_text()
        assert any(words in path.read_text() for path in (APP / "imageserver").rglob("*.py"))

    def test_the_folders_are_where_the_app_has_them(self, document: Path) -> None:
        text = document.read_text()
        assert f"`{CONFIG['options']['image_path']}`" in text
        assert {f"app_configs/XXXXXXXX_{CONFIG['slug']}/", "`/config`", "`/ssl`"} <= set(
            re.findall(rf"app_configs/XXXXXXXX_{CONFIG['slug']}/|`/config`|`/ssl`", text)
        )

    def test_the_repository_to_add_is_this_one(self, document: Path) -> None:
        text = document.read_text()
        assert f"add `{CONFIG['url']}`" in text or f"добавьте `{CONFIG['url']}`" in text
        assert f"repository_url={CONFIG['url'].replace(':', '%3A').replace('/', '%2F')}" in text

    def test_the_examples_of_what_it_costs_are_calculated_right(self, document: Path) -> None:
        rows = re.findall(
            r"^\| (\d+)[^|]*\| (\d+) \| (\d+) ₽ \| ([\d,]+) ₽ \|$", document.read_text(), re.MULTILINE
        )
        assert len(rows) == 4
        for minutes, pictures, day, month in rows:
            assert int(pictures) == 24 * 60 // int(minutes)
            assert int(day) == round(int(pictures) * 2.2)
            assert int(month.replace(",", "")) == round(int(pictures) * 2.2 * 30)


def test_the_changelog_begins_with_this_version() -> None:
    found = re.search(r"^## \[(.+)\] - \d{4}-\d\d-\d\d$", (APP / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert found
    assert found[1] == __version__ == CONFIG["version"]
