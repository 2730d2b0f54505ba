"""What leaves the nodes, looked at as it leaves: proofs, checkpoints, and clear text.

A proof that leaves must already stand in its author's database, as anybody else
would find it there: if the author dies in this very moment, the proof is out.
What was seen is kept, and compared with the logs as they are at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from node.store import log_store
from protocol.notes import parse_checkpoint
from protocol.values import BlobState, LogProof, Receipt, Refusal
from protocol.wire import (
    parse_envelope_batch,
    parse_reply_batch,
    parse_response,
    parse_signed_descriptor,
)
from tests.simulation.books import LOG_NUMBER
from tests.simulation.contents import SECRET
from tests.simulation.life import Call, Life


@dataclass(slots=True)
class Seen:
    """What the others have been given of one node's log."""

    leaves: dict[int, bytes] = field(default_factory=dict)
    checkpoints: dict[bytes, int] = field(default_factory=dict)
    """Note to size."""


class Wiretap:
    """Looks at every body on the network."""

    def __init__(self, violate: Callable[[str], None]) -> None:
        self.seen: defaultdict[str, Seen] = defaultdict(Seen)
        self._violate = violate

    def request(self, caller: Life, call: Call) -> None:
        """Look at a request as it leaves its sender."""
        self._look_for_secrets(call.path, call.body, *call.pieces)
        if call.path == "/hw1/envelopes":
            for envelope in parse_envelope_batch(call.body):
                self._check_proof(caller, envelope.proof)

    def answer(self, author: Life, call: Call, answer: bytes | None) -> None:
        """Look at an answer as it leaves its author."""
        if answer is None:
            return
        self._look_for_secrets(call.path, answer)
        if len(answer) > call.limit:
            self._violate(f"{author.name} answers {call.path} with {len(answer)} bytes")
        for proof in _proofs(call.path, answer):
            self._check_proof(author, proof)

    def _look_for_secrets(self, path: str, *bodies: bytes) -> None:
        if any(SECRET in body for body in bodies):
            self._violate(f"clear text in a body of {path}")

    def _check_proof(self, author: Life, proof: LogProof) -> None:
        name, db, seen = author.name, author.committed, self.seen[author.name]
        try:
            stored = log_store.leaf(db, LOG_NUMBER, proof.index)
        except LookupError:
            stored = b""
        if stored != proof.leaf:
            self._violate(f"{name} gives a proof of leaf {proof.index}, which is not durable")
        if seen.leaves.setdefault(proof.index, proof.leaf) != proof.leaf:
            self._violate(f"{name} has shown two leaves at {proof.index}")
        size = parse_checkpoint(proof.checkpoint).checkpoint.size
        if proof.checkpoint not in seen.checkpoints and size > log_store.size(db, LOG_NUMBER):
            self._violate(f"{name} signed {size} leaves, of which not all are durable")
        seen.checkpoints[proof.checkpoint] = size


def _proofs(path: str, answer: bytes) -> Iterable[LogProof]:
    if path == "/hw1/descriptor":
        return [parse_signed_descriptor(answer)[1]]
    if path == "/hw1/envelopes":
        replies = parse_reply_batch(answer)
        return [reply.proof for reply in replies if reply.proof is not None]
    if path in ("/hw1/requests", "/hw1/blobs"):
        response = parse_response(answer)
        if isinstance(response, BlobState) and isinstance(response.receipt, Receipt):
            return [response.receipt.proof]
        if isinstance(response, Refusal) and response.proof is not None:
            return [response.proof]
    return []
