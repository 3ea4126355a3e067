"""Where handlers find what they need: the application's own shelf."""

from __future__ import annotations

from aiohttp import web

from ...server import Server
from ..event_stream import EventStream

SERVER = web.AppKey("server", Server)
STREAM = web.AppKey("stream", EventStream)
