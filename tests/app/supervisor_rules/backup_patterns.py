"""What an app's `backup_exclude` keeps out of a backup.

Supervisor: apps/app.py, _is_excluded_by_filter and backup; the walk is securetar's atomic_contents_add.

A pattern is held from the right against the path as the Supervisor sees it, never against the path in the
container: `/data/apps/data/<slug>/state.db`, `/data/app_configs/<slug>/prompts.yaml`. `**` means no more than
`*`. The same patterns serve `/data` and `/config`. A directory that matches is left out with all it holds.

A file that is gone when its turn comes, and was not excluded, fails the whole backup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path, PurePath


def is_excluded(path: PurePath, patterns: Iterable[str]) -> bool:
    """Whether a file or directory is left out by its own path; `backed_up` knows of directories too."""
    return any(path.match(pattern) for pattern in patterns)


def backed_up(origin: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """Yield the files below `origin` that a backup holds; links are taken as they are, not followed."""
    patterns = tuple(patterns)
    if is_excluded(origin, patterns):
        return
    for path in sorted(origin.iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from backed_up(path, patterns)
        elif not is_excluded(path, patterns):
            yield path


def findings(patterns: Any) -> list[str]:
    """Return the patterns that can't do what they look like."""
    if not isinstance(patterns, list):
        return ["backup_exclude: must be a list"]
    return [f"backup_exclude: {trouble}" for pattern in patterns if (trouble := _trouble(pattern))]


def _trouble(pattern: Any) -> str | None:
    if not isinstance(pattern, str):
        return f"{pattern!r} is no text"
    if pattern in {"", "."}:
        return f"{pattern!r} makes every backup fail"
    if pattern.startswith("/"):
        return f"{pattern} never matches: the Supervisor sees other paths than the container"
    return f"{pattern}: ** means no more than *" if "**" in pattern else None
