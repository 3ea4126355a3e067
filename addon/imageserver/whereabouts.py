"""Where the server is reached, as people are told: its addresses, or what Home Assistant publishes of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .installation import TOKEN_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .arguments import Arguments

_LOGGER = logging.getLogger(__name__)

_OFF = "switched off in the app's Network settings"


class Whereabouts:
    """The ports that frames have to be given; the log is told once, and once more where that was wrong.

    Attributes:
        app_host: The name of the app in Home Assistant's own network; None where it is no app.
    """

    def __init__(self, *, arguments: Arguments, app_host: str | None = None) -> None:
        """Know the server's own ports.

        Args:
            arguments: What the server listens at.
            app_host: See the class.
        """
        self._arguments = arguments
        self.app_host = app_host
        self._published: Mapping[int, int | None] | None = None
        self._told: tuple[int, int] | None = None

    @property
    def as_app(self) -> bool:
        """Whether Home Assistant decides which ports are published."""
        return self.app_host is not None

    @property
    def https_port(self) -> int:
        """For frames that speak HTTPS; 0 = there is none."""
        return self._outside(self._arguments.port)

    @property
    def http_port(self) -> int:
        """For frames that speak plain HTTP; 0 = there is none."""
        return self._outside(self._arguments.http_port)

    @property
    def api_port(self) -> int:
        """For management; an app's is reached in Home Assistant's own network only."""
        return self._arguments.api_port

    def learn(self, published: Mapping[int, int | None] | None) -> None:
        """Take note of what is published; None = the server's own ports, as far as is known."""
        self._published = published

    def tell(self) -> None:
        """Log what people need, or what has turned out to be different."""
        ports = (self.https_port, self.http_port)
        if self._told is None and self.as_app:
            self._tell_as_app()
        elif self._told is None:
            self._tell()
        elif self._told != ports:
            https, http = (f"port {port}" if port else "switched off" for port in ports)
            _LOGGER.info("The app's Network settings: %s for HTTPS, %s for plain HTTP", https, http)
        self._told = ports

    def _outside(self, port: int) -> int:
        return port if self._published is None else self._published.get(port) or 0

    def _tell(self) -> None:
        arguments = self._arguments
        host = arguments.host or "this machine's address"
        page = None
        if arguments.port:
            page = f"https://{host}:{arguments.port}"
            _LOGGER.info("Frames that speak HTTPS: %s", page)
        if arguments.http_port:
            page = f"http://{host}:{arguments.http_port}"
            _LOGGER.info("Frames that speak plain HTTP: %s", page)
        if arguments.api_port:
            address = f"https://{host}:{arguments.api_port}"
            _LOGGER.info("Management: %s, with the token in %s", address, arguments.places.data / TOKEN_FILE)
        if page:
            _LOGGER.info("To see what it does, open %s in a browser", page)

    def _tell_as_app(self) -> None:
        for kind, port in (("HTTPS", self.https_port), ("plain HTTP", self.http_port)):
            _LOGGER.info(
                "Frames that speak %s: %s", kind, f"port {port} of this Home Assistant" if port else _OFF
            )
        if self._arguments.api_port:
            _LOGGER.info(
                "Home Assistant's integration: http://%s:%s", self.app_host, self._arguments.api_port
            )
        _LOGGER.info("To see what it does, open the app's page in Home Assistant in a browser")
