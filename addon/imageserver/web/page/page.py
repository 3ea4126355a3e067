"""Serves the page's files: they hold no secrets, so anybody may have them; what they show needs a token."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import ETag, hdrs, web

from ...exceptions import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

STATIC = Path(__file__).parent / "static"

HEADERS = {
    # Only what comes from here; pictures may be bytes that a script has fetched with the token.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
        " connect-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    ),
    hdrs.CACHE_CONTROL: "no-cache",
    hdrs.VARY: hdrs.ACCEPT_ENCODING,
    "Referrer-Policy": "same-origin",
}

_INDEX = "index.html"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    packed: bytes
    content_type: str
    tag: str


async def get_index(request: web.Request) -> web.Response:
    """Answer with the document; its links are relative, so that it works below any path."""
    return _answer(request, _files()[_INDEX])


async def get_file(request: web.Request) -> web.Response:
    """Answer with a file that the document needs."""
    name = request.match_info["path"]
    file = None if name == _INDEX else _files().get(name)
    if file is None:
        raise NotFoundError("There is no such file")
    return _answer(request, file)


@cache
def _files() -> Mapping[str, _File]:
    return {
        path.relative_to(STATIC).as_posix(): _read(path)
        for path in STATIC.rglob("*")
        if path.suffix in _TYPES
    }


def _read(path: Path) -> _File:
    body = path.read_bytes()
    packed = gzip.compress(body, mtime=0)
    return _File(body, packed, _TYPES[path.suffix], sha256(body).hexdigest()[:32])


def _answer(request: web.Request, file: _File) -> web.Response:
    packs = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower()
    tag = f"{file.tag}-gzip" if packs else file.tag
    known = request.if_none_match or ()
    if any(entry.value in {tag, "*"} for entry in known):
        response = web.Response(status=HTTPStatus.NOT_MODIFIED, headers=HEADERS)
    else:
        body = file.packed if packs else file.body
        response = web.Response(body=body, content_type=file.content_type, charset="utf-8", headers=HEADERS)
        if packs:
            response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    response.etag = ETag(tag)
    return response
