"""How soon the server is there: port open, first picture, and how much memory it then takes.

    python -m tests.bench.start [--runs 5] [--stored 6000 100000]

Measured from exec. The index of the pictures exists (a first run made it) and so do the .pyc files.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.conditions import conditions
from tests.bench.frame_client import cycle, tls
from tests.bench.measured_server import MeasuredServer
from tests.bench.pictures_on_disk import fill

INDEXING = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--stored", type=int, nargs="+", default=[6_000, 100_000])
    arguments = parser.parse_args()
    figures: dict[str, Any] = {"conditions": conditions(runs=arguments.runs)}
    for stored in arguments.stored:
        with tempfile.TemporaryDirectory() as folder:
            figures[str(stored)] = measure(Path(folder), stored, arguments.runs)
    print(json.dumps(figures, indent=2))


def measure(folder: Path, stored: int, runs: int) -> dict[str, Any]:
    fill(folder / "images", stored, scaled=True)
    (folder / "data").mkdir()
    caps = f"image_amount_max: {stored * 2}\noriginal_image_amount_max: {stored * 2}\n"
    (folder / "data" / "options.yml").write_text(caps)
    with MeasuredServer(folder) as server:
        first_start = one_start(server)
        time.sleep(min(INDEXING, 2 + stored / 2000))
    starts, memory = [], []
    for _ in range(runs):
        with MeasuredServer(folder) as server:
            starts.append(one_start(server))
            time.sleep(3)
            memory.append(server.rss_mb())
    return {
        "port_open_s": median(start[0] for start in starts),
        "first_picture_s": median(start[1] for start in starts),
        "without_an_index": {"port_open_s": first_start[0], "first_picture_s": first_start[1]},
        "idle_rss_mb": median(memory),
    }


def one_start(server: MeasuredServer) -> tuple[float, float]:
    got = asyncio.run(cycle(server.https_port, tls()))
    if got.picture is None:
        raise RuntimeError("The first picture is broken")
    return server.port_open_after, round(time.perf_counter() - server.started_at, 3)


if __name__ == "__main__":
    main()
