"""Attachments: send announced blobs, take them in, and receipt the complete set.

A node takes in only blobs that an envelope which it accepted has announced, from
the peer that announced them, up to the announced size; the digest is checked at
the end. Memory stays flat whatever the size. When all attachments of an envelope
are here, one ATTACHMENTS leaf with the envelope's id says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from node.errors import UNREACHABLE, DeliveryError
from node.exchange.context import Context
from node.exchange.receiving import is_believable
from node.exchange.requests import Requests
from node.exchange.seen import note_seen
from node.store import attachments, envelopes, messages
from node.store.attachments import AttachmentRow, SetRow
from node.store.db import Transaction
from protocol import limits
from protocol.encoding import encode_log_proof
from protocol.errors import PeerError, RefusalCode
from protocol.ids import BlobId, EnvelopeId, NodeId
from protocol.log import LeafKind
from protocol.values import BlobState, BlobStatus, BlobWrite, Receipt, Refusal, Response
from protocol.wire import parse_header, parse_response

T = TypeVar("T")

_NOT_ANNOUNCED = RefusalCode.BLOB_NOT_ANNOUNCED.name.lower()


class AttachmentSending:
    """Brings the blobs of accepted envelopes to the peer."""

    def __init__(self, context: Context, requests: Requests) -> None:
        """Use the context's blobs and link."""
        self._context = context
        self._requests = requests

    async def send_waiting(self, peer: NodeId) -> bool:
        """Send what the peer lacks; return whether anything had been waiting.

        Raises:
            DeliveryError: the peer cannot be reached, or does not take it now.
        """
        waiting = await self._context.store.read(lambda db: attachments.waiting_sets(db, peer))
        failure: DeliveryError | None = None
        for envelope_id in waiting:
            rows = await self._context.store.read(
                lambda db, e=envelope_id: attachments.of_envelope(db, e)  # type: ignore[misc]
            )
            try:
                await self._send_set(peer, envelope_id, rows)
            except DeliveryError as error:
                if error.code == UNREACHABLE:
                    raise
                if error.code == _NOT_ANNOUNCED:
                    await self._context.store.write(
                        lambda db, e=envelope_id: attachments.note_unwanted(db, e)  # type: ignore[misc]
                    )
                # One set that the peer does not take must not hold up the next.
                failure = error
        if failure is not None:
            raise failure
        return bool(waiting)

    async def _send_set(
        self, peer: NodeId, envelope_id: EnvelopeId, rows: list[AttachmentRow]
    ) -> None:
        for row in rows:
            state = await self._ask(peer, BlobStatus(row.blob_id, envelope_id))
            while not state.is_complete:
                if state.held > row.blob_size:
                    raise DeliveryError("no_progress", "the peer holds too much", retryable=True)
                # Bounded: each round the peer holds more, or an error ends the loop.
                following = await self._put(peer, row, state.held)
                if not following.is_complete and following.held <= state.held:
                    raise DeliveryError("no_progress", "the peer does not take it", retryable=True)
                state = following
            if state.receipt is not None:
                await self._keep_receipt(peer, envelope_id, state.receipt)
                return
        raise DeliveryError("no_receipt", "the peer has all but gave no receipt", retryable=True)

    async def _ask(self, peer: NodeId, call: BlobStatus) -> BlobState:
        signed = self._requests.sign(peer, call)
        answer = await self._context.link.post(
            self._context.endpoint_of(peer), "/hw1/requests", signed, limit=limits.LOG_PROOF_BYTES
        )
        return _blob_state(answer)

    async def _put(self, peer: NodeId, row: AttachmentRow, offset: int) -> BlobState:
        signed = self._requests.sign(peer, BlobWrite(row.blob_id, row.envelope_id, offset))
        stop = min(row.blob_size, offset + limits.BLOB_REQUEST_BYTES)
        answer = await self._context.link.put(
            self._context.endpoint_of(peer),
            "/hw1/blobs",
            signed,
            self._pieces(row.blob_id, offset, stop),
        )
        return _blob_state(answer)

    async def _pieces(self, blob_id: BlobId, offset: int, stop: int) -> AsyncIterator[bytes]:
        while offset < stop:
            length = min(limits.CHUNK_BYTES, stop - offset)
            piece = await self._context.disk(
                partial(self._context.blobs.read, blob_id, offset, length)
            )
            yield piece
            offset += len(piece)

    async def _keep_receipt(self, peer: NodeId, envelope_id: EnvelopeId, receipt: Receipt) -> None:
        trust, now_ms = self._context.trust, self._context.clock.now_ms()
        try:
            trust.verify_answer(
                peer, receipt.proof, LeafKind.ATTACHMENTS, envelope_id, now_ms=now_ms
            )
        except PeerError as error:
            sentence = "the peer's receipt does not hold"
            raise DeliveryError(error.code.name.lower(), sentence, retryable=True) from error
        proof = encode_log_proof(receipt.proof)

        def job(db: Transaction) -> None:
            note_seen(db, self._context, [receipt.proof.checkpoint], now_ms)
            attachments.complete_set(db, envelope_id, peer_proof=proof, at_ms=now_ms)

        await self._context.store.write(job)


@dataclass(frozen=True, slots=True)
class _Announced:
    """What a sender asks about: a blob of a set, and when its envelope was made.

    No blob if they had all come, and are erased by now.
    """

    row: AttachmentRow | None
    whole: SetRow
    made_at_ms: int

    def is_receipted(self, whole: SetRow, log_number: int, now_ms: int) -> bool:
        """Whether there is a receipt that the sender can take: see `Receiving._place`."""
        logged_at_ms = whole.completed_at_ms
        if not whole.is_complete or whole.log_number != log_number or logged_at_ms is None:
            return False
        return is_believable(logged_at_ms, self.made_at_ms, now_ms)


class AttachmentReceiving:
    """Takes in announced blobs."""

    def __init__(self, context: Context) -> None:
        """Use the context's blobs, store and log."""
        self._context = context

    async def status(self, sender: NodeId, call: BlobStatus) -> BlobState:
        """Say how much is held of an announced blob; complete it if it just lies here.

        Raises:
            PeerError: BLOB_NOT_ANNOUNCED, BLOB_TOO_LONG or BLOB_TOO_SHORT.
        """
        announced = await self._announced(sender, call)
        row = announced.row
        if row is None or await self._on_disk(lambda: self._context.blobs.is_complete(row.blob_id)):
            return await self._complete(announced)
        held = await self._on_disk(lambda: self._context.blobs.held(row.blob_id))
        if held > row.blob_size:
            # A power cut, or another sender, left more than there can be. This drops
            # it and raises BLOB_TOO_LONG; when the sender asks again it starts anew.
            await self._on_disk(lambda: self._context.blobs.finish(row.blob_id, row.blob_size))
        return BlobState(held, is_complete=False)

    async def write(
        self, sender: NodeId, call: BlobWrite, pieces: AsyncIterator[bytes]
    ) -> BlobState:
        """Append streamed bytes at the offset; finish the blob when it has its size.

        Raises:
            PeerError: BLOB_NOT_ANNOUNCED, BLOB_OFFSET, BLOB_TOO_LONG, BLOB_TOO_SHORT
                or BLOB_DIGEST.
        """
        announced = await self._announced(sender, call)
        row, blobs, offset = announced.row, self._context.blobs, call.offset
        if row is not None and not await self._on_disk(lambda: blobs.is_complete(row.blob_id)):
            if offset != await self._on_disk(lambda: blobs.held(row.blob_id)):
                raise PeerError(RefusalCode.BLOB_OFFSET)
            async for data in _gathered(pieces):
                append = partial(blobs.append, row.blob_id, offset, data, row.blob_size)
                offset = await self._on_disk(append)
            if offset < row.blob_size:
                return BlobState(offset, is_complete=False)
        return await self._complete(announced)

    async def _announced(self, sender: NodeId, call: BlobStatus | BlobWrite) -> _Announced:
        def job(db: Transaction) -> _Announced:
            whole = attachments.get_set(db, call.envelope_id)
            envelope = envelopes.get(db, call.envelope_id)
            if whole is not None and envelope is not None and whole.direction == messages.IN:
                rows = attachments.of_envelope(db, call.envelope_id)
                row = next((each for each in rows if each.blob_id == call.blob_id), None)
                is_known = row is not None or (whole.is_complete and not rows)
                if is_known and whole.peer == sender:
                    made_at_ms = parse_header(envelope.header).created_at_ms
                    return _Announced(row, whole, made_at_ms)
            raise PeerError(RefusalCode.BLOB_NOT_ANNOUNCED)

        return await self._context.store.read(job)

    async def _complete(self, announced: _Announced) -> BlobState:
        """Finish a blob and record it; give the receipt if it is the set's last, or was.

        Also where the blob was here already: it may have been announced with another size.
        """
        context, row, whole = self._context, announced.row, announced.whole
        held = 0
        if row is not None:
            held = row.blob_size
            await self._on_disk(lambda: context.blobs.finish(row.blob_id, row.blob_size))
        now_ms, nonce = context.clock.now_ms(), context.random(16)
        envelope_id, number = whole.envelope_id, context.logbook.number

        def job(db: Transaction) -> int | None:
            if row is not None:
                attachments.complete(db, envelope_id, row.blob_id)
            known = attachments.get_set(db, envelope_id)
            if known is not None and announced.is_receipted(known, number, now_ms):
                return known.log_position
            rows = attachments.of_envelope(db, envelope_id)
            if not rows and not whole.is_complete:
                # Erased since we looked: they had never all been here.
                raise PeerError(RefusalCode.BLOB_NOT_ANNOUNCED)
            if not all(each.is_complete for each in rows):
                return None
            position = context.logbook.append(
                db, LeafKind.ATTACHMENTS, envelope_id, at_ms=now_ms, nonce=nonce
            )
            attachments.complete_set(
                db, envelope_id, log_number=number, log_position=position, at_ms=now_ms
            )
            return position

        is_receipted = announced.is_receipted(whole, number, now_ms)
        position = whole.log_position if is_receipted else await context.store.write(job)
        if position is None:
            return BlobState(held, is_complete=True)
        proofs = await context.logbook.prove([position], at_ms=now_ms)
        return BlobState(held, is_complete=True, receipt=Receipt(proofs[0]))

    async def _on_disk(self, function: Callable[[], T]) -> T:
        return await self._context.disk(function)


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Join small pieces to about `limits.BLOB_WRITE_BYTES`: each write costs an fsync."""
    waiting = bytearray()
    async for piece in pieces:
        waiting += piece
        if len(waiting) >= limits.BLOB_WRITE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _blob_state(answer: bytes) -> BlobState:
    try:
        response: Response = parse_response(answer)
    except PeerError as error:
        sentence = "the peer's answer cannot be read"
        raise DeliveryError(error.code.name.lower(), sentence, retryable=True) from error
    if isinstance(response, Refusal):
        raise DeliveryError(response.name, "the peer does not take the attachment", retryable=True)
    if not isinstance(response, BlobState):
        raise DeliveryError("invalid_value", "the peer gave another answer", retryable=True)
    return response
