"""`translations/<language>.yaml`: what the options and ports are called.

Supervisor: apps/validate.py, SCHEMA_APP_TRANSLATIONS; store/data.py, _read_app_translations. A file that is
not in order is left out whole, with a warning in the Supervisor's log that no user reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES = {"name", "description", "fields"}


def findings(translation: Any) -> list[str]:
    """Return what is refused, or dropped without a word."""
    if not isinstance(translation, dict):
        return ["must be a mapping"]
    found = [f"{key}: is dropped" for key in translation if key not in {"configuration", "network"}]
    found += _options(translation.get("configuration", {}), "configuration")
    network = translation.get("network", {})
    if not isinstance(network, dict):
        return [*found, "network: must be a mapping"]
    found += [f"network.{port}: must be text" for port, text in network.items() if not isinstance(text, str)]
    return found


def gaps(config: Mapping[str, Any], translation: Mapping[str, Any]) -> list[str]:
    """Return what the app has and the translation does not name, and the other way round.

    The names of what is in a list stand in `fields` of the list, like those of a mapping. A port is found by
    its spelling in `ports`.
    """
    found = list(
        _option_gaps(config.get("schema") or {}, translation.get("configuration", {}), "configuration")
    )
    ports, named = config.get("ports", {}), translation.get("network", {})
    found += [f"network.{port}: has no description" for port in ports if not named.get(port)]
    found += [f"network.{port}: is no port of the app" for port in named if port not in ports]
    return found


def _options(options: Any, path: str) -> Iterator[str]:
    if not isinstance(options, dict):
        yield f"{path}: must be a mapping"
        return
    for key, texts in options.items():
        below = f"{path}.{key}"
        if not isinstance(texts, dict):
            yield f"{below}: must be a mapping with a name"
            continue
        if not isinstance(texts.get("name"), str):
            yield f"{below}: must have a name"
        if not isinstance(texts.get("description", ""), str | None):
            yield f"{below}.description: must be text"
        yield from (f"{below}.{extra}: is dropped" for extra in texts if extra not in _NAMES)
        yield from _options(texts.get("fields", {}), f"{below}.fields")


def _option_gaps(schema: Mapping[str, Any], options: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, element in schema.items():
        texts = options.get(key)
        if texts is None:
            yield f"{path}.{key}: is missing"
            continue
        yield from (f"{path}.{key}: has no {kind}" for kind in ("name", "description") if not texts.get(kind))
        inner = element[0] if isinstance(element, list) else element
        fields = texts.get("fields", {})
        yield from _option_gaps(inner if isinstance(inner, dict) else {}, fields, f"{path}.{key}.fields")
    yield from (f"{path}.{key}: is no option of the app" for key in options if key not in schema)
