"""What happened on past days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a field has its name
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDay:
    """What a provider did on a day.

    Attributes:
        accepted: Requests that it took.
        success: Pictures that came.
    """

    accepted: int
    success: int
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the server's time zone.

    Attributes:
        requests: Of frames.
        providers: By their code.
    """

    date: Date
    requests: int
    request_errors: int
    images_sent: int
    providers: Mapping[str, ProviderDay]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One hour, and how many requests of frames came in it."""

    start: datetime
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Days and the last 48 hours, oldest first, those without anything too."""

    days: tuple[Day, ...]
    hours: tuple[Hour, ...]
