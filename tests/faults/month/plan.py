"""What happens in a month, and when."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MOST_PICTURES, MOST_ORIGINALS = 30, 45
DAILY_LIMIT = 70


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A month, or less. Days count from 1.

    Attributes:
        period_minutes: Between two requests of a frame.
        look_minutes: Between two looks at the management API, and two of a Prometheus.
        first_day: In the zone's local time.
        clean, killed: On these days the server is started again, at noon.
        reloaded: On these days it reads other options.
        down, slow, over: Days on which the provider is out of reach, slow, or asked too often; 0: never.
        images_from: From this day on the provider answers in one call.
        renewed: On this day the server's own certificate is 30 days before its end.
        warm: Growth is judged after this day; None: not at all. The day on which all ask at once is before
            it: the memory that a crowd takes is kept for the next one.
    """

    days: int = 30
    frames: int = 50
    period_minutes: float = 30
    look_minutes: float = 10
    first_day: date = date(2027, 10, 12)
    zone: str = "Europe/Berlin"
    seed: int = 1
    clean: tuple[int, ...] = (2, 8)
    killed: tuple[int, ...] = (4, 6)
    reloaded: tuple[int, ...] = (3, 12, 22)
    down: int = 13
    slow: int = 16
    over: int = 9
    images_from: int = 15
    renewed: int = 14
    warm: int | None = 10

    def midnight(self, day: int) -> datetime:
        """The first moment of a day."""
        return self.at(day, 0)

    def at(self, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """A moment of a day."""
        date_of = self.first_day + timedelta(days=day - 1)
        return datetime.combine(date_of, time(hour, minute, second), ZoneInfo(self.zone))

    def date(self, day: int) -> date:
        """A day's local date."""
        return self.first_day + timedelta(days=day - 1)

    def certificate_ends(self) -> datetime:
        """When the certificate ends that the server begins with."""
        return self.at(self.renewed, 12) + timedelta(days=30)

    def as_json(self) -> dict[str, Any]:
        """The plan as it is printed."""
        return {
            name: str(value) if isinstance(value, date) else value for name, value in asdict(self).items()
        }


@dataclass
class Options:
    """The options file as it changes over the month."""

    provider: dict[str, Any]
    quality: int = 90
    fit_mode: str = "pad"
    transport: str = "async"

    def text(self) -> str:
        """The file: small caps, so that pictures leave each day."""
        return json.dumps(
            {
                "image_amount_min": 20,
                "image_amount_max": MOST_PICTURES,
                "original_image_amount_min": 30,
                "original_image_amount_max": MOST_ORIGINALS,
                "image_generate_threshold": 30,
                "prompts_amount": 12,
                "iframe_image_parameters": {"quality": self.quality, "fit_mode": self.fit_mode},
                "sleep_time": [
                    {"time_range": {"start_time": "23:00", "end_time": "06:30"}, "black_image_mode": True},
                    {"time_range": {"start_time": "13:30", "end_time": "14:00"}},
                ],
                "providers": {
                    "ydArt": {
                        **self.provider,
                        "transport": self.transport,
                        "daily_limit": DAILY_LIMIT,
                        "image_generate_threshold": 20,
                    }
                },
            }
        )
