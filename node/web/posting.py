"""What comes with a POST: read within bounds, kept in memory alone, as text and as files.

Not by the server's own reader: that one puts large files on the disk as they came, and a
photo of a child stands nowhere in clear. What no browser sends is refused before anything
looks at it: another type, packed bytes, text that is not UTF-8, thousands of fields.
"""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    BodyPartReader,
    hdrs,
    web,
)

from protocol import limits

# Who is not signed in has a name, a password and a passkey's answer to send.
STRANGER_BYTES = 128 * limits.KIB
FORM_BYTES = 2 * limits.MIB
# A form that takes files may carry some photos.
FILES_BYTES = 40 * limits.MIB
# So much is read and dropped, so that a browser gets to hear why.
DROPPED_BYTES = 160 * limits.MIB
FIELDS = 4000
NAME_CHARACTERS = 300
READ_SECONDS, FILES_SECONDS = 60.0, 600.0
_CHUNK_BYTES = 64 * limits.KIB
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
# They quote what was sent, the names of files too, and would stand in the system's journal.
warnings.filterwarnings("ignore", category=BadContentDispositionHeader)
warnings.filterwarnings("ignore", category=BadContentDispositionParam)
_PLAIN = frozenset({"", "identity", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form as they came, and the content of its files."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)


async def read_posted(request: web.Request, most_bytes: int) -> Posted:
    """Return what came with a request.

    Raises:
        HTTPException: it is too large, too slow, or nothing that a form sends.
    """
    seconds = FILES_SECONDS if most_bytes > FORM_BYTES else READ_SECONDS
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, most_bytes)
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    except ValueError as error:
        # Of all that the readers below find wrong.
        raise web.HTTPBadRequest from error


async def _read(request: web.Request, most_bytes: int) -> Posted:
    if not request.can_read_body:
        return Posted()
    if request.headers.get(hdrs.CONTENT_ENCODING, "").lower() not in _PLAIN:
        raise web.HTTPUnsupportedMediaType
    if request.content_type not in (_URLENCODED, _MULTIPART):
        raise web.HTTPUnsupportedMediaType
    if (request.content_length or 0) > most_bytes:
        await _refuse_large(request, most_bytes)
    if request.content_type == _MULTIPART:
        return await _read_parts(request, most_bytes)
    body = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > most_bytes:
            await _refuse_large(request, most_bytes)
    pairs = parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS
    )
    for name, value in pairs:
        _check(name, value)
    return Posted(fields=pairs)


async def _read_parts(request: web.Request, most_bytes: int) -> Posted:
    posted, count = Posted(), 0
    try:
        parts = await request.multipart()
        while (part := await parts.next()) is not None:
            count += 1
            if count > FIELDS or not isinstance(part, BodyPartReader) or part.name is None:
                raise ValueError("no part of a form")
            _check_part(part)
            content = await _read_part(request, part, most_bytes)
            if part.filename is not None:
                posted.files.append((part.name, content))
                _check(part.name, "")
            else:
                posted.fields.append((part.name, content.decode("utf-8")))
                _check(*posted.fields[-1])
    except (AssertionError, LookupError, RuntimeError, Warning, web.PayloadAccessError) as error:
        raise ValueError("no parts") from error
    return posted


def _check_part(part: BodyPartReader) -> None:
    """Packed parts are refused, not unpacked: no browser sends any."""
    for name in (hdrs.CONTENT_ENCODING, hdrs.CONTENT_TRANSFER_ENCODING):
        if part.headers.get(name, "").lower() not in _PLAIN:
            raise web.HTTPUnsupportedMediaType


async def _read_part(request: web.Request, part: BodyPartReader, most_bytes: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        content += chunk
        if request.content.total_bytes > most_bytes:
            await _refuse_large(request, most_bytes)
    return bytes(content)


def _check(name: str, value: str) -> None:
    if len(name) > NAME_CHARACTERS or "\x00" in name or "\x00" in value:
        raise ValueError("nobody types this")


async def _refuse_large(request: web.Request, most_bytes: int) -> None:
    """Refuse a body; of one with files the rest is read, else browsers only see a break."""
    dropped = 0
    if most_bytes > FORM_BYTES:
        async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
            dropped += len(chunk)
            if dropped > DROPPED_BYTES:
                break
    raise web.HTTPRequestEntityTooLarge(max_size=most_bytes, actual_size=most_bytes + 1)
