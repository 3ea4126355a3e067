"""Forms of config flows, filled in as a person does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType

from tests.integration.conftest import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.config_entries import ConfigFlowResult
    from homeassistant.core import HomeAssistant


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a server by hand."""
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (form["type"], form["step_id"], form["errors"]) == (FlowResultType.FORM, "user", {})
    return form


async def fill_in(hass: HomeAssistant, form: Mapping[str, Any], **data: Any) -> ConfigFlowResult:
    """Submit a form."""
    result = await hass.config_entries.flow.async_configure(form["flow_id"], data)
    await hass.async_block_till_done()
    return result


def is_created(result: ConfigFlowResult) -> bool:
    return result["type"] is FlowResultType.CREATE_ENTRY


def reason(result: ConfigFlowResult) -> str:
    assert result["type"] is FlowResultType.ABORT, result
    return result["reason"]
