"""What Home Assistant's log says."""

from __future__ import annotations

import logging
from typing import override

OUR_NAME = "custom_components.aiframes"
USUAL = (
    "which has not been tested by Home Assistant",
    "falling back to zlib",
    "Executing <",  # how long a step took by the wall's clock; calm.py knows better
)


def say_at_once(record: logging.LogRecord) -> bool:
    """Keep the text of a record alone: its errors would keep whoever raised them, as long as pytest does."""
    record.msg, record.args = record.getMessage(), None
    return True


class Journal(logging.Handler):
    """Keeps what people are shown: warnings and worse of everybody, and all that we say but debugging.

    Attributes:
        lines: In their order.
        exceptions: Those that tell of a mistake of ours.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.exceptions: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        least = logging.INFO if record.name.startswith(OUR_NAME) else logging.WARNING
        text = record.getMessage()
        if record.levelno < least or any(usual in text for usual in USUAL):
            return
        self.lines.append(text)
        if record.exc_info or "Traceback" in text:
            self.exceptions.append(logging.Formatter().format(record))

    def count(self, text: str) -> int:
        return sum(text in line for line in self.lines)
