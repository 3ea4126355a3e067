"""Which figures there are, and what Home Assistant should know of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfInformation

from .api import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from homeassistant.helpers.typing import StateType

    from .api import Frame, Provider, Status

LONGEST_STATE = 255
"""Characters that a state may have."""

REQUEST_KINDS = ("start_auto", "start_old", "start_ydart", "status", "result", "prompt_add", "malformed")
"""What frames ask."""


@dataclass(frozen=True, kw_only=True)
class Figure[Subject](SensorEntityDescription):
    """Describes a sensor, and finds its value in what the server says."""

    value_fn: Callable[[Subject], StateType | datetime]


def _counter[Subject](
    key: str, value_fn: Callable[[Subject], int | None], *, name: str | None = None, usual: bool = True
) -> Figure[Subject]:
    """Describe what only grows; `usual` is what most people want to see."""
    return Figure(
        key=key,
        translation_key=name or key,
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=usual,
        value_fn=value_fn,
    )


def _rate[Subject](
    key: str, value_fn: Callable[[Subject], float], *, name: str | None = None
) -> Figure[Subject]:
    """Describe how often something happens in an hour."""
    return Figure(
        key=key,
        translation_key=name or key,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=1,
        value_fn=value_fn,
    )


def _level[Subject](key: str, value_fn: Callable[[Subject], int], *, usual: bool = True) -> Figure[Subject]:
    """Describe how many there are."""
    return Figure(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=usual,
        value_fn=value_fn,
    )


def _last_prompt(status: Status) -> str | None:
    prompt = status.last_picture.prompt if status.last_picture else None
    if prompt is None or len(prompt) <= LONGEST_STATE:
        return prompt
    return f"{prompt[: LONGEST_STATE - 1]}…"


def _of_kind(kind: str) -> tuple[Figure[Status], Figure[Status]]:
    """Describe how often frames ask one thing, and how often in vain."""
    return (
        _counter(f"requests_{kind}", lambda status: status.metrics.requests_by_kind[kind].total, usual=False),
        _counter(
            f"request_errors_{kind}", lambda status: status.metrics.requests_by_kind[kind].errors, usual=False
        ),
    )


STATUS_FIGURES: tuple[Figure[Status], ...] = (
    Figure(
        key="state",
        translation_key="state",
        device_class=SensorDeviceClass.ENUM,
        options=[state for state in State if state is not State.OTHER],
        value_fn=lambda status: None if status.state is State.OTHER else status.state,
    ),
    Figure(
        key="last_generation",
        translation_key="last_generation",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda status: status.last_picture.made_at if status.last_picture else None,
    ),
    Figure(
        key="next_generation",
        translation_key="next_generation",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda status: status.next_generation_at,
    ),
    Figure(key="last_prompt", translation_key="last_prompt", value_fn=_last_prompt),
    _counter("requests", lambda status: status.metrics.requests.total),
    _counter("request_successes", lambda status: status.metrics.requests.success, usual=False),
    _counter("request_errors", lambda status: status.metrics.requests.errors),
    _rate("request_rate", lambda status: status.metrics.requests.total_per_hour),
    _rate("request_success_rate", lambda status: status.metrics.requests.success_per_hour),
    _rate("request_error_rate", lambda status: status.metrics.requests.errors_per_hour),
    *(figure for kind in REQUEST_KINDS for figure in _of_kind(kind)),
    _counter("images_sent", lambda status: status.metrics.images.success),
    _counter("image_errors", lambda status: status.metrics.images.errors),
    _rate("image_success_rate", lambda status: status.metrics.images.success_per_hour),
    _rate("image_error_rate", lambda status: status.metrics.images.errors_per_hour),
    _level("stored_pictures", lambda status: status.store.pictures),
    _level("archived_pictures", lambda status: status.store.archived, usual=False),
    Figure(
        key="storage_used",
        translation_key="storage_used",
        device_class=SensorDeviceClass.DATA_SIZE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.MEGABYTES,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda status: status.store.size_bytes,
    ),
    _level("prompts", lambda status: status.prompts.count, usual=False),
)

PROVIDER_FIGURES: tuple[Figure[Provider], ...] = (
    Figure(
        key="today",
        translation_key="provider_today",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda provider: provider.accepted_today,
    ),
    Figure(
        key="yesterday",
        translation_key="provider_yesterday",
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=False,
        value_fn=lambda provider: provider.accepted_yesterday,
    ),
    Figure(
        key="left_today",
        translation_key="provider_left_today",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda provider: provider.left_today,
    ),
    _counter("total", lambda provider: provider.requests.total, name="provider_total", usual=False),
    _counter("success", lambda provider: provider.requests.success, name="provider_success"),
    _counter("errors", lambda provider: provider.requests.errors, name="provider_errors"),
    _rate("success_rate", lambda provider: provider.requests.success_per_hour, name="provider_success_rate"),
    _rate("error_rate", lambda provider: provider.requests.errors_per_hour, name="provider_error_rate"),
)

FRAME_FIGURES: tuple[Figure[Frame], ...] = (
    Figure(
        key="last_seen",
        translation_key="last_seen",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda frame: frame.last_asked_at,
    ),
    _counter("pictures_sent", lambda frame: frame.pictures_sent),
)
