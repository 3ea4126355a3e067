"""What a person should know."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is wrong with the server or its surroundings.

    Attributes:
        code: Stable, for translations, such as `access_refused`.
        subject: What it is about where there may be several: a provider's code, a file.
        text: What is wrong, in English.
        remedy: What to do about it, in English.
    """

    code: str
    subject: str | None
    text: str
    remedy: str
    since: datetime
