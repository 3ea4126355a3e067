from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from tests.simulators.yandex_art import YandexArtSimulator
from tests.simulators.yandex_art_rules import API_KEY, FOLDER_ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEADERS = {"Authorization": f"Api-Key {API_KEY}", "OpenAI-Project": FOLDER_ID}
BODY = {"model": f"art://{FOLDER_ID}/aliceai-image-art-3.0", "prompt": "cat", "size": "1024x1536"}
OPERATION = {
    "modelUri": f"art://{FOLDER_ID}/yandex-art/latest",
    "messages": [{"text": "cat", "weight": "1"}],
    "generationOptions": {"seed": "7", "aspectRatio": {"widthRatio": "2", "heightRatio": "3"}},
}


@pytest.fixture
async def yandex() -> AsyncIterator[YandexArtSimulator]:
    async with YandexArtSimulator() as simulator:
        yield simulator


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def post(session: ClientSession, url: str, body: object, **headers: str) -> tuple[int, Any]:
    async with session.post(url, json=body, headers=HEADERS | headers) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({}, 200, None),
        ({"prompt": "я" * 500}, 200, None),
        ({"prompt": "я" * 501}, 400, 3),
        ({"prompt": " "}, 400, 3),
        ({"size": "1024"}, 400, 3),
        ({"size": "0x9"}, 400, 3),
        ({"model": "aliceai-image-art-3.0"}, 400, 3),
        ({"model": f"art://{FOLDER_ID}/no-such-model"}, 404, 5),
        ({"model": "art://b1gsomebodyelse/aliceai-image-art-3.0"}, 403, 7),
        ({"model": f"art://{FOLDER_ID}/yandex-art/latest"}, 403, 7),
    ],
)
async def test_it_is_as_strict_as_the_real_one(
    yandex: YandexArtSimulator, session: ClientSession, change: dict[str, str], status: int, code: int | None
) -> None:
    got, answer = await post(session, f"{yandex.url}/v1/images/generations", BODY | change)
    assert (got, answer.get("code")) == (status, code)
    assert len(yandex.billed) == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Authorization", "Api-Key somebody", 401),
        ("Authorization", "", 401),
        ("Authorization", f"Basic {API_KEY}", 401),
        ("Authorization", f"Bearer {API_KEY}", 200),
        ("OpenAI-Project", "somebody", 400),
        ("Content-Type", "text/plain", 415),
    ],
)
async def test_it_looks_at_the_headers(
    yandex: YandexArtSimulator, session: ClientSession, header: str, value: str, status: int
) -> None:
    got, _ = await post(session, f"{yandex.url}/v1/images/generations", BODY, **{header: value})
    assert got == status


async def test_the_old_model_is_denied_unless_the_past_is_asked_for(session: ClientSession) -> None:
    for retired, status in ((True, 403), (False, 200)):
        async with YandexArtSimulator(old_model_retired=retired) as simulator:
            url = f"{simulator.url}/foundationModels/v1/imageGenerationAsync"
            got, _ = await post(session, url, OPERATION)
            assert got == status


async def test_a_shell_can_prepare_a_fault_and_see_what_was_billed(
    yandex: YandexArtSimulator, session: ClientSession
) -> None:
    async with session.post(f"{yandex.url}/next/unavailable") as response:
        assert response.status == 200
    async with session.post(f"{yandex.url}/next/no-such-fault") as response:
        assert response.status == 404
    for status in (503, 200):
        assert (await post(session, f"{yandex.url}/v1/images/generations", BODY))[0] == status

    async with session.get(f"{yandex.url}/log") as response:
        log = await response.json()

    assert log["billed"] == 2
    assert [(asked["fault"], asked["status"]) for asked in log["asked"]] == [
        ("unavailable", 503),
        (None, 200),
    ]
