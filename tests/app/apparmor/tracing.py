"""Runs a program under strace."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.app.apparmor.places import ROOT
from tests.app.apparmor.trace import TRACED

if TYPE_CHECKING:
    from pathlib import Path

_TOOL = ROOT / "scripts" / "debian-tool"


def tracer(directory: Path) -> list[str]:
    """Return the command that traces the program after it into `directory`; skips where there is none.

    The program itself stays this process's child: it gets the signals, and its exit code is the answer.
    """
    directory.mkdir()
    quick = ["-D", "-f", "--seccomp-bpf", "-ff", "-qq", "-y", "-s", "4096", "-e", f"trace={TRACED}"]
    strace = shutil.which("strace") or debian_tool("strace", "usr/bin/strace")
    command = [strace, *quick, "-o", str(directory / "thread")]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)  # noqa: S603
    if tried.returncode:
        pytest.skip(f"strace can't trace here: {tried.stderr.strip()}")
    for file in directory.iterdir():
        file.unlink()
    return command


def debian_tool(package: str, path: str) -> str:
    """Return where a program of Debian's is; skips where it can't be had."""
    if not _TOOL.exists():
        pytest.skip(f"{path} is not here")
    got = subprocess.run([_TOOL, package, path], capture_output=True, text=True, check=False)  # noqa: S603
    if got.returncode:
        pytest.skip(f"{path} could not be had: {got.stderr.strip()}")
    return got.stdout.strip()
