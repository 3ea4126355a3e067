"""What the pages share: the document around them, and the rules that a browser keeps them to."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from .markup import Markup, element, join, void

if TYPE_CHECKING:
    from .language import Language

_STYLE = Markup(Path(__file__).with_name("document.css").read_text("utf-8"))
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

REFRESH_SECONDS = 60

HEADERS = {
    # Nothing but the style sheet and the picture that stand in the page itself.
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(title: str, language: Language, *content: str) -> web.Response:
    """Answer with a page."""
    head = element(
        "head",
        void("meta", charset="utf-8"),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", http_equiv="refresh", content=str(REFRESH_SECONDS)),
        element("title", title),
        element("style", _STYLE),
    )
    document = join(
        Markup("<!doctype html>"), element("html", head, element("body", *content), lang=language)
    )
    return web.Response(text=document, content_type="text/html", charset="utf-8", headers=HEADERS)
