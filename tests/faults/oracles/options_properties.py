"""Options: whatever is in the files, what is written is in force or named as wrong."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.faults.oracles.options_judge import SCALARS, judge_options, judge_provider_file
from tests.faults.oracles.property import Property
from tests.faults.oracles.rubbish_text import SPECIAL, tokens, trees, written

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

KEYS = (
    *(path.rpartition(".")[2] for path in SCALARS),
    *("iframe_image_parameters", "image_width", "sleep_time", "time_range", "start_time", "end_time"),
    *(
        "black_image_mode",
        "disabled_providers",
        "frame_networks",
        "server_addresses",
        "providers",
        "log_levl",
    ),
    *("ydArt", "YDART", "lim", "builtin", "daily_limit", "enabled", "api_key", "model", "size", "timeout"),
)

_NUMBERS = st.sampled_from(
    [0, 1, -1, 5, 16, 50, 100, 101, 1000, 10**7, 10**15, 10**16, 0.5, 1e-9, 1e300, "1_000"]
)
_TIMES = st.sampled_from(["0:00", "23:59:59", "24:00", "7:5", "07:30", " 8:00 ", 1380, "12:00:60", "٢٣:٠٠"])
_WORDS = st.sampled_from(
    ["debug", "Info", "pad", "BLUR", "rgb565", "rgb888 ", "yes", "OFF", True, "* * * * *", "@daily"]
)
_PLACES = st.sampled_from(
    ["10.0.0.0/8", "fe80::1", "a.b", "10.0.0.1", "::/0", "https://a", "lim", "YdArt", "none"]
)
_VALUES = _NUMBERS | _TIMES | _WORDS | _PLACES | st.none() | st.sampled_from(SPECIAL)


def _ranges() -> SearchStrategy[Any]:
    between = st.fixed_dictionaries({"start_time": _TIMES, "end_time": _TIMES})
    entry = st.fixed_dictionaries(
        {"time_range": between}, optional={"black_image_mode": _VALUES, "zone": _VALUES}
    )
    return st.lists(entry | _VALUES, max_size=4) | entry


def _files() -> SearchStrategy[Any]:
    """Options that somebody might have meant, with mistakes in any place."""
    lists = st.lists(_PLACES | _VALUES, max_size=3) | _VALUES
    screen = {path.rpartition(".")[2]: _VALUES for path in SCALARS if "." in path} | {"image_width": _VALUES}
    provider = {
        "daily_limit": _VALUES,
        "enabled": _VALUES,
        "sleep_time": _ranges(),
        "api_key": _VALUES,
        "size": _VALUES,
    }
    section = st.fixed_dictionaries({}, optional=provider) | _VALUES
    codes = st.sampled_from(["ydArt", "YDART", "lim", "builtin", "ydart2", ""])
    top: dict[str, SearchStrategy[Any]] = {path: _VALUES for path in SCALARS if "." not in path}
    top |= dict.fromkeys(("disabled_providers", "frame_networks", "server_addresses"), lists)
    top |= {
        "iframe_image_parameters": st.fixed_dictionaries({}, optional=screen) | _VALUES,
        "sleep_time": _ranges(),
        "providers": st.dictionaries(codes, section, max_size=3) | _VALUES,
        "image_weight": _VALUES,
        "fit_treshold": _VALUES,
    }
    return st.fixed_dictionaries({}, optional=top)


@cache
def _directory() -> Path:
    return Path(tempfile.mkdtemp(prefix="imageserver-oracles-"))


_RUBBISH = st.binary(max_size=60) | tokens(*(f"{key}: " for key in KEYS), "\n  ", "- ").map(
    lambda text: text.encode("utf-8", "surrogatepass")
)

PROPERTIES = {
    "Options are in force as they are written, or named as wrong": Property(
        written(_files()) | written(trees(*KEYS)), lambda data: judge_options(data, _directory()), 200
    ),
    "No bytes in options.yml do harm": Property(
        _RUBBISH, lambda data: judge_options(data, _directory()), 100
    ),
    "A provider's file is in force as it is written, or named as wrong": Property(
        written(
            trees("folder_id", "api_key", "model", "daily_limit", "size", "timeout", "transport", "enabled")
        )
        | _RUBBISH,
        lambda data: judge_provider_file(data, _directory()),
        100,
    ),
}
