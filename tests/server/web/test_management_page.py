"""The page in Home Assistant's side bar: in an iframe, below a prefix that the server does not see."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tests.adapters import Script, scripted
from tests.api_client import open_api
from tests.houses import FRAME
from tests.server.web.test_status_page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import ClientResponse

    from tests.api_client import Api
    from tests.manual_clock import ManualClock

PREFIX = "/api/hassio_ingress/vJd1G0p3ZrQ/"
LOADS = ("href", "src", "action", "formaction", "data", "poster", "srcset", "background")


async def ask_as_ingress(api: Api, path: str) -> ClientResponse:
    """Ask as the Supervisor does for a user: without our token, and with what it tells of the user."""
    headers = {
        "Host": "homeassistant.local:8123",
        "Accept-Language": "ru",
        "X-Ingress-Path": PREFIX.rstrip("/"),
        "X-Remote-User-Name": "anna",
        "X-Forwarded-For": "192.168.1.9, 172.30.32.1",
    }
    response = await api.browser.get(f"/{path}", headers=headers, allow_redirects=False)
    await response.read()
    return response


async def test_every_link_stays_below_the_prefix(tmp_path: Path, clock: ManualClock) -> None:
    ingress = IPv4Address("127.0.0.1")
    async with open_api(tmp_path, scripted(Script()), clock=clock, ingress=ingress) as api:
        await api.house.see()
        page = Page(await (await ask_as_ingress(api, "")).text())
        loaded = [value for name, value in page.attributes if name in LOADS and value is not None]
        links = [target for target in loaded if not target.startswith("data:")]
        assert links
        assert len(links) < len(loaded), "the picture is in the page itself"
        for link in links:
            seen = urljoin(f"http://homeassistant.local:8123{PREFIX}", link)
            assert seen.startswith(f"http://homeassistant.local:8123{PREFIX}")
            assert (await ask_as_ingress(api, seen.partition(PREFIX)[2])).status == 200
        assert "url(" not in page.text, "nor does the style sheet load anything"


async def test_home_assistant_may_show_it_in_a_frame_of_its_own(tmp_path: Path, clock: ManualClock) -> None:
    ingress = IPv4Address("127.0.0.1")
    async with open_api(tmp_path, scripted(Script()), clock=clock, ingress=ingress) as api:
        response = await ask_as_ingress(api, "")
    assert "X-Frame-Options" not in response.headers
    # Seen through ingress, the page comes from the same origin as the frame around it.
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]


async def test_it_reads_well_without_the_charset_that_ingress_drops(
    tmp_path: Path, clock: ManualClock
) -> None:
    ingress = IPv4Address("127.0.0.1")
    async with open_api(tmp_path, scripted(Script()), clock=clock, ingress=ingress) as api:
        await api.house.ask()
        await api.patch(f"/frames/{FRAME}", {"name": "Кухня"})
        body = await (await ask_as_ingress(api, "")).read()
        assert re.search(rb'<meta charset="utf-8">', body[:1024]), "where a browser looks for it"
        assert "Кухня" in body.decode()
        for linked in ("metrics", "api/v1/openapi.yaml"):
            assert (await (await ask_as_ingress(api, linked)).read()).isascii(), "any charset does"
