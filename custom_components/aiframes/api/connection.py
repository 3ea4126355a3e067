"""Asks over HTTP: limits on what is waited for and taken, and what went wrong as this client's errors."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any

import aiohttp

from .errors import (
    AnswerLostError,
    CannotConnectError,
    NotAnImageServerError,
    NotTrustedError,
    TokenRefusedError,
)
from .json_text import parsed
from .models import ImageBytes, NewToken
from .reading import read
from .refusals import error_of

_JPEG = b"\xff\xd8\xff"
_BEFORE_IT_WAS_ASKED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is waited for, and what is taken.

    Attributes:
        answer_seconds: Until an answer has come wholly.
        picture_seconds: Until a picture has come or gone wholly.
        silence_seconds: Between two signs of life of a stream.
        body_bytes: Of an answer, or of one event of a stream.
        picture_bytes: Of a picture.
    """

    answer_seconds: float = 30.0
    picture_seconds: float = 60.0
    silence_seconds: float = 45.0
    body_bytes: int = 8 * 1024 * 1024
    picture_bytes: int = 32 * 1024 * 1024


class Connection:
    """Asks one server; the session is somebody else's, and stays open."""

    def __init__(self, *, session: aiohttp.ClientSession, url: str, token: str, limits: Limits) -> None:
        self.limits = limits
        self._session = session
        self._url = url.rstrip("/")
        self._token = token

    async def ask[T](
        self,
        answer: type[T],
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        seconds: float | None = None,
        only_reads: bool = False,
    ) -> T:
        """Return what is answered, as a model; `only_reads` where the method alone does not say so."""
        options: dict[str, Any] = {"json": json, "params": query, "only_reads": only_reads}
        timeout = aiohttp.ClientTimeout(total=seconds or self.limits.answer_seconds)
        async with self._asking(method, path, timeout=timeout, **options) as response:
            return await self._read(answer, response)

    async def tell(self, method: str, path: str) -> None:
        """Ask for what has no answer but that it is done."""
        timeout = aiohttp.ClientTimeout(total=self.limits.answer_seconds)
        async with self._asking(method, path, timeout=timeout) as response:
            if response.status != HTTPStatus.NO_CONTENT:
                raise NotAnImageServerError(
                    f"What answers is no ImageServer: {response.status} instead of 204"
                )

    async def renew_token(self) -> str:
        """Ask for a new token, and use it from now on."""
        self._token = (await self.ask(NewToken, "POST", "/token")).token
        return self._token

    async def send[T](self, answer: type[T], path: str, data: bytes, *, query: Mapping[str, str]) -> T:
        """Send bytes, and return what is answered, as a model."""
        timeout = aiohttp.ClientTimeout(total=self.limits.picture_seconds)
        async with self._asking("POST", path, timeout=timeout, data=BytesIO(data), params=query) as response:
            return await self._read(answer, response)

    async def picture(self, path: str) -> ImageBytes:
        """Return the bytes of a picture."""
        timeout = aiohttp.ClientTimeout(total=self.limits.picture_seconds)
        async with self._asking("GET", path, timeout=timeout) as response:
            _check_type(response, "image/")
            data = await _bytes(response, limit=self.limits.picture_bytes)
            if not data.startswith(_JPEG):
                raise NotAnImageServerError("What answers is no ImageServer: its picture is none")
            return ImageBytes(
                data=data,
                content_type=response.content_type,
                etag=response.headers.get("ETag"),
            )

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a stream of events, which fails when it is silent for too long."""
        timeout = aiohttp.ClientTimeout(
            total=None, connect=self.limits.answer_seconds, sock_read=self.limits.silence_seconds
        )
        async with self._asking("GET", path, timeout=timeout, headers=headers) as response:
            _check_type(response, "text/event-stream")
            yield response.content.iter_any()

    @asynccontextmanager
    async def _asking(
        self, method: str, path: str, *, only_reads: bool = False, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        # What it means that no answer comes: a change may have been made all the same.
        lost = CannotConnectError if only_reads or method == "GET" else AnswerLostError
        try:
            async with await self._request(method, path, **options) as response:
                await self._check(response, lost)
                yield response
        except aiohttp.ClientResponseError as error:
            # Its representation holds the headers that were sent, the token among them.
            reason = error.message
        except aiohttp.ClientConnectorCertificateError as error:
            raise NotTrustedError(f"The server's certificate is not trusted: {error}") from error
        except _BEFORE_IT_WAS_ASKED as error:
            raise CannotConnectError(f"The server can't be reached: {error}") from error
        except TimeoutError as error:
            raise lost("The server does not answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise lost(f"The server's answer does not come: {error}") from error
        else:
            return
        raise NotAnImageServerError(f"What answers does not speak HTTP: {reason}")

    async def _request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> aiohttp.ClientResponse:
        if not self._token.isprintable():
            raise TokenRefusedError("A token has no such characters")
        sent = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        try:
            return await self._session.request(
                method, self._url + path, headers=sent, allow_redirects=False, **options
            )
        except aiohttp.ClientError:  # some are values that are wrong, too
            raise
        except ValueError as error:  # such as a name and a password in it, beside the token
            raise CannotConnectError(f"The server's address can't be used: {error}") from error

    async def _check(self, response: aiohttp.ClientResponse, lost: type[CannotConnectError]) -> None:
        if response.status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if response.status < HTTPStatus.BAD_REQUEST:
            raise NotAnImageServerError(
                f"What answers is no ImageServer: it leads elsewhere ({response.status})"
            )
        raise error_of(
            status=response.status,
            body=await _bytes(response, limit=self.limits.body_bytes),
            retry_after=response.headers.get("Retry-After"),
            away=lost,
        )

    async def _read[T](self, answer: type[T], response: aiohttp.ClientResponse) -> T:
        _check_type(response, "application/json")
        return read(answer, parsed(await _bytes(response, limit=self.limits.body_bytes)))


async def _bytes(response: aiohttp.ClientResponse, *, limit: int) -> bytes:
    taken = bytearray()
    async for chunk in response.content.iter_any():
        taken += chunk
        if len(taken) > limit:
            taken.clear()  # its frame lives for as long as somebody keeps the error
            raise NotAnImageServerError(f"The answer has more than {limit} bytes")
    return bytes(taken)


def _check_type(response: aiohttp.ClientResponse, wanted: str) -> None:
    if not response.content_type.startswith(wanted):
        raise NotAnImageServerError(
            f"What answers is no ImageServer: its answer is {response.content_type}, not {wanted}"
        )
