"""The app's options from every side: config.yaml, its translations, and the server that they are for."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
import voluptuous as vol
import yaml

from imageserver import app_options
from imageserver.files import yaml_text
from imageserver.options.options import Loaded, load
from imageserver.options.schema import OPTIONS, PROVIDER
from imageserver.providers import ADAPTERS
from imageserver.providers.yandex_art import Transport
from imageserver.settings import FitMode, LogLevel, Panel, Settings
from tests.app.supervisor_rules import option_schema, translations
from tests.app.supervisor_rules.option_schema import InvalidOptionError
from tests.app.supervisor_rules.option_type import OptionType

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ADDON = ROOT / "addon"
CONFIG: dict[str, Any] = yaml.safe_load((ADDON / "config.yaml").read_text())
DEFAULTS, SCHEMA = CONFIG["options"], CONFIG["schema"]
TYPES = {path: OptionType.parse(kind) for path, kind in option_schema.types(SCHEMA)}
LANGUAGES = {
    language: yaml.safe_load((ADDON / "translations" / f"{language}.yaml").read_text())
    for language in ("en", "ru")
}

ONLY_IN_THE_APP = {
    "certfile": "the server finds the files where the app's entry puts them",
    "keyfile": "the same",
    "providers.builtin.in_turn": "in options.yml, being listed below providers means it",
}
ONLY_IN_THE_FILE = {
    "iframe_image_parameters.image_width": "another spelling of image_weight",
    "providers.builtin.enabled": "in_turn and disabled_providers say it",
}

RANGES = {
    path: tuple(float(end) for end in kind.argument.split(","))
    for path, kind in TYPES.items()
    if kind is not None and kind.kind in {"int", "float"} and kind.argument
}
CHOICES = {
    "log_level": [*LogLevel],
    "iframe_image_parameters.fit_mode": [*FitMode],
    "iframe_image_parameters.panel": [*Panel],
    "providers.ydArt.transport": [*Transport],
    "disabled_providers[]": [adapter.code for adapter in ADAPTERS],
}
TAKES_TURNS = {"providers": {"builtin": {"in_turn": True}}}


class App:
    """What becomes of what a person sets: checked by the Supervisor, handed on, read by the server."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def supervisor(self, given: dict[str, Any]) -> dict[str, Any]:
        return option_schema.validate(SCHEMA, option_schema.merge(DEFAULTS, given))

    def server(self, options: dict[str, Any]) -> Loaded:
        file = self._directory / "options.yml"
        app_options.write(app_options.take(options), file)
        return load(options_file=file, config_dir=self._directory, adapters=ADAPTERS)

    def start(self, given: dict[str, Any]) -> Loaded:
        return self.server(self.supervisor(given))


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


def complaints(loaded: Loaded) -> list[str]:
    return [str(mistake) for mistake in (*loaded.mistakes, *loaded.warnings)]


def setting(path: str, value: Any) -> dict[str, Any]:
    """What a person sets to have `value` at a path."""
    for key in reversed(path.split(".")):
        value = {key.removesuffix("[]"): [value] if key.endswith("[]") else value}
    return option_schema.merge(TAKES_TURNS, value)


def default_at(path: str) -> Any:
    value = DEFAULTS
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def names(schema: Any, path: str = "") -> Iterator[str]:
    """The paths of all options in a schema, the app's or the server's, at any depth."""
    match schema:
        case dict():
            for key, inner in schema.items():
                below = f"{path}.{key}".removeprefix(".")
                yield below
                yield from names(inner, below)
        case [inner]:
            yield from names(inner, path)
        case vol.All():
            yield from names(schema.validators[0], path)
        case vol.Schema():
            yield from names(schema.schema, path)


def translated(options: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, texts in options.items():
        below = f"{path}.{key}".removeprefix(".")
        yield below, texts
        yield from translated(texts.get("fields", {}), below)


class TestForTheSupervisor:
    def test_what_is_set_from_the_start_is_complete_and_as_the_app_will_find_it(self) -> None:
        assert option_schema.unknown(SCHEMA, DEFAULTS) == []
        assert option_schema.validate(SCHEMA, DEFAULTS) == DEFAULTS

    def test_what_may_be_left_out_is_left_out_at_first(self) -> None:
        may_be_absent = [path for path, kind in TYPES.items() if kind is not None and kind.optional]
        single = [path for path in may_be_absent if not path.endswith("[]")]
        assert len(single) > 5
        assert {path: default_at(path) for path in single} == dict.fromkeys(single)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_option_and_port_is_named_and_described(self, language: str) -> None:
        assert translations.findings(LANGUAGES[language]) == []
        assert translations.gaps(CONFIG, LANGUAGES[language]) == []

    @pytest.mark.parametrize(("language", "letters"), [("en", r"[a-z]{3}"), ("ru", r"[а-яё]{3}")])
    def test_texts_are_in_their_language_and_tell_options_apart(self, language: str, letters: str) -> None:
        options = LANGUAGES[language]["configuration"]
        for path, texts in translated({"": {"fields": options}}):
            siblings = [inner["name"] for inner in texts.get("fields", {}).values()]
            assert len(siblings) == len(set(siblings)), path
        for path, texts in translated(options):
            assert texts["name"] != path.rpartition(".")[2]
            assert re.search(letters, texts["description"]), path
            assert language == "ru" or texts["description"].isascii(), path

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_descriptions_name_the_default_that_holds(self, language: str) -> None:
        words = {True: ("on", "включено"), False: ("off", "выключено")}
        said = 0
        for path, texts in translated(LANGUAGES[language]["configuration"]):
            default = default_at(path)
            if default is None or isinstance(default, dict | list):
                continue
            wanted = words[default] if isinstance(default, bool) else (str(default),)
            ending = texts["description"].rpartition("efault" if language == "en" else "умолчанию")[2]
            assert any(word in ending for word in wanted), path
            said += 1
        assert said > 25


class TestForTheServer:
    def test_each_knows_what_the_other_knows(self) -> None:
        known = set(names(OPTIONS)) | {"providers"}
        for adapter in ADAPTERS:
            path = f"providers.{adapter.code}"
            known |= {path, *names(PROVIDER, path), *names(adapter.schema, path)}
        offered = set(names(SCHEMA))
        assert offered - known == set(ONLY_IN_THE_APP)
        assert known - offered == set(ONLY_IN_THE_FILE)
        assert set(names(app_options._OPTIONS)) == offered & known

    def test_everything_that_is_offered_arrives(self, app: App) -> None:
        period = {"time_range": {"start_time": "1:00", "end_time": "2:00"}}
        times = {"sleep_time": [period]}
        full = {
            **times,
            "sleep_time": [{**period, "black_image_mode": True}],
            "original_image_amount_min": 1,
            "original_image_amount_max": 2,
            "disabled_providers": ["lim"],
            "frame_networks": ["10.0.0.0/8"],
            "server_addresses": ["home.example.com"],
            "certfile": "cert.pem",
            "keyfile": "key.pem",
            "providers": {
                "ydArt": {
                    **times,
                    "folder_id": "b1g",
                    "api_key": "AQVN",
                    "size": "64x64",
                    "base_url": "https://example.com",
                    "model": "m",
                },
                "lim": {**times, "local_image_folder": "/media/photos"},
                "builtin": {**times, "in_turn": True},
            },
        }
        options = app.supervisor(full)
        assert set(names_of(options)) == set(names(SCHEMA))
        passed_on = app_options.take(options).for_server
        assert set(names(SCHEMA)) - set(names_of(dict(passed_on))) == set(ONLY_IN_THE_APP)
        loaded = app.server(options)
        assert complaints(loaded) == []
        assert loaded.secrets == {"AQVN"}

    def test_untouched_the_app_runs_on_the_servers_defaults(self, app: App, tmp_path: Path) -> None:
        loaded = app.start({})
        assert complaints(loaded) == []
        assert loaded.settings.image_path == "/media/aiframes"
        nothing = load(options_file=tmp_path / "none", config_dir=tmp_path, adapters=ADAPTERS).settings
        assert without_lists(loaded.settings) == replace(nothing, image_path="/media/aiframes")

    @pytest.mark.parametrize("file", ["examples/options.yml", "tests/server/fixtures/old_server/options.yml"])
    def test_a_file_of_options_can_be_typed_into_the_app(self, app: App, tmp_path: Path, file: str) -> None:
        given = yaml_text.load((ROOT / file).read_bytes())
        assert isinstance(given, dict)
        from_app = app.start(given)
        assert complaints(from_app) == []
        from_file = load(options_file=ROOT / file, config_dir=tmp_path, adapters=ADAPTERS)
        assert complaints(from_file) == []
        assert from_app.settings == from_file.settings


class TestRanges:
    def test_all_numbers_have_one(self) -> None:
        numbers = {path for path, kind in TYPES.items() if kind is not None and kind.kind in {"int", "float"}}
        assert set(RANGES) == numbers
        assert len(numbers) > 15

    @pytest.mark.parametrize(("end", "apart"), [(0, (0, 1)), (1, (-1, 0))], ids=["lowest", "highest"])
    def test_the_server_takes_both_ends(self, app: App, end: int, apart: tuple[int, int]) -> None:
        given: dict[str, Any] = {}
        for path, ends in RANGES.items():
            value = ends[end] + (apart[path.endswith("_max")] if "image_amount" in path else 0)
            given = option_schema.merge(given, setting(path, value))
        loaded = app.start(given)
        assert complaints(loaded) == []
        assert {path for path in RANGES if loaded.values[path] != RANGES[path][end]} == {
            path for path in RANGES if "image_amount" in path and apart[path.endswith("_max")]
        }

    @pytest.mark.parametrize("path", RANGES)
    @pytest.mark.parametrize(("end", "step"), [(0, -1), (1, 1)], ids=["below", "above"])
    def test_what_is_beyond_is_refused_by_both(self, app: App, path: str, end: int, step: int) -> None:
        given = setting(path, RANGES[path][end] + step)
        with pytest.raises(InvalidOptionError) as caught:
            app.supervisor(given)
        assert caught.value.path == path
        mistakes = app.server(option_schema.merge(DEFAULTS, given)).mistakes
        assert [mistake.path for mistake in mistakes] == [path]


class TestWords:
    def test_the_choices_are_the_servers(self) -> None:
        offered = {path: kind for path, kind in TYPES.items() if kind is not None and kind.kind == "list"}
        assert {path: (kind.argument or "").split("|") for path, kind in offered.items()} == CHOICES

    @pytest.mark.parametrize(
        ("path", "choice"), [(path, choice) for path, choices in CHOICES.items() for choice in choices]
    )
    def test_the_server_takes_each(self, app: App, path: str, choice: str) -> None:
        assert complaints(app.start(setting(path, str(choice)))) == []

    @pytest.mark.parametrize("time", ["00:00", "0:00", "9:59", "19:30", "23:59", "23:59:59"])
    def test_both_take_a_time(self, app: App, time: str) -> None:
        assert complaints(app.start(sleep(time))) == []

    @pytest.mark.parametrize("time", ["24:00", "12:60", "12:00:60", "1200", "12", "12:0", "-1:00", "٢٣:00"])
    def test_both_refuse_what_is_no_time(self, app: App, time: str) -> None:
        with pytest.raises(InvalidOptionError):
            app.supervisor(sleep(time))
        assert complaints(app.server(option_schema.merge(DEFAULTS, sleep(time)))) != []

    @pytest.mark.parametrize("size", ["1024x1536", "10X99999", "64 x 64"])
    def test_both_take_a_size(self, app: App, size: str) -> None:
        assert complaints(app.start(setting("providers.ydArt.size", size))) == []

    @pytest.mark.parametrize("size", ["1024", "9x9", "0100x100", "100000x100", "axb", "64x64 px"])
    def test_both_refuse_what_is_no_size(self, app: App, size: str) -> None:
        given = setting("providers.ydArt.size", size)
        with pytest.raises(InvalidOptionError):
            app.supervisor(given)
        assert complaints(app.server(option_schema.merge(DEFAULTS, given))) != []

    @pytest.mark.parametrize(
        "path", ["image_path", "check_pending_cron", "scan_image_cron", "providers.ydArt.model"]
    )
    def test_a_field_that_was_emptied_means_the_default(self, app: App, path: str) -> None:
        loaded = app.start(setting(path, ""))
        assert complaints(loaded) == []
        assert loaded.values[path] == app.server({}).values[path]


def sleep(time: str) -> dict[str, Any]:
    return {"sleep_time": [{"time_range": {"start_time": time, "end_time": "10:00"}}]}


def names_of(options: Any, path: str = "") -> Iterator[str]:
    """The paths of everything that is set."""
    for key, value in options.items():
        below = f"{path}.{key}".removeprefix(".")
        yield below
        items = value if isinstance(value, list) else [value]
        for item in items:
            yield from names_of(item, below) if isinstance(item, dict) else ()


def without_lists(settings: Settings) -> Settings:
    """Forget which providers stand in the file, which the app always lists."""
    providers = {code: replace(provider, listed=False) for code, provider in settings.providers.items()}
    return replace(settings, providers=MappingProxyType(providers))
