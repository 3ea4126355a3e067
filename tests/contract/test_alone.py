from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

INTEGRATION = Path(__file__).parents[2] / "custom_components" / "aiframes"
API = INTEGRATION / "api"
MODULES = sorted(API.rglob("*.py"))

PROGRAM = """
import sys
for name in ("homeassistant", "imageserver", "voluptuous", "probatio"):
    sys.modules[name] = None  # whoever imports it fails
sys.path.append(sys.argv[1])
import api
print(api.ImageServerClient.__module__, len(api.__all__))
"""


def test_the_client_needs_no_home_assistant() -> None:
    # By itself, from behind everything else on the path: its neighbours have names of the standard library.
    arguments = [sys.executable, "-I", "-W", "error", "-c", PROGRAM, str(INTEGRATION)]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("api.client ")


def test_these_tests_need_none_either() -> None:
    assert "homeassistant" not in sys.modules


def name_of(path: Path) -> str:
    return str(path.relative_to(API))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_the_standard_library_aiohttp_and_its_neighbours(path: Path) -> None:
    depth = len(path.relative_to(API).parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.level <= depth, f"line {node.lineno} leaves the client"
            continue
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.partition(".")[0] in {*sys.stdlib_module_names, "aiohttp"}, name


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 365
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.body[0].lineno < 40, node.name
