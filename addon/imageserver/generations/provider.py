"""A provider as the rest of the server knows it: its adapter, kept to what `providers/base.py` promises.

An adapter may be a user's own file, and such files break in every way there is. Whatever one does, what
comes out here is an answer, a `ProviderError`, or a reason to ask nothing of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from typing import TYPE_CHECKING, Any

from ..exceptions import (
    AccessRefusedError,
    BadAnswerError,
    ContentRefusedError,
    FateUnknownError,
    NotSentError,
    PromptTooLongError,
    ProviderError,
    RateLimitedError,
)
from ..providers.base import Capabilities, Done, Pending

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..models import Json, PromptText
    from ..providers.base import ImageProvider, PictureRequest, ProviderContext
    from ..timing.clock import Clock

_LOGGER = logging.getLogger(__name__)

SUBMIT_SECONDS = 15 * 60.0
"""After which an adapter without a limit of its own is given up; a local model may need minutes."""

FETCH_SECONDS = 5 * 60.0
"""The same for a question about a ticket."""

START_SECONDS = 10.0
"""The same for its start, which the whole server waits for."""

CLOSE_SECONDS = 3.0
"""The same for its end, which has to come before somebody pulls the plug."""

LEAVE_SECONDS = 1.0
"""For how long an adapter that is told to stop may tidy up."""

MAX_TICKET = 64 * 1024
"""Characters of a ticket, which is kept for as long as its request is."""

MAX_WORDS = 300
"""Characters of what an adapter says, which stands in the log, on the page and in the state."""

_MINUTE = 60.0
_BYTES = (bytes, bytearray, memoryview)

_RULES: tuple[type[ProviderError], ...] = (
    ContentRefusedError,
    AccessRefusedError,
    NotSentError,
    FateUnknownError,
    BadAnswerError,
    PromptTooLongError,
)


class BrokenAdapterError(FateUnknownError):
    """An adapter did what adapters must not; its cause, if it has one, is for who wrote it."""


class Provider:
    """One provider, made of an adapter and its settings.

    Attributes:
        code: How options, pages and metrics call it.
        title: How people call it.
    """

    def __init__(
        self,
        adapter: type[ImageProvider],
        context: ProviderContext,
        *,
        clock: Clock,
        without_secrets: Callable[[str], str],
    ) -> None:
        """Take what is needed.

        Args:
            adapter: Its class.
            context: What the adapter is lent.
            clock: For limits of time.
            without_secrets: Cleans a text: a provider may repeat the key that it refuses, an adapter
                that breaks may name it, and what they say is shown to everyone.
        """
        self.code = adapter.code
        self.title = adapter.title
        self._adapter = adapter
        self._fallback = (
            adapter.capabilities if isinstance(adapter.capabilities, Capabilities) else Capabilities()
        )
        self._context = context
        self._instance: ImageProvider | None = None
        self._clock = clock
        self._without_secrets = without_secrets
        self._stuck: set[asyncio.Future[Any]] = set()
        self._wrong: dict[str, str] = {}
        self._told: set[tuple[str, str]] = set()

    @property
    def capabilities(self) -> Capabilities:
        """What it can do, by its settings."""
        found = self._answer("capabilities", lambda: self._live.capabilities, Capabilities)
        return self._fallback if found is None else found

    def not_set_up(self, options: Mapping[str, Any]) -> str | None:
        """Say what is missing before it can be asked at all; None = nothing."""
        missing = self._answer("not_set_up", lambda: self._adapter.not_set_up(options), str)
        return self._words(missing) if missing else self._wrong.get("not_set_up")

    def not_ready(self) -> str | None:
        """Say why it has nothing to offer right now; None = it has."""
        if self._stuck:
            return f"{self.title} has not come back from an earlier request; a restart ends that"
        missing = self._answer("not_ready", lambda: self._live.not_ready(), str)  # noqa: PLW0108 - it may be anything
        return self._words(missing) if missing else self._wrong.get("not_ready")

    def fits(self, text: PromptText) -> bool:
        """Whether it takes a prompt of this length."""
        return self._answer("fits", lambda: self._adapter.fits(text), bool) is True

    async def start(self, options: Mapping[str, Any]) -> None:
        """Make it of its settings, and let it begin what must run beside requests.

        Raises:
            ProviderError: It can't.
        """

        async def begin() -> None:
            self._instance = self._adapter(options, self._context)
            await self._live.start()

        await self._call("start", begin, START_SECONDS)

    async def close(self) -> None:
        """End what `start` began; what can't be ended is told, and left."""
        if self._instance is None:
            return
        try:
            await self._call("close", lambda: self._live.close(), CLOSE_SECONDS)  # noqa: PLW0108 - so may this
        except ProviderError as error:
            _LOGGER.warning("%s could not be closed: %s", self.title, error, exc_info=traceback_of(error))

    async def submit(self, request: PictureRequest) -> Done | Pending:
        """Ask for a picture.

        Raises:
            ProviderError: Also for an adapter that breaks: then the request's fate is unknown.
        """
        answer = await self._call("submit", lambda: self._live.submit(request), SUBMIT_SECONDS)
        if isinstance(answer, Pending):
            return Pending(self._checked(answer.ticket))
        if isinstance(answer, Done) and isinstance(answer.image, _BYTES):
            return Done(bytes(answer.image))
        found = f"a Done with {_kind(answer.image)}" if isinstance(answer, Done) else _kind(answer)
        raise self._broken(f"its submit returned {found} instead of a Done with bytes or a Pending")

    async def fetch(self, ticket: Json) -> bytes | None:
        """Return the picture of a ticket, or None while it is not ready.

        Raises:
            NotSentError, FateUnknownError, RateLimitedError: It may be fetched again later.
            ProviderError: It is lost.
        """
        answer = await self._call("fetch", lambda: self._live.fetch(ticket), FETCH_SECONDS)
        if answer is None:
            return None
        if isinstance(answer, _BYTES):
            return bytes(answer)
        raise self._broken(f"its fetch returned {_kind(answer)} instead of bytes or None")

    @property
    def _live(self) -> ImageProvider:
        if self._instance is None:
            raise RuntimeError("it was never made")
        return self._instance

    def _checked(self, ticket: Json) -> Json:
        """Return a ticket as it comes back from the disk."""
        try:
            text = json.dumps(ticket, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise self._broken("its submit returned a ticket that JSON can't hold") from error
        if len(text) > MAX_TICKET:
            raise self._broken(f"its submit returned a ticket of more than {MAX_TICKET >> 10} KB")
        kept: Json = json.loads(text)
        return kept

    async def _call(self, name: str, call: Callable[[], Awaitable[Any]], seconds: float) -> Any:
        """Let the adapter work, in a task of its own, for at most so long."""
        work = asyncio.ensure_future(_contained(call))
        work.add_done_callback(_heard)
        limit = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait((work, limit), return_when=asyncio.FIRST_COMPLETED)
            too_late = not work.done()
        finally:
            limit.cancel()
            await self._leave(work)
        if too_late and (not work.done() or work.cancelled()):
            raise FateUnknownError(f"{self.title} did not answer within {_time(seconds)}")
        try:
            return work.result()
        except ProviderError as error:
            raise self._understood(error) from error
        except asyncio.CancelledError:
            raise self._broken(f"its {name} cancelled itself") from None
        except BaseException as error:
            raise self._broken(_repr(error)) from error

    async def _leave(self, work: asyncio.Task[Any]) -> None:
        """End what has not ended; what does not let itself be ended is kept in sight."""
        if work.done():
            return
        work.cancel()
        await asyncio.wait((work,), timeout=LEAVE_SECONDS)
        if not work.done():
            self._stuck.add(work)
            work.add_done_callback(self._stuck.discard)

    def _answer[T](self, name: str, ask: Callable[[], object], kind: type[T]) -> T | None:
        """Ask the adapter what it answers at once; None where it has no answer, or none that can be used."""
        cause: BaseException | None = None
        try:
            answer = ask()
        except BaseException as error:  # noqa: BLE001 - nobody cancels what does not wait
            cause, said = error, _repr(error)
        else:
            if answer is None or isinstance(answer, kind):
                self._wrong.pop(name, None)
                return answer
            said = f"its {name} returned {_kind(answer)}"
        self._wrong[name] = str(self._broken(said))
        key = (name, said if cause is None else type(cause).__name__)
        if key not in self._told:
            self._told.add(key)
            _LOGGER.warning("%s", self._wrong[name], exc_info=cause)
        return None

    def _understood(self, error: ProviderError) -> ProviderError:
        """Return the same error without secrets, and with nothing in it but what such errors have."""
        text = self._words(_str(error)) or f"{self.title} gives no reason"
        if isinstance(error, RateLimitedError):
            return RateLimitedError(text, retry_after=_number(getattr(error, "retry_after", None)))
        rule = next((rule for rule in _RULES if isinstance(error, rule)), ProviderError)
        return rule(text)

    def _broken(self, what: str) -> BrokenAdapterError:
        return BrokenAdapterError(self._words(f"The adapter of {self.title} broke: {what}"))

    def _words(self, text: str) -> str:
        """Return what an adapter says as one line that can be shown to everyone."""
        text = self._without_secrets(text[: 20 * MAX_WORDS])
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return text if len(text) <= MAX_WORDS else f"{text[: MAX_WORDS - 1].rstrip()}…"


def traceback_of(error: Exception) -> BaseException | None:
    """Return what who wrote an adapter needs to see; None where it is not the adapter that broke."""
    return error.__cause__ if isinstance(error, BrokenAdapterError) else None


async def _contained(call: Callable[[], Awaitable[Any]]) -> Any:
    """Let nothing through that would end the whole event loop."""
    try:
        return await call()
    except (KeyboardInterrupt, SystemExit) as error:
        raise RuntimeError(f"it wants to end the server: {error!r}") from error


def _heard(work: asyncio.Task[Any]) -> None:
    """Let asyncio not complain of an error that came when nobody waited any more: the server was stopping."""
    if not work.cancelled():
        work.exception()


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _MINUTE else f"{seconds / _MINUTE:.0f} minutes"


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value):
        return None
    return float(value)


def _str(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is a user's class
        return ""


def _repr(error: BaseException) -> str:
    try:
        return repr(error)
    except Exception:  # noqa: BLE001 - it is a user's class
        return type(error).__name__
