"""Bytes from elsewhere -> frozen values, for the security-relevant messages.

The only place where these messages are read. Each `parse_` checks the size, runs
the strict scan, then every field's form; what it returns is well formed but not
yet verified. Bytes that somebody signed or hashed are kept as they came. Case
content is not read here (see `messages`).

Every `parse_` raises PeerError: TOO_LARGE, a code of the strict scan,
UNSUPPORTED_VERSION or INVALID_VALUE.
"""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from protocol import limits
from protocol.errors import PeerError, RefusalCode
from protocol.ids import (
    DIGEST_BYTES,
    RANDOM_ID_BYTES,
    BlobId,
    LegId,
    MessageId,
    parse_node_id,
)
from protocol.log import MAX_INTEGER
from protocol.pb.homeward.v1 import descriptor_pb2, envelope_pb2
from protocol.strict import scan
from protocol.suite import ED25519_SIGNATURE_BYTES
from protocol.values import (
    PULL,
    PUSH,
    AttachmentRef,
    BlobState,
    BlobStatus,
    BlobWrite,
    Call,
    Descriptor,
    Envelope,
    Epoch,
    Header,
    LogProof,
    Ping,
    Pong,
    Receipt,
    Refusal,
    Reply,
    Request,
    Response,
)

KEM_PUBLIC_KEY_BYTES = 1216
TRANSPORT_KEY_BYTES = 32


def has_attachments(header: bytes) -> bool:
    """Return whether a header announces attachments; one's own, or one that was read before."""
    return bool(envelope_pb2.Header.FromString(header).attachments)


def parse_header(data: bytes) -> Header:
    """Read header bytes after the strict scan.

    Raises:
        PeerError: TOO_LARGE, a code of the scan, UNSUPPORTED_VERSION or INVALID_VALUE.
    """
    pb = _read(data, envelope_pb2.Header(), limits.HEADER_BYTES)
    _require_version(pb.version)
    attachments = _attachments(pb)
    is_first = pb.stream_seq == 1
    _require_length(pb.federation_id, DIGEST_BYTES, "federation id")
    _require_length(pb.sender_log_key, DIGEST_BYTES, "log key id")
    _require_length(pb.recipient_kem_key, DIGEST_BYTES, "kem key id")
    _require_length(pb.message_id, RANDOM_ID_BYTES, "message id")
    _require_length(pb.exchange_id, RANDOM_ID_BYTES, "exchange id")
    _require_length(pb.commitment, DIGEST_BYTES, "commitment")
    _require(pb.stream_seq >= 1, "stream seq")
    _require_length(pb.previous_envelope_id, 0 if is_first else DIGEST_BYTES, "previous id")
    _require(1 <= pb.urgency <= 4, "urgency")
    _require(pb.created_at_ms > 0 and pb.expires_at_ms > pb.created_at_ms, "times")
    _require(is_size_class(pb.size_class), "size class")
    return Header(
        federation_id=pb.federation_id,
        sender=parse_node_id(pb.sender),
        sender_log_key=pb.sender_log_key,
        recipient=parse_node_id(pb.recipient),
        recipient_kem_key=pb.recipient_kem_key,
        message_id=MessageId(pb.message_id),
        leg_id=LegId(pb.exchange_id),
        stream_seq=pb.stream_seq,
        previous_envelope_id=pb.previous_envelope_id,
        created_at_ms=pb.created_at_ms,
        expires_at_ms=pb.expires_at_ms,
        directory_version=pb.directory_version,
        urgency=pb.urgency,
        size_class=pb.size_class,
        commitment=pb.commitment,
        attachments=attachments,
    )


def parse_envelope_batch(data: bytes) -> tuple[Envelope, ...]:
    """Read the body of `POST /hw1/envelopes`; each envelope is judged by itself later."""
    pb = _read(data, envelope_pb2.EnvelopeBatch(), limits.BATCH_BYTES)
    _require(1 <= len(pb.envelopes) <= limits.BATCH_ENVELOPES, "number of envelopes")
    return tuple(Envelope(e.header, e.ciphertext, _log_proof(e.proof)) for e in pb.envelopes)


def parse_reply_batch(data: bytes) -> tuple[Reply, ...]:
    """Read the answer to a batch: one receipt or refusal for each envelope."""
    pb = _read(data, envelope_pb2.ReplyBatch(), limits.REPLY_BYTES)
    return tuple(_reply(r) for r in pb.replies)


def parse_log_proof(data: bytes) -> LogProof:
    """Read a stored or fetched LogProof."""
    return _log_proof(_read(data, envelope_pb2.LogProof(), limits.LOG_PROOF_BYTES))


def parse_signed_descriptor(data: bytes) -> tuple[bytes, LogProof]:
    """Read a SignedDescriptor: the descriptor's bytes and the proof of its leaf."""
    pb = _read(data, descriptor_pb2.SignedDescriptor(), limits.DESCRIPTOR_BYTES)
    return pb.descriptor, _log_proof(pb.proof)


def parse_descriptor(data: bytes) -> Descriptor:
    """Read descriptor bytes after the strict scan."""
    pb = _read(data, descriptor_pb2.Descriptor(), limits.DESCRIPTOR_BYTES)
    _require_version(pb.version)
    _require_length(pb.federation_id, DIGEST_BYTES, "federation id")
    _require_length(pb.log_key, DIGEST_BYTES, "log key id")
    _require_length(pb.transport_key, TRANSPORT_KEY_BYTES, "transport key")
    _require(1 <= pb.serial <= MAX_INTEGER, "serial")
    lifetime = pb.expires_at_ms - pb.created_at_ms
    _require(0 < lifetime <= limits.DESCRIPTOR_LIFETIME_MS, "descriptor lifetime")
    _require(1 <= len(pb.epochs) <= limits.EPOCHS_PER_DESCRIPTOR, "number of epochs")
    numbers = [epoch.number for epoch in pb.epochs]
    _require(numbers == sorted(set(numbers)), "order of epochs")
    for epoch in pb.epochs:
        _require_length(epoch.kem_public_key, KEM_PUBLIC_KEY_BYTES, "kem public key")
        _require(epoch.ends_at_ms > epoch.starts_at_ms, "epoch times")
    reachability = {
        descriptor_pb2.REACHABILITY_PUSH: PUSH,
        descriptor_pb2.REACHABILITY_PULL: PULL,
    }.get(pb.reachability)
    if reachability is None:
        raise PeerError(RefusalCode.INVALID_VALUE, "reachability")
    return Descriptor(
        federation_id=pb.federation_id,
        node_id=parse_node_id(pb.node_id),
        serial=pb.serial,
        created_at_ms=pb.created_at_ms,
        expires_at_ms=pb.expires_at_ms,
        log_key=pb.log_key,
        epochs=tuple(
            Epoch(e.number, e.kem_public_key, e.starts_at_ms, e.ends_at_ms) for e in pb.epochs
        ),
        transport_key=pb.transport_key,
        reachability=reachability,
        protocol_versions=tuple(pb.protocol_versions),
        minimum_peer_version=pb.minimum_peer_version,
    )


def parse_signed_request(data: bytes) -> tuple[bytes, bytes]:
    """Read a SignedRequest: the request's bytes and the Ed25519 signature."""
    pb = _read(data, envelope_pb2.SignedRequest(), limits.REQUEST_BYTES)
    _require_length(pb.signature, ED25519_SIGNATURE_BYTES, "signature")
    return pb.request, pb.signature


def parse_request(data: bytes) -> Request:
    """Read request bytes after the strict scan."""
    pb = _read(data, envelope_pb2.Request(), limits.REQUEST_BYTES)
    _require_version(pb.version)
    _require_length(pb.federation_id, DIGEST_BYTES, "federation id")
    _require_length(pb.transport_key, TRANSPORT_KEY_BYTES, "transport key")
    _require_length(pb.nonce, RANDOM_ID_BYTES, "nonce")
    return Request(
        federation_id=pb.federation_id,
        sender=parse_node_id(pb.sender),
        transport_key=pb.transport_key,
        target=parse_node_id(pb.target),
        created_at_ms=pb.created_at_ms,
        nonce=pb.nonce,
        directory_version=pb.directory_version,
        call=_call(pb),
    )


def parse_response(data: bytes) -> Response:
    """Read the answer to a request."""
    pb = _read(data, envelope_pb2.Response(), limits.LOG_PROOF_BYTES)
    which = pb.WhichOneof("result")
    if which == "pong":
        return Pong(pb.pong.directory_version)
    if which == "blob_state":
        state = pb.blob_state
        receipt = Receipt(_log_proof(state.receipt.proof)) if state.HasField("receipt") else None
        return BlobState(state.held, state.is_complete, receipt)
    if which == "refusal":
        return _refusal(pb.refusal)
    raise PeerError(RefusalCode.INVALID_VALUE, "response without result")


def is_size_class(size: int) -> bool:
    """Whether a padded plaintext may have this size in bytes."""
    if size in limits.SIZE_CLASSES_BYTES:
        return True
    return 0 < size <= limits.PLAINTEXT_BYTES and size % limits.SIZE_CLASS_STEP_BYTES == 0


_M = TypeVar("_M", bound=Message)


def _read(data: bytes, pb: _M, limit: int) -> _M:
    if len(data) > limit:
        raise PeerError(RefusalCode.TOO_LARGE, pb.DESCRIPTOR.name)
    scan(data, pb.DESCRIPTOR)
    try:
        pb.ParseFromString(data)
    except DecodeError as error:
        # What the scan lets through is well formed but for text that is not UTF-8.
        raise PeerError(RefusalCode.INVALID_VALUE, pb.DESCRIPTOR.name) from error
    return pb


def _attachments(pb: envelope_pb2.Header) -> tuple[AttachmentRef, ...]:
    found = tuple(AttachmentRef(BlobId(a.id), a.size) for a in pb.attachments)
    _require(len(found) <= limits.ATTACHMENTS_PER_ENVELOPE, "number of attachments")
    for attachment in found:
        _require_length(attachment.id, DIGEST_BYTES, "attachment id")
        _require(1 <= attachment.size <= limits.ATTACHMENT_BYTES, "attachment size")
    _require(len({a.id for a in found}) == len(found), "attachment twice")
    return found


def _log_proof(pb: envelope_pb2.LogProof) -> LogProof:
    _require(len(pb.path) <= limits.PROOF_HASHES, "proof path")
    if len(pb.checkpoint) > limits.CHECKPOINT_BYTES:
        raise PeerError(RefusalCode.TOO_LARGE, "checkpoint")
    return LogProof(pb.leaf, pb.index, tuple(pb.path), pb.checkpoint)


def _reply(pb: envelope_pb2.Reply) -> Reply:
    which = pb.WhichOneof("outcome")
    if which == "receipt":
        return Receipt(_log_proof(pb.receipt.proof))
    if which == "refusal":
        return _refusal(pb.refusal)
    raise PeerError(RefusalCode.INVALID_VALUE, "reply without outcome")


def _refusal(pb: envelope_pb2.Refusal) -> Refusal:
    _require(0 < pb.code <= 0xFFFF, "refusal code")
    return Refusal(pb.code, _log_proof(pb.proof) if pb.HasField("proof") else None)


def _call(pb: envelope_pb2.Request) -> Call:
    which = pb.WhichOneof("call")
    if which == "ping":
        return Ping()
    if which == "blob_status":
        call = pb.blob_status
        _require_length(call.blob_id, DIGEST_BYTES, "blob id")
        _require_length(call.envelope_id, DIGEST_BYTES, "envelope id")
        return BlobStatus(BlobId(call.blob_id), call.envelope_id)
    if which == "blob_write":
        write = pb.blob_write
        _require_length(write.blob_id, DIGEST_BYTES, "blob id")
        _require_length(write.envelope_id, DIGEST_BYTES, "envelope id")
        return BlobWrite(BlobId(write.blob_id), write.envelope_id, write.offset)
    raise PeerError(RefusalCode.INVALID_VALUE, "request without call")


def _require(is_fulfilled: object, what: str) -> None:
    if not is_fulfilled:
        raise PeerError(RefusalCode.INVALID_VALUE, what)


def _require_length(value: bytes, length: int, what: str) -> None:
    _require(len(value) == length, what)


def _require_version(version: int) -> None:
    if version != limits.PROTOCOL_VERSION:
        raise PeerError(RefusalCode.UNSUPPORTED_VERSION, f"version {version}")
