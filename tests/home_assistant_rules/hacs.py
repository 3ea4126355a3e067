"""`hacs.json`, and what HACS looks for in a repository: its utils/validate.py and validate/."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.home_assistant_rules.shape import FLAG, TEXT, misfits, record

if TYPE_CHECKING:
    from collections.abc import Iterable

SHAPE = record(
    "name",
    content_in_root=FLAG,
    country={},
    filename=TEXT,
    hacs=TEXT,
    hide_default_branch=FLAG,
    homeassistant=TEXT,
    name=TEXT,
    persistent_directory=TEXT,
    render_readme=FLAG,
    zip_release=FLAG,
)
RELEASE = re.compile(r"20\d\d\.(1[0-2]|[1-9])\.\d+")


def findings(about: Any) -> list[str]:
    """Return what is wrong with `hacs.json`."""
    if found := misfits(SHAPE, about):
        return found
    if "homeassistant" in about and not RELEASE.fullmatch(about["homeassistant"]):
        return ["homeassistant: must be a release, such as 2026.8.0"]
    return []


def gaps(files: Iterable[str], domain: str) -> list[str]:
    """Return what a repository with these files lacks; HACS installs only the first integration of it."""
    there = set(files)
    folders = {parts[1] for parts in (file.split("/") for file in there) if parts[0] == "custom_components"}
    wanted = ("hacs.json", "README.md", "LICENSE", f"custom_components/{domain}/brand/icon.png")
    found = [f"{file}: is missing" for file in wanted if file not in there]
    return found if folders == {domain} else [*found, f"custom_components: holds {sorted(folders)}"]
