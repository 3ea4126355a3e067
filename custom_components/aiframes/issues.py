"""What a person must mend at the server, as Home Assistant's repairs: they come and go with its problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from homeassistant.core import HomeAssistant

    from .api import Status
    from .coordinator import AiframesConfigEntry

NO_PROVIDER = "no_provider"
BUILTIN = "builtin"
"""The provider that draws by itself where no other is set up."""

SEVERITIES: Mapping[str, ir.IssueSeverity] = {
    "access_refused": ir.IssueSeverity.ERROR,
    "budget_spent": ir.IssueSeverity.WARNING,
    "certificate_copied": ir.IssueSeverity.WARNING,
    "certificate_ends": ir.IssueSeverity.WARNING,
    "certificate_refused": ir.IssueSeverity.WARNING,
    "certificate_unusable": ir.IssueSeverity.WARNING,
    "frame_speaks_plain_http": ir.IssueSeverity.WARNING,
    NO_PROVIDER: ir.IssueSeverity.WARNING,
    "options": ir.IssueSeverity.ERROR,
    "picture_unstored": ir.IssueSeverity.CRITICAL,
    "prompts_file": ir.IssueSeverity.WARNING,
    "provider_unusable": ir.IssueSeverity.ERROR,
    "provider_wasteful": ir.IssueSeverity.WARNING,
    "state_unwritable": ir.IssueSeverity.ERROR,
    "store_unreadable": ir.IssueSeverity.ERROR,
    "store_unwritable": ir.IssueSeverity.ERROR,
}
"""Of each code of a problem; other codes, which a newer server may have, stand at the binary sensor only."""

NOTHING_TO_MEND = frozenset({"budget_near", "certificate_not_renewed", "turn_lost"})
"""Codes of problems that pass by themselves, or become one of those above."""

FIXABLE = frozenset({"access_refused"})
"""What a retry can mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issue:
    code: str
    subject: str | None = None
    placeholders: Mapping[str, str]


@callback
def async_tend_issues(hass: HomeAssistant, entry: AiframesConfigEntry) -> None:
    """Let the issues be those that the server has now."""
    wanted = {_id(entry, issue): issue for issue in _issues(entry)}
    for issue_id in _known(hass, entry):
        if issue_id not in wanted:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, issue in wanted.items():
        is_fixable = issue.code in FIXABLE
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=is_fixable,
            data={"entry_id": entry.entry_id, "provider": issue.subject} if is_fixable else None,
            severity=SEVERITIES[issue.code],
            translation_key=issue.code,
            translation_placeholders=dict(issue.placeholders),
        )


@callback
def async_drop_issues(hass: HomeAssistant, entry: AiframesConfigEntry) -> None:
    """Let there be none: nobody looks after the server."""
    for issue_id in _known(hass, entry):
        ir.async_delete_issue(hass, DOMAIN, issue_id)


def _issues(entry: AiframesConfigEntry) -> Iterator[_Issue]:
    status = entry.runtime_data.data
    for problem in status.problems:
        if problem.code in SEVERITIES:
            yield _Issue(
                code=problem.code,
                subject=problem.subject,
                placeholders={
                    "server": entry.title,
                    "subject": provider_title(status, problem.subject or ""),
                    "detail": problem.text,
                },
            )
    if not any(provider.in_use and provider.code != BUILTIN for provider in status.providers):
        yield _Issue(code=NO_PROVIDER, placeholders={"server": entry.title})


def provider_title(status: Status, subject: str) -> str:
    """Return a provider's title instead of its code; what is no provider keeps its name."""
    return next((provider.title for provider in status.providers if provider.code == subject), subject)


def _id(entry: AiframesConfigEntry, issue: _Issue) -> str:
    return f"{entry.entry_id}_{issue.code}{f'_{issue.subject}' if issue.subject else ''}"


def _known(hass: HomeAssistant, entry: AiframesConfigEntry) -> list[str]:
    """Return the ids of an entry's issues, those included that a person does not want to see."""
    return [
        issue_id
        for domain, issue_id in ir.async_get(hass).issues
        if domain == DOMAIN and issue_id.startswith(f"{entry.entry_id}_")
    ]
