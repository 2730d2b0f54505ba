"""Bundles that two real nodes collected, judged when a key turns out to have been stolen."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from node.errors import NodeError
from node.exchange.seen import note_seen
from node.store import attachments, envelopes
from node.store.db import Transaction
from protocol.attachment import encrypt_chunks
from protocol.bundle import Bundle, parse_bundle
from protocol.encoding import encode_log_proof
from protocol.evidence import verify
from protocol.exchange.leg import State
from protocol.ids import EnvelopeId, NodeId
from protocol.notes import origin_of
from protocol.report import Claim, Report, Verdict
from tests.protocol.bundles import outcome
from tests.support.network import BE, GR, NAMES, Network
from tests.support.next_log import begin_next_log
from tests.support.nodes import NOW_MS, make_federation, until

HOUR_MS = 3_600_000
THEFT_MS = NOW_MS + HOUR_MS


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    network = Network(make_federation(tmp_path, NAMES))
    for name in (BE, GR):
        await network.open(name)
    yield network
    await network.close()


async def refer_with_photo(network: Network) -> EnvelopeId:
    """Refer with a photo; return its envelope once Belgium has both receipts."""
    node, key, photo = network.cores[BE], bytes(range(32)), b"a photo" * 20_000
    blobs = node.context.blobs
    blob_id, _ = await asyncio.to_thread(blobs.put_file, encrypt_chunks(key, [photo]))
    digest = hashlib.sha256(photo).digest()
    announced = {"blob_id": blob_id, "key": key, "size": len(photo), "digest": digest}
    leg = await network.refer(BE, GR, attachment_keys=[announced])
    await network.reach(leg, State.DELIVERED, BE, GR)

    def job(db: Transaction) -> EnvelopeId | None:
        found = list(db.execute("SELECT envelope_id FROM attachment_sets WHERE is_complete = 1"))
        return EnvelopeId(found[0][0]) if found else None

    async def is_complete() -> bool:
        return await node.store.read(job) is not None

    await until(is_complete)
    envelope_id = await node.store.read(job)
    assert envelope_id is not None
    return envelope_id


async def collected(network: Network, name: NodeId, envelope_id: EnvelopeId) -> Bundle:
    return parse_bundle(await network.cores[name].evidence.collect(envelope_id))


def judged(network: Network, bundle: Bundle, *stolen: NodeId, since_ms: int = THEFT_MS) -> Report:
    """Judge under a directory in which these members' keys were stolen."""
    directory = network.cores[BE].context.trust.directory
    members = dict(directory.members)
    for name in stolen:
        keys = [replace(key, compromised_since_ms=since_ms) for key in members[name].log_keys]
        members[name] = replace(members[name], log_keys=tuple(keys))
    return verify(bundle, replace(directory, members=members), at_ms=THEFT_MS + HOUR_MS)


async def test_the_senders_bundle_stays_proven_when_the_recipients_key_is_stolen(
    network: Network,
) -> None:
    envelope_id = await refer_with_photo(network)
    network.clock.at_ms = THEFT_MS + HOUR_MS
    bundle = await collected(network, BE, envelope_id)
    assert bundle.seen is not None
    report = judged(network, bundle, GR)
    assert report.verdict is Verdict.PROVEN
    assert {f.code for f in report.findings} == {"proven", "content_not_included"}
    # Whereas nobody had seen anything an hour before the exchange.
    assert judged(network, bundle, GR, since_ms=NOW_MS - 1).verdict is Verdict.NOT_PROVEN


async def test_each_entry_that_was_seen_is_needed_for_its_own_receipt(network: Network) -> None:
    envelope_id = await refer_with_photo(network)
    bundle = await collected(network, BE, envelope_id)
    assert bundle.seen is not None
    without = judged(network, replace(bundle, seen=None), GR)
    assert outcome(without, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "not_dated")
    assert outcome(without, Claim.SENT)[0] is Verdict.PROVEN
    assert bundle.attachments_seen is not None
    without = judged(network, replace(bundle, attachments_seen=None), GR)
    assert outcome(without, Claim.ATTACHMENTS) == (Verdict.NOT_PROVEN, "not_dated")
    assert outcome(without, Claim.RECEIVED)[0] is Verdict.PROVEN


async def test_the_receipt_for_attachments_is_seen_when_it_is_kept(network: Network) -> None:
    envelope_id = await refer_with_photo(network)
    bundle = await collected(network, BE, envelope_id)
    assert bundle.attachments_seen is not None
    report = judged(network, bundle, GR)
    assert outcome(report, Claim.ATTACHMENTS) == (Verdict.PROVEN, "proven")


async def test_receipts_under_one_checkpoint_are_seen_in_one_entry(network: Network) -> None:
    envelope_id = await refer_with_photo(network)
    peer, node = network.cores[GR].context, network.cores[BE].context
    rows = await peer.store.read(
        lambda db: (envelopes.get(db, envelope_id), attachments.get_set(db, envelope_id))
    )
    positions = [row.log_position for row in rows if row is not None]
    received, complete = await peer.logbook.prove(positions, at_ms=network.clock.at_ms)
    assert received.checkpoint == complete.checkpoint

    def job(db: Transaction) -> None:
        note_seen(db, node, [received.checkpoint], network.clock.at_ms)
        envelopes.settle(db, envelope_id, encode_log_proof(received), 0)
        proof = encode_log_proof(complete)
        attachments.complete_set(db, envelope_id, peer_proof=proof, at_ms=network.clock.at_ms)

    await node.store.write(job)
    bundle = await collected(network, BE, envelope_id)
    assert bundle.seen is not None
    assert bundle.attachments_seen is None
    assert judged(network, bundle, GR).verdict is Verdict.PROVEN


async def test_the_recipients_bundle_dates_the_sender_but_not_itself(network: Network) -> None:
    envelope_id = await refer_with_photo(network)
    bundle = await collected(network, GR, envelope_id)
    # Not even where it has seen the sender's checkpoint, for an answer to a message of its own.
    context, note = network.cores[GR].context, bundle.sent.checkpoint
    await context.store.write(lambda db: note_seen(db, context, [note], network.clock.at_ms))
    bundle = await collected(network, GR, envelope_id)
    assert (bundle.seen, bundle.attachments_seen) == (None, None)
    assert judged(network, bundle).verdict is Verdict.PROVEN
    assert judged(network, bundle, BE).verdict is Verdict.PROVEN
    report = judged(network, bundle, GR)
    assert outcome(report, Claim.SENT) == (Verdict.PROVEN, "proven")
    assert outcome(report, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "not_dated")


async def test_with_both_keys_stolen_neither_bundle_proves_anything(network: Network) -> None:
    envelope_id = await refer_with_photo(network)
    for name in (BE, GR):
        report = judged(network, await collected(network, name, envelope_id), BE, GR)
        assert (report.verdict, report.exit_code) == (Verdict.NOT_PROVEN, 2)
        for claim in (Claim.SENT, Claim.RECEIVED, Claim.ATTACHMENTS):
            assert outcome(report, claim) == (Verdict.NOT_PROVEN, "not_dated")


async def test_a_message_that_waits_has_nothing_that_was_seen(network: Network) -> None:
    await refer_with_photo(network)
    network.unplug(GR)
    leg = await network.refer(BE, GR)
    (message,) = (await network.cores[BE].legs.view(leg)).messages
    data = await network.cores[BE].evidence.collect(message.message_id)
    bundle = parse_bundle(data)
    assert (bundle.received, bundle.seen) == (None, None)
    report = judged(network, bundle, BE)
    assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, "not_dated")
    assert outcome(report, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "no_receipt")


# --- after its own theft a node goes on with the next log


@pytest.mark.parametrize("name", [BE, GR])
async def test_what_stands_in_an_ended_log_is_proven_under_its_last_checkpoint(
    network: Network, name: NodeId
) -> None:
    envelope_id = await refer_with_photo(network)
    await begin_next_log(network, name, stolen_at_ms=THEFT_MS)
    network.clock.at_ms = THEFT_MS + HOUR_MS
    bundle = await collected(network, BE, envelope_id)
    report = judged(network, bundle)
    assert report.verdict is Verdict.PROVEN
    assert origin_of(bundle.sent.checkpoint) == f"{BE}/log/1"
    theirs = judged(network, await collected(network, GR, envelope_id))
    # Greece's own word for its own log is no date.
    code = "proven" if name == BE else "not_dated"
    assert outcome(theirs, Claim.RECEIVED)[1] == outcome(theirs, Claim.ATTACHMENTS)[1] == code
    assert outcome(theirs, Claim.SENT)[1] == "proven"


async def test_both_begin_a_new_log_and_exchange_again(network: Network) -> None:
    before = await refer_with_photo(network)
    for name in (BE, GR):
        await begin_next_log(network, name, stolen_at_ms=THEFT_MS)
    network.clock.at_ms = THEFT_MS + HOUR_MS
    leg = await network.refer(BE, GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
    (message,) = (await network.cores[BE].legs.view(leg)).messages
    for name in (BE, GR):
        old = judged(network, await collected(network, name, before))
        assert outcome(old, Claim.SENT) == (Verdict.NOT_PROVEN, "not_dated")
        new = parse_bundle(await network.cores[name].evidence.collect(message.message_id))
        assert judged(network, new).verdict is Verdict.PROVEN
        assert origin_of(new.sent.checkpoint) == f"{BE}/log/2"


async def test_log_whose_last_checkpoint_is_gone_makes_no_bundle(network: Network) -> None:
    envelope_id = await refer_with_photo(network)
    core = await begin_next_log(network, BE, stolen_at_ms=THEFT_MS)
    await core.store.write(lambda db: db.execute("DELETE FROM ended_logs"))
    with pytest.raises(NodeError) as caught:
        await collected(network, BE, envelope_id)
    assert caught.value.code == "log_ended"
    assert (await collected(network, GR, envelope_id)).sent
