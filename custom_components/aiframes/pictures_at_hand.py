"""Any picture that Home Assistant can show, as bytes: of a camera, an image entity, or media."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
from homeassistant.components import image, media_source
from homeassistant.components.media_player import async_process_play_media_url
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from .const import DOMAIN

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant

MAX_BYTES = 20 * 1024 * 1024
"""The most that the server takes."""

FETCH_SECONDS = 30

_CAMERA = f"{media_source.URI_SCHEME}camera/"
_IMAGE = f"{media_source.URI_SCHEME}{image.DOMAIN}/"


async def async_read_picture(hass: HomeAssistant, media_content_id: str) -> bytes:
    """Return a picture as it is; whether it is one that can be used is the server's to say.

    Raises:
        HomeAssistantError: There is no such picture, or it can't be had now.
        ServiceValidationError: It is too large.
    """
    try:
        data = await _read(hass, media_content_id)
    except (HomeAssistantError, aiohttp.ClientError, OSError) as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="picture_unreadable",
            translation_placeholders={"reason": str(error) or type(error).__name__},
        ) from error
    if len(data) > MAX_BYTES:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="picture_too_large",
            translation_placeholders={"limit": str(MAX_BYTES >> 20)},
        )
    return data


async def _read(hass: HomeAssistant, media_content_id: str) -> bytes:
    """Return the bytes, or one more than are allowed."""
    if media_content_id.startswith(_CAMERA):
        return await _snapshot(hass, media_content_id.removeprefix(_CAMERA))
    if media_content_id.startswith(_IMAGE):
        found: bytes
        found = (await image.async_get_image(hass, media_content_id.removeprefix(_IMAGE))).content
        return found
    media = await media_source.async_resolve_media(hass, media_content_id, None)
    if media.path is not None:
        return await hass.async_add_executor_job(_read_file, media.path)
    return await _fetch(hass, media.url)


async def _snapshot(hass: HomeAssistant, entity_id: str) -> bytes:
    if "camera" not in hass.config.components:
        raise HomeAssistantError("There is no camera")
    # Whoever has a camera has what its component needs; others need not have it.
    from homeassistant.components import camera  # noqa: PLC0415

    found: bytes = (await camera.async_get_image(hass, entity_id)).content
    return found


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


async def _fetch(hass: HomeAssistant, url: str) -> bytes:
    # Home Assistant knows itself, by whatever name its certificate does not have.
    session = async_get_clientsession(hass, verify_ssl=URL(url).is_absolute())
    address = async_process_play_media_url(hass, url)
    async with session.get(address, timeout=aiohttp.ClientTimeout(total=FETCH_SECONDS)) as answer:
        if answer.status != HTTPStatus.OK:
            raise HomeAssistantError(f"{answer.status} {answer.reason}")
        data = bytearray()
        async for chunk in answer.content.iter_any():
            data += chunk
            if len(data) > MAX_BYTES:
                break
    return bytes(data)
