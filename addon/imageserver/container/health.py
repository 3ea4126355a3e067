"""Whether the server is well, for the container's engine: `python3 -P -m imageserver.container.health`."""

from __future__ import annotations

import os
import socket
import ssl
import sys
from typing import TYPE_CHECKING

from .first_process import servers_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..arguments import Arguments

SECONDS = 3.0
"""For each step of a question; the engine itself waits for ten."""

_WELL = b"200"
_LONGEST_LINE = 4096


def complaint(arguments: Arguments, *, as_app: bool) -> str | None:
    """Ask the management API how the server is; where it is off, any answer to frames is a good one.

    Returns:
        What is wrong, as a sentence; None if nothing is.
    """
    host = arguments.host or "127.0.0.1"
    if arguments.api_port:
        return _ask(host, arguments.api_port, "/healthz", tls=not as_app, expected=_WELL)
    if arguments.port:
        return _ask(host, arguments.port, "/", tls=True)
    if arguments.http_port:
        return _ask(host, arguments.http_port, "/", tls=False)
    return None


def _ask(host: str, port: int, path: str, *, tls: bool, expected: bytes = b"") -> str | None:
    try:
        with _connection(host, port, tls=tls) as connection:
            first = _first_line(connection, path)
    except OSError as error:
        return f"Port {port} does not answer: {error.strerror or error}"
    protocol, _, rest = first.partition(b" ")
    if protocol.startswith(b"HTTP/") and expected in {b"", rest.partition(b" ")[0]}:
        return None
    return f"Port {port} answers {first.decode('ascii', 'backslashreplace') or 'nothing'}"


def _connection(host: str, port: int, *, tls: bool) -> socket.socket:
    connection = socket.create_connection((host, port), timeout=SECONDS)
    if not tls:
        return connection
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it asks its own machine; the certificate names others
    return context.wrap_socket(connection)


def _first_line(connection: socket.socket, path: str) -> bytes:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    while b"\n" not in answer and len(answer) < _LONGEST_LINE and (more := connection.recv(_LONGEST_LINE)):
        answer += more
    return answer.partition(b"\n")[0].rstrip()


def main(environment: Mapping[str, str]) -> int:
    """Say what is wrong; returns the exit code."""
    try:
        arguments = servers_arguments(environment)
    except SystemExit:
        return 1
    wrong = complaint(arguments, as_app=bool(environment.get("SUPERVISOR_TOKEN")))
    if wrong is None:
        return 0
    sys.stdout.write(f"{wrong}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(os.environ))
