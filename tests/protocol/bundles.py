"""Two logs and what one exchange leaves in them, for tests of evidence without nodes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from keys.members import LogKeyRecord
from protocol import limits, log
from protocol.bundle import Bundle, LoggedDescriptor
from protocol.encoding import encode_descriptor, encode_header
from protocol.envelope import Opening, commitment, envelope_id, size_class_for
from protocol.evidence import EvidenceDirectory, descriptor_subject, verify
from protocol.ids import BlobId, LegId, MessageId, NodeId
from protocol.log import Leaf, LeafKind
from protocol.notes import Checkpoint, seen_subject, sign_checkpoint
from protocol.report import Claim, Report, Verdict
from protocol.suite import LogSigner, kem_key_id
from protocol.values import AttachmentRef, Descriptor, Epoch, Header, LogProof
from tests.keys.federation import DAY_MS, NOW_MS, log_key, log_signer, seed

SENDER, RECIPIENT, STRANGER = "be.example", "gr.example", "fr.example"
FEDERATION_ID = seed("federation")
SENT_AT_MS = NOW_MS
RECEIVED_AT_MS = NOW_MS + 1_000
SEEN_AT_MS = NOW_MS + 2_000
AUDIT_AT_MS = NOW_MS + 5_000
OPENING = Opening(seed("salt"), b"the payload of one message")
KEM_PUBLIC_KEY = seed("kem") * 38
CIPHERTEXT = b"sealed" * 100


class Log:
    """A member's log in memory, as its node would sign it."""

    def __init__(self, node_id: str, *, signer: LogSigner | None = None, number: int = 1) -> None:
        self.node_id = NodeId(node_id)
        self.origin = f"{node_id}/log/{number}"
        self.signer = signer or log_signer(node_id)
        self._leaves: list[bytes] = []
        self._nodes: dict[tuple[int, int], bytes] = {}
        for number_of_leaf in range(3):
            self.append(LeafKind.PADDING, seed(f"padding {number_of_leaf}"), at_ms=NOW_MS - DAY_MS)

    def append(self, kind: LeafKind, subject: bytes, *, at_ms: int, code: int = 0) -> int:
        nonce = seed(f"nonce {len(self._leaves)}")[:16]
        leaf = Leaf(kind=kind, subject=subject, at_ms=at_ms, code=code, nonce=nonce).encode()
        position = len(self._leaves)
        for level, index, node in log.nodes_added(position, log.leaf_hash(leaf), self._read):
            self._nodes[level, index] = node
        self._leaves.append(leaf)
        return position

    def prove(self, position: int, *, at_ms: int, signer: LogSigner | None = None) -> LogProof:
        size = len(self._leaves)
        checkpoint = Checkpoint(self.origin, size, log.root(size, self._read))
        return LogProof(
            leaf=self._leaves[position],
            index=position,
            path=tuple(log.inclusion_path(position, size, self._read)),
            checkpoint=sign_checkpoint(checkpoint, signer or self.signer, at_ms // 1000),
        )

    def say(
        self,
        kind: LeafKind,
        subject: bytes,
        *,
        at_ms: int,
        code: int = 0,
        signed_at_ms: int | None = None,
    ) -> LogProof:
        """Append a leaf and prove it."""
        position = self.append(kind, subject, at_ms=at_ms, code=code)
        return self.prove(position, at_ms=at_ms if signed_at_ms is None else signed_at_ms)

    def _read(self, level: int, index: int) -> bytes:
        return self._nodes[level, index]


@dataclass
class KnownMembers:
    """A directory that says what a test wants it to say."""

    federation_id: bytes = FEDERATION_ID
    version: int = 7
    expires_at_ms: int = NOW_MS + 7 * DAY_MS
    keys: dict[str, tuple[LogKeyRecord, ...]] = field(
        default_factory=lambda: {name: (log_key(name),) for name in (SENDER, RECIPIENT, STRANGER)}
    )

    def key_for(self, node_id: NodeId, key_id: bytes, at_ms: int) -> LogKeyRecord | None:
        for key in self.keys_of(node_id):
            if key.key_id == key_id and key.is_good_at(at_ms):
                return key
        return None

    def keys_of(self, node_id: NodeId) -> Sequence[LogKeyRecord]:
        return self.keys.get(node_id, ())

    def amend(self, node_id: str, **changes: object) -> None:
        """Change what is known of a member's one key."""
        (key,) = self.keys[node_id]
        self.keys[node_id] = (replace(key, **changes),)


def make_header(**changes: object) -> Header:
    header = Header(
        federation_id=FEDERATION_ID,
        sender=NodeId(SENDER),
        sender_log_key=log_signer(SENDER).key_id,
        recipient=NodeId(RECIPIENT),
        recipient_kem_key=kem_key_id(KEM_PUBLIC_KEY),
        message_id=MessageId(seed("message")[:16]),
        leg_id=LegId(seed("leg")[:16]),
        stream_seq=1,
        previous_envelope_id=b"",
        created_at_ms=SENT_AT_MS,
        expires_at_ms=SENT_AT_MS + DAY_MS,
        directory_version=7,
        urgency=2,
        size_class=size_class_for(len(OPENING.payload)),
        commitment=commitment(OPENING),
    )
    return replace(header, **changes)


def with_attachment() -> Header:
    return make_header(attachments=(AttachmentRef(BlobId(seed("blob")), 1000),))


def id_of(header: Header) -> bytes:
    digest = hashlib.sha256(CIPHERTEXT).digest()
    return envelope_id(encode_header(header), len(CIPHERTEXT), digest)


def say_descriptor(
    owner: Log, *, said_by: Log | None = None, at_ms: int = NOW_MS - DAY_MS, **changes: object
) -> LoggedDescriptor:
    """Log a descriptor, in the owner's own log unless somebody else says it."""
    descriptor = Descriptor(
        federation_id=FEDERATION_ID,
        node_id=owner.node_id,
        serial=1,
        created_at_ms=at_ms,
        expires_at_ms=at_ms + limits.DESCRIPTOR_LIFETIME_MS,
        log_key=owner.signer.key_id,
        epochs=(Epoch(1, KEM_PUBLIC_KEY, at_ms, at_ms + limits.EPOCH_MS),),
        transport_key=seed("transport"),
    )
    data = encode_descriptor(replace(descriptor, **changes))
    subject = descriptor_subject(data)
    proof = (said_by or owner).say(LeafKind.DESCRIPTOR, subject, at_ms=at_ms)
    return LoggedDescriptor(data, proof)


def say_seen(by: Log, proof: LogProof, *, at_ms: int = SEEN_AT_MS) -> LogProof:
    """Log that a peer's checkpoint was seen: the one which this proof stands under."""
    return by.say(LeafKind.SEEN, seen_subject(proof.checkpoint), at_ms=at_ms)


def make_bundle(
    header: Header | None = None,
    *,
    sender: Log | None = None,
    recipient: Log | None = None,
    directory: Mapping[str, bytes] | None = None,
    **changes: object,
) -> Bundle:
    """Return the bundle of an envelope that was sent and received."""
    header = header or make_header()
    sender, recipient = sender or Log(SENDER), recipient or Log(RECIPIENT)
    subject = id_of(header)
    parts = {
        "header": encode_header(header),
        "ciphertext_size": len(CIPHERTEXT),
        "ciphertext_digest": hashlib.sha256(CIPHERTEXT).digest(),
        "sent": sender.say(LeafKind.SENT, subject, at_ms=SENT_AT_MS),
        "received": recipient.say(LeafKind.RECEIVED, subject, at_ms=RECEIVED_AT_MS),
        "directory": directory if directory is not None else {"timestamp.json": b"{}"},
    }
    return Bundle(**(parts | changes))


def full_bundle() -> Bundle:
    """Return a bundle with every entry that may stand beside a receipt."""
    header, sender, recipient = with_attachment(), Log(SENDER), Log(RECIPIENT)
    bundle = make_bundle(header, sender=sender, recipient=recipient)
    attachments = recipient.say(LeafKind.ATTACHMENTS, id_of(header), at_ms=RECEIVED_AT_MS)
    assert bundle.received is not None
    return replace(
        bundle,
        attachments=attachments,
        seen=say_seen(sender, bundle.received),
        attachments_seen=say_seen(sender, attachments),
        sender_descriptor=say_descriptor(sender),
        recipient_descriptor=say_descriptor(recipient),
        ciphertext=CIPHERTEXT,
        opening=OPENING,
        directory={"timestamp.json": b"{}", "1.root.json": b"{}", "10.root.json": b"[]"},
    )


def unzip(data: bytes) -> dict[str, bytes]:
    """Read a ZIP with the standard library, which knows nothing of bundles."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def judge(
    bundle: Bundle, directory: EvidenceDirectory | None = None, *, at_ms: int = AUDIT_AT_MS
) -> Report:
    return verify(bundle, directory or KnownMembers(), at_ms=at_ms)


def outcome(report: Report, claim: Claim) -> tuple[Verdict, str]:
    finding = report.finding(claim)
    assert finding is not None
    return finding.verdict, finding.code


def receipt(kind: LeafKind = LeafKind.RECEIVED, **changes: object) -> LogProof:
    """Return an answer of the recipient to the envelope of `make_bundle()`."""
    said = {"at_ms": RECEIVED_AT_MS} | changes
    return Log(RECIPIENT).say(kind, id_of(make_header()), **said)


def without_line(proof: LogProof, number: int) -> LogProof:
    """Take one of the two signature lines away."""
    lines = proof.checkpoint.splitlines(keepends=True)
    del lines[4 + number]
    return replace(proof, checkpoint=b"".join(lines))
