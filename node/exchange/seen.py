"""What this node has seen of its peers' logs: the dates of their proofs (SPEC.md 5.9).

A peer's receipt is worth something after a theft of the peer's key only if another log
shows that it is older. So the node logs each checkpoint under which it keeps a proof,
once, in the transaction in which it keeps the proof.
"""

from __future__ import annotations

from collections.abc import Iterable

from node.exchange.context import Context
from node.store import seen
from node.store.db import Transaction
from node.store.seen import SeenRow
from protocol.log import LeafKind
from protocol.notes import seen_subject


def note_seen(db: Transaction, context: Context, checkpoints: Iterable[bytes], at_ms: int) -> None:
    """Log those of these checkpoints of peers that are new, within the caller's transaction.

    They must have been verified, and a proof under each be kept: so a peer has no more
    leaves written here than it has answered messages. What is known costs a look into
    the table, once for each note in a call; no memory could know what a transaction that
    is run again has left undone.
    """
    for note in dict.fromkeys(checkpoints):
        subject = seen_subject(note)
        known = seen.get(db, subject)
        # An entry in an earlier log may stand under a key that was stolen meanwhile.
        if known is not None and known.log_number == context.logbook.number:
            continue
        position = context.logbook.append(
            db, LeafKind.SEEN, subject, at_ms=at_ms, nonce=context.random(16)
        )
        number = context.logbook.number
        seen.put(db, SeenRow(checkpoint=subject, log_number=number, log_position=position))
