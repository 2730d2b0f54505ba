"""After a theft a node goes on with the next log: what stood in the last is said anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.exchange.attachments import AttachmentReceiving
from node.exchange.seen import note_seen
from node.store import attachments, descriptors, log_store, seen
from node.store.db import Transaction
from node.store.seen import SeenRow
from protocol.attachment import encrypt_chunks
from protocol.exchange.leg import State
from protocol.ids import BlobId, EnvelopeId
from protocol.log import LeafKind, parse_leaf
from protocol.notes import origin_of, seen_subject
from protocol.values import BlobStatus
from protocol.wire import parse_descriptor, parse_log_proof, parse_signed_descriptor
from tests.support.network import BE, GR, NAMES, Network
from tests.support.next_log import begin_next_log
from tests.support.nodes import make_federation, until

PHOTO = b"a photo" * 1_000
BLOB = b"".join(encrypt_chunks(bytes(32), [PHOTO]))
HOUR_MS = 3_600_000


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    network = Network(make_federation(tmp_path, NAMES))
    for name in (BE, GR):
        await network.open(name)
    yield network
    await network.close()


async def send_photo(network: Network) -> tuple[EnvelopeId, BlobId]:
    """Refer with a photo; return once the sender has the receipt for it."""
    store = network.cores[BE].store
    blobs = network.cores[BE].context.blobs
    blob_id, _ = await asyncio.to_thread(blobs.put_file, [BLOB])
    announced = {"blob_id": blob_id, "key": bytes(32), "size": len(PHOTO), "digest": bytes(32)}
    leg = await network.refer(BE, GR, attachment_keys=[announced])
    await network.reach(leg, State.DELIVERED, BE, GR)

    async def is_complete() -> bool:
        return not await store.read(lambda db: attachments.waiting_sets(db, GR))

    await until(is_complete)
    rows = await store.read(lambda db: list(db.execute("SELECT envelope_id FROM attachment_sets")))
    return EnvelopeId(rows[0][0]), blob_id


async def test_a_new_log_begins_with_a_descriptor_of_its_own(network: Network) -> None:
    before = network.cores[BE].context.logbook.signer.key_id
    core = await begin_next_log(network, BE, stolen_at_ms=network.clock.at_ms)
    signed = await core.service.descriptor()
    assert signed is not None
    data, proof = parse_signed_descriptor(signed)
    descriptor = parse_descriptor(data)
    assert origin_of(proof.checkpoint) == f"{BE}/log/2"
    first, second = network.clock.at_ms, network.clock.at_ms + 1
    assert (descriptor.serial, descriptor.log_key) == (second, core.context.logbook.signer.key_id)
    assert descriptor.log_key != before
    serials = (first, second)
    rows = [await core.store.read(lambda db, n=n: descriptors.get(db, BE, n)) for n in serials]
    assert [(row.log_number, row.log_position) for row in rows if row] == [(1, 0), (2, 0)]


async def test_a_descriptor_of_another_log_is_not_shown_as_of_this_one(network: Network) -> None:
    core = network.cores[BE]
    assert await core.service.descriptor() is not None
    await core.store.write(lambda db: db.execute("UPDATE descriptors SET log_number = 7"))
    assert await core.service.descriptor() is None


async def test_a_receipt_of_the_last_log_is_given_anew_in_the_next(network: Network) -> None:
    envelope_id, blob_id = await send_photo(network)
    old = await network.cores[GR].store.read(lambda db: attachments.get_set(db, envelope_id))
    assert old is not None
    assert old.log_number == 1
    core = await begin_next_log(network, GR, stolen_at_ms=network.clock.at_ms + HOUR_MS)
    receiving = AttachmentReceiving(core.context)
    states = [await receiving.status(BE, BlobStatus(blob_id, envelope_id)) for _ in range(2)]
    proofs = [state.receipt.proof for state in states if state.receipt is not None]
    assert [origin_of(proof.checkpoint) for proof in proofs] == [f"{GR}/log/2"] * 2
    assert proofs[0].leaf == proofs[1].leaf
    leaf = parse_leaf(proofs[0].leaf)
    assert (leaf.kind, leaf.subject) == (LeafKind.ATTACHMENTS, envelope_id)


async def test_a_checkpoint_that_comes_again_is_seen_in_the_next_log_too(network: Network) -> None:
    envelope_id, _ = await send_photo(network)
    whole = await network.cores[BE].store.read(lambda db: attachments.get_set(db, envelope_id))
    assert whole is not None
    note = parse_log_proof(whole.peer_proof or b"").checkpoint
    subject = seen_subject(note)
    old = await network.cores[BE].store.read(lambda db: seen.get(db, subject))
    assert old is not None
    assert old.log_number == 1
    core = await begin_next_log(network, BE, stolen_at_ms=network.clock.at_ms + HOUR_MS)
    now_ms = network.clock.at_ms

    def job(db: Transaction) -> SeenRow | None:
        for _ in range(2):
            note_seen(db, core.context, [note], now_ms)
        return seen.get(db, subject)

    row = await core.store.write(job)
    assert row is not None
    assert row.log_number == 2
    kinds = await core.store.read(lambda db: log_store.leaves(db, 2, 0, log_store.size(db, 2)))
    assert [parse_leaf(leaf).kind for leaf in kinds].count(LeafKind.SEEN) == 1
