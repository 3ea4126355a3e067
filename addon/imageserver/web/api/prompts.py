"""`/prompts` and `/placeholders`: the prompt book."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from ...prompts.book import MAX_PREVIEWS
from ...prompts.prompt import PromptChanges
from .. import representations
from ..request_body import read_json
from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from ...models import Json
    from ...prompts.book import PromptBook
    from ...prompts.prompt import Added
    from ..fields import Fields

    type Lists = Mapping[str, tuple[str, ...]]

PREVIEWS = 5
MOST_PROMPTS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewPrompt:
    prompt: str
    negative: str | None
    placeholders: Lists = field(default_factory=dict)
    enabled: bool = True

    @classmethod
    def of(cls, fields: Fields) -> _NewPrompt:
        fields.require("prompt")
        return cls(
            prompt=fields.text("prompt") or "",
            negative=fields.text("negative", may_be_blank=True),
            placeholders=fields.lists("placeholders") or {},
            enabled=fields.flag("enabled") is not False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    prompt: str
    negative: str | None
    placeholders: Lists
    times: int

    @classmethod
    def of(cls, fields: Fields) -> _Draft:
        fields.require("prompt")
        return cls(
            prompt=fields.text("prompt", may_be_blank=True) or "",
            negative=fields.text("negative", may_be_blank=True),
            placeholders=fields.lists("placeholders") or {},
            times=fields.integer("times", minimum=1, maximum=MAX_PREVIEWS) or PREVIEWS,
        )


async def list_prompts(request: web.Request) -> web.Response:
    """Answer with the whole book, the oldest prompt first."""
    server = request.app[SERVER]
    return json_answer(
        {
            **_listed(server.prompts),
            "limit": server.settings.prompts_amount,
            "findings": [representations.finding(finding) for finding in server.prompts.findings()],
            "replaced": [representations.replaced_prompt(left) for left in server.prompts.replaced()],
        }
    )


async def add_prompt(request: web.Request) -> web.Response:
    """Add a prompt; the answer says what left for it."""
    new = await read_json(request, _NewPrompt.of)
    added = await request.app[SERVER].prompts.add(
        new.prompt, negative=new.negative, placeholders=new.placeholders, enabled=new.enabled
    )
    return json_answer(_added(added), status=HTTPStatus.CREATED)


async def get_prompt(request: web.Request) -> web.Response:
    """Answer with one prompt."""
    return json_answer(representations.prompt(request.app[SERVER].prompts.get(request.match_info["id"])))


async def edit_prompt(request: web.Request) -> web.Response:
    """Change what is named; null takes a negative part or the lists away, the rest stays."""
    book, prompt_id = request.app[SERVER].prompts, request.match_info["id"]
    book.get(prompt_id)
    changes = await read_json(request, _changes)
    return json_answer(representations.prompt(await book.edit(prompt_id, changes=changes)))


async def remove_prompt(request: web.Request) -> web.Response:
    """Remove a prompt; the answer holds what it was."""
    removed = await request.app[SERVER].prompts.remove(request.match_info["id"])
    return json_answer(representations.prompt(removed))


async def move_prompt(request: web.Request) -> web.Response:
    """Give a prompt another place; the answer is the book's new order."""
    book, prompt_id = request.app[SERVER].prompts, request.match_info["id"]
    book.get(prompt_id)
    await book.move(prompt_id, await read_json(request, _idx))
    return json_answer(_listed(book))


async def restore_prompt(request: web.Request) -> web.Response:
    """Bring back what left for a frame's prompt; the answer says what left for it."""
    await read_json(request, _nothing, optional=True)
    return json_answer(_added(await request.app[SERVER].prompts.restore(request.match_info["id"])))


async def preview_prompt(request: web.Request) -> web.Response:
    """Show what a prompt would become, without keeping it."""
    draft = await read_json(request, _Draft.of)
    preview = request.app[SERVER].prompts.preview(
        draft.prompt, negative=draft.negative, placeholders=draft.placeholders, times=draft.times
    )
    return json_answer(representations.preview(preview))


async def get_placeholders(request: web.Request) -> web.Response:
    """Answer with the lists for all prompts."""
    return json_answer(_global_lists(request.app[SERVER].prompts))


async def set_placeholders(request: web.Request) -> web.Response:
    """Put other lists in their place."""
    book = request.app[SERVER].prompts
    await book.set_placeholders(await read_json(request, _placeholders))
    return json_answer(_global_lists(book))


def _changes(fields: Fields) -> PromptChanges:
    if "prompt" in fields:
        fields.require("prompt")
    fields.require_any("prompt", "negative", "placeholders", "enabled")
    prompt, enabled = fields.text("prompt"), fields.flag("enabled")
    negative = fields.text("negative", may_be_blank=True)
    lists = fields.lists("placeholders")
    return PromptChanges(
        prompt=prompt,
        negative=negative or "" if "negative" in fields else None,
        placeholders=lists or {} if "placeholders" in fields else None,
        enabled=enabled,
    )


def _idx(fields: Fields) -> int:
    fields.require("idx")
    return fields.integer("idx", minimum=1, maximum=MOST_PROMPTS) or 1


def _placeholders(fields: Fields) -> Lists:
    fields.require("placeholders")
    return fields.lists("placeholders") or {}


def _nothing(_: Fields) -> None:
    return None


def _added(added: Added) -> dict[str, Json]:
    return {
        "prompt": representations.prompt(added.prompt),
        "removed": [representations.prompt(prompt) for prompt in added.removed],
    }


def _listed(book: PromptBook) -> dict[str, Json]:
    return {"prompts": [representations.prompt(prompt) for prompt in book.all()]}


def _global_lists(book: PromptBook) -> dict[str, Json]:
    return {"placeholders": representations.lists(book.global_placeholders)}


ROUTES = {
    "/prompts": {"GET": list_prompts, "POST": add_prompt},
    "/prompts/preview": {"POST": preview_prompt},
    "/prompts/{id}": {"GET": get_prompt, "PUT": edit_prompt, "DELETE": remove_prompt},
    "/prompts/{id}/move": {"POST": move_prompt},
    "/prompts/{id}/restore": {"POST": restore_prompt},
    "/placeholders": {"GET": get_placeholders, "PUT": set_placeholders},
}
