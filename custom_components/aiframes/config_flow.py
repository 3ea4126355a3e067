"""How a server is set up: found by itself as an app, or by its address and token."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, override

import voluptuous as vol
from homeassistant.config_entries import SOURCE_HASSIO, SOURCE_IGNORE, ConfigEntryState, ConfigFlow
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from yarl import URL

from .address import normal_url
from .api import ImageServerError
from .const import CONF_APP, DOMAIN, NAME
from .coordinator import async_client_of
from .failures import said_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
    from homeassistant.helpers.service_info.hassio import HassioServiceInfo

    from .api import Info

_LOGGER = logging.getLogger(__name__)

_ADDRESS = TextSelector(TextSelectorConfig(type=TextSelectorType.TEXT, autocomplete="url"))
_TOKEN = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password"))

USER_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_URL): _ADDRESS,
        vol.Required(CONF_TOKEN): _TOKEN,
        vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
    }
)
REAUTH_SCHEMA = vol.Schema({vol.Required(CONF_TOKEN): _TOKEN})
RECONFIGURE_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_URL): _ADDRESS,
        vol.Optional(CONF_TOKEN): _TOKEN,
        vol.Required(CONF_VERIFY_SSL): BooleanSelector(),
    }
)

_INSTALLATION_ID = "installation_id"
_ANNOUNCED = vol.Schema(
    {
        vol.Required(CONF_HOST): vol.All(str, vol.Length(min=1)),
        vol.Required(CONF_PORT): vol.All(int, vol.Range(min=1, max=65535)),
        vol.Required(CONF_TOKEN): str,
        vol.Required(_INSTALLATION_ID): str,
    },
    extra=vol.ALLOW_EXTRA,
)

_IN_FLOWS = {
    "token_refused": "invalid_auth",
    "not_understood": "not_image_server",
    "not_found": "not_image_server",
    "answer_lost": "cannot_connect",
    "refused": "not_now",
}
"""Errors that flows call by another name; the others have the same one."""


@dataclass(frozen=True, slots=True)
class _Announced:
    """A server that is an app, as it tells of itself through the Supervisor."""

    name: str
    installation_id: str
    data: Mapping[str, Any]

    @classmethod
    def read(cls, told: HassioServiceInfo) -> _Announced:
        """Read the message.

        Raises:
            vol.Invalid: It is none of ours.
        """
        config = _ANNOUNCED(told.config)
        url = URL.build(scheme="http", host=config[CONF_HOST], port=config[CONF_PORT])
        data = {
            CONF_URL: str(url).rstrip("/"),
            CONF_TOKEN: config[CONF_TOKEN],
            CONF_VERIFY_SSL: True,
            CONF_APP: told.slug,
        }
        return cls(told.name, config[_INSTALLATION_ID], data)


class AiframesConfigFlow(ConfigFlow, domain=DOMAIN):
    """Sets up a server, or mends how it is reached."""

    VERSION = 1

    def __init__(self) -> None:
        """Know no server yet."""
        self._announced: _Announced | None = None
        self._errors: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for address and token."""
        data = self._typed(user_input)
        if data is not None and (info := await self._ask(data)) is not None:
            await self.async_set_unique_id(info.installation_id, raise_on_progress=False)
            self._abort_if_unique_id_configured()
            return self.async_create_entry(title=self._title(NAME, data), data=data)
        return self._show("user", USER_SCHEMA, user_input)

    @override
    async def async_step_hassio(self, discovery_info: HassioServiceInfo) -> ConfigFlowResult:
        """Take in a server that is an app; one that is known may have another address or token now."""
        try:
            self._announced = announced = _Announced.read(discovery_info)
        except vol.Invalid as error:
            _LOGGER.warning("The app %s announces itself in an unknown way: %s", discovery_info.slug, error)
            return self.async_abort(reason="not_understood")
        self._forget_earlier_announcements(announced.installation_id)
        entry = await self.async_set_unique_id(announced.installation_id, raise_on_progress=False)
        if entry is not None:
            self._update(entry, announced)
            return self.async_abort(reason="already_configured")
        info = await self._ask(announced.data)
        if self._errors.get("base") == "cannot_connect":
            # It announces itself again as soon as it runs.
            return self.async_abort(reason="cannot_connect")
        if info is not None and info.installation_id != announced.installation_id:
            return self.async_abort(reason="another_server")
        self.context["title_placeholders"] = {"name": announced.name}
        return self._show_announced(announced)

    async def async_step_hassio_confirm(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - Home Assistant's signature
    ) -> ConfigFlowResult:
        """Set up the app, if it still answers."""
        announced = self._announced
        assert announced is not None  # noqa: S101 - this step follows the one above
        info = await self._ask(announced.data)
        if info is None:
            return self._show_announced(announced)
        if info.installation_id != announced.installation_id:
            return self.async_abort(reason="another_server")
        return self.async_create_entry(title=self._title(announced.name, announced.data), data=announced.data)

    async def async_step_reauth(
        self,
        entry_data: Mapping[str, Any],  # noqa: ARG002 - Home Assistant's signature
    ) -> ConfigFlowResult:
        """The token holds no longer."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for another token."""
        entry = self._get_reauth_entry()
        data = self._typed(user_input, known=entry.data)
        if data is not None and (info := await self._ask(data)) is not None:
            await self.async_set_unique_id(info.installation_id)
            self._abort_if_unique_id_mismatch(reason="another_server")
            return self.async_update_reload_and_abort(entry, data=data)
        self._placeholders["name"] = entry.title
        return self._show("reauth_confirm", REAUTH_SCHEMA, None)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for another address, token, or trust."""
        entry = self._get_reconfigure_entry()
        data = self._typed(user_input, known=entry.data)
        if data is not None and (info := await self._ask(data)) is not None:
            await self.async_set_unique_id(info.installation_id)
            self._abort_if_unique_id_mismatch(reason="another_server")
            return self.async_update_reload_and_abort(entry, data=data)
        known = {name: entry.data[name] for name in (CONF_URL, CONF_VERIFY_SSL)}
        self._placeholders["name"] = entry.title
        return self._show("reconfigure", RECONFIGURE_SCHEMA, user_input or known)

    def _typed(
        self, user_input: dict[str, Any] | None, *, known: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Return what was typed as an entry's data, on top of what is known; None for nothing of use."""
        if user_input is None:
            return None
        data = {**(known or {}), **{name: value for name, value in user_input.items() if value != ""}}
        data[CONF_TOKEN] = data[CONF_TOKEN].strip()
        try:
            data[CONF_URL] = normal_url(data[CONF_URL])
        except ValueError:
            self._errors = {CONF_URL: "invalid_url"}
            return None
        return data

    async def _ask(self, data: Mapping[str, Any]) -> Info | None:
        """Return what answers; None, and the error to show, where that is no use."""
        self._errors = {}
        try:
            return await async_client_of(self.hass, data).info()
        except ImageServerError as error:
            _LOGGER.debug("Asking %s: %s", data[CONF_URL], error)
            said = said_of(error)
            self._errors = {"base": _IN_FLOWS.get(said.key, said.key)}
            self._placeholders.update(said.placeholders)
        except Exception:
            _LOGGER.exception("Unexpected error while asking %s", data[CONF_URL])
            self._errors = {"base": "unknown"}
        return None

    def _show(
        self, step_id: str, schema: vol.Schema, suggested: Mapping[str, Any] | None
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                schema,  # type: ignore[arg-type]  # of probatio since 2026.9, by this name too
                suggested,
            ),
            errors=self._errors,
            description_placeholders=self._placeholders,
        )

    def _show_announced(self, announced: _Announced) -> ConfigFlowResult:
        if not self._errors:
            self._set_confirm_only()
        self._placeholders["name"] = announced.name
        return self._show("hassio_confirm", vol.Schema({}), None)

    def _title(self, name: str, data: Mapping[str, Any]) -> str:
        """Return a name for the server that no other has yet."""
        taken = {entry.title for entry in self._async_current_entries()}
        return f"{name} ({URL(data[CONF_URL]).host})" if name in taken else name

    def _update(self, entry: ConfigEntry, announced: _Announced) -> None:
        """Let a known server be reached as it says now, and try what could not be set up before."""
        if entry.source == SOURCE_IGNORE:
            return
        manager = self.hass.config_entries
        has_changed = manager.async_update_entry(entry, data={**entry.data, **announced.data})
        is_loaded = entry.state is ConfigEntryState.LOADED
        is_away = entry.state in {ConfigEntryState.SETUP_RETRY, ConfigEntryState.SETUP_ERROR} or (
            is_loaded and not entry.runtime_data.last_update_success
        )
        if is_away or (has_changed and is_loaded):
            manager.async_schedule_reload(entry.entry_id)

    def _forget_earlier_announcements(self, installation_id: str) -> None:
        """A person is shown the latest one: only its token and address hold."""
        for flow in self._async_in_progress(
            include_uninitialized=True,
            match_context={"source": SOURCE_HASSIO, "unique_id": installation_id},
        ):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])
