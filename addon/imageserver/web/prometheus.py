"""Every figure for Prometheus; made anew for each request, so nothing is registered globally."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from .. import __version__
from ..metrics import Outcome
from ..status import ServerState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prometheus_client import Metric

    from ..metrics import Counts
    from ..models import Frame
    from ..status import Status

    type Labels = tuple[str, ...]

PREFIX = "aiframes_"

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
"""Of the text format, which every scraper takes."""


def exposition(status: Status, frames: Sequence[Frame]) -> bytes:
    """Return the figures as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(status, frames))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Figures(Collector):
    """A snapshot of the server as metric families."""

    def __init__(self, status: Status, frames: Sequence[Frame]) -> None:
        self._status = status
        self._frames = frames

    def collect(self) -> Iterator[Metric]:
        yield from self._of_server()
        yield from self._of_requests()
        yield from self._of_providers()
        yield from self._of_store()
        yield from self._of_frames()

    def _of_server(self) -> Iterator[Metric]:
        status = self._status
        version = {"version": __version__}
        yield InfoMetricFamily(f"{PREFIX}server", "The image server.", version)
        states = {state.value: state is status.state for state in ServerState}
        yield _gauges("state", "1 for what the server does now.", "state", states)
        yield _gauge("problems", "Problems that stand now.", len(status.problems))
        if status.next_generation_at is not None:
            text = "When a provider may be asked automatically next."
            yield _gauge("next_generation_timestamp_seconds", text, status.next_generation_at.timestamp())

    def _of_requests(self) -> Iterator[Metric]:
        metrics = self._status.metrics
        kinds: dict[Labels, Counts] = {(kind.value,): counts for kind, counts in metrics.requests.items()}
        yield from _counted("requests", "Requests of frames.", ("kind",), kinds)
        yield from _counted("images", "Pictures written to frames.", (), {(): metrics.images})

    def _of_providers(self) -> Iterator[Metric]:
        providers = {provider.code: provider for provider in self._status.providers}
        counts: dict[Labels, Counts] = {(code,): entry.counts.counts for code, entry in providers.items()}
        yield from _counted("provider_requests", "Answers of providers.", ("provider",), counts)
        asked = {code: entry.counts.counts.total for code, entry in providers.items()}
        yield _counters("provider_asked", "Requests to providers.", "provider", asked)
        often = {code: entry.counts.counts.total_per_hour for code, entry in providers.items()}
        yield _gauges("provider_asked_per_hour", "Requests to providers. As a rate.", "provider", often)
        ready = {code: entry.readiness.ready for code, entry in providers.items()}
        yield _gauges("provider_ready", "1 where it may be asked now.", "provider", ready)
        enabled = {code: entry.enabled for code, entry in providers.items()}
        yield _gauges("provider_enabled", "1 where it is on.", "provider", enabled)
        today = {code: entry.counts.today for code, entry in providers.items()}
        yield _gauges("provider_accepted_today", "Requests of today that it took.", "provider", today)
        yesterday = {code: entry.counts.yesterday for code, entry in providers.items()}
        yield _gauges("provider_accepted_yesterday", "And of yesterday.", "provider", yesterday)
        left = {code: entry.left_today for code, entry in providers.items() if entry.left_today is not None}
        yield _gauges("provider_left_today", "What is left of today's limit.", "provider", left)

    def _of_store(self) -> Iterator[Metric]:
        store = self._status.store
        yield _gauge("pictures", "Pictures that frames are shown.", store.pictures)
        yield _gauge("archived_pictures", "Pictures that are only in the archive.", store.archived)
        yield _gauge("unreadable_pictures", "Files that can't be shown.", store.unreadable)
        yield _gauge("pictures_size_bytes", "Size of all pictures on the disk.", store.bytes)
        yield _gauge("prompts", "Prompts in the book.", self._status.prompts)

    def _of_frames(self) -> Iterator[Metric]:
        sent = {frame.address: frame.pictures_sent for frame in self._frames}
        yield _counters("frame_pictures_sent", "Pictures written to a frame.", "frame", sent)
        asked = {frame.address: frame.last_asked_at.timestamp() for frame in self._frames}
        yield _gauges("frame_last_asked_timestamp_seconds", "When a frame asked last.", "frame", asked)


def _counted(name: str, text: str, labels: Labels, counts: Mapping[Labels, Counts]) -> Iterator[Metric]:
    """Yield how often it went well and how often not, and the rates of both."""
    total = CounterMetricFamily(f"{PREFIX}{name}", text, labels=[*labels, "outcome"])
    rate = GaugeMetricFamily(f"{PREFIX}{name}_per_hour", f"{text} As a rate.", labels=[*labels, "outcome"])
    for values, entry in counts.items():
        total.add_metric([*values, Outcome.SUCCESS], entry.success)
        total.add_metric([*values, Outcome.ERRORS], entry.errors)
        rate.add_metric([*values, Outcome.SUCCESS], entry.success_per_hour)
        rate.add_metric([*values, Outcome.ERRORS], entry.errors_per_hour)
    yield total
    yield rate


def _counters(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}{name}", text, labels=[label])
    for value, amount in values.items():
        family.add_metric([value], amount)
    return family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}{name}", text, value=value)


def _gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}{name}", text, labels=[label])
    for value, amount in values.items():
        family.add_metric([value], amount)
    return family
