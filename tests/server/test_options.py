import json
from collections.abc import Mapping
from datetime import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol

from imageserver.exceptions import Mistake, SettingsError
from imageserver.models import Size
from imageserver.options import Loaded, load
from imageserver.providers.base import Defaults, Done, ImageProvider, PictureRequest
from imageserver.settings import Caps, FitMode, LogLevel, Panel, Settings, SleepPeriod, Source

KEY = "AQVN-made-up-key-for-tests"


class Painter(ImageProvider):
    """As most are: an account, and a file for it."""

    code = "painter"
    title = "Painter"
    schema = vol.Schema(
        {
            vol.Optional("folder_id"): str,
            vol.Optional("api_key"): vol.All(str, vol.Match(r"^AQVN", msg="must begin with AQVN")),
            vol.Optional("model", default="best"): str,
            vol.Optional("steps"): vol.All(int, vol.Range(1, 50, msg="must be from 1 to 50")),
            vol.Optional("strength"): float,
            vol.Optional("upscale"): bool,
        }
    )
    settings_file = "painter.json"
    secrets = frozenset({"api_key"})

    async def submit(self, request: PictureRequest) -> Done:
        raise NotImplementedError


class Folder(Painter):
    code = "Folder"
    title = "Folder"
    schema = vol.Schema({vol.Required("local_image_folder"): str})
    defaults = Defaults(image_generate_threshold=0, daily_limit=0)
    settings_file = "providers/folder.yml"
    secrets = frozenset()


class Careless(Painter):
    """Written by a user, with a schema that fails on whatever it is given."""

    code = "careless"
    schema = vol.Schema({"colour": lambda value: {}[value]})
    settings_file = "careless.yml"
    secrets = frozenset()


class Files:
    """A directory with the files of an installation."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.adapters: list[type[ImageProvider]] = [Painter]

    def write(self, name: str, text: str | bytes, *, mode: int = 0o600) -> None:
        file = self.directory / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        file.chmod(mode)

    def load(self, options: str | None = None) -> Loaded:
        if options is not None:
            self.write("options.yml", options)
        return load(
            options_file=self.directory / "options.yml", config_dir=self.directory, adapters=self.adapters
        )


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def mistakes(loaded: Loaded) -> dict[str, str]:
    return {mistake.path: mistake.message for mistake in loaded.mistakes}


def warnings(loaded: Loaded) -> dict[str, str]:
    return {warning.path: warning.message for warning in loaded.warnings}


class TestDefaults:
    @pytest.mark.parametrize(
        "options", [None, "", "# nothing yet\n", "log_level:\nsleep_time:\nproviders:\n"]
    )
    def test_what_is_not_written_has_its_default(self, files: Files, options: str | None) -> None:
        loaded = files.load(options)
        settings = loaded.settings
        assert settings == Settings(providers=settings.providers)
        assert not loaded.mistakes
        assert not loaded.warnings
        assert set(loaded.sources.values()) == {Source.DEFAULT}

    def test_each_known_provider_has_its_entry_with_its_adapters_defaults(self, files: Files) -> None:
        files.adapters = [Painter, Folder]
        providers = files.load().settings.providers
        assert list(providers) == ["painter", "Folder"]
        assert (providers["painter"].image_generate_threshold, providers["painter"].daily_limit) == (10, 200)
        assert providers["painter"].options == {"model": "best"}
        assert providers["painter"].enabled
        assert not providers["painter"].listed
        assert not providers["painter"].wrong


class TestKeys:
    def test_every_key_of_the_description_is_read(self, files: Files) -> None:
        loaded = files.load(
            """
            log_level: debug
            image_path: /pictures
            image_amount_min: 5000
            image_amount_max: 6000
            original_image_amount_min: 10
            original_image_amount_max: 20
            image_generate_threshold: 2.5
            check_pending_cron: "*/2 * * * *"
            scan_image_cron: 30 4 * * *
            iframe_image_parameters:
              image_weight: 240
              image_height: "320"
              fit_threshold: 0.1
              fit_mode: Cover
              panel: RGB888
              quality: 95
            prompts_amount: 20
            sleep_time:
              - time_range: {start_time: 12:00, end_time: "13:30:15"}
              - time_range: {start_time: 23:00, end_time: 8:00}
                black_image_mode: Yes
            frame_networks: [192.168.1.0/24, 10.1.2.3, fd00::/8]
            frame_prompts_per_day: 0
            server_addresses: [192.168.1.5, frames.home.arpa]
            """
        )
        assert not loaded.mistakes
        assert not loaded.warnings
        settings = loaded.settings
        assert settings.log_level is LogLevel.DEBUG
        assert settings.image_path == "/pictures"
        assert settings.image_amount == Caps(5000, 6000)
        assert settings.original_image_amount == Caps(10, 20)
        assert settings.image_generate_threshold == 2.5
        assert settings.check_pending_cron == "*/2 * * * *"
        assert settings.scan_image_cron == "30 4 * * *"
        assert settings.frame_image.size == Size(240, 320)
        assert settings.frame_image.fit_threshold == 0.1
        assert settings.frame_image.fit_mode is FitMode.COVER
        assert settings.frame_image.panel is Panel.RGB888
        assert settings.frame_image.quality == 95
        assert settings.prompts_amount == 20
        assert settings.sleep_time == (
            SleepPeriod(time(12), time(13, 30, 15)),
            SleepPeriod(time(23), time(8), black=True),
        )
        assert settings.frame_networks == tuple(
            ip_network(network) for network in ("192.168.1.0/24", "10.1.2.3/32", "fd00::/8")
        )
        assert settings.frame_prompts_per_day == 0
        assert settings.server_addresses == ("192.168.1.5", "frames.home.arpa")

    def test_originals_have_the_same_caps_unless_they_have_their_own(self, files: Files) -> None:
        settings = files.load("image_amount_min: 5\nimage_amount_max: 9\n").settings
        assert settings.original_image_amount == Caps(5, 9)
        settings = files.load("image_amount_max: 3000\noriginal_image_amount_min: 2500\n").settings
        assert settings.original_image_amount == Caps(2500, 3000)

    @pytest.mark.parametrize(
        "options", ["image_width: 240", "image_weight: 240", "image_weight: 240, image_width: 240"]
    )
    def test_the_width_may_be_spelled_either_way(self, files: Files, options: str) -> None:
        loaded = files.load(f"iframe_image_parameters: {{{options}, image_height: 320}}")
        assert loaded.settings.frame_image.size == Size(240, 320)
        assert loaded.sources["iframe_image_parameters.image_weight"] is Source.FILE
        assert not loaded.mistakes

    def test_two_widths_that_differ_are_a_mistake(self, files: Files) -> None:
        loaded = files.load("iframe_image_parameters: {image_width: 240, image_weight: 241, quality: 95}")
        assert list(mistakes(loaded)) == ["iframe_image_parameters.image_width"]
        assert loaded.settings.frame_image.size == Size(320, 480)
        assert loaded.settings.frame_image.quality == 95

    def test_a_single_value_is_a_list_of_one(self, files: Files) -> None:
        loaded = files.load(
            "frame_networks: 10.0.0.0/8\nserver_addresses: 10.0.0.5\ndisabled_providers: Painter\n"
        )
        assert not loaded.mistakes
        assert loaded.settings.frame_networks == (ip_network("10.0.0.0/8"),)
        assert loaded.settings.server_addresses == ("10.0.0.5",)
        assert not loaded.settings.providers["painter"].enabled


class TestMistakes:
    @pytest.mark.parametrize(
        ("options", "path", "message"),
        [
            (
                "log_level: WARN",
                "log_level",
                "must be one of DEBUG, INFO, WARNING, ERROR (in any case), not 'WARN'",
            ),
            ("image_path: ''", "image_path", "must be text that is not empty"),
            (
                "image_amount_min: many",
                "image_amount_min",
                "must be a whole number from 0 to 10000000, not 'many'",
            ),
            ("image_amount_min: 10.5", "image_amount_min", "must be a whole number"),
            ("image_amount_min: -1", "image_amount_min", "must be a whole number"),
            ("image_amount_min: yes", "image_amount_min", "not 'yes'"),
            ("image_amount_min: 2000", "image_amount_min", "must be below image_amount_max, but 2000 is not"),
            ("image_amount_max: 5", "image_amount_min", "1000 is not below 5"),
            ("original_image_amount_min: 2000", "original_image_amount_min", "2000 is not below 2000"),
            ("image_generate_threshold: -5", "image_generate_threshold", "must be a number from 0 to 525600"),
            ("image_generate_threshold: .nan", "image_generate_threshold", "must be a number"),
            ("image_generate_threshold: [1]", "image_generate_threshold", "must be a number"),
            ("check_pending_cron: soon", "check_pending_cron", "must be a cron schedule"),
            ("scan_image_cron: 0 0 31 2 *", "scan_image_cron", "must be a cron schedule"),
            (
                "iframe_image_parameters: 320x480",
                "iframe_image_parameters",
                "must hold keys and values, not '320x480'",
            ),
            (
                "iframe_image_parameters: {quality: 101}",
                "iframe_image_parameters.quality",
                "from 50 to 100, not '101'",
            ),
            (
                "iframe_image_parameters: {image_height: 0}",
                "iframe_image_parameters.image_height",
                "from 16 to 4096",
            ),
            (
                "iframe_image_parameters: {fit_mode: x}",
                "iframe_image_parameters.fit_mode",
                "pad, cover, blur, stretch",
            ),
            ("iframe_image_parameters: {panel: x}", "iframe_image_parameters.panel", "rgb565, rgb888"),
            (
                "iframe_image_parameters: {fit_threshold: 3}",
                "iframe_image_parameters.fit_threshold",
                "from 0 to 1",
            ),
            ("prompts_amount: 0", "prompts_amount", "must be a whole number from 1"),
            ("sleep_time: at night", "sleep_time", "must be a list, not 'at night'"),
            ("sleep_time: [{black_image_mode: true}]", "sleep_time[0].time_range", "is missing"),
            (
                "sleep_time: [{time_range: {start_time: 1:00}}]",
                "sleep_time[0].time_range.end_time",
                "is missing",
            ),
            (
                "sleep_time: [{time_range: {start_time: 24:00, end_time: 1:00}}]",
                "sleep_time[0].time_range.start_time",
                "must be a time from 00:00 to 23:59:59, as HH:MM or HH:MM:SS, not '24:00'",
            ),
            (
                "sleep_time: [{time_range: {start_time: 9:00, end_time: 09:00}}]",
                "sleep_time[0].time_range",
                "must not start and end at the same time",
            ),
            ("disabled_providers: [[]]", "disabled_providers[0]", "must be text"),
            ("disabled_providers: {painter: true}", "disabled_providers", "must be a list"),
            (
                "frame_networks: [192.168.1.0/33]",
                "frame_networks[0]",
                "must be a network such as 192.168.1.0/24",
            ),
            ("frame_networks: everyone", "frame_networks[0]", "must be a network"),
            ("frame_networks: []", "frame_networks", "must not be empty"),
            ("frame_prompts_per_day: -1", "frame_prompts_per_day", "must be a whole number from 0"),
            ("server_addresses: ['https://10.0.0.1']", "server_addresses[0]", "without https:// and port"),
            ("providers: [painter]", "providers", "must hold a provider's code"),
            ("providers: {painter: 1}", "providers.painter", "must hold keys and values"),
            ("providers: {painter: {}, Painter: {}}", "providers.Painter", "is there twice"),
            (
                "providers: {painter: {enabled: 2}}",
                "providers.painter.enabled",
                "must be true or false, not '2'",
            ),
            (
                "providers: {painter: {daily_limit: -1}}",
                "providers.painter.daily_limit",
                "must be a whole number from 0",
            ),
            (
                "providers: {painter: {steps: 51}}",
                "providers.painter.steps",
                "must be from 1 to 50, not '51'",
            ),
            (
                "providers: {painter: {steps: few}}",
                "providers.painter.steps",
                "must be a whole number, not 'few'",
            ),
            (
                "providers: {painter: {upscale: 3}}",
                "providers.painter.upscale",
                "must be true or false, not '3'",
            ),
            (
                "providers: {painter: {sleep_time: [{time_range: {start_time: x, end_time: 1:00}}]}}",
                "providers.painter.sleep_time[0].time_range.start_time",
                "must be a time",
            ),
            ("- a list", "", "the file must hold keys and values"),
            ("just text", "", "the file must hold keys and values"),
        ],
    )
    def test_a_mistake_says_where_what_and_what_is_right_and_takes_its_default(
        self, files: Files, options: str, path: str, message: str
    ) -> None:
        loaded = files.load(options)
        assert list(mistakes(loaded)) == [path]
        assert message in mistakes(loaded)[path]
        assert loaded.settings == Settings(providers=loaded.settings.providers)
        assert loaded.sources.get(path, Source.DEFAULT) is Source.DEFAULT

    def test_all_mistakes_are_reported_at_once_and_spoil_nothing_else(self, files: Files) -> None:
        loaded = files.load(
            """
            log_level: loud
            prompts_amount: 30
            sleep_time:
              - time_range: {start_time: 12:00, end_time: 13:00}
              - time_range: {start_time: noon, end_time: 25:00}
              - time_range: {start_time: 23:00, end_time: 8:00}
            iframe_image_parameters: {quality: 1000, image_height: 320}
            providers:
              painter: {daily_limit: all, steps: 5}
            """
        )
        assert list(mistakes(loaded)) == [
            "log_level",
            "sleep_time[1].time_range.start_time",
            "sleep_time[1].time_range.end_time",
            "iframe_image_parameters.quality",
            "providers.painter.daily_limit",
        ]
        settings = loaded.settings
        assert settings.prompts_amount == 30
        assert [period.start for period in settings.sleep_time] == [time(12), time(23)]
        assert settings.frame_image.size.height == 320
        assert settings.providers["painter"].daily_limit == 200
        assert settings.providers["painter"].options["steps"] == 5

    @pytest.mark.parametrize(
        ("options", "wrong"),
        [
            ("prompts_amount: 0", False),
            ("providers: {painter: {daily_limit: -1}}", True),
            ("providers: {painter: {steps: 0}}", True),
            ("providers: {painter: {sleep_time: [{}]}}", True),
            ("providers: {painter: [1]}", True),
            ("providers: {painter: {}, PAINTER: {}}", True),
            ("providers: painter", True),
            ("- log_level: INFO", True),
        ],
    )
    def test_a_provider_whose_settings_are_wrong_is_marked(
        self, files: Files, options: str, *, wrong: bool
    ) -> None:
        assert files.load(options).settings.providers["painter"].wrong == wrong

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ("a: [", "options.yml: can't be read: line 1, column 5"),
            ("log_level: INFO\nlog_level: DEBUG\n", "line 2, column 1: the key 'log_level' is there twice"),
            ("\tlog_level: INFO", "line 1, column 1: a tab"),
        ],
    )
    def test_a_file_that_is_no_yaml_is_refused_as_a_whole(
        self, files: Files, options: str, message: str
    ) -> None:
        with pytest.raises(SettingsError) as caught:
            files.load(options)
        assert message in str(caught.value)
        assert [str(mistake) for mistake in caught.value.mistakes] == [str(caught.value)]
        assert files.load("log_level: ERROR").settings.log_level is LogLevel.ERROR

    def test_a_file_that_cannot_be_opened_is_refused(self, files: Files) -> None:
        (files.directory / "options.yml").mkdir()
        with pytest.raises(SettingsError, match=r"options.yml: can't be read: Is a directory"):
            files.load()


class TestWarnings:
    @pytest.mark.parametrize(
        ("options", "path", "message"),
        [
            ("image_amout_max: 5", "image_amout_max", "is not known; did you mean image_amount_max?"),
            ("Log_Level: INFO", "Log_Level", "did you mean log_level?"),
            ("chunk_size: 512", "chunk_size", "is not known"),
            ("provider: {}", "provider", "did you mean providers?"),
            ("iframe_image_parameters: {hight: 1}", "iframe_image_parameters.hight", "is not known"),
            (
                "sleep_time: [{time_range: {start_time: 1:00, end_time: 2:00}, black: yes}]",
                "sleep_time[0].black",
                "is not known",
            ),
            ("providers: {panter: {}}", "providers", "there is no provider panter; did you mean painter?"),
            (
                "disabled_providers: [dalle]",
                "disabled_providers",
                "there is no provider dalle; known are painter",
            ),
            (
                "providers: {painter: {dayly_limit: 5}}",
                "providers.painter.dayly_limit",
                "did you mean daily_limit?",
            ),
            ("providers: {painter: {apikey: x}}", "providers.painter.apikey", "did you mean api_key?"),
        ],
    )
    def test_what_nobody_reads_is_warned_about(
        self, files: Files, options: str, path: str, message: str
    ) -> None:
        loaded = files.load(options)
        assert not loaded.mistakes
        assert list(warnings(loaded)) == [path]
        assert message in warnings(loaded)[path]
        assert not loaded.settings.providers["painter"].wrong

    def test_an_entry_with_an_unknown_key_still_counts(self, files: Files) -> None:
        loaded = files.load(
            "sleep_time: [{time_range: {start_time: 1:00, end_time: 2:00, zone: x}, black: yes}]"
        )
        assert loaded.settings.sleep_time == (SleepPeriod(time(1), time(2)),)
        assert len(loaded.warnings) == 2


class TestOldFiles:
    def test_the_screen_may_stand_at_the_top_as_it_once_did(self, files: Files) -> None:
        loaded = files.load("image_weight: 350\nimage_height: 480\n")
        assert loaded.settings.frame_image.size == Size(350, 480)
        assert not loaded.mistakes
        assert warnings(loaded) == {
            "image_weight": "belongs below iframe_image_parameters; move it there",
            "image_height": "belongs below iframe_image_parameters; move it there",
        }

    def test_where_both_are_written_the_new_place_holds(self, files: Files) -> None:
        loaded = files.load("image_weight: 350\niframe_image_parameters: {image_weight: 320}\n")
        assert loaded.settings.frame_image.size == Size(320, 480)


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


class TestWhatIsShown:
    def test_every_value_has_its_path_and_its_source(self, files: Files) -> None:
        loaded = files.load(
            """
            image_amount_max: 3000
            sleep_time:
              - time_range: {start_time: 23:00, end_time: 08:00:30}
            frame_networks: 10.0.0.0/8
            iframe_image_parameters: {quality: 80}
            providers: {painter: {steps: 5}}
            """
        )
        assert loaded.values.keys() == loaded.sources.keys()
        json.dumps(dict(loaded.values))
        assert loaded.values["log_level"] == "INFO"
        assert loaded.values["image_amount_max"] == 3000
        assert loaded.values["original_image_amount_max"] == 3000
        assert loaded.values["sleep_time"] == [
            {"time_range": {"start_time": "23:00", "end_time": "08:00:30"}, "black_image_mode": False}
        ]
        assert loaded.values["frame_networks"] == ["10.0.0.0/8"]
        assert loaded.values["disabled_providers"] == []
        assert loaded.values["providers.painter.model"] == "best"
        assert loaded.values["providers.painter.folder_id"] is None
        from_file = {path for path, source in loaded.sources.items() if source is Source.FILE}
        assert from_file == {
            "image_amount_max",
            "sleep_time",
            "frame_networks",
            "iframe_image_parameters.quality",
            "providers.painter.steps",
        }


def test_a_mistake_reads_as_one_line() -> None:
    assert str(Mistake("a.b", "must be text")) == "a.b: must be text"
