"""Stands for the official Python image, made of what this machine has.

The system's programs and libraries are the host's, read-only. Python is the one that runs the tests: its
folder at its own place, and a virtual environment at `/usr/local`, so that `python3`, `pip` and packages are
where they are in the original.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.app.rehearsal.dockerfile import Config, DockerfileError
from tests.app.rehearsal.order import Mounted

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
PREFIX = "/usr/local"
PACKAGES = f"{PREFIX}/lib/python{VERSION}/site-packages"

CONFIG = Config(
    environment={
        "PATH": f"{PREFIX}/bin:{PREFIX}/sbin:{PREFIX}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHON_VERSION": sys.version.split()[0],
    },
    command=("python3",),
)

_PASSWD = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
_GROUP = "root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n"
_OF_USR = ("bin", "lib*", "libexec", "sbin", "share")
_OF_HOST = ("ld.so.cache", "ld.so.conf", "ssl/certs/ca-certificates.crt", "ssl/openssl.cnf")
_PIP = Path(__file__).with_name("pip")


def make(tree: Path, name: str) -> tuple[Mounted, ...]:
    """Make the image's files; returns what of the host is mounted over them.

    Raises:
        DockerfileError: It is not this image that is asked for.
    """
    if not name.startswith(f"python:{VERSION}.") or "-slim" not in name:
        raise DockerfileError(f"FROM {name}: only python:{VERSION}.*-slim* has a stand-in here")
    mounts = (*_system(tree), *_python(tree))
    _make_etc(tree / "etc")
    for directory in ("dev", "proc", "root", "run", "sys"):
        _make(tree / directory)
    for directory in ("tmp", "var/tmp"):
        _make(tree / directory, 0o1777)
    return mounts


def _system(tree: Path) -> list[Mounted]:
    mounts = []
    top = (one for pattern in ("bin", "lib*", "sbin") for one in Path("/").glob(pattern))
    for one in (*top, *(one for pattern in _OF_USR for one in Path("/usr").glob(pattern))):
        place = tree / one.relative_to("/")
        if place.is_symlink() or place.exists():
            continue  # a second pattern fits too
        _make(place.parent)
        if one.is_symlink():
            place.symlink_to(one.readlink())
        else:
            _make(place)
            mounts.append(Mounted(str(one), source=str(one), read_only=True))
    return mounts


def _python(tree: Path) -> list[Mounted]:
    program, folder = Path(sys.executable).resolve(), Path(sys.base_prefix).resolve()
    if folder.is_relative_to(PREFIX):
        raise DockerfileError(f"The tests' Python lies in {PREFIX}, where the image's own has to be")
    local = tree / PREFIX.lstrip("/")
    _make(local / "bin")
    _make(tree / PACKAGES.lstrip("/"))
    home = f"home = {program.parent}\ninclude-system-site-packages = false\n"
    (local / "pyvenv.cfg").write_text(f"{home}version_info = {CONFIG.environment['PYTHON_VERSION']}\n")
    for name in ("python", "python3", f"python{VERSION}"):
        (local / "bin" / name).symlink_to(program)
    shutil.copy(_PIP, local / "bin" / "pip")
    (local / "bin" / "pip").chmod(0o755)
    if folder == Path("/usr"):
        return []
    _make(tree / folder.relative_to("/"))
    return [Mounted(str(folder), source=str(folder), read_only=True)]


def _make_etc(etc: Path) -> None:
    _make(etc)
    (etc / "passwd").write_text(_PASSWD)
    (etc / "group").write_text(_GROUP)
    (etc / "nsswitch.conf").write_text("hosts: files dns\n")
    (etc / "localtime").symlink_to("/usr/share/zoneinfo/Etc/UTC")
    for name in _OF_HOST:
        if Path("/etc", name).exists():
            _make((etc / name).parent)
            shutil.copy(Path("/etc", name), etc / name)


def _make(directory: Path, mode: int = 0o755) -> None:
    """Make a directory whose parents everyone may pass through, whatever the umask."""
    directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    directory.chmod(mode)
