"""A build context: what of a directory a Dockerfile may copy, and the copying."""

from __future__ import annotations

import re
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tests.app.rehearsal.dockerfile import DockerfileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.app.rehearsal.dockerfile import Copy


class BuildContext:
    """A directory without what its `.dockerignore` keeps back."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        ignored = directory / ".dockerignore"
        self._rules = list(_rules(ignored.read_text("utf-8"))) if ignored.exists() else []

    def offers(self, path: str) -> bool:
        """Tell whether a file, named as seen from the directory, takes part.

        Of the rules that fit it, or a directory that it is in, the last one decides.
        """
        lines = [path, *(str(parent) for parent in PurePosixPath(path).parents)]
        offered = True
        for fits, offers in self._rules:
            if any(fits.fullmatch(line) for line in lines):
                offered = offers
        return offered

    def copy(self, copy: Copy, root: Path) -> None:
        """Carry out a COPY; what is copied is root's.

        Raises:
            DockerfileError: There is no such file.
        """
        for source in copy.sources:
            files = list(self._files_of(source.strip("/")))
            if not files:
                raise DockerfileError(f"COPY {source}: the build context has no such file")
            for file, below in files:
                target = root / copy.target.lstrip("/")
                if below is not None:
                    target /= below
                elif copy.target.endswith("/") or len(copy.sources) > 1:
                    target /= file.name
                target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                shutil.copy2(file, target)

    def _files_of(self, source: str) -> Iterator[tuple[Path, Path | None]]:
        """Find files; those of a directory with their place below it."""
        found = self._directory / source
        if found.is_file():
            if self.offers(source):
                yield found, None
            return
        for file in sorted(found.rglob("*")):
            if file.is_file() and self.offers(file.relative_to(self._directory).as_posix()):
                yield file, file.relative_to(found)


def _rules(text: str) -> Iterator[tuple[re.Pattern[str], bool]]:
    for line in text.splitlines():
        rule = line.strip()
        if rule and not rule.startswith("#"):
            yield re.compile(_pattern(rule.removeprefix("!").strip("/"))), rule.startswith("!")


def _pattern(rule: str) -> str:
    found = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", rule):
        found += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    return found
