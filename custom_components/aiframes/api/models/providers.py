"""Who makes pictures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .metrics import Counts


class ProviderReason(StrEnum):
    """Why a provider is not ready; `OTHER` is what a newer server says."""

    DISABLED = "disabled"
    NOT_SET_UP = "not_set_up"
    WRONG_SETTINGS = "wrong_settings"
    SWITCHED_OFF = "switched_off"
    NOTHING_TO_OFFER = "nothing_to_offer"
    BUDGET_SPENT = "budget_spent"
    BACKING_OFF = "backing_off"
    THRESHOLD = "threshold"
    ASLEEP = "asleep"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One of them, set up or not.

    Attributes:
        in_use: It is set up, so that it takes its turns.
        max_prompt_length: In characters; None where there is no limit.
        ready: It may be asked automatically now.
        reason: Why it is not ready.
        reason_text: The same for people, in English.
        until: Until when it is not ready.
        daily_limit: Requests a day; 0 is no limit.
        asked_today: What counts against the limit.
        left_today: None where there is no limit.
        accepted_today: Requests that it took.
        last_asked_at: Automatically.
        last_error: None since it went well.
    """

    code: str
    title: str
    enabled: bool
    in_use: bool
    takes_prompts: bool
    max_prompt_length: int | None
    ready: bool
    reason: ProviderReason | None
    reason_text: str | None
    until: datetime | None
    daily_limit: int
    asked_today: int
    left_today: int | None
    accepted_today: int
    accepted_yesterday: int
    requests: Counts
    last_asked_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Providers:
    """All of them, or those that have changed."""

    providers: tuple[Provider, ...]
