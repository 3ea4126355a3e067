"""`/events`: each change as it happens. What an event holds is told by its name."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ...events import EventKind
from ...exceptions import NotFoundError
from ...models import Frame, Generation, Operation, Picture
from .. import representations
from ..event_stream import Message
from .keys import STREAM
from .operations import described as described_operation
from .providers import described as described_providers
from .settings import in_force

if TYPE_CHECKING:
    from aiohttp import web

    from ...events import Event
    from ...models import Json
    from ...server import Server

GENERATION = "generation"
"""The name of the event that tells how a request to a provider stands."""


async def follow(request: web.Request) -> web.StreamResponse:
    """Answer with the stream."""
    return await request.app[STREAM].serve(request)


async def describe(server: Server, event: Event) -> Message:
    """Return an event as it is sent: the thing that it is about, as it was when it happened.

    Where an event only says that something has changed, the message holds it as it is now.
    """
    subject = event.subject
    if isinstance(subject, Generation):
        name = GENERATION if event.kind is EventKind.OPERATION else event.kind.value
        return Message(name, representations.generation(subject))
    if event.kind is EventKind.PICTURE_SENT and isinstance(subject, Operation):
        return Message(event.kind, await _sent(server, subject))
    if isinstance(subject, Operation):
        return Message(event.kind, await described_operation(server, subject))
    if isinstance(subject, Picture):
        return Message(event.kind, _picture(event.kind, subject))
    return Message(event.kind, _as_it_is(server, event))


def _as_it_is(server: Server, event: Event) -> Json:
    subject = event.subject
    match event.kind:
        case EventKind.FRAME:
            frame = subject if isinstance(subject, Frame) else None
            address = frame.address if frame else str(subject)
            return {"id": address, "frame": representations.frame(frame) if frame else None}
        case EventKind.PROVIDER:
            known = [provider.code for provider in server.availability.providers]
            codes = [code for code in known if subject in {None, code}]
            return {"providers": described_providers(server, *codes)}
        case EventKind.PROBLEMS:
            return {"problems": [representations.problem(problem) for problem in server.problems.all()]}
        case EventKind.PROMPTS:
            count, limit = len(server.prompts.all()), server.settings.prompts_amount
            return representations.prompts_summary(count, limit=limit)
        case _:
            return in_force(server)


async def _sent(server: Server, operation: Operation) -> Json:
    picture_id = operation.content.picture_id if operation.content else None
    picture = None
    if picture_id is not None:
        with suppress(NotFoundError):
            picture = representations.picture(await server.store.get(picture_id))
    return {"operation": await described_operation(server, operation), "picture": picture}


def _picture(kind: EventKind, picture: Picture) -> Json:
    described = representations.picture(picture)
    if kind is not EventKind.PICTURE:
        return described
    is_gone = picture.original is None and picture.scaled is None
    return {"id": str(picture.id), "picture": None if is_gone else described}


ROUTES = {"/events": {"GET": follow}}
