"""What a node answers to its peers, free of HTTP.

The peer server and the simulator's network both call this. A body that cannot be
read at all is answered with one unsigned refusal; nothing is logged for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from node.errors import StoreError
from node.exchange.attachments import AttachmentReceiving
from node.exchange.context import Context
from node.exchange.descriptors import Descriptors
from node.exchange.receiving import Receiving
from node.exchange.requests import Requests
from node.exchange.spreading import Spreading
from protocol.encoding import encode_reply_batch, encode_response
from protocol.errors import PeerError, RefusalCode
from protocol.ids import NodeId
from protocol.values import BlobStatus, BlobWrite, Ping, Pong, Refusal, Response
from protocol.wire import parse_envelope_batch

Contact = Callable[[NodeId], None]


class PeerService:
    """The recipient's side of the peer API.

    `on_contact` is called with a peer that has just proven to be alive, `on_refusal`
    with the code of what was not taken.
    """

    def __init__(
        self,
        context: Context,
        *,
        descriptors: Descriptors,
        requests: Requests,
        spreading: Spreading,
        on_contact: Contact,
        on_refusal: Callable[[RefusalCode], None],
    ) -> None:
        """Answer from the context's store and log."""
        self._context = context
        self._descriptors = descriptors
        self._requests = requests
        self._spreading = spreading
        self._receiving = Receiving(context, hear=spreading.hear)
        self._attachments = AttachmentReceiving(context)
        self._on_contact = on_contact
        self._on_refusal = on_refusal

    async def envelopes(self, body: bytes) -> bytes:
        """Answer `POST /hw1/envelopes` with a ReplyBatch."""
        try:
            batch = parse_envelope_batch(body)
        except PeerError as fault:
            self._on_refusal(fault.code)
            return encode_reply_batch([Refusal(fault.code)])
        replies, taken = await self._receiving.receive(batch)
        for outcome in taken:
            if outcome.code:
                self._on_refusal(RefusalCode(outcome.code))
            elif outcome.sender is not None:
                self._on_contact(outcome.sender)
        return encode_reply_batch(replies)

    async def requests(self, body: bytes) -> bytes:
        """Answer `POST /hw1/requests` with a Response."""
        try:
            request = await self._requests.check(body)
            self._on_contact(request.sender)
            is_ping = isinstance(request.call, Ping)
            self._spreading.hear(request.sender, request.directory_version, is_answered=is_ping)
            response: Response
            if is_ping:
                response = Pong(self._context.trust.directory.version)
            elif isinstance(request.call, BlobStatus):
                response = await self._attachments.status(request.sender, request.call)
            else:
                raise PeerError(RefusalCode.INVALID_VALUE, "bytes belong to PUT /hw1/blobs")
        except PeerError as fault:
            return self._refused(fault.code)
        except StoreError as error:
            return self._refused(_not_now(error))
        return encode_response(response)

    async def blobs(self, authorization: bytes, pieces: AsyncIterator[bytes]) -> bytes:
        """Answer `PUT /hw1/blobs` with a Response; the pieces are the request's body."""
        try:
            request = await self._requests.check(authorization)
            self._spreading.hear(request.sender, request.directory_version)
            if not isinstance(request.call, BlobWrite):
                raise PeerError(RefusalCode.INVALID_VALUE, "not a blob write")
            state = await self._attachments.write(request.sender, request.call, pieces)
        except PeerError as fault:
            return self._refused(fault.code)
        except StoreError as error:
            return self._refused(_not_now(error))
        return encode_response(state)

    async def descriptor(self) -> bytes | None:
        """Answer `GET /hw1/descriptor`."""
        return await self._descriptors.own_signed()

    async def checkpoint(self) -> bytes:
        """Answer `GET /hw1/checkpoint`."""
        return await self._context.logbook.checkpoint(at_ms=self._context.clock.now_ms())

    def note_failure(self, error: StoreError) -> None:
        """Report that a request has no answer, as the database gave none."""
        self._on_refusal(_not_now(error))

    def _refused(self, code: RefusalCode) -> bytes:
        self._on_refusal(code)
        return encode_response(Refusal(code))


def _not_now(error: StoreError) -> RefusalCode:
    return RefusalCode.STORAGE_FULL if error.code == "disk_full" else RefusalCode.BUSY
