"""The app's folder and what it says of itself: complete, in order, and the same everywhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

import imageserver
from imageserver.files.atomic import TEMPORARY_PREFIX
from imageserver.server import GRACE
from tests.app.apparmor.life import first_day, furnish, options_of
from tests.app.supervisor_rules import (
    app_config,
    apparmor,
    backup_patterns,
    option_schema,
    store_scan,
    translations,
)
from tests.app.supervisor_rules.option_type import OptionType
from tests.processes import run_server
from tests.simulators.yandex_art import YandexArtSimulator

ROOT = Path(__file__).parents[2]
APP = ROOT / "addon"
PROFILE = APP / "apparmor.txt"
DEBIAN_TOOL = ROOT / "scripts" / "debian-tool"
CONFIG: dict[str, Any] = yaml.safe_load((APP / "config.yaml").read_text("utf-8"))

ADDRESS = "https://github.com/aiframes/imageserver"
IMAGE = "ghcr.io/aiframes/imageserver"
ANY_ADDRESS = re.compile(
    r"\b(?:github\.com|githubusercontent\.com|ghcr\.io)/([\w.-]+)/imageserver\b", re.IGNORECASE
)
WRITTEN = {".md", ".yaml", ".yml", ".json", ".toml", ".py", ".html", ".sh", ""}

FILES = {
    *(".dockerignore", "CHANGELOG.md", "DOCS.md", "DOCS.ru.md", "Dockerfile", "README.md", "apparmor.txt"),
    *("config.yaml", "icon.png", "logo.png", "pyproject.toml", "requirements.txt"),
    *("translations/en.yaml", "translations/ru.yaml"),
}
RIGHTS = {
    *(
        "apparmor",
        "audio",
        "auth_api",
        "devices",
        "devicetree",
        "docker_api",
        "full_access",
        "gpio",
        "hassio_api",
    ),
    *("hassio_role", "homeassistant_api", "host_dbus", "host_ipc", "host_network", "host_pid", "host_uts"),
    *("journald", "kernel_modules", "legacy", "privileged", "realtime", "services", "stdin", "uart", "udev"),
    *("ulimits", "usb", "video"),
}
LARGEST_FILE = 512 << 10


def changelog_version() -> str:
    heading = re.search(r"^## \[?v?(\d[\w.+-]*)", (APP / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heading, "## 1.2.3 must head the newest changes"
    return heading[1]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


class TestFolder:
    def test_it_holds_what_belongs_there_and_nothing_else(self) -> None:
        found = {str(path.relative_to(APP)) for path in store_scan.cloned_files(APP)}
        assert {name for name in found if not name.startswith("imageserver/")} == FILES

    @pytest.mark.parametrize("name", sorted(FILES))
    def test_nothing_in_it_is_empty(self, name: str) -> None:
        assert (APP / name).stat().st_size > 0

    @pytest.mark.parametrize(("name", "size"), [("icon.png", (128, 128)), ("logo.png", (250, 100))])
    def test_pictures_for_the_store_are_as_it_shows_them(self, name: str, size: tuple[int, int]) -> None:
        with Image.open(APP / name) as picture:
            assert picture.format == "PNG"
            assert picture.size == size

    def test_every_home_assistant_that_adds_the_repository_clones_little(self) -> None:
        large = {path for path in store_scan.cloned_files(APP) if path.stat().st_size > LARGEST_FILE}
        assert large == set()


class TestConfig:
    def test_supervisor_and_linter_have_nothing_to_say(self) -> None:
        assert app_config.findings(CONFIG) == []

    def test_no_right_is_asked_for(self) -> None:
        assert CONFIG.keys() & RIGHTS == set()

    def test_it_is_asked_over_ingress_as_large_uploads_need_it(self) -> None:
        assert CONFIG["ingress"] is True
        assert CONFIG["ingress_stream"] is True

    def test_a_stop_waits_for_a_picture_that_is_paid_for_in_either_way_of_running(self) -> None:
        compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
        (service,) = compose["services"].values()
        assert service["stop_grace_period"] == f"{CONFIG['timeout']}s"
        assert CONFIG["timeout"] >= GRACE + 5

    def test_every_option_has_a_field_in_the_form(self) -> None:
        """For a list of numbers or switches there is none: Home Assistant then shows all options as YAML."""
        for path, type_ in option_schema.types(CONFIG["schema"]):
            kind = OptionType.parse(type_)
            assert kind is not None, path
            assert not path.endswith("[]") or kind.kind not in {"int", "float", "bool", "port"}, path

    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_the_supervisor_takes_the_translations(self, language: str) -> None:
        texts = yaml.safe_load((APP / "translations" / f"{language}.yaml").read_text("utf-8"))
        assert translations.findings(texts) == []


def test_all_that_has_a_version_has_the_same() -> None:
    package = tomllib.loads((APP / "pyproject.toml").read_text("utf-8"))["project"]
    manifest = json.loads((ROOT / "custom_components" / "aiframes" / "manifest.json").read_text("utf-8"))
    versions = {CONFIG["version"], package["version"], manifest["version"], changelog_version()}
    assert versions == {imageserver.__version__}


class TestAddresses:
    def test_the_store_leads_to_the_project(self) -> None:
        repository = yaml.safe_load((ROOT / "repository.yaml").read_text("utf-8"))
        assert {CONFIG["url"], repository["url"]} == {ADDRESS}

    def test_a_published_image_has_the_name_that_is_published(self) -> None:
        assert CONFIG.get("image", IMAGE) == IMAGE

    def test_nobody_is_sent_elsewhere(self) -> None:
        owners: dict[str, Path] = {}
        for path in store_scan.cloned_files(ROOT):
            if path.suffix in WRITTEN and path.stat().st_size < LARGEST_FILE:
                owners |= dict.fromkeys(ANY_ADDRESS.findall(path.read_text("utf-8", errors="replace")), path)
        assert owners.keys() == {"aiframes"}, owners


class TestProfile:
    def test_it_is_loaded_under_the_name_of_the_installed_app(self) -> None:
        text = PROFILE.read_text("utf-8")
        assert apparmor.findings(text, CONFIG["slug"]) == []

    @pytest.mark.parametrize("name", [CONFIG["slug"], f"12345678_{CONFIG['slug']}"])
    def test_apparmor_takes_it(self, name: str, tmp_path: Path) -> None:
        got = run(DEBIAN_TOOL, "apparmor", "usr/sbin/apparmor_parser")
        if got.returncode == 3:
            pytest.skip(got.stderr)
        assert got.returncode == 0, got.stderr
        profile = tmp_path / "profile"
        profile.write_text(apparmor.adjusted(PROFILE.read_text("utf-8"), name))
        # Neither loads it into the kernel nor keeps what it made of it.
        taken = run(got.stdout.strip(), "--skip-kernel-load", "--skip-cache", "--names", profile)
        assert taken.returncode == 0, taken.stderr
        assert taken.stdout.split() == [name]


@pytest.mark.timeout(60)
async def test_a_backup_leaves_out_what_can_be_made_again_and_what_may_vanish(tmp_path: Path) -> None:
    supervisor = tmp_path / "data" / "apps" / "data" / "12345678_aiframes"
    furnish(tmp_path)
    flags = ("--config-dir", str(tmp_path / "config"))
    async with YandexArtSimulator(old_model_retired=False) as yandex:
        options = options_of(tmp_path, yandex.options)
        async with run_server(tmp_path, *flags, options=json.dumps(options)) as server:
            await first_day(server, tmp_path / "data", options)
            shutil.copytree(
                tmp_path / "data", supervisor, ignore=shutil.ignore_patterns("apps", f"{TEMPORARY_PREFIX}*")
            )
            assert await server.stop() == 0
    made = {path for path in supervisor.rglob("*") if path.is_file()}
    kept = set(backup_patterns.backed_up(supervisor, CONFIG["backup_exclude"]))
    assert {str(path.relative_to(supervisor)) for path in kept} == {
        *("api_token", "options.yml", "state.db", "state.db-wal", "tls/server.pem"),
    }
    left_out = {path.relative_to(supervisor).parts[0] for path in made - kept}
    assert {"state.db-shm"} <= left_out <= {"state.db-shm", "cache", "passing"}
