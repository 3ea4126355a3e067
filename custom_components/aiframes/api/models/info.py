"""What answers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """The installation.

    Attributes:
        installation_id: Made once; the same for as long as the server's data lives.
    """

    installation_id: str
    version: str
    api_version: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """What can be told of a server of any version."""

    api_version: int
