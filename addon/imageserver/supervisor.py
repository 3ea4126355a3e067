"""Home Assistant's Supervisor: it is told that this app serves, and asked which ports are published."""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import ClientError, ClientTimeout

from .exceptions import SupervisorError, SupervisorRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp import ClientResponse, ClientSession

    from .models import Json
    from .timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

BASE_URL = "http://supervisor"
SERVICE = "aiframes"
"""What the integration of this name is told of; `discovery` in the app's config.yaml lists it."""

TIMEOUT = 10.0
FIRST_LOOK = 2.0
"""Seconds within which the ports are known at a start, or not yet."""

RETRIES = (5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds between attempts, the last one for ever: a Supervisor that starts or updates takes minutes."""

_MAX_ANSWER = 4 << 20
_MAX_COMPLAINT = 200
_NOT_READY = "System is not ready"
"""How the Supervisor says, with the status of a bad request, that it has not started up yet."""

_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}

type Ports = Mapping[int, int | None]
"""Of the app's own TCP ports, at which port of the machine each is published; None where it is not."""


class Supervisor:
    """The part of its REST API that is open to every app."""

    def __init__(
        self, *, session: ClientSession, token: str, base_url: str = BASE_URL, timeout: float = TIMEOUT
    ) -> None:
        """Get ready to ask.

        Args:
            session: Lent, with no cookies.
            token: By which the Supervisor knows the app.
            base_url: Without a slash at its end.
            timeout: Seconds for each question and its answer.
        """
        self._session = session
        self._token = token
        self._base_url = base_url
        self._timeout = timeout

    async def discover(self, config: Mapping[str, Json]) -> None:
        """Let Home Assistant discover this service; what it was told already is not passed on again.

        Raises:
            SupervisorRefusedError: It will not, whenever it is asked.
            SupervisorError: It can't for the moment.
        """
        await self._ask("POST", "/discovery", {"service": SERVICE, "config": dict(config)})

    async def published_ports(self, *, seconds: float | None = None) -> Ports | None:
        """Return at which ports the app is reached from outside; None where they are its own.

        Args:
            seconds: To wait for the answer, instead of the usual time.

        Raises:
            SupervisorError: As with `discover`.
        """
        info = await self._ask("GET", "/addons/self/info", seconds=seconds)
        network = info.get("network")
        if not isinstance(network, dict):
            return None
        ports = (_Port.read(key, value) for key, value in network.items())
        return {port.own: port.published for port in ports if port is not None}

    async def _ask(
        self, method: str, path: str, body: Json = None, *, seconds: float | None = None
    ) -> dict[str, Json]:
        try:
            async with self._session.request(
                method,
                self._base_url + path,
                json=body,
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=ClientTimeout(total=seconds or self._timeout),
                allow_redirects=False,
            ) as response:
                return _data(response, await _read(response))
        except TimeoutError as error:
            raise SupervisorError("it does not answer in time") from error
        except (ClientError, OSError, ValueError) as error:
            raise SupervisorError(f"it can't be reached: {error or type(error).__name__}") from error


class _Port(NamedTuple):
    own: int
    published: int | None

    @classmethod
    def read(cls, key: str, value: Json) -> _Port | None:
        """Read `"8099/tcp": 8099`; None for what is no TCP port."""
        number, _, protocol = key.partition("/")
        if not number.isdecimal() or protocol not in {"", "tcp"}:
            return None
        return cls(int(number), value if isinstance(value, int) else None)


async def _read(response: ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _MAX_ANSWER:
            response.close()
            raise SupervisorError(f"it answers with more than {_MAX_ANSWER >> 20} MB")
    return bytes(body)


def _data(response: ClientResponse, body: bytes) -> dict[str, Json]:
    """Return what a good answer holds; any other one is an error."""
    answer = _parsed(body)
    data = answer.get("data")
    if response.ok and answer.get("result") == "ok" and isinstance(data, dict):
        return data
    message = answer.get("message")
    complaint = message if isinstance(message, str) else body.decode(errors="replace")
    text = f"HTTP {response.status}: {complaint[:_MAX_COMPLAINT].strip()}"
    final = not response.ok and response.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if final and response.status not in _PASSING and not complaint.startswith(_NOT_READY):
        raise SupervisorRefusedError(text)
    raise SupervisorError(text)


def _parsed(body: bytes) -> dict[str, Json]:
    try:
        answer: Json = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


class Announcer:
    """Tells Home Assistant about this server for as long as it runs, and again whenever that has changed.

    When the server stops nothing is taken back: Home Assistant keeps what it has set up, and a stop for an
    update is none of its business.
    """

    def __init__(
        self,
        *,
        supervisor: Supervisor,
        clock: Clock,
        config: Callable[[], Mapping[str, Json]],
        on_ports: Callable[[Ports | None], None],
        patience: float = FIRST_LOOK,
    ) -> None:
        """Get ready; `start` begins.

        Args:
            supervisor: Is told and asked.
            clock: For waiting between attempts.
            config: Returns what Home Assistant should know now.
            on_ports: Is given the published ports once they are known, before that perhaps None: the
                Supervisor does not say, or not yet.
            patience: Seconds until that None.
        """
        self._supervisor = supervisor
        self._clock = clock
        self._config = config
        self._on_ports = on_ports
        self._patience = patience
        self._ports_known = False
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, once the listeners serve: Home Assistant may come at once."""
        self._task = asyncio.create_task(self._run(), name="announcer")

    def announce_again(self) -> None:
        """Tell Home Assistant what has changed."""
        self._changed.set()

    async def close(self) -> None:
        """End, whatever is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._learn_ports(self._patience)
        except SupervisorError as error:
            _LOGGER.debug("The Supervisor does not say which ports are published: %s", error)
            self._on_ports(None)
        while True:
            await self._announce()
            await self._changed.wait()

    async def _announce(self) -> None:
        """Try until Home Assistant knows, or the Supervisor refuses for good."""
        for attempt, seconds in enumerate(chain(RETRIES, repeat(RETRIES[-1])), 1):
            self._changed.clear()
            try:
                await self._supervisor.discover(self._config())
                await self._learn_ports()
            except SupervisorRefusedError as error:
                _LOGGER.error(  # noqa: TRY400 - a sentence, not a traceback
                    "Home Assistant can't discover this server: the Supervisor refuses to tell it (%s). "
                    "Update or reinstall the app, then start it again.",
                    error,
                )
                return
            except SupervisorError as error:
                self._note_failure(attempt, error)
                await self._rest(seconds)
            else:
                _LOGGER.info("Home Assistant was told about this server")
                return

    async def _learn_ports(self, seconds: float | None = None) -> None:
        """Ask once: what is changed in the Network settings holds from the app's next start on."""
        if self._ports_known:
            return
        try:
            ports = await self._supervisor.published_ports(seconds=seconds)
        except SupervisorRefusedError as error:
            _LOGGER.debug("The Supervisor will not say which ports are published: %s", error)
            ports = None
        self._ports_known = True
        self._on_ports(ports)

    def _note_failure(self, attempt: int, error: SupervisorError) -> None:
        _LOGGER.debug("The Supervisor was asked in vain, attempt %d: %s", attempt, error)
        if attempt == len(RETRIES):
            _LOGGER.warning(
                "Home Assistant may not discover this server yet: the Supervisor does not do its part (%s). "
                "It is asked again every %d minutes.",
                error,
                RETRIES[-1] // 60,
            )

    async def _rest(self, seconds: float) -> None:
        """Wait for the next attempt, less long if there is something new to tell."""
        waits = (
            asyncio.create_task(self._clock.sleep(seconds)),
            asyncio.create_task(self._changed.wait()),
        )
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
