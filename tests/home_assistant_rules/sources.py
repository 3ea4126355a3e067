"""Python files as data: who calls what, without running any of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function or method.

    Attributes:
        calls: The last words of what is called, in the order of the text.
    """

    name: str
    calls: list[str]


@dataclass(frozen=True, slots=True)
class Raised:
    """An error that is made where it is raised."""

    name: str
    function: str
    keywords: frozenset[str]


@dataclass(frozen=True, slots=True)
class Class:
    """A class and what it is made of."""

    name: str
    bases: list[str]


@dataclass(frozen=True)
class Module:
    """A file."""

    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def functions(self) -> dict[str, Function]:
        """All functions and methods by their names; those of one name count as one."""
        found: dict[str, Function] = {}
        for node in self._nodes():
            earlier = found[node.name].calls if node.name in found else []
            found[node.name] = Function(node.name, [*earlier, *_calls(node)])
        return found

    @cached_property
    def constants(self) -> dict[str, str]:
        """What stands at the top level, with the code of its value."""
        found = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = ast.unparse(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                found[node.target.id] = ast.unparse(node.value)
        return found

    @cached_property
    def classes(self) -> list[Class]:
        """Classes at the top level."""
        return [
            Class(node.name, [ast.unparse(base) for base in node.bases])
            for node in self.tree.body
            if isinstance(node, ast.ClassDef)
        ]

    @cached_property
    def raised(self) -> list[Raised]:
        return [
            Raised(
                ast.unparse(raised.exc.func).rpartition(".")[2],
                node.name,
                frozenset(keyword.arg for keyword in raised.exc.keywords if keyword.arg),
            )
            for node in self._nodes()
            for raised in ast.walk(node)
            if isinstance(raised, ast.Raise) and isinstance(raised.exc, ast.Call)
        ]

    @cached_property
    def imports(self) -> set[str]:
        """The names of modules that are imported."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module)
        return found

    def attributes_of(self, name: str) -> list[str]:
        """Return the attributes that are taken from a name, in the order of the text."""
        return [
            node.attr
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == name
        ]

    def reaches(self, function: str, wanted: str) -> bool:
        """Tell whether a function calls another, by way of others of this file or not."""
        seen: set[str] = set()
        ahead = [function]
        while ahead:
            calls = self.functions[ahead.pop()].calls
            if wanted in calls:
                return True
            ahead += [call for call in calls if call in self.functions and call not in seen]
            seen.update(calls)
        return False

    def _nodes(self) -> Iterator[FunctionNode]:
        for node in ast.walk(self.tree):
            if isinstance(node, FunctionNode):
                yield node


def read_modules(folder: Path) -> dict[str, Module]:
    """Read the files of a folder, by their names without the suffix."""
    return {path.stem: Module(path.read_text("utf-8")) for path in sorted(folder.glob("*.py"))}


def _calls(node: FunctionNode) -> list[str]:
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    return [ast.unparse(call.func).rpartition(".")[2] for call in calls]
