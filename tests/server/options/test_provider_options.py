import json
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from imageserver.settings import SleepPeriod, Source
from tests.option_files import KEY, Careless, Files, Folder, Painter, mistakes, warnings


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


class TestProviders:
    def test_codes_are_the_same_in_any_case(self, files: Files) -> None:
        loaded = files.load("providers: {PAINTER: {daily_limit: 5}}\ndisabled_providers: [pAINTER]")
        painter = loaded.settings.providers["painter"]
        assert (painter.code, painter.daily_limit, painter.enabled, painter.listed) == (
            "painter",
            5,
            False,
            True,
        )
        assert loaded.sources["providers.painter.enabled"] is Source.FILE
        assert not loaded.warnings

    def test_a_provider_without_settings_is_listed(self, files: Files) -> None:
        assert files.load("providers:\n  painter:\n").settings.providers["painter"].listed

    def test_common_settings_are_read_and_kept_from_the_adapter(self, files: Files) -> None:
        painter = files.load(
            """
            providers:
              painter:
                image_generate_threshold: 0.5
                daily_limit: 0
                enabled: off
                sleep_time:
                  - time_range: {start_time: 22:00, end_time: 06:00}
                steps: 20
            """
        ).settings.providers["painter"]
        assert painter.image_generate_threshold == 0.5
        assert painter.daily_limit == 0
        assert not painter.enabled
        assert painter.sleep_time == (SleepPeriod(time(22), time(6)),)
        assert painter.options == {"steps": 20, "model": "best"}

    @pytest.mark.parametrize(
        ("written", "options"),
        [
            ("folder_id: 0123", {"folder_id": "0123"}),
            ("folder_id: yes", {"folder_id": "yes"}),
            ("steps: '20'", {"steps": 20}),
            ("strength: 0.50", {"strength": 0.5}),
            ("upscale: On", {"upscale": True}),
        ],
    )
    def test_text_becomes_what_the_adapter_asks_for(
        self, files: Files, written: str, options: Mapping[str, Any]
    ) -> None:
        loaded = files.load(f"providers: {{painter: {{{written}}}}}")
        assert not loaded.mistakes
        assert loaded.settings.providers["painter"].options == {"model": "best", **options}

    def test_its_own_file_goes_before_the_options(self, files: Files) -> None:
        files.write(
            "painter.json", json.dumps({"folder_id": "b1g", "steps": 7, "daily_limit": 3, "model": None})
        )
        loaded = files.load("providers: {painter: {folder_id: other, model: fast, daily_limit: 9}}")
        painter = loaded.settings.providers["painter"]
        assert painter.options == {"folder_id": "b1g", "steps": 7, "model": "fast"}
        assert painter.daily_limit == 3
        assert loaded.sources["providers.painter.folder_id"] is Source.FILE
        assert not loaded.mistakes

    def test_its_own_file_is_enough_to_list_it(self, files: Files) -> None:
        files.write("painter.json", "{}")
        assert files.load().settings.providers["painter"].listed

    def test_its_own_file_may_be_yaml(self, files: Files) -> None:
        files.adapters = [Folder]
        files.write("providers/folder.yml", "local_image_folder: /photos\nimage_generate_threshold: 5\n")
        loaded = files.load()
        assert loaded.settings.providers["Folder"].options == {"local_image_folder": "/photos"}
        assert loaded.settings.providers["Folder"].image_generate_threshold == 5
        assert not loaded.mistakes

    @pytest.mark.parametrize(
        ("content", "path", "message"),
        [
            ("{", "painter.json", "can't be read: line 1, column 2"),
            (b"\xff", "painter.json", "can't be read: line 1, column 1: byte 0xff is no UTF-8"),
            ("[]", "painter.json", "must hold keys and values"),
            ('{"steps": 99}', "painter.json: steps", "must be from 1 to 50, not '99'"),
            ('{"daily_limit": "x"}', "painter.json: daily_limit", "must be a whole number"),
        ],
    )
    def test_a_mistake_in_its_own_file_names_the_file(
        self, files: Files, content: str | bytes, path: str, message: str
    ) -> None:
        files.write("painter.json", content)
        loaded = files.load("providers: {painter: {folder_id: b1g}}")
        assert list(mistakes(loaded)) == [path]
        assert message in mistakes(loaded)[path]
        assert loaded.settings.providers["painter"].wrong
        assert loaded.settings.providers["painter"].options["folder_id"] == "b1g"

        files.write("painter.json", "{}")
        assert not files.load().settings.providers["painter"].wrong

    def test_what_an_adapter_cannot_do_without_is_named(self, files: Files) -> None:
        files.adapters = [Folder]
        loaded = files.load()
        assert mistakes(loaded) == {"providers.Folder.local_image_folder": "is missing"}

    def test_a_users_adapter_that_fails_takes_nothing_else_with_it(self, files: Files) -> None:
        files.adapters = [Careless, Painter]
        loaded = files.load("providers: {careless: {colour: red}, painter: {steps: 3}}")
        assert mistakes(loaded) == {"providers.careless": "can't be checked: KeyError in its schema"}
        assert loaded.settings.providers["careless"].wrong
        assert loaded.settings.providers["painter"].options["steps"] == 3


class TestSecrets:
    def test_a_secret_is_in_the_settings_and_nowhere_else(self, files: Files) -> None:
        files.write("painter.json", json.dumps({"api_key": KEY}))
        loaded = files.load()
        assert loaded.settings.providers["painter"].options["api_key"] == KEY
        assert loaded.values["providers.painter.api_key"] == "•••"
        assert loaded.secrets == {KEY}
        assert KEY not in repr(loaded.values)
        assert KEY not in repr(loaded.settings)

    def test_a_secret_that_is_not_set_shows_as_nothing(self, files: Files) -> None:
        assert files.load().values["providers.painter.api_key"] is None

    def test_secrets_that_are_wrong_or_overruled_are_secret_too(self, files: Files) -> None:
        files.write("painter.json", json.dumps({"api_key": "wrong-secret"}))
        loaded = files.load(f"providers: {{painter: {{api_key: {KEY}, steps: {KEY}}}}}")
        assert loaded.secrets == {KEY, "wrong-secret"}
        assert mistakes(loaded)["painter.json: api_key"] == "must begin with AQVN"
        assert KEY not in str(loaded.mistakes)

    @pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, False), (0o644, True)])
    def test_a_file_with_a_secret_that_everyone_may_read_is_warned_about(
        self, files: Files, mode: int, *, warned: bool
    ) -> None:
        files.write("painter.json", json.dumps({"api_key": KEY}), mode=mode)
        assert ("painter.json" in warnings(files.load())) == warned
        files.write("painter.json", "{}", mode=mode)
        files.write("options.yml", f"providers: {{painter: {{api_key: {KEY}}}}}", mode=mode)
        assert ("" in warnings(files.load())) == warned
