"""Which keys count, and how far a directory that nobody renews may be relied on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keys.directory import Freshness
from node.errors import DeliveryError
from node.exchange.standing import DAY_MS as WATCH_DAY_MS
from node.exchange.trust import MetKeys
from node.store import met_keys
from protocol import limits
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.log import LeafKind, parse_leaf
from protocol.values import Receipt, Refusal
from tests.support.forger import Forger, deliver
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import NOW_MS
from tests.support.secretariat import Secretariat
from tests.support.snapshots import snapshot

# The timestamp is good for a week.
EXPIRY_MS = NOW_MS + 7 * DAY_MS
STALE_MS = EXPIRY_MS + limits.DIRECTORY_GRACE_MS


@pytest.fixture
async def waiting(network: Network) -> Network:
    """Nodes that go by the time of grace that the protocol gives."""
    network.grace_ms = limits.DIRECTORY_GRACE_MS
    for name in (BE, GR):
        await network.open(name)
    return network


async def go_to(network: Network, at_ms: int) -> None:
    """Let time go by, and the nodes do what they do every hour."""
    network.clock.at_ms = at_ms
    for core in network.cores.values():
        await core.turn_epochs()


def forger(network: Network, sender: str, recipient: str = GR) -> Forger:
    return Forger(network.federation.identities[sender], network.cores[recipient])


# --- beyond the time of grace


@pytest.mark.parametrize("at_ms", [EXPIRY_MS - 1, EXPIRY_MS, STALE_MS - 1])
async def test_up_to_the_time_of_grace_everybody_counts(waiting: Network, at_ms: int) -> None:
    await go_to(waiting, at_ms)
    (reply,) = await deliver(waiting.cores[GR], forger(waiting, BE).envelope())
    assert isinstance(reply, Receipt)


async def test_then_a_key_that_was_never_met_counts_no_more(waiting: Network) -> None:
    await go_to(waiting, STALE_MS)
    node = waiting.cores[GR]
    before = await snapshot(node)
    (reply,) = await deliver(node, forger(waiting, BE).envelope())
    assert isinstance(reply, Refusal)
    assert reply.code == RefusalCode.UNKNOWN_LOG_KEY
    assert reply.proof is not None
    leaf = parse_leaf(reply.proof.leaf)
    assert (leaf.kind, leaf.code) == (LeafKind.REFUSED, RefusalCode.UNKNOWN_LOG_KEY)
    with pytest.raises(DeliveryError) as error:
        await node.descriptors.refresh(BE)
    assert error.value.code == "unknown_log_key"
    assert (await snapshot(node)).tables == before.tables


async def test_what_is_known_goes_on_for_years(waiting: Network) -> None:
    await waiting.cores[BE].descriptors.refresh(GR)
    leg = await waiting.refer(BE, GR)
    await waiting.reach(leg, State.DELIVERED, BE, GR)
    await go_to(waiting, STALE_MS + 700 * DAY_MS)
    assert waiting.cores[GR].context.trust.freshness(waiting.clock.at_ms) is Freshness.STALE
    urgent = await waiting.refer(BE, GR, urgency=1, expires_at_ms=waiting.clock.at_ms + DAY_MS)
    await waiting.reach(urgent, State.DELIVERED, BE, GR)


async def test_whom_an_envelope_made_known_stays_known_after_a_restart(waiting: Network) -> None:
    node = waiting.cores[GR]
    (reply,) = await deliver(node, forger(waiting, BE).envelope())
    assert isinstance(reply, Receipt)
    await node.sweep()
    await waiting.close(GR)
    waiting.clock.at_ms = STALE_MS
    node = await waiting.open(GR)
    (reply,) = await deliver(node, forger(waiting, BE).envelope())
    assert isinstance(reply, Receipt)
    (reply,) = await deliver(node, forger(waiting, FR).envelope())
    assert reply.code == RefusalCode.UNKNOWN_LOG_KEY


async def test_whose_descriptor_is_here_is_known(waiting: Network) -> None:
    node = waiting.cores[GR]
    await node.descriptors.refresh(BE)
    # Before anything was swept: the descriptor itself is the memory.
    await waiting.close(GR)
    waiting.clock.at_ms = STALE_MS
    node = await waiting.open(GR)
    (reply,) = await deliver(node, forger(waiting, BE).envelope())
    assert isinstance(reply, Receipt)


async def test_who_answers_a_message_is_known_by_that_key(waiting: Network) -> None:
    await waiting.cores[BE].descriptors.refresh(GR)
    leg = await waiting.refer(BE, GR)
    await waiting.reach(leg, State.DELIVERED, BE, GR)
    trust = waiting.cores[BE].context.trust
    (key,) = trust.directory.keys_of(GR)
    assert key.key_id in trust.met
    other = replace(key, ed25519=bytes(32))
    assert other.key_id not in trust.met


async def test_what_was_only_claimed_makes_nobody_known(waiting: Network) -> None:
    node = waiting.cores[GR]
    envelope = forger(waiting, BE).envelope()
    spoiled = replace(envelope, proof=replace(envelope.proof, index=7))
    await deliver(node, spoiled)
    (key,) = node.context.trust.directory.keys_of(BE)
    assert key.key_id not in node.context.trust.met


async def test_a_fresh_directory_lets_everybody_count_again(waiting: Network) -> None:
    await go_to(waiting, STALE_MS)
    node = waiting.cores[GR]
    secretariat = Secretariat.of(waiting.federation)
    secretariat.now_ms = STALE_MS
    secretariat.publish()
    (reply,) = await deliver(node, forger(waiting, BE).envelope())
    assert isinstance(reply, Refusal)
    await secretariat.mail_to(node)
    (reply,) = await deliver(node, forger(waiting, BE).envelope())
    assert isinstance(reply, Receipt)


async def test_a_node_may_wait_shorter_than_the_protocol(network: Network) -> None:
    network.grace_ms = 0
    await network.open(GR)
    network.clock.at_ms = EXPIRY_MS
    (reply,) = await deliver(network.cores[GR], forger(network, BE).envelope())
    assert reply.code == RefusalCode.UNKNOWN_LOG_KEY


# --- keys that were met


async def test_met_keys_are_stored_once_with_their_first_time(network: Network) -> None:
    store = (await network.open(BE)).store
    met = MetKeys()
    met.meet(b"a" * 32)
    await met.keep(store, NOW_MS)
    met.meet(b"a" * 32)
    met.meet(b"b" * 32)
    await met.keep(store, NOW_MS + 1)
    again = MetKeys()
    assert b"a" * 32 not in again
    await again.load(store)
    assert b"a" * 32 in again
    assert b"b" * 32 in again
    again.meet(b"a" * 32)
    await again.keep(store, NOW_MS + 2)
    rows = await store.read(lambda db: sorted(db.execute("SELECT * FROM met_keys")))
    assert rows == [(b"a" * 32, NOW_MS), (b"b" * 32, NOW_MS + 1)]
    assert await store.read(met_keys.ids) == {b"a" * 32, b"b" * 32}


# --- warnings


async def test_an_expired_directory_is_reported_once_a_day_and_not_for_each_message(
    waiting: Network,
) -> None:
    node = waiting.cores[GR]

    def told() -> list[str]:
        return [code for event, _, code in waiting.reports[GR] if event == "directory_expired"]

    waiting.clock.at_ms = EXPIRY_MS - 1
    await node.sweep()
    assert told() == []
    waiting.clock.at_ms = EXPIRY_MS
    for _ in range(5):
        await node.sweep()
        await deliver(node, forger(waiting, BE).envelope())
    assert told() == ["overdue"]
    waiting.clock.at_ms = EXPIRY_MS + WATCH_DAY_MS - 1
    await node.sweep()
    assert told() == ["overdue"]
    waiting.clock.at_ms += 1
    await node.sweep()
    assert told() == ["overdue"] * 2
    waiting.clock.at_ms = STALE_MS
    await node.sweep()
    await node.sweep()
    assert told() == ["overdue", "overdue", "stale"]
    await waiting.close(GR)
    await waiting.open(GR)
    assert told() == ["overdue", "overdue", "stale", "stale"]


async def test_what_is_over_and_comes_again_is_reported_again(waiting: Network) -> None:
    node = waiting.cores[GR]
    secretariat = Secretariat.of(waiting.federation)
    for publish in (secretariat.suspend, secretariat.reinstate, secretariat.suspend):
        publish(GR)
        secretariat.now_ms += 1
        await secretariat.mail_to(node)
        await settled()
    events = [code for event, _, code in waiting.reports[GR] if event == "this_node_is_not_active"]
    assert events == ["suspended", "suspended"]
