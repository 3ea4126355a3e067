"""HTTP as an adapter needs it: one request, one answer, and what can be said when there is none.

The rule that protects money: an error before the first byte was sent is a `NotSentError`, any later one a
`FateUnknownError`. No POST is ever sent twice, no redirect is followed, no answer grows beyond `MAX_ANSWER`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from errno import errorcode
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientPayloadError,
    ClientResponseError,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    NonHttpUrlClientError,
)
from yarl import URL

from ..exceptions import (
    AccessRefusedError,
    BadAnswerError,
    FateUnknownError,
    NotSentError,
    ProviderError,
    RateLimitedError,
)
from .complaint import Complaint, quote, read_complaint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aiohttp import ClientResponse

    from ..models import Json
    from .base import ProviderContext

CONNECT_SECONDS = 10.0
MAX_ANSWER = 30 * 1024 * 1024
"""Bytes: a picture of 20 MB is 27 MB as base64."""

MAX_VALUES = 100_000
"""Commas and brackets in JSON: each value takes up to thirty times its text in memory, a picture is one."""

_NEVER_SENT = (
    ClientConnectorError,  # no such host, connection refused, TLS refused
    ConnectionTimeoutError,
    ClientHttpProxyError,
    InvalidURL,
    NonHttpUrlClientError,
)

_REASONS: dict[type[Exception], str] = {
    ClientConnectorCertificateError: "its certificate is not trusted",
    ClientSSLError: "it does not speak TLS as it should",
    ClientConnectorDNSError: "its name is not known; is the network there?",
    ConnectionTimeoutError: "it does not answer the call",
    ClientHttpProxyError: "the proxy refuses",
    InvalidURL: "this is no address",
    NonHttpUrlClientError: "this is no address",
}

_ELSEWHERE = "points to another address, which is not followed; check the address in its settings"

_ACCESS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "does not accept the credentials",
    HTTPStatus.PAYMENT_REQUIRED: "wants to be paid first",
    HTTPStatus.FORBIDDEN: "denies access",
    HTTPStatus.NOT_FOUND: "does not know the model or the address",
    HTTPStatus.MOVED_PERMANENTLY: _ELSEWHERE,
    HTTPStatus.FOUND: _ELSEWHERE,
    HTTPStatus.SEE_OTHER: _ELSEWHERE,
    HTTPStatus.TEMPORARY_REDIRECT: _ELSEWHERE,
    HTTPStatus.PERMANENT_REDIRECT: _ELSEWHERE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whatever its status.

    Attributes:
        provider: Who answered, as people call it.
        retry_after: Seconds to wait before the next request, where the answer says so.
        secrets: What no message may repeat.
    """

    provider: str
    status: int
    body: bytes = field(repr=False)
    content_type: str = ""
    retry_after: float | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether the request was met."""
        return HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def complaint(self) -> Complaint:
        """What the provider says is wrong, as far as it can be read."""
        return read_complaint(self.body)

    def json(self) -> Any:
        """Parse the body; in a thread where it may hold a picture.

        Raises:
            BadAnswerError: It is not JSON.
        """
        if not self.body:
            raise BadAnswerError(f"{self.provider} answered with nothing")
        if sum(map(self.body.count, (b",", b"[", b"{"))) > MAX_VALUES:
            raise BadAnswerError(f"{self.provider} answered with JSON of too many parts")
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            kind = self.content_type or "no type"
            raise BadAnswerError(
                f"{self.provider} answered with {len(self.body)} bytes of {kind}, not with JSON"
            ) from error

    def raise_for_status(self) -> None:
        """Do nothing if the request was met.

        Raises:
            ProviderError: What the status means for any provider; see `error`.
        """
        if not self.ok:
            raise self.error()

    def error(self) -> ProviderError:
        """Return what the status of a refused request means, whoever the provider is."""
        said = quote(self.complaint.message, secrets=self.secrets)
        status = f"(HTTP {self.status})"
        if self.status in _ACCESS:
            return AccessRefusedError(f"{self.provider} {_ACCESS[self.status]} {status}{said}")
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            text = f"{self.provider} asks for fewer requests {status}{said}"
            return RateLimitedError(text, retry_after=self.retry_after)
        if self.status == HTTPStatus.REQUEST_TIMEOUT or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return FateUnknownError(f"{self.provider} failed after the request was sent {status}{said}")
        return BadAnswerError(f"{self.provider} does not take the request {status}{said}")


class HttpClient:
    """Sends an adapter's requests over the session that the server lends."""

    def __init__(
        self,
        context: ProviderContext,
        *,
        provider: str,
        timeout: float,
        secrets: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare to send.

        Args:
            context: What the server lent.
            provider: Who is asked, as people call it.
            timeout: Seconds for the whole exchange, of which connecting may take 10.
            secrets: What no message may repeat.
            headers: Sent with each request.
        """
        self._session = context.session
        self._clock = context.clock
        self._provider = provider
        self._secrets = secrets
        self._headers = dict(headers or {})
        self._seconds = timeout
        self._timeout = ClientTimeout(total=timeout, connect=min(CONNECT_SECONDS, timeout / 2))

    async def get(self, url: str) -> Answer:
        """Fetch something; where the connection breaks at once, aiohttp asks a second time.

        Raises:
            NotSentError, FateUnknownError, BadAnswerError: There is no answer, or it is too large.
        """
        return await self._exchange("GET", url, None)

    async def post(self, url: str, body: Json) -> Answer:
        """Send a body as JSON, exactly once.

        Raises:
            NotSentError, FateUnknownError, BadAnswerError: There is no answer, or it is too large.
        """
        return await self._exchange("POST", url, body)

    async def _exchange(self, method: str, url: str, body: Json) -> Answer:
        try:
            async with self._session.request(
                method,
                url,
                json=body,
                # A connection of its own: on a reused one that the provider is just closing, nobody could
                # say whether the request was seen.
                headers={"Connection": "close", "Accept-Encoding": "identity", **self._headers},
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return await self._read(response)
        except _NEVER_SENT as error:
            raise NotSentError(f"{self._provider} can't be reached{_at(url)}: {_reason(error)}") from error
        except TimeoutError as error:
            raise FateUnknownError(
                f"{self._provider} took the request and did not answer within {self._seconds:g} s"
            ) from error
        except ClientPayloadError as error:
            raise FateUnknownError(
                f"{self._provider} took the request, and its answer did not arrive whole"
            ) from error
        except ClientResponseError as error:
            raise FateUnknownError(
                f"{self._provider} took the request and answered with what is no HTTP"
            ) from error
        except (ClientError, OSError) as error:
            raise FateUnknownError(
                f"{self._provider} took the request, then the connection broke before its answer came"
            ) from error

    async def _read(self, response: ClientResponse) -> Answer:
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > MAX_ANSWER:
                response.close()
                raise BadAnswerError(f"{self._provider} answered with more than {MAX_ANSWER >> 20} MB")
        return Answer(
            provider=self._provider,
            status=response.status,
            body=bytes(body),
            content_type=response.content_type,
            retry_after=_retry_after(response.headers, self._clock.now()),
            secrets=self._secrets,
        )


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds of a `Retry-After` header: a number, or a date (RFC 9110, 10.2.3).

    A date is one of the provider's clock, and so is its `Date`: whether ours agrees does not matter.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    moment = _date(value)
    if moment is None:
        return None
    return max(0.0, (moment - (_date(headers.get("Date", "")) or now)).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def _at(url: str) -> str:
    try:
        host = URL(url).host
    except ValueError:
        return ""
    return f" at {host}" if host else ""


def _reason(error: Exception) -> str:
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    if isinstance(error, OSError) and error.errno is not None and error.errno in errorcode:
        return os.strerror(error.errno).lower()
    return "the connection failed"
