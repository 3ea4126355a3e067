"""The integration's files are in order by Home Assistant's rules, and agree with each other."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import imageserver
from tests.home_assistant_rules import icons, imports, manifest, services, translations

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components" / "aiframes"
MANIFEST: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))
ICONS: dict[str, Any] = json.loads((INTEGRATION / "icons.json").read_text("utf-8"))
SERVICES: dict[str, Any] = yaml.safe_load((INTEGRATION / "services.yaml").read_text("utf-8"))
LANGUAGES = ("en", "ru")
ADDRESS = "https://github.com/aiframes/imageserver"


def translation(language: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((INTEGRATION / "translations" / f"{language}.json").read_text("utf-8"))
    return read


class TestManifest:
    def test_it_is_in_order(self) -> None:
        assert manifest.findings(MANIFEST, folder=INTEGRATION.name) == []

    def test_it_says_what_the_integration_is(self) -> None:
        assert MANIFEST["integration_type"] == "service"
        assert MANIFEST["iot_class"] == "local_push"
        assert MANIFEST["quality_scale"] == "platinum"
        assert MANIFEST["config_flow"] is True

    def test_it_names_the_project(self) -> None:
        assert MANIFEST["documentation"] == ADDRESS
        assert MANIFEST["issue_tracker"] == f"{ADDRESS}/issues"
        assert MANIFEST["codeowners"] == ["@aiframes"]

    def test_its_version_is_the_apps_and_the_servers(self) -> None:
        app = yaml.safe_load((ROOT / "addon" / "config.yaml").read_text("utf-8"))
        assert MANIFEST["version"] == imageserver.__version__ == app["version"]

    def test_its_domain_is_what_the_app_announces(self) -> None:
        app = yaml.safe_load((ROOT / "addon" / "config.yaml").read_text("utf-8"))
        assert app["discovery"] == [MANIFEST["domain"]]

    def test_it_depends_on_what_the_code_uses(self) -> None:
        sources = {path.stem: path.read_text("utf-8") for path in INTEGRATION.rglob("*.py")}
        named = {*MANIFEST["dependencies"], *MANIFEST.get("after_dependencies", [])}
        assert imports.findings(sources, named) == []


class TestTexts:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_they_are_in_order(self, language: str) -> None:
        assert translations.findings(translation(language)) == []

    def test_there_are_no_other_languages_and_none_of_core(self) -> None:
        assert {path.stem for path in (INTEGRATION / "translations").iterdir()} == set(LANGUAGES)
        assert not (INTEGRATION / "strings.json").exists()

    def test_icons_are_in_order(self) -> None:
        assert icons.findings(ICONS) == []

    def test_no_icon_is_for_nothing(self) -> None:
        entities = translation("en").get("entity", {})
        for platform, keys in ICONS.get("entity", {}).items():
            assert keys.keys() <= entities.get(platform, {}).keys(), platform


class TestActions:
    def test_their_file_is_in_order(self) -> None:
        assert services.findings(SERVICES) == []

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_each_is_translated_and_has_an_icon(self, language: str) -> None:
        assert services.gaps(SERVICES, translation(language), ICONS) == []

    def test_a_form_lets_nobody_wait_longer_than_the_server(self) -> None:
        wire = yaml.safe_load((ROOT / "addon/imageserver/web/openapi.yaml").read_text("utf-8"))
        longest = wire["components"]["schemas"]["StartOperation"]["properties"]["wait"]["maximum"]
        assert SERVICES["generate"]["fields"]["wait"]["selector"]["number"]["max"] == longest

    def test_they_are_those_of_the_code(self) -> None:
        tree = ast.parse((INTEGRATION / "services.py").read_text("utf-8"))
        (actions,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Action")
        names = [ast.literal_eval(line.value) for line in actions.body if isinstance(line, ast.Assign)]
        assert names == list(SERVICES)


def test_every_text_file_ends_with_a_line_and_is_utf8() -> None:
    for suffix in ("json", "yaml", "py"):
        for path in INTEGRATION.rglob(f"*.{suffix}"):
            text = path.read_text("utf-8")
            assert not text or text.endswith("\n"), path
