"""The peer API over HTTP (SPEC.md section 7): a thin layer over `PeerService`.

Bodies are read under a limit, answers are protobuf. A protocol refusal is an
answer (200): whoever sent the bytes learns the code from the body. Nothing about
authenticity rests on HTTP or TLS, and no address is ever logged.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from aiohttp import web

from node.errors import StoreError
from node.exchange.directory import DirectoryRefresh
from node.exchange.service import PeerService
from protocol import limits
from protocol.encoding import encode_reply_batch, encode_response
from protocol.errors import RefusalCode
from protocol.values import Refusal

T = TypeVar("T")

AUTHORIZATION_HEADER = "Homeward-Request"
CONTENT_TYPE = "application/x-protobuf"
SHUTDOWN_SECONDS = 5.0


class PeerServer:
    """Serves one node's peer API on one address."""

    def __init__(self, service: PeerService, directory: DirectoryRefresh) -> None:
        """Make the routes; nothing listens before `start`."""
        self._service = service
        self._directory = directory
        self._app = web.Application(client_max_size=limits.BATCH_BYTES)
        self._app.add_routes(
            [
                web.post("/hw1/envelopes", self._envelopes),
                web.post("/hw1/requests", self._requests),
                web.put("/hw1/blobs", self._blobs),
                web.get("/hw1/descriptor", self._descriptor),
                web.get("/hw1/checkpoint", self._checkpoint),
                web.get("/hw1/directory/{name}", self._directory_file),
            ]
        )
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port (a free one was taken for 0).

        Raises:
            OSError: the address cannot be listened on.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Finish what is being answered, then close."""
        await self._runner.cleanup()

    async def _envelopes(self, request: web.Request) -> web.Response:
        body = await _body(request, limits.BATCH_BYTES)
        if body is None:
            return _protobuf(encode_reply_batch([Refusal(RefusalCode.TOO_LARGE)]))
        return _protobuf(await self._service.envelopes(body))

    async def _requests(self, request: web.Request) -> web.Response:
        body = await _body(request, limits.REQUEST_BYTES)
        if body is None:
            return _protobuf(encode_response(Refusal(RefusalCode.TOO_LARGE)))
        return _protobuf(await self._service.requests(body))

    async def _blobs(self, request: web.Request) -> web.Response:
        try:
            signed = base64.b64decode(request.headers.get(AUTHORIZATION_HEADER, ""), validate=True)
        except binascii.Error:
            signed = b""
        if (request.content_length or 0) > limits.BLOB_REQUEST_BYTES:
            return _protobuf(encode_response(Refusal(RefusalCode.TOO_LARGE)))
        return _protobuf(await self._service.blobs(signed, _pieces(request)))

    async def _descriptor(self, _request: web.Request) -> web.Response:
        return _found(await self._asked(self._service.descriptor()))

    async def _checkpoint(self, _request: web.Request) -> web.Response:
        note = await self._asked(self._service.checkpoint())
        return web.Response(body=note, content_type="text/plain", charset="utf-8")

    async def _directory_file(self, request: web.Request) -> web.Response:
        return _found(await self._asked(self._directory.file(request.match_info["name"])))

    async def _asked(self, answer: Awaitable[T]) -> T:
        """Return the answer; 503, "try again later", when the database has none: a full disk."""
        try:
            return await answer
        except StoreError as error:
            self._service.note_failure(error)
            raise web.HTTPServiceUnavailable(text="") from error


async def _body(request: web.Request, limit: int) -> bytes | None:
    """Read a body of at most `limit` bytes; None when it is larger."""
    if (request.content_length or 0) > limit:
        return None
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > limit:
            return None
    return bytes(body)


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    """Yield the body; a sender that goes past the limit is cut off there."""
    count = 0
    async for piece in request.content.iter_chunked(limits.CHUNK_BYTES):
        count += len(piece)
        if count > limits.BLOB_REQUEST_BYTES:
            return
        yield piece


def _protobuf(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=CONTENT_TYPE)


def _found(body: bytes | None) -> web.Response:
    return _protobuf(body) if body is not None else web.Response(status=404)
