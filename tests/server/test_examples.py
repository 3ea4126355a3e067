"""The files in `examples/`, and those of the server before this one, load as they are."""

import re
import shutil
from datetime import time
from pathlib import Path

import pytest

from imageserver.models import Size
from imageserver.options.options import Loaded, load
from imageserver.options.schema import OPTIONS, PROVIDER
from imageserver.prompts import file as prompts_file
from imageserver.providers import ADAPTERS
from imageserver.settings import Caps, LogLevel, Settings, SleepPeriod

EXAMPLES = Path(__file__).parents[2] / "examples"
OLD_SERVER = Path(__file__).parent / "fixtures" / "old_server"


def load_options(directory: Path, name: str = "options.yml") -> Loaded:
    return load(options_file=directory / name, config_dir=directory, adapters=ADAPTERS)


def keys(schema: object) -> set[str]:
    if not isinstance(schema, dict):
        return set()
    return {str(key) for key in schema}.union(*map(keys, schema.values()))


class TestExamples:
    def test_the_options_load_without_a_word_of_complaint(self) -> None:
        loaded = load_options(EXAMPLES)
        assert not loaded.mistakes
        assert not loaded.warnings
        assert not loaded.secrets

    def test_the_options_are_the_defaults_but_for_sleep(self, tmp_path: Path) -> None:
        defaults = load_options(tmp_path).values
        shutil.copy(EXAMPLES / "options.yml", tmp_path)
        values = load_options(tmp_path).values
        assert {path for path in values if values[path] != defaults[path]} == {
            "sleep_time",
            "providers.ydArt.sleep_time",
        }

    def test_the_options_show_every_key(self) -> None:
        text = (EXAMPLES / "options.yml").read_text()
        wanted = keys(OPTIONS.schema) | keys(PROVIDER.schema) | {"time_range", "black_image_mode", "end_time"}
        for adapter in ADAPTERS:
            wanted |= {adapter.code} | keys(adapter.schema.schema)
        written = set(re.findall(r"^[ #-]*(\w+):", text, re.MULTILINE))
        assert wanted - written == {"image_width"}
        assert "`image_width` works too" in text

    @pytest.mark.parametrize(
        "line", ["folder_id: b1g1", "api_key: AQVN1", "local_image_folder: /x", "size: 1024x1024"]
    )
    def test_what_is_only_a_comment_works_when_it_is_none(self, tmp_path: Path, line: str) -> None:
        text = (EXAMPLES / "options.yml").read_text()
        key = line.split(":", maxsplit=1)[0]
        filled, found = re.subn(rf"# {key}: .*", line, text)
        assert found == 1
        (tmp_path / "options.yml").write_text(filled)
        (tmp_path / "options.yml").chmod(0o600)
        loaded = load_options(tmp_path)
        assert not loaded.mistakes
        assert not loaded.warnings

    def test_credentials_are_set_up_once_they_are_filled_in(self, tmp_path: Path) -> None:
        adapter = ADAPTERS[0]
        empty = load_options(EXAMPLES).settings.providers["ydArt"]
        assert adapter.not_set_up(empty.options)
        text = (EXAMPLES / "ydart-options.json").read_text().replace('""', '"filled"')
        (tmp_path / "ydart-options.json").write_text(text)
        assert adapter.not_set_up(load_options(tmp_path).settings.providers["ydArt"].options) is None

    def test_the_prompts_have_no_findings(self) -> None:
        document = prompts_file.parse((EXAMPLES / "prompts.yaml").read_bytes())
        assert len(document.entries) == 5
        assert document.orderly
        assert not document.notes


class TestFilesOfTheOldServer:
    def test_its_options_load_without_a_word_of_complaint(self, tmp_path: Path) -> None:
        shutil.copytree(OLD_SERVER, tmp_path, dirs_exist_ok=True)
        (tmp_path / "ydart-options.json").chmod(0o600)
        loaded = load_options(tmp_path)
        assert not loaded.mistakes
        assert not loaded.warnings
        settings = loaded.settings
        assert settings == Settings(
            log_level=LogLevel.DEBUG,
            image_amount=Caps(400, 500),
            original_image_amount=Caps(400, 500),
            image_generate_threshold=15,
            check_pending_cron="*/2 * * * *",
            scan_image_cron="0 3 * * *",
            prompts_amount=25,
            sleep_time=(
                SleepPeriod(time(12, 30), time(13)),
                SleepPeriod(time(22, 30), time(7, 30), black=True),
            ),
            providers=settings.providers,
        )
        assert settings.providers["ydArt"].image_generate_threshold == 45
        assert settings.providers["ydArt"].sleep_time == (SleepPeriod(time(0), time(9)),)
        assert settings.providers["ydArt"].options["folder_id"] == "b1gmadeup0000000000"
        assert ADAPTERS[0].not_set_up(settings.providers["ydArt"].options) is None
        assert settings.providers["lim"].options == {"local_image_folder": "/lim_path"}

    def test_its_first_options_load_with_a_word_on_where_things_belong_now(self) -> None:
        loaded = load_options(OLD_SERVER, "first-options.yml")
        assert not loaded.mistakes
        assert loaded.settings.frame_image.size == Size(350, 480)
        assert [warning.path for warning in loaded.warnings][:2] == ["image_height", "image_weight"]

    def test_its_prompts_are_read_as_they_are_written(self) -> None:
        document = prompts_file.parse((OLD_SERVER / "prompts.yaml").read_bytes())
        assert [entry.prompt for entry in document.entries] == [
            "test",
            "[[color]] кит над [[place]]",
            "🐳 в стиле [[style]]",
        ]
        assert not document.notes
