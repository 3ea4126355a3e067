"""`/history`: what happened on each day, and in each hour of the last two."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ...metrics import ACCEPTED, ALL_REQUESTS, IMAGES, Outcome, provider_name
from ..representations import time
from ..request_body import read_query
from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from ...models import Json
    from ..fields import Fields

    type Periods = Mapping[str, Mapping[str, int]]

DAYS, MOST_DAYS, HOURS = 14, 400, 48


async def get_history(request: web.Request) -> web.Response:
    """Answer with days and hours, oldest first, those without anything too."""
    server = request.app[SERVER]
    days = read_query(request, _days)
    periods = await server.metrics.history(days=days)
    codes = [provider.code for provider in server.availability.providers]
    today = server.clock.local().date()
    dates = [today - timedelta(days=ago) for ago in reversed(range(days))]
    return json_answer(
        {
            "days": [_day(day, periods, codes) for day in dates],
            "hours": _hours(periods, server.clock.local()),
        }
    )


def _day(day: date, periods: Periods, codes: Sequence[str]) -> dict[str, Json]:
    counts = periods.get(day.isoformat(), {})
    return {
        "date": day.isoformat(),
        "requests": counts.get(f"{ALL_REQUESTS}.{Outcome.TOTAL}", 0),
        "request_errors": counts.get(f"{ALL_REQUESTS}.{Outcome.ERRORS}", 0),
        "images_sent": counts.get(f"{IMAGES}.{Outcome.SUCCESS}", 0),
        "providers": {
            code: {
                "accepted": counts.get(f"{provider_name(code)}.{ACCEPTED}", 0),
                "success": counts.get(f"{provider_name(code)}.{Outcome.SUCCESS}", 0),
                "errors": counts.get(f"{provider_name(code)}.{Outcome.ERRORS}", 0),
            }
            for code in codes
        },
    }


def _hours(periods: Periods, local: datetime) -> list[Json]:
    """Describe the last hours; the one that a clock change repeats is counted as one."""
    this_hour = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    hours: dict[str, Json] = {}
    for ago in reversed(range(HOURS)):
        start = this_hour - timedelta(hours=ago)
        period = start.astimezone(local.tzinfo).isoformat(timespec="hours")[:13]
        requests = periods.get(period, {}).get(f"{ALL_REQUESTS}.{Outcome.TOTAL}", 0)
        hours.setdefault(period, {"start": time(start), "requests": requests})
    return list(hours.values())


def _days(fields: Fields) -> int:
    days = fields.integer("days", minimum=1, maximum=MOST_DAYS)
    return DAYS if days is None else days


ROUTES = {"/history": {"GET": get_history}}
