"""The local front door: one address for the pages, the HTTP API and the WebSocket API.

On AWS each API has a host name of its own. The emulator serves both below long paths, and never answers a WebSocket
subprotocol, without which a browser hangs up. This proxy gives both their root on loopback and echoes the subprotocol,
as API Gateway does when $connect returns it.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from aiohttp import ClientSession, ClientTimeout, TCPConnector, WSMessage, WSMsgType, WSServerHandshakeError, web
from multidict import CIMultiDict
from yarl import URL

T = TypeVar("T")

STAGE = "live"  # of the WebSocket API, as in the template
HTTP_API_LIMIT = 10 * 1024 * 1024  # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
SOCKET_FRAME_LIMIT = 128 * 1024
_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
    "proxy-connection",
    "content-length",
}
_HANDSHAKE = _HOP | {
    "host",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
}


class Front:
    """Serves on loopback in a thread of its own, from construction to `stop`."""

    def __init__(self, emulator_url: str, port: int = 0, routes: Iterable[web.AbstractRouteDef] = ()) -> None:
        self._base = f"{emulator_url}/_aws/execute-api"
        self._apis = ("", "")
        self._routes = routes
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="front", daemon=True)
        self._thread.start()
        self.port = self.call(self._serve(port))
        self.http_url = f"http://127.0.0.1:{self.port}"
        self.socket_url = f"ws://127.0.0.1:{self.port}/{STAGE}"

    def point(self, http_api_id: str, socket_api_id: str) -> None:
        """Say which APIs stand behind the door."""
        self._apis = (http_api_id, socket_api_id)

    def stop(self) -> None:
        """Close every connection and the thread."""
        self.call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something in the door's own loop, where its routes run, and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _serve(self, port: int) -> int:
        self._client = ClientSession(
            auto_decompress=False, connector=TCPConnector(limit=0), timeout=ClientTimeout(total=60)
        )
        app = web.Application(client_max_size=HTTP_API_LIMIT)
        app.add_routes(self._routes)  # the sandbox's, on the same origin as the pages
        app.router.add_get(f"/{STAGE}", self._socket)
        app.router.add_route("*", "/{path:.*}", self._http)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return int(self._runner.addresses[0][1])

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._client.close()

    async def _http(self, request: web.Request) -> web.Response:
        url = URL(f"{self._base}/{self._apis[0]}/$default{request.raw_path}", encoded=True)
        headers = CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() not in _HOP)
        async with self._client.request(
            request.method, url, headers=headers, data=await request.read() or None, allow_redirects=False
        ) as answer:
            kept = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in _HOP)
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        offered = [
            name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if name.strip()
        ]
        headers = CIMultiDict(
            (name, value) for name, value in request.headers.items() if name.lower() not in _HANDSHAKE
        )
        url = URL(f"{self._base}/{self._apis[1]}/{STAGE}?{request.query_string}", encoded=True)
        try:
            inner = await self._client.ws_connect(
                url, headers=headers, protocols=offered, max_msg_size=SOCKET_FRAME_LIMIT
            )
        except WSServerHandshakeError as refused:
            return web.Response(status=refused.status)
        async with inner:
            outer = web.WebSocketResponse(protocols=offered[:1], max_msg_size=SOCKET_FRAME_LIMIT)
            await outer.prepare(request)
            pumps = [asyncio.create_task(_pump(outer, inner)), asyncio.create_task(_pump(inner, outer))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await outer.close()
        return outer


async def _pump(source: Any, target: Any) -> None:
    message: WSMessage
    async for message in source:
        if message.type is WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await target.send_str(message.data.decode(errors="replace"))  # the emulator pushes bytes, AWS text frames
