"""Odd ids in every path, odd files in every folder: nothing breaks, and nothing but pictures comes out."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import TYPE_CHECKING

from tests import pictures
from tests.processes import run_server
from tests.tls import make_certificate

from .house import House
from .routes import frame_routes, management_routes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .asking import Line, Reply
    from .routes import Route

SECONDS = 5.0
SECRET = "canary-key-of-options"

UP = ("..", "%2e%2e", "%252e%252e", "..%2f", "..%5c", "%c0%ae%c0%ae", "..;", "%2e%2e%2f%2e%2e")
TARGETS = ("etc/passwd", "data/options.yml", "data/api_token", "certs/key.pem", "web/page/page.py")
IDS = (
    "0", "-1", "1e3", "01", "0x1", "1.0", "+1", "%31", "9" * 18, "9" * 19, "9" * 400, "१", "²", "NaN", "null",
    "undefined", "true", "[]", "{}", "{id}", "%7Bid%7D", "*", "?", "%3F", "%23", "a%20b", "%20", "%09", "%0a",
    "%0d%0aX-Evil:%20yes", "%00", "1%00", "%", "%zz", "%u0041", "%ff%fe", "%ed%a0%80", "%e2%80%ae",
    "%f0%9f%98%80",
    "é", "кот", "'", "%22", "1'%20OR%20'1'='1", "1;DROP%20TABLE%20pictures", "$(id)", "`id`", "|id", "con",
    "nul", "aux.jpeg", "C:%5Cwindows", "%5C%5Chost%5Cshare", "file:", "http:%2F%2F127.0.0.1", "172.30.32.2",
    "::1", "fe80::1%25eth0", "127.0.0.1:80", "ydArt", "YDART", "lim", "preview", "search",
    "a" * 3000, "%2e" * 900,
)  # fmt: skip

NAMES = (
    "..jpeg", "...jpeg", "-rf.jpeg", "con.jpeg", "a;b&c.jpeg", "<img src=x onerror=1>.jpeg",
    "%2e%2e%2fx.jpeg",
    "{id}.jpeg", "$(id).jpeg", "new\nline.jpeg", "2026-11-24 09:00:00 ERROR forged.jpeg", "\x1b[31mred.jpeg",
    "\u202egpj.jpeg", "кот-orig.jpeg", "-orig.jpeg", "a'b\"c.jpeg", " .jpeg", "x" * 245 + ".jpeg",
    "..%00.jpeg",
)  # fmt: skip


async def odd_ids(house: House, *, every: int = 1) -> list[str]:
    """Try every odd id (or one of so many) in every path, with the right token; return what went wrong."""
    wrong = []
    doors = (
        (house.line("guarded", "127.0.0.1"), [route for route in management_routes() if "{" in route.path]),
        (house.line("frames http", "127.0.0.1"), [route for route in frame_routes() if "{" in route.path]),
    )
    turn = 0
    climbing = [f"{'/'.join([up] * depth)}/{target}" for up in UP for depth in (1, 4) for target in TARGETS]
    for line, routes in doors:
        for route in routes:
            values = (*IDS, *climbing) if route.method in {"GET", "POST"} else IDS
            first, turn = turn, turn + 1
            values = values[first % every :: every]
            wrong += [fault for value in values if (fault := await _try(house, line, route, value))]
        line.hang_up()
    return wrong


async def _try(house: House, line: Line, route: Route, value: str) -> str | None:
    headers = (("Authorization", f"Bearer {house.token}"),)
    body = None if route.method in {"GET", "HEAD"} else b'{"nonsense": 1}'
    began = time.monotonic()
    reply = await line.ask(route.method, route.at(value), headers=headers, body=body)
    what = f"{route.method} {route.path} with {value[:60]!r}"
    if reply.status == 0 or reply.status >= 500:
        return f"{what} got {reply.status}"
    if time.monotonic() - began > SECONDS:
        return f"{what} took {time.monotonic() - began:.1f} s"
    return _leak(reply, house, what)


def _leak(reply: Reply, house: House, what: str) -> str | None:
    signs = (b"root:", b"PRIVATE KEY", b"import annotations", SECRET.encode(), house.token.encode())
    if any(sign in reply.body for sign in signs) or "X-Evil" in reply.head:
        return f"{what} got what is nobody's: {reply.body[:100]!r}"
    return None


async def odd_files(root: Path, *, folders: Sequence[str] = ("data", "certs")) -> list[str]:
    """Drop odd files into the store, and let a local folder hold secrets; return what went wrong."""
    store, data, certs = root / "images" / "scalable", root / "data", root / "certs"
    for directory in (store, root / "images" / "original", data / "private"):
        directory.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        (store / name).write_bytes(pictures.jpeg(320, 480, seed=number))
    certs.mkdir()
    (certs / "cert.pem").write_text(make_certificate("127.0.0.1"))
    (certs / "key.pem").write_text((certs / "cert.pem").read_text())
    wrong = []
    for folder in (root / name for name in folders):
        _hide_among_pictures(store, data, certs, folder)
        options = {
            "disabled_providers": ["builtin"],
            "image_generate_threshold": 0,
            "providers": {"lim": {"local_image_folder": str(folder)}, "ydArt": {"api_key": SECRET}},
        }
        async with run_server(root, options=json.dumps(options)) as process:
            house = House(process, data, management_tls=True)
            await house.up()
            wrong += await _look_at_all(house, sum(not name.startswith(".") for name in NAMES))
            wrong += await _ask_the_folder(house)
            await process.stop()
            wrong += [f"a line of the log is not its own: {line}" for line in process.log if _is_forged(line)]
    return wrong


def _hide_among_pictures(store: Path, data: Path, certs: Path, folder: Path) -> None:
    """Put secrets and worse under the names of pictures."""
    for directory in (store, folder):
        for number, target in enumerate((data / "options.yml", certs / "key.pem", data / "api_token")):
            link, copy = directory / f"link{number}.jpeg", directory / f"hard{number}.jpeg"
            link.unlink(missing_ok=True)
            link.symlink_to(target)
            if target.exists() and not copy.exists():
                copy.hardlink_to(target)
        half = b"\xff\xd8\xff" + (certs / "key.pem").read_bytes()
        (directory / "half.jpeg").write_bytes(half)
        if not (directory / "pipe.jpeg").exists():
            os.mkfifo(directory / "pipe.jpeg")
            (directory / "directory.jpeg").mkdir()


async def _look_at_all(house: House, count: int) -> list[str]:
    """Wait until the good pictures are known, and fetch whatever is listed in every way."""
    line = house.line("guarded", "127.0.0.1")
    headers = (("Authorization", f"Bearer {house.token}"),)
    async with asyncio.timeout(30):
        while True:
            reply = await line.ask("POST", "/api/v1/images/search", headers=headers, body=b'{"limit": 500}')
            assert reply.status == 200, reply
            found = json.loads(reply.body)["pictures"]
            if len(found) >= count:
                break
    wrong, good = [], 0
    for picture in found:
        for form in ("original", "frame", "thumbnail"):
            path = f"/api/v1/images/{picture['id']}/{form}"
            reply = await line.ask("GET", path, headers=headers)
            wrong += [leak] if (leak := _leak(reply, house, path)) else []
            good += reply.status == 200 and reply.body.startswith(b"\xff\xd8\xff")
            if reply.status not in {200, 422}:
                wrong.append(f"{path} got {reply.status}")
    line.hang_up()
    return wrong if good == 3 * count else [*wrong, f"{good} times a picture came, not {3 * count} times"]


async def _ask_the_folder(house: House) -> list[str]:
    """Let a frame ask for the local folder's pictures."""
    line = house.line("frames http", "127.0.0.1")
    wrong = []
    for _ in range(3):
        reply = await line.ask("POST", "/operation/start", body=b'{"type":"auto"}')
        operation = json.loads(reply.body)["id"]
        reply = await line.ask("GET", f"/operation/result/{operation}")
        wrong += [leak] if (leak := _leak(reply, house, "a frame's picture")) else []
    line.hang_up()
    return wrong


def _is_forged(line: str) -> bool:
    return line.startswith("2026-11-24 09:00:00 ERROR forged") or "\x1b" in line or SECRET in line
