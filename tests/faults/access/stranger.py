"""A stranger in the house, without a token, from as many addresses as he likes: what he spends and fills."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any

import psutil
import yaml

from tests import pictures
from tests.processes import run_server
from tests.simulators.yandex_art import YandexArtSimulator

from .asking import Line
from .house import House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT = 5
PER_DAY = 20
MINE = [f"mine {number}" for number in range(10)]
NAMED = "127.0.0.7"
MOST_MEMORY = 50 * 1024 * 1024
MOST_LOG, MOST_STATE = 2_000_000, 40_000_000
WISHES = (
    ("/operation/start", {"type": "ydart"}),
    ("/operation/start", {"type": "ydart", "prompt": "{n} x{long}"}),
    ("/operation/start", {"type": "auto"}),
    ("/operation/start", {"type": "old"}),
    ("/operation/start", {"type": "nonsense"}),
    ("/prompt/add", {"prompt": "junk {n}"}),
    ("/prompt/add", {"prompt": "junk {n}", "negative": "{n}"}),
    ("/operation/result/none", None),
)


@dataclass(slots=True)
class Spree:
    """How much of it.

    Attributes:
        addresses: From which he comes.
        requests: In all, in each of the server's lives.
        at_once: Connections.
        lives: Of the server, on one day.
    """

    addresses: int = 40
    requests: int = 400
    at_once: int = 20
    lives: int = 2


async def go(root: Path, spree: Spree) -> dict[str, Any]:
    """Let him loose; returns figures, and what went wrong."""
    _furnish(root)
    figures: dict[str, Any] = {}
    wrong: list[str] = []
    async with YandexArtSimulator(made=[(320, 480)]) as provider:
        options = json.dumps(_options(provider))
        for life in range(spree.lives):
            async with run_server(root, options=options) as process:
                house = House(process, root / "data", management_tls=True)
                await house.up()
                if life == 0:
                    await _name_a_frame(house)
                server = psutil.Process(process.process.pid)
                await _storm(house, spree, first=0)
                before = server.memory_info().rss
                statuses = await _storm(house, spree, first=spree.requests)
                grown = server.memory_info().rss - before
                wrong += [f"{grown >> 20} MB more memory"] if grown > MOST_MEMORY else []
                wrong += await _wrong(house)
                assert await process.stop() == 0
                figures[f"life {life + 1}"] = {
                    "answers": dict(statuses),
                    "memory_grown_mb": round(grown / 1e6, 1),
                    "log_lines": len(process.log),
                    "log_bytes": sum(map(len, process.log)),
                }
        figures |= {"billed": len(provider.billed), "daily_limit": LIMIT}
    return figures | _left(root) | {"wrong": wrong + list(_too_much(root, figures))}


def _furnish(root: Path) -> None:
    data, store = root / "data", root / "images" / "scalable"
    data.mkdir(parents=True)
    store.mkdir(parents=True)
    (data / "prompts.yaml").write_text(yaml.safe_dump({"prompts": [{"prompt": text} for text in MINE]}))
    for number in range(3):
        (store / f"f{number}.jpeg").write_bytes(pictures.jpeg(320, 480, seed=number))


def _options(provider: YandexArtSimulator) -> dict[str, Any]:
    yandex = {**provider.options, "daily_limit": LIMIT, "image_generate_threshold": 0}
    return {
        "image_generate_threshold": 0,
        "frame_prompts_per_day": PER_DAY,
        "prompts_amount": len(MINE),
        "providers": {"ydArt": yandex},
    }


async def _name_a_frame(house: House) -> None:
    line = Line(house.process.http_port, source=NAMED)
    await line.ask("POST", "/operation/start", body=b'{"type":"old"}')
    line.hang_up()
    assert (await _api(house, "PATCH", f"/frames/{NAMED}", {"name": "Kitchen"}))["name"] == "Kitchen"


async def _storm(house: House, spree: Spree, *, first: int) -> Counter[int]:
    """Send everything that a frame may send, and more, from everywhere at once."""
    statuses: Counter[int] = Counter()
    share = -(-spree.requests // spree.at_once)

    async def connection(numbers: range) -> None:
        for some in batched(numbers, 4, strict=False):
            number = some[0] % spree.addresses
            line = Line(house.process.http_port, source=f"127.1.{number // 250}.{number % 250 + 1}")
            for at in some:
                path, body = WISHES[at % len(WISHES)]
                sent = None if body is None else _filled(body, at)
                reply = await line.ask("GET" if sent is None else "POST", path, body=sent)
                statuses[reply.status] += 1
            line.hang_up()

    starts = range(first, first + spree.requests, share)
    await asyncio.gather(*(connection(range(start, start + share)) for start in starts))
    return statuses


def _filled(body: dict[str, str], number: int) -> bytes:
    text = json.dumps(body, ensure_ascii=False)
    return text.replace("{n}", str(number)).replace("{long}", "x" * 400).encode()


async def _wrong(house: House) -> list[str]:
    """Say what a person has lost."""
    wrong = []
    book = await _api(house, "GET", "/prompts")
    there = [prompt["prompt"] for prompt in book["prompts"] if prompt["prompt"] in MINE]
    back = [prompt["prompt"] for prompt in book["replaced"] if prompt["prompt"] in MINE]
    if len(there) < len(MINE) - 2:
        wrong.append(f"of {len(MINE)} prompts of a person {len(there)} are left")
    if {*there, *back} != {*MINE}:
        wrong.append(f"what is neither there nor can come back: {sorted({*MINE} - {*there, *back})}")
    frames = await _api(house, "GET", "/frames")
    if not any(frame["name"] == "Kitchen" for frame in frames["frames"]):
        wrong.append("the frame with a name is forgotten")
    if len(frames["frames"]) > 256:
        wrong.append(f"{len(frames['frames'])} frames are remembered")
    problems = (await _api(house, "GET", "/status"))["problems"]
    if len(problems) > 60:
        wrong.append(f"{len(problems)} problems")
    return wrong


async def _api(house: House, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    line = house.line("guarded", "127.0.0.1")
    headers = (("Authorization", f"Bearer {house.token}"),)
    sent = None if body is None else json.dumps(body).encode()
    reply = await line.ask(method, f"/api/v1{path}", headers=headers, body=sent)
    line.hang_up()
    assert reply.status == 200, reply
    return json.loads(reply.body)


def _left(root: Path) -> dict[str, Any]:
    state = sum(path.stat().st_size for path in (root / "data").glob("state.db*"))
    stored = list((root / "images").rglob("*.jpeg"))
    prompts = yaml.safe_load((root / "data" / "prompts.yaml").read_text())["prompts"]
    junk = sum(prompt["prompt"].startswith("junk") for prompt in prompts)
    return {"state_bytes": state, "pictures": len(stored), "prompts": len(prompts), "junk_prompts": junk}


def _too_much(root: Path, figures: dict[str, Any]) -> Iterator[str]:
    """Say what was spent or filled beyond its limit."""
    if figures["billed"] > LIMIT:
        yield f"{figures['billed']} pictures were paid for, {LIMIT} are the day's limit"
    if not figures["billed"]:
        yield "nothing was bought at all: this shows nothing"
    for name, life in figures.items():
        if name.startswith("life") and life["log_bytes"] > MOST_LOG:
            yield f"{name} logged {life['log_bytes']} bytes"
    if (state := _left(root)["state_bytes"]) > MOST_STATE:
        yield f"the state has {state} bytes"
