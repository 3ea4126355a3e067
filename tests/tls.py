"""A certificate for tests that need any at all; made once."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import cache
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from imageserver.tls import certificate_program
from imageserver.tls.tls import server_context

if TYPE_CHECKING:
    import ssl

STARTS, ENDS = "2026-11-23T00:00:00+00:00", "2126-11-23T00:00:00+00:00"


def make_certificate(*names: str, starts: str = STARTS, ends: str = ENDS) -> str:
    """A key and its certificate, made by the server's own program."""
    order = dumps({"names": names or ("127.0.0.1",), "starts": starts, "ends": ends})
    return run(sys.executable, "-P", certificate_program.__file__, "make", typed=order)


def run(*command: str | Path, typed: str = "") -> str:
    """Run a program that a test needs; returns what it printed."""
    done = subprocess.run(command, input=typed, capture_output=True, text=True, check=True)  # noqa: S603 - the test's
    return done.stdout


@cache
def certificate_file() -> Path:
    """Where the certificate is, with its key."""
    path = Path(tempfile.mkdtemp(prefix="imageserver-tests-")) / "server.pem"
    path.write_text(make_certificate("127.0.0.1", "localhost"), encoding="ascii")
    return path


@cache
def server_tls() -> ssl.SSLContext:
    """The server's context with it."""
    return server_context(certificate_file())
