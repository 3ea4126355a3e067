"""How soon a frame has its new picture: the share of starts that are met at the first poll.

    python -m tests.bench.first_poll [--delays 5 20 25] [--starts 36]

Real time: frames start spread over a minute, as the old server was measured, wait 30 s, and poll. The
provider is a simulated YandexART over real HTTP, in both transports.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any

from tests.bench.conditions import conditions
from tests.bench.frame_client import request, tls
from tests.bench.measured_server import MeasuredServer
from tests.simulators.yandex_art import YandexArtSimulator

POLL_EVERY = 30.0
SPREAD = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delays", type=float, nargs="+", default=[5, 20, 25])
    parser.add_argument("--starts", type=int, default=36)
    parser.add_argument("--transports", nargs="+", default=["images", "async"])
    arguments = parser.parse_args()
    figures: dict[str, Any] = {"conditions": conditions(starts=arguments.starts, poll_every_s=POLL_EVERY)}
    for transport in arguments.transports:
        for delay in arguments.delays:
            with tempfile.TemporaryDirectory() as folder:
                measured = asyncio.run(measure(Path(folder), transport, delay, arguments.starts))
                figures[f"{transport}, {delay:g} s"] = measured
    print(json.dumps(figures, indent=2))


async def measure(folder: Path, transport: str, delay: float, starts: int) -> dict[str, Any]:
    in_one_call = transport == "images"
    async with YandexArtSimulator(
        delay=delay if in_one_call else 0,
        operation_delay=0 if in_one_call else delay,
        old_model_retired=False,
    ) as simulator:
        (folder / "data").mkdir()
        own = {**simulator.options, "transport": transport, "daily_limit": 0}
        (folder / "data" / "options.yml").write_text(json.dumps({"providers": {"ydArt": own}}))
        server = await asyncio.to_thread(MeasuredServer(folder).__enter__)
        try:
            pause = SPREAD / starts
            frames = [_frame(server.https_port, number * pause) for number in range(starts)]
            polls, seconds = zip(*await asyncio.gather(*frames), strict=True)
        finally:
            await asyncio.to_thread(server.__exit__)
        return {
            "at_first_poll_percent": round(100 * sum(count == 1 for count in polls) / starts, 1),
            "mean_s": round(mean(seconds), 1),
            "worst_s": round(max(seconds), 1),
            "billed": len(simulator.billed),
        }


async def _frame(port: int, wait: float) -> tuple[int, float]:
    await asyncio.sleep(wait)
    context, began = tls(), time.perf_counter()
    started = json.loads(await request(port, context, "POST", "/operation/start", {"type": "ydart"}))
    polls = 0
    while True:
        await asyncio.sleep(POLL_EVERY)
        polls += 1
        answer = json.loads(await request(port, context, "GET", f"/operation/result/{started['id']}"))
        if answer["status"] == "error":
            raise RuntimeError(answer["error"])
        if answer["status"] == "done":
            return polls, time.perf_counter() - began


if __name__ == "__main__":
    main()
