"""Adapters that a user wrote: one class a file, found at start, kept from doing harm by their mistakes.

Such a file is code with the server's rights. `docs/providers.md` shows how to write one, and says so.
"""

from __future__ import annotations

import inspect
import logging
import re
import sys
import traceback
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from typing import TYPE_CHECKING

import voluptuous as vol

from ..exceptions import Mistake, SettingsError
from .base import Capabilities, Defaults, ImageProvider

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import CodeType, ModuleType

_LOGGER = logging.getLogger(__name__)

DIRECTORY = "providers"
"""Below the configuration directory."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")


def load(
    directory: Path, *, built_in: Iterable[type[ImageProvider]]
) -> tuple[list[type[ImageProvider]], list[Mistake]]:
    """Load each `*.py` of a directory by name, but for those that start with `_`.

    Blocks, and runs the files: at start only.

    Args:
        directory: Where they are; it need not exist.
        built_in: The adapters whose codes are taken.

    Returns:
        The adapters, and what is wrong with the files that are none.
    """
    taken = {adapter.code.lower(): f"the server's own {adapter.title}" for adapter in built_in}
    adapters: list[type[ImageProvider]] = []
    mistakes: list[Mistake] = []
    for path in _files(directory, mistakes):
        name = f"{DIRECTORY}/{path.name}"
        try:
            adapter = _adapter(path, taken)
        except SettingsError as error:
            mistakes.append(Mistake(name, str(error)))
            continue
        taken[adapter.code.lower()] = name
        adapters.append(adapter)
        _LOGGER.info("%s provides %s (%s)", name, adapter.title, adapter.code)
    return adapters, mistakes


def _files(directory: Path, mistakes: list[Mistake]) -> list[Path]:
    try:
        names = sorted(path for path in directory.iterdir() if path.suffix == ".py")
    except FileNotFoundError:
        return []
    except OSError as error:
        mistakes.append(Mistake(DIRECTORY, f"can't be read: {error.strerror}"))
        return []
    return [path for path in names if not path.name.startswith(("_", "."))]


def _adapter(path: Path, taken: dict[str, str]) -> type[ImageProvider]:
    module = _run(path)
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, ImageProvider)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        names = ", ".join(value.__name__ for value in found) or "none"
        raise SettingsError(f"must define exactly one class that extends ImageProvider; there is {names}")
    adapter = found[0]
    _check(adapter)
    owner = taken.get(adapter.code.lower())
    if owner is not None:
        raise SettingsError(f"its code {adapter.code} belongs to {owner}; choose another")
    adapter.settings_file = f"{DIRECTORY}/{adapter.code}.yml"
    return adapter


def _check(adapter: type[ImageProvider]) -> None:
    """Raise SettingsError for what would break the server later."""
    name = adapter.__name__
    missing = sorted(getattr(adapter, "__abstractmethods__", ()))
    code, title = getattr(adapter, "code", None), getattr(adapter, "title", None)
    if missing or inspect.isabstract(adapter):
        raise SettingsError(f"{name} must define {', '.join(missing)}")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise SettingsError(
            f"{name}.code must be a word such as myCamera: up to 32 Latin letters, digits, - and _"
        )
    if not isinstance(title, str) or not title.strip():
        raise SettingsError(f"{name}.title must be the name that people read")
    kinds = {"schema": vol.Schema, "capabilities": Capabilities, "defaults": Defaults, "secrets": frozenset}
    for attribute, kind in kinds.items():
        if not isinstance(getattr(adapter, attribute), kind):
            raise SettingsError(f"{name}.{attribute} must be a {kind.__name__}")


def _run(path: Path) -> ModuleType:
    """Run a file as a module of its own.

    Raises:
        SettingsError: It breaks; the text says in which line.
    """
    # Dataclasses look their module up by its name, so it has to be a registered one.
    name = f"imageserver_user_provider_{path.stem}"
    loader = _Loader(name, str(path))
    module = module_from_spec(ModuleSpec(name, loader, origin=str(path)))
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        _LOGGER.debug("%s breaks", path, exc_info=True)
        raise SettingsError(f"can't be loaded: {_reason(error, path)}") from error
    return module


def _reason(error: BaseException, path: Path) -> str:
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}{f' in line {line}' if line else ''}{f': {text}' if text else ''}"


class _Loader(SourceFileLoader):
    """Neither reads nor leaves a compiled file in the user's directory."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the file as it is now."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)
