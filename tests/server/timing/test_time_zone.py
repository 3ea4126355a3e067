from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from imageserver.timing.time_zone import LocalZone, local_zone

WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC)


def hours(found: LocalZone, moment: datetime = WINTER) -> float:
    return (moment.astimezone(found.zone).utcoffset() or timedelta()) / timedelta(hours=1)


def zone_file(name: str) -> bytes:
    return (resources.files("tzdata") / "zoneinfo" / name).read_bytes()


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    return tmp_path / "localtime"


class TestVariable:
    @pytest.mark.parametrize(
        ("written", "name", "winter", "summer"),
        [
            ("Europe/Moscow", "Europe/Moscow", 3, 3),
            (":Europe/Berlin", "Europe/Berlin", 1, 2),
            (" UTC ", "UTC", 0, 0),
            ("EST5EDT", "EST5EDT", -5, -4),
            ("MSK-3", "UTC+03:00", 3, 3),
            ("<+0530>-5:30", "UTC+05:30", 5.5, 5.5),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "UTC+01:00", 1, 2),
        ],
    )
    def test_a_zone_may_be_a_name_or_a_rule(
        self, nowhere: Path, written: str, name: str, winter: float, summer: float
    ) -> None:
        found = local_zone({"TZ": written}, nowhere)
        assert (found.name, found.source, found.ignored) == (name, "TZ", None)
        assert (hours(found, WINTER), hours(found, SUMMER)) == (winter, summer)

    def test_a_zone_may_be_a_file(self, nowhere: Path) -> None:
        nowhere.write_bytes(zone_file("Asia/Tokyo"))
        found = local_zone({"TZ": f":{nowhere}"}, nowhere.with_name("other"))
        assert (hours(found), found.name, found.source) == (9, "UTC+09:00", "TZ")

    @pytest.mark.parametrize(
        "written",
        ["Mars/Olympus", "europe/moscow", "rubbish", "../../etc/passwd", "/no/such/file", "Europe", "MSK\n3"],
    )
    def test_what_is_no_zone_is_passed_over_and_named(self, nowhere: Path, written: str) -> None:
        nowhere.write_bytes(zone_file("Asia/Tokyo"))
        found = local_zone({"TZ": written}, nowhere)
        assert hours(found) == 9
        assert found.source == str(nowhere)
        assert found.ignored == f"TZ={written!r} is no time zone that is known here, such as Europe/Moscow"

    def test_an_empty_variable_is_none(self, nowhere: Path) -> None:
        assert local_zone({"TZ": ""}, nowhere) == LocalZone(UTC, "UTC", "default")


class TestFile:
    def test_a_link_into_the_systems_zones_has_their_name(self, tmp_path: Path) -> None:
        target = tmp_path / "zoneinfo" / "Europe" / "Moscow"
        target.parent.mkdir(parents=True)
        target.write_bytes(zone_file("Europe/Moscow"))
        link = tmp_path / "localtime"
        link.symlink_to(target)
        found = local_zone({}, link)
        assert (found.name, found.source, hours(found)) == ("Europe/Moscow", str(link), 3)

    def test_a_mounted_file_has_an_offset_and_no_name(self, nowhere: Path) -> None:
        nowhere.write_bytes(zone_file("Europe/Berlin"))
        found = local_zone({}, nowhere)
        assert found.name == "UTC+01:00"
        assert (hours(found, WINTER), hours(found, SUMMER)) == (1, 2)

    def test_a_file_mounted_over_the_target_of_the_containers_own_link_is_believed(
        self, tmp_path: Path
    ) -> None:
        target = tmp_path / "zoneinfo" / "Etc" / "UTC"
        target.parent.mkdir(parents=True)
        target.write_bytes(zone_file("Europe/Moscow"))
        link = tmp_path / "localtime"
        link.symlink_to(target)
        found = local_zone({}, link)
        assert (found.name, hours(found)) == ("UTC+03:00", 3)

    def test_a_link_that_leads_nowhere_still_says_its_name(self, tmp_path: Path) -> None:
        link = tmp_path / "localtime"
        link.symlink_to(tmp_path / "zoneinfo" / "Europe" / "Moscow")
        found = local_zone({}, link)
        assert (found.name, hours(found)) == ("Europe/Moscow", 3)

    @pytest.mark.parametrize("content", [b"", b"no zone", zone_file("Europe/Moscow")[:100]])
    def test_a_broken_file_leaves_utc(self, nowhere: Path, content: bytes) -> None:
        nowhere.write_bytes(content)
        assert local_zone({}, nowhere) == LocalZone(UTC, "UTC", "default")


def test_a_line_for_the_log_says_what_was_found(nowhere: Path) -> None:
    found = local_zone({"TZ": "Europe/Moscow"}, nowhere)
    assert found.describe(WINTER) == "Local time is 2026-01-15 15:00:00, UTC+03:00 (Europe/Moscow, from TZ)"
