from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imageserver import arguments as command_line
from imageserver.whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Mapping

MANAGEMENT = "Home Assistant's integration: http://local-aiframes:8097"
PAGE = "To see what it does, open the app's page in Home Assistant in a browser"
OFF = "switched off in the app's Network settings"


def whereabouts(*flags: str, app_host: str | None = None) -> Whereabouts:
    return Whereabouts(arguments=command_line.parse(flags, {}), app_host=app_host)


@pytest.mark.parametrize(
    ("flags", "lines"),
    [
        (
            (),
            [
                "Frames that speak HTTPS: https://this machine's address:8099",
                "Frames that speak plain HTTP: http://this machine's address:8098",
                "Management: https://this machine's address:8097, with the token in /data/api_token",
                "To see what it does, open http://this machine's address:8098 in a browser",
            ],
        ),
        (
            ("--host", "10.0.0.5", "--http-port", "0", "--api-port", "0"),
            [
                "Frames that speak HTTPS: https://10.0.0.5:8099",
                "To see what it does, open https://10.0.0.5:8099 in a browser",
            ],
        ),
    ],
)
def test_on_its_own_it_tells_its_addresses(
    caplog: pytest.LogCaptureFixture, flags: tuple[str, ...], lines: list[str]
) -> None:
    caplog.set_level("INFO")
    told = whereabouts(*flags)
    told.tell()
    assert caplog.messages == lines
    assert not told.as_app


@pytest.mark.parametrize(
    ("published", "https", "http"),
    [
        (None, "port 8099 of this Home Assistant", "port 8098 of this Home Assistant"),
        ({8099: 443, 8098: None}, "port 443 of this Home Assistant", OFF),
        ({8099: None, 8098: 80}, OFF, "port 80 of this Home Assistant"),
        ({}, OFF, OFF),
    ],
)
def test_as_an_app_it_tells_what_home_assistant_publishes(
    caplog: pytest.LogCaptureFixture, published: Mapping[int, int | None] | None, https: str, http: str
) -> None:
    caplog.set_level("INFO")
    told = whereabouts(app_host="local-aiframes")
    told.learn(published)
    told.tell()
    assert caplog.messages == [
        f"Frames that speak HTTPS: {https}",
        f"Frames that speak plain HTTP: {http}",
        MANAGEMENT,
        PAGE,
    ]
    assert told.as_app


@pytest.mark.parametrize(
    ("published", "lines"),
    [
        (None, []),
        ({8099: 8099, 8098: 8098, 8097: None}, []),
        (
            {8099: 443, 8098: None},
            ["The app's Network settings: port 443 for HTTPS, switched off for plain HTTP"],
        ),
    ],
)
def test_what_was_told_too_early_is_corrected_where_it_was_wrong(
    caplog: pytest.LogCaptureFixture, published: Mapping[int, int | None] | None, lines: list[str]
) -> None:
    told = whereabouts(app_host="local-aiframes")
    told.tell()
    caplog.set_level("INFO")
    told.learn(published)
    told.tell()
    told.tell()
    assert caplog.messages == lines


def test_a_port_that_is_switched_off_stays_off() -> None:
    told = whereabouts("--http-port", "0", app_host="local-aiframes")
    assert (told.https_port, told.http_port, told.api_port) == (8099, 0, 8097)
    told.learn({8099: 18099, 8098: 18098})
    assert (told.https_port, told.http_port, told.api_port) == (18099, 0, 8097)
