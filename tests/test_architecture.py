"""The rules of docs/architecture.md that a program can hold: who imports whom, and how large rooms get."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "addon" / "imageserver"
MODULES = sorted(PACKAGE.rglob("*.py"))

FLOORS = (
    ("__main__",),
    ("web",),
    ("status",),
    ("server",),
    ("schedule",),
    ("operations",),
    ("generations",),
    ("container",),
    ("store", "prompts", "options", "providers", "installation", "tls", "supervisor", "whereabouts"),
    ("imaging", "metrics", "policy", "log", "arguments", "app_options"),
    ("state", "files", "problems", "settings", "rate", "places", "timing", "threads"),
    ("events", "models", "exceptions"),
    ("",),
)
"""From the roof to the ground: each may import from its own floor and from those below."""

ALONE = {
    "PIL": ("imaging/", "providers/builtin/"),
    "yaml": ("files/yaml_text.py", "prompts/"),
    "sqlite3": (
        *("state/", "store/", "operations/", "generations/", "prompts/records.py", "metrics.py"),
        "container/backup.py",
    ),
    "aiohttp.web": ("web/", "__main__.py"),
    "cryptography": ("tls/certificate_program.py",),
    "voluptuous": ("options/", "providers/"),
    "croniter": ("timing/cron.py",),
    "prometheus_client": ("web/prometheus.py",),
}

LONGEST_FILE = 365
LONGEST_FUNCTION = 40


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Absolute names of every module that a file imports, for types too."""
    package = ["imageserver", *path.relative_to(PACKAGE).parent.parts]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join((*base, *([node.module] if node.module else [])))
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def floor_of(room: str) -> int:
    floors = [number for number, rooms in enumerate(FLOORS) if room in rooms]
    assert floors, f"{room} has no floor yet: say where it belongs, here and in docs/architecture.md"
    return floors[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_downwards(path: Path) -> None:
    mine = floor_of(room_of(path))
    rooms = {name.split(".")[1] for name in imports_of(path) if name.startswith("imageserver.")}
    known = {room for rooms_of_floor in FLOORS for room in rooms_of_floor}
    upwards = {room for room in rooms & known if floor_of(room) < mine}
    assert upwards == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_library_is_imported_where_it_belongs(path: Path) -> None:
    imported = imports_of(path)
    for library, places in ALONE.items():
        if any(name == library or name.startswith(f"{library}.") for name in imported):
            assert name_of(path).startswith(places), f"{library} is for {places}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "open_server":
            length = (node.end_lineno or 0) - node.body[0].lineno + 1
            assert length <= LONGEST_FUNCTION, node.name


def test_every_room_is_in_the_page() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {room_of(path) for path in MODULES} - {""}
    named = set(re.findall(r"`(\w+)(?:/|\.py)`", page))
    assert rooms - named == set()
