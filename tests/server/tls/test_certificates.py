from __future__ import annotations

import asyncio
import ssl
import stat
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from imageserver.events import Events
from imageserver.exceptions import SettingsError
from imageserver.problems import Problems
from imageserver.tls import certificates as module
from imageserver.tls.certificates import Certificates
from imageserver.web.listeners import Listener, serving
from tests.bench.frame_client import tls
from tests.manual_clock import ManualClock
from tests.tls import make_certificate, run

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class House:
    """A machine with its directories, and the certificates that a server finds in them."""

    def __init__(self, path: Path) -> None:
        self.cert_dir = path / "certs"
        self.own = path / "data" / "tls" / "server.pem"
        self.addresses: tuple[str, ...] = ()
        self.clock = ManualClock(START)
        self.problems = Problems(clock=self.clock, events=Events())
        self.certificates = self.new()

    def new(self) -> Certificates:
        """Start the server anew."""
        return Certificates(
            cert_dir=self.cert_dir,
            own_dir=self.own.parent,
            addresses=lambda: self.addresses,
            clock=self.clock,
            problems=self.problems,
            machine=lambda: ("127.0.0.1", "192.168.1.5", "nas", "localhost"),
        )

    def put(self, pem: str, *, key: str | None = None) -> None:
        """Put a user's certificate in its place, with its own key or another's."""
        self.cert_dir.mkdir(exist_ok=True)
        at = pem.index("-----BEGIN CERTIFICATE-----")
        (self.cert_dir / "cert.pem").write_text(pem[at:])
        (self.cert_dir / "key.pem").write_text(key or pem[:at])

    @property
    def trouble(self) -> list[str]:
        return [problem.code for problem in self.problems.all()]

    async def names(self, trusted: Path | None = None) -> set[str]:
        """The names that a client is shown; it checks them against `trusted`."""
        context = ssl.create_default_context(cafile=trusted or self.own)
        listener = Listener(host="127.0.0.1", port=0, option="--port", tls=self.certificates.context)
        async with serving(web.Application(), listener):
            _, writer = await asyncio.open_connection("127.0.0.1", listener.port, ssl=context)
            shown = writer.get_extra_info("peercert")
            writer.transport.abort()
        return {value for _, value in shown["subjectAltName"]}

    async def visit(self) -> None:
        """Let a frame come and go: it speaks no newer TLS, and takes no ticket."""
        context = tls()
        listener = Listener(host="127.0.0.1", port=0, option="--port", tls=self.certificates.context)
        async with serving(web.Application(), listener):
            _, writer = await asyncio.open_connection("127.0.0.1", listener.port, ssl=context)
            writer.transport.abort()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def ending(days: float) -> str:
    return (START + timedelta(days=days)).isoformat()


# The server's own


async def test_without_a_users_certificate_the_server_makes_its_own(house: House) -> None:
    house.addresses = ("images.home", "203.0.113.5")
    await house.certificates.open()
    assert await house.names() == {
        *("images.home", "203.0.113.5", "127.0.0.1", "192.168.1.5", "nas", "localhost")
    }
    assert stat.S_IMODE(house.own.stat().st_mode) == 0o600
    assert [path.name for path in house.own.parent.iterdir()] == ["server.pem"]


async def test_its_own_is_rsa_2048_and_lasts_as_long_as_browsers_allow(house: House) -> None:
    await house.certificates.open()
    facts = module._read(house.own)
    assert facts.key == "RSA-2048"
    assert facts.ends == START + 825 * DAY


async def test_its_own_is_kept_over_a_restart(house: House) -> None:
    await house.certificates.open()
    made = house.own.read_bytes()
    house.certificates = house.new()
    await house.certificates.open()
    await house.certificates.refresh()
    assert house.own.read_bytes() == made


@pytest.mark.parametrize("broken", ["", "nothing of the kind", "cut"])
async def test_its_own_is_made_anew_where_it_can_not_be_used(house: House, broken: str) -> None:
    await house.certificates.open()
    whole = house.own.read_text()
    house.own.write_text(whole[: len(whole) // 2] if broken == "cut" else broken)
    house.certificates = house.new()
    await house.certificates.open()
    assert "localhost" in await house.names()


async def test_what_a_crash_has_left_of_a_key_is_removed(house: House) -> None:
    house.own.parent.mkdir(parents=True)
    (house.own.parent / ".writing-0123").write_text("-----BEGIN PRIV")
    await house.certificates.open()
    assert [path.name for path in house.own.parent.iterdir()] == ["server.pem"]


async def test_its_own_is_renewed_before_it_ends_without_a_restart(house: House) -> None:
    await house.certificates.open()
    made, context = house.own.read_bytes(), house.certificates.context()
    house.clock.set(START + 795 * DAY)
    await house.certificates.refresh()
    assert (house.own.read_bytes(), house.certificates.context()) == (made, context)
    house.clock.set(START + 795 * DAY + timedelta(minutes=1))
    await house.certificates.refresh()
    assert house.certificates.context() is not context
    assert module._read(house.own).ends == house.clock.now() + 825 * DAY
    assert house.trouble == []
    renewed = house.own.read_bytes()
    await house.certificates.refresh()
    assert house.own.read_bytes() == renewed


async def test_its_own_is_renewed_for_an_address_that_the_user_names(house: House) -> None:
    await house.certificates.open()
    await house.certificates.refresh()
    house.addresses = ("FD00::0:5", "Images.Home", "nas")
    await house.certificates.refresh()
    made = house.own.read_bytes()
    assert {"Images.Home", "FD00:0:0:0:0:0:0:5"} <= await house.names()
    house.certificates = house.new()
    await house.certificates.open()
    await house.certificates.refresh()
    await house.certificates.refresh()
    assert house.own.read_bytes() == made


async def test_a_certificate_that_can_not_be_renewed_is_a_problem_until_it_can(house: House) -> None:
    await house.certificates.open()
    context = house.certificates.context()
    house.clock.set(START + 800 * DAY)
    saved = house.own.parent.with_name("saved")
    house.own.parent.rename(saved)
    house.own.parent.write_text("in the way")
    await house.certificates.refresh()
    await house.certificates.refresh()
    assert house.trouble == ["certificate_not_renewed"]
    assert house.certificates.context() is context
    house.own.parent.unlink()
    saved.rename(house.own.parent)
    await house.certificates.refresh()
    assert house.certificates.context() is not context
    assert house.trouble == []


async def test_a_directory_that_can_not_be_written_ends_the_start(house: House) -> None:
    house.own.parent.parent.write_text("in the way")
    with pytest.raises(SettingsError, match=f"^{house.own} can't be written: "):
        await house.certificates.open()


async def test_a_name_that_is_none_ends_the_start(house: House) -> None:
    house.addresses = ("a" * 64,)
    with pytest.raises(SettingsError, match=r"aaa is neither an address nor a host name$"):
        await house.certificates.open()


# A user's


async def test_a_users_certificate_is_used_as_it_is(house: House) -> None:
    house.put(make_certificate("127.0.0.1", "users.home"))
    await house.certificates.open()
    assert await house.names(house.cert_dir / "cert.pem") == {"127.0.0.1", "users.home"}
    assert not house.own.exists()


@pytest.mark.parametrize("missing", ["cert.pem", "key.pem"])
async def test_half_a_pair_ends_the_start(house: House, missing: str) -> None:
    house.put(make_certificate())
    (house.cert_dir / missing).unlink()
    with pytest.raises(SettingsError, match=f"{missing} is missing"):
        await house.certificates.open()


async def test_a_users_certificate_is_read_again_when_it_changes(house: House) -> None:
    house.put(make_certificate("127.0.0.1", "first.home"))
    await house.certificates.open()
    context = house.certificates.context()
    await house.certificates.refresh()
    assert house.certificates.context() is context
    house.put(make_certificate("127.0.0.1", "second.home"))
    await house.certificates.refresh()
    assert "second.home" in await house.names(house.cert_dir / "cert.pem")


async def test_a_users_certificate_takes_the_place_of_the_servers(house: House) -> None:
    await house.certificates.open()
    house.put(make_certificate("127.0.0.1", "users.home"))
    await house.certificates.refresh()
    assert "users.home" in await house.names(house.cert_dir / "cert.pem")


async def test_a_change_that_can_not_be_used_leaves_the_one_before(house: House) -> None:
    house.put(make_certificate("127.0.0.1", "first.home"))
    await house.certificates.open()
    context = house.certificates.context()
    other = make_certificate()
    house.put(other, key=make_certificate().partition("-----BEGIN CERTIFICATE-----")[0])
    await house.certificates.refresh()
    assert house.trouble == []  # the other half may be on its way
    await house.certificates.refresh()
    assert house.trouble == ["certificate_unusable"]
    assert house.certificates.context() is context
    house.put(other)
    await house.certificates.refresh()
    assert house.trouble == []
    assert house.certificates.context() is not context


async def test_a_certificate_that_was_taken_away_stays_in_use(house: House) -> None:
    house.put(make_certificate())
    await house.certificates.open()
    context = house.certificates.context()
    (house.cert_dir / "cert.pem").unlink()
    for _ in range(2):
        await house.certificates.refresh()
    assert house.trouble == ["certificate_unusable"]
    assert house.certificates.context() is context


async def test_a_users_certificate_that_ends_is_a_problem_until_there_is_another(house: House) -> None:
    house.put(make_certificate(ends=ending(20)))
    await house.certificates.open()
    await house.certificates.refresh()
    assert house.trouble == []
    house.clock.set(START + 7 * DAY)
    await house.certificates.refresh()
    [problem] = house.problems.all()
    assert problem.text == "The certificate ends on 2026-12-14."
    assert str(house.cert_dir) in problem.remedy
    house.put(make_certificate(ends=ending(400)))
    await house.certificates.refresh()
    assert house.trouble == []


async def test_a_certificate_with_text_around_it_is_read(house: House) -> None:
    house.put(make_certificate())
    path = house.cert_dir / "cert.pem"
    path.write_bytes("Мой сертификат\n".encode() + path.read_bytes())
    await house.certificates.open()
    await house.certificates.refresh()
    assert house.trouble == []


# The program


def test_the_libraries_of_certificates_stay_out_of_the_server() -> None:
    check = "import sys, imageserver.tls.certificates, imageserver.web.frame; print(*sys.modules)"
    path = f"import sys; sys.path[:0] = {sys.path!r}; "
    assert "cryptography" not in run(sys.executable, "-c", path + check).split()


@pytest.mark.parametrize("own", [True, False])
async def test_sessions_that_no_frame_resumes_fill_no_memory(
    house: House, monkeypatch: pytest.MonkeyPatch, *, own: bool
) -> None:
    monkeypatch.setattr(module, "SESSIONS", 3)
    if not own:
        house.put(make_certificate("127.0.0.1"))
    await house.certificates.open()
    await house.certificates.refresh()
    contexts = []
    for _ in range(4):
        for _ in range(2):
            await house.visit()
        contexts.append(house.certificates.context())
        await house.certificates.refresh()
    assert contexts[0] is contexts[1], "a few are no reason"
    assert contexts[2] is not contexts[1]
    assert house.certificates.context().session_stats()["number"] < 3
    shown = await house.names(house.own if own else house.cert_dir / "cert.pem")
    assert "127.0.0.1" in shown
    assert house.trouble == []


async def test_sessions_are_kept_while_the_certificate_cannot_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SESSIONS", 1)
    await house.certificates.open()
    await house.certificates.refresh()
    await house.visit()
    before = house.certificates.context()
    house.own.unlink()
    await house.certificates.refresh()
    assert house.certificates.context() is before


async def test_the_program_that_makes_a_certificate_is_told_no_secret_of_others(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    program = tmp_path / "program.py"
    program.write_text(f"import os, pathlib; pathlib.Path({str(seen)!r}).write_text(str(os.environ))")
    monkeypatch.setattr(module, "_PROGRAM", program)
    monkeypatch.setenv("SUPERVISOR_TOKEN", "canary")
    with suppress(ValueError, SettingsError):
        await house.certificates.open()
    assert "PATH" in seen.read_text()
    assert "canary" not in seen.read_text()
