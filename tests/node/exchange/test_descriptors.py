"""Descriptors: one's own is renewed in time, a peer's is taken only proven and newer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from node.app import Core
from node.errors import DeliveryError
from node.exchange.descriptors import KnownDescriptor, _needs_renewal
from protocol import limits, suite
from protocol.encoding import encode_descriptor, encode_signed_descriptor
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.log import LeafKind
from protocol.suite import KemOpener
from protocol.values import Descriptor, Epoch
from protocol.wire import parse_descriptor, parse_signed_descriptor
from tests.support.forger import Forger
from tests.support.network import BE, DAY_MS, FR, GR, Network
from tests.support.nodes import NOW_MS, endpoint_of, until
from tests.support.snapshots import snapshot
from tests.support.wire_bytes import number_field

WEEK = limits.EPOCH_MS
OPENER = KemOpener(bytes(32))
EPOCH = Epoch(1, OPENER.public_key, NOW_MS - 1, NOW_MS + WEEK)


@dataclass
class Reader:
    """A node that fetches the descriptor of a member, which a forger makes."""

    network: Network
    node: Core
    member: Forger

    def honest(self) -> Descriptor:
        return Descriptor(
            federation_id=self.node.context.trust.directory.federation_id,
            node_id=BE,
            serial=100,
            created_at_ms=NOW_MS,
            expires_at_ms=NOW_MS + limits.DESCRIPTOR_LIFETIME_MS,
            log_key=self.member.log.signer.key_id,
            epochs=(EPOCH,),
            transport_key=bytes(32),
        )

    def signed(
        self,
        *,
        respell: Callable[[bytes], bytes] = bytes,
        forger: Forger | None = None,
        kind: LeafKind = LeafKind.DESCRIPTOR,
        subject: bytes | None = None,
        **changes,
    ) -> bytes:
        """Return a descriptor that the member's own log holds, changed before it was logged."""
        raw = respell(encode_descriptor(replace(self.honest(), **changes)))
        right_subject = suite.digest("homeward/v1 descriptor", raw)
        logged = (forger or self.member).logged(
            b"", b"", kind=kind, subject=right_subject if subject is None else subject
        )
        return encode_signed_descriptor(raw, logged.proof)

    async def fetch(self, offered: bytes | None) -> KnownDescriptor:
        self.network.link.descriptors[endpoint_of(BE)] = offered
        return await self.node.descriptors.refresh(BE)


@pytest.fixture
async def reader(network: Network) -> Reader:
    node = await network.open(GR)
    return Reader(network, node, Forger(network.federation.identities[BE], node))


def of_another_log(reader: Reader) -> bytes:
    reader.member.log.origin = "be.example/log/2"
    return reader.signed()


def with_a_changed_byte(reader: Reader) -> bytes:
    raw, proof = parse_signed_descriptor(reader.signed())
    return encode_signed_descriptor(raw.replace(b"be.example", b"be.exampla"), proof)


def of_another_node(reader: Reader) -> bytes:
    other = Forger(reader.network.federation.identities[FR], reader.node)
    return reader.signed(forger=other, node_id=FR, log_key=other.log.signer.key_id)


def by_another_node(reader: Reader) -> bytes:
    other = Forger(reader.network.federation.identities[FR], reader.node)
    return reader.signed(forger=other)


def with_epochs(*keys: bytes) -> dict:
    return {"epochs": tuple(replace(EPOCH, number=n, kem_public_key=k) for n, k in enumerate(keys))}


NO_X25519_KEY = OPENER.public_key[:-32] + bytes(32)
SKEW = limits.CLOCK_SKEW_MS
OFFERS: dict[str, tuple[str, Callable[[Reader], bytes | None]]] = {
    "nothing": ("no_descriptor", lambda r: None),
    "an empty body": ("unsupported_version", lambda r: b""),
    "a body that is cut": ("truncated", lambda r: r.signed()[:-1]),
    "a body beyond the limit": ("too_large", lambda r: bytes(limits.DESCRIPTOR_BYTES + 1)),
    "a field twice": (
        "duplicate_field",
        lambda r: r.signed(respell=lambda raw: raw + number_field(12, 1)),
    ),
    "another version": (
        "unsupported_version",
        lambda r: r.signed(respell=lambda raw: number_field(1, 2) + raw[2:]),
    ),
    "another federation": ("wrong_federation", lambda r: r.signed(federation_id=bytes(32))),
    "another node's": ("wrong_recipient", of_another_node),
    "expired": (
        "expired",
        lambda r: r.signed(created_at_ms=NOW_MS - DAY_MS // 2, expires_at_ms=NOW_MS - SKEW),
    ),
    "from the future": ("from_the_future", lambda r: r.signed(created_at_ms=NOW_MS + SKEW + 1)),
    "a log key that nobody knows": ("unknown_log_key", lambda r: r.signed(log_key=bytes(32))),
    "a log key before its time": (
        "unknown_log_key",
        lambda r: r.signed(created_at_ms=NOW_MS - 2 * DAY_MS, expires_at_ms=NOW_MS + 1),
    ),
    "a checkpoint of a second log": ("unknown_log_key", of_another_log),
    "logged by another node": ("unknown_log_key", by_another_node),
    "a leaf of another kind": ("leaf_mismatch", lambda r: r.signed(kind=LeafKind.SENT)),
    "a leaf for something else": ("leaf_mismatch", lambda r: r.signed(subject=bytes(32))),
    "bytes that were changed": ("wrong_recipient", with_a_changed_byte),
    "an ML-KEM key that is none": (
        "invalid_value",
        lambda r: r.signed(**with_epochs(OPENER.public_key, b"\xff" * 1216)),
    ),
    "an X25519 key of small order": (
        "invalid_value",
        lambda r: r.signed(**with_epochs(NO_X25519_KEY)),
    ),
    "a serial that no database holds": ("invalid_value", lambda r: r.signed(serial=2**63)),
}


@pytest.mark.parametrize(("code", "offer"), OFFERS.values(), ids=OFFERS)
async def test_a_descriptor_that_does_not_hold_is_not_taken(reader: Reader, code, offer) -> None:
    offered = offer(reader)
    before = await snapshot(reader.node)
    with pytest.raises(DeliveryError) as error:
        await reader.fetch(offered)
    assert (error.value.code, error.value.retryable) == (code, True)
    assert await snapshot(reader.node) == before
    assert await reader.node.descriptors.known(BE) is None


async def test_a_descriptor_of_nobody_is_not_asked_for(reader: Reader) -> None:
    with pytest.raises(DeliveryError) as error:
        await reader.node.descriptors.refresh(NodeId("it.example"))
    assert error.value.code == "unknown_peer"


async def test_only_a_newer_descriptor_replaces_the_known_one(reader: Reader) -> None:
    first = await reader.fetch(reader.signed())
    assert first == KnownDescriptor(100, reader.honest())
    before = await snapshot(reader.node)
    for serial in (1, 99, 100):
        offered = reader.signed(serial=serial, transport_key=bytes([1]) * 32)
        assert await reader.fetch(offered) == first
    assert await snapshot(reader.node) == before
    newer = await reader.fetch(reader.signed(serial=101))
    assert newer.serial == 101
    assert await reader.node.descriptors.known(BE) == newer


async def test_a_known_descriptor_outlives_the_process(reader: Reader) -> None:
    known = await reader.fetch(reader.signed())
    await reader.network.close(GR)
    node = await reader.network.open(GR)
    assert await node.descriptors.known(BE) == known


@pytest.mark.parametrize(
    ("at_ms", "number"),
    [
        (NOW_MS - 2 - SKEW, None),
        (NOW_MS - 1 - SKEW, 1),
        (NOW_MS - 1, 1),
        (NOW_MS + WEEK - 1, 1),
        (NOW_MS + WEEK, 2),
        (NOW_MS + 2 * WEEK - 1 + SKEW, 2),
        (NOW_MS + 2 * WEEK + SKEW, None),
    ],
)
def test_the_epoch_of_the_moment_is_sealed_to(at_ms: int, number: int | None) -> None:
    second = Epoch(2, OPENER.public_key, NOW_MS + WEEK, NOW_MS + 2 * WEEK)
    descriptor = Descriptor(
        federation_id=bytes(32),
        node_id=BE,
        serial=1,
        created_at_ms=NOW_MS,
        expires_at_ms=NOW_MS + limits.DESCRIPTOR_LIFETIME_MS,
        log_key=bytes(32),
        epochs=(EPOCH, second),
        transport_key=bytes(32),
    )
    epoch = KnownDescriptor(1, descriptor).epoch_at(at_ms)
    assert (None if epoch is None else epoch.number) == number
    over = replace(descriptor, expires_at_ms=at_ms - SKEW)
    assert KnownDescriptor(1, over).epoch_at(at_ms) is None


# --- one's own


async def own(core: Core) -> Descriptor:
    signed = await core.service.descriptor()
    assert signed is not None
    return parse_descriptor(parse_signed_descriptor(signed)[0])


async def test_ones_own_is_logged_proven_and_taken_by_a_peer(network: Network) -> None:
    node, peer = await network.open(BE), await network.open(GR)
    published = await own(node)
    assert (await peer.descriptors.refresh(BE)).descriptor == published
    subject = suite.digest("homeward/v1 descriptor", encode_descriptor(published))
    logged = [leaf for leaf in (await snapshot(node)).leaves if leaf.kind is LeafKind.DESCRIPTOR]
    assert [leaf.subject for leaf in logged] == [subject]


async def test_ones_own_is_not_made_again_without_need(network: Network) -> None:
    node = await network.open(BE)
    before = await snapshot(node)
    assert not await node.descriptors.publish()
    assert await snapshot(node) == before


async def test_a_new_epoch_makes_a_new_descriptor_with_three_of_them(network: Network) -> None:
    node = await network.open(BE)
    first = await own(node)
    network.clock.at_ms += WEEK
    await node.turn_epochs()
    second = await own(node)
    assert (first.serial, second.serial) == (NOW_MS, network.clock.at_ms)
    assert len(second.epochs) == 1 + limits.EPOCHS_AHEAD
    assert second.epochs[:-1] == first.epochs[1:]
    assert second.expires_at_ms == network.clock.at_ms + limits.DESCRIPTOR_LIFETIME_MS


def test_ones_own_is_made_anew_when_half_of_its_time_is_over() -> None:
    made = Descriptor(
        federation_id=bytes(32),
        node_id=BE,
        serial=9,
        created_at_ms=NOW_MS,
        expires_at_ms=NOW_MS + limits.DESCRIPTOR_LIFETIME_MS,
        log_key=bytes(32),
        epochs=(EPOCH,),
        transport_key=bytes(32),
    )
    half_ms = limits.DESCRIPTOR_LIFETIME_MS // 2
    for age_ms, is_needed in ((0, False), (half_ms, False), (half_ms + 1, True), (-1, True)):
        later = replace(made, serial=10, created_at_ms=NOW_MS + age_ms, expires_at_ms=2 * NOW_MS)
        assert _needs_renewal(made, later) is is_needed


async def test_before_it_has_joined_a_node_publishes_nothing(network: Network) -> None:
    node = await network.open(BE)
    trust = node.context.trust
    trust.directory = replace(trust.directory, members={})
    network.clock.at_ms += WEEK
    before = await snapshot(node)
    await node.turn_epochs()
    assert await snapshot(node) == before


async def test_a_message_waits_until_there_is_a_key_to_seal_it_to(network: Network) -> None:
    node = await network.open(BE)
    leg = await network.refer(BE, GR)
    before = await snapshot(node)
    assert len(before.tables["messages"]) == len(before.tables["outbox"]) == 1
    assert before.tables["envelopes"] == before.tables["settlements"] == []
    await network.open(GR)
    network.clock.at_ms += 60_000
    node.delivery.wake(GR)
    await network.reach(leg, State.DELIVERED, BE, GR)


async def test_a_peer_without_a_key_for_today_does_not_fail_the_step(reader: Reader) -> None:
    over = replace(EPOCH, starts_at_ms=NOW_MS - WEEK, ends_at_ms=NOW_MS - SKEW)
    await reader.fetch(reader.signed(epochs=(over,)))
    leg = await reader.network.refer(GR, BE)
    await until(lambda: reader.network.reports[GR])
    assert await reader.network.state(GR, leg) is State.QUEUED
    assert reader.network.reports[GR] == [("delivery_failed", BE, "no_epoch")]
