"""The page for people at the frames' address: the last picture, every figure, nothing to press or steal."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from aiohttp import hdrs

from .. import __version__
from ..exceptions import ImageServerError
from ..models import Content, ContentKind
from ..status import ServerState, take_status
from .document import page
from .figures import Figures
from .language import preferred
from .markup import Markup, element, void
from .words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aiohttp import web
    from aiohttp.typedefs import Handler

    from ..metrics import Counts
    from ..models import Problem
    from ..server import Server
    from ..status import ProviderStatus, Status
    from .words import Words

TITLE = "AIFrames ImageServer"


def status_page(server: Server) -> Handler:
    """Return what answers `GET /` on the frames' listener."""

    async def show(request: web.Request) -> web.Response:
        language = preferred(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        status = await take_status(server)
        figures = Figures(WORDS[language], server.clock.local())  # later than all that "now" is in the status
        picture = await _last_shown(server, figures.words)
        content = (*_overview(server, status, figures), _footer(server, figures))
        await server.settled()
        return page(TITLE, language, picture, element("main", *content))

    return show


async def _last_shown(server: Server, words: Words) -> Markup:
    """Return the picture that a frame was shown last, else the newest one, as a part of the page itself."""
    shown = [frame for frame in server.frames.all() if frame.content is not None]
    latest = max(shown, key=lambda frame: frame.content_at or frame.first_seen_at, default=None)
    picture = await server.store.newest_made()
    content = latest.content if latest else None
    if content is None and picture is not None:
        content = Content(kind=ContentKind.PICTURE, picture_id=picture.id)
    if content is None:
        return Markup()
    try:
        jpeg = await server.gallery.jpeg(content)
    except ImageServerError:
        return Markup()  # deleted meanwhile
    source = f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"
    return void("img", class_="shown", src=source, alt=words.shown)


def _overview(server: Server, status: Status, figures: Figures) -> Iterator[Markup]:
    """Yield the state, what is wrong, and all figures."""
    words = figures.words
    yield element("h1", TITLE)
    kind = "state problem" if status.state is ServerState.PROBLEM else "state"
    yield element("p", _sentence(status, figures), class_=kind)
    if status.problems:
        yield element("ul", *(_problem(problem) for problem in status.problems), class_="problems")
    yield element("h2", words.requests)
    yield element("dl", *_requests(status, figures))
    for provider in status.providers:
        if provider.in_use or provider.counts.counts.total:
            readiness = element("small", _readiness(provider, figures))
            yield element("h2", f"{provider.title} ", readiness)
            yield element("dl", *_provider(provider, figures))
    yield element("h2", words.store)
    yield element("dl", *_store(status, figures, limit=server.settings.prompts_amount))


def _footer(server: Server, figures: Figures) -> Markup:
    """Say which version runs since when."""
    since = figures.time(server.started_at)
    return element("footer", figures.words.started.format(version=__version__, since=since))


def _card(name: str, value: str, *details: str) -> Markup:
    """Return one figure with its name, and what is to be known about it in small print."""
    return element(
        "div", element("dt", name), element("dd", value), *(element("dd", text) for text in details)
    )


def _sentence(status: Status, figures: Figures) -> str:
    words, until = figures.words, status.until
    match status.state:
        case ServerState.GENERATING:
            return words.generating
        case ServerState.SLEEPING:
            return words.sleeping.format(until=figures.time(until)) if until else words.sleeping_on
        case ServerState.PAUSED:
            return words.paused
        case ServerState.PROBLEM:
            return words.problem
        case ServerState.WAITING:
            if until is None:
                return words.stuck
            return words.ready if until <= figures.local else words.waiting.format(until=figures.time(until))


def _problem(problem: Problem) -> Markup:
    return element("li", problem.text, element("span", problem.remedy))


def _requests(status: Status, figures: Figures) -> Iterator[Markup]:
    words, metrics = figures.words, status.metrics
    images, everything = metrics.images, metrics.all_requests
    yield _card(words.total_requests, figures.count(everything.total), *_details(everything, figures))
    yield _card(words.images_sent, figures.count(images.success), *_details(images, figures))
    for kind, counts in metrics.requests.items():
        yield _card(words.kinds[kind], figures.count(counts.total), *_details(counts, figures))


def _details(counts: Counts, figures: Figures) -> Iterator[str]:
    words = figures.words
    yield words.rate.format(rate=figures.rate(counts.total_per_hour))
    for text, count, rate in (
        (words.successes, counts.success, counts.success_per_hour),
        (words.failures, counts.errors, counts.errors_per_hour),
    ):
        yield text.format(count=figures.count(count), rate=figures.rate(rate))


def _provider(provider: ProviderStatus, figures: Figures) -> Iterable[Markup]:
    words, counts = figures.words, provider.counts.counts
    left = words.no_limit if provider.left_today is None else figures.count(provider.left_today)
    rows = (
        (words.today, figures.count(provider.counts.today)),
        (words.yesterday, figures.count(provider.counts.yesterday)),
        (words.left_today, left),
        (words.asked, figures.count(counts.total)),
        (words.success, figures.count(counts.success)),
        (words.success_rate, figures.rate(counts.success_per_hour)),
        (words.errors, figures.count(counts.errors)),
        (words.error_rate, figures.rate(counts.errors_per_hour)),
    )
    return (_card(name.format(provider=provider.title), value) for name, value in rows)


def _readiness(provider: ProviderStatus, figures: Figures) -> str:
    words, readiness = figures.words, provider.readiness
    if not provider.in_use:
        return words.provider_unused
    if readiness.ready or readiness.reason is None:
        return words.provider_ready
    reason = words.reasons[readiness.reason]
    until = words.until.format(until=figures.time(readiness.until)) if readiness.until else ""
    return " ".join(filter(None, (reason, until)))


def _store(status: Status, figures: Figures, *, limit: int) -> Iterator[Markup]:
    words, picture = figures.words, status.last_picture
    yield _card(words.pictures, figures.count(status.store.pictures))
    yield _card(words.archived, figures.count(status.store.archived))
    yield _card(words.size, figures.size(status.store.bytes))
    yield _card(
        words.prompts, figures.count(status.prompts), words.prompts_of.format(limit=figures.count(limit))
    )
    made_at = picture.made_at if picture else None
    yield _card(words.last_picture, figures.time(made_at) if made_at else words.never)
