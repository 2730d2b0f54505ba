"""The way to a peer over HTTP; every failure becomes a retryable `DeliveryError`.

No redirects, no cookies, no proxy from the environment: a peer is reached where
the directory says, or not at all. Answers are read under a limit.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import aiohttp

from node.errors import UNREACHABLE, DeliveryError
from node.peer.server import AUTHORIZATION_HEADER, CONTENT_TYPE
from protocol import limits

CONNECT_SECONDS = 10.0
# A full batch over a slow line (64 KiB/s) must still fit.
TOTAL_SECONDS = 120.0
OK, NOT_FOUND = 200, 404


class HttpLink:
    """A `PeerLink` over one connection pool."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        """POST a protobuf body; return the answer's body."""
        headers = {"Content-Type": CONTENT_TYPE}
        return await self._ask("POST", endpoint + path, headers=headers, data=body, limit=limit)

    async def put(
        self, endpoint: str, path: str, authorization: bytes, pieces: AsyncIterator[bytes]
    ) -> bytes:
        """PUT streamed bytes under a signed request; return the answer's body."""
        headers = {
            "Content-Type": "application/octet-stream",
            AUTHORIZATION_HEADER: base64.b64encode(authorization).decode("ascii"),
        }
        limit = limits.LOG_PROOF_BYTES
        return await self._ask("PUT", endpoint + path, headers=headers, data=pieces, limit=limit)

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        """GET a public file; None when the peer does not have it."""
        return await self._call("GET", endpoint + path, headers={}, data=None, limit=limit)

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        data: bytes | AsyncIterator[bytes],
        limit: int,
    ) -> bytes:
        answer = await self._call(method, url, headers=headers, data=data, limit=limit)
        if answer is None:
            raise DeliveryError("no_such_path", "the peer does not know this call", retryable=True)
        return answer

    async def _call(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        data: bytes | AsyncIterator[bytes] | None,
        limit: int,
    ) -> bytes | None:
        try:
            async with self._open().request(
                method, url, headers=headers, data=data, allow_redirects=False
            ) as answer:
                if answer.status == NOT_FOUND:
                    return None
                if answer.status != OK:
                    raise DeliveryError(
                        f"http_{answer.status}", "the peer's server has a fault", retryable=True
                    )
                return await _limited(answer, limit)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            # The exception may name the address; only the kind of fault goes on.
            raise DeliveryError(
                UNREACHABLE, "the peer cannot be reached", retryable=True
            ) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS),
                trust_env=False,
                auto_decompress=False,
            )
        return self._session


async def _limited(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > limit:
            raise DeliveryError(
                "answer_too_large", "the peer's answer is too large", retryable=True
            )
    return bytes(body)
