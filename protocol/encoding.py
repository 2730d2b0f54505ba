"""Frozen values -> bytes, for messages of which this node is the author.

Protobuf writes known fields in ascending order and leaves defaults out, which is
what the strict scan demands of a reader's input. Bytes of others are never
encoded again: they are kept as they came.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocol import limits
from protocol.pb.homeward.v1 import descriptor_pb2, envelope_pb2
from protocol.values import (
    PULL,
    BlobStatus,
    BlobWrite,
    Descriptor,
    Envelope,
    Header,
    LogProof,
    Pong,
    Receipt,
    Refusal,
    Reply,
    Request,
    Response,
)


def encode_header(header: Header) -> bytes:
    """Serialise a header of one's own; fields are written in ascending order."""
    return envelope_pb2.Header(
        version=limits.PROTOCOL_VERSION,
        federation_id=header.federation_id,
        sender=header.sender,
        sender_log_key=header.sender_log_key,
        recipient=header.recipient,
        recipient_kem_key=header.recipient_kem_key,
        message_id=header.message_id,
        exchange_id=header.leg_id,
        stream_seq=header.stream_seq,
        previous_envelope_id=header.previous_envelope_id,
        created_at_ms=header.created_at_ms,
        expires_at_ms=header.expires_at_ms,
        directory_version=header.directory_version,
        urgency=header.urgency,
        attachments=[envelope_pb2.AttachmentRef(id=a.id, size=a.size) for a in header.attachments],
        size_class=header.size_class,
        commitment=header.commitment,
    ).SerializeToString()


def encode_envelope_batch(envelopes: Sequence[Envelope]) -> bytes:
    """Serialise the body of `POST /hw1/envelopes`."""
    return envelope_pb2.EnvelopeBatch(
        envelopes=[
            envelope_pb2.Envelope(
                header=e.header, ciphertext=e.ciphertext, proof=_log_proof_pb(e.proof)
            )
            for e in envelopes
        ]
    ).SerializeToString()


def encode_reply_batch(replies: Sequence[Reply]) -> bytes:
    """Serialise the answer to a batch."""
    return envelope_pb2.ReplyBatch(
        replies=[
            envelope_pb2.Reply(receipt=_receipt_pb(r))
            if isinstance(r, Receipt)
            else envelope_pb2.Reply(refusal=_refusal_pb(r))
            for r in replies
        ]
    ).SerializeToString()


def encode_log_proof(proof: LogProof) -> bytes:
    """Serialise a proof for storage."""
    return _log_proof_pb(proof).SerializeToString()


def encode_descriptor(descriptor: Descriptor) -> bytes:
    """Serialise a descriptor of one's own."""
    return descriptor_pb2.Descriptor(
        version=limits.PROTOCOL_VERSION,
        federation_id=descriptor.federation_id,
        node_id=descriptor.node_id,
        serial=descriptor.serial,
        created_at_ms=descriptor.created_at_ms,
        expires_at_ms=descriptor.expires_at_ms,
        log_key=descriptor.log_key,
        epochs=[
            descriptor_pb2.Epoch(
                number=e.number,
                kem_public_key=e.kem_public_key,
                starts_at_ms=e.starts_at_ms,
                ends_at_ms=e.ends_at_ms,
            )
            for e in descriptor.epochs
        ],
        transport_key=descriptor.transport_key,
        protocol_versions=descriptor.protocol_versions,
        reachability=descriptor_pb2.REACHABILITY_PULL
        if descriptor.reachability == PULL
        else descriptor_pb2.REACHABILITY_PUSH,
        minimum_peer_version=descriptor.minimum_peer_version,
    ).SerializeToString()


def encode_signed_descriptor(descriptor: bytes, proof: LogProof) -> bytes:
    """Join descriptor bytes and the proof of their leaf."""
    return descriptor_pb2.SignedDescriptor(
        descriptor=descriptor, proof=_log_proof_pb(proof)
    ).SerializeToString()


def encode_request(request: Request) -> bytes:
    """Serialise a request of one's own, to be signed."""
    pb = envelope_pb2.Request(
        version=limits.PROTOCOL_VERSION,
        federation_id=request.federation_id,
        sender=request.sender,
        transport_key=request.transport_key,
        target=request.target,
        created_at_ms=request.created_at_ms,
        nonce=request.nonce,
        directory_version=request.directory_version,
    )
    call = request.call
    if isinstance(call, BlobStatus):
        pb.blob_status.blob_id = call.blob_id
        pb.blob_status.envelope_id = call.envelope_id
    elif isinstance(call, BlobWrite):
        pb.blob_write.blob_id = call.blob_id
        pb.blob_write.envelope_id = call.envelope_id
        pb.blob_write.offset = call.offset
    else:
        pb.ping.SetInParent()
    return pb.SerializeToString()


def encode_signed_request(request: bytes, signature: bytes) -> bytes:
    """Join request bytes and their signature."""
    return envelope_pb2.SignedRequest(request=request, signature=signature).SerializeToString()


def encode_response(response: Response) -> bytes:
    """Serialise the answer to a request."""
    pb = envelope_pb2.Response()
    if isinstance(response, Pong):
        pb.pong.SetInParent()
        pb.pong.directory_version = response.directory_version
    elif isinstance(response, Refusal):
        pb.refusal.CopyFrom(_refusal_pb(response))
    else:
        pb.blob_state.SetInParent()
        pb.blob_state.held = response.held
        pb.blob_state.is_complete = response.is_complete
        if response.receipt is not None:
            pb.blob_state.receipt.CopyFrom(_receipt_pb(response.receipt))
    return pb.SerializeToString()


def _log_proof_pb(proof: LogProof) -> envelope_pb2.LogProof:
    return envelope_pb2.LogProof(
        leaf=proof.leaf, index=proof.index, path=proof.path, checkpoint=proof.checkpoint
    )


def _receipt_pb(receipt: Receipt) -> envelope_pb2.Receipt:
    return envelope_pb2.Receipt(proof=_log_proof_pb(receipt.proof))


def _refusal_pb(refusal: Refusal) -> envelope_pb2.Refusal:
    pb = envelope_pb2.Refusal(code=refusal.code)
    if refusal.proof is not None:
        pb.proof.CopyFrom(_log_proof_pb(refusal.proof))
    return pb
