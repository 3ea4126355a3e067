"""What frames may ask of the server, and no more: the other side of `web/frame.py`."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ..exceptions import StartError
from ..models import OperationKind

if TYPE_CHECKING:
    from ..metrics import RequestKind
    from ..models import Operation, PromptText, Protocol
    from ..operations.operations import Result
    from ..server import Server


PLAIN_HTTP = "frame_speaks_plain_http"

HOUR = 3600.0
WISHES_AN_HOUR = 1000
"""Direct requests of all frames together, whichever provider meets them; daily limits hold besides."""

DISK_PATIENCE = 1.0
"""Seconds that a frame waits for the disk: it gives up after two without a byte."""


class ServersFrameDesk:
    """Answers frames out of a server's parts."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._wishes: deque[float] = deque(maxlen=WISHES_AN_HOUR)

    async def start(
        self, kind: OperationKind, *, frame: str, protocol: Protocol, text: PromptText | None
    ) -> Operation:
        """Begin an operation; it outlives a crash from then on, unless the disk keeps the frame waiting.

        Raises:
            StartError: It can't be met, and that is known now.
        """
        if kind is OperationKind.DIRECT:
            self._wish()
        operation = await self._server.operations.start(kind, frame=frame, protocol=protocol, text=text)
        await self._settle()
        self._server.problems.resolve(PLAIN_HTTP, frame)
        return operation

    def _wish(self) -> None:
        """Count a direct request: what costs no money still costs a row of the state, and time.

        Raises:
            StartError: There were too many in the last hour.
        """
        now = self._server.clock.monotonic()
        if len(self._wishes) == WISHES_AN_HOUR and now - self._wishes[0] < HOUR:
            raise StartError("Frames have asked for too many pictures of their own: try again later")
        self._wishes.append(now)

    def spoke_plain_http(self, address: str, *, port: int, http_port: int, as_app: bool) -> None:
        """Note that a frame speaks plain HTTP to the port for HTTPS: it will never get a picture there.

        Args:
            address: Of the frame.
            port: The one for HTTPS, as frames see it.
            http_port: The one for plain HTTP, as frames see it; 0 = there is none.
            as_app: Home Assistant decides whether there is one.
        """
        if not any(ip_address(address) in network for network in self._server.settings.frame_networks):
            return
        where = " in the app's Network settings" if as_app else ""
        remedy = (
            f"Set port {http_port} in the frame."
            if http_port
            else f"Switch the port for plain HTTP on{where} (8098), and set it in the frame."
        )
        self._server.problems.report(
            PLAIN_HTTP,
            f"A frame at {address} speaks plain HTTP to port {port}, which is for HTTPS.",
            remedy=remedy,
            subject=address,
        )

    def get(self, operation_id: str) -> Operation:
        """Return an operation as it stands."""
        return self._server.operations.get(operation_id)

    async def result(self, operation_id: str) -> Result:
        """Return an operation with its picture."""
        return await self._server.operations.result(operation_id)

    def delivered(self, operation_id: str) -> None:
        """Note that a picture was written wholly."""
        self._server.operations.delivered(operation_id)

    def not_delivered(self) -> None:
        """Note that a frame left too early."""
        self._server.operations.not_delivered()

    async def add_prompt(self, text: PromptText, *, frame: str) -> None:
        """Keep a prompt, as long as frames have not added too many today.

        Raises:
            PromptError: The prompt can't be kept, or frames may add no more today.
        """
        await self._server.prompts.add(text.prompt, negative=text.negative, frame=frame)
        await self._settle()

    def count(self, kind: RequestKind, *, success: bool) -> None:
        """Count a frame's request."""
        self._server.metrics.request(kind, success=success)

    async def _settle(self) -> None:
        """Let what a frame is told outlive a crash."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DISK_PATIENCE):
                await self._server.settled()
