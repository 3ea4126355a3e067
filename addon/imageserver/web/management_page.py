"""The page at the management listener: the figures, the frames, and where the API is described."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import hdrs

from ..status import take_status
from .document import page
from .figures import Figures
from .language import preferred
from .markup import element, join
from .status_page import TITLE, card, footer, last_shown, links, overview
from .words import WORDS

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler

    from ..models import Frame
    from ..server import Server
    from .markup import Markup


def management_page(server: Server) -> Handler:
    """Return what answers `GET /` on the management listener."""

    async def show(request: web.Request) -> web.Response:
        language = preferred(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        status = await take_status(server)
        figures = Figures(WORDS[language], server.clock.local())  # later than all that "now" is in the status
        frames = join(
            element("h2", figures.words.frames),
            element("dl", *(_frame(frame, figures) for frame in server.frames.all())),
        )
        more = links(("api/v1/openapi.yaml", "openapi.yaml"), ("metrics", "metrics"))
        picture = await last_shown(server, figures.words)
        content = (*overview(server, status, figures), frames, footer(server, figures, more))
        return page(TITLE, language, picture, element("main", *content))

    return show


def _frame(frame: Frame, figures: Figures) -> Markup:
    sent = f"{figures.words.images_sent}: {figures.count(frame.pictures_sent)}"
    return card(frame.name or frame.address, figures.time(frame.last_asked_at), frame.address, sent)
