"""Adapters and a directory with options, for tests of reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import voluptuous as vol

from imageserver.options.options import Loaded, load
from imageserver.providers.base import Defaults, Done, ImageProvider, PictureRequest

if TYPE_CHECKING:
    from pathlib import Path

KEY = "AQVN-made-up-key-for-tests"


class Painter(ImageProvider):
    """As most are: an account, and a file for it."""

    code = "painter"
    title = "Painter"
    schema = vol.Schema(
        {
            vol.Optional("folder_id"): str,
            vol.Optional("api_key"): vol.All(str, vol.Match(r"^AQVN", msg="must begin with AQVN")),
            vol.Optional("model", default="best"): str,
            vol.Optional("steps"): vol.All(int, vol.Range(1, 50, msg="must be from 1 to 50")),
            vol.Optional("strength"): float,
            vol.Optional("upscale"): bool,
        }
    )
    settings_file = "painter.json"
    secrets = frozenset({"api_key"})

    async def submit(self, request: PictureRequest) -> Done:
        raise NotImplementedError


class Folder(Painter):
    code = "Folder"
    title = "Folder"
    schema = vol.Schema({vol.Required("local_image_folder"): str})
    defaults = Defaults(image_generate_threshold=0, daily_limit=0)
    settings_file = "providers/folder.yml"
    secrets = frozenset()


class Careless(Painter):
    """Written by a user, with a schema that fails on whatever it is given."""

    code = "careless"
    schema = vol.Schema({"colour": lambda value: {}[value]})
    settings_file = "careless.yml"
    secrets = frozenset()


class Files:
    """A directory with the files of an installation."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.adapters: list[type[ImageProvider]] = [Painter]

    def write(self, name: str, text: str | bytes, *, mode: int = 0o600) -> None:
        file = self.directory / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        file.chmod(mode)

    def load(self, options: str | None = None) -> Loaded:
        if options is not None:
            self.write("options.yml", options)
        return load(
            options_file=self.directory / "options.yml", config_dir=self.directory, adapters=self.adapters
        )


def mistakes(loaded: Loaded) -> dict[str, str]:
    return {mistake.path: mistake.message for mistake in loaded.mistakes}


def warnings(loaded: Loaded) -> dict[str, str]:
    return {warning.path: warning.message for warning in loaded.warnings}
