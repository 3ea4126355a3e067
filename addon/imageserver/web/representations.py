"""The nouns as JSON: what the management API's answers and events are made of.

Times are UTC with their offset; ids are text; what is counted in a unit says so in its name.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from .. import __version__
from ..operations.frames import Frames

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..log.log import LogLine
    from ..metrics import Counts, Snapshot
    from ..models import Content, Frame, Generation, Json, Operation, Picture, Problem, PromptText
    from ..prompts.ledger import Left
    from ..prompts.prompt import Finding, Preview, Prompt
    from ..status import ProviderStatus, Status
    from ..store.picture_search import StoreSummary
    from ..store.pictures import Showing

API_VERSION = 1


def time(moment: datetime | None) -> str | None:
    """Return a time, such as `2026-11-24T09:00:00+00:00`."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")


def info(*, installation_id: str, started_at: datetime) -> dict[str, Json]:
    """Describe the server itself."""
    return {
        "installation_id": installation_id,
        "version": __version__,
        "api_version": API_VERSION,
        "started_at": time(started_at),
    }


def status(
    status: Status, *, at: datetime, frames: list[Frame], prompts_limit: int, settings: dict[str, Json]
) -> dict[str, Json]:
    """Describe the whole server at one moment."""
    return {
        "at": time(at),
        "state": status.state,
        "until": time(status.until),
        "problems": [problem(entry) for entry in status.problems],
        "metrics": metrics(status.metrics),
        "providers": [provider(entry) for entry in status.providers],
        "store": store(status.store),
        "prompts": prompts_summary(status.prompts, limit=prompts_limit),
        "last_picture": None if status.last_picture is None else picture(status.last_picture),
        "next_generation_at": time(status.next_generation_at),
        "generating": [generation(entry) for entry in status.generating],
        "frames": [frame(entry) for entry in frames],
        "settings": settings,
    }


def problem(problem: Problem) -> dict[str, Json]:
    """Describe what a person should know."""
    return {
        "code": problem.code,
        "subject": problem.subject,
        "text": problem.text,
        "remedy": problem.remedy,
        "since": time(problem.since),
    }


def metrics(snapshot: Snapshot) -> dict[str, Json]:
    """Describe what is counted about frames; counts of providers stand with the providers."""
    return {
        "requests": counts(snapshot.all_requests),
        "requests_by_kind": {kind.value: counts(entry) for kind, entry in snapshot.requests.items()},
        "images": counts(snapshot.images),
    }


def counts(counts: Counts) -> dict[str, Json]:
    """Describe totals and rates."""
    return {
        "total": counts.total,
        "success": counts.success,
        "errors": counts.errors,
        "total_per_hour": round(counts.total_per_hour, 2),
        "success_per_hour": round(counts.success_per_hour, 2),
        "errors_per_hour": round(counts.errors_per_hour, 2),
    }


def provider(provider: ProviderStatus) -> dict[str, Json]:
    """Describe a provider."""
    readiness = provider.readiness
    return {
        "code": provider.code,
        "title": provider.title,
        "enabled": provider.enabled,
        "in_use": provider.in_use,
        "takes_prompts": provider.capabilities.prompt,
        "max_prompt_length": provider.capabilities.max_prompt_length,
        "ready": readiness.ready,
        "reason": readiness.reason,
        "reason_text": readiness.text,
        "until": time(readiness.until),
        "daily_limit": provider.daily_limit,
        "asked_today": provider.asked_today,
        "left_today": provider.left_today,
        "accepted_today": provider.counts.today,
        "accepted_yesterday": provider.counts.yesterday,
        "requests": counts(provider.counts.counts),
        "last_asked_at": time(provider.last_asked_at),
        "last_error": provider.last_error,
    }


def store(summary: StoreSummary) -> dict[str, Json]:
    """Describe the store in figures."""
    return {
        "pictures": summary.pictures,
        "archived": summary.archived,
        "favourites": summary.favourites,
        "originals": summary.originals,
        "unreadable": summary.unreadable,
        "deleted": summary.deleted,
        "size_bytes": summary.bytes,
    }


def prompts_summary(count: int, *, limit: int) -> dict[str, Json]:
    """Describe the prompt book in figures."""
    return {"count": count, "limit": limit}


def picture(picture: Picture, *, shown_by: tuple[Showing, ...] | None = None) -> dict[str, Json]:
    """Describe a picture; `shown_by` only where one picture is asked for."""
    size = picture.size
    described: dict[str, Json] = {
        "id": str(picture.id),
        "name": picture.stem,
        "provider": picture.provider,
        "prompt": picture.prompt,
        "negative": picture.negative,
        "added_at": time(picture.added_at),
        "made_at": time(picture.made_at),
        "took_seconds": picture.took_seconds,
        "width": None if size is None else size.width,
        "height": None if size is None else size.height,
        "size_bytes": picture.bytes,
        "has_original": picture.original is not None,
        "shown": picture.shown,
        "shown_at": time(picture.shown_at),
        "favourite": picture.favourite,
        "archived": picture.archived,
        "deleted_at": time(picture.deleted_at),
        "unreadable": picture.unreadable,
    }
    if shown_by is not None:
        described["shown_by"] = [showing(entry) for entry in shown_by]
    return described


def showing(showing: Showing) -> dict[str, Json]:
    """Describe how often a frame was shown a picture."""
    return {"frame": showing.frame, "shown": showing.times, "shown_at": time(showing.last_at)}


def frame(frame: Frame) -> dict[str, Json]:
    """Describe a frame."""
    return {
        "id": frame.address,
        "address": frame.address,
        "name": frame.name,
        "protocol": frame.protocol,
        "first_seen_at": time(frame.first_seen_at),
        "last_asked_at": time(frame.last_asked_at),
        "interval_seconds": None if frame.interval_seconds is None else round(frame.interval_seconds, 1),
        "expected_at": time(Frames.expected_at(frame)),
        "pictures_sent": frame.pictures_sent,
        "content": content(frame.content),
        "content_at": time(frame.content_at),
    }


def content(content: Content | None) -> dict[str, Json] | None:
    """Describe what a frame is shown."""
    if content is None:
        return None
    return {
        "kind": content.kind,
        "picture_id": _id(content.picture_id),
        "card": content.card,
    }


def operation(operation: Operation, generation: Generation | None) -> dict[str, Json]:
    """Describe an operation together with the request to a provider that it waits for, if any."""
    text = generation.text if generation else None
    picture_id = operation.content.picture_id if operation.content else None
    return {
        "id": operation.id,
        "kind": operation.kind,
        "status": operation.status,
        "created_at": time(operation.created_at),
        "finished_at": time(operation.finished_at),
        "delivered_at": time(operation.delivered_at),
        "frame": operation.frame,
        "content": content(operation.content),
        "picture_id": _id(picture_id),
        "error": error(operation.error_code, operation.error),
        "generation_id": operation.generation_id,
        "provider": generation.provider if generation else None,
        **_text(text),
        "asked_at": time(generation.asked_at) if generation else None,
        "fate": generation.fate if generation else None,
    }


def generation(generation: Generation) -> dict[str, Json]:
    """Describe a request to a provider."""
    return {
        "id": generation.id,
        "provider": generation.provider,
        "kind": generation.kind,
        **_text(generation.text),
        "prompt_id": generation.prompt_id,
        "asked_at": time(generation.asked_at),
        "finished_at": time(generation.finished_at),
        "fate": generation.fate,
        "accepted": generation.accepted,
        "frame": generation.frame,
        "show": generation.show,
        "picture_id": _id(generation.picture_id),
        "error": error(generation.error_code, generation.error),
    }


def error(code: str | None, message: str | None) -> dict[str, Json] | None:
    """Describe what went wrong; None where nothing did."""
    if code is None:
        return None
    return {"code": code, "message": message or code}


def prompt(prompt: Prompt) -> dict[str, Json]:
    """Describe a prompt of the book."""
    return {
        "id": prompt.id,
        "idx": prompt.idx,
        "prompt": prompt.prompt,
        "negative": prompt.negative,
        "placeholders": lists(prompt.placeholders),
        "enabled": prompt.enabled,
        "refused_by": dict(prompt.refused_by),
        "frame": prompt.frame,
    }


def replaced_prompt(left: Left) -> dict[str, Json]:
    """Describe a prompt that left for a frame's and can be brought back."""
    return {
        "id": left.id,
        "prompt": left.entry.prompt,
        "negative": left.entry.negative,
        "placeholders": lists(left.entry.placeholders),
        "enabled": left.entry.enabled,
        "frame": left.frame,
        "left_at": time(left.at),
        "left_for": left.left_for,
    }


def finding(finding: Finding) -> dict[str, Json]:
    """Describe what is probably not meant as it is."""
    position = finding.position
    return {
        "text": finding.text,
        "prompt_id": finding.prompt_id,
        "idx": finding.idx,
        "line": finding.line,
        "placeholder": finding.placeholder,
        "position": None
        if position is None
        else {"part": position.part, "start": position.start, "end": position.end},
    }


def preview(preview: Preview) -> dict[str, Json]:
    """Describe what a text would become."""
    longest = preview.longest
    return {
        "texts": [_text(text) for text in preview.texts],
        "findings": [finding(entry) for entry in preview.findings],
        "longest": {**_text(longest), "length": len(longest.prompt) + len(longest.negative or "")},
        "fits": dict(preview.fits),
    }


def log_line(line: LogLine) -> dict[str, Json]:
    """Describe a line of the log."""
    return {"at": time(line.at), "level": line.level, "logger": line.logger, "message": line.message}


def lists(placeholders: Mapping[str, tuple[str, ...]]) -> dict[str, Json]:
    """Describe lists of placeholders."""
    return {name: list(values) for name, values in placeholders.items()}


def _text(text: PromptText | None) -> dict[str, Json]:
    return {"prompt": text.prompt if text else None, "negative": text.negative if text else None}


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)
