"""Fifty frames, each at an address of its own, some over TLS, two as strict as the firmware."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench.frame_client import ZEROS, request, tls
from tests.simulators.frame import WAIT, Frame, RefusedError

if TYPE_CHECKING:
    import ssl
    from random import Random

    from tests.faults.month.ledger import Ledger
    from tests.faults.month.pace import Pace
    from tests.faults.month.server_in_time import ServerInTime

MOST_POLLS = 10
KINDS = {"auto": "start_auto", "old": "start_old", "ydart": "start_ydart"}

STRICT_EVERY, TLS_EVERY = 25, 5
"""Of so many frames one is as strict as the firmware, one speaks TLS."""


@dataclass(frozen=True)
class House:
    """What all frames share."""

    server: ServerInTime
    pace: Pace
    ledger: Ledger
    random: Random
    context: ssl.SSLContext


class LightFrame:
    """Asks as a frame does, and looks at no more than whether the picture came whole."""

    def __init__(self, house: House, number: int) -> None:
        self.source = source_of(number)
        self._house = house
        self._tls = number % TLS_EVERY == 0
        self._strict = number % STRICT_EVERY == 0

    async def live(self, *, offset: float, period: float) -> None:
        """Ask again and again; mostly for any picture."""
        pace, chance = self._house.pace, self._house.random
        await pace.sleep(offset)
        while True:
            began = pace.clock.monotonic()
            await self.ask(chance.choices(("auto", "old", "ydart"), (96, 3.5, 0.5))[0])
            await pace.sleep(period - (pace.clock.monotonic() - began) % period)

    async def ask(self, kind: str) -> None:
        """Start, and poll until there is a picture or an error."""
        house = self._house
        if self._strict:
            await self._ask_strictly(kind)
            return
        started = await self._send("POST", "/operation/start", {"type": kind})
        house.ledger.note_request(KINDS[kind])
        if "id" not in started:
            house.ledger.expect(kind == "ydart", f"a frame that asked {kind} was refused: {started}")
            house.ledger.did["refused"] += 1
            return
        for _ in range(MOST_POLLS):
            await house.pace.sleep(WAIT)
            answer = await self._send("GET", f"/operation/result/{started['id']}")
            house.ledger.note_request("result")
            if answer["status"] != "pending":
                self._take(kind, answer)
                return
        house.ledger.expect(False, f"a frame that asked {kind} had no answer after {MOST_POLLS} polls")

    async def add_prompt(self, prompt: str) -> None:
        """Let the server keep a prompt."""
        await self._send("POST", "/prompt/add", {"prompt": prompt})
        self._house.ledger.note_request("prompt_add")

    async def stray(self) -> None:
        """Ask what makes no sense; the last two are no requests of a frame."""
        await self._send("POST", "/operation/start", {"type": 5})
        self._house.ledger.note_request("malformed")
        await self._send("GET", "/operation/status/none")
        self._house.ledger.note_request("status")
        await self._send("GET", "/nowhere")
        await self._send("GET", "/")

    async def hurried_start(self) -> None:
        """Only start, whatever comes of it."""
        await self._send("POST", "/operation/start", {"type": "old"})

    async def _ask_strictly(self, kind: str) -> None:
        house = self._house
        port = house.server.https_port if self._tls else house.server.http_port
        frame = Frame(
            "127.0.0.1", port, tls=self._tls, source=self.source, sleep=house.pace.sleep, patience=20
        )
        try:
            shown = await frame.show(kind, polls=MOST_POLLS)
        except RefusedError as error:
            house.ledger.note_request(KINDS[kind])
            house.ledger.expect(kind == "ydart", f"a strict frame that asked {kind} was refused: {error}")
            house.ledger.did["refused"] += 1
            return
        house.ledger.note_request(KINDS[kind])
        house.ledger.note_request("result", shown.polls)
        if shown.image is not None:
            house.ledger.note_picture()
        house.ledger.expect(
            shown.image is not None or kind == "ydart", f"a strict frame got no picture: {shown.error}"
        )

    def _take(self, kind: str, answer: dict[str, Any]) -> None:
        ledger = self._house.ledger
        if answer["status"] == "done":
            image = base64.b64decode(answer["response"]["image"], validate=True)
            whole = image.startswith(b"\xff\xd8") and image.endswith(b"\xff\xd9" + ZEROS)
            ledger.expect(whole, "a picture came cut")
            ledger.note_picture()
        else:
            ledger.expect(kind == "ydart", f"a frame that asked {kind} got an error: {answer['error']}")
            ledger.did["errors of direct requests"] += 1

    async def _send(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        server = self._house.server
        port, context = (server.https_port, self._house.context) if self._tls else (server.http_port, None)
        answer = await request(port, context, method, path, body, source=self.source)
        return json.loads(answer) if answer.startswith(b"{") else {}


def source_of(number: int) -> str:
    """The address that a frame comes from."""
    return f"127.0.{1 + number // 200}.{1 + number % 200}"


def settle_in(house: House, amount: int, *, period: float, apart: float) -> list[LightFrame]:
    """Let so many frames live, in groups that ask at the same moment, `apart` seconds from each other."""
    frames = [LightFrame(house, number) for number in range(amount)]
    groups = max(1, int(period // apart))
    for number, frame in enumerate(frames):
        house.pace.start(frame.live(offset=apart * (1 + number % groups), period=period))
    return frames


def new_house(server: ServerInTime, pace: Pace, ledger: Ledger, random: Random) -> House:
    """What frames need."""
    return House(server, pace, ledger, random, tls())
