"""What the simulator has found, each as a story of its own that stays short.

A seed tells another story as soon as anything changes what is drawn; these do not.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.errors import DeliveryError, NodeError
from node.store import attachments, outbox
from node.store.outbox import OutboxRow
from protocol import limits
from protocol.exchange.leg import State
from protocol.ids import BlobId, LegId, MessageId
from protocol.pb.homeward.v1.message_pb2 import HandOver
from tests.simulation.contents import make_file
from tests.support.contents import PART, accept, acknowledge, claim, opening
from tests.support.network import BE, DAY_MS, GR, Network, settled
from tests.support.nodes import NOW_MS, Federation, until

HOUR_MS = 3_600_000


@pytest.fixture
async def network(template: Federation, tmp_path: Path) -> AsyncIterator[Network]:
    network = Network.copied(template, tmp_path / "homes")
    yield network
    await network.close()


async def test_what_outlived_its_time_unsealed_is_not_sealed_any_more(network: Network):
    """It was: into an envelope that expired before it was made, which nobody can read."""
    await network.open(BE)
    leg = await network.refer(BE, GR, expires_at_ms=NOW_MS + HOUR_MS)
    await settled()
    network.clock.at_ms += 2 * HOUR_MS
    await network.open(GR)
    network.cores[BE].delivery.contact(GR)
    await settled()
    assert not network.link.batches_to(GR)
    await network.cores[BE].sweep()
    assert await network.state(BE, leg) is State.UNDELIVERABLE


async def test_a_referral_that_is_over_before_it_begins_is_refused_and_not_stored(
    network: Network,
):
    await network.open(BE)
    with pytest.raises(NodeError) as caught:
        await network.refer(BE, GR, expires_at_ms=NOW_MS)
    assert caught.value.code == "lifetime_over"
    assert not await network.views(BE)


async def test_a_clock_that_was_set_back_does_not_make_a_message_live_too_long(network: Network):
    """It did, by those minutes: the peer refused it for good, and the message was lost."""
    await network.open(BE)
    leg = await network.refer(BE, GR, expires_at_ms=NOW_MS + limits.LIFETIME_MS)
    await settled()
    network.clock.at_ms -= 5 * 60_000
    await network.open(GR)
    network.cores[BE].delivery.contact(GR)
    await network.reach(leg, State.DELIVERED, BE, GR)


async def test_a_step_behind_one_that_waits_is_not_due(network: Network):
    """It was, so that the worker turned as fast as it could until the first one's time."""
    core = await network.open(BE)
    leg_id, later_ms = LegId(bytes(16)), NOW_MS + 600_000
    rows = [
        OutboxRow(
            message_id=MessageId(bytes([number]) * 16),
            peer=GR,
            leg_id=leg_id,
            step_number=number,
            urgency=3,
            queued_at_ms=NOW_MS,
            expires_at_ms=NOW_MS + DAY_MS,
            not_before_ms=later_ms if number == 1 else 0,
        )
        for number in (1, 2)
    ]
    await core.store.write(lambda db: [outbox.add(db, row) for row in rows])
    due_ms = await core.store.read(lambda db: outbox.next_due_ms(db, GR, now_ms=NOW_MS))
    assert due_ms == later_ms
    over_ms = NOW_MS + 2 * DAY_MS
    assert await core.store.read(lambda db: outbox.next_due_ms(db, GR, now_ms=over_ms)) is None


async def test_an_upload_that_a_power_cut_made_longer_than_the_file_begins_anew(
    network: Network,
):
    """It stuck: the sender had nothing to add, and the recipient kept what it had."""
    for name in (BE, GR):
        await network.open(name)
    sealed = make_file(random.Random(1), "torn")
    torn = network.cores[GR].home.blobs / f"{sealed.key.blob_id.hex()}.part"
    torn.write_bytes(bytes(len(sealed.blob) + 1))
    network.cores[BE].context.blobs.put_file([sealed.blob])
    await network.refer(BE, GR, attachment_keys=[sealed.key])
    blob_id = BlobId(sealed.key.blob_id)
    await until(lambda: "attachment_failed" in network.events(BE))
    network.clock.at_ms += HOUR_MS
    await network.close(BE)
    await network.open(BE)
    await until(lambda: network.cores[GR].context.blobs.is_complete(blob_id))


async def test_a_file_sent_after_the_rest_of_a_referral_was_erased_still_arrives(network: Network):
    """It was never sent: the peer had said that it erased, which was what came before it."""
    be, gr = [await network.open(name) for name in (BE, GR)]
    offer = opening("transfer", expires_at_ms=NOW_MS + 20 * DAY_MS)
    leg, _ = await be.legs.open(GR, offer, case_id=None, made_by="a")
    be.delivery.wake(GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
    for step, state in ((claim(), State.RECEIVED), (accept(), State.ACCEPTED)):
        await network.step(GR, leg, step)
        await network.reach(leg, state, BE, GR)
    told = opening("found_notice", expires_at_ms=NOW_MS + 20 * DAY_MS, about_leg_ids=[leg])
    notice, _ = await be.legs.open(GR, told, case_id=None, made_by="a")
    be.delivery.wake(GR)
    await network.reach(notice, State.DELIVERED, BE, GR)
    await network.step(GR, notice, acknowledge("found_notice"))
    await network.reach(notice, State.CLOSED, BE, GR)
    assert not (await gr.legs.view(leg)).messages[0].salt

    sealed = make_file(random.Random(2), "late")
    be.context.blobs.put_file([sealed.blob])
    put, gr.service.blobs = gr.service.blobs, not_now
    await network.step(BE, leg, HandOver(**PART, attachment_keys=[sealed.key]))
    await until(lambda: be.store.read(attachments.all_waiting_sets))
    await be.endings.look()
    gr.service.blobs = put
    network.clock.at_ms += HOUR_MS
    await network.close(BE)
    await network.open(BE)
    await until(lambda: gr.context.blobs.is_complete(BlobId(sealed.key.blob_id)))


async def not_now(*_: object) -> bytes:
    raise DeliveryError("unreachable", "not now", retryable=True)
