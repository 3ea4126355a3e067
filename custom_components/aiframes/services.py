"""The actions: a picture now, prompts, what frames show.

They are registered once, whether a server is there or not; each finds its server by the config entry.
"""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

import voluptuous as vol
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service import async_get_config_entry

from .const import DOMAIN
from .entity import frame_identifier
from .failures import translated
from .media_place import media_content_id
from .pictures_at_hand import async_read_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

    from .api import Frame, Operation, Prompt
    from .coordinator import AiframesConfigEntry

LONGEST_WAIT = 120
"""Seconds, as the server has it."""


class Action(StrEnum):
    """Their names."""

    GENERATE = "generate"
    ADD_PROMPT = "add_prompt"
    REMOVE_PROMPT = "remove_prompt"
    LIST_PROMPTS = "list_prompts"
    SHOW_IMAGE = "show_image"
    DELETE_IMAGE = "delete_image"


_ENTRY: dict[Any, Any] = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}

# What the media selector gives; a person who writes YAML needs only the id.
_MEDIA = vol.Any(
    vol.Schema({vol.Required("media_content_id"): cv.string}, extra=vol.REMOVE_EXTRA),
    vol.All(cv.string, lambda content_id: {"media_content_id": content_id}),
)

SCHEMAS = {
    Action.GENERATE: vol.Schema(
        {
            **_ENTRY,
            vol.Optional("prompt"): cv.string,
            vol.Optional("negative"): cv.string,
            vol.Optional("provider"): cv.string,
            vol.Optional("show", default=True): cv.boolean,
            vol.Optional("frame"): cv.string,
            vol.Optional("wait", default=0): vol.All(vol.Coerce(float), vol.Range(min=0, max=LONGEST_WAIT)),
        }
    ),
    Action.ADD_PROMPT: vol.Schema(
        {**_ENTRY, vol.Required("prompt"): cv.string, vol.Optional("negative"): cv.string}
    ),
    Action.REMOVE_PROMPT: vol.Schema(
        {**_ENTRY, vol.Optional("prompt"): cv.string, vol.Optional("prompt_id"): cv.string}
    ),
    Action.LIST_PROMPTS: vol.Schema(_ENTRY),
    Action.SHOW_IMAGE: vol.Schema(
        {
            **_ENTRY,
            vol.Optional("image_id"): cv.string,
            vol.Optional("media"): _MEDIA,
            vol.Optional("frame"): cv.string,
            vol.Optional("keep", default=False): cv.boolean,
        }
    ),
    Action.DELETE_IMAGE: vol.Schema({**_ENTRY, vol.Required("image_id"): cv.string}),
}


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    handlers: dict[
        Action, tuple[Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]], SupportsResponse]
    ] = {
        Action.GENERATE: (_generate, SupportsResponse.OPTIONAL),
        Action.ADD_PROMPT: (_add_prompt, SupportsResponse.OPTIONAL),
        Action.REMOVE_PROMPT: (_remove_prompt, SupportsResponse.OPTIONAL),
        Action.LIST_PROMPTS: (_list_prompts, SupportsResponse.ONLY),
        Action.SHOW_IMAGE: (_show_image, SupportsResponse.OPTIONAL),
        Action.DELETE_IMAGE: (_delete_image, SupportsResponse.NONE),
    }
    for action, (handler, response) in handlers.items():
        hass.services.async_register(
            DOMAIN,
            action,
            handler,
            schema=SCHEMAS[action],  # type: ignore[arg-type]  # of probatio since 2026.9, by this name too
            supports_response=response,
        )


async def _generate(call: ServiceCall) -> ServiceResponse:
    entry, data = _entry(call), call.data
    with translated(call.hass, entry):
        operation = await entry.runtime_data.client.generate(
            prompt=data.get("prompt"),
            negative=data.get("negative"),
            provider=data.get("provider"),
            show=data["show"],
            frame=_frame_id(call, entry),
            wait=data["wait"] or None,
        )
    if operation.error is not None:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="no_picture",
            translation_placeholders={"reason": operation.error.message},
        )
    return _described(operation, entry)


async def _add_prompt(call: ServiceCall) -> ServiceResponse:
    entry = _entry(call)
    with translated(call.hass, entry):
        added = await entry.runtime_data.client.add_prompt(
            prompt=call.data["prompt"], negative=call.data.get("negative")
        )
    removed = [_prompt(prompt) for prompt in added.removed]
    return cast("JsonObjectType", {"prompt": _prompt(added.prompt), "removed": removed})


async def _remove_prompt(call: ServiceCall) -> ServiceResponse:
    _check_one_of(call, ("prompt", "prompt_id"), key="which_prompt")
    entry = _entry(call)
    with translated(call.hass, entry):
        prompt_id = call.data.get("prompt_id") or await _find_prompt(entry, call.data["prompt"])
        removed = await entry.runtime_data.client.remove_prompt(prompt_id)
    return cast("JsonObjectType", {"prompt": _prompt(removed)})


async def _find_prompt(entry: AiframesConfigEntry, text: str) -> str:
    book = await entry.runtime_data.client.prompts()
    for prompt in book.prompts:
        if prompt.prompt.strip() == text.strip():
            return prompt.id
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_such_prompt",
        translation_placeholders={"prompt": text},
    )


async def _list_prompts(call: ServiceCall) -> ServiceResponse:
    entry = _entry(call)
    with translated(call.hass, entry):
        book = await entry.runtime_data.client.prompts()
    return cast(
        "JsonObjectType",
        {"prompts": [_prompt(prompt) for prompt in book.prompts], "limit": book.limit},
    )


async def _show_image(call: ServiceCall) -> ServiceResponse:
    _check_one_of(call, ("image_id", "media"), key="which_image")
    entry, data = _entry(call), call.data
    frame, client = _frame_id(call, entry), entry.runtime_data.client
    image_id = data.get("image_id") or _own_picture(entry, data["media"]["media_content_id"])
    if image_id is not None:
        with translated(call.hass, entry):
            shown = await client.show_image(image_id, frame=frame)
    else:
        picture = await async_read_picture(call.hass, data["media"]["media_content_id"])
        with translated(call.hass, entry):
            shown = await client.push_image(picture, keep=data["keep"], frame=None if data["keep"] else frame)
            if shown.picture is not None:
                shown = await client.show_image(shown.picture.id, frame=frame)
    return {"image_id": shown.picture.id if shown.picture else None, "frame": shown.frame}


def _own_picture(entry: AiframesConfigEntry, content_id: str) -> str | None:
    """Return the id of a picture that the server itself stores: it need not be sent there."""
    own = media_content_id(str(entry.unique_id), "")
    return content_id.removeprefix(own) if content_id.startswith(own) else None


async def _delete_image(call: ServiceCall) -> None:
    entry = _entry(call)
    with translated(call.hass, entry):
        await entry.runtime_data.client.delete_image(call.data["image_id"])


def _entry(call: ServiceCall) -> AiframesConfigEntry:
    return async_get_config_entry(call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID))


def _check_one_of(call: ServiceCall, fields: tuple[str, str], *, key: str) -> None:
    if sum(bool(call.data.get(field)) for field in fields) != 1:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


def _frame_id(call: ServiceCall, entry: AiframesConfigEntry) -> str | None:
    """Return the server's id of a frame that was named by its device, its address or its name."""
    named = call.data.get("frame")
    if not named:
        return None
    coordinator = entry.runtime_data
    frames = coordinator.data.frames
    devices = {
        identifier: device
        for device in dr.async_entries_for_config_entry(dr.async_get(call.hass), entry.entry_id)
        for identifier in device.identifiers
    }
    for frame in frames:
        device = devices.get(frame_identifier(coordinator, frame.id))
        names = {device.id, device.name_by_user, device.name} if device else set()
        if named in names | {frame.id, frame.address, frame.name}:
            return frame.id
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_such_frame",
        translation_placeholders={"frame": named, "known": ", ".join(map(_called, frames)) or "–"},
    )


def _called(frame: Frame) -> str:
    return f"{frame.name} ({frame.address})" if frame.name else frame.address


def _prompt(prompt: Prompt) -> dict[str, Any]:
    return {**asdict(prompt), "placeholders": {k: list(v) for k, v in prompt.placeholders.items()}}


def _described(operation: Operation, entry: AiframesConfigEntry) -> ServiceResponse:
    image_id = operation.picture_id
    return {
        "operation_id": operation.id,
        "status": operation.status,
        "image_id": image_id,
        "media_content_id": media_content_id(str(entry.unique_id), image_id) if image_id else None,
        "prompt": operation.prompt,
        "provider": operation.provider,
    }
