"""The messages between nodes as frozen values.

Field for field what stands in envelope.proto and descriptor.proto, with ids of
their own types. `wire` makes them from bytes, `encoding` makes bytes of them;
nothing here reads or checks anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol import limits
from protocol.errors import RefusalCode
from protocol.ids import BlobId, LegId, MessageId, NodeId

PUSH = "push"
PULL = "pull"


@dataclass(frozen=True, slots=True)
class LogProof:
    """A leaf, its place, its inclusion path and the checkpoint over it."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """An announced blob: SHA-256 and size of its ciphertext in bytes."""

    id: BlobId
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The readable part of an envelope; see envelope.proto for each field."""

    federation_id: bytes
    sender: NodeId
    sender_log_key: bytes
    recipient: NodeId
    recipient_kem_key: bytes
    message_id: MessageId
    leg_id: LegId
    stream_seq: int
    previous_envelope_id: bytes
    created_at_ms: int
    expires_at_ms: int
    directory_version: int
    urgency: int
    size_class: int
    commitment: bytes
    attachments: tuple[AttachmentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Header and ciphertext as received, and the sender's proof."""

    header: bytes
    ciphertext: bytes
    proof: LogProof


@dataclass(frozen=True, slots=True)
class Receipt:
    """The recipient logged that it holds the envelope (or its attachments)."""

    proof: LogProof


@dataclass(frozen=True, slots=True)
class Refusal:
    """The recipient did not take it; the proof is there when it logged that."""

    code: int
    proof: LogProof | None = None

    @property
    def name(self) -> str:
        """Stable name of the code; codes of a newer peer keep their number."""
        known = RefusalCode._value2member_map_.get(self.code)
        return known.name.lower() if isinstance(known, RefusalCode) else f"code_{self.code}"


Reply = Receipt | Refusal


@dataclass(frozen=True, slots=True)
class Epoch:
    """One encryption key and the time in which it may be sealed to."""

    number: int
    kem_public_key: bytes
    starts_at_ms: int
    ends_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """What a member publishes about its own node; see descriptor.proto."""

    federation_id: bytes
    node_id: NodeId
    serial: int
    created_at_ms: int
    expires_at_ms: int
    log_key: bytes
    epochs: tuple[Epoch, ...]
    transport_key: bytes
    reachability: str = PUSH
    protocol_versions: tuple[int, ...] = (limits.PROTOCOL_VERSION,)
    minimum_peer_version: int = limits.PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""


@dataclass(frozen=True, slots=True)
class BlobStatus:
    """How much of this announced blob do you hold?"""

    blob_id: BlobId
    envelope_id: bytes


@dataclass(frozen=True, slots=True)
class BlobWrite:
    """The bytes that follow belong at this offset."""

    blob_id: BlobId
    envelope_id: bytes
    offset: int


Call = Ping | BlobStatus | BlobWrite


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A short-lived request; see envelope.proto."""

    federation_id: bytes
    sender: NodeId
    transport_key: bytes
    target: NodeId
    created_at_ms: int
    nonce: bytes
    directory_version: int
    call: Call = field(default_factory=Ping)


@dataclass(frozen=True, slots=True)
class Pong:
    """Yes, with this version of the directory."""

    directory_version: int


@dataclass(frozen=True, slots=True)
class BlobState:
    """What is held of a blob, and the receipt once the whole set is complete."""

    held: int
    is_complete: bool
    receipt: Receipt | None = None


Response = Pong | BlobState | Refusal
