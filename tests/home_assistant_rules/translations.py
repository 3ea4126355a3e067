"""`translations/<language>.json`: hassfest's translations.py, as it holds for custom integrations."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Any

from tests.home_assistant_rules.shape import KEY, SLUG, TEXT, Shape, each, misfits, record

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANY = "."

_FIELDS = {"data": each(TEXT, _ANY), "data_description": each(TEXT, _ANY)}
_STEP = record(
    title=TEXT,
    description=TEXT,
    submit=TEXT,
    menu_options=each(TEXT, _ANY),
    menu_option_descriptions=each(TEXT, _ANY),
    sections=each(record(name=TEXT, description=TEXT, **_FIELDS), _ANY),
    **_FIELDS,
)
_FLOW_PARTS = {
    "step": each(_STEP, _ANY),
    **{part: each(TEXT, _ANY) for part in ("abort", "create_entry", "error", "progress")},
}
_FLOW = record("step", flow_title=TEXT, **_FLOW_PARTS)
_ISSUE: Shape = {
    **record("title", title=TEXT, description=TEXT, fix_flow=record("step", **_FLOW_PARTS)),
    "oneOf": [{"required": ["description"]}, {"required": ["fix_flow"]}],
}
_ENTITY = record(
    name=TEXT,
    state=each(TEXT),
    state_attributes=each(record(name=TEXT, state=each(TEXT))),
    unit_of_measurement=TEXT,
)
_ACTION = record(
    *("name", "description"),
    name=TEXT,
    description=TEXT,
    fields=each(record("name", "description", name=TEXT, description=TEXT, example=TEXT)),
    sections=each(record("name", name=TEXT, description=TEXT)),
)
SHAPE = record(
    title=TEXT,
    config=_FLOW,
    options=_FLOW,
    device=each(record(name=TEXT)),
    entity=each(each(_ENTITY), SLUG),
    exceptions=each(record("message", message=TEXT), SLUG),
    issues=each(_ISSUE, _ANY),
    selector=each(
        record(choices=each(TEXT), options=each(TEXT), unit_of_measurement=each(TEXT), fields=each({})), SLUG
    ),
    services=each(_ACTION),
    system_health=record(info=each(TEXT)),
    common=each(TEXT, SLUG),
)

_REFUSED = {
    "has spaces around it": re.compile(r"^\s|\s$"),
    "has HTML": re.compile(r"<[a-z/!][^>]*>", re.IGNORECASE),
    "has an address, which belongs into a placeholder": re.compile(r"\w+://|\bwww\.", re.IGNORECASE),
    "has a placeholder in single quotes": re.compile(r"'\{\w+\}'"),
    "refers to another text, which only Home Assistant's own may": re.compile(r"\[%"),
}
_WITHOUT_PLACEHOLDERS = re.compile(
    rf"^entity\.\w+\.{KEY[1:-1]}\.(state|state_attributes|unit_of_measurement)\b"
)


def findings(translation: Any) -> list[str]:
    """Return what is wrong, each with where."""
    found = misfits(SHAPE, translation)
    for path, text in texts(translation):
        found += [f"{path}: {fault}" for fault, pattern in _REFUSED.items() if pattern.search(text)]
        found += [f"{path}: {fault}" for fault in _placeholder_faults(path, text)]
    return [*found, *_described_without_field(translation)]


def texts(translation: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with its place."""
    if isinstance(translation, dict):
        for key, inner in translation.items():
            yield from texts(inner, f"{path}.{key}" if path else key)
    elif isinstance(translation, str):
        yield path, translation


def _placeholder_faults(path: str, text: str) -> Iterator[str]:
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        yield str(error)
        return
    yield from (f"{{{name}}} is no identifier" for name in names if not name.isidentifier())
    if names and _WITHOUT_PLACEHOLDERS.search(path):
        yield "can have no placeholders"


def _described_without_field(translation: Any) -> Iterator[str]:
    if not isinstance(translation, dict):
        return
    for flow in ("config", "options"):
        for step, told in translation.get(flow, {}).get("step", {}).items():
            for field in told.get("data_description", {}).keys() - told.get("data", {}).keys():
                yield f"{flow}.step.{step}.data_description.{field}: there is no such field"
