"""Where things are in a container."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPlaces:
    """What no flag says.

    Attributes:
        data: As an app: the Supervisor's `options.json`, and the server's own.
        config: As an app: what its user writes.
        pictures: As an app: where pictures are unless the options name another place.
        ssl: As an app: Home Assistant's certificates.
        copies: For certificates that the server's user may not read.
        mounts: What the kernel tells of them.
    """

    data: Path = Path("/data")
    config: Path = Path("/config")
    pictures: Path = Path("/media/aiframes")
    ssl: Path = Path("/ssl")
    copies: Path = Path("/run/imageserver/certs")
    mounts: Path = Path("/proc/self/mountinfo")
