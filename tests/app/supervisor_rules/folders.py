"""The folders that `map` brings into an app's container.

Supervisor: apps/validate.py (RE_VOLUME), docker/app.py (mounts), docker/const.py (PATH_...).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TARGETS = {
    "data": "/data",
    "app_config": "/config",
    "homeassistant_config": "/homeassistant",
    "ssl": "/ssl",
    "share": "/share",
    "media": "/media",
    "backup": "/backup",
    "local_apps": "/local_apps",
    "all_app_configs": "/app_configs",
    # Names of before Supervisor 2026.07.
    "addon_config": "/config",
    "addons": "/addons",
    "all_addon_configs": "/addon_configs",
    "config": "/config",
}

RENAMED = {
    "addon_config": "app_config",
    "addons": "local_apps",
    "all_addon_configs": "all_app_configs",
    "config": "homeassistant_config",
}
"""Old names; the linter (v2.21) still knows no others."""

_ENTRY = re.compile(rf"(?P<kind>{'|'.join(TARGETS)})(:(?P<access>rw|ro))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of the host in the container."""

    kind: str
    target: str
    writable: bool


def trouble(entry: Any) -> str | None:
    """Return what is wrong with an entry of `map`; the Supervisor skips text that it does not understand."""
    if isinstance(entry, str):
        return None if _ENTRY.fullmatch(entry) else "is skipped: it is no folder"
    if not isinstance(entry, dict) or entry.get("type") not in TARGETS:
        return "is no folder"
    if extra := entry.keys() - {"type", "read_only", "path"}:
        return f"must not have {', '.join(sorted(map(str, extra)))}"
    proper = isinstance(entry.get("read_only", True), bool) and isinstance(entry.get("path", ""), str)
    return None if proper else "must have a path that is text, and read_only true or false"


def read(config: Mapping[str, Any]) -> Iterator[Folder]:
    """Yield the folders that an app maps; without a word about it a folder is read only."""
    for entry in config.get("map", []):
        if isinstance(entry, dict):
            kind, writable, target = entry["type"], not entry.get("read_only", True), entry.get("path")
        elif match := _ENTRY.fullmatch(entry):
            kind, writable, target = match["kind"], match["access"] == "rw", None
        else:
            continue
        yield Folder(kind=kind, target=target or TARGETS[kind], writable=writable)


def mounted(config: Mapping[str, Any]) -> dict[str, bool]:
    """Return what is mounted in the container, and whether it may be written; `/data` always is."""
    mounts = {folder.target: folder.writable for folder in read(config) if folder.kind != "data"}
    data = next((folder.target for folder in read(config) if folder.kind == "data"), TARGETS["data"])
    return {data: True, **mounts}
