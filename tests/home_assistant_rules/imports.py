"""What an integration takes of other components, it must depend on: hassfest's dependencies.py."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENTITY_COMPONENTS = {
    *("ai_task", "binary_sensor", "button", "camera", "event", "image", "media_player", "number", "select"),
    *("sensor", "switch", "todo", "update"),
}
"""Those of entities that we may use; a platform needs no dependency."""
FREE = {"media_source", "persistent_notification", "system_health", "webhook", "websocket_api"}
BY_FILE = {"diagnostics", "repairs"}
"""Those that a file of the same name may use."""
COMPONENTS = "homeassistant.components"


def findings(sources: Mapping[str, str], dependencies: set[str]) -> list[str]:
    """Return which components are used by which file without being named in the manifest.

    Args:
        sources: Code by the file's name, without its suffix.
        dependencies: Those of the manifest, of both kinds.
    """
    allowed = ENTITY_COMPONENTS | FREE | dependencies
    return [
        f"{name}.py: uses {component}, which the manifest does not name"
        for name, source in sources.items()
        for component in sorted(set(_components(ast.parse(source).body)))
        if component not in allowed and not (component in BY_FILE and component == name)
    ]


def _components(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from _named(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                yield from _named(names if node.module == COMPONENTS else [node.module])


def _named(modules: Iterator[str] | list[str]) -> Iterator[str]:
    for module in modules:
        if module.startswith(f"{COMPONENTS}."):
            yield module.split(".")[2]
