"""Canaries: secrets are let loose wherever they can be, and looked for wherever anybody may look."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import pytest
import voluptuous as vol
from aiohttp.test_utils import TestClient, TestServer

from imageserver.exceptions import AccessRefusedError, ContentRefusedError
from imageserver.settings import PRIVATE_NETWORKS
from imageserver.web.frame import frame_application
from imageserver.web.frame_desk import ServersFrameDesk
from imageserver.web.status_page import status_page
from tests.adapters import Script, scripted
from tests.api_client import open_api

if TYPE_CHECKING:
    from pathlib import Path

    from imageserver.providers.base import ImageProvider
    from tests.api_client import Api, Browser
    from tests.manual_clock import ManualClock

KEY = "canary-key-9a1b7c"
SECOND_KEY = "canary-of-a-reload-4d2e"
PUBLIC = (
    "./ ./metrics ./healthz /info /status /operations /prompts /providers /settings /log /history /frames"
)


@dataclass
class Eyes:
    """Whoever may look: what they have seen."""

    api: Api
    browser: Browser
    seen: list[str] = field(default_factory=list)

    async def look(self) -> None:
        """Open every page, and ask for everything that the API tells."""
        async with self.browser.get("/") as response:
            self.seen.append(await response.text())
        for path in PUBLIC.split():
            answer = await self.api.get(path)
            self.seen.append(f"{answer.headers} {answer.body.decode()}")
        self.seen += map(repr, self.api.house.events)
        self.seen += map(repr, self.api.server.problems.all())
        self.seen += [line.message for line in self.api.server.log.recent()]

    async def ask_as_a_frame(self) -> None:
        async with self.browser.post("/operation/start", data='{"type":"ydart"}') as response:
            self.seen.append(await response.text())
            started = await response.json()
        if "id" in started:
            await self.api.house.rest()
            async with self.browser.get(f"/operation/result/{started['id']}") as response:
                self.seen.append(await response.text())

    def saw(self, text: str) -> bool:
        return any(text in seen for seen in self.seen)


def with_a_key(script: Script) -> type[ImageProvider]:
    adapter = scripted(script)

    class Keyed(adapter):  # type: ignore[valid-type,misc] # a class made by a function
        code = "ydArt"
        schema = vol.Schema({vol.Optional("api_key"): str})
        secrets: ClassVar = frozenset({"api_key"})

    return Keyed


@pytest.mark.parametrize(
    "error",
    [
        AccessRefusedError(f"Unknown api key: {KEY}"),
        ContentRefusedError(f"{KEY} may not ask for that"),
        RuntimeError(f"Authorization: Api-Key {KEY}"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_key_that_a_provider_repeats_is_seen_by_nobody(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    caplog.set_level(logging.DEBUG)
    script = Script()
    options = f"providers: {{ydArt: {{api_key: {KEY}}}}}"
    async with open_api(tmp_path, with_a_key(script), clock=clock, options=options) as api:
        application = frame_application(
            desk=ServersFrameDesk(api.server),
            networks=lambda: PRIVATE_NETWORKS,
            page=status_page(api.server),
        )
        async with TestClient(TestServer(application)) as browser:
            api.server.log.connect()
            eyes = Eyes(api, browser)
            script.answers += [error, error]
            await eyes.ask_as_a_frame()
            await eyes.look()
            operation = await api.post("/operations", {"wait": 5, "prompt": "a"})
            eyes.seen.append(operation.body.decode())
            await eyes.ask_as_a_frame()
            await eyes.look()
            api.server.log.close()
        assert eyes.saw("***"), "what was said is repeated, but for the key"
        assert not eyes.saw(KEY)
        assert not eyes.saw(api.server.installation.token)


async def test_keys_and_tokens_of_later_are_hidden_too(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    script = Script()
    async with open_api(tmp_path, with_a_key(script), clock=clock) as api:
        log, house = api.server.log, api.house
        log.connect()
        house.places.options.write_text(f"providers: {{ydArt: {{api_key: {SECOND_KEY}}}}}")
        await api.server.reload()
        token = (await api.post("/token")).json["token"]
        script.answers.append(AccessRefusedError(f"{SECOND_KEY} and {token} are refused"))
        await api.post("/operations", {"wait": 5})
        seen = str(api.server.problems.all()) + str(log.recent())
        for path in PUBLIC.split():
            seen += (await api.get(path)).body.decode()
        log.close()
        assert "*** and *** are refused" in seen
        assert SECOND_KEY not in seen
        assert token not in seen
        await api.server.jobs.close()
