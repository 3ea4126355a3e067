"""What a person set in the app's Configuration tab (`/data/options.json`) -> `/data/options.yml`.

Names and nesting are the same, so that only this happens on the way: what is the app's own stays behind,
and so does what was left empty, which for `options.yml` is not written at all. The Supervisor has checked
types and ranges; everything else is checked where `options.yml` is read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from .exceptions import Mistake, SettingsError, UnreadableFileError
from .files import yaml_text
from .files.atomic import atomic_write
from .files.text_decoding import decode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .models import Json

type _Keys = Mapping[str, _Keys | None]
"""Keys that go into `options.yml`, with those below them; of a list, those of its entries."""

HEADER = """\
# Made from the app's configuration at each start; what is changed here is lost then.
# To write your own, put it into the app's configuration folder, as /config/options.yml: it holds instead.
"""

_TIMES: _Keys = {"time_range": {"start_time": None, "end_time": None}}
_PROVIDER: _Keys = {"image_generate_threshold": None, "daily_limit": None, "sleep_time": _TIMES}
_OPTIONS: _Keys = {
    "log_level": None,
    "image_path": None,
    "image_amount_min": None,
    "image_amount_max": None,
    "original_image_amount_min": None,
    "original_image_amount_max": None,
    "image_generate_threshold": None,
    "check_pending_cron": None,
    "scan_image_cron": None,
    "iframe_image_parameters": dict.fromkeys(
        ("image_weight", "image_height", "fit_threshold", "fit_mode", "panel", "quality")
    ),
    "prompts_amount": None,
    "frame_prompts_per_day": None,
    "protect_prompts": None,
    "sleep_time": {**_TIMES, "black_image_mode": None},
    "frame_networks": None,
    "server_addresses": None,
    "disabled_providers": None,
    "providers": {
        "ydArt": {
            **_PROVIDER,
            "enabled": None,
            **dict.fromkeys(("folder_id", "api_key", "transport", "timeout", "size", "base_url", "model")),
        },
        "lim": {**_PROVIDER, "enabled": None, "local_image_folder": None},
        "builtin": _PROVIDER,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOptions:
    """The app's options.

    Attributes:
        for_server: What `options.yml` is to hold.
        certfile: The name of a certificate below `/ssl`; empty for none.
        keyfile: The same of its key.
    """

    for_server: Mapping[str, Json]
    certfile: str
    keyfile: str


def read(options_json: Path) -> AppOptions:
    """Read what the Supervisor wrote; only root may.

    Raises:
        SettingsError: There is nothing to be read. Whoever starts the server then tells, leaves the
            `options.yml` of the start before as it is, and goes on.
    """
    try:
        found = json.loads(decode(options_json.read_bytes()))
    except OSError as error:
        raise _error(options_json, f"can't be read: {error.strerror}") from error
    except (UnreadableFileError, ValueError) as error:
        raise _error(options_json, f"is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise _error(options_json, "must hold a JSON object")
    return take(found)


def take(options: Mapping[str, Json]) -> AppOptions:
    """Sort what `options.json` holds; keys that nobody knows go nowhere."""
    return AppOptions(
        for_server=MappingProxyType(_filled(_without_idle_builtin(options), _OPTIONS)),
        certfile=_text(options.get("certfile")),
        keyfile=_text(options.get("keyfile")),
    )


def write(options: AppOptions, options_yml: Path) -> None:
    """Write `options.yml`, which nobody but its owner may read.

    Raises:
        SettingsError: The disk said no; what was there before is untouched.
    """
    try:
        atomic_write(options_yml, text_of(options).encode(), mode=0o600)
    except OSError as error:
        raise _error(options_yml, f"can't be written: {error.strerror}") from error


def text_of(options: AppOptions) -> str:
    """Return the text of `options.yml`."""
    return HEADER + yaml_text.dump(dict(options.for_server))


def _without_idle_builtin(options: Mapping[str, Json]) -> Mapping[str, Json]:
    """Leave out the built-in provider unless it is to take its turn, which it does wherever it is listed."""
    match options:
        case {"providers": {"builtin": {"in_turn": True}}}:
            return options
        case {"providers": {"builtin": _, **others}}:
            return {**options, "providers": cast("Json", others)}
        case _:
            return options


def _filled(values: Mapping[str, Json], keys: _Keys) -> dict[str, Json]:
    """Return what is known and not empty."""
    found = {key: _value(values[key], below) for key, below in keys.items() if key in values}
    return {key: value for key, value in found.items() if not _is_empty(value)}


def _value(value: Json, keys: _Keys | None) -> Json:
    match value:
        case dict() if keys is not None:
            return _filled(value, keys)
        case list():
            return [item for item in (_value(item, keys) for item in value) if not _is_empty(item)]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _is_empty(value: Json) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def _error(file: Path, message: str) -> SettingsError:
    mistake = Mistake(str(file), message)
    return SettingsError(f"{file} {message}", mistakes=(mistake,))
