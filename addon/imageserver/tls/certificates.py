"""The certificate that frames and people are shown.

A user's own `cert.pem` and `key.pem` are used as they are; without them the server makes its own. New
files are taken without a restart: each connection gets the context that holds when it begins.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from ..exceptions import SettingsError
from ..files.atomic import atomic_write, remove_leftovers
from .addresses import machine_names
from .copied_files import CopiedFiles
from .origin import stamp_of
from .tls import server_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..problems import Problems
    from ..timing.clock import Clock
    from .origin import Stamp

_LOGGER = logging.getLogger(__name__)

VALID_FOR = timedelta(days=825)
"""The longest that every browser accepts; frames do not look."""

RENEWED_BEFORE = timedelta(days=30)
WARNED_BEFORE = timedelta(days=14)

SESSIONS = 256
"""OpenSSL keeps each session for two hours, with more than a kilobyte, and 20,480 of them: 27 MB."""

_PROGRAM = Path(__file__).with_name("certificate_program.py")
_PROGRAM_SECONDS = 60

_NEEDED = re.compile("PATH$|PYTHON|LD_|LANG$|LC_|TZ$|TMPDIR$")
"""Of the environment, what a program of Python's needs; secrets in the rest are none of its business."""

type _Stamps = tuple[Stamp | None, ...]


@dataclass(frozen=True, slots=True)
class _InUse:
    context: ssl.SSLContext
    stamp: _Stamps
    own: bool


@dataclass(frozen=True, slots=True)
class _Facts:
    ends: datetime
    names: frozenset[str]
    key: str


class Certificates:
    """The certificate in use, kept up to date."""

    def __init__(
        self,
        *,
        cert_dir: Path,
        own_dir: Path,
        addresses: Callable[[], Sequence[str]],
        clock: Clock,
        problems: Problems,
        machine: Callable[[], Sequence[str]] = machine_names,
    ) -> None:
        """Describe where certificates are.

        Args:
            cert_dir: Where a user may put `cert.pem` and `key.pem`, or where copies of them are.
            own_dir: Where the server keeps its own.
            addresses: `server_addresses`, as they stand now.
            clock: Tells when a certificate ends.
            problems: Is told of certificates that can't be used, or end soon.
            machine: Every other name of this machine.
        """
        self._users = (cert_dir / "cert.pem", cert_dir / "key.pem")
        self._own = own_dir / "server.pem"  # both in one file: a crash never leaves halves of two pairs
        self._addresses = addresses
        self._machine = machine
        self._clock = clock
        self._problems = problems
        self._copied = CopiedFiles(directory=cert_dir, problems=problems)
        self._in_use: _InUse | None = None
        self._facts: _Facts | None = None
        self._examined = False
        self._made_for: frozenset[str] = frozenset()
        self._unusable: _Stamps | None = None

    def context(self) -> ssl.SSLContext:
        """Return the context for a new connection."""
        assert self._in_use is not None  # noqa: S101 - opened first
        return self._in_use.context

    async def open(self) -> None:
        """Find a certificate, or make one.

        Raises:
            SettingsError: The user's files can't be used, or none can be made.
        """
        await self._copied.open()
        await asyncio.to_thread(remove_leftovers, self._own.parent)
        stamp = await asyncio.to_thread(_stamp, self._users)
        if any(stamp):
            await self._use_users(stamp)
            return
        try:
            await self._use_own()
        except SettingsError:
            await self._make_own()

    async def refresh(self) -> None:
        """Take new files, renew what ends; to be called once a minute.

        What can't be used changes nothing: the certificate before stays in use.
        """
        await self._copied.look()
        await self._look_for_new()
        if not self._examined:
            await self._examine()
        if self._in_use is not None and self._in_use.own and self._is_due():
            await self._renew()
        await self._forget_sessions()
        self._tell_end()

    async def _look_for_new(self) -> None:
        stamp = await asyncio.to_thread(_stamp, self._users)
        try:
            if self._is_new(stamp):
                await self._use_users(stamp)
        except SettingsError as error:
            self._complain(stamp, error)
        else:
            self._unusable = None
            self._problems.resolve("certificate_unusable")

    def _is_new(self, stamp: _Stamps) -> bool:
        if self._in_use is None or self._in_use.own:
            return any(stamp)
        return stamp != self._in_use.stamp

    async def _examine(self) -> None:
        """Read the certificate in use; not when it is opened, which would delay the server's start."""
        self._examined = True
        own = self._in_use is not None and self._in_use.own
        try:
            self._facts = await asyncio.to_thread(_read, self._own if own else self._users[0])
        except SettingsError as error:
            _LOGGER.warning("Nobody can say when the certificate ends: %s", error)
            return
        _LOGGER.info("The certificate (%s) ends on %s", self._facts.key, f"{self._facts.ends:%Y-%m-%d}")

    async def _renew(self) -> None:
        try:
            await self._make_own()
        except SettingsError as error:
            self._problems.report(
                "certificate_not_renewed",
                f"The certificate could not be renewed: {error}.",
                remedy="The one before stays in use; this is tried again every minute.",
            )
            return
        self._problems.resolve("certificate_not_renewed")
        await self._examine()

    async def _forget_sessions(self) -> None:
        """Begin a new context where the one in use remembers many sessions: no frame ever resumes one."""
        if self._in_use is None or self._in_use.context.session_stats()["number"] < SESSIONS:
            return
        files = (self._own,) if self._in_use.own else self._users
        with suppress(SettingsError):  # in the middle of being replaced: the next minute will do
            context = await asyncio.to_thread(server_context, *files)
            self._in_use = replace(self._in_use, context=context)

    async def _use_users(self, stamp: _Stamps) -> None:
        certificate, key = self._users
        context = await asyncio.to_thread(server_context, certificate, key)
        self._use(_InUse(context, stamp, own=False))
        _LOGGER.info("The certificate is %s", self._copied.certificate() or certificate)

    async def _use_own(self) -> None:
        context = await asyncio.to_thread(server_context, self._own)
        self._use(_InUse(context, (), own=True))

    def _use(self, new: _InUse) -> None:
        self._in_use = new
        self._facts = None
        self._examined = False

    async def _make_own(self) -> None:
        now, wanted = self._clock.now(), tuple(self._addresses())
        await asyncio.to_thread(self._write_own, wanted, now - timedelta(days=1), now + VALID_FOR)
        await self._use_own()
        self._made_for = frozenset(_normal(name) for name in wanted)
        _LOGGER.info("A certificate was made; it is in %s", self._own)

    def _write_own(self, wanted: Sequence[str], starts: datetime, ends: datetime) -> None:
        names = list(dict.fromkeys((*wanted, *self._machine())))
        pem = _run("make", names=names, starts=starts.isoformat(), ends=ends.isoformat())
        try:
            self._own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic_write(self._own, pem.encode(), mode=0o600)
        except OSError as error:
            raise SettingsError(f"{self._own} can't be written: {error.strerror}") from error

    def _is_due(self) -> bool:
        """Tell whether the server's own certificate ends soon, or lacks an address that the user named.

        Addresses that come and go by themselves are no reason: who trusts the certificate would have to
        trust a new one each time.
        """
        if self._facts is None:
            return True  # its file has gone, or broke
        had = self._made_for.union(_normal(name) for name in self._facts.names)
        missing = {_normal(name) for name in self._addresses()} - had
        return bool(missing) or self._facts.ends - self._clock.now() < RENEWED_BEFORE

    def _complain(self, stamp: _Stamps, error: SettingsError) -> None:
        # Two files can't be replaced at once: what is wrong now may be right in a minute.
        if self._unusable == stamp:
            self._problems.report(
                "certificate_unusable",
                f"{error}.",
                remedy="The certificate before stays in use until this is mended; it needs no restart.",
            )
        self._unusable = stamp

    def _tell_end(self) -> None:
        if self._facts is None or self._facts.ends - self._clock.now() >= WARNED_BEFORE:
            self._problems.resolve("certificate_ends")
            return
        self._problems.report(
            "certificate_ends",
            f"The certificate ends on {self._facts.ends:%Y-%m-%d}.",
            remedy=self._remedy_for_end(),
        )

    def _remedy_for_end(self) -> str:
        if self._in_use is not None and self._in_use.own:
            return "The server makes a new one as soon as it can."
        if copied := self._copied.certificate():
            return f"Renew {copied}, then restart the app (or the container)."
        return f"Put a new cert.pem and key.pem into {self._users[0].parent}; that needs no restart."


def _normal(name: str) -> str:
    """Return the spelling in which a certificate says an address or a name."""
    try:
        return str(ip_address(name))
    except ValueError:
        return name.lower()


def _stamp(files: tuple[Path, ...]) -> _Stamps:
    return tuple(stamp_of(file) for file in files)


def _read(certificate: Path) -> _Facts:
    try:
        found = json.loads(_run("read", pem=certificate.read_text(encoding="latin-1")))
    except OSError as error:
        raise SettingsError(f"{certificate} can't be read") from error
    ends = datetime.fromisoformat(found["ends"]).astimezone(UTC)
    return _Facts(ends, frozenset(found["names"]), found["key"])


def _run(order: str, **details: Any) -> str:
    command = [sys.executable, "-P", str(_PROGRAM), order]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            input=json.dumps(details),
            capture_output=True,
            text=True,
            check=True,
            timeout=_PROGRAM_SECONDS,
            env={name: value for name, value in os.environ.items() if _NEEDED.match(name)},
        )
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[-1:] or [f"code {error.returncode}"]
        raise SettingsError(f"The certificate's program failed: {reason[0]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SettingsError(f"The certificate's program failed: {error}") from error
    return done.stdout
