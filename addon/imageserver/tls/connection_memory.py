"""What a TLS connection takes of the memory."""

from __future__ import annotations

from asyncio import sslproto

_BUFFER = 32 * 1024
"""Bytes: two TLS records, and more than any request but a picture has."""


def take_small_buffers() -> None:
    """Let asyncio read from each TLS connection into a buffer of 32 KiB instead of 256.

    Every connection has one from its handshake to its end, so that a few hundred strangers who only connect
    took 80 MB.
    """
    sslproto.SSLProtocol.max_size = _BUFFER
