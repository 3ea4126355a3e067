from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from imageserver.timing import cron

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *",
        "0 0 * * *",
        "*/5 8-20 * * mon-fri",
        "0  0 1 jan *",
        "0 0 29 2 *",
        "30 4 * * 7",
        "@daily",
        "0 0 L * *",
    ],
)
def test_a_schedule_has_five_fields_or_a_name(text: str) -> None:
    cron.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "*/0 * * * *",
        "0 0 31 2 *",
        "0 0 30 feb *",
        "@every 5m",
        "@reboot",
        f"0{',0' * 500} * * * *",
        "R * * * *",
        "H * * * *",
        "r(0-5) * * * *",
        "0 0 * * fr1",
    ],
)
def test_what_never_comes_or_comes_by_chance_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="schedule"):
        cron.check(text)


@pytest.mark.parametrize(
    ("text", "after", "comes"),
    [
        ("0 0 * * *", "2026-11-24T12:00", "2026-11-25T00:00"),
        ("* * * * *", "2026-11-24T12:00:30", "2026-11-24T12:01"),
        ("* * * * *", "2026-11-24T12:00", "2026-11-24T12:01"),
        ("0 4-4 * * *", "2026-11-24T12:00", "2026-11-25T04:00"),
        ("5-5/3 4 * * Mon-mon", "2026-11-24T12:00", "2026-11-30T04:05"),
        ("0 0 1,20-20 * *", "2026-11-24T12:00", "2026-12-01T00:00"),
        ("30 2 * * *", "2026-03-29T01:00", "2026-03-29T03:00"),  # 02:30 is left out that night
        ("30 2 * * *", "2026-03-29T03:00", "2026-03-30T02:30"),
    ],
)
def test_schedules_are_in_local_time(text: str, after: str, comes: str) -> None:
    local = datetime.fromisoformat(after).replace(tzinfo=BERLIN)
    assert cron.next_after(text, local) == datetime.fromisoformat(comes).replace(tzinfo=BERLIN)


def test_a_schedule_that_never_comes_says_so() -> None:
    assert cron.next_after("0 0 31 2 *", datetime(2026, 1, 1, tzinfo=BERLIN)) is None


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"]
)
@pytest.mark.parametrize("text", ["0 0 * * *", "30 2 * * *", "*/20 * * * *"])
def test_there_is_always_a_next_time_within_a_day(text: str, zone: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    while now < datetime(2027, 1, 1, tzinfo=UTC):
        comes = cron.next_after(text, now.astimezone(ZoneInfo(zone)))
        assert comes is not None
        assert timedelta() < comes - now <= timedelta(hours=26)
        now = comes + timedelta(minutes=217)
