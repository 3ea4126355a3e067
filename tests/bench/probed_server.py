"""The real server with a probe in its event loop: `python -m tests.bench.probed_server STATS -- FLAGS`.

Writes how late the event loop was to STATS at each SIGUSR1, beginning anew each time. It imports nothing
that the server itself does not, so that its memory is the server's.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from imageserver.__main__ import run
from imageserver.arguments import parse
from tests.bench.percentiles import milliseconds, percentile

PROBE_EVERY = 0.005
"""Seconds between two looks of the probe: its own share of the load stays under one percent."""


class Probe:
    """Measures by how much a timer of the event loop comes late."""

    def __init__(self) -> None:
        self.lags: list[float] = []

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            expected = loop.time() + PROBE_EVERY
            await asyncio.sleep(PROBE_EVERY)
            self.lags.append(max(0.0, loop.time() - expected))

    def write(self, stats: Path) -> None:
        lags, self.lags = sorted(self.lags), []
        figures: dict[str, float] = {"samples": len(lags)}
        if lags:
            figures |= {
                "p50_ms": milliseconds(percentile(lags, 0.5)),
                "p99_ms": milliseconds(percentile(lags, 0.99)),
                "max_ms": milliseconds(lags[-1]),
            }
        temporary = stats.with_suffix(".new")
        temporary.write_text(json.dumps(figures))
        temporary.replace(stats)


async def serve(stats: Path, flags: list[str]) -> int:
    probe = Probe()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, probe.write, stats)
    watching = asyncio.create_task(probe.watch())
    try:
        return await run(parse(flags, os.environ), os.environ)
    finally:
        watching.cancel()


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(Path(sys.argv[1]), sys.argv[3:])))
