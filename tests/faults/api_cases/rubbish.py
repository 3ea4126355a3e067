"""What is almost HTTP: requests with bytes cut out, put in and repeated, and what is answered to them."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.faults.api_cases.asking import HOST, trusting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

QUIET = 0.2
"""Seconds in which a server that has all it wants has answered."""

ENDS_WITHIN = 5.0
"""Seconds in which a connection ends whose client has said that nothing more comes."""

_JSON = b"Content-Type: application/json\r\n"
_PICTURE = b"Content-Type: image/png\r\nContent-Length: 4\r\n\r\n"
_CHUNKED = b"POST /prompt/add HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
GOOD = (
    b"POST /operation/start HTTP/1.1\r\nHost: a\r\n" + _JSON + b'Content-Length: 15\r\n\r\n{"type":"auto"}',
    b"GET /operation/result/5f3a9c?chunk_size=64 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /operation/status/5f3a9c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
    _CHUNKED + b'5\r\n{"pro\r\n8\r\nmpt":"a"\r\n1\r\n}\r\n0\r\n\r\n',
    b"GET / HTTP/1.0\r\nAccept-Language: ru\r\n\r\n",
    b'GET /api/v1/images/1/thumbnail HTTP/1.1\r\nHost: a\r\nIf-None-Match: "a"\r\nRange: bytes=0-1\r\n\r\n',
    b"PATCH /api/v1/settings HTTP/1.1\r\nHost: a\r\n" + _JSON + b'Content-Length: 15\r\n\r\n{"paused":false}',
    b"POST /api/v1/images?keep=false HTTP/1.1\r\nHost: a\r\n" + _PICTURE + b"\x89PNG",
    b"GET /page/app.js HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
)

JUNK = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b"\xff",
        b"\x80",
        b"\x1b[2J",
        b"\xd0\xba",
        b":",
        b"/",
        b"//",
        b"\\",
    ),
    *(
        b"%",
        b"%00",
        b"%ff",
        b"%2e%2e%2f",
        b"../",
        b"?",
        b"#",
        b"[",
        b"{",
        b'"',
        b"a" * 9000,
        b"a: b\r\n" * 200,
    ),
    *(b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n"),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Encoding: gzip\r\n",
    ),
    *(
        b"Expect: 100-continue\r\n",
        b"Connection: upgrade\r\nUpgrade: websocket\r\n",
        b"Connection: close\r\n",
    ),
    *(
        b"Origin: http://[::1\r\n",
        b"Host: \xff\r\n",
        b"Cookie: =;\xff\r\n",
        b"If-None-Match: W/\r\n",
        b"X: \r\n y\r\n",
    ),
    *(
        b"ffffffffffffffffff\r\n",
        b"-1\r\n",
        b"0\r\n\r\n",
        b"HTTP/1.1",
        b"HTTP/2.0",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ),
    *(
        b"http://b:99999/",
        b"CONNECT a:1 ",
        b"OPTIONS * ",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"Authorization: Basic \xff\r\n",
    ),
)


def rubbish() -> SearchStrategy[bytes]:
    """Return a strategy for requests that somebody has spoilt."""
    place = st.integers(0, 400)
    change = st.tuples(st.sampled_from(("put", "cut", "repeat", "end")), place, place, st.sampled_from(JUNK))
    spoilt = st.builds(_spoilt, st.sampled_from(GOOD), st.lists(change, min_size=1, max_size=4))
    return spoilt | st.binary(max_size=60)


def _spoilt(good: bytes, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    data = good
    for how, one, other, junk in changes:
        start, end = sorted((one % (len(data) + 1), other % (len(data) + 1)))
        match how:
            case "put":
                data = data[:start] + junk + data[start:]
            case "cut":
                data = data[:start] + data[end:]
            case "repeat":
                data = data[:end] + data[start:]
            case _:
                data = data[:end]
    return data


@dataclass(frozen=True, slots=True)
class Said:
    """What came back on a connection, and whether it ended."""

    data: bytes
    ended: bool


def say(port: int, data: bytes, *, tls: bool, source: str) -> Said:
    """Say something to a port from an address of this machine, and listen until the connection ends."""
    with ExitStack() as stack:
        plain = socket.create_connection((HOST, port), timeout=ENDS_WITHIN, source_address=(source, 0))
        stack.callback(plain.close)
        sock: socket.socket = plain
        if tls:
            sock = trusting().wrap_socket(plain, server_hostname=HOST)
            stack.callback(sock.close)
        received = bytearray()
        with suppress(OSError):  # it may end the connection while it is still told something
            sock.sendall(data)
        if _listens_to_the_end(sock, received, QUIET):
            return Said(bytes(received), ended=True)
        with suppress(OSError):
            if isinstance(sock, ssl.SSLSocket):
                sock.unwrap().close()
                return Said(bytes(received), ended=True)
            sock.shutdown(socket.SHUT_WR)
        return Said(bytes(received), ended=_listens_to_the_end(sock, received, ENDS_WITHIN))


def _listens_to_the_end(sock: socket.socket, received: bytearray, seconds: float) -> bool:
    sock.settimeout(seconds)
    try:
        while more := sock.recv(65536):
            received += more
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


_HEAD = re.compile(rb"HTTP/\d\.\d (\d{3}) [^\r\n]*\r\n((?:[!-9;-~]+: ?[^\r\n]*\r\n)*)\r\n")
_REFUSAL = re.compile(rb'\{"error":\{"code":"[A-Za-z]+","message":"[^"].*', re.DOTALL)


def faults(data: bytes, said: Said) -> Iterator[str]:
    """Yield what is wrong with what was said to rubbish."""
    where = repr(data[:400])
    if not said.ended:
        yield f"{where}: the connection does not end"
    rest = said.data
    while rest:
        head = _HEAD.match(rest)
        if head is None:
            yield f"{where}: this is no answer: {rest[:200]!r}"
            return
        status, headers = int(head[1]), head[2].lower()
        body, after = _body(headers, rest[head.end() :])
        if status >= 500:
            yield f"{where} -> {status}: {body[:200]!r}"
        elif status >= 400 and b"HEAD" not in data and not _REFUSAL.fullmatch(body):
            yield f"{where} -> {status} in another form: {body[:200]!r}"
        rest = b"" if b"HEAD" in data else after


def _body(headers: bytes, rest: bytes) -> tuple[bytes, bytes]:
    length = re.search(rb"^content-length: (\d+)\r$", headers, re.MULTILINE)
    if length is not None:
        size = int(length[1])
        return rest[:size], rest[size:]
    if b"transfer-encoding: chunked" in headers:
        body = b""
        while (found := re.match(rb"([0-9a-f]+)\r\n", rest)) and (size := int(found[1], 16)):
            body += rest[found.end() : found.end() + size]
            rest = rest[found.end() + size + 2 :]
        return body, rest.partition(b"\r\n\r\n")[2]
    return b"", rest
