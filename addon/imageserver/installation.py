"""What makes this installation itself: an id, made once, and the token of the management API."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import secrets
from typing import TYPE_CHECKING, Self

from .exceptions import StateError
from .files.atomic import atomic_write, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .state.state import State

_LOGGER = logging.getLogger(__name__)

TOKEN_FILE = "api_token"  # noqa: S105 - a file's name
NOTE = "installation_id"

_OF_OTHERS = 0o077


class Installation:
    """Knows the installation's id and its token.

    Attributes:
        id: Made at the first start; the same for as long as the data directory lives.
        on_token: Called with each new token, in order: who keeps it out of the log comes before who
            hands it on. They must be quick and raise nothing.
    """

    def __init__(self, *, id: str, token: str, token_file: Path) -> None:  # noqa: A002 - it is the id
        self.id = id
        self.on_token: list[Callable[[str], None]] = []
        self._token = token
        self._token_file = token_file
        self._renewing = asyncio.Lock()

    @classmethod
    async def open(cls, *, state: State, data_dir: Path) -> Self:
        """Read both, or make them.

        Raises:
            OSError: The token can't be read or written.
            StateError: The id can't be written down.
        """
        known = await state.note(NOTE)
        if not isinstance(known, str):
            known = secrets.token_hex(16)
            await state.set_note(NOTE, known, durable=True)
        token_file = data_dir / TOKEN_FILE
        token = await asyncio.to_thread(_read_or_make, token_file)
        return cls(id=known, token=token, token_file=token_file)

    @property
    def token(self) -> str:
        """The token that the management API asks for; a secret."""
        return self._token

    def accepts(self, token: str) -> bool:
        """Compare a token, in a time that says nothing about it."""
        return hmac.compare_digest(token.encode(errors="surrogateescape"), self._token.encode())

    async def renew_token(self) -> str:
        """Make a new token and let those know who need it; the old one opens nothing any more.

        Raises:
            StateError: It can't be written; the old one still holds.
        """
        token = _new_token()
        async with self._renewing:  # of two at once, the file and the memory would keep one each
            try:
                await asyncio.to_thread(atomic_write, self._token_file, token.encode(), mode=0o600)
            except OSError as error:
                raise StateError(f"{self._token_file} can't be written: {error.strerror}") from error
            self._token = token
            for listener in self.on_token:
                listener(token)
        _LOGGER.info("The API token was renewed")
        return token


def _read_or_make(token_file: Path) -> str:
    remove_leftovers(token_file.parent)
    try:
        token = token_file.read_text("utf-8").strip()
    except FileNotFoundError:
        token = ""
    if not token:
        token = _new_token()
        atomic_write(token_file, token.encode(), mode=0o600)
    elif token_file.stat().st_mode & _OF_OTHERS:
        _LOGGER.warning("%s could be read by others: now only by the server itself", token_file)
        with contextlib.suppress(OSError):
            token_file.chmod(0o600)
    return token


def _new_token() -> str:
    return secrets.token_urlsafe(32)
