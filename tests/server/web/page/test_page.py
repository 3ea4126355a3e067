"""How the page's files are served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imageserver.web.page.page import STATIC
from tests.adapters import Script, scripted
from tests.api_client import open_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.api_client import Api
    from tests.manual_clock import ManualClock

FILES = sorted(
    f"page/{path.relative_to(STATIC).as_posix()}"
    for path in STATIC.rglob("*")
    if path.suffix in {".js", ".css", ".svg"}
)
INDEX = ""
MOST_BYTES = 150_000


@pytest.fixture
async def api(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Api]:
    async with open_api(tmp_path, scripted(Script()), clock=clock) as opened:
        yield opened


async def test_every_file_is_there_for_everybody(api: Api) -> None:
    kinds = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    for path in FILES:
        async with api.browser.get(f"/{path}") as response:
            assert response.status == 200
            kind = kinds[f".{path.rpartition('.')[2]}"]
            assert response.headers["Content-Type"] == f"{kind}; charset=utf-8"
            assert await response.read() == (STATIC / path.removeprefix("page/")).read_bytes()


async def test_the_document_lets_a_browser_load_nothing_from_elsewhere(api: Api) -> None:
    async with api.browser.get(f"/{INDEX}") as response:
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = dict(
            part.split(maxsplit=1) for part in response.headers["Content-Security-Policy"].split("; ")
        )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
    }


async def test_home_assistant_may_show_it_in_a_frame_of_its_own(api: Api) -> None:
    async with api.browser.get(f"/{INDEX}") as response:
        assert "X-Frame-Options" not in response.headers


@pytest.mark.parametrize("path", [INDEX, "page/modules/app.js", "page/styles/base.css"])
async def test_a_browser_asks_each_time_and_is_sent_only_what_it_has_not(api: Api, path: str) -> None:
    async with api.browser.get(f"/{path}") as response:
        assert response.headers["Cache-Control"] == "no-cache"
        tag = response.headers["ETag"]
    async with api.browser.get(f"/{path}", headers={"If-None-Match": tag}) as response:
        assert (response.status, await response.read(), response.headers["ETag"]) == (304, b"", tag)
    async with api.browser.get(f"/{path}", headers={"If-None-Match": '"another"'}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "path",
    [
        "page/",
        "page/nothing.js",
        "page/index.html",
        "page/vendor/lit.LICENSE",
        "page/..%2fpage.py",
        "page/%2e%2e/page.py",
        "page//etc/passwd",
        "page/modules",
    ],
)
async def test_nothing_else_is_served(api: Api, path: str) -> None:
    async with api.browser.get(f"/{path}") as response:
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "NotFound"


async def test_all_of_it_together_is_light_on_the_wire(api: Api) -> None:
    sizes = {}
    for path in (INDEX, *FILES):
        async with api.browser.get(f"/{path}", headers={"Accept-Encoding": "gzip"}) as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.headers["Vary"] == "Accept-Encoding"
            sizes[path] = int(response.headers["Content-Length"])
    assert sum(sizes.values()) < MOST_BYTES
    assert len(sizes) > 40


async def test_who_takes_nothing_packed_is_sent_nothing_packed(api: Api) -> None:
    async with api.browser.get(f"/{FILES[0]}", headers={"Accept-Encoding": "identity"}) as response:
        assert "Content-Encoding" not in response.headers
        assert await response.read() == (STATIC / FILES[0].removeprefix("page/")).read_bytes()
