"""What a node said of itself by a wrong clock, and what it remembers of its peers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.forger import Forger
from tests.support.network import BE, DAY_MS, GR, Network
from tests.support.nodes import NOW_MS
from tests.support.wrong_clocks import HOUR_MS, YEAR_MS, Pair


@pytest.fixture
async def pair(network: Network) -> Pair:
    return await Pair(network).open()


async def test_a_descriptor_that_is_dated_ahead_is_made_anew(pair: Pair) -> None:
    core = pair.network.cores[GR]
    # Within the same week: the epochs are as they were.
    pair.network.clocks[GR].at_ms += HOUR_MS
    await core.context.store.write(lambda db: db.execute("DELETE FROM descriptors"))
    core.descriptors._known.clear()
    assert await core.descriptors.publish()
    pair.network.clocks[GR].at_ms -= HOUR_MS
    first = await core.descriptors.known(GR)
    assert await core.descriptors.publish()
    second = await core.descriptors.known(GR)
    assert first is not None
    assert second is not None
    assert second.serial == first.serial + 1
    assert second.descriptor.created_at_ms == NOW_MS
    assert second.descriptor.epochs == first.descriptor.epochs
    assert not await core.descriptors.publish()


async def test_a_descriptor_that_is_older_than_its_key_is_made_anew(pair: Pair) -> None:
    """Peers know no key of that time, and would take none of it for weeks."""
    core, clock = pair.network.cores[GR], pair.network.clocks[GR]
    # Before the key, which is a day old, and within the same week: the epochs are as they were.
    behind_ms = DAY_MS + HOUR_MS
    clock.at_ms -= behind_ms
    assert not core.context.trust.directory.usable_keys(GR, clock.at_ms)
    await core.context.store.write(lambda db: db.execute("DELETE FROM descriptors"))
    core.descriptors._known.clear()
    assert await core.descriptors.publish()
    first = await core.descriptors.known(GR)
    # As long as the clock is behind, another would be no better.
    assert not await core.descriptors.publish()
    clock.at_ms += behind_ms
    assert await core.descriptors.publish()
    second = await core.descriptors.known(GR)
    assert first is not None
    assert second is not None
    assert second.descriptor.epochs == first.descriptor.epochs
    assert not await core.descriptors.publish()
    leg = await pair.refer()
    await pair.assert_arrives(leg)


async def test_a_peer_is_asked_again_after_the_clock_was_set_back(pair: Pair) -> None:
    """With a new transport key it would else be refused until the clock is as late again."""
    network = pair.network
    core = network.cores[GR]
    member = Forger(network.federation.identities[BE], core)
    await core.service.requests(member.request())
    await pair.set_wrong(GR, YEAR_MS)
    asked: list[str] = []
    get = network.link.get

    async def counted(endpoint: str, path: str, *, limit: int) -> bytes | None:
        asked.append(path)
        return await get(endpoint, path, limit=limit)

    network.link.get = counted
    forged = {"transport_key": bytes(range(32))}
    await core.service.requests(member.request(**forged))
    assert asked.count("/hw1/descriptor") == 1
    await pair.set_wrong(GR, -YEAR_MS)
    asked.clear()
    await core.service.requests(member.request(**forged))
    assert asked.count("/hw1/descriptor") == 1


CHANGES: dict[str, Callable] = {
    "the transport key": lambda context: replace(context, transport_seed=bytes([7]) * 32),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_changed_key_makes_a_new_descriptor(pair: Pair, change: Callable) -> None:
    core = pair.network.cores[GR]
    assert not await core.descriptors.publish()
    core.descriptors._context = change(core.context)
    assert await core.descriptors.publish()
    assert not await core.descriptors.publish()
