"""What config.yaml and repository.yaml say, against the Supervisor's rules and against the server."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

import imageserver
from imageserver import arguments
from imageserver.container import backup
from imageserver.files.atomic import TEMPORARY_PREFIX
from imageserver.installation import TOKEN_FILE
from imageserver.state.state import FILE_NAME
from imageserver.supervisor import SERVICE
from tests.app.supervisor_rules import backup_patterns, folders, rating, store_scan

ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "addon" / "config.yaml").read_text())
PLACES = arguments.parse([], {}).places

DATA = PurePosixPath("/data/apps/data/12345678_aiframes")
USERS = PurePosixPath("/data/app_configs/12345678_aiframes")


class TestForTheSupervisor:
    def test_the_store_finds_one_app_and_nothing_to_complain_about(self) -> None:
        assert store_scan.findings(ROOT) == []
        assert store_scan.app_files(ROOT) == [ROOT / "addon" / "config.yaml"]

    def test_the_app_has_the_best_rating(self) -> None:
        assert rating.rate(CONFIG, has_profile=(ROOT / "addon" / "apparmor.txt").exists()) == rating.BEST

    def test_it_asks_for_the_folders_that_it_uses(self) -> None:
        assert folders.mounted(CONFIG) == {"/data": True, "/config": True, "/media": True, "/ssl": False}


class TestForTheServer:
    def test_the_version_is_the_servers(self) -> None:
        assert CONFIG["version"] == imageserver.__version__

    def test_ports_are_those_that_it_listens_on(self) -> None:
        server = arguments.parse([], {})
        assert CONFIG["ports"] == {f"{port}/tcp": port for port in (server.port, server.http_port)}
        assert CONFIG["ingress_port"] == server.api_port

    def test_what_it_announces_is_allowed(self) -> None:
        assert CONFIG["discovery"] == [SERVICE]

    def test_the_hooks_of_a_backup_are_there(self) -> None:
        for key, word in (("backup_pre", "begin"), ("backup_post", "end")):
            *python, module, argument = CONFIG[key].split()
            assert python == ["python3", "-P", "-m"]
            assert module == backup.__name__
            assert argument == word

    @pytest.mark.parametrize(
        ("path", "excluded"),
        [
            (DATA / FILE_NAME, False),
            (DATA / f"{FILE_NAME}-wal", False),
            (DATA / f"{FILE_NAME}-shm", True),
            (DATA / PLACES.cache.name, True),
            (DATA / PLACES.passing.name, True),
            (DATA / f"{TEMPORARY_PREFIX}0123", True),
            (DATA / backup.MARK, True),
            (DATA / backup.COPY, False),
            (DATA / TOKEN_FILE, False),
            (DATA / PLACES.tls.name, False),
            (USERS / f"{TEMPORARY_PREFIX}0123", True),
            (USERS / "prompts.yaml", False),
            (USERS / PLACES.user_providers.name, False),
            (USERS / "cache", False),
            (USERS / FILE_NAME, False),
        ],
    )
    def test_a_backup_holds_what_can_not_be_made_again(self, path: PurePosixPath, *, excluded: bool) -> None:
        assert backup_patterns.is_excluded(path, CONFIG["backup_exclude"]) is excluded


def test_names_and_addresses_are_the_same_everywhere() -> None:
    repository = yaml.safe_load((ROOT / "repository.yaml").read_text())
    package = tomllib.loads((ROOT / "addon" / "pyproject.toml").read_text())["project"]
    labels = dict(re.findall(r'image\.(\w+)="(.*)"', (ROOT / "addon" / "Dockerfile").read_text()))
    assert (CONFIG["name"], CONFIG["url"]) == (labels["title"], labels["url"])
    assert {CONFIG["url"], repository["url"], labels["source"]} == {"https://github.com/aiframes/imageserver"}
    assert {CONFIG["description"], labels["description"]} == {package["description"].removesuffix(".")}
