"""What a person mends with a click: a provider that was switched off is asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import voluptuous as vol
from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntryState

from .api import Fate, ImageServerError, OperationStatus
from .failures import Said, said_of
from .issues import provider_title

if TYPE_CHECKING:
    from homeassistant.components.repairs import RepairsFlowResult
    from homeassistant.core import HomeAssistant

    from .api import ImageServerClient, Operation
    from .coordinator import AiframesConfigEntry

PATIENCE = 60.0
"""Seconds for a picture to come; a provider that took the request by then is open again, too."""


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,  # noqa: ARG001 - Home Assistant's signature
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow for an issue."""
    known = data or {}
    entry = hass.config_entries.async_get_entry(str(known.get("entry_id")))
    return RetryProviderFlow(entry=entry, provider=str(known.get("provider")))


class RetryProviderFlow(RepairsFlow):
    """Opens a provider again and asks it for a picture: only its answer tells whether it is mended."""

    def __init__(self, *, entry: AiframesConfigEntry | None, provider: str) -> None:
        """Ask nothing yet."""
        super().__init__()
        self._entry = entry
        self._provider = provider

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - Home Assistant's signature
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say what will be done, do it, and tell what came of it."""
        if self._entry is None or self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        coordinator = self._entry.runtime_data
        names = {
            "server": self._entry.title,
            "provider": provider_title(coordinator.data, self._provider),
        }
        trouble: Said | None = None
        if user_input is not None:
            try:
                operation = await _try(coordinator.client, self._provider)
            except ImageServerError as error:
                trouble = said_of(error)
            else:
                if _is_unanswered(operation):
                    return self.async_abort(reason="unanswered", description_placeholders=names)
                trouble = _trouble(operation)
                if trouble is None:
                    return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),  # type: ignore[arg-type]  # of probatio since 2026.9, by this name too
            errors={"base": trouble.key} if trouble else {},
            description_placeholders={**names, **(trouble.placeholders if trouble else {})},
        )


async def _try(client: ImageServerClient, provider: str) -> Operation:
    await client.retry_provider(provider)
    return await client.generate(provider=provider, wait=PATIENCE)


def _is_unanswered(operation: Operation) -> bool:
    return operation.status is OperationStatus.PENDING and operation.fate is not Fate.SENT


def _trouble(operation: Operation) -> Said | None:
    """Return why the provider is not mended; a prompt that it refuses was looked at, which is all we want."""
    error = operation.error
    if error is None or operation.fate is Fate.REFUSED:
        return None
    return Said("no_picture", {"reason": error.message})
