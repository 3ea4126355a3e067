"""A body in small pieces, so that no TLS record is larger than a frame's receive buffer.

asyncio makes one TLS record of each element that is given to `writelines`, and sends all of them with
one call. Each element is a whole chunk with its framing: the default of 505 bytes makes it 512, which
fits a buffer of 512 bytes, one record a chunk, whether the frame asked for small records or not.
"""

from __future__ import annotations

import asyncio

from aiohttp import HttpVersion11, web

DEFAULT = 505
SMALLEST = 64
"""Under this the records cost more than the picture."""
LARGEST_TLS = 700
LARGEST_PLAIN = 16384

SENDING_SECONDS = 60.0
"""That a frame may take to fetch a whole picture; one that takes longer has gone."""


def piece_size(asked: str | None, *, tls: bool) -> int:
    """Return the size that `?chunk_size=` asks for, or the default where that is none we send."""
    if asked is None or not asked.isascii() or not asked.isdecimal() or len(asked) > len(str(LARGEST_PLAIN)):
        return DEFAULT
    size = int(asked)
    return size if SMALLEST <= size <= (LARGEST_TLS if tls else LARGEST_PLAIN) else DEFAULT


def cut(body: bytes, size: int) -> list[bytes]:
    """Cut a body into pieces of `size` bytes."""
    return [body[at : at + size] for at in range(0, len(body), size)]


def framed(piece: bytes) -> bytes:
    """Make a chunk of HTTP's chunked encoding of a piece."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


async def send(
    request: web.Request, body: bytes, *, size: int, seconds: float = SENDING_SECONDS
) -> web.StreamResponse:
    """Answer with a JSON body in pieces; returns once the system has taken all of it.

    Raises:
        ConnectionError: The client left before, or did not take it in time.
    """
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    pieces = cut(body, size)
    if request.version >= HttpVersion11:
        response.enable_chunked_encoding()
        pieces = [framed(piece) for piece in pieces]
    else:
        response.content_length = len(body)
    await response.prepare(request)  # sends the head, as a record of its own
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("The client left before its answer")
    # From the first byte that the system does not take, `drain` has to wait until it has taken all.
    transport.set_write_buffer_limits(high=1)
    transport.writelines(pieces)
    try:
        async with asyncio.timeout(seconds):
            await request.writer.drain()
            await response.write_eof()
    except TimeoutError:
        transport.abort()
        raise ConnectionAbortedError("The client did not take its answer") from None
    return response
