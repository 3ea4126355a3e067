"""Where in the image a file of this machine is."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.app.apparmor.needs import Need

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Places:
    """Pairs of directories, here and in the image; what lies in none of them is in the same place.

    Attributes:
        absent: What the image has nothing of, such as a virtual environment's own file.
    """

    pairs: Mapping[Path, str]
    absent: frozenset[Path] = frozenset()

    def in_image(self, need: Need) -> Need | None:
        """Say a file's need with the image's path; None if the image has nothing like it."""
        path = Path(need.name)
        if path in self.absent:
            return None
        for here in (path, *path.parents):
            if here in self.pairs:
                slash = "/" if need.name.endswith("/") else ""
                return replace(need, name=f"{Path(self.pairs[here], path.relative_to(here))}{slash}")
        return need


def from_the_repository(root: Path) -> Places:
    """Return where things are when the server runs from the repository, with its directories below `root`.

    The rehearsal's image too has Python, its libraries and a virtual environment from here.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix)
    library = Path("/usr/local/lib")
    python = library / version
    interpreter = Path(sys.executable).resolve()
    shared = {file: library / file.name for file in (base / "lib").glob("libpython*.so*")}
    systems = {folder: Path("/usr/lib", folder.name) for folder in (base / "lib").glob("*-linux-gnu*")}
    pairs = {
        interpreter: Path("/usr/local/bin") / version,
        Path(sysconfig.get_path("stdlib")): python,
        Path(sysconfig.get_path("purelib")): python / "site-packages",
        ROOT / "addon": Path("/opt/aiframes"),
        root / "data": Path("/data"),
        root / "config": Path("/config"),
        root / "media": Path("/media"),
        root / "ssl": Path("/ssl"),
        **shared,
        **systems,
    }
    found = {here.resolve(): str(there) for here, there in pairs.items()}
    environments = (Path(sys.prefix), Path("/usr/local"))
    return Places(found, frozenset(folder / "pyvenv.cfg" for folder in environments))
