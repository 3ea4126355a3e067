"""What the server counts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Totals, which survive restarts, and rates of the last 15 minutes."""

    total: int
    success: int
    errors: int
    total_per_hour: float
    success_per_hour: float
    errors_per_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What is counted about frames.

    Attributes:
        requests: All of them, malformed ones too.
        requests_by_kind: By `start_auto`, `start_old`, `start_ydart`, `status`, `result`, `prompt_add` and
            `malformed`.
        images: Pictures written to frames, wholly (`success`) or not (`errors`).
    """

    requests: Counts
    requests_by_kind: Mapping[str, Counts]
    images: Counts
