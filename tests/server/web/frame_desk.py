"""A small desk that works: operations in memory, real pictures, and a note of all that happened."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from aiohttp import web

from imageserver.exceptions import NotFoundError
from imageserver.models import Content, ContentKind, Operation, OperationKind, OperationStatus, Protocol
from imageserver.settings import PRIVATE_NETWORKS
from imageserver.web.frame import frame_application
from imageserver.web.listeners import Listener, serving
from tests import pictures

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterable

    from imageserver.metrics import RequestKind
    from imageserver.models import PromptText
    from imageserver.settings import Network
    from imageserver.web.connections import Limits

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Result:
    operation: Operation
    image: bytes | None


@dataclass(frozen=True, slots=True)
class Start:
    kind: OperationKind
    frame: str
    protocol: Protocol
    text: PromptText | None


@dataclass(slots=True)
class Desk:
    """What is asked of it is done at once, unless `error` says otherwise."""

    image: bytes = field(default_factory=pictures.jpeg)
    pending_polls: int = 0
    error: Exception | None = None
    ending: tuple[str, str] | None = None
    starts: list[Start] = field(default_factory=list)
    prompts: list[tuple[PromptText, str]] = field(default_factory=list)
    delivered_ids: list[str] = field(default_factory=list)
    somebody_left: asyncio.Event = field(default_factory=asyncio.Event)
    counted: Counter[tuple[RequestKind, bool]] = field(default_factory=Counter)
    operations: dict[str, Operation] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)

    async def start(
        self, kind: OperationKind, *, frame: str, protocol: Protocol, text: PromptText | None
    ) -> Operation:
        self._fail()
        self.starts.append(Start(kind, frame, protocol, text))
        operation = Operation(
            id=f"5f3a{next(self.numbers):016x}",
            kind=kind,
            created_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
            frame=frame,
            content=Content(kind=ContentKind.PICTURE, picture_id=1),
        )
        self.operations[operation.id] = operation
        return operation

    def get(self, operation_id: str) -> Operation:
        try:
            return self.operations[operation_id]
        except KeyError:
            raise NotFoundError(f"No operation {operation_id} is known") from None

    async def result(self, operation_id: str) -> Result:
        operation = self.get(operation_id)
        self._fail()
        if self.pending_polls:
            self.pending_polls -= 1
            return Result(operation, None)
        if self.ending is not None:
            code, text = self.ending
            operation = replace(operation, status=OperationStatus.ERROR, error_code=code, error=text)
            self.operations[operation_id] = operation
            return Result(operation, None)
        operation = replace(operation, status=OperationStatus.DONE)
        self.operations[operation_id] = operation
        return Result(operation, self.image)

    def delivered(self, operation_id: str) -> None:
        self.delivered_ids.append(operation_id)

    def not_delivered(self) -> None:
        self.somebody_left.set()

    async def add_prompt(self, text: PromptText, *, frame: str) -> None:
        self._fail()
        self.prompts.append((text, frame))

    def count(self, kind: RequestKind, *, success: bool) -> None:
        self.counted[kind, success] += 1

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


async def page(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<!doctype html><title>ImageServer</title>", content_type="text/html")


@asynccontextmanager
async def open_desk(
    desk: Desk,
    *,
    tls: ssl.SSLContext | None = None,
    networks: Iterable[Network] = PRIVATE_NETWORKS,
    limits: Limits | None = None,
    body_seconds: float = 10.0,
    on_plain_http: Callable[[str], None] | None = None,
) -> AsyncIterator[int]:
    """Let frames come to a desk; yields the port."""
    application = frame_application(
        desk=desk, networks=lambda: networks, page=page, body_seconds=body_seconds
    )
    listener = Listener(
        host=LOOPBACK,
        port=0,
        option="--port",
        tls=(lambda: tls) if tls else None,
        on_plain_http=on_plain_http,
    )
    async with serving(application, listener, limits=limits):
        yield listener.port
