"""Any picture that Home Assistant can show, as bytes: of a camera, an image entity, or media."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
from homeassistant.components import camera, image, media_source
from homeassistant.components.media_player import async_process_play_media_url
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .const import DOMAIN

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant

MAX_BYTES = 20 * 1024 * 1024
"""The most that the server takes."""

FETCH_SECONDS = 30


async def async_read_picture(hass: HomeAssistant, media_content_id: str) -> bytes:
    """Return a picture as it is; whether it is one that can be used is the server's to say.

    Raises:
        HomeAssistantError: There is no such picture, or it can't be had now.
        ServiceValidationError: It is too large.
    """
    for component in (camera, image):
        prefix = f"{media_source.URI_SCHEME}{component.DOMAIN}/"
        if media_content_id.startswith(prefix):
            found: bytes
            found = (await component.async_get_image(hass, media_content_id.removeprefix(prefix))).content
            return found
    media = await media_source.async_resolve_media(hass, media_content_id, None)
    if media.path is not None:
        return await hass.async_add_executor_job(_read, media.path)
    return await _fetch(hass, async_process_play_media_url(hass, media.url))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _limited(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise _unreadable(error.strerror or str(error)) from error


async def _fetch(hass: HomeAssistant, url: str) -> bytes:
    session = async_get_clientsession(hass, verify_ssl=False)  # of Home Assistant itself, by any address
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=FETCH_SECONDS)) as answer:
            if answer.status != HTTPStatus.OK:
                raise _unreadable(f"{answer.status} {answer.reason}")
            data = bytearray()
            async for chunk in answer.content.iter_any():
                data += chunk
                _limited(data)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _unreadable(str(error) or type(error).__name__) from error
    return bytes(data)


def _limited[Data: (bytes, bytearray)](data: Data) -> Data:
    if len(data) > MAX_BYTES:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="picture_too_large",
            translation_placeholders={"limit": str(MAX_BYTES >> 20)},
        )
    return data


def _unreadable(reason: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="picture_unreadable",
        translation_placeholders={"reason": reason},
    )
