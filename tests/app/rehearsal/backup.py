"""Home Assistant's backup of an app, and its restoration.

Facts: supervisor/apps/app.py (begin_backup, backup, end_backup, restore).
"""

from __future__ import annotations

import shlex
import shutil
import tarfile
from typing import TYPE_CHECKING

from tests.app.rehearsal.supervised_app import CONFIG
from tests.app.supervisor_rules import backup_patterns

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.rehearsal.supervised_app import SupervisedApp


class BackupError(Exception):
    """The app let the backup fail."""


async def back_up(app: SupervisedApp, file: Path) -> list[str]:
    """Make a backup; returns the names of what is in it. The app's commands are run while it runs.

    Raises:
        BackupError: A command of the app's failed.
    """
    await _run(app, "backup_pre")
    with tarfile.open(file, "w") as backup:
        for name, folder in (("data", app.folders.data), ("config", app.folders.config)):
            for path in backup_patterns.backed_up(folder, CONFIG.get("backup_exclude", [])):
                backup.add(path, arcname=f"{name}/{path.relative_to(folder)}", recursive=False)
        names = backup.getnames()
    await _run(app, "backup_post")
    return names


def restore(app: SupervisedApp, file: Path, workplace: Path) -> None:
    """Put a backup's files where the app, which does not run, has its own; all of them are root's then."""
    with tarfile.open(file) as backup:
        backup.extractall(workplace, filter="tar")
    for name, folder in (("data", app.folders.data), ("config", app.folders.config)):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(workplace / name, folder, symlinks=True)


async def _run(app: SupervisedApp, key: str) -> None:
    if key in CONFIG and app.supervisor.state == "started":
        ended = await app.container.run(*shlex.split(CONFIG[key]))
        if ended.code != 0:
            raise BackupError(f"{key} ended with {ended.code}: {ended.output}")
