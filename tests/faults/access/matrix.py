"""Each visitor at each route of each door, against a running server; what came of it as a table."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .routes import METHODS, frame_routes, management_routes
from .visitors import VISITORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .asking import Reply
    from .house import House
    from .routes import Route
    from .visitors import Visitor


ODD_METHODS = ("OPTIONS", "TRACE", "CONNECT", "PROPFIND", "MOVE", "FOO", "get", "G\tET")

DOORS = ("open", "guarded", "frames http", "frames https", "guarded at the frames")


async def matrix(house: House) -> dict[str, dict[str, str]]:
    """Ask everything, and say by visitor and door what came of it: see `outcome`."""
    table: dict[str, dict[str, str]] = {}
    for visitor in VISITORS:
        table[visitor.name] = {}
        for door, routes in _behind_doors().items():
            asked = [(route.method, route.at()) for route in routes]
            answers = zip(asked, await house.answers(door, visitor, asked), strict=True)
            table[visitor.name][door] = _told([(path, outcome(reply)) for (_, path), reply in answers])
    return table


def _told(found: list[tuple[str, str]]) -> str:
    page, rest = ({what for path, what in found if (path == "/") is is_page} for is_page in (True, False))
    return "page" if (page, rest) == ({"403"}, {"in"}) else " or ".join(sorted(page | rest))


def outcome(reply: Reply) -> str:
    """Say what an answer means: who is let in gets what the route says, right or wrong."""
    if reply.status in {401, 403, 429}:
        return str(reply.status)
    if reply.status == 404 and b"There is no such path" in reply.body:
        return "404"
    if reply.status == 0 or (reply.status >= 500 and reply.status != 503):
        return f"broken ({reply.status})"
    return "in"


def _behind_doors() -> Mapping[str, Iterable[Route]]:
    guarded = [route for route in management_routes() if not route.is_open]
    return {
        "open": [route for route in management_routes() if route.is_open],
        "guarded": guarded,
        "frames http": frame_routes(),
        "frames https": frame_routes(),
        "guarded at the frames": [route for route in guarded if route.method != "HEAD"],
    }


async def methods_that_are_not_there(house: House, visitor: Visitor) -> list[str]:
    """Try every method that a path does not have; return what was answered with more than a refusal."""
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    for door, routes in (("guarded", management_routes()), ("frames http", frame_routes())):
        for route in routes:
            known[door, route.path].add(route.method)
    wrong = []
    for door in ("guarded", "frames http"):
        asked = [
            (method, path.replace("{", "").replace("}", ""))
            for (at, path), there in known.items()
            for method in sorted({*METHODS, *ODD_METHODS} - there)
            if at == door
        ]
        for (method, path), reply in zip(asked, await house.answers(door, visitor, asked), strict=True):
            if not _is_refused(reply):
                wrong.append(f"{door}: {method} {path} got {reply.status} {reply.body[:80]!r}")
    return wrong


def _is_refused(reply: Reply) -> bool:
    """Whether nothing was told but that there is no such method, or which ones there are."""
    if reply.header("Access-Control-Allow-Origin") is not None:
        return False
    return reply.status in {400, 401, 403, 404, 405} or (reply.status == 204 and not reply.body)
