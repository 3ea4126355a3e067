from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageserver import app_options
from imageserver.exceptions import SettingsError
from imageserver.files import yaml_text

if TYPE_CHECKING:
    from pathlib import Path

    from imageserver.models import Json


def written(options: dict[str, Json]) -> yaml_text.Text:
    """What the server finds in options.yml."""
    return yaml_text.load(app_options.text_of(app_options.take(options)))


class TestWhatIsPassedOn:
    def test_names_and_nesting_stay(self) -> None:
        night: Json = {"time_range": {"start_time": "23:00", "end_time": "08:00"}, "black_image_mode": True}
        assert written(
            {"log_level": "DEBUG", "sleep_time": [night], "providers": {"lim": {"daily_limit": 5}}}
        ) == {
            "log_level": "DEBUG",
            "sleep_time": [
                {"time_range": {"start_time": "23:00", "end_time": "08:00"}, "black_image_mode": "true"}
            ],
            "providers": {"lim": {"daily_limit": "5"}},
        }

    def test_what_is_the_apps_own_stays_behind(self) -> None:
        options = app_options.take(
            {"certfile": "fullchain.pem", "keyfile": " privkey.pem ", "prompts_amount": 5}
        )
        assert options.for_server == {"prompts_amount": 5}
        assert options.certfile == "fullchain.pem"
        assert options.keyfile == "privkey.pem"

    def test_without_a_certificate_its_names_are_empty(self) -> None:
        options = app_options.take({"certfile": ""})
        assert (options.certfile, options.keyfile) == ("", "")

    def test_what_nobody_knows_goes_nowhere(self) -> None:
        lim: Json = {"enabled": True, "api_token": "x", "folder_id": "x"}
        assert written({"api_token": "x", "lim": lim, "providers": {"lim": lim, "other": lim}}) == {
            "providers": {"lim": {"enabled": "true"}}
        }

    @pytest.mark.parametrize("empty", ["", "  ", [], {}, None, [""]])
    def test_what_is_empty_is_not_written(self, empty: Json) -> None:
        providers: Json = {"ydArt": {"model": empty, "sleep_time": empty}}
        assert written({"frame_networks": empty, "providers": providers, "prompts_amount": 5}) == {
            "prompts_amount": "5"
        }

    def test_of_a_list_only_the_entries_that_hold_something_are_written(self) -> None:
        assert written({"frame_networks": ["", "10.0.0.0/8", " "]}) == {"frame_networks": ["10.0.0.0/8"]}

    def test_zero_and_no_are_something(self) -> None:
        assert written({"frame_prompts_per_day": 0, "providers": {"lim": {"enabled": False}}}) == {
            "frame_prompts_per_day": "0",
            "providers": {"lim": {"enabled": "false"}},
        }

    @pytest.mark.parametrize(("given_", "shown"), [(10.0, "10"), (0.5, "0.5"), (1e-5, "0.00001")])
    def test_numbers_are_written_as_people_write_them(self, given_: float, shown: str) -> None:
        assert written({"image_generate_threshold": given_}) == {"image_generate_threshold": shown}

    def test_what_has_the_wrong_shape_is_left_to_the_server_to_complain_about(self) -> None:
        assert written({"providers": "none", "sleep_time": ["23:00"]}) == {
            "providers": "none",
            "sleep_time": ["23:00"],
        }

    @given(st.text(min_size=1).filter(str.strip))
    def test_whatever_a_person_types_arrives_as_it_was_typed(self, text: str) -> None:
        assert written({"providers": {"ydArt": {"model": text}}}) == {"providers": {"ydArt": {"model": text}}}


class TestBuiltinProvider:
    @pytest.mark.parametrize(("in_turn", "listed"), [(True, {"lim", "builtin"}), (False, {"lim"})])
    def test_it_is_listed_only_where_it_takes_its_turn(self, *, in_turn: bool, listed: set[str]) -> None:
        builtin: Json = {"in_turn": in_turn, "daily_limit": 5}
        found = app_options.take({"providers": {"lim": {"daily_limit": 5}, "builtin": builtin}}).for_server
        providers = found["providers"]
        assert isinstance(providers, dict)
        assert set(providers) == listed

    def test_what_is_set_for_its_turns_goes_with_it(self) -> None:
        builtin: Json = {"in_turn": True, "image_generate_threshold": 60.0, "sleep_time": []}
        assert written({"providers": {"builtin": builtin}}) == {
            "providers": {"builtin": {"image_generate_threshold": "60"}}
        }


class TestReading:
    def test_it_reads_what_the_supervisor_wrote(self, tmp_path: Path) -> None:
        file = tmp_path / "options.json"
        file.write_text(json.dumps({"image_path": "/media/картинки", "certfile": "a.pem"}))
        options = app_options.read(file)
        assert options.for_server == {"image_path": "/media/картинки"}
        assert options.certfile == "a.pem"

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (None, r"can't be read: No such file or directory"),
            (b'{"api_key": "canary"', r"is no JSON: Expecting ',' delimiter: line 1 column 21"),
            (b"", r"is no JSON: Expecting value"),
            (b"\xff", r"is no JSON: line 1, column 1: byte 0xff is no UTF-8"),
            (b'{"prompts_amount": ' + b"9" * 5000 + b"}", r"is no JSON: Exceeds the limit"),
            (b"[]", r"must hold a JSON object"),
        ],
    )
    def test_what_can_not_be_read_is_said_without_its_secrets(
        self, tmp_path: Path, content: bytes | None, message: str
    ) -> None:
        file = tmp_path / "options.json"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(SettingsError, match=rf"^{file} {message}") as caught:
            app_options.read(file)
        assert "canary" not in str(caught.value)


class TestWriting:
    OPTIONS = app_options.take({"sleep_time": [], "providers": {"ydArt": {"api_key": "AQVN-made-up"}}})

    def test_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        file = tmp_path / "options.yml"
        file.write_text("log_level: DEBUG\n")
        file.chmod(0o644)
        app_options.write(self.OPTIONS, file)
        assert file.stat().st_mode & 0o777 == 0o600
        assert yaml_text.load(file.read_bytes()) == {"providers": {"ydArt": {"api_key": "AQVN-made-up"}}}
        assert [path.name for path in tmp_path.iterdir()] == ["options.yml"]

    def test_it_says_where_it_comes_from_and_where_ones_own_goes(self, tmp_path: Path) -> None:
        file = tmp_path / "options.yml"
        app_options.write(self.OPTIONS, file)
        comment = [line for line in file.read_text().splitlines() if line.startswith("# ")]
        assert "app's configuration" in comment[0]
        assert "/config/options.yml" in comment[1]

    def test_times_are_in_quotes_for_whoever_copies_them(self) -> None:
        times: Json = {"time_range": {"start_time": "23:00", "end_time": "08:00"}}
        text = app_options.text_of(app_options.take({"sleep_time": [times]}))
        assert 'start_time: "23:00"' in text
        assert 'end_time: "08:00"' in text

    def test_a_disk_that_refuses_leaves_what_was_there(self, tmp_path: Path) -> None:
        (tmp_path / "options.yml").mkdir()
        with pytest.raises(SettingsError, match=r"options\.yml can't be written: Is a directory"):
            app_options.write(self.OPTIONS, tmp_path / "options.yml")
        assert [path.name for path in tmp_path.iterdir()] == ["options.yml"]
