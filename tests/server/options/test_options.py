import json
from datetime import time
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from imageserver.exceptions import Mistake, SettingsError
from imageserver.models import Size
from imageserver.options.schema import OPTIONS
from imageserver.settings import Caps, FitMode, LogLevel, Panel, Settings, SleepPeriod, Source
from tests.option_files import Files, Folder, Painter, mistakes, warnings


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


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
            ('image_path: "/a\\0b"', "image_path", "must be text without control characters"),
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
            ("{iframe_image_parameters: '', image_weight: 480}", "iframe_image_parameters", "must hold keys"),
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

    def test_secrets_of_a_provider_that_is_there_twice_are_all_known(self, files: Files) -> None:
        loaded = files.load("providers: {painter: {api_key: AQVN-1}, PAINTER: {api_key: AQVN-2}}")
        assert loaded.secrets == {"AQVN-1", "AQVN-2"}
        assert loaded.settings.providers["painter"].wrong

    def test_an_unknown_key_without_a_letter_is_named_too(self, files: Files) -> None:
        assert list(warnings(files.load("'': 1"))) == ['""']

    def test_an_unknown_key_hides_no_mistake(self, files: Files) -> None:
        loaded = files.load("sleep_time: [{time_range: {start_time: 1:00, end_time: 1:00}, zone: x}]")
        assert list(mistakes(loaded)) == ["sleep_time[0].time_range"]
        assert list(warnings(loaded)) == ["sleep_time[0].zone"]

    def test_a_mistake_in_one_entry_hides_none_in_another(self, files: Files) -> None:
        wrong = "{time_range: {start_time: 37:00, end_time: 1:00}}"
        right = "{time_range: {start_time: 2:00, end_time: 1:00}"
        loaded = files.load(
            f"sleep_time: [{wrong}, {right}, blak: yes}}, {wrong}, 5, {right}}}]\n"
            f"providers: {{painter: {{sleep_time: [{wrong}, {wrong}]}}}}"
        )
        assert list(mistakes(loaded)) == [
            "sleep_time[0].time_range.start_time",
            "sleep_time[2].time_range.start_time",
            "sleep_time[3]",
            "providers.painter.sleep_time[0].time_range.start_time",
            "providers.painter.sleep_time[1].time_range.start_time",
        ]
        assert list(warnings(loaded)) == ["sleep_time[1].blak"]
        assert len(loaded.settings.sleep_time) == 2

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

    def test_what_has_no_value_in_the_new_place_is_taken_from_the_old_one(self, files: Files) -> None:
        loaded = files.load("image_weight: 350\niframe_image_parameters: {image_weight: null}\n")
        assert loaded.settings.frame_image.size == Size(350, 480)


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


WORDS = st.sampled_from(
    ["", "~", "5", "-1", "1.5", "yes", "23:00", "10.0.0.0/8", "* * * * *", "INFO", "кот", "1" * 400]
)
KEYS = st.sampled_from(
    [*map(str, OPTIONS.schema), "providers", "painter", "time_range", "start_time", "steps", "no"]
)
TREES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=12
)


@hypothesis_settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the file is written anew each time
)
@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_whatever_is_written_there_are_settings_that_hold(files: Files, options: dict[str, object]) -> None:
    loaded = files.load(json.dumps(options))
    settings = loaded.settings
    assert settings.image_amount.minimum < settings.image_amount.maximum
    assert settings.frame_networks
    assert all(period.start != period.end for period in settings.sleep_time)
    assert settings.image_generate_threshold >= 0
    assert loaded.values.keys() == loaded.sources.keys()
    assert all(str(finding) for finding in (*loaded.mistakes, *loaded.warnings))
    json.dumps(dict(loaded.values), allow_nan=False)
