"""Secrets let loose in every option and credential of a real server, then looked for wherever one looks."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import yaml
from aiohttp.test_utils import TestServer

from tests.processes import ROOT, run_server
from tests.simulators.supervisor import SupervisorSimulator
from tests.tls import make_certificate

from .asking import ask
from .house import House
from .routes import management_routes
from .treacherous import WAYS, Treacherous

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AWKWARD = """"\\'&<+/="""
"""Signs that are written otherwise in JSON, HTML, addresses and Python's own words."""

ADAPTER = """
import voluptuous as vol
from imageserver.providers.base import Capabilities, ImageProvider

class Leaky(ImageProvider):
    code = "leaky"
    title = "Leaky"
    capabilities = Capabilities(costs_money=False)
    schema = vol.Schema({vol.Optional("password"): str, vol.Optional("login"): str})
    secrets = frozenset({"password"})

    def __init__(self, options, context):
        self.password = options.get("password", "")

    async def submit(self, request):
        try:
            raise KeyError(self.password)
        except KeyError as error:
            raise RuntimeError(f"{self.password!r}", {"password": self.password}) from error

    async def fetch(self, ticket):
        return None
"""

HOMES = {
    "api key": {"data/options.yml"},
    "key of a broken file": {"data/options.yml"},
    "key in broken JSON": {"data/ydart-options.json"},
    "adapter's password": {"data/providers/leaky.yml"},
    "TLS key": {"certs/key.pem"},
    "token": {"data/api_token"},
    "token before": set(),
    "Supervisor's token": set(),
}
"""In which files each may stand: where its owner has put it, or where the server keeps it."""


@dataclass
class Canaries:
    """Secrets by name, and everything that was seen by somebody: where, and what."""

    flying: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)

    def free(self, name: str, *, awkward: bool = False) -> str:
        """Make a secret."""
        mark = secrets.token_hex(8)
        self.flying[name] = f"canary-{mark}{AWKWARD if awkward else ''}{mark}"
        return self.flying[name]

    def found(self) -> list[str]:
        """Name each secret that was seen, with where; half of one is as good as all of it."""
        return [
            f"{name} in {where}: ...{text[max(0, text.find(part) - 60) : text.find(part) + 60]!r}"
            for name, secret in self.flying.items()
            for where, text in self.seen
            for part in {secret[-16:], secret[7:23], secret}
            if part in text
        ][:20]


async def look(root: Path) -> list[str]:
    """Run a server with canaries, make it fail in every way, and say where one was seen."""
    canaries = Canaries()
    supervisor = SupervisorSimulator(
        config=yaml.safe_load((ROOT / "addon" / "config.yaml").read_text()),
        token=canaries.free("Supervisor's token"),
    )
    async with Treacherous() as provider, TestServer(supervisor.application()) as supervisors:
        _furnish(root, canaries, provider.url)
        environment = {
            "SUPERVISOR_TOKEN": canaries.flying["Supervisor's token"],
            "SUPERVISOR_API": str(supervisors.make_url("")).rstrip("/"),
        }
        supervisor.fault = "echo"
        async with run_server(root, environment=environment) as process:
            house = House(process, root / "data", management_tls=False)
            await house.up()
            canaries.flying["token"] = house.token
            await _live(house, canaries, provider)
            await _reload(house, canaries, root)
            canaries.seen += _processes(process.process.pid)
            await process.stop()
        canaries.seen.append(("the log", "\n".join(process.log)))
    wrong = canaries.found() + [f"{it} was asked" for it in provider.trapped] + _files(root, canaries)
    if not provider.asked or not any("RuntimeError" in text for _, text in canaries.seen):
        wrong.append("the providers were never asked: this shows nothing")
    return wrong


def _furnish(root: Path, canaries: Canaries, url: str) -> None:
    data = root / "data"
    (data / "providers").mkdir(parents=True)
    (data / "providers" / "leaky.py").write_text(ADAPTER)
    password = canaries.free("adapter's password", awkward=True)
    _write_secret(data / "providers" / "leaky.yml", json.dumps({"password": password}))
    _write_secret(data / "options.yml", _options(canaries.free("api key", awkward=True), url))
    pem = make_certificate("127.0.0.1")
    key, _, certificate = pem.partition("-----END PRIVATE KEY-----\n")
    canaries.flying["TLS key"] = key.splitlines()[5]
    (root / "certs").mkdir()
    (root / "certs" / "cert.pem").write_text(certificate)
    _write_secret(root / "certs" / "key.pem", f"{key}-----END PRIVATE KEY-----\n")


def _write_secret(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def _options(key: str, url: str) -> str:
    yandex = {"api_key": key, "folder_id": "b1gfolder", "base_url": url, "image_generate_threshold": 0}
    options = {
        "log_level": "DEBUG",
        "image_generate_threshold": 0,
        "providers": {"ydArt": yandex, "leaky": {}},
    }
    return json.dumps(options)


async def _live(house: House, canaries: Canaries, provider: Treacherous) -> None:
    """Let frames and people do everything."""
    for way in WAYS:
        provider.way = way
        await _retry(house)
        reply = await ask(house.process.http_port, "POST", "/operation/start", body=b'{"type":"ydart"}')
        canaries.seen.append((f"start, {way}", reply.body.decode()))
        if reply.status == 200:
            canaries.seen.append((f"result, {way}", await _ended(house, json.loads(reply.body)["id"])))
    for code in ("leaky", "ydArt"):
        body = json.dumps({"provider": code, "wait": 5, "prompt": "a cat"}).encode()
        canaries.seen.append(
            (f"operation of {code}", await _asked(house, "POST", "/api/v1/operations", body))
        )
    await _see_all(house, canaries)
    canaries.flying["token before"] = house.token
    await _asked(house, "POST", "/api/v1/token")
    canaries.flying["token"] = house.token
    await _see_all(house, canaries)


async def _glance(house: House, canaries: Canaries) -> None:
    """Look where it is told what is wrong."""
    canaries.seen.append(("the frames' page", (await ask(house.process.http_port, "GET", "/")).body.decode()))
    for path in (
        "/healthz",
        "/metrics",
        *(f"/api/v1/{name}" for name in ["status", "settings", "providers", "log"]),
    ):
        canaries.seen.append((path, await _asked(house, "GET", path)))


async def _see_all(house: House, canaries: Canaries) -> None:
    """Look at every page and answer, and at what is said to who does not come in."""
    for path in ("/", "/operation/status/1", "/nothing"):
        for port, tls in ((house.process.http_port, False), (house.process.https_port, True)):
            reply = await ask(port, "GET", path, tls=tls)
            canaries.seen.append((f"frames' {path}", reply.head + reply.body.decode()))
    for route in management_routes():
        if route.method in {"HEAD", "DELETE"} or route.path == "/api/v1/token":
            continue
        for value in ("1", "ydArt", "leaky", "127.0.0.1"):
            if value != "1" and "{" not in route.path:
                continue
            body = None if route.method == "GET" else b'{"nonsense": 1}'
            where = f"{route.method} {route.at(value)}"
            canaries.seen.append((where, await _asked(house, route.method, route.at(value), body)))
            reply = await ask(house.process.api_port, route.method, route.at(value), body=body)
            canaries.seen.append((f"{where} without a token", reply.head + reply.body.decode("latin-1")))
    canaries.seen.append(("the stream", await _stream(house)))


async def _reload(house: House, canaries: Canaries, root: Path) -> None:
    """Break each file that holds a secret, in several ways."""
    data = root / "data"
    key = canaries.free("key of a broken file", awkward=True)
    for text in (
        f"providers: {{ydArt: {{api_key: [{json.dumps(key)}]}}}}",
        f"providers:\n  ydArt:\n    api_key: {json.dumps(key)[:-1]}\n  lim: [",
        f"providers:\n\tydArt: {{api_key: {json.dumps(key)}}}",
        f"providers: {json.dumps(key)}",
        f"providers: {{ydArt: {json.dumps(key)}}}",
        f"providers: {{ydArt: {{api_key: {json.dumps(key + ' with a blank')}}}}}",
    ):
        _write_secret(data / "options.yml", text)
        await _reloaded(house)
        await _glance(house, canaries)
    _write_secret(data / "options.yml", "log_level: DEBUG")
    in_json = canaries.free("key in broken JSON", awkward=True)
    for text in (f'{{"api_key": {json.dumps(in_json)}', f"[{json.dumps(in_json)}]", json.dumps(in_json)):
        _write_secret(data / "ydart-options.json", text)
        await _reloaded(house)
        await _glance(house, canaries)


async def _reloaded(house: House) -> None:
    """Let the server read its options again, and wait until it has said so."""
    before = await _asked(house, "GET", "/api/v1/log?level=INFO&limit=500")
    house.process.process.send_signal(signal.SIGHUP)
    async with asyncio.timeout(20):
        while await _asked(house, "GET", "/api/v1/log?level=INFO&limit=500") == before:  # noqa: ASYNC110 - a process
            await asyncio.sleep(0.05)


async def _asked(house: House, method: str, path: str, body: bytes | None = None) -> str:
    headers = (("Authorization", f"Bearer {house.token}"),)
    reply = await ask(house.process.api_port, method, path, headers=headers, body=body)
    return reply.head + reply.body.decode("latin-1")


async def _retry(house: House) -> None:
    """Open the provider again that has refused its key."""
    await _asked(house, "POST", "/api/v1/providers/ydArt/retry")


async def _ended(house: House, operation: str) -> str:
    async with asyncio.timeout(30):
        while True:
            reply = await ask(house.process.http_port, "GET", f"/operation/result/{operation}")
            if json.loads(reply.body)["status"] != "pending":
                return reply.body.decode()


async def _stream(house: House) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.process.api_port)
    head = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.token}\r\n\r\n"
    writer.write(head.encode())
    try:
        async with asyncio.timeout(20):
            await reader.readuntil(b"\r\n\r\n")
            return (await reader.readuntil(b"\n\n")).decode()
    finally:
        writer.transport.abort()


def _processes(pid: int) -> Iterator[tuple[str, str]]:
    """Yield what anybody on the machine sees of the server's processes."""
    family: Sequence[psutil.Process] = (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
    for process in family:
        for name in ("cmdline", "comm", "status", "maps"):
            yield f"/proc/{name}", Path(f"/proc/{process.pid}/{name}").read_text(errors="replace")


def _files(root: Path, canaries: Canaries) -> list[str]:
    """Say which files hold a secret that must not, or may be read by others."""
    wrong = []
    for path in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        data, name = path.read_bytes(), str(path.relative_to(root))
        for canary, secret in canaries.flying.items():
            if not any(part.encode() in data for part in (secret[-16:], secret[7:23])):
                continue
            if name not in HOMES[canary] and not (canary == "TLS key" and name.startswith("data/tls/")):
                wrong.append(f"{canary} in {name}")
            if path.stat().st_mode & 0o077:
                wrong.append(f"{name} holds {canary} and is {path.stat().st_mode & 0o777:o}")
    return wrong
