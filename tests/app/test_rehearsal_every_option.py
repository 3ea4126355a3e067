"""Every option of the app, set to something else than its default, and in force in the running server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.app.rehearsal.network import FRAMES
from tests.app.rehearsal.supervised_app import CONFIG
from tests.app.rehearsal.visitors import home_assistant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.app.rehearsal.supervised_app import SupervisedApp

pytestmark = pytest.mark.timeout(90)

NIGHT = {"time_range": {"start_time": "23:00", "end_time": "07:30:15"}}
KEY = "AQVN-a-key-that-nobody-may-see"

OPTIONS: Mapping[str, Any] = {
    "log_level": "WARNING",
    "image_path": "/config/pictures",
    "image_amount_min": 11,
    "image_amount_max": 12,
    "original_image_amount_min": 13,
    "original_image_amount_max": 14,
    "image_generate_threshold": 2.5,
    "check_pending_cron": "*/2 * * * *",
    "scan_image_cron": "15 3 * * *",
    "iframe_image_parameters": {
        "image_weight": 480,
        "image_height": 320,
        "fit_threshold": 0.2,
        "fit_mode": "blur",
        "panel": "rgb888",
        "quality": 77,
    },
    "prompts_amount": 21,
    "frame_prompts_per_day": 3,
    "protect_prompts": False,
    "sleep_time": [{**NIGHT, "black_image_mode": True}],
    "disabled_providers": ["lim"],
    "frame_networks": ["192.168.50.0/24"],
    "server_addresses": ["frames.example"],
    "providers": {
        "ydArt": {
            "folder_id": "b1gfolder",
            "api_key": KEY,
            "enabled": False,
            "image_generate_threshold": 33,
            "daily_limit": 44,
            "sleep_time": [NIGHT],
            "transport": "async",
            "timeout": 99,
            "size": "768x1024",
            "base_url": "http://192.168.50.30:8300",
            "model": "art://{folder_id}/another",
        },
        "lim": {
            "enabled": False,
            "local_image_folder": "/media/photos",
            "image_generate_threshold": 1,
            "daily_limit": 2,
            "sleep_time": [NIGHT],
        },
        "builtin": {"in_turn": True, "image_generate_threshold": 5, "daily_limit": 6, "sleep_time": [NIGHT]},
    },
}
SEEN_OTHERWISE = {"certfile", "keyfile", "providers.builtin.in_turn"}
"""The certificate is what frames are shown (`test_rehearsal_files.py`); `in_turn` lists the provider."""


def leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def as_shown(path: str, value: Any) -> Any:
    """Return how the server shows an option that is in force."""
    if path == "providers.ydArt.api_key":
        return "•••"
    if path.endswith("sleep_time"):
        return [{"black_image_mode": False, **period} for period in value]
    return value


def test_no_option_is_forgotten() -> None:
    assert {path for path, _ in leaves(OPTIONS)} == {
        path for path, _ in leaves(CONFIG["schema"])
    } - SEEN_OTHERWISE | {"providers.builtin.in_turn"}
    same = [path for path, value in leaves(CONFIG["options"]) if dict(leaves(OPTIONS)).get(path) == value]
    assert not same, "as a default it would prove nothing"


async def test_every_option_is_in_force(app: SupervisedApp) -> None:
    app.options = dict(OPTIONS)
    await app.start()
    async with home_assistant(app) as integration:
        found = {one["path"]: one for one in (await integration.get("/settings"))["settings"]}
        providers = {one["code"]: one for one in (await integration.get("/providers"))["providers"]}
    wanted = [(path, value) for path, value in leaves(OPTIONS) if path not in SEEN_OTHERWISE]
    for path, value in wanted:
        assert found[path]["value"] == as_shown(path, value), path
        assert found[path]["source"] == "file", path
    assert providers["builtin"]["in_use"], "it is in turn beside YandexART"
    assert FRAMES[0].startswith("192.168.50.")
    assert (app.folders.config / "pictures" / "scalable").is_dir()
    assert KEY not in app.container.text
