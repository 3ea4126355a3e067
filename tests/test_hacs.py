"""HACS can install the integration from this repository, which holds the app too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.home_assistant_rules import hacs

ROOT = Path(__file__).parents[1]
ABOUT: dict[str, Any] = json.loads((ROOT / "hacs.json").read_text("utf-8"))
MANIFEST = json.loads((ROOT / "custom_components/aiframes/manifest.json").read_text("utf-8"))


def files() -> list[str]:
    """Return the files that HACS looks at, by their paths in the repository."""
    integration = (ROOT / "custom_components").rglob("*")
    return [
        path.relative_to(ROOT).as_posix()
        for path in (*ROOT.iterdir(), *integration)
        if path.is_file() and "__pycache__" not in path.parts
    ]


class TestRules:
    """The rules find what is wrong."""

    def test_the_least_is_enough(self) -> None:
        assert hacs.findings({"name": "Lamp"}) == []

    @pytest.mark.parametrize(
        "about",
        [
            {},
            {"name": ""},
            {"name": "Lamp", "domains": ["sensor"]},
            {"name": "Lamp", "render_readme": "yes"},
            {"name": "Lamp", "homeassistant": "2026.8"},
            {"name": "Lamp", "homeassistant": "2026.08.0"},
        ],
    )
    def test_a_fault_is_found(self, about: dict[str, Any]) -> None:
        assert len(hacs.findings(about)) == 1

    def test_what_a_repository_lacks_is_named(self) -> None:
        there = ["README.md", "LICENSE", "hacs.json", "custom_components/lamp/brand/icon.png"]
        assert hacs.gaps(there, "lamp") == []
        assert hacs.gaps([*there, "custom_components/bulb/manifest.json"], "lamp") == [
            "custom_components: holds ['bulb', 'lamp']"
        ]
        assert hacs.gaps(there[1:], "lamp") == ["README.md: is missing"]


def test_it_is_described_as_hacs_wants() -> None:
    assert hacs.findings(ABOUT) == []
    assert hacs.gaps(files(), MANIFEST["domain"]) == []


def test_it_has_one_name() -> None:
    assert ABOUT["name"] == MANIFEST["name"]


def test_people_read_which_home_assistant_it_needs() -> None:
    needed = ABOUT["homeassistant"].removesuffix(".0")
    assert f"Home Assistant {needed} or later" in (ROOT / "docs" / "integration.md").read_text("utf-8")


def test_both_checks_of_others_run_on_every_change_and_every_week() -> None:
    flow = yaml.safe_load((ROOT / ".github/workflows/integration.yml").read_text("utf-8"))
    causes, jobs = flow[True], flow["jobs"]  # YAML takes the key `on` for a switch
    assert causes.keys() >= {"push", "pull_request", "schedule"}
    used = [step["uses"].split("@")[0] for job in jobs.values() for step in job["steps"]]
    assert used == ["actions/checkout", "home-assistant/actions/hassfest", "hacs/action"]
    assert jobs["hacs"]["steps"][0]["with"]["category"] == "integration"
