"""The command line and the environment: where things are, and which listeners there are."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__
from .places import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PREFIX = "IMAGESERVER_"
DATA, CERTIFICATES, LOG = Path("/data"), Path("/certs"), Path("/log")
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What the server was started with.

    Attributes:
        host: Address to listen on; None = all.
        port: Frames, HTTPS; 0 switches a listener off.
        http_port: Frames, plain HTTP.
        api_port: The management API.
        check: Validate the configuration and exit.
    """

    places: Places
    host: str | None
    port: int
    http_port: int
    api_port: int
    check: bool


def parse(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    is_mounted: Callable[[Path], bool] = Path.is_mount,
) -> Arguments:
    """Read flags, then environment variables, then defaults.

    Raises:
        SystemExit: A flag or a variable makes no sense; it was said on stderr.
    """
    parser = _parser(environment)
    found = parser.parse_args(arguments)
    for name in ("port", "http_port", "api_port"):
        if not 0 <= getattr(found, name) <= HIGHEST_PORT:
            parser.error(f"--{name.replace('_', '-')} must be 0 (off) to {HIGHEST_PORT}")
    log = found.log_dir or (LOG if is_mounted(LOG) else None)
    places = Places(
        data=found.data_dir,
        config=found.config_dir or found.data_dir,
        images=found.image_dir,
        certificates=found.cert_dir,
        log=log,
    )
    return Arguments(
        places=places,
        host=found.host or None,
        port=found.port,
        http_port=found.http_port,
        api_port=found.api_port,
        check=found.check,
    )


def variable_of(flag: str) -> str:
    """Return the environment variable that says what a flag says."""
    return PREFIX + flag.removeprefix("--").replace("-", "_").upper()


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="imageserver",
        description="Serves pictures to AIFrames photo frames.",
        epilog=f"Each flag has an environment variable: {PREFIX}DATA_DIR for --data-dir, and so on.",
    )

    def add[T](flag: str, kind: Callable[[str], T], default: T | None, text: str) -> None:
        value = environment.get(variable_of(flag)) or default
        shown = "" if default is None else f" (default {default})"
        # argparse converts a string default as it converts a flag's value, and complains alike.
        parser.add_argument(flag, type=kind, default=value, help=text + shown)

    add("--data-dir", Path, DATA, "state, own certificate, and options.yml unless the next one has it")
    add(
        "--config-dir",
        Path,
        None,
        "options.yml, prompts.yaml, ydart-options.json, providers/ (default: data directory)",
    )
    add("--image-dir", Path, None, "pictures (default: image_path of options.yml)")
    add("--cert-dir", Path, CERTIFICATES, "your own cert.pem and key.pem, if you have them")
    add("--log-dir", Path, None, f"for app.log (default: {LOG}, if something is mounted there)")
    add("--host", str, None, "address to listen on (default: all)")
    add("--port", int, _old_port(environment), "frames, HTTPS; 0 = off")
    add("--http-port", int, 8098, "frames, plain HTTP; 0 = off")
    add("--api-port", int, 8097, "management; 0 = off")
    parser.add_argument("--check", action="store_true", help="validate the configuration and exit")
    parser.add_argument("--version", action="version", version=f"imageserver {__version__}")
    return parser


def _old_port(environment: Mapping[str, str]) -> int:
    """The predecessor's variable for its only port."""
    text = environment.get("PORT", "")
    return int(text) if text.isdecimal() else 8099
