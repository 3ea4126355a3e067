"""The server's settings."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsInForce:
    """What may be changed while the server runs.

    Attributes:
        paused: No provider is asked automatically.
        image_generate_threshold: Minutes between two automatic requests to providers.
    """

    paused: bool
    image_generate_threshold: float


class SettingSource(StrEnum):
    """Where a value comes from; `OTHER` is what a newer server says."""

    DEFAULT = "default"
    FILE = "file"
    RUN_TIME = "run_time"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingValue:
    """One setting; `value` and `file_value` are what JSON can hold.

    Attributes:
        path: Such as `providers.ydArt.daily_limit`.
        value: What holds; a secret is masked.
        file_value: What the file says, or the default where it says nothing.
        changeable: While the server runs.
    """

    path: str
    value: object
    source: SettingSource
    file_value: object
    changeable: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them."""

    settings: tuple[SettingValue, ...]
