"""Stored pictures over Home Assistant's own HTTP: whoever is logged in there needs no way to the server."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import ETag, hdrs, web
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .failures import translated

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .coordinator import AiframesConfigEntry

ORIGINAL = "original"
THUMBNAIL = "thumbnail"

CONTENT_TYPE = "image/jpeg"
"""Of every stored picture, whatever a server says: browsers show this as part of Home Assistant."""

KEPT_BY_BROWSERS = 3600
"""Seconds, as the server has it."""


_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]+)"')


class PictureView(HomeAssistantView):
    """Serves a picture in full size, or a small version of it."""

    url = f"/api/{DOMAIN}/{{server}}/{{picture:[1-9][0-9]{{0,17}}}}/{{size:{ORIGINAL}|{THUMBNAIL}}}"
    name = f"api:{DOMAIN}:picture"

    async def get(self, request: web.Request, server: str, picture: str, size: str) -> web.Response:
        """Answer with the JPEG, or with the news that it is the one that the browser has."""
        hass = request.app[KEY_HASS]
        entry = loaded_entry(hass, server)
        if entry is None:
            raise web.HTTPNotFound
        client = entry.runtime_data.client
        try:
            with translated(hass, entry):
                image = await (client.original if size == ORIGINAL else client.thumbnail)(picture)
        except ServiceValidationError as error:
            raise web.HTTPNotFound from error
        except HomeAssistantError as error:
            raise web.HTTPBadGateway from error
        tag = _tag(image.etag)
        if tag is not None and tag in (request.if_none_match or ()):
            response = web.Response(status=HTTPStatus.NOT_MODIFIED)
        else:
            response = web.Response(body=image.data, content_type=CONTENT_TYPE)
        response.etag = tag
        response.headers[hdrs.CACHE_CONTROL] = f"private, max-age={KEPT_BY_BROWSERS}"
        return response


def _tag(text: str | None) -> ETag | None:
    """Read what a server, or a proxy that packs what it sends, calls a version of a picture."""
    found = _TAG.fullmatch(text or "")
    return ETag(found[2], is_weak=found[1] is not None) if found else None


def picture_url(server: str, picture: str, size: str) -> str:
    """Return where the view serves a picture."""
    return f"/api/{DOMAIN}/{server}/{picture}/{size}"


def loaded_entry(hass: HomeAssistant, server: str) -> AiframesConfigEntry | None:
    """Find a server that is set up by its installation id."""
    entry: AiframesConfigEntry | None = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, server)
    return entry if entry is not None and entry.state is ConfigEntryState.LOADED else None
