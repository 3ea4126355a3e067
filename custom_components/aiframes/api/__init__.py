"""A typed client of the ImageServer's management API; it knows nothing of Home Assistant.

It shares no code with the server: `tests/contract` holds the two together.
"""

from . import models
from .client import API_VERSION, KEEP, ImageServerClient, Keep
from .connection import Limits
from .errors import (
    AnswerLostError,
    CannotConnectError,
    ImageServerError,
    Mistake,
    NotAnImageServerError,
    NotFoundError,
    NotTrustedError,
    RequestRefusedError,
    TokenRefusedError,
    UnsupportedVersionError,
)
from .event import Event, EventData, EventKind
from .events import EventStream
from .models import *  # noqa: F403 - all of them, by their own list

__all__ = [
    "API_VERSION",
    "KEEP",
    "AnswerLostError",
    "CannotConnectError",
    "Event",
    "EventData",
    "EventKind",
    "EventStream",
    "ImageServerClient",
    "ImageServerError",
    "Keep",
    "Limits",
    "Mistake",
    "NotAnImageServerError",
    "NotFoundError",
    "NotTrustedError",
    "RequestRefusedError",
    "TokenRefusedError",
    "UnsupportedVersionError",
]
__all__ += models.__all__
