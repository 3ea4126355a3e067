"""How the Supervisor finds apps in the clone of a repository.

Supervisor: store/data.py, store/repository.py, store/validate.py, apps/build.py, utils/common.py. Any file
with one of these names counts, wherever it lies.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from . import app_config
from .checks import text, url

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".yaml", ".yml", ".json")


def app_files(root: Path) -> list[Path]:
    """Return what is read as an app: any `config.*` that is not below a dot folder or `rootfs`."""
    return [
        path
        for path in _named(root, "config")
        if not any(part.startswith(".") or part == "rootfs" for part in path.relative_to(root).parts)
    ]


def findings(root: Path) -> list[str]:
    """Return what would keep the repository, or one of its apps, out of the store."""
    apps, repositories = app_files(root), _named(root, "repository")
    found = [] if apps else ["no config.yaml: there is no app"]
    slugs = set()
    for path in apps:
        config = read(path)
        found += [f"{path.relative_to(root)}: {finding}" for finding in app_config.findings(config)]
        slug = config.get("slug") if isinstance(config, dict) else None
        found += [f"{path.relative_to(root)}: another app is called {slug} too"] if slug in slugs else []
        slugs.add(slug)
        found += [
            f"{build.relative_to(root)}: is taken for build.yaml, which is no longer used"
            for build in _named(path.parent, "build")
        ]
    if repositories and [path.parent for path in repositories] == [root]:
        return found + [
            f"{repositories[0].name}: {trouble}" for trouble in _repository(read(repositories[0]))
        ]
    names = ", ".join(str(path.relative_to(root)) for path in repositories)
    return [
        *found,
        f"there must be one repository.yaml, at the top, and nowhere another; found: {names or 'none'}",
    ]


def read(path: Path) -> Any:
    """Read a file as the Supervisor does."""
    content = path.read_text("utf-8")
    return json.loads(content) if path.suffix == ".json" else yaml.safe_load(content) or {}


def _repository(config: Any) -> Iterator[str]:
    if not isinstance(config, dict):
        yield "must be a mapping"
        return
    checks = {"name": text, "url": url, "maintainer": text}
    if "name" not in config:
        yield "name: is missing"
    for key, value in config.items():
        if key not in checks:
            yield f"{key}: is dropped"
        elif trouble := checks[key](value):
            yield f"{key}: {trouble}"


def _named(folder: Path, stem: str) -> list[Path]:
    names = {stem + suffix for suffix in SUFFIXES}
    return sorted(path for path in cloned_files(folder) if path.name in names)


def cloned_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a working tree that a clone has too.

    A folder of caches or packages tells git to ignore all of it; a Python environment is not the project's.
    """
    for name, folders, files in os.walk(folder):
        path = Path(name)
        if "pyvenv.cfg" in files or (".gitignore" in files and _ignores_all(path / ".gitignore")):
            folders.clear()
            continue
        folders[:] = sorted(inner for inner in folders if inner != ".git")
        yield from (path / file for file in files)


def _ignores_all(gitignore: Path) -> bool:
    return "*" in gitignore.read_text("utf-8").split()
