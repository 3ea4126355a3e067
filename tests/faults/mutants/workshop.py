"""A copy of the repository for one room, in which mutmut works."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.mutants.mutants import PACKAGE, SURVIVED, TIMED_OUT, Mutant, forget, mutants_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.mutants.explained import Reason
    from tests.faults.mutants.rooms import Room

ROOT = Path(__file__).parents[3]
LONGEST_TEST = 10
SPINNER = tuple("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

MYPY = """[mypy]
strict = True
warn_unused_ignores = False
disable_error_code = no-redef
explicit_package_bases = True
mypy_path = src
"""


class Workshop:
    """A copy in `folder`.

    If one is there already, only what was changed since and what survived without a reason is tried again.
    """

    def __init__(self, folder: Path, room: Room, reasons: Sequence[Reason]) -> None:
        self._folder = folder
        self._room = room
        self._reasons = reasons

    def mutants(self, workers: int) -> list[Mutant]:
        """Make the mutants, try the tests on each, and say what became of them."""
        self._copy()
        (self._folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
        forget(self._folder, self._is_to_be_tried_again)
        self._run("mypy", "--config-file", "mypy.ini", *self._files())
        self._run("mutmut", "run", "--max-children", str(workers))
        return mutants_below(self._folder)

    def _is_to_be_tried_again(self, mutant: Mutant) -> bool:
        if mutant.fate == TIMED_OUT:
            return True
        return mutant.fate == SURVIVED and not any(reason.is_about(mutant.change) for reason in self._reasons)

    def _copy(self) -> None:
        # mutmut names a module after its path, but for a "src" in front of it.
        for source, target in (("addon/imageserver", PACKAGE), ("tests", "tests"), ("examples", "examples")):
            shutil.copytree(
                ROOT / source,
                self._folder / target,
                ignore=shutil.ignore_patterns("__pycache__"),
                dirs_exist_ok=True,
            )
        settings = (ROOT / "pyproject.toml").read_text("utf-8")
        (self._folder / "pyproject.toml").write_text(settings + self._settings(), "utf-8")
        (self._folder / "mypy.ini").write_text(MYPY, "utf-8")

    def _settings(self) -> str:
        lists = {
            "source_paths": ["src"],
            "only_mutate": self._files(),
            "do_not_mutate": [f"{PACKAGE}/{name}" for name in self._room.but],
            "also_copy": ["examples"],
            "pytest_add_cli_args_test_selection": list(self._room.tests),
            "pytest_add_cli_args": [
                *("-o", "pythonpath=src .", "-o", f"timeout={LONGEST_TEST}"),
                *("-p", "no:cacheprovider", "-p", "tests.faults.mutants.haste"),
            ],
            # What the checks of types tell needs no test: CI runs them too.
            "type_check_command": [
                *(sys.executable, "-m", "mypy", "--output", "json"),
                *("--config-file", str(self._folder / "mypy.ini"), *self._files()),
            ],
        }
        lines = [f"{key} = {value!r}\n" for key, value in lists.items()]
        return (
            f"\n[tool.mutmut]\nuse_git_change_detection = false\ntimeout_multiplier = 6.0\n{''.join(lines)}"
        )

    def _files(self) -> list[str]:
        package = ROOT / "addon" / "imageserver"
        found = {path for pattern in self._room.files for path in package.glob(pattern)}
        kept = sorted(str(path.relative_to(package)) for path in found if path.name != "__init__.py")
        return [f"{PACKAGE}/{name}" for name in kept if name not in self._room.but]

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = (str(Path(sys.executable).with_name(program)), *arguments)
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)  # noqa: S603 # our own
        if done.returncode:
            said = [line for line in done.stdout.splitlines() if not line.startswith(SPINNER)]
            raise RuntimeError("\n".join((f"{program} failed:", *said, done.stderr)))
