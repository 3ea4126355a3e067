"""What people type as an address."""

from __future__ import annotations

import pytest

from custom_components.aiframes.address import normal_url


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("192.168.1.5", "https://192.168.1.5:8097"),
        ("  imageserver.local \n", "https://imageserver.local:8097"),
        ("host:18097", "https://host:18097"),
        ("host:8097/", "https://host:8097"),
        ("https://host:8097/", "https://host:8097"),
        ("HTTPS://Host", "https://host:8097"),
        ("http://host", "http://host:8097"),
        ("https://host:443", "https://host:443"),
        ("https://home.example/aiframes/", "https://home.example/aiframes"),
        ("home.example:444/aiframes", "https://home.example:444/aiframes"),
        ("https://host:8097/?a=b#c", "https://host:8097"),
        ("::1", "https://[::1]:8097"),
        ("[fd00::5]", "https://[fd00::5]:8097"),
        ("http://[fd00::5]:80/", "http://[fd00::5]:80"),
        ("картины.рф", "https://картины.рф:8097"),
    ],
)
def test_an_address_is_understood_however_short_it_is(typed: str, meant: str) -> None:
    assert normal_url(typed) == meant
    assert normal_url(meant) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "https://",
        "ftp://host",
        "file:///etc/passwd",
        "a name",
        "host:port",
        "host:99999",
        "https://[::1",
        "https://me:secret@host",
        "https://me@host",
        ":8097",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        normal_url(typed)
