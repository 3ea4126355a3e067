"""The nouns of the API: names of fields are those of the wire, times know their zone.

Words and keys of a newer server break nothing: an unknown word becomes `OTHER`, an unknown key is left out.
"""

from .changes import FrameChanged, PictureChanged, PictureSent, ProblemsChanged
from .findings import Finding, LongestText, Position, Preview, PromptPart, PromptText
from .frames import Card, Content, ContentKind, Frame, FrameProtocol, Frames
from .history import Day, History, Hour, ProviderDay
from .info import ApiVersion, Info
from .log import Log, LogLevel, LogLine
from .metrics import Counts, Metrics
from .operations import Failure, Fate, Generation, Operation, OperationKind, Operations, OperationStatus
from .pictures import ImageBytes, Picture, PictureOrder, PicturePage, PictureQuery, Showing, Shown
from .problems import Problem
from .prompts import (
    AddedPrompt,
    GlobalPlaceholders,
    MovedPrompts,
    Placeholders,
    Prompt,
    PromptBook,
    PromptsSummary,
    ReplacedPrompt,
)
from .providers import Provider, ProviderReason, Providers
from .settings import Settings, SettingsInForce, SettingSource, SettingValue
from .status import State, Status
from .store import Store
from .token import NewToken

__all__ = [
    "AddedPrompt",
    "ApiVersion",
    "Card",
    "Content",
    "ContentKind",
    "Counts",
    "Day",
    "Failure",
    "Fate",
    "Finding",
    "Frame",
    "FrameChanged",
    "FrameProtocol",
    "Frames",
    "Generation",
    "GlobalPlaceholders",
    "History",
    "Hour",
    "ImageBytes",
    "Info",
    "Log",
    "LogLevel",
    "LogLine",
    "LongestText",
    "Metrics",
    "MovedPrompts",
    "NewToken",
    "Operation",
    "OperationKind",
    "OperationStatus",
    "Operations",
    "Picture",
    "PictureChanged",
    "PictureOrder",
    "PicturePage",
    "PictureQuery",
    "PictureSent",
    "Placeholders",
    "Position",
    "Preview",
    "Problem",
    "ProblemsChanged",
    "Prompt",
    "PromptBook",
    "PromptPart",
    "PromptText",
    "PromptsSummary",
    "Provider",
    "ProviderDay",
    "ProviderReason",
    "Providers",
    "ReplacedPrompt",
    "SettingSource",
    "SettingValue",
    "Settings",
    "SettingsInForce",
    "Showing",
    "Shown",
    "State",
    "Status",
    "Store",
]
