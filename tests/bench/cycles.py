"""What one `old` picture costs the server: CPU a cycle, and whether each picture is right and whole.

    python -m tests.bench.cycles [--cycles 10000] [--cold 200]

A cycle is a start and a result, each over a fresh TLS 1.2 connection without tickets.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.conditions import conditions
from tests.bench.frame_client import Cycle, cycle, tls
from tests.bench.measured_server import MeasuredServer
from tests.bench.percentiles import milliseconds
from tests.bench.pictures_on_disk import fill

ROUND = 100
STORED = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=10_000)
    parser.add_argument("--cold", type=int, default=200)
    arguments = parser.parse_args()
    figures: dict[str, Any] = {"conditions": conditions(stored=STORED, picture="1024x1536 JPEG")}
    for name, scaled, cycles in (
        ("scaled_exists", True, arguments.cycles),
        ("to_scale", False, arguments.cold),
    ):
        with tempfile.TemporaryDirectory() as folder:
            figures[name] = measure(Path(folder), scaled=scaled, cycles=cycles)
    print(json.dumps(figures, indent=2))


def measure(folder: Path, *, scaled: bool, cycles: int) -> dict[str, Any]:
    expected = fill(folder / "images", STORED, scaled=scaled)
    with MeasuredServer(folder) as server:
        done: list[Cycle] = []
        costs = []
        asyncio.run(_run(server.https_port, 20 if scaled else 1))  # imports, TLS, page cache
        for _ in range(0, cycles, ROUND):
            before = server.cpu_seconds()
            done += asyncio.run(_run(server.https_port, ROUND))
            costs.append((server.cpu_seconds() - before) / ROUND)
        wrong = sum(cycle.picture not in expected for cycle in done)
        return {
            "cycles": len(done),
            "cpu_ms_median_of_rounds": milliseconds(median(costs)),
            "cpu_ms_best_round": milliseconds(min(costs)),
            "start_ms_median": milliseconds(median(cycle.start for cycle in done)),
            "result_ms_median": milliseconds(median(cycle.result for cycle in done)),
            "wrong_or_cut": wrong,
        }


async def _run(port: int, cycles: int) -> list[Cycle]:
    context = tls()
    return [await cycle(port, context) for _ in range(cycles)]


if __name__ == "__main__":
    main()
