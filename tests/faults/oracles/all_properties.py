"""Every property, by its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.oracles import (
    clock_properties,
    options_properties,
    prompt_properties,
    template_properties,
    wire_properties,
    yaml_properties,
)

if TYPE_CHECKING:
    from tests.faults.oracles.property import Property

_MODULES = (
    yaml_properties,
    options_properties,
    prompt_properties,
    template_properties,
    clock_properties,
    wire_properties,
)

PROPERTIES: dict[str, Property] = {
    name: one for module in _MODULES for name, one in module.PROPERTIES.items()
}
