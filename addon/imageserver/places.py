"""Where the server keeps things."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

OPTIONS = "options.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The directories of an installation.

    Attributes:
        data: State, token, own certificate; private to the server.
        config: What a person writes: `options.yml`, `prompts.yaml`, `ydart-options.json`, `providers/`.
        images: Instead of the options' `image_path`; None where the options decide.
        certificates: `cert.pem` and `key.pem` of the user.
        log: For `app.log`; None for none.
    """

    data: Path
    config: Path
    images: Path | None
    certificates: Path
    log: Path | None

    @property
    def options(self) -> Path:
        """The options file, as things are now: what a person wrote goes before what the app made."""
        own = self.config / OPTIONS
        return own if own.exists() else self.data / OPTIONS

    @property
    def user_providers(self) -> Path:
        """The adapters that the user has written."""
        return self.config / "providers"

    @property
    def cache(self) -> Path:
        """What can be made again: prepared copies, thumbnails."""
        return self.data / "cache"

    @property
    def passing(self) -> Path:
        """Pictures that are shown and not kept."""
        return self.data / "passing"

    @property
    def arrived(self) -> Path:
        """Pictures that were paid for and are not stored yet."""
        return self.data / "arrived"

    @property
    def tls(self) -> Path:
        """The certificate that the server makes for itself."""
        return self.data / "tls"

    def images_for(self, image_path: str) -> Path:
        """Return the picture directory, given what the options say."""
        return self.images if self.images is not None else Path(image_path)
