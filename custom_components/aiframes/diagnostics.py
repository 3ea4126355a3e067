"""What helps to find a fault: all of a server but its secrets, its texts and where it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads
from yarl import URL

from .api import ImageServerError
from .const import CONF_APP
from .failures import said_of

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .api import SettingValue
    from .coordinator import AiframesConfigEntry, AiframesCoordinator

PRIVATE: Final = frozenset(
    {
        CONF_TOKEN,
        "installation_id",
        # Prompts, and what providers say of them.
        "prompt",
        "negative",
        "message",
        "last_error",
        "reason_text",
        # Frames, pictures and files: their addresses and names, and sentences that may hold them.
        "id",
        "address",
        "name",
        "frame",
        "subject",
        "text",
        "remedy",
        "unreadable",
    }
)
"""What stands under these names is left out; codes and counts tell what is wrong."""

TELLING_NOTHING: Final = frozenset(
    {
        "check_pending_cron",
        "fit_mode",
        "log_level",
        "panel",
        "scan_image_cron",
        "size",
        "sleep_time",
        "transport",
    }
)
"""Settings whose texts and lists say nothing of a home."""


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: AiframesConfigEntry,
) -> dict[str, Any]:
    """Describe an entry and its server, set up or not."""
    return {
        "entry": {
            "source": entry.source,
            "state": entry.state.value,
            "reason": entry.error_reason_translation_key,
            CONF_URL: str(URL(entry.data[CONF_URL]).with_host("redacted")),
            CONF_TOKEN: REDACTED,
            CONF_VERIFY_SSL: entry.data[CONF_VERIFY_SSL],
            CONF_APP: entry.data.get(CONF_APP),
        },
        **(await _server(entry.runtime_data) if entry.state is ConfigEntryState.LOADED else {}),
    }


async def _server(coordinator: AiframesCoordinator) -> dict[str, Any]:
    status = coordinator.data
    return {
        "connection": {
            "is_available": coordinator.last_update_success,
            "is_polled": coordinator.update_interval is not None,
            "last_error": getattr(coordinator.last_exception, "translation_key", None),
        },
        "info": _without_private(asdict(coordinator.info)),
        "status": _without_private(asdict(status)),
        "settings": await _settings(coordinator),
    }


async def _settings(coordinator: AiframesCoordinator) -> Any:
    try:
        settings = (await coordinator.client.settings()).settings
    except ImageServerError as error:
        return {"error": said_of(error).key}
    return _json({setting.path: _shown(setting) for setting in settings})


def _shown(setting: SettingValue) -> dict[str, object]:
    tells_nothing = setting.path.rpartition(".")[2] in TELLING_NOTHING
    is_figure = setting.value is None or isinstance(setting.value, bool | int | float)
    value = setting.value if is_figure or tells_nothing else REDACTED
    return {"value": value, "source": setting.source}


def _without_private(data: dict[str, Any]) -> Any:
    return async_redact_data(_json(data), PRIVATE)


def _json(data: object) -> Any:
    """Return the same as JSON has it: redacting looks into no tuples."""
    return json_loads(json_bytes(data))
