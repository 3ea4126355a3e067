from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from imageserver.web.figures import Figures
from imageserver.web.words import ENGLISH, RUSSIAN

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC).astimezone(ZoneInfo("Europe/Moscow"))
EN, RU = Figures(ENGLISH, NOW), Figures(RUSSIAN, NOW)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (EN.count(1234567), "1,234,567"),
        (RU.count(1234567), "1\u00a0234\u00a0567"),
        (EN.rate(12.34), "12.3"),
        (RU.rate(0), "0,0"),
        (EN.size(0), "0.0 KB"),
        (EN.rate(4936.4), "4,936"),
        (EN.size(45_300), "45.3 KB"),
        (RU.size(2_500_000_000), "2,5 ГБ"),
        (EN.size(9 * 10**15), "9,000 TB"),
        (EN.time(datetime(2026, 11, 24, 20, 30, tzinfo=UTC)), "23:30"),
        (EN.time(datetime(2026, 11, 24, 21, 30, tzinfo=UTC)), "2026-11-25 00:30"),
    ],
)
def test_figures_are_written_as_people_read_them(written: str, expected: str) -> None:
    assert written == expected
