from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from imageserver.container import rights
from imageserver.container.ownership import SERVER, User
from tests.server.container.child import in_child
from tests.server.container.root import needs_a_user, needs_root

if TYPE_CHECKING:
    from pathlib import Path


def status() -> dict[str, str]:
    """What the kernel tells of this process."""
    with open("/proc/self/status", encoding="utf-8") as file:  # noqa: PTH123 - no import in a child
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


@needs_root
def test_root_sees_with_a_users_eyes_for_a_while(open_directory: Path) -> None:
    secret = open_directory / "secret"
    secret.touch(mode=0o600)
    before = (os.geteuid(), os.getegid(), os.getgroups())
    with rights.acting_as(SERVER):
        assert (os.geteuid(), os.getegid()) == (8099, 8099)
        assert 0 not in os.getgroups()
        with pytest.raises(PermissionError):
            secret.read_bytes()
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before
    secret.read_bytes()


@needs_root
def test_it_is_root_again_whatever_happens_meanwhile() -> None:
    with pytest.raises(RuntimeError), rights.acting_as(SERVER):
        raise RuntimeError
    assert os.geteuid() == 0


@needs_root
def test_who_becomes_a_user_is_that_user_for_good() -> None:
    def become() -> list[object]:
        os.setgroups([0, 44])
        rights.drop(SERVER)
        found = status()
        back = None
        try:
            os.setuid(0)
        except PermissionError as error:
            back = error.strerror
        return [found["Uid"], found["Gid"], found["Groups"].strip(), found["CapPrm"], found["CapEff"], back]

    four = "\t".join(["8099"] * 4)
    assert in_child(become) == [four, four, "44", "0" * 16, "0" * 16, "Operation not permitted"]


def test_no_program_gains_rights() -> None:
    def give_up() -> str:
        rights.gain_no_more()
        return status()["NoNewPrivs"]

    assert in_child(give_up) == "1"


@needs_root
def test_a_root_that_may_become_another_user_is_not_refused() -> None:
    assert rights.refusal(SERVER) is None
    assert os.geteuid() == 0


@needs_a_user
def test_who_is_not_root_is_refused() -> None:
    assert rights.refusal(SERVER) == "Operation not permitted"


@needs_root
def test_a_root_without_capabilities_is_refused() -> None:
    def without_capabilities() -> list[object]:
        drop_capabilities()
        return [rights.is_root(), rights.refusal(SERVER), os.geteuid()]

    assert in_child(without_capabilities) == [True, "Operation not permitted", 0]


def drop_capabilities() -> None:
    """Clear every set, as `--cap-drop ALL` does."""
    import ctypes  # noqa: PLC0415 - in a child

    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capset(header, data) == 0


@needs_root
def test_a_directory_that_only_root_can_write_is_found(open_directory: Path) -> None:
    names = ("roots", "everyones", "servers", "groups", "gone")
    roots, everyones, servers, groups, gone = directories = [open_directory / name for name in names]
    for directory in directories[:-1]:
        directory.mkdir()
    everyones.chmod(0o777)
    os.chown(servers, 8099, 8099)
    os.chown(groups, 0, 50)
    groups.chmod(0o770)
    assert rights.only_for_root(directories, SERVER) == [roots, groups]
    assert rights.only_for_root(directories, User(8099, 50)) == [roots]
    assert not gone.exists()
