"""What the server is told, as frozen dataclasses with the defaults of `options.yml`.

`options.py` reads the file; the user's spellings (`image_weight`, `iframe_image_parameters`) end there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .models import Size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import time

type Network = IPv4Network | IPv6Network

PRIVATE_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)


SCREEN = Size(320, 480)
"""The screen of the frames in the field."""


class FitMode(StrEnum):
    """What is done where a picture's ratio is not the screen's."""

    PAD = "pad"
    COVER = "cover"
    BLUR = "blur"
    STRETCH = "stretch"


class Panel(StrEnum):
    """How the frame turns 8 bit a colour into what its panel shows."""

    RGB565 = "rgb565"
    RGB888 = "rgb888"


class LogLevel(StrEnum):
    """The description's four levels."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Source(StrEnum):
    """Where a setting's value comes from."""

    DEFAULT = "default"
    FILE = "file"
    RUN_TIME = "run_time"


@dataclass(frozen=True, slots=True)
class SleepPeriod:
    """From `start` to `end`, both included, over midnight when start > end; local time."""

    start: time
    end: time
    black: bool = False


@dataclass(frozen=True, slots=True)
class FrameImage:
    """The picture that a frame needs.

    Attributes:
        fit_threshold: Up to this relative difference of ratios a picture is stretched.
        quality: JPEG quality, 50 to 100.
    """

    size: Size = SCREEN
    fit_threshold: float = 0.03
    fit_mode: FitMode = FitMode.PAD
    panel: Panel = Panel.RGB565
    quality: int = 90


@dataclass(frozen=True, slots=True)
class Caps:
    """Above `maximum`, the oldest leave until `minimum` are left."""

    minimum: int = 1000
    maximum: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """One provider's settings.

    Attributes:
        code: As the adapter spells it.
        image_generate_threshold: Minutes between two automatic requests.
        daily_limit: Requests a local day, 0 = none.
        options: What the adapter's own schema made of the rest; may hold secrets, never logged.
        listed: It stands in `providers`, or has a settings file of its own.
        wrong: Its settings have a mistake: it is not asked.
    """

    code: str
    image_generate_threshold: float = 0
    daily_limit: int = 0
    sleep_time: tuple[SleepPeriod, ...] = ()
    enabled: bool = True
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    listed: bool = False
    wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything in `options.yml`.

    Attributes:
        image_path: As written; `--image-dir` goes before it.
        image_generate_threshold: Minutes between two automatic provider requests.
        protect_prompts: In a day, only a share of a person's prompts leave for those that frames add.
        providers: One for each known adapter, by its code.
    """

    log_level: LogLevel = LogLevel.INFO
    image_path: str = "/images"
    image_amount: Caps = Caps()
    original_image_amount: Caps = Caps()
    image_generate_threshold: float = 10
    check_pending_cron: str = "* * * * *"
    scan_image_cron: str = "0 0 * * *"
    frame_image: FrameImage = FrameImage()
    prompts_amount: int = 10
    sleep_time: tuple[SleepPeriod, ...] = ()
    frame_networks: tuple[Network, ...] = PRIVATE_NETWORKS
    frame_prompts_per_day: int = 20
    protect_prompts: bool = True
    server_addresses: tuple[str, ...] = ()
    providers: Mapping[str, ProviderSettings] = field(default_factory=lambda: MappingProxyType({}))
