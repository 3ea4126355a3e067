"""What may stand in `options.yml`: each key with what it takes.

No defaults: what is not written is not in the result, and `settings.py` says what holds then.
"""

from __future__ import annotations

from typing import Any

import voluptuous as vol

from ..settings import FitMode, LogLevel, Panel, SleepPeriod
from .kinds import (
    address,
    clock_time,
    list_of,
    network,
    not_empty,
    number,
    one_of,
    schedule,
    text,
    whole_number,
    yes_or_no,
)

MINUTES_A_YEAR = 525_600


def _sleep_period(value: dict[str, Any]) -> SleepPeriod:
    start, end = value["time_range"]["start_time"], value["time_range"]["end_time"]
    if start == end:
        raise vol.Invalid(
            f"must not start and end at the same time ({start}); for a whole day, 00:00 to 23:59:59",
            path=["time_range"],
        )
    return SleepPeriod(start, end, value.get("black_image_mode", False))


_TIME_RANGE = {vol.Required("start_time"): clock_time, vol.Required("end_time"): clock_time}

SLEEP = [
    vol.All(
        {vol.Required("time_range"): _TIME_RANGE, vol.Optional("black_image_mode"): yes_or_no}, _sleep_period
    )
]
PROVIDER_SLEEP = [vol.All({vol.Required("time_range"): _TIME_RANGE}, _sleep_period)]

THRESHOLD = number(0, MINUTES_A_YEAR)
DAILY_LIMIT = whole_number(0, 1_000_000)

_PICTURES = whole_number(0, 10_000_000)
_PIXELS = whole_number(16, 4096)

SCREEN_KEYS = frozenset({"image_weight", "image_width", "image_height", "fit_threshold"})
"""What older files have at the top."""

OPTIONS = vol.Schema(
    {
        "log_level": one_of(LogLevel),
        "image_path": text,
        "image_amount_min": _PICTURES,
        "image_amount_max": _PICTURES,
        "original_image_amount_min": _PICTURES,
        "original_image_amount_max": _PICTURES,
        "image_generate_threshold": THRESHOLD,
        "check_pending_cron": schedule,
        "scan_image_cron": schedule,
        "iframe_image_parameters": {
            "image_weight": _PIXELS,
            "image_width": _PIXELS,
            "image_height": _PIXELS,
            "fit_threshold": number(0, 1),
            "fit_mode": one_of(FitMode),
            "panel": one_of(Panel),
            "quality": whole_number(50, 100),
        },
        "prompts_amount": whole_number(1, 10_000),
        "sleep_time": SLEEP,
        "disabled_providers": list_of(text),
        "frame_networks": vol.All(list_of(network), not_empty),
        "frame_prompts_per_day": whole_number(0, 100_000),
        "protect_prompts": yes_or_no,
        "server_addresses": list_of(address),
    }
)
"""The whole file but `providers`, of which `provider_options.py` reads one after the other."""

PROVIDER = vol.Schema(
    {
        "image_generate_threshold": THRESHOLD,
        "daily_limit": DAILY_LIMIT,
        "sleep_time": PROVIDER_SLEEP,
        "enabled": yes_or_no,
    }
)
"""What every provider has; the rest is its adapter's."""
