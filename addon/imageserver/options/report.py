"""Telling people what is wrong with the options."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..exceptions import SettingsError
    from ..problems import Problems
    from .options import Loaded

_LOGGER = logging.getLogger(__name__)


def report_settings(
    problems: Problems, *, loaded: Loaded | None = None, error: SettingsError | None = None
) -> None:
    """Show what is wrong with the options as one problem, and each mistake in the log."""
    mistakes = loaded.mistakes if loaded else error.mistakes if error else ()
    for mistake in mistakes:
        _LOGGER.error("Options: %s", mistake)
    for warning in loaded.warnings if loaded else ():
        _LOGGER.warning("Options: %s", warning)
    if error is not None or mistakes:
        more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        problems.report(
            "options",
            f"The options have a mistake: {error or mistakes[0]}{more}.",
            remedy="What held before stays in force; mend it and reload."
            if error is not None
            else "Its default holds instead; mend it and restart or reload.",
        )
    else:
        problems.resolve("options")
