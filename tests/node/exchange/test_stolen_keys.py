"""A key that is known to be stolen counts for nothing that arrives, whatever time it claims."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from keys.members import LogKeyRecord
from node.store import descriptors, envelopes
from protocol import limits, suite
from protocol.attachment import encrypt_chunks
from protocol.encoding import encode_descriptor, encode_signed_descriptor
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.log import LeafKind, parse_leaf
from protocol.values import Descriptor, Epoch, Pong, Refusal
from protocol.wire import parse_response
from tests.keys.federation import log_signer
from tests.support.forger import Forger, deliver
from tests.support.network import BE, FR, GR, Network, referral, settled
from tests.support.nodes import NOW_MS, endpoint_of, until
from tests.support.secretariat import Secretariat
from tests.support.snapshots import snapshot

HOUR_MS = 3_600_000
LONG_AGO_MS = NOW_MS - 20 * HOUR_MS


def key_of(network: Network, reader: NodeId, member: NodeId) -> LogKeyRecord:
    return network.cores[reader].context.trust.directory.keys_of(member)[-1]


def steal(network: Network, reader: NodeId, member: NodeId, *following: LogKeyRecord) -> None:
    """Tell a node that the member's key was stolen an hour ago, and which keys there are now."""
    stolen = replace(key_of(network, reader, member), compromised_since_ms=NOW_MS - HOUR_MS)
    network.amend(reader, member, log_keys=(stolen, *following))


def another_key(member: NodeId, *, number: int = 1, label: str = "another") -> LogKeyRecord:
    signer = log_signer(f"{label} of {member}")
    return LogKeyRecord(
        origin=f"{member}/log/{number}",
        ed25519=signer.ed25519_public,
        mldsa44=signer.mldsa44_public,
        valid_from_ms=NOW_MS - 24 * HOUR_MS,
    )


@dataclass
class Taken:
    """Greece's member key is in a thief's hands, who can write anything and log it."""

    thief: Forger

    def descriptor(self, serial: int, key: LogKeyRecord, **changes) -> bytes:
        """Return a descriptor of the member, logged by the key's holder."""
        made = Descriptor(
            federation_id=self.thief.recipient.context.trust.directory.federation_id,
            node_id=self.thief.identity.node_id,
            serial=serial,
            created_at_ms=LONG_AGO_MS,
            expires_at_ms=LONG_AGO_MS + limits.DESCRIPTOR_LIFETIME_MS,
            log_key=key.key_id,
            epochs=(Epoch(1, self.thief.kem_public_key, 0, 2 * NOW_MS),),
            transport_key=bytes(32),
        )
        raw = encode_descriptor(replace(made, **changes))
        subject = suite.digest("homeward/v1 descriptor", raw)
        logged = self.thief.logged(
            b"", b"", kind=LeafKind.DESCRIPTOR, subject=subject, at_ms=LONG_AGO_MS
        )
        return encode_signed_descriptor(raw, logged.proof)


# --- answers


def then_steal(line: Network, reader: NodeId, member: NodeId):
    """Return a change of an answer that leaves it as it is: the theft is known when it comes."""

    def change(answer: bytes) -> bytes:
        steal(line, reader, member)
        return answer

    return change


async def test_a_receipt_under_a_key_that_is_known_to_be_stolen_is_none(line: Network) -> None:
    line.link.change = then_steal(line, BE, GR)
    leg = await line.refer(BE, GR)
    await settled()
    assert line.reports[BE] == [("answer_refused", GR, "unknown_log_key")]
    assert await line.state(BE, leg) is State.QUEUED
    assert len(await line.waiting()) == 1


@pytest.mark.parametrize("place", [0, 1])
async def test_while_keys_are_changed_both_are_tried(line: Network, place: int) -> None:
    keys = [key_of(line, BE, GR)]
    keys.insert(place, another_key(GR))
    line.amend(BE, GR, log_keys=tuple(keys))
    leg = await line.refer(BE, GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    assert line.reports[BE] == []


async def test_a_receipt_by_none_of_several_keys_is_none(line: Network) -> None:
    known = key_of(line, BE, GR)

    def rename(answer: bytes) -> bytes:
        line.amend(BE, GR, log_keys=(another_key(GR), another_key(GR, label="third")))
        return answer

    line.link.change = rename
    await line.refer(BE, GR)
    await settled()
    assert line.reports[BE] == [("answer_refused", GR, "signature_missing")]
    line.link.change = bytes
    line.amend(BE, GR, log_keys=(another_key(GR), known))
    (row,) = await line.waiting()
    await line.wake_when_due()
    await line.reach(row.leg_id, State.DELIVERED, BE, GR)


# --- descriptors


async def test_a_descriptor_under_a_stolen_key_is_not_taken(line: Network) -> None:
    node, thief = line.cores[GR], Forger(line.federation.identities[BE], line.cores[GR])
    steal(line, GR, BE)
    offered = Taken(thief).descriptor(100, key_of(line, GR, BE))
    line.link.descriptors[endpoint_of(BE)] = offered
    before = await snapshot(node)
    with pytest.raises(Exception, match="descriptor was not taken") as error:
        await node.descriptors.refresh(BE)
    assert error.value.code == "unknown_log_key"
    assert await snapshot(node) == before


async def test_what_a_thief_had_published_counts_no_more_though_its_serial_is_higher(
    network: Network,
) -> None:
    node = await network.open(GR)
    thief = Forger(network.federation.identities[BE], node)
    stolen = key_of(network, GR, BE)
    network.link.descriptors[endpoint_of(BE)] = Taken(thief).descriptor(2**63 - 1, stolen)
    assert (await node.descriptors.refresh(BE)).serial == 2**63 - 1

    new = another_key(BE, number=2)
    steal(network, GR, BE, new)
    assert await node.descriptors.known(BE) is None
    # The member begins anew, with a new key, and even with a serial that was used before.
    owner = Forger(network.federation.identities[BE], node)
    owner.log.origin, owner.log.signer = new.origin, log_signer(f"another of {BE}")
    for serial in (1, 2):
        network.link.descriptors[endpoint_of(BE)] = Taken(owner).descriptor(serial, new)
        known = await node.descriptors.refresh(BE)
        assert (known.serial, known.descriptor.log_key) == (serial, new.key_id)
    network.link.descriptors[endpoint_of(BE)] = Taken(thief).descriptor(2**63 - 1, stolen)
    with pytest.raises(Exception, match="descriptor was not taken"):
        await node.descriptors.refresh(BE)
    assert (await node.descriptors.known(BE)).serial == 2


async def test_descriptors_of_one_serial_under_two_keys_are_kept_apart(network: Network) -> None:
    node = await network.open(GR)
    thief = Forger(network.federation.identities[BE], node)
    stolen, new = key_of(network, GR, BE), another_key(BE, number=2)
    network.link.descriptors[endpoint_of(BE)] = Taken(thief).descriptor(5, stolen)
    await node.descriptors.refresh(BE)
    steal(network, GR, BE, new)
    owner = Forger(network.federation.identities[BE], node)
    owner.log.origin, owner.log.signer = new.origin, log_signer(f"another of {BE}")
    network.link.descriptors[endpoint_of(BE)] = Taken(owner).descriptor(5, new)
    await node.descriptors.refresh(BE)
    rows = await node.store.read(lambda db: descriptors.of_serial(db, BE, 5))
    assert [row.log_key for row in rows] == [stolen.key_id, new.key_id]


async def test_nothing_is_sealed_to_what_a_thief_may_have_published(line: Network) -> None:
    steal(line, BE, GR)
    leg = await line.refer(BE, GR)
    await settled()
    (row,) = await line.waiting()
    assert (row.leg_id, row.envelope_id) == (leg, None)
    assert line.link.batches_to(GR) == []
    # Greece's own descriptor is by the old key as well, until it has a new one.
    assert line.reports[BE] == [("delivery_failed", GR, "unknown_log_key")]


async def test_what_was_sealed_before_is_sealed_again_once_the_theft_is_known(
    line: Network,
) -> None:
    line.unplug(GR)
    legs = [await line.refer(BE, name) for name in (GR, GR)]
    await settled()
    before = await line.waiting()
    assert all(row.envelope_id for row in before)
    secretariat = Secretariat.of(line.federation)
    record = secretariat.record(GR)
    stolen = replace(record.log_keys[0], compromised_since_ms=NOW_MS)
    secretariat.amend(GR, log_keys=(stolen, another_key(GR, number=2)))
    await secretariat.mail_to(line.cores[BE])
    await settled()
    after = await line.waiting()
    assert [row.envelope_id for row in after] == [None, None]
    assert [row.message_id for row in after] == [row.message_id for row in before]
    assert len(legs) == 2
    # Neither of the old envelopes has ever left.
    sent = await line.cores[BE].store.read(lambda db: envelopes.get(db, before[0].envelope_id))
    assert sent is not None


async def test_what_waits_for_others_stays_as_it_is(line: Network) -> None:
    line.unplug(GR)
    await line.refer(BE, GR)
    await settled()
    before = await line.waiting()
    secretariat = Secretariat.of(line.federation)
    record = secretariat.record(FR)
    stolen = replace(record.log_keys[0], compromised_since_ms=NOW_MS)
    secretariat.amend(FR, log_keys=(stolen,))
    await secretariat.mail_to(line.cores[BE])
    assert [row.envelope_id for row in await line.waiting()] == [row.envelope_id for row in before]


# --- requests


async def test_a_transport_key_falls_with_the_log_key_that_vouched_for_it(
    network: Network,
) -> None:
    await network.open(BE)
    node = await network.open(GR)
    member = Forger(network.federation.identities[BE], node)
    answer = parse_response(await node.service.requests(member.request()))
    assert answer == Pong(node.context.trust.directory.version)
    steal(network, GR, BE)
    network.clock.at_ms += limits.DESCRIPTOR_ASKED_MS
    before = await snapshot(node)
    answers = [
        parse_response(await node.service.requests(member.request())),
        parse_response(await node.service.blobs(member.request(), _nothing())),
    ]
    assert answers == [Refusal(RefusalCode.BUSY)] * 2
    assert await snapshot(node) == before


async def _nothing():
    return
    yield b""


# --- files


async def test_a_receipt_for_files_under_a_stolen_key_is_none(line: Network) -> None:
    node = line.cores[BE]
    blob_id, _ = node.context.blobs.put_file(encrypt_chunks(bytes(32), [bytes(1_000)]))
    announced = {"blob_id": blob_id, "key": bytes(32), "size": 1_000, "digest": bytes(32)}
    post = line.link.post

    async def stealing(endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        if path == "/hw1/requests":
            steal(line, BE, GR)
        return await post(endpoint, path, body, limit=limit)

    line.link.post = stealing
    leg, _ = await node.legs.open(
        GR, referral(attachment_keys=[announced]), case_id=None, made_by="a"
    )
    node.delivery.wake(GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    await until(lambda: ("attachment_failed", GR, "unknown_log_key") in line.reports[BE])
    rows = (await snapshot(node)).tables["attachment_sets"]
    assert [row[3] for row in rows] == [0]


# --- the leaf that is left


async def test_each_refused_envelope_of_a_thief_leaves_its_trace(line: Network) -> None:
    steal(line, GR, BE)
    thief = Forger(line.federation.identities[BE], line.cores[GR])
    sealed = thief.sealed(thief.letter(created_at_ms=LONG_AGO_MS))
    (reply,) = await deliver(line.cores[GR], thief.logged(*sealed, at_ms=LONG_AGO_MS))
    assert isinstance(reply, Refusal)
    assert reply.proof is not None
    leaf = parse_leaf(reply.proof.leaf)
    assert (leaf.kind, leaf.code) == (LeafKind.REFUSED, RefusalCode.UNKNOWN_LOG_KEY)
