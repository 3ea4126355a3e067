"""A container: what a container engine does with an image, as far as anyone inside can tell."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from signal import Signals, pidfd_send_signal
from typing import TYPE_CHECKING, Self

from tests.app.rehearsal.image import ENVIRONMENT, INSIDE
from tests.app.rehearsal.network import Plug
from tests.app.rehearsal.order import ENGINES_CAPABILITIES, GO, Mounted, MountKind, NewRoot, Order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.app.rehearsal.image import Image
    from tests.app.rehearsal.network import Bridge

PATIENCE = 30.0
"""Seconds until a container that should have done something is taken for broken."""

LOOK_SECONDS = 0.1
"""Between two looks at a container's health; an engine takes longer."""

_LINE = 1 << 20

_TIME_PASSES = """
import asyncio
for timer in asyncio.get_running_loop()._scheduled:
    timer._when -= {seconds}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, or a whole container.

    Attributes:
        code: As engines say it: 128 and the signal's number after a signal.
        output: Of a command.
    """

    code: int
    seconds: float = 0
    output: str = ""


class Container:
    """From its creation to its removal, the latter at the end of `async with`; it can be started again.

    Attributes:
        log: What its processes said, in lines, over all starts.
        pid: Of its first process, as the host counts; 0 while it does not run.
    """

    def __init__(
        self,
        *,
        image: Image,
        bridge: Bridge,
        folder: Path,
        hostname: str,
        environment: Mapping[str, str],
        mounts: Sequence[Mounted] = (),
        hosts: Mapping[str, str] | None = None,
        nameserver: str | None = None,
        user: tuple[int, int] | None = None,
        command: Sequence[str] = (),
        capabilities: tuple[int, ...] = ENGINES_CAPABILITIES,
    ) -> None:
        """Create it.

        Args:
            image: What it is made of.
            bridge: The network it is connected to.
            folder: Where the engine keeps what is this container's own.
            hostname: Its name.
            environment: Beside what the image says.
            mounts: Volumes.
            hosts: Names that are known inside, with their addresses.
            nameserver: Who is asked for others; None = the gateway.
            user: Instead of the image's.
            command: Instead of the image's; its entry point stays.
            capabilities: What is left of root's rights.
        """
        self.log: list[str] = []
        self.pid = 0
        self._image = image
        self._folder = folder
        self._bridge = bridge
        self._hostname = hostname
        self._user = image.config.user if user is None else user
        self._command = tuple(command) or image.config.command
        self._capabilities = capabilities
        home = "/root" if self._user[0] == 0 else "/"
        self._environment = {"HOSTNAME": hostname, "HOME": home, **image.config.environment, **environment}
        names = {"localhost": "127.0.0.1", **(hosts or {}), hostname: str(bridge.container.ip)}
        own = {
            "hosts": "".join(f"{address}\t{name}\n" for name, address in names.items()),
            "hostname": f"{hostname}\n",
            "resolv.conf": f"nameserver {nameserver or bridge.gateway}\n",
        }
        self._mounts = (*_kernels(), *image.mounts, *_own_files(folder, own), *mounts)
        self._made: int | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._first: int | None = None
        self._plug: Plug | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said = asyncio.Condition()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()
        if self._made is not None:
            os.close(self._made)

    @property
    def text(self) -> str:
        """The log as one text."""
        return "\n".join(self.log)

    async def start(self) -> None:
        """Start it; what it wrote beside its volumes is still there after a stop.

        Raises:
            RuntimeError: It can't be put together.
        """
        assert self._process is None, "it runs"
        self._plug = Plug(self._bridge)
        fresh = NewRoot(str(self._image.tree), self._mounts, str(self._image.stage))
        order = Order(
            command=(*self._image.config.entry, *self._command),
            environment=self._environment,
            directory=self._image.config.directory,
            user=self._user,
            capabilities=self._capabilities,
            hostname=self._hostname,
            network=self._plug.namespace,
            new_root=fresh if self._made is None else None,
            mounts=self._made,
        )
        try:
            self._process, self.pid = await _begin(order)
        except RuntimeError:
            self._unplug()
            raise
        self._first = os.pidfd_open(self.pid)
        if self._made is None:
            self._made = os.open(f"/proc/{self.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        _go(self._process)
        self._reading = asyncio.create_task(self._read())

    async def said(self, text: str, *, after: int = 0) -> str:
        """Wait until a line of the log holds a text, beginning with line number `after`."""
        try:
            async with asyncio.timeout(PATIENCE), self._said:
                while True:
                    for line in self.log[after:]:
                        if text in line:
                            return line
                    after = len(self.log)
                    assert self._reading is not None, f"It ended without {text!r}:\n{self.text}"
                    assert not self._reading.done(), f"It ended without {text!r}:\n{self.text}"
                    await self._said.wait()
        except TimeoutError:
            raise AssertionError(f"It never said {text!r}:\n{self.text}") from None

    async def run(self, *command: str) -> Ended:
        """Run a command beside what runs, as root, as `docker exec` does."""
        assert self._first is not None, f"It does not run:\n{self.text}"
        begun = time.monotonic()
        order = Order(
            command=command,
            environment=self._environment,
            directory=self._image.config.directory,
            user=self._user,
            capabilities=self._capabilities,
            process=self._first,
        )
        process, _ = await _begin(order)
        _go(process)
        assert process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE):
                output = await process.stdout.read()
                code = await process.wait()
        finally:
            await _end(process)
        return Ended(code, time.monotonic() - begun, output.decode(errors="replace"))

    def status(self) -> dict[str, str]:
        """Return what the kernel says of its first process."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def path(self, inside: str) -> Path:
        """Return where the host finds a file of the running container."""
        assert self.pid, f"It does not run:\n{self.text}"
        return Path(f"/proc/{self.pid}/root{inside}")

    def time_passes(self, seconds: float) -> None:
        """Let the server find that its timers are that much nearer; it notices when it is asked next."""
        file = self._folder / "time_passes.py"
        file.write_text(_TIME_PASSES.format(seconds=seconds))
        # Python wants the file at the same place on both sides.
        inside = self.path(str(file))
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, inside)
        sys.remote_exec(self.pid, str(file))  # type: ignore[attr-defined] # Python 3.14, as the image

    def signal(self, number: Signals) -> None:
        """Send its first process a signal, as `docker kill --signal` does."""
        assert self._first is not None, f"It does not run:\n{self.text}"
        pidfd_send_signal(self._first, number)

    async def is_healthy(self) -> bool:
        """Ask as the image says."""
        check = self._image.config.health_check
        assert check is not None, "the image has no health check"
        ended = await self.run(*check.command)
        return ended.code == 0 and ended.seconds <= check.timeout

    async def until_healthy(self) -> None:
        """Wait for the first time that it is well."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self.is_healthy():
                    assert self._reading is not None
                    assert not self._reading.done(), f"It ended:\n{self.text}"
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise AssertionError(f"It never became healthy:\n{self.text}") from None

    async def stop(self, seconds: float) -> Ended:
        """Ask it to end, and kill it if it has not after so long."""
        begun = time.monotonic()
        self.signal(Signals[self._image.config.stop_signal])
        try:
            async with asyncio.timeout(seconds):
                code = await self.ended()
        except TimeoutError:
            code = await self.kill()
        return Ended(code, time.monotonic() - begun)

    async def ended(self) -> int:
        """Wait for its end; returns the exit code."""
        assert self._process is not None
        assert self._reading is not None
        code = await self._process.wait()
        await self._reading
        await self._clear()
        return code

    async def kill(self) -> int:
        """End it at once; returns the exit code."""
        if self._process is None:
            return 0
        self.signal(Signals.SIGKILL)
        return await self.ended()

    async def _clear(self) -> None:
        assert self._process is not None
        await _end(self._process)
        self._process = None
        self.pid = 0
        if self._first is not None:
            os.close(self._first)
            self._first = None
        self._unplug()

    def _unplug(self) -> None:
        if self._plug is not None:
            self._plug.pull()
            self._plug = None

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self.log.append(line.decode(errors="replace").rstrip("\n"))
            async with self._said:
                self._said.notify_all()
        async with self._said:
            self._said.notify_all()


def _kernels() -> list[Mounted]:
    return [Mounted("/dev", MountKind.DEVICES), Mounted("/sys", MountKind.SYS)]


def _own_files(folder: Path, contents: Mapping[str, str]) -> list[Mounted]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        (folder / name).write_text(text)
    return [Mounted(f"/etc/{name}", source=str(folder / name)) for name in contents]


async def _begin(order: Order) -> tuple[asyncio.subprocess.Process, int]:
    """Get a command in a container ready; returns the program that did so, and the command's process."""
    process = await asyncio.create_subprocess_exec(
        *INSIDE,
        env=ENVIRONMENT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        pass_fds=order.open_files,
        limit=_LINE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(order.to_line())
    first = await process.stdout.readline()
    try:
        return process, int(json.loads(first)["pid"])
    except ValueError:
        rest = await process.stdout.read()
        await _end(process)
        raise RuntimeError(f"No container:\n{(first + rest).decode(errors='replace')}") from None


def _go(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(GO)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let the program end, with its command if that still runs."""
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()
