"""Runs a command inside a container: `python -P -m tests.app.rehearsal.inside`, an `Order` as first line.

Its own first line of output names the command's process as the host counts it, which begins once a further
byte has come (`GO`); all else that it prints is the command's. It ends as the command does, with 128 and a
signal's number where a signal ended it. When its input ends, which it does however the test ends, the command
is killed, and with a container's first process all others in it, and every mount.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import stat
import sys
from pathlib import Path, PurePosixPath
from typing import NoReturn

from tests.app.rehearsal import kernel
from tests.app.rehearsal.kernel import Mount
from tests.app.rehearsal.order import GO, Mounted, MountKind, NewRoot, Order

_PYTHON_IGNORES = (signal.SIGPIPE, signal.SIGXFSZ)
_LAYER = "size=1g,mode=755"
_DEVICES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
}
_STANDARD = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}


def main() -> int:
    """Do what is ordered; returns the exit code."""
    with open(0, "rb", buffering=0, closefd=False) as orders:
        order = Order.from_line(orders.readline())
    os.setsid()  # an interrupt from the keyboard is the tests' business
    capabilities = kernel.known_capabilities()
    _enter(order)
    go, going = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(go, len(GO))
        try:
            _become(order, capabilities)
        except OSError as error:
            _say(f"{order.command[0]} can't be run: {error}")
            os._exit(127)
    _say(json.dumps({"pid": pid}))
    if os.read(0, len(GO)):
        os.write(going, GO)
    else:
        os.kill(pid, signal.SIGKILL)
    return _wait(pid)


def _enter(order: Order) -> None:
    """Leave the host; what comes next is forked into the container's own processes."""
    if order.process is not None:
        everything = os.CLONE_NEWNS | os.CLONE_NEWPID | os.CLONE_NEWUTS | os.CLONE_NEWIPC | os.CLONE_NEWNET
        os.setns(order.process, everything)
        return
    if order.network is not None:
        os.setns(order.network, os.CLONE_NEWNET)
    if order.mounts is not None:
        os.setns(order.mounts, os.CLONE_NEWNS)
        kernel.unmount("/proc")
    os.unshare(os.CLONE_NEWUTS | os.CLONE_NEWIPC | os.CLONE_NEWPID)
    if order.hostname:
        socket.sethostname(order.hostname)
    if order.new_root is not None:
        os.unshare(os.CLONE_NEWNS)
        kernel.mount("none", "/", flags=Mount.WITH_ALL_BELOW | Mount.PRIVATE)
        _make_root(order.new_root)


def _make_root(new: NewRoot) -> None:
    root = _writable_layer_over(new) if new.stage else Path(new.tree)
    if not new.stage:
        kernel.bind(new.tree, new.tree)
    for mounted in new.mounts:
        _mount(root, mounted)
    kernel.make_root(str(root))


def _writable_layer_over(new: NewRoot) -> Path:
    """Leave the image's files as they are: what a container writes goes when it goes."""
    kernel.mount("layer", new.stage, "tmpfs", options=_LAYER)
    upper, work, root = (Path(new.stage) / name for name in ("upper", "work", "root"))
    for directory in (upper, work, root):
        directory.mkdir(mode=0o755)
    layers = f"lowerdir={new.tree},upperdir={upper},workdir={work}"
    kernel.mount("overlay", str(root), "overlay", options=layers)
    return root


def _mount(root: Path, mounted: Mounted) -> None:
    target = _in_root(root, mounted.target)
    _make_place(target, directory=mounted.kind is not MountKind.BIND or Path(mounted.source).is_dir())
    match mounted.kind:
        case MountKind.BIND:
            kernel.bind(mounted.source, str(target), read_only=mounted.read_only)
        case MountKind.TMPFS:
            fenced = Mount.NO_SUID | Mount.NO_DEVICES | Mount.NO_PROGRAMS
            kernel.mount("tmpfs", str(target), "tmpfs", fenced, mounted.options)
            if mounted.source:
                shutil.copytree(mounted.source, target, dirs_exist_ok=True)
        case MountKind.SYS:
            kernel.mount("sysfs", str(target), "sysfs", Mount.READ_ONLY)
        case MountKind.DEVICES:
            kernel.mount("tmpfs", str(target), "tmpfs", Mount.NO_SUID | Mount.NO_PROGRAMS, "mode=755")
            _make_devices(target)


def _in_root(root: Path, target: str) -> Path:
    """Follow links as the container would, never out of its root."""
    found, parts = root, list(PurePosixPath(target).parts[1:])
    while parts:
        step = found / parts.pop(0)
        if not step.is_symlink():
            found = step
            continue
        link = PurePosixPath(step.readlink())
        if link.is_absolute():
            found, link = root, link.relative_to("/")
        parts = [*link.parts, *parts]
    return found


def _make_place(target: Path, *, directory: bool) -> None:
    """As an engine does where the image has no place for a mount."""
    if directory:
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()


def _make_devices(directory: Path) -> None:
    old = os.umask(0)
    for name, (major, minor) in _DEVICES.items():
        os.mknod(directory / name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
    os.umask(old)
    for name, what in _STANDARD.items():
        (directory / name).symlink_to(f"/proc/self/fd{what}")
    (directory / "shm").mkdir()
    kernel.mount("shm", str(directory / "shm"), "tmpfs", options="mode=1777,size=64m")


def _become(order: Order, capabilities: range) -> NoReturn:
    if order.process is None:
        kernel.mount("proc", "/proc", "proc", Mount.NO_SUID | Mount.NO_DEVICES | Mount.NO_PROGRAMS)
    os.setsid()
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.closerange(3, 1024)
    for number in _PYTHON_IGNORES:
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o022)
    kernel.keep_only(frozenset(order.capabilities), capabilities)
    user, group = order.user
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    os.chdir(order.directory)
    os.execvpe(order.command[0], order.command, order.environment)  # noqa: S606 - a container's entry


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _wait(pid: int) -> int:
    child = os.pidfd_open(pid)
    events = select.poll()
    events.register(0, select.POLLIN)
    events.register(child, select.POLLIN)
    while True:
        ready = {number for number, _ in events.poll()}
        if child in ready:
            _, status = os.waitpid(pid, 0)
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if not os.read(0, 1):
            events.unregister(0)
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
