"""`services.yaml`: hassfest's services.py, and its rules for Home Assistant's own, which ask for more."""

from __future__ import annotations

from typing import Any

from tests.home_assistant_rules.shape import FLAG, KEY, SLUG, Shape, each, misfits, record

_VALUE: Shape = {"not": {"type": "null"}}
_SELECTOR: Shape = {"type": "object", "minProperties": 1, "maxProperties": 1}
_FIELD = record("selector", example=_VALUE, default=_VALUE, required=FLAG, selector=_SELECTOR)
SHAPE = each(record(fields=each(_FIELD, KEY)), SLUG)


def findings(services: Any) -> list[str]:
    """Return what is wrong with the file alone, each with where."""
    return misfits(SHAPE, services)


def gaps(services: dict[str, Any], translation: dict[str, Any], icons: dict[str, Any]) -> list[str]:
    """Return what the three files do not say of the same actions."""
    told, drawn = translation.get("services", {}), icons.get("services", {})
    found = _differences(services, told, "services")
    found += [f"services.{name}: has no icon" for name in services.keys() - drawn.keys()]
    found += [f"services.{name}: is no action, but has an icon" for name in drawn.keys() - services.keys()]
    for name in services.keys() & told.keys():
        fields = told[name].get("fields", {})
        found += _differences(services[name].get("fields", {}), fields, f"services.{name}.fields")
    return sorted(found)


def _differences(there: dict[str, Any], told: dict[str, Any], path: str) -> list[str]:
    found = [f"{path}.{name}: is not translated" for name in there.keys() - told.keys()]
    return [*found, *(f"{path}.{name}: is translated for nothing" for name in told.keys() - there.keys())]
