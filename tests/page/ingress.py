"""Home Assistant's way to an app's page, on loopback: it strips a prefix and charsets, and says who comes.

`tests/app/rehearsal/ingress.py` does the same between network namespaces, and says where the facts are from.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from multidict import CIMultiDict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PREFIX = "/api/hassio_ingress/vJd1G0p3ZrQ"
USER = {"X-Remote-User-Name": "maxim", "X-Remote-User-Display-Name": "Максим", "X-Ingress-Path": PREFIX}

_SENT_ANEW = {"host", "content-length", "transfer-encoding", "accept-encoding"}
_ANSWERED_ANEW = {"transfer-encoding", "content-length", "content-type", "content-encoding"}
_WITHOUT_BODY = {204, 304}


@asynccontextmanager
async def open_ingress(target: str) -> AsyncIterator[str]:
    """Let browsers in as long as the block lasts; gives the page's address."""
    async with ClientSession(timeout=ClientTimeout(total=None)) as session:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            headers = {
                name: value for name, value in request.headers.items() if name.lower() not in _SENT_ANEW
            }
            url = f"{target}/{request.match_info['path']}"
            try:
                async with session.request(
                    request.method,
                    url,
                    params=request.query,
                    headers=headers | USER,
                    data=await request.read(),
                    skip_auto_headers={"Content-Type", "Accept-Encoding"},
                ) as answer:
                    headers_back = CIMultiDict(
                        (name, value)
                        for name, value in answer.headers.items()
                        if name.lower() not in _ANSWERED_ANEW
                    )
                    response = web.StreamResponse(status=answer.status, headers=headers_back)
                    if answer.status in _WITHOUT_BODY:
                        return web.Response(status=answer.status, headers=headers_back)
                    response.content_type = answer.headers.get("Content-Type", "text/plain").partition(";")[0]
                    await response.prepare(request)
                    async for piece in answer.content.iter_any():
                        await response.write(piece)
                    return response
            except ClientError as error:
                raise web.HTTPBadGateway from error

        application = web.Application(client_max_size=32 * 1024**2)
        application.router.add_route("*", f"{PREFIX}/{{path:.*}}", pass_on)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        try:
            await site.start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}{PREFIX}/"
        finally:
            await runner.cleanup()
