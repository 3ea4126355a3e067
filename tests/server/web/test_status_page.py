from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from imageserver.exceptions import AccessRefusedError
from imageserver.metrics import RequestKind
from imageserver.models import OperationKind
from imageserver.policy import Reason
from imageserver.web.status_page import status_page
from imageserver.web.words import WORDS
from tests.adapters import Script, scripted
from tests.api_client import open_api
from tests.houses import FRAME, OTHER_FRAME, open_house

if TYPE_CHECKING:
    from pathlib import Path

    from tests.houses import House
    from tests.manual_clock import ManualClock

VOID = {"meta", "br", "img", "link"}
EVIL = "<script>alert(1)</script>"


class Page(HTMLParser):
    """What a browser makes of a page: its figures by name, its texts, its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.figures: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._name = ""
        self.feed(text)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.open[-1] == "dt":
            self._name = data
        elif self.open[-1] == "dd":
            self.figures.setdefault(self._name, []).append(data)

    def figure(self, name: str) -> str:
        return self.figures[name][0]


async def look(house: House, language: str = "en") -> tuple[Page, web.Response]:
    """Ask as a browser does, at an application of frames."""
    application = web.Application()
    application.router.add_get("/", status_page(house.server))
    async with (
        TestClient(TestServer(application)) as browser,
        browser.get("/", headers={"Accept-Language": language}) as response,
    ):
        assert response.status == 200
        assert response.content_type == "text/html"
        assert response.charset == "utf-8"
        return Page(await response.text()), web.Response(headers=response.headers)


async def test_every_figure_of_the_old_page_is_there(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        house.server.metrics.request(RequestKind.START_AUTO, success=True)
        house.server.metrics.request(RequestKind.RESULT, success=True)
        house.server.metrics.request(RequestKind.MALFORMED, success=False)
        await house.see(OperationKind.DIRECT)
        page, _ = await look(house)
        assert page.figures["Total Requests"] == [
            "3",
            "12.0 req per hour",
            "success 2, 8.0 per hour",
            "errors 1, 4.0 per hour",
        ]
        assert page.figure("Images Sent") == "1"
        assert page.figure("Start: auto") == "1"
        assert page.figure("Malformed") == "1"
        assert page.figure("Scripted ydArt today success") == "1"
        assert page.figure("Scripted ydArt yesterday success") == "0"
        assert page.figure("Scripted ydArt total") == "1"
        assert page.figure("Scripted ydArt success") == "1"
        assert page.figure("Scripted ydArt success rate (req per hour)") == "4.0"
        assert page.figure("Scripted ydArt errors") == "0"
        assert page.figure("Scripted ydArt error rate (req per hour)") == "0.0"
        assert page.figure("Scripted ydArt left today") == "no limit"
        assert page.figure("Stored pictures") == "1"
        assert page.figure("In the archive") == "0"
        assert page.figure("Size on disk").endswith(" KB")
        kinds = "Start: auto, Start: old, Start: ydart, Status, Result, New prompt, Malformed"
        assert set(kinds.split(", ")) <= page.figures.keys()
        assert page.figures["Prompts"] == ["1", "of at most 10"]
        assert page.figure("Last new picture") == "09:00"

        await clock.advance(24 * 3600)
        page, _ = await look(house)
        assert page.figure("Scripted ydArt today success") == "0"
        assert page.figure("Scripted ydArt yesterday success") == "1"
        assert page.figure("Last new picture") == "2026-11-24 09:00"


def picture_of(page: Page) -> bytes | None:
    sources = [value for key, value in page.attributes if key == "src"]
    if not sources:
        return None
    kind, _, data = str(sources[0]).partition(",")
    assert kind == "data:image/jpeg;base64"
    return b64decode(data)


async def test_the_page_shows_what_a_frame_shows(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        page, _ = await look(house)
        assert picture_of(page) is None, "there is none yet"
        await house.ended(await house.server.operations.start(OperationKind.FORCED))
        page, _ = await look(house)
        newest = await house.server.store.newest_made()
        assert newest is not None
        assert picture_of(page) == await house.server.store.frame_jpeg(newest.id)
        await clock.advance(1)
        content = await house.see(OperationKind.OLD)
        await clock.advance(1)
        await house.see(OperationKind.DIRECT, frame=OTHER_FRAME)
        latest = house.server.frames.get(OTHER_FRAME).content
        assert latest is not None
        assert latest != content
        page, _ = await look(house)
        assert picture_of(page) == await house.server.gallery.jpeg(latest)
        assert latest.picture_id is not None
        await house.server.store.delete(latest.picture_id)
        page, _ = await look(house)
        assert picture_of(page) is None


async def test_the_page_speaks_the_readers_language(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        page, _ = await look(house, "ru-RU,ru;q=0.9,en;q=0.8")
        assert ("lang", "ru") in page.attributes
        assert page.figure("Scripted ydArt: успешно сегодня") == "0"
        assert "Готов: следующий запрос рамки даст новую картинку" in page.words
        page, _ = await look(house, "de")
        assert ("lang", "en") in page.attributes


async def test_the_state_is_a_sentence(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:

        async def sentence() -> str:
            page, _ = await look(house)
            return page.words[page.words.index("AIFrames ImageServer", 2) + 1]

        assert await sentence() == "Ready: the next frame that asks gets a new picture"
        script.held.clear()
        await house.ask()
        assert await sentence() == "A new picture is being made"
        script.held.set()
        await house.rest()
        assert await sentence() == "Stored pictures are shown; a new one can be made from 09:10 on"
        await house.server.change("paused", value=True, instead_of=False)
        assert await sentence() == "Paused: stored pictures are shown, no new ones are made"
        script.missing = "no key"
        await house.server.change("paused", value=False, instead_of=False)
        assert await sentence() == "Stored pictures are shown; no new one can be made at the moment"


async def test_sleep_says_when_it_ends(tmp_path: Path, clock: ManualClock) -> None:
    options = 'sleep_time: [{time_range: {start_time: "08:00", end_time: "10:30"}}]'
    async with open_house(tmp_path, [scripted(Script())], clock=clock, options=options) as house:
        page, _ = await look(house)
        assert any(words.startswith("Asleep until 10:30") for words in page.words)


async def test_what_is_wrong_is_said_with_its_remedy(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    script.answers.append(AccessRefusedError("The key is refused"))
    async with open_house(tmp_path, [scripted(script)], clock=clock) as house:
        await house.see(OperationKind.AUTO)
        page, _ = await look(house)
        assert "Something needs your attention" in page.words
        assert any("The key is refused" in words for words in page.words)
        assert any("retry" in words for words in page.words)
        assert any("switched off after an error" in words for words in page.words)


async def test_the_page_runs_nothing_and_loads_nothing(tmp_path: Path, clock: ManualClock) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        page, response = await look(house)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    assert f"'sha256-{b64encode(sha256(style[1].encode()).digest()).decode()}'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert {"script", "form", "button", "input", "img", "link", "iframe", "a"}.isdisjoint(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in {"style", "src"}]


async def test_nothing_that_people_write_becomes_html(tmp_path: Path, clock: ManualClock) -> None:
    script = Script()
    async with open_api(tmp_path, scripted(script), clock=clock) as api:
        await api.house.see()
        await api.patch(f"/frames/{FRAME}", {"name": EVIL})
        await api.post("/prompts", {"prompt": EVIL})
        script.answers.append(AccessRefusedError(EVIL))
        await api.post("/operations", {"prompt": EVIL, "wait": 30})
        page, _ = await look(api.house)
        assert EVIL not in page.text
        assert "&lt;script&gt;" in page.text


async def test_the_frames_page_tells_nothing_about_frames_and_prompts(
    tmp_path: Path, clock: ManualClock
) -> None:
    async with open_house(tmp_path, [scripted(Script())], clock=clock) as house:
        await house.server.prompts.add("a very private prompt")
        await house.see(OperationKind.DIRECT)
        page, _ = await look(house)
        for secret in (FRAME, "a very private prompt", house.server.installation.id):
            assert secret not in page.text
        assert house.server.installation.token not in page.text


@pytest.mark.parametrize("language", list(WORDS))
def test_every_kind_and_reason_has_words(language: str) -> None:
    words = next(words for known, words in WORDS.items() if known == language)
    assert set(words.kinds) == set(RequestKind)
    assert set(words.reasons) == set(Reason)
