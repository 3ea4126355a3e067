"""The local time zone: from `TZ`, else from `/etc/localtime`, else UTC.

It may come bind-mounted into a container whose own `/etc/localtime` is a link: then the link's name lies,
so names are believed only where the file agrees.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALTIME = Path("/etc/localtime")

_SUMMER_AND_WINTER = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))
_BROKEN = (OSError, ValueError, IndexError, struct.error)
"""What reading a zone from a file that is none, or a broken one, can raise."""


@dataclass(frozen=True, slots=True)
class LocalZone:
    """The zone of sleep periods, days and schedules.

    Attributes:
        name: Such as `Europe/Moscow`, or the offset where no name is known.
        source: `TZ`, the file's path, or `default`.
        ignored: What was not understood before this one was found, for a warning; None for nothing.
    """

    zone: tzinfo
    name: str
    source: str
    ignored: str | None = None

    def describe(self, now: datetime) -> str:
        """Return one line for the log: the local time, its offset, and where they come from."""
        local = now.astimezone(self.zone)
        return f"Local time is {local:%Y-%m-%d %H:%M:%S, UTC%:z} ({self.name}, from {self.source})"


def local_zone(environment: Mapping[str, str], localtime: Path = LOCALTIME) -> LocalZone:
    """Find the zone; whatever is not understood is passed over, and named in the result."""
    ignored = None
    written = environment.get("TZ", "").strip()
    if written:
        found = _from_variable(written)
        if found is not None:
            return LocalZone(found, _name(found), "TZ")
        ignored = f"TZ={written!r} is no time zone that is known here, such as Europe/Moscow"
    found = _from_file(localtime)
    if found is not None:
        return LocalZone(found, _name(found), str(localtime), ignored)
    return LocalZone(UTC, "UTC", "default", ignored)


def _from_variable(written: str) -> tzinfo | None:
    name = written.removeprefix(":")
    if name.startswith("/"):
        return _from_file(Path(name))
    return _named(name) or _from_rule(name)


def _named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, *_BROKEN):
        return None


def _from_rule(rule: str) -> ZoneInfo | None:
    """Read a zone as POSIX writes it, such as `MSK-3`: a zone file without a past, followed by the rule."""
    if not rule.isascii() or not rule.isprintable():
        return None
    header = struct.pack(">4s c15x 6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    local_time_type = struct.pack(">l?B4s", 0, False, 0, b"UTC\0")
    block = header + local_time_type
    try:
        return ZoneInfo.from_file(BytesIO(block + block + b"\n" + rule.encode() + b"\n"))
    except _BROKEN:
        return None


def _from_file(file: Path) -> ZoneInfo | None:
    name = _name_of_link(file)
    try:
        data = file.read_bytes()
        zone = ZoneInfo.from_file(BytesIO(data))
    except _BROKEN:
        # Without the system's zones a link leads nowhere, but its name may still be known.
        return _named(name) if name and not file.exists() else None
    if name and _agree(zone, _in_package(name)):
        return ZoneInfo.from_file(BytesIO(data), key=name)
    return zone


def _name_of_link(file: Path) -> str | None:
    _, found, name = str(file.resolve()).rpartition("/zoneinfo/")
    return name if found else None


def _in_package(name: str) -> ZoneInfo | None:
    """Return a zone as the tzdata package knows it, whatever the system's files say."""
    try:
        with (resources.files("tzdata") / "zoneinfo" / name).open("rb") as file:
            return ZoneInfo.from_file(file)
    except (ImportError, *_BROKEN):
        return None


def _agree(zone: ZoneInfo, other: ZoneInfo | None) -> bool:
    return other is not None and all(
        moment.astimezone(zone).utcoffset() == moment.astimezone(other).utcoffset()
        for moment in _SUMMER_AND_WINTER
    )


def _name(zone: tzinfo) -> str:
    key = getattr(zone, "key", None)
    return str(key) if key else f"{_SUMMER_AND_WINTER[0].astimezone(zone):UTC%:z}"
