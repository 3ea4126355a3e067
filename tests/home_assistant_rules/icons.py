"""`icons.json`: hassfest's icons.py."""

from __future__ import annotations

from typing import Any

from tests.home_assistant_rules.shape import KEY, SLUG, Shape, each, misfits, record

ICON: Shape = {"type": "string", "pattern": "^mdi:[a-z0-9]+(-[a-z0-9]+)*$"}

_STATES = each(ICON)
_ENTITY = record(
    default=ICON,
    state=_STATES,
    range=each(ICON, r"^-?\d+(\.\d+)?$"),
    state_attributes=each(record("default", default=ICON, state=_STATES)),
)
_SERVICE: Shape = {"oneOf": [ICON, record(service=ICON, sections=each(ICON))]}
SHAPE = record(entity=each(each(_ENTITY), SLUG), services=each(_SERVICE, KEY))


def findings(icons: Any) -> list[str]:
    """Return what is wrong, each with where."""
    return misfits(SHAPE, icons)
