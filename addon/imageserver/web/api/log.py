"""`/log`: the last lines, for those who can't see the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...log.log import REMEMBERED
from ...settings import LogLevel
from .. import representations
from ..request_body import read_query
from .answers import json_answer
from .keys import SERVER

if TYPE_CHECKING:
    from aiohttp import web

    from ..fields import Fields

LINES = 200


@dataclass(frozen=True, slots=True)
class _Wanted:
    level: LogLevel
    limit: int

    @classmethod
    def of(cls, fields: Fields) -> _Wanted:
        limit = fields.integer("limit", minimum=1, maximum=REMEMBERED)
        return cls(fields.choice("level", LogLevel) or LogLevel.DEBUG, LINES if limit is None else limit)


async def get_log(request: web.Request) -> web.Response:
    """Answer with the newest lines of this level and above, oldest first."""
    wanted = read_query(request, _Wanted.of)
    lines = request.app[SERVER].log.recent(wanted.level, wanted.limit)
    return json_answer({"lines": [representations.log_line(line) for line in lines]})


ROUTES = {"/log": {"GET": get_log}}
