"""A frame's connection: plain, or TLS 1.2 with small buffers; impatient, and exact about sizes."""

from __future__ import annotations

import asyncio
import ssl
from functools import cache

PATIENCE = 2.0
"""Seconds that the firmware waits for the next byte."""

CONNECT_PATIENCE = 15.0

MAX_RECORD = 760
"""Bytes of payload in a TLS record that a receive buffer of 512 takes with every cipher."""

_HEADER = 5
_APPLICATION_DATA = 23


class FirmwareError(Exception):
    """The firmware can't use what it got; the text says what happens on the device."""


@cache
def tls_context() -> ssl.SSLContext:
    """What BearSSL on the frame offers: TLS 1.2, no checks, no resumption."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    context.set_ciphers("ECDHE+CHACHA20:ECDHE+AESGCM:ECDHE+AES:AESGCM:AES")
    return context


class Line:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, patience: float = PATIENCE
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._patience = patience
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._raw = b""
        self.records: list[int] = []
        """The payload of each TLS record that came."""

    @classmethod
    async def open(
        cls, host: str, port: int, *, tls: bool, source: str | None = None, patience: float = PATIENCE
    ) -> Line:
        """Connect.

        Raises:
            FirmwareError: Nobody is there, or it does not speak TLS.
        """
        try:
            async with asyncio.timeout(CONNECT_PATIENCE):
                local = (source, 0) if source else None
                line = cls(*await asyncio.open_connection(host, port, local_addr=local), patience=patience)
                if tls:
                    await line.shake_hands()
        except (OSError, TimeoutError) as error:
            raise FirmwareError(f"not connected: {error}") from error
        return line

    async def shake_hands(self) -> None:
        self._tls = tls_context().wrap_bio(self._incoming, self._outgoing)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                data = await self._reader.read(65536)
                if not data:
                    self.close()
                    raise FirmwareError("the server ended the TLS handshake") from None
                self._incoming.write(data)
            except ssl.SSLError as error:
                self.close()
                raise FirmwareError(f"no TLS: {error.reason}") from error
            else:
                self._flush()
                return

    def send(self, data: bytes) -> None:
        if self._tls is None:
            self._writer.write(data)
        else:
            self._tls.write(data)
            self._flush()

    async def receive(self) -> bytes:
        """Return what comes next; nothing at the end of the connection.

        Raises:
            FirmwareError: Nothing came in time, or a record that does not fit the buffer.
        """
        try:
            async with asyncio.timeout(self._patience):
                return await (self._reader.read(65536) if self._tls is None else self._record())
        except TimeoutError:
            raise FirmwareError(f"no byte for {self._patience} s") from None
        except ConnectionError:
            return b""

    async def ends_within(self, seconds: float) -> bool:
        """Tell whether the server ends the connection that soon."""
        try:
            async with asyncio.timeout(seconds):
                return not await self._reader.read(1)
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def close(self) -> None:
        """Leave as the firmware does: at once, with whatever is unread."""
        self._writer.transport.abort()

    async def _record(self) -> bytes:
        """Return the payload of the next record that has any."""
        while True:
            while len(self._raw) < (size := self._next_size()):
                data = await self._reader.read(65536)
                if not data:
                    return b""
                self._raw += data
            record, self._raw = self._raw[:size], self._raw[size:]
            payload = self._payload(record)
            if payload is None:
                return b""
            if record[0] == _APPLICATION_DATA:
                self.records.append(len(payload))
                if len(payload) > MAX_RECORD:
                    raise FirmwareError(f"a TLS record of {len(payload)} bytes: BR_ERR_TOO_LARGE")
            if payload:
                return payload

    def _next_size(self) -> int:
        if len(self._raw) < _HEADER:
            return _HEADER
        return _HEADER + int.from_bytes(self._raw[3:5])

    def _payload(self, record: bytes) -> bytes | None:
        assert self._tls is not None
        self._incoming.write(record)
        payload = b""
        try:
            while part := self._tls.read(65536):
                payload += part
        except ssl.SSLWantReadError:
            return payload
        except ssl.SSLError:
            return None
        return payload or None

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._writer.write(self._outgoing.read())
