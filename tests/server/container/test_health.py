from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import sys
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

import pytest

from imageserver.arguments import parse
from imageserver.container import health
from tests.processes import READY, ROOT, free_ports, run_server
from tests.tls import server_tls

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(60)


async def ask(*ports: int, as_app: bool = False) -> str | None:
    """Ask as the program does, with the ports of frames (HTTPS, plain) and of the management API."""
    names = ("port", "http-port", "api-port")
    flags = [word for name, port in zip(names, ports, strict=True) for word in (f"--{name}", str(port))]
    arguments = parse(["--host", "127.0.0.1", *flags], {})
    return await asyncio.to_thread(health.complaint, arguments, as_app=as_app)


@asynccontextmanager
async def answering(answer: bytes, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve an answer to whatever is asked; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_that_serves_is_well(tmp_path: Path) -> None:
    async with run_server(tmp_path) as server:
        await server.said(READY)
        assert await ask(server.https_port, server.http_port, server.api_port) is None
        assert await ask(server.https_port, server.http_port, 0) is None, "frames are answered"
        assert await ask(0, server.http_port, 0) is None
        assert await ask(0, 0, 0) is None, "nobody is to be answered"


async def test_a_server_that_can_serve_no_picture_is_not_well(tmp_path: Path) -> None:
    async with run_server(tmp_path) as server:
        await server.said(READY)
        with closing(sqlite3.connect(tmp_path / "data" / "state.db")) as connection:
            connection.execute("DROP VIEW rotation")
        wrong = await ask(server.https_port, server.http_port, server.api_port)
        assert wrong == f"Port {server.api_port} answers HTTP/1.1 503 Service Unavailable"


async def test_as_an_app_it_is_asked_without_tls() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\n\r\n") as port:
        assert await ask(0, 0, port, as_app=True) is None
    async with answering(b"HTTP/1.1 200 OK\r\n\r\n", tls=server_tls()) as port:
        assert await ask(0, 0, port) is None


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 404 Not Found"),
        (b"HTTP/1.0 2000\r\n\r\n", "HTTP/1.0 2000"),
        (b"SSH-2.0-OpenSSH 200 \xff\n", "SSH-2.0-OpenSSH 200 \\xff"),
        (b"200 " * 5000, "200 " * 1024),
        (b"", "nothing"),
    ],
)
async def test_an_answer_that_is_none_of_a_server_is_shown(answer: bytes, seen: str) -> None:
    async with answering(answer) as port:
        wrong = await ask(0, 0, port, as_app=True)
    assert wrong is not None
    assert wrong.startswith(f"Port {port} answers {seen}"[:2000])


async def test_any_answer_to_frames_is_a_good_one() -> None:
    async with answering(b"HTTP/1.1 403 Forbidden\r\n\r\n") as port:
        assert await ask(0, port, 0) is None


async def test_who_is_not_there_does_not_answer() -> None:
    [port] = free_ports(1)
    assert await ask(0, 0, port) == f"Port {port} does not answer: Connection refused"


async def test_who_says_nothing_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert await ask(0, 0, port, as_app=True) == f"Port {port} does not answer: timed out"
        assert f"Port {port} does not answer" in str(await ask(0, 0, port))


@pytest.mark.parametrize(
    ("answer", "code", "printed"),
    [(b"HTTP/1.1 200 OK\r\n\r\n", 0, ""), (b"HTTP/1.1 500 Oh\r\n\r\n", 1, "500 Oh")],
)
async def test_its_exit_code_is_what_the_engine_reads(answer: bytes, code: int, printed: str) -> None:
    async with answering(answer) as port:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "imageserver.container.health"),
            env={
                "PYTHONPATH": str(ROOT / "addon"),
                "PATH": os.environ["PATH"],
                "SUPERVISOR_TOKEN": "t",
                "IMAGESERVER_API_PORT": str(port),
            },
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
    assert process.returncode == code
    assert printed in output.decode()


def test_flags_that_make_no_sense_are_no_sign_of_health() -> None:
    assert health.main({"IMAGESERVER_PORT": "many"}) == 1
