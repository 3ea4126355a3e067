"""The whole server at one moment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .frames import Frame
from .metrics import Metrics
from .operations import Generation
from .pictures import Picture
from .problems import Problem
from .prompts import PromptsSummary
from .providers import Provider
from .settings import SettingsInForce
from .store import Store


class State(StrEnum):
    """What the server does; `OTHER` is what a newer server says."""

    GENERATING = "generating"
    WAITING = "waiting"
    SLEEPING = "sleeping"
    PAUSED = "paused"
    PROBLEM = "problem"
    """Something keeps pictures from being made or kept."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The snapshot.

    Attributes:
        until: When the state will probably end by itself.
        last_picture: The newest one that was made.
        next_generation_at: When a provider may be asked automatically next; None where nobody knows.
        generating: Requests to providers that are under way.
    """

    at: datetime
    state: State
    until: datetime | None
    problems: tuple[Problem, ...]
    metrics: Metrics
    providers: tuple[Provider, ...]
    store: Store
    prompts: PromptsSummary
    last_picture: Picture | None
    next_generation_at: datetime | None
    generating: tuple[Generation, ...]
    frames: tuple[Frame, ...]
    settings: SettingsInForce
