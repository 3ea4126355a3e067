"""Asks a server over one kept connection, and says how long each answer took."""

from __future__ import annotations

import http.client
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST = "127.0.0.1"
LONGEST_WAIT = 30.0


class UnsendableError(Exception):
    """No client could send this: it was refused before it left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


def trusting() -> ssl.SSLContext:
    """A context that believes any server: it is our own, with a certificate of its own making."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Asker:
    """One client of one port."""

    def __init__(self, port: int, *, tls: bool) -> None:
        self._port = port
        self._tls = trusting() if tls else None
        self._connection: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Ask, on a new connection where the server has ended the old one meanwhile.

        Raises:
            UnsendableError: The client library does not send such a thing.
            OSError: There is no answer.
        """
        if self._connection is not None:
            try:
                return self._asked(self._connection, method, target, headers or {}, body)
            except (http.client.RemoteDisconnected, ConnectionError):
                self.close()
        self._connection = self._connected()
        return self._asked(self._connection, method, target, headers or {}, body)

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(HOST, self._port, timeout=LONGEST_WAIT)
        return http.client.HTTPSConnection(HOST, self._port, timeout=LONGEST_WAIT, context=self._tls)

    def _asked(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Answer:
        began = time.monotonic()
        try:
            connection.request(method, target, body=body, headers=dict(headers))
        except (ValueError, http.client.InvalidURL) as error:
            self.close()
            raise UnsendableError(str(error)) from error
        response = connection.getresponse()
        data = response.read()
        seconds = time.monotonic() - began
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, data, seconds)
