"""What an erasure does to the database, inside the transaction that records it.

Of a message a stub stays (`protocol.erasure`); its salt is gone, so nobody can ever show
again what it said. Header, leaf, receipt and proof stay, since they hold nothing of it:
that it was sent and received can still be proven.

A message that still waits for its peer may have to be sealed again, so it stays until it
is settled, and goes then (`erasures.late_legs`). Not so when a whole case goes: then it
goes out in the envelope in which it is sealed already, which this node cannot open, or not
at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from node.exchange.context import Context
from node.store import attachments, envelopes, erasures, messages, outbox
from node.store.db import Transaction
from node.store.messages import LegRow, MessageRow
from protocol import erasure
from protocol.ids import BlobId, EnvelopeId
from protocol.pb.homeward.v1 import erasure_pb2, message_pb2


def blank_leg(
    db: Transaction,
    leg: LegRow,
    erased: erasure_pb2.ErasureRecord,
    *,
    is_theirs_only: bool = False,
    has_waiting: bool = False,
) -> bool:
    """Erase what a leg says, and note it in the record; return whether there was anything.

    With `is_theirs_only`, what this node said itself stays. What waits for its peer stays
    until that is settled, unless `has_waiting`.
    """
    rows = messages.with_content(db, leg.leg_id)
    rows = [row for row in rows if _may_go(db, row, has_waiting=has_waiting)]
    if is_theirs_only:
        rows = [row for row in rows if row.direction == messages.IN]
    blank_messages(db, rows, erased)
    erasures.forget_drafts(db, leg.leg_id.hex())
    return bool(rows)


def blank_messages(
    db: Transaction, rows: Iterable[MessageRow], erased: erasure_pb2.ErasureRecord
) -> None:
    """Erase what messages say, with the keys of their files, and note it in the record."""
    for row in rows:
        stub = erasure.stub_of(row.payload)
        messages.blank(db, row, stub, message_pb2.Message.FromString(stub).withdraw.reason)
        ids = envelopes.ids_of_message(db, row.direction, row.peer, row.message_id)
        erased.messages_count += 1
        erased.envelope_ids.extend(ids)
        drop_blobs(db, _attachments(db, ids), erased)
    attachments.drop_empty_sets(db)


def drop_blobs(
    db: Transaction, blob_ids: Sequence[BlobId], erased: erasure_pb2.ErasureRecord
) -> None:
    """Have files removed that nothing else needs, and note them in the record."""
    gone = [blob_id for blob_id in blob_ids if not erasures.is_needed(db, blob_id)]
    erasures.remove_later(db, gone)
    known = set(erased.blob_ids)
    erased.blob_ids.extend(blob_id for blob_id in dict.fromkeys(gone) if blob_id not in known)


def drop_unsealed(db: Transaction, leg: LegRow) -> bool:
    """Delete a leg of which nothing has ever left this node; return whether it was one."""
    rows = messages.of_leg(db, leg.leg_id)
    if any(_was_sealed(db, row) for row in rows):
        return False
    for row in rows:
        queued = outbox.get(db, row.message_id)
        if queued is not None:
            outbox.remove(db, queued)
    messages.delete_leg(db, leg.leg_id)
    erasures.forget_drafts(db, leg.leg_id.hex())
    return True


def remove_blobs(db: Transaction, context: Context) -> None:
    """Remove the files that are to go.

    In the writer's transaction, although it touches the disk: what is announced before
    it is seen here, and what is announced after it finds no file. Done twice, it does no
    more than once.
    """
    for blob_id in erasures.to_remove(db):
        if not erasures.is_needed(db, blob_id):
            # If we crash behind this, the row is still there, and the file goes once more.
            context.blobs.delete(blob_id)
        erasures.removed(db, blob_id)


def _may_go(db: Transaction, row: MessageRow, *, has_waiting: bool) -> bool:
    """Whether a message can be erased now: see the rules above."""
    if erasure.stays_whole(row.payload):
        return False
    return row.settled != messages.WAITING or (has_waiting and _was_sealed(db, row))


def _was_sealed(db: Transaction, row: MessageRow) -> bool:
    return bool(envelopes.ids_of_message(db, row.direction, row.peer, row.message_id))


def _attachments(db: Transaction, envelope_ids: Iterable[EnvelopeId]) -> list[BlobId]:
    return [blob for envelope_id in envelope_ids for blob in attachments.forget(db, envelope_id)]
