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


class Journal(logging.Handler):
    """Keeps what people are shown: warnings and worse of everybody, and all that we say but debugging."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        least = logging.INFO if record.name.startswith(OUR_NAME) else logging.WARNING
        if record.levelno >= least and not any(text in record.getMessage() for text in USUAL):
            self.records.append(record)

    @property
    def lines(self) -> list[str]:
        return [record.getMessage() for record in self.records]

    @property
    def exceptions(self) -> list[str]:
        """Whatever tells of a mistake of ours."""
        return [
            logging.Formatter().format(record)
            for record in self.records
            if record.exc_info or "Traceback" in record.getMessage()
        ]

    def count(self, text: str) -> int:
        return sum(text in line for line in self.lines)
