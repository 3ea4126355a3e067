"""From root to the server: what has to be done before, and in which order.

Nothing that is in the way ends the start: it is a line in the log, and the server, which knows what it can't
do without, says the rest.
"""

from __future__ import annotations

import logging
import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .. import app_options
from ..exceptions import SettingsError
from ..log import log as logs
from ..timing.time_zone import local_zone
from . import backup, image_directory, key_files, rights
from .container_places import ContainerPlaces
from .key_files import KeyFiles
from .ownership import ROOT, SERVER, HandOver, server_user
from .server_command import ServerCommand
from .volumes import Volumes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import NoReturn

    from ..app_options import AppOptions
    from ..places import Places
    from .ownership import User

_LOGGER = logging.getLogger(__name__)

STORES_FOLDERS = frozenset({"original", "scalable", ".deleted"})
"""What the server has in the image directory; whatever else is there may be anybody's."""

HELD = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
"""Signals that wait until the server takes them: the first process of a container would lose them."""


def start(
    flags: Sequence[str], environment: Mapping[str, str], *, places: ContainerPlaces | None = None
) -> NoReturn:
    """Prepare the container, and become the server.

    Raises:
        SystemExit: The flags make no sense, or ask for the help or the version.
    """
    places = places or ContainerPlaces()
    as_app = bool(environment.get("SUPERVISOR_TOKEN"))
    command = ServerCommand(list(flags), dict(environment))
    if as_app:
        command.assume("--data-dir", places.data)
        command.assume("--config-dir", places.config)
        command.assume("--cert-dir", places.copies)
    if not command.arguments().check:
        signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        log = logs.setup(zone=local_zone(environment).zone)
        try:
            _Preparation(command, places, Volumes.read(places.mounts), as_app=as_app).run()
        finally:
            log.close()
    command.execute()


@dataclass(frozen=True, slots=True)
class _Preparation:
    command: ServerCommand
    container: ContainerPlaces
    volumes: Volumes
    as_app: bool

    def run(self) -> None:
        """Do what only root can; started as another user, the server finds things as they are."""
        if rights.is_root():
            self._run_as_root()
        else:
            self._tell(self._decide_places())
        with _going_on("Programs that the server runs may gain rights"):
            rights.gain_no_more()

    def _run_as_root(self) -> None:
        options = self._write_options() if self.as_app else None
        places = self._decide_places()
        self._tell(places)
        self._make_directories(places)
        user = self._give_to_server(places)
        self._provide_certificate(options, places, user)
        if user != ROOT:
            with _going_on("The server stays root"):
                rights.drop(user)

    def _write_options(self) -> AppOptions | None:
        """Make `options.yml` of what was set in Home Assistant; else that of the start before stays."""
        data = self.command.arguments().places.data
        try:
            options = app_options.read(data / "options.json")
            app_options.write(options, data / "options.yml")
        except SettingsError as error:
            _LOGGER.error("What is set in Home Assistant is not in force: %s", error)  # noqa: TRY400 - no bug
            return None
        return options

    def _decide_places(self) -> Places:
        places = self.command.arguments().places
        named = image_directory.named(places)
        if not self.as_app:
            return replace(places, images=image_directory.of_docker(named))
        images = image_directory.of_app(named, places=self.container, volumes=self.volumes)
        if images != named:
            self.command.decide("--image-dir", images)
        return replace(places, images=images)

    def _tell(self, places: Places) -> None:
        if self.as_app:
            text = "Started as an app: data in %s, your own files in %s, pictures in %s"
            _LOGGER.info(text, places.data, places.config, places.images)
            return
        _LOGGER.info("Started in a container: data in %s, pictures in %s", places.data, places.images)
        for what, directory in (("State and settings", places.data), ("Pictures", places.images)):
            if directory is not None and not self.volumes.keep(directory):
                text = (
                    "%s in %s will be gone with this container: mount a directory there, as with -v /yours:%s"
                )
                _LOGGER.warning(text, what, directory, directory)

    def _make_directories(self, places: Places) -> None:
        for directory in _directories(places):
            with _going_on(f"{directory} is not there"):
                directory.mkdir(parents=True, exist_ok=True)
        with _going_on("The state of the backup is not taken over"):
            backup.take_over(places.data)

    def _give_to_server(self, places: Places) -> User:
        """Find out who the server is to be, and make its directories its own."""
        writable = [directory for directory in (places.data, places.images) if directory is not None]
        user = SERVER if self.as_app else server_user(_directories(places))
        if refusal := rights.refusal(user):
            text = (
                "The server stays root, since it may not become user %s here: %s. Choose its user with --user"
            )
            _LOGGER.warning(text, user, refusal)
            return ROOT
        with _going_on("The options can't be read by the server"):
            self._give_options(places, user)
        given = _hand_over(places, user)
        if closed := rights.only_for_root(writable, user):
            text = "The server stays root, since only root can write %s: mount that disk or share for user %s"
            _LOGGER.warning(text, closed[0], user)
            return ROOT
        _LOGGER.info("The server runs as user %s; files and directories given to it: %d", user, given)
        return user

    def _give_options(self, places: Places, user: User) -> None:
        """Give the file that each start writes anew, so that it is no news."""
        written = places.data / "options.yml"
        if self.as_app and written.exists():
            os.chown(written, user.uid, user.gid, follow_symlinks=False)

    def _provide_certificate(self, options: AppOptions | None, places: Places, user: User) -> None:
        """Copy what the server's user may not read."""
        copies = self.container.copies
        with _going_on("The certificate is not copied"):
            key_files.forget_copies(copies)
            if self.as_app:
                files = KeyFiles.of_app(options, self.container.ssl) if options is not None else None
            else:
                files = KeyFiles.of_directory(places.certificates)
                if user == ROOT or not files.are_closed_to(user):
                    return
            if files is not None:
                key_files.copy(files, copies, user)
                self.command.decide("--cert-dir", copies)


def _directories(places: Places) -> list[Path]:
    """Return the server's own directories; whose they are, the first that is not root's tells."""
    found = (places.data, places.images, places.log, places.config)
    return list(dict.fromkeys(directory for directory in found if directory is not None))


def _hand_over(places: Places, user: User) -> int:
    hand_over = HandOver(user)
    hand_over.directory(places.data)
    if places.config != places.data:
        hand_over.directory(places.config)
    if places.images is not None and not places.images.is_relative_to(places.data):
        hand_over.directory(places.images, only=STORES_FOLDERS.__contains__)
    if places.log is not None:
        hand_over.directory(places.log, only=lambda name: name.startswith("app"))
    return hand_over.given


@contextmanager
def _going_on(otherwise: str) -> Iterator[None]:
    """Let a failure be a line of the log."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _LOGGER.warning("%s: %s%s", otherwise, where, error.strerror)
