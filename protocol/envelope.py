"""Seal a message into an envelope, check one from outside, open it (SPEC.md section 4).

What is signed (the leaf) covers the header and the ciphertext's digest, so the
evidence outlives an erased ciphertext. The header's hash is bound into HPKE's
`info`, so nobody can log another's ciphertext as its own; the recipient stands in
the header, so nothing can be forwarded as if it had been meant for someone else.
The commitment lets the recipient prove the content later by revealing salt and
payload, without giving up a key.

A recipient calls, cheapest first: `check_addressing`, `check_sender`,
`verify_sent`, `check_time`, `open_envelope`. Looking for a duplicate lies between
the last two and belongs to the node, which has the memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from protocol import limits, suite
from protocol.encoding import encode_header
from protocol.errors import PeerError, RefusalCode
from protocol.ids import EnvelopeId, NodeId
from protocol.interfaces import Directory, LogKey, Opener
from protocol.log import LeafKind
from protocol.notes import CheckpointCache, VerifiedLeaf, origin_of, verify_proof
from protocol.values import Envelope, Header, LogProof

Key = TypeVar("Key", bound=LogKey)

_PADDING_MARK = b"\x80"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope that has not been logged yet."""

    header: bytes
    ciphertext: bytes
    envelope_id: EnvelopeId


@dataclass(frozen=True, slots=True)
class Opening:
    """What an envelope held; with it anyone can check the header's commitment."""

    salt: bytes
    payload: bytes


def size_class_for(payload_bytes: int) -> int:
    """Return the size in bytes to which salt, payload and padding mark are padded.

    Raises:
        ValueError: the payload does not fit into an envelope.
    """
    needed = limits.SALT_BYTES + payload_bytes + len(_PADDING_MARK)
    for size in limits.SIZE_CLASSES_BYTES:
        if needed <= size:
            return size
    step = limits.SIZE_CLASS_STEP_BYTES
    size = -(-needed // step) * step
    if size > limits.PLAINTEXT_BYTES:
        raise ValueError("the message is too large for an envelope")
    return size


def commitment(opening: Opening) -> bytes:
    """Bind salt and payload; hiding, because the salt is random."""
    return suite.digest("homeward/v1 commit", opening.salt, opening.payload)


def envelope_id(header: bytes, ciphertext_size: int, ciphertext_digest: bytes) -> EnvelopeId:
    """Name an envelope by its header bytes and its ciphertext's size and SHA-256."""
    return EnvelopeId(
        suite.digest(
            "homeward/v1 envelope",
            len(header).to_bytes(4, "big"),
            header,
            ciphertext_size.to_bytes(8, "big"),
            ciphertext_digest,
        )
    )


def id_of(envelope: Envelope) -> EnvelopeId:
    """Compute the id of an envelope as received."""
    digest = hashlib.sha256(envelope.ciphertext).digest()
    return envelope_id(envelope.header, len(envelope.ciphertext), digest)


def seal_envelope(header: Header, opening: Opening, kem_public_key: bytes) -> Sealed:
    """Seal an opening to the recipient's encryption key under this header.

    Raises:
        ValueError: size class, commitment or key id of the header do not fit.
    """
    if header.size_class != size_class_for(len(opening.payload)):
        raise ValueError("the header's size class is not that of the payload")
    if header.commitment != commitment(opening):
        raise ValueError("the header's commitment is not that of the payload")
    if header.recipient_kem_key != suite.kem_key_id(kem_public_key):
        raise ValueError("the header names another encryption key")
    header_bytes = encode_header(header)
    ciphertext = suite.seal(kem_public_key, _info(header_bytes), _pad(opening, header.size_class))
    digest = hashlib.sha256(ciphertext).digest()
    return Sealed(header_bytes, ciphertext, envelope_id(header_bytes, len(ciphertext), digest))


def check_addressing(header: Header, *, federation_id: bytes, recipient: NodeId) -> None:
    """Refuse what is not meant for this node in this federation.

    Raises:
        PeerError: WRONG_FEDERATION or WRONG_RECIPIENT.
    """
    if header.federation_id != federation_id:
        raise PeerError(RefusalCode.WRONG_FEDERATION)
    if header.recipient != recipient or header.sender == recipient:
        raise PeerError(RefusalCode.WRONG_RECIPIENT)


def check_sender(header: Header, directory: Directory, usable_keys: Sequence[Key]) -> Key:
    """Find the log key with which the sender must have signed.

    `usable_keys` are those of the sender under which something of the header's time is
    taken now; a time alone would let whoever has a stolen key date back.

    Raises:
        PeerError: UNKNOWN_SENDER, REVOKED_SENDER or UNKNOWN_LOG_KEY.
    """
    if not directory.is_member(header.sender):
        raise PeerError(RefusalCode.UNKNOWN_SENDER)
    if not directory.is_active(header.sender):
        raise PeerError(RefusalCode.REVOKED_SENDER)
    for key in usable_keys:
        if key.key_id == header.sender_log_key:
            return key
    raise PeerError(RefusalCode.UNKNOWN_LOG_KEY)


def verify_sent(
    envelope: Envelope, key: LogKey, checked: CheckpointCache | None = None
) -> VerifiedLeaf:
    """Check that the sender's own log holds the SENT leaf of exactly this envelope.

    Raises:
        PeerError: LEAF_MISMATCH or a code of `notes.verify_proof`.
    """
    return verify_leaf(envelope.proof, key, LeafKind.SENT, id_of(envelope), checked=checked)


def verify_leaf(
    proof: LogProof,
    key: LogKey,
    kind: LeafKind,
    subject: bytes,
    *,
    code: int = 0,
    checked: CheckpointCache | None = None,
) -> VerifiedLeaf:
    """Check a proof and that its leaf says just this of this subject.

    Raises:
        PeerError: LEAF_MISMATCH or a code of `notes.verify_proof`.
    """
    verified = verify_proof(
        proof.leaf,
        proof.index,
        proof.path,
        proof.checkpoint,
        origin=key.origin,
        ed25519=key.ed25519,
        mldsa44=key.mldsa44,
        checked=checked,
    )
    leaf = verified.leaf
    if (leaf.kind, leaf.subject, leaf.code) != (kind, subject, code):
        raise PeerError(RefusalCode.LEAF_MISMATCH)
    return verified


def verify_answer(
    proof: LogProof,
    keys: Sequence[Key],
    kind: LeafKind,
    subject: bytes,
    *,
    code: int = 0,
    checked: CheckpointCache | None = None,
) -> tuple[Key, VerifiedLeaf]:
    """Check a proof that names no key, under the one of these that has signed it.

    While a member changes its keys, two of one log are good at the same time.

    Raises:
        PeerError: UNKNOWN_LOG_KEY, LEAF_MISMATCH or a code of `notes.verify_proof`.
    """
    origin = origin_of(proof.checkpoint)
    fault = PeerError(RefusalCode.UNKNOWN_LOG_KEY, "no key of that log")
    for key in keys:
        if key.origin != origin:
            continue
        try:
            return key, verify_leaf(proof, key, kind, subject, code=code, checked=checked)
        except PeerError as error:
            # Only that this key did not sign says nothing about the next.
            if error.code is not RefusalCode.SIGNATURE_MISSING:
                raise
            fault = error
    raise fault


def check_time(header: Header, *, logged_at_ms: int, now_ms: int) -> None:
    """Refuse what has expired, lies in the future, or claims to live too long.

    `logged_at_ms` is the time of the SENT leaf, which may not contradict the header's.

    Raises:
        PeerError: EXPIRED, FROM_THE_FUTURE, LIFETIME_TOO_LONG or LEAF_MISMATCH.
    """
    skew_ms = limits.CLOCK_SKEW_MS
    if header.expires_at_ms - header.created_at_ms > limits.LIFETIME_MS:
        raise PeerError(RefusalCode.LIFETIME_TOO_LONG)
    if max(header.created_at_ms, logged_at_ms) > now_ms + skew_ms:
        raise PeerError(RefusalCode.FROM_THE_FUTURE)
    if logged_at_ms < header.created_at_ms - skew_ms:
        raise PeerError(RefusalCode.LEAF_MISMATCH, "logged before it was made")
    if header.expires_at_ms <= now_ms - skew_ms:
        raise PeerError(RefusalCode.EXPIRED)


def open_envelope(envelope: Envelope, header: Header, opener: Opener) -> Opening:
    """Decrypt, and check the commitment.

    Raises:
        PeerError: SIZE_CLASS_MISMATCH, CANNOT_OPEN or COMMITMENT_MISMATCH.
    """
    if len(envelope.ciphertext) != header.size_class + suite.SEAL_OVERHEAD:
        raise PeerError(RefusalCode.SIZE_CLASS_MISMATCH)
    try:
        plaintext = opener.open(_info(envelope.header), envelope.ciphertext)
    except ValueError as error:
        raise PeerError(RefusalCode.CANNOT_OPEN) from error
    opening = _unpad(plaintext)
    check_opening(header, opening)
    return opening


def check_opening(header: Header, opening: Opening) -> None:
    """Check that this is what the header's commitment binds.

    Raises:
        PeerError: COMMITMENT_MISMATCH.
    """
    # The hash does not say where the salt ends: only its length does.
    if len(opening.salt) != limits.SALT_BYTES or commitment(opening) != header.commitment:
        raise PeerError(RefusalCode.COMMITMENT_MISMATCH)


def _info(header: bytes) -> bytes:
    return b"homeward/v1 hpke\x00" + hashlib.sha256(header).digest()


def _pad(opening: Opening, size: int) -> bytes:
    if len(opening.salt) != limits.SALT_BYTES:
        raise ValueError("the salt has the wrong length")
    return (opening.salt + opening.payload + _PADDING_MARK).ljust(size, b"\x00")


def _unpad(plaintext: bytes) -> Opening:
    # ISO/IEC 7816-4: one 0x80, then zeros; the only reading of the bytes.
    body = plaintext.rstrip(b"\x00")
    if not body.endswith(_PADDING_MARK) or len(body) <= limits.SALT_BYTES:
        raise PeerError(RefusalCode.COMMITMENT_MISMATCH, "padding")
    return Opening(body[: limits.SALT_BYTES], body[limits.SALT_BYTES : -len(_PADDING_MARK)])
