"""scripts/debian-tool: a program that tests need, without a change to the system."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

TOOL = Path(__file__).parents[2] / "scripts" / "debian-tool"


def ask(
    *arguments: str, search: Path | None = None, cache: Path | None = None
) -> subprocess.CompletedProcess[str]:
    path = str(search) if search else "/usr/sbin:/usr/bin:/sbin:/bin"
    environment = {"PATH": path, "HOME": str(cache or "/nonexistent")}
    return subprocess.run([TOOL, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def test_a_program_of_the_system_is_taken() -> None:
    told = ask("coreutils", "usr/bin/env")
    assert (told.returncode, told.stdout, told.stderr) == (0, "/usr/bin/env\n", "")


def test_without_apt_it_says_so(tmp_path: Path) -> None:
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    told = ask("strace", "usr/bin/no-such-program", search=tmp_path, cache=tmp_path)
    assert (told.returncode, told.stdout) == (3, "")
    assert told.stderr == "strace can't be had here: there is no apt\n"


def test_it_wants_a_package_and_a_path() -> None:
    told = ask("strace")
    assert told.returncode == 1
    assert "Usage: scripts/debian-tool PACKAGE PATH" in told.stderr
