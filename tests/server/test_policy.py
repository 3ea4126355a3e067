from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imageserver.policy import (
    PROBE_AFTER,
    ProviderFacts,
    Readiness,
    Reason,
    allowed_at,
    fetch_delay,
    not_sent_delay,
    rate_limit_delay,
    readiness,
    sleeping,
    wakes_at,
    wasted_delay,
)
from imageserver.settings import SleepPeriod

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
MOSCOW = ZoneInfo("Europe/Moscow")
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "America/Havana",  # leaps over midnight
    "America/Santiago",  # goes back to the day before
    "Africa/Casablanca",  # winter time for the month of Ramadan
]
DAY = SleepPeriod(time(12), time(13))
NIGHT = SleepPeriod(time(23), time(8), black=True)


def at(text: str, zone: ZoneInfo = BERLIN, *, second_pass: bool = False) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=int(second_pass))


LOCAL = at("2026-11-24T12:30", MOSCOW)
HOUR = timedelta(hours=1)


def period(text: str) -> SleepPeriod:
    start, end = text.split("-")
    return SleepPeriod(time.fromisoformat(start), time.fromisoformat(end))


class TestSleeping:
    @pytest.mark.parametrize(
        ("when", "asleep"),
        [
            ("2026-11-24T11:59:59.999", False),
            ("2026-11-24T12:00:00", True),
            ("2026-11-24T13:00:00.999", True),
            ("2026-11-24T13:00:01", False),
        ],
    )
    def test_both_ends_belong_to_a_period(self, when: str, *, asleep: bool) -> None:
        assert (sleeping([DAY], at(when)) is DAY) == asleep

    @pytest.mark.parametrize(
        ("when", "asleep"),
        [
            ("2026-11-24T22:59:59", False),
            ("2026-11-24T23:00:00", True),
            ("2026-11-25T00:00:00", True),
            ("2026-11-25T08:00:00", True),
            ("2026-11-25T08:00:01", False),
        ],
    )
    def test_a_period_goes_on_over_midnight(self, when: str, *, asleep: bool) -> None:
        assert (sleeping([NIGHT], at(when)) is NIGHT) == asleep

    def test_seconds_count(self) -> None:
        periods = [period("12:00:30-12:00:40")]
        assert sleeping(periods, at("2026-11-24T12:00:29")) is None
        assert sleeping(periods, at("2026-11-24T12:00:30")) is periods[0]

    def test_of_overlapping_periods_the_first_in_the_list_holds(self) -> None:
        long, short = period("10:00-14:00"), period("12:00-13:00")
        noon = at("2026-11-24T12:30")
        assert sleeping([short, long], noon) is short
        assert sleeping([long, short], noon) is long

    def test_without_periods_nobody_sleeps(self) -> None:
        assert sleeping([], at("2026-11-24T03:00")) is None
        assert wakes_at([], at("2026-11-24T03:00")) is None


class TestWaking:
    def test_sleep_ends_with_the_second_after_its_last(self) -> None:
        assert wakes_at([NIGHT], at("2026-11-24T23:30")) == at("2026-11-25T08:00:01")

    def test_who_is_awake_does_not_wake(self) -> None:
        assert wakes_at([NIGHT], at("2026-11-24T12:00")) is None

    @pytest.mark.parametrize(
        "periods",
        [
            ["23:00-02:00", "02:00-08:00"],
            ["23:00-02:00", "02:00:01-08:00"],
            ["05:00-08:00", "01:00-06:00", "23:00-03:00"],
            ["22:00-08:00", "23:00-01:00"],
        ],
    )
    def test_periods_that_touch_or_overlap_are_one_sleep(self, periods: list[str]) -> None:
        assert wakes_at([period(text) for text in periods], at("2026-11-24T23:30")) == at(
            "2026-11-25T08:00:01"
        )

    def test_a_gap_of_a_minute_wakes(self) -> None:
        periods = [period("23:00-02:00"), period("02:01-08:00")]
        assert wakes_at(periods, at("2026-11-24T23:30")) == at("2026-11-25T02:00:01")

    @pytest.mark.parametrize("periods", [["00:00-23:59:59"], ["00:00-12:00", "12:00-00:00"]])
    def test_who_always_sleeps_never_wakes(self, periods: list[str]) -> None:
        assert wakes_at([period(text) for text in periods], at("2026-11-24T15:00")) is None


class TestDaylightSaving:
    """In Berlin, 2026-03-29 has no 02:00 to 03:00 and 2026-10-25 has it twice."""

    @pytest.mark.parametrize(
        ("text", "begins", "wakes"),
        [
            ("02:15-02:45", "03:15", "03:45:01"),  # left out as a whole: as much later
            ("02:30-08:00", "03:00", "08:00:01"),  # begins in the gap: with the leap
            ("02:30-03:15", "03:00", "03:15:01"),
            ("02:00-03:00", "03:00", "04:00:01"),  # both are the moment of the leap
            ("01:30-02:30", "01:30", "03:00:01"),  # ends in the gap: with the leap
        ],
    )
    def test_no_period_is_lost_in_spring(self, text: str, begins: str, wakes: str) -> None:
        periods = [period(text)]
        start = at(f"2026-03-29T{begins}")
        just_before = (start.astimezone(UTC) - timedelta(seconds=1)).astimezone(BERLIN)
        assert sleeping(periods, just_before) is None
        assert sleeping(periods, start)
        assert wakes_at(periods, start) == at(f"2026-03-29T{wakes}")

    @pytest.mark.parametrize("text", ["02:15-02:45", "02:30-03:15", "01:30-02:30", "23:00-08:00"])
    def test_no_period_comes_twice_in_autumn(self, text: str) -> None:
        runs = [
            run
            for run in sleeping_runs([period(text)], at("2026-10-24T12:00"), hours=24)
            if run[0].date() == date(2026, 10, 25) or text == "23:00-08:00"
        ]
        assert len(runs) == 1

    def test_a_period_that_begins_in_the_repeated_hour_is_not_interrupted(self) -> None:
        periods = [period("02:30-08:00")]
        assert sleeping(periods, at("2026-10-25T02:10", second_pass=True))
        assert sleeping(periods, at("2026-10-25T02:10")) is None

    def test_a_whole_day_may_be_left_out(self) -> None:
        apia = ZoneInfo("Pacific/Apia")  # which had no 2011-12-30
        evening = at("2011-12-29T23:30", apia)
        assert wakes_at([NIGHT], evening) == at("2011-12-31T08:00:01", apia)

    @pytest.mark.parametrize("zone_name", ZONES)
    @settings(max_examples=12, derandomize=True, deadline=None)
    @given(data=st.data())
    def test_every_minute_around_a_change_is_as_the_oracle_says(
        self, zone_name: str, data: st.DataObject
    ) -> None:
        zone = ZoneInfo(zone_name)
        change = data.draw(st.sampled_from(changes_of_2026(zone)))
        near = st.integers(-200, 200).map(lambda minutes: time_on_the_wall(change + minutes * MINUTE, zone))
        anywhere = st.builds(time, st.integers(0, 23), st.integers(0, 59))
        times = st.lists(near | near | anywhere, min_size=2, max_size=2, unique=True)
        periods = [
            SleepPeriod(start, end) for start, end in data.draw(st.lists(times, min_size=1, max_size=3))
        ]
        asleep = minutes_asleep(periods, change, zone)
        for minute in minutes_around(change, 300):
            local = minute.astimezone(zone)
            assert (sleeping(periods, local) is not None) == (minute in asleep), local
        wakes = wakes_at(periods, change.astimezone(zone))
        if wakes is not None:
            assert all(change + n * MINUTE in asleep for n in range((wakes - change) // MINUTE))
            assert sleeping(periods, wakes.astimezone(zone)) is None

    @pytest.mark.parametrize("zone_name", ZONES)
    def test_there_are_changes_to_test(self, zone_name: str) -> None:
        assert len(changes_of_2026(ZoneInfo(zone_name))) == 2


def changes_of_2026(zone: ZoneInfo) -> list[datetime]:
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + n * 30 * MINUTE for n in range(2 * 24 * 365)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hour for hour, before, now in zip(hours[1:], offsets, offsets[1:], strict=False) if before != now]


def time_on_the_wall(moment: datetime, zone: ZoneInfo) -> time:
    return moment.astimezone(zone).time().replace(fold=0)


def minutes_around(moment: datetime, count: int) -> Iterator[datetime]:
    return (moment + n * MINUTE for n in range(-count, count))


def minutes_asleep(periods: list[SleepPeriod], change: datetime, zone: ZoneInfo) -> set[datetime]:
    """The oracle: walks through each minute of six days and looks at the clock on the wall."""
    minutes = list(minutes_around(change, 3 * 24 * 60))
    walls = [minute.astimezone(zone).replace(tzinfo=None) for minute in minutes]
    days = sorted({wall.date() for wall in walls})[1:-2]
    asleep: set[datetime] = set()
    for asleep_from in periods:
        for day in days:
            last = day if asleep_from.start < asleep_from.end else day + timedelta(days=1)
            start = datetime.combine(day, asleep_from.start)
            end = datetime.combine(last, asleep_from.end)
            if start not in walls and first_shown(walls, start) == first_shown(walls, end):
                leap = walls[first_shown(walls, start)] - walls[first_shown(walls, start) - 1] - MINUTE
                start, end = start + leap, end + leap
            elif end not in walls:
                end = walls[first_shown(walls, end)]
            asleep.update(minutes[first_shown(walls, start) : first_shown(walls, end) + 1])
    return asleep


def first_shown(walls: list[datetime], wanted: datetime) -> int:
    return next(n for n, wall in enumerate(walls) if wall >= wanted)


def sleeping_runs(periods: list[SleepPeriod], local: datetime, *, hours: int) -> list[list[datetime]]:
    runs: list[list[datetime]] = []
    awake = True
    for n in range(hours * 60):
        now = (local.astimezone(UTC) + n * MINUTE).astimezone(local.tzinfo)
        if sleeping(periods, now) is None:
            awake = True
        else:
            if awake:
                runs.append([])
            runs[-1].append(now)
            awake = False
    return runs


class TestThreshold:
    NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def test_who_was_never_asked_may_be_asked_at_once(self) -> None:
        assert allowed_at(None, 10, self.NOW) == self.NOW

    @pytest.mark.parametrize("last", [None, LOCAL, LOCAL - timedelta(days=1)])
    def test_it_is_told_in_utc(self, last: datetime | None) -> None:
        assert allowed_at(last, 10, LOCAL).tzinfo is UTC

    def test_the_minutes_count_from_the_last_request(self) -> None:
        assert allowed_at(self.NOW - 4 * MINUTE, 10, self.NOW) == self.NOW + 6 * MINUTE
        assert allowed_at(self.NOW - 90 * MINUTE, 10, self.NOW) == self.NOW

    def test_half_minutes_count_too(self) -> None:
        assert allowed_at(self.NOW, 0.5, self.NOW) == self.NOW + timedelta(seconds=30)

    def test_a_request_in_the_future_counts_as_now(self) -> None:
        assert allowed_at(self.NOW + timedelta(days=365), 10, self.NOW) == self.NOW + 10 * MINUTE

    def test_minutes_are_real_ones_when_the_clocks_leap(self) -> None:
        before_the_leap = at("2026-03-29T01:55")
        assert allowed_at(before_the_leap, 10, before_the_leap) == at("2026-03-29T03:05")


FACTS = ProviderFacts(
    enabled=True,
    wrong=False,
    not_set_up=None,
    not_ready=None,
    off=None,
    off_since=None,
    not_before=None,
    unreachable_until=None,
    wasteful_until=None,
    last_asked_at=None,
    asked_today=0,
    daily_limit=200,
    threshold_minutes=10,
    sleep_time=(),
)


class TestReadiness:
    def test_nothing_stands_in_the_way_of_a_provider_that_was_never_asked(self) -> None:
        answer = readiness(FACTS, LOCAL, direct=False)
        assert answer.ready
        assert (answer.reason, answer.text, answer.until) == (None, None, None)

    @pytest.mark.parametrize("direct", [False, True])
    @pytest.mark.parametrize(
        ("facts", "reason", "text"),
        [
            (replace(FACTS, enabled=False), Reason.DISABLED, "Disabled in the settings"),
            (
                replace(FACTS, wrong=True, not_set_up="No key"),
                Reason.WRONG_SETTINGS,
                "Its settings have mistakes",
            ),
            (replace(FACTS, not_set_up="No key"), Reason.NOT_SET_UP, "No key"),
            (replace(FACTS, not_ready="Empty folder"), Reason.NOTHING_TO_OFFER, "Empty folder"),
        ],
    )
    def test_what_a_person_must_mend_holds_for_every_request(
        self, facts: ProviderFacts, reason: Reason, text: str, *, direct: bool
    ) -> None:
        assert readiness(facts, LOCAL, direct=direct) == Readiness(ready=False, reason=reason, text=text)

    @pytest.mark.parametrize(
        ("facts", "text"),
        [
            (replace(FACTS, off="No money", off_since=LOCAL), "Switched off: No money"),
            (replace(FACTS, asked_today=200), "The 200 requests of today are used up"),
            (replace(FACTS, not_before=LOCAL + HOUR), "Left alone for a while after too many requests"),
            (replace(FACTS, unreachable_until=LOCAL + HOUR), "Could not be reached; it is tried again soon"),
            (
                replace(FACTS, wasteful_until=LOCAL + HOUR),
                "Asked less often: requests that may have cost money gave no picture",
            ),
            (replace(FACTS, last_asked_at=LOCAL), "Asked less than 10 minutes ago"),
            (replace(FACTS, last_asked_at=LOCAL, threshold_minutes=0.5), "Asked less than 0.5 minutes ago"),
            (replace(FACTS, sleep_time=(DAY,)), "Asleep from 12:00 to 13:00"),
        ],
    )
    def test_what_takes_time_is_said_in_words(self, facts: ProviderFacts, text: str) -> None:
        assert readiness(facts, LOCAL, direct=False).text == text

    @pytest.mark.parametrize("direct", [False, True])
    def test_a_budget_binds_direct_requests_too_until_midnight(self, *, direct: bool) -> None:
        answer = readiness(replace(FACTS, asked_today=200), LOCAL, direct=direct)
        assert answer.reason is Reason.BUDGET_SPENT
        assert answer.until == at("2026-11-25T00:00", MOSCOW)
        assert readiness(replace(FACTS, asked_today=199), LOCAL, direct=direct).ready

    def test_one_request_a_day_is_a_budget(self) -> None:
        facts = replace(FACTS, daily_limit=1)
        assert readiness(facts, LOCAL, direct=False).ready
        spent = readiness(replace(facts, asked_today=1), LOCAL, direct=False)
        assert spent.reason is Reason.BUDGET_SPENT

    def test_a_person_need_not_wait_for_the_end_of_sleep_when_a_budget_is_spent(self) -> None:
        facts = replace(FACTS, asked_today=200, sleep_time=(NIGHT,))
        answers = {direct: readiness(facts, LOCAL, direct=direct).until for direct in (False, True)}
        assert answers == {
            False: at("2026-11-25T08:00:01", MOSCOW),
            True: at("2026-11-25T00:00", MOSCOW),
        }

    def test_without_a_limit_there_is_no_budget(self) -> None:
        assert readiness(replace(FACTS, asked_today=10_000, daily_limit=0), LOCAL, direct=False).ready

    def test_the_next_day_begins_when_the_clocks_leap_over_midnight(self) -> None:
        havana = ZoneInfo("America/Havana")
        answer = readiness(replace(FACTS, asked_today=200), at("2026-03-07T20:00", havana), direct=False)
        assert answer.until == at("2026-03-08T01:00", havana)

    @pytest.mark.parametrize("direct", [False, True])
    def test_a_rest_that_a_provider_asked_for_binds_everyone(self, *, direct: bool) -> None:
        answer = readiness(replace(FACTS, not_before=LOCAL + HOUR), LOCAL, direct=direct)
        assert answer.reason is Reason.BACKING_OFF
        assert answer.until == LOCAL + HOUR
        assert readiness(replace(FACTS, not_before=LOCAL), LOCAL, direct=direct).ready

    @pytest.mark.parametrize("rest", ["unreachable_until", "wasteful_until"])
    def test_a_person_may_try_what_failed_a_moment_ago(self, rest: str) -> None:
        facts = replace(FACTS, **{rest: LOCAL + HOUR})  # type: ignore[arg-type]  # a time
        answer = readiness(facts, LOCAL, direct=False)
        assert (answer.reason, answer.until) == (Reason.BACKING_OFF, LOCAL + HOUR)
        assert readiness(facts, LOCAL, direct=True).ready
        facts = replace(FACTS, **{rest: LOCAL})  # type: ignore[arg-type]  # a time
        assert readiness(facts, LOCAL, direct=False).ready

    @pytest.mark.parametrize("rest", ["not_before", "unreachable_until", "wasteful_until"])
    def test_a_rest_begun_by_a_clock_that_was_a_year_ahead_is_no_rest(self, rest: str) -> None:
        facts = replace(FACTS, **{rest: LOCAL + timedelta(days=365)})  # type: ignore[arg-type]  # a time
        assert readiness(facts, LOCAL, direct=False).ready

    @pytest.mark.parametrize("rest", ["not_before", "unreachable_until", "wasteful_until"])
    def test_a_rest_may_last_a_whole_day(self, rest: str) -> None:
        facts = replace(FACTS, **{rest: LOCAL + timedelta(days=1)})  # type: ignore[arg-type]  # a time
        answer = readiness(facts, LOCAL, direct=False)
        assert (answer.reason, answer.until) == (Reason.BACKING_OFF, LOCAL + timedelta(days=1))

    @pytest.mark.parametrize(
        ("facts", "reason", "until"),
        [
            (replace(FACTS, last_asked_at=LOCAL - 4 * MINUTE), Reason.THRESHOLD, LOCAL + 6 * MINUTE),
            (replace(FACTS, sleep_time=(DAY,)), Reason.ASLEEP, at("2026-11-24T13:00:01", MOSCOW)),
            (replace(FACTS, off="No money", off_since=LOCAL - HOUR), Reason.SWITCHED_OFF, LOCAL + 23 * HOUR),
        ],
    )
    def test_a_direct_request_waits_neither_for_thresholds_nor_sleep_and_tries_what_is_off(
        self, facts: ProviderFacts, reason: Reason, until: datetime
    ) -> None:
        answer = readiness(facts, LOCAL, direct=False)
        assert answer.reason is reason
        assert answer.until == until
        assert readiness(facts, LOCAL, direct=True).ready

    def test_a_provider_that_is_off_is_probed_once_a_day(self) -> None:
        facts = replace(FACTS, off="No money", off_since=LOCAL - PROBE_AFTER)
        assert readiness(facts, LOCAL, direct=False).ready
        assert not readiness(replace(facts, off_since=LOCAL), LOCAL, direct=False).ready

    def test_of_several_reasons_the_longest_is_told(self) -> None:
        facts = replace(FACTS, last_asked_at=LOCAL, sleep_time=(DAY,))
        assert readiness(facts, LOCAL, direct=False).reason is Reason.ASLEEP

    def test_being_switched_off_is_told_before_what_only_takes_time(self) -> None:
        facts = replace(FACTS, off="No money", off_since=LOCAL - 23 * HOUR, asked_today=200)
        answer = readiness(facts, LOCAL, direct=False)
        assert answer.reason is Reason.SWITCHED_OFF
        assert answer.until == at("2026-11-25T00:00", MOSCOW), "the budget is spent until then"

    def test_a_threshold_that_ends_in_sleep_ends_with_the_sleep(self) -> None:
        facts = replace(FACTS, last_asked_at=LOCAL, sleep_time=(period("12:35-13:00"),))
        answer = readiness(facts, LOCAL, direct=False)
        assert answer.reason is Reason.THRESHOLD
        assert answer.until == at("2026-11-24T13:00:01", MOSCOW)

    def test_a_provider_that_always_sleeps_has_no_time_to_be_asked(self) -> None:
        answer = readiness(replace(FACTS, sleep_time=(period("00:00-23:59:59"),)), LOCAL, direct=False)
        assert answer.reason is Reason.ASLEEP
        assert answer.until is None

    @pytest.mark.parametrize(
        ("facts", "local"),
        [
            (replace(FACTS, off="No money"), LOCAL),
            (replace(FACTS, asked_today=200), LOCAL),
            (replace(FACTS, asked_today=200), at("2026-03-07T20:00", ZoneInfo("America/Havana"))),
            (replace(FACTS, last_asked_at=LOCAL), LOCAL),
            (replace(FACTS, sleep_time=(DAY,)), LOCAL),
        ],
    )
    def test_it_is_told_in_utc_until_when(self, facts: ProviderFacts, local: datetime) -> None:
        until = readiness(facts, local, direct=False).until
        assert until is not None
        assert until.tzinfo is UTC


class TestDelays:
    @pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (2, 2), (3, 5), (4, 10), (5, 10), (1000, 10)])
    def test_what_could_not_be_sent_is_tried_ever_less_often(self, failures: int, minutes: int) -> None:
        assert not_sent_delay(failures) == minutes * MINUTE

    def test_who_takes_money_for_nothing_is_asked_ever_less_often(self) -> None:
        minutes = [wasted_delay(failures) / MINUTE for failures in range(1, 8)]
        assert minutes == [0, 0, 30, 60, 120, 120, 120]

    @pytest.mark.parametrize(
        ("retry_after", "seconds"),
        [(30.0, 30), (0.0, 1), (-5.0, 1), (1e300, 86_400), (float("inf"), 86_400), (float("nan"), 86_400)],
    )
    def test_a_provider_says_how_long_to_leave_it_alone(self, retry_after: float, seconds: int) -> None:
        assert rate_limit_delay(1, retry_after) == timedelta(seconds=seconds)

    def test_without_a_word_the_rest_grows_to_an_hour(self) -> None:
        minutes = [rate_limit_delay(failures, None) / MINUTE for failures in range(1, 9)]
        assert minutes == [1, 2, 5, 10, 30, 60, 60, 60]

    def test_a_pending_picture_is_asked_for_soon_and_then_every_30_seconds(self) -> None:
        seconds = [fetch_delay(attempt) for attempt in range(50)]
        moments = list(accumulate(seconds))
        assert [moment for moment in moments if 25 <= moment <= 28], "seen before a frame's first poll"
        assert seconds == sorted(seconds)
        assert seconds[0] <= 3
        assert set(seconds[20:]) == {30}
