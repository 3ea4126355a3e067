"""Root's rights: lending them to nobody, and giving them up for good."""

from __future__ import annotations

import ctypes
import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .ownership import User

_PR_SET_NO_NEW_PRIVS = 38


def is_root() -> bool:
    """Tell whether there are rights to give up."""
    return os.geteuid() == 0


@contextmanager
def acting_as(user: User) -> Iterator[None]:
    """See files with a user's eyes for as long as the block lasts.

    Raises:
        OSError: This root may not become another user.
    """
    with ExitStack() as undo:
        groups, group, itself = os.getgroups(), os.getegid(), os.geteuid()
        os.setgroups(_without_roots(groups))
        undo.callback(os.setgroups, groups)
        os.setegid(user.gid)
        undo.callback(os.setegid, group)
        os.seteuid(user.uid)
        undo.callback(os.seteuid, itself)
        yield


def refusal(user: User) -> str | None:
    """Return why this root can't become a user; None where it can."""
    try:
        with acting_as(user):
            return None
    except OSError as error:
        return error.strerror


def only_for_root(directories: Sequence[Path], user: User) -> list[Path]:
    """Return the directories that root can write, and the user can't."""
    with acting_as(user):
        closed = [directory for directory in directories if not _is_open(directory)]
    return [directory for directory in closed if _is_open(directory)]


def drop(user: User) -> None:
    """Become a user, for good. Groups that the container was given with `--group-add` stay.

    Raises:
        OSError: This root may not.
    """
    os.setgroups(_without_roots(os.getgroups()))
    os.setresgid(user.gid, user.gid, user.gid)
    os.setresuid(user.uid, user.uid, user.uid)


def gain_no_more() -> None:
    """See to it that no program that is run from here has rights that this thread does not have.

    Raises:
        OSError: The kernel can't do that.
    """
    library = ctypes.CDLL(None, use_errno=True)
    numbers = (ctypes.c_ulong(number) for number in (1, 0, 0, 0))
    if library.prctl(_PR_SET_NO_NEW_PRIVS, *numbers) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _without_roots(groups: Sequence[int]) -> list[int]:
    return [group for group in groups if group != 0]


def _is_open(directory: Path) -> bool:
    return os.access(directory, os.W_OK | os.X_OK, effective_ids=True)
