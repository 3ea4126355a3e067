"""What a big house asks of Home Assistant: 50 frames as devices, 10,000 stored pictures, the real server.

    python -m tests.bench.integration_load [--frames 50] [--stored 10000] [--updates 20]

A lag is how late Home Assistant's event loop was while something happened.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from homeassistant import loader
from homeassistant.components import media_source
from homeassistant.components.media_player import SearchMediaQuery
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.aiframes.api import Status
from custom_components.aiframes.api.json_text import parsed
from custom_components.aiframes.api.reading import read
from tests.bench.conditions import conditions
from tests.bench.percentiles import milliseconds
from tests.bench.pictures_on_disk import fill
from tests.integration.conftest import DOMAIN, RealServer
from tests.integration.visiting import show_everywhere
from tests.integration.watching import enable_everything, until_asked
from tests.processes import READY, run_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from homeassistant.core import HomeAssistant

TICK = 0.001
ROOT = f"media-source://{DOMAIN}"


class Lag:
    """The longest time that the event loop was busy with something else."""

    longest = 0.0

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK)
            self.longest = max(self.longest, time.perf_counter() - before - TICK)


@asynccontextmanager
async def lag() -> AsyncIterator[Lag]:
    found = Lag()
    task = asyncio.create_task(found.watch())
    await asyncio.sleep(TICK)
    yield found
    await asyncio.sleep(TICK)
    task.cancel()


async def timed(work: Awaitable[Any]) -> tuple[dict[str, float], Any]:
    """Return how long it took, and how late the loop was, with what came of it."""
    async with lag() as found:
        began = time.perf_counter()
        result = await work
        took = time.perf_counter() - began
    return {"ms": milliseconds(took), "lag_ms": milliseconds(found.longest)}, result


def everything_changed(status: Status, number: int) -> Status:
    """Return a snapshot in which every frame has shown another picture."""
    later = timedelta(seconds=number)
    return replace(
        status,
        at=status.at + later,
        metrics=replace(status.metrics, requests=replace(status.metrics.requests, total=number)),
        frames=tuple(
            replace(
                frame,
                pictures_sent=frame.pictures_sent + number,
                last_asked_at=frame.last_asked_at + later,
                content_at=status.at + later,
            )
            for frame in status.frames
        ),
    )


async def measure_updates(
    hass: HomeAssistant, server: RealServer, entry: MockConfigEntry, times: int
) -> dict[str, float]:
    """Let every frame show another picture, so often, and take it in as the stream does, text first."""
    text = json.dumps(await asyncio.to_thread(server.ask, "/api/v1/status"))
    took = []
    for number in range(1, times + 1):
        began = time.perf_counter()
        status = read(Status, parsed(text))
        reading = time.perf_counter() - began
        status = everything_changed(status, number)
        began = time.perf_counter()
        entry.runtime_data.async_set_updated_data(status)
        took.append(time.perf_counter() - began + reading)
        await hass.async_block_till_done()
    return {"ms": milliseconds(median(took)), "longest_ms": milliseconds(max(took))}


async def measure_media(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Look at every kind of folder."""
    assert await async_setup_component(hass, "media_source", {})
    await media_source.async_browse_media(hass, ROOT)
    figures: dict[str, Any] = {}
    figures["folders"], _ = await timed(media_source.async_browse_media(hass, ROOT))
    folder = f"{ROOT}/{entry.unique_id}/all"
    figures["pages"], pages = await timed(media_source.async_browse_media(hass, folder))
    figures["pages"]["count"] = len(pages.children)
    figures["page"], page = await timed(
        media_source.async_browse_media(hass, pages.children[-1].media_content_id)
    )
    figures["page"] |= {"count": len(page.children), "json_kb": len(json.dumps(page.as_dict())) // 1000}
    query = SearchMediaQuery(search_query="f0099")
    figures["search"], found = await timed(media_source.async_search_media(hass, folder, query))
    figures["search"]["count"] = len(found.result)
    return figures


def roomy(stored: int) -> str:
    """Return options of a server that keeps so many pictures, and makes none."""
    caps = f"image_amount_max: {stored * 2}\noriginal_image_amount_max: {stored * 2}\n"
    return f"disabled_providers: [builtin]\n{caps}"


async def until_stored(server: RealServer, stored: int) -> None:
    """Wait until the server has found all pictures."""

    async def is_so() -> bool:
        status = await asyncio.to_thread(server.ask, "/api/v1/status")
        return bool(status["store"]["pictures"] == stored)

    await until_asked(is_so)


async def measure(folder: Path, *, frames: int, stored: int, updates: int) -> dict[str, Any]:
    fill(folder / "images", stored, scaled=True)
    async with (
        run_server(folder, options=roomy(stored)) as process,
        async_test_home_assistant(config_dir=str(folder)) as hass,
    ):
        await process.said(READY)
        server = RealServer(process, folder)
        await show_everywhere(process, frames)
        await until_stored(server, stored)
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        unique_id = await asyncio.to_thread(lambda: server.installation_id)
        entry = MockConfigEntry(domain=DOMAIN, title="Load", unique_id=unique_id, data=server.entry_data)
        entry.add_to_hass(hass)
        figures: dict[str, Any] = {}
        figures["set_up"], _ = await timed(hass.config_entries.async_setup(entry.entry_id))
        await hass.async_block_till_done()
        figures["devices"] = len(dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id))
        figures["states"] = len(hass.states.async_all())
        figures["reload"], _ = await timed(hass.config_entries.async_reload(entry.entry_id))
        figures["update"] = await measure_updates(hass, server, entry, updates)
        figures["media"] = await measure_media(hass, entry)
        await enable_everything(hass, entry)
        figures["states_with_everything_enabled"] = len(hass.states.async_all())
        figures["update_with_everything_enabled"] = await measure_updates(hass, server, entry, updates)
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_stop(force=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--stored", type=int, default=10_000)
    parser.add_argument("--updates", type=int, default=20)
    arguments = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), **arguments))
    print(json.dumps({"conditions": conditions(**arguments), **figures}, indent=2))


if __name__ == "__main__":
    main()
