"""The user's certificate and key, for a server that may not read them: copied while root still can."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..exceptions import SettingsError
from ..files.atomic import atomic_write
from ..tls.origin import NAME, Origin, stamp_of
from ..tls.tls import server_context
from .rights import acting_as

if TYPE_CHECKING:
    from ..app_options import AppOptions
    from .ownership import User

_LOGGER = logging.getLogger(__name__)

CERTIFICATE, KEY = "cert.pem", "key.pem"


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """A certificate and its key.

    Attributes:
        wrong: Why they can't be what the user meant, whatever is in them; None where they can.
    """

    certificate: Path
    key: Path
    wrong: str | None = None

    @classmethod
    def of_directory(cls, directory: Path) -> Self:
        """Return those that the server looks for."""
        return cls(directory / CERTIFICATE, directory / KEY)

    @classmethod
    def of_app(cls, options: AppOptions, ssl: Path) -> Self | None:
        """Return those that the app's options name; None where they name none."""
        named = {"certfile": options.certfile, "keyfile": options.keyfile}
        if not any(named.values()):
            return None
        places = {option: Path(os.path.normpath(ssl / name)) for option, name in named.items()}
        wrong = None
        for option, place in places.items():
            if not named[option]:
                wrong = f"the option {option} is empty; a certificate and its key need both"
            elif not place.is_relative_to(ssl):
                wrong = f"the option {option} must name a file in {ssl}, but is {named[option]}"
        return cls(places["certfile"], places["keyfile"], wrong)

    def are_closed_to(self, user: User) -> bool:
        """Tell whether one is there that a user can't read; only root finds out."""
        with acting_as(user):
            return any(map(_is_closed, (self.certificate, self.key)))


def forget_copies(directory: Path) -> None:
    """Remove what an earlier start has copied.

    Raises:
        OSError: The disk said no.
    """
    for name in (CERTIFICATE, KEY, NAME):
        (directory / name).unlink(missing_ok=True)


def copy(files: KeyFiles, directory: Path, user: User) -> None:
    """Copy a pair that belongs together, for a user alone; of another note what is wrong.

    Raises:
        OSError: The directory can't be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    stamps = (stamp_of(files.certificate), stamp_of(files.key))
    problem = files.wrong
    contents: tuple[bytes, ...] = ()
    if problem is None:
        try:
            contents = _contents(files)
        except SettingsError as error:
            problem = str(error)
    for name, content in zip((CERTIFICATE, KEY), contents, strict=False):
        atomic_write(directory / name, content, mode=0o600)
        os.chown(directory / name, user.uid, user.gid)
    if problem is not None:
        _LOGGER.error("The certificate can't be used: %s. The server makes one of its own", problem)
    Origin(certificate=files.certificate, key=files.key, stamps=stamps, problem=problem).write(directory)


def _contents(files: KeyFiles) -> tuple[bytes, ...]:
    server_context(files.certificate, files.key)
    try:
        return files.certificate.read_bytes(), files.key.read_bytes()
    except OSError as error:
        raise SettingsError(f"{error.filename} can't be read: {error.strerror}") from error


def _is_closed(file: Path) -> bool:
    try:
        with file.open("rb"):
            return False
    except FileNotFoundError:
        return False
    except OSError:
        return True
