"""The rules about files: what a backup holds, which profile is loaded, what the store finds."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import pytest
import yaml

from tests.app.supervisor_rules import apparmor, backup_patterns, store_scan

DATA = "/data/apps/data/12345678_lamp"
CONFIG = {"name": "Lamp", "version": "1", "slug": "lamp", "description": "Shines", "arch": ["amd64"]}
REPOSITORY = {"name": "Lamps", "url": "https://example.com/lamps", "maintainer": "Me"}


class TestBackup:
    @pytest.mark.parametrize(
        ("path", "pattern", "excluded"),
        [
            (f"{DATA}/state.db", "state.db", True),
            (f"{DATA}/old/state.db", "state.db", True),
            (f"{DATA}/state.db-wal", "state.db", False),
            (f"{DATA}/.writing-01", ".writing-*", True),
            (f"{DATA}/cache", "data/*/cache", True),
            ("/data/app_configs/12345678_lamp/cache", "data/*/cache", False),
            (f"{DATA}/a/b/cache", "data/**/cache", False),
            (f"{DATA}/cache", "/data/cache", False),
            (f"{DATA}/State.db", "state.db", False),
        ],
    )
    def test_a_pattern_is_held_from_the_right_against_the_supervisors_path(
        self, *, path: str, pattern: str, excluded: bool
    ) -> None:
        assert backup_patterns.is_excluded(PurePosixPath(path), [pattern]) is excluded
        assert not backup_patterns.is_excluded(PurePosixPath(path), [])

    def test_a_directory_that_matches_is_left_out_whole(self, tmp_path: Path) -> None:
        for name in ("state.db", "cache/1.jpg", "tls/cache", "tls/server.pem"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        (tmp_path / "link").symlink_to(tmp_path / "tls")
        kept = [str(path.relative_to(tmp_path)) for path in backup_patterns.backed_up(tmp_path, ["cache"])]
        assert kept == ["link", "state.db", "tls/server.pem"]
        assert list(backup_patterns.backed_up(tmp_path, [tmp_path.name])) == []

    def test_patterns_are_a_list_of_text(self) -> None:
        assert backup_patterns.findings(["cache", "data/*/x"]) == []
        assert backup_patterns.findings("cache") == ["backup_exclude: must be a list"]
        assert backup_patterns.findings([1]) == ["backup_exclude: 1 is no text"]


class TestProfile:
    PROFILE = (
        "#include <tunables/global>\nprofile lamp flags=(attach_disconnected) {\n  profile inner {\n  }\n}\n"
    )

    def test_one_named_as_the_app_is_loaded_under_the_installed_name(self) -> None:
        assert apparmor.findings(self.PROFILE, "lamp") == []
        assert "\nprofile local_lamp flags" in apparmor.adjusted(self.PROFILE, "local_lamp")
        assert apparmor.profile_names(apparmor.adjusted(self.PROFILE, "local_lamp")) == ["local_lamp"]

    @pytest.mark.parametrize(
        ("text", "finding"),
        [
            ("", "has 0 lines"),
            ("  profile lamp {\n}\n", "has 0 lines"),
            ("profile lamp {\n}\nprofile lamp2 {\n}\n", "has 2 lines"),
            ("profile pro {\n}\n", "is part of the word profile"),
            ("profile lamp{\n}\n", "its profile is 'lamp{\\n'"),
            ("profile candle {\n}\n", "must be 'lamp'"),
        ],
    )
    def test_another_is_found(self, text: str, finding: str) -> None:
        (found,) = apparmor.findings(text, "lamp")
        assert finding in found


class TestStore:
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        self.put(tmp_path / "repository.yaml", REPOSITORY)
        self.put(tmp_path / "lamp" / "config.yaml", CONFIG)
        return tmp_path

    @staticmethod
    def put(path: Path, content: object) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content) if path.suffix != ".json" else json.dumps(content))

    def test_a_repository_with_an_app_is_in_order(self, repository: Path) -> None:
        assert store_scan.app_files(repository) == [repository / "lamp" / "config.yaml"]
        assert store_scan.findings(repository) == []

    @pytest.mark.parametrize(
        "name",
        [".github/config.yaml", "lamp/rootfs/etc/config.json", "lamp/config.toml", "lamp/my-config.yaml"],
    )
    def test_what_is_no_app_is_passed_over(self, repository: Path, name: str) -> None:
        self.put(repository / name, [])
        assert store_scan.findings(repository) == []

    @pytest.mark.parametrize("marker", [".gitignore", "pyvenv.cfg"])
    def test_what_no_clone_has_is_passed_over(self, repository: Path, marker: str) -> None:
        self.put(repository / "env" / "deep" / "repository.yaml", REPOSITORY)
        assert store_scan.findings(repository) != []
        (repository / "env" / marker).write_text("*\n")
        assert store_scan.findings(repository) == []

    @pytest.mark.parametrize(
        ("name", "content", "finding"),
        [
            ("tests/config.yml", ["x"], "tests/config.yml: must be a mapping"),
            ("custom/x/config.json", {}, "custom/x/config.json: name: is missing"),
            ("other/config.yaml", CONFIG, "other/config.yaml: another app is called lamp too"),
            ("lamp/config.yaml", CONFIG | {"arch": "amd64"}, "lamp/config.yaml: arch: must be a list"),
            ("lamp/src/build.json", {}, "lamp/src/build.json: is taken for build.yaml"),
            (".github/repository.yml", REPOSITORY, "found: .github/repository.yml, repository.yaml"),
            ("repository.yaml", {"url": "https://x.y"}, "repository.yaml: name: is missing"),
            ("repository.yaml", REPOSITORY | {"url": "x.y"}, "repository.yaml: url: must be an address"),
            ("repository.yaml", REPOSITORY | {"icon": "x"}, "repository.yaml: icon: is dropped"),
            ("repository.yaml", ["x"], "repository.yaml: must be a mapping"),
        ],
    )
    def test_what_keeps_it_out_of_the_store_is_found(
        self, repository: Path, name: str, content: object, finding: str
    ) -> None:
        self.put(repository / name, content)
        assert any(finding in found for found in store_scan.findings(repository))

    def test_without_a_repository_file_or_an_app_there_is_nothing_to_add(self, tmp_path: Path) -> None:
        assert store_scan.findings(tmp_path) == [
            "no config.yaml: there is no app",
            "there must be one repository.yaml, at the top, and nowhere another; found: none",
        ]
