"""Many frames at once: latencies, how late the event loop is, memory.

    python -m tests.bench.clients [--clients 64] [--rounds 5] [--stored 6000]

Each round, all clients start an `old` operation at the same moment and fetch its picture at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.conditions import conditions
from tests.bench.frame_client import Cycle, cycle, tls
from tests.bench.measured_server import MeasuredServer
from tests.bench.percentiles import milliseconds, percentile
from tests.bench.pictures_on_disk import fill

QUIET = 3.0
"""Seconds of rest before idle memory is read."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stored", type=int, default=6000)
    arguments = parser.parse_args()
    figures: dict[str, Any] = {
        "conditions": conditions(clients=arguments.clients, rounds=arguments.rounds, stored=arguments.stored)
    }
    for name, scaled in (("scaled_exists", True), ("all_to_scale", False)):
        with tempfile.TemporaryDirectory() as folder:
            figures[name] = measure(Path(folder), arguments, scaled=scaled)
    print(json.dumps(figures, indent=2))


def measure(folder: Path, arguments: argparse.Namespace, *, scaled: bool) -> dict[str, Any]:
    expected = fill(folder / "images", arguments.stored, scaled=scaled)
    with MeasuredServer(folder) as server:
        time.sleep(QUIET)
        idle = server.rss_mb()
        server.forget_peak()
        server.loop_lag()
        done: list[Cycle] = []
        for _ in range(arguments.rounds):
            done += asyncio.run(_together(server.https_port, arguments.clients))
        lag, peak = server.loop_lag(), server.peak_rss_mb()
        time.sleep(QUIET)
        starts = sorted(one.start for one in done)
        results = sorted(one.result for one in done)
        return {
            "start_ms": {
                "p50": milliseconds(percentile(starts, 0.5)),
                "p99": milliseconds(percentile(starts, 0.99)),
            },
            "result_ms": {
                "p50": milliseconds(percentile(results, 0.5)),
                "p99": milliseconds(percentile(results, 0.99)),
            },
            "loop_lag": lag,
            "rss_mb": {"idle_before": idle, "peak": peak, "idle_after": server.rss_mb()},
            "wrong_or_cut": sum(one.picture not in expected for one in done),
        }


def spread(ordered: list[float]) -> dict[str, float]:
    return {
        "p50": milliseconds(percentile(ordered, 0.5)),
        "p99": milliseconds(percentile(ordered, 0.99)),
        "max": milliseconds(ordered[-1]),
    }


async def _together(port: int, clients: int) -> list[Cycle]:
    context = tls()
    return await asyncio.gather(*(cycle(port, context) for _ in range(clients)))


if __name__ == "__main__":
    main()
