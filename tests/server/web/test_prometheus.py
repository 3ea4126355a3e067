from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from imageserver.metrics import RequestKind
from imageserver.models import OperationKind
from tests.houses import FRAME

if TYPE_CHECKING:
    from prometheus_client import Metric

    from tests.api_client import Api


async def scrape(api: Api) -> dict[str, Metric]:
    answer = await api.get("./metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = list(text_string_to_metric_families(answer.body.decode()))
    assert len({family.name for family in families}) == len(families)
    return {family.name: family for family in families}


def value(families: dict[str, Metric], name: str, **labels: str) -> float:
    (found,) = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return found


async def test_every_figure_can_be_scraped(api: Api) -> None:
    api.server.metrics.request(RequestKind.RESULT, success=True)
    api.server.metrics.request(RequestKind.MALFORMED, success=False)
    await api.patch("/providers/ydArt", {"daily_limit": 5})
    await api.house.see(OperationKind.DIRECT)
    families = await scrape(api)
    assert value(families, "aiframes_requests_total", kind="result", outcome="success") == 1
    assert value(families, "aiframes_requests_total", kind="malformed", outcome="errors") == 1
    assert value(families, "aiframes_requests_per_hour", kind="result", outcome="success") == 4
    assert value(families, "aiframes_images_total", outcome="success") == 1
    assert value(families, "aiframes_provider_requests_total", provider="ydArt", outcome="success") == 1
    assert value(families, "aiframes_provider_asked_total", provider="ydArt") == 1
    assert value(families, "aiframes_provider_asked_per_hour", provider="ydArt") == 4
    assert value(families, "aiframes_provider_accepted_today", provider="ydArt") == 1
    assert value(families, "aiframes_provider_accepted_yesterday", provider="ydArt") == 0
    assert value(families, "aiframes_provider_left_today", provider="ydArt") == 4
    assert value(families, "aiframes_provider_ready", provider="ydArt") == 1
    assert value(families, "aiframes_pictures") == 1
    assert value(families, "aiframes_pictures_size_bytes") > 1000
    assert value(families, "aiframes_prompts") == 1
    assert value(families, "aiframes_frame_pictures_sent_total", frame=FRAME) == 1
    assert value(families, "aiframes_problems") == 0
    assert value(families, "process_resident_memory_bytes") > 0


async def test_names_types_and_labels_stay_as_dashboards_know_them(api: Api) -> None:
    await api.patch("/providers/ydArt", {"daily_limit": 5})
    await api.house.see(OperationKind.DIRECT)
    found = {
        name.removeprefix("aiframes_"): (family.type, {*family.samples[0].labels})
        for name, family in (await scrape(api)).items()
        if name.startswith("aiframes_")
    }
    assert found == {
        "server_info": ("gauge", {"version"}),
        "state": ("gauge", {"state"}),
        "problems": ("gauge", set()),
        "next_generation_timestamp_seconds": ("gauge", set()),
        "requests": ("counter", {"kind", "outcome"}),
        "requests_per_hour": ("gauge", {"kind", "outcome"}),
        "images": ("counter", {"outcome"}),
        "images_per_hour": ("gauge", {"outcome"}),
        "provider_requests": ("counter", {"provider", "outcome"}),
        "provider_requests_per_hour": ("gauge", {"provider", "outcome"}),
        "provider_asked": ("counter", {"provider"}),
        "provider_asked_per_hour": ("gauge", {"provider"}),
        "provider_ready": ("gauge", {"provider"}),
        "provider_enabled": ("gauge", {"provider"}),
        "provider_accepted_today": ("gauge", {"provider"}),
        "provider_accepted_yesterday": ("gauge", {"provider"}),
        "provider_left_today": ("gauge", {"provider"}),
        "pictures": ("gauge", set()),
        "archived_pictures": ("gauge", set()),
        "unreadable_pictures": ("gauge", set()),
        "pictures_size_bytes": ("gauge", set()),
        "prompts": ("gauge", set()),
        "frame_pictures_sent": ("counter", {"frame"}),
        "frame_last_asked_timestamp_seconds": ("gauge", {"frame"}),
    }


async def test_all_requests_are_the_sum_of_their_kinds(api: Api) -> None:
    for kind in RequestKind:
        api.server.metrics.request(kind, success=kind is not RequestKind.MALFORMED)
    families = await scrape(api)
    everything = sum(sample.value for sample in families["aiframes_requests"].samples)
    assert everything == len(RequestKind) == api.server.metrics.snapshot([]).all_requests.total


async def test_the_state_is_one_of_all(api: Api) -> None:
    families = await scrape(api)
    states = {sample.labels["state"]: sample.value for sample in families["aiframes_state"].samples}
    assert states == {"generating": 0, "waiting": 1, "sleeping": 0, "paused": 0, "problem": 0}
    assert value(families, "aiframes_next_generation_timestamp_seconds") == api.clock.now().timestamp()

    await api.patch("/settings", {"paused": True})
    families = await scrape(api)
    assert value(families, "aiframes_state", state="paused") == 1
    assert "aiframes_next_generation_timestamp_seconds" not in families


async def test_nothing_is_registered_for_the_whole_process(api: Api) -> None:
    await scrape(api)
    await scrape(api)
    assert not [family for family in REGISTRY.collect() if family.name.startswith("aiframes")]
