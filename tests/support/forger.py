"""A member's keys in the hands of someone who makes every byte of an envelope by hand.

`Forger.letter` says what is to be sent, `Forger.sealed` seals it, and `Forger.logged`
puts a leaf for it into the forger's own log and proves it. Left alone, the three make
what an honest node sends; each can be told to do something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from keys.identity import Identity
from node.app import Core
from protocol import limits, log, suite
from protocol.encoding import (
    encode_envelope_batch,
    encode_header,
    encode_request,
    encode_signed_request,
)
from protocol.envelope import Opening, commitment, id_of, size_class_for
from protocol.ids import LegId, MessageId
from protocol.log import Leaf, LeafKind
from protocol.notes import Checkpoint, sign_checkpoint
from protocol.pb.homeward.v1 import message_pb2
from protocol.suite import LogSigner
from protocol.values import Call, Envelope, Header, LogProof, Ping, Reply, Request
from protocol.wire import parse_reply_batch
from tests.support.network import referral
from tests.support.nodes import seeded

UNPROVEN = LogProof(b"", 0, (), b"")

_STEP_OF = {
    field.message_type.name: field.name
    for field in message_pb2.Message.DESCRIPTOR.oneofs_by_name["step"].fields
}


@dataclass
class OwnLog:
    """A small log in memory, whose owner may put anything into it."""

    origin: str
    signer: LogSigner
    leaves: list[bytes] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def append(self, leaf: bytes) -> int:
        position = len(self.leaves)
        for level, index, node in log.nodes_added(position, log.leaf_hash(leaf), self._node):
            self.nodes[level, index] = node
        self.leaves.append(leaf)
        return position

    def prove(self, position: int, at_ms: int) -> LogProof:
        size = len(self.leaves)
        path = log.inclusion_path(position, size, self._node)
        note = self.checkpoint(at_ms)
        return LogProof(self.leaves[position], position, tuple(path), note)

    def checkpoint(self, at_ms: int, *, origin: str = "") -> bytes:
        size = len(self.leaves)
        state = Checkpoint(origin or self.origin, size, log.root(size, self._node))
        return sign_checkpoint(state, self.signer, at_ms // 1000)

    def _node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


@dataclass(frozen=True)
class Letter:
    """A header and what is to be sealed under it."""

    header: Header
    opening: Opening


@dataclass
class Forger:
    """One sender, writing to one recipient."""

    identity: Identity
    recipient: Core
    log: OwnLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = OwnLog(self.identity.origin, self.identity.log_signer())
        self._random = seeded(f"forger {self.identity.node_id}")

    @property
    def now_ms(self) -> int:
        return self.recipient.context.clock.now_ms()

    @property
    def kem_public_key(self) -> bytes:
        return self.recipient.context.trust.epochs.published(self.now_ms)[0].kem_public_key

    # --- envelopes

    def letter(
        self,
        content=None,
        *,
        payload: bytes | None = None,
        leg_id: LegId | None = None,
        number: int = 1,
        seen: int = 0,
        **header,
    ) -> Letter:
        """Return a step (a referral if none is given) under a header that fits it."""
        leg_id = leg_id or LegId(self._random(16))
        if payload is None:
            content = content or referral()
            fields = {_STEP_OF[content.DESCRIPTOR.name]: content}
            payload = message_pb2.Message(
                leg_id=leg_id, step_number=number, peer_steps_seen=seen, **fields
            ).SerializeToString()
        opening = Opening(self._random(limits.SALT_BYTES), payload)
        return Letter(replace(self._header(opening, leg_id), **header), opening)

    def _header(self, opening: Opening, leg_id: LegId) -> Header:
        directory = self.recipient.context.trust.directory
        return Header(
            federation_id=directory.federation_id,
            sender=self.identity.node_id,
            sender_log_key=self.log.signer.key_id,
            recipient=self.recipient.context.node_id,
            recipient_kem_key=suite.kem_key_id(self.kem_public_key),
            message_id=MessageId(self._random(16)),
            leg_id=leg_id,
            stream_seq=1,
            previous_envelope_id=b"",
            created_at_ms=self.now_ms,
            expires_at_ms=self.now_ms + limits.LIFETIME_MS,
            directory_version=directory.version,
            urgency=3,
            size_class=size_class_for(len(opening.payload)),
            commitment=commitment(opening),
        )

    def sealed(
        self,
        letter: Letter,
        *,
        respell: Callable[[bytes], bytes] = bytes,
        plaintext: bytes | None = None,
        kem_public_key: bytes | None = None,
    ) -> tuple[bytes, bytes]:
        """Return header bytes (as `respell` spells them) and ciphertext."""
        header = respell(encode_header(letter.header))
        if plaintext is None:
            opening = letter.opening
            size = size_class_for(len(opening.payload))
            plaintext = (opening.salt + opening.payload + b"\x80").ljust(size, b"\x00")
        info = b"homeward/v1 hpke\x00" + hashlib.sha256(header).digest()
        return header, suite.seal(kem_public_key or self.kem_public_key, info, plaintext)

    def logged(self, header: bytes, ciphertext: bytes, **leaf) -> Envelope:
        """Return the envelope with a proof from the own log of a leaf that is (not) for it."""
        envelope = Envelope(header, ciphertext, UNPROVEN)
        made = Leaf(
            kind=LeafKind.SENT,
            at_ms=self.now_ms,
            nonce=self._random(16),
            subject=id_of(envelope),
        )
        return replace(envelope, proof=self.proof_of(replace(made, **leaf).encode()))

    def proof_of(self, leaf: bytes) -> LogProof:
        """Log any bytes as a leaf."""
        return self.log.prove(self.log.append(leaf), self.now_ms)

    def envelope(self, letter: Letter | None = None, **how) -> Envelope:
        """Return a letter (an honest referral if none is given) sealed, logged and proven."""
        return self.logged(*self.sealed(letter or self.letter(), **how))

    # --- requests

    def request(
        self,
        call: Call | None = None,
        *,
        respell: Callable[[bytes], bytes] = bytes,
        signing_seed: bytes | None = None,
        label: bytes = b"homeward/v1 request\x00",
        **changes,
    ) -> bytes:
        """Return a signed request."""
        honest = Request(
            federation_id=self.recipient.context.trust.directory.federation_id,
            sender=self.identity.node_id,
            transport_key=suite.ed25519_public_key(self.identity.transport_seed),
            target=self.recipient.context.node_id,
            created_at_ms=self.now_ms,
            nonce=self._random(16),
            directory_version=self.recipient.context.trust.directory.version,
            call=call or Ping(),
        )
        raw = respell(encode_request(replace(honest, **changes)))
        seed = signing_seed or self.identity.transport_seed
        return encode_signed_request(raw, suite.ed25519_sign(seed, label + raw))


async def deliver(core: Core, *envelopes: Envelope) -> tuple[Reply, ...]:
    """Hand in envelopes as the network would; return the replies."""
    return parse_reply_batch(await core.service.envelopes(encode_envelope_batch(envelopes)))
