"""Who tells whom of a new directory: all who are behind, few at a time, nobody twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from node.exchange.spreading import (
    PEERS_AT_ONCE,
    TELL_SECONDS,
)
from protocol.wire import parse_request, parse_signed_request
from tests.simulation.virtual_time import run_in_virtual_time
from tests.support.hearing import Hearing
from tests.support.network import BE, FR, GR, Network, settled
from tests.support.nodes import Federation, endpoint_of
from tests.support.secretariat import Secretariat


@pytest.fixture
async def three(network: Network) -> Network:
    for name in (BE, GR, FR):
        await network.open(name)
    return network


def versions(network: Network) -> list[int]:
    return [core.context.trust.directory.version for core in network.cores.values()]


async def test_what_one_node_takes_all_have_soon(three: Network) -> None:
    secretariat = Secretariat.of(three.federation)
    secretariat.suspend(FR)
    await secretariat.mail_to(three.cores[BE])
    await settled()
    # The suspended one is not told, but nobody keeps it from asking.
    assert versions(three) == [3, 3, 2]
    await three.cores[FR].refresh_directory()
    assert versions(three) == [3, 3, 3]


async def test_who_answers_with_a_higher_version_is_asked_for_it(three: Network) -> None:
    secretariat = Secretariat.of(three.federation)
    older, newer = dict(secretariat.publish()), dict(secretariat.publish())
    # Greece has it, and could tell nobody.
    three.cores[GR].spreading._is_running = False
    await secretariat.mail_to(three.cores[GR])
    three.cores[GR].spreading.start()
    key_id = three.cores[BE].context.logbook.signer.key_id
    await three.cores[BE].directory_refresh.join(secretariat.root, older, key_id)
    await settled()
    assert versions(three) == [4, 4, 4]
    assert newer == secretariat.files


async def test_a_suspended_node_tells_nobody_and_is_told_by_nobody(three: Network) -> None:
    secretariat = Secretariat.of(three.federation)
    secretariat.suspend(FR)
    await secretariat.mail_to(three.cores[FR])
    await settled()
    assert versions(three) == [2, 2, 3]
    await secretariat.mail_to(three.cores[BE])
    await settled()
    assert endpoint_of(FR) not in {endpoint for endpoint, _, _ in three.link.posts}
    assert versions(three) == [3, 3, 3]


async def test_who_is_known_to_have_it_is_not_told(three: Network) -> None:
    secretariat = Secretariat.of(three.federation)
    secretariat.publish()
    await secretariat.mail_to(three.cores[BE])
    await settled()
    assert versions(three) == [3, 3, 3]
    # Belgium told both; each of them has heard of it from Belgium, and perhaps the other.
    told = [endpoint for endpoint, path, _ in three.link.posts if path == "/hw1/requests"]
    assert told.count(endpoint_of(BE)) == 0
    assert 2 <= len(told) <= 4


async def test_a_node_that_does_not_run_tells_when_it_does(network: Network) -> None:
    secretariat = Secretariat.of(network.federation)
    secretariat.publish()
    node, peer = await network.open(BE), await network.open(GR)
    # As `federation join` does it for a node that does not run.
    node.spreading._is_running = False
    await secretariat.mail_to(node)
    await settled()
    assert peer.context.trust.directory.version == 2
    node.spreading.start()
    await node.refresh_directory()
    await settled()
    assert peer.context.trust.directory.version == 3


async def test_after_the_end_nothing_goes_on(hearing: Hearing) -> None:
    hearing.secretariat.suspend(FR)
    hearing.offer_newest()
    await hearing.node.spreading.stop()
    await hearing.envelope(3)
    hearing.node.spreading.tell()
    await settled()
    assert (hearing.version, hearing.fetched, hearing.network.link.posts) == (2, [], [])


def test_a_peer_that_hangs_costs_its_time_and_nobody_elses(
    federation: Federation, tmp_path: Path
) -> None:
    async def play() -> None:
        network = Network.copied(federation, tmp_path / "homes")
        loop = asyncio.get_running_loop()
        for name in (BE, GR, FR):
            await network.open(name)
        network.link.hanging.add(endpoint_of(FR))
        secretariat = Secretariat.of(network.federation)
        secretariat.publish()
        await secretariat.mail_to(network.cores[BE])
        await settled()
        assert (versions(network)[:2], loop.time()) == ([3, 3], 0.0)
        assert network.cores[BE].spreading._tasks
        await asyncio.sleep(TELL_SECONDS + 0.1)
        assert not network.cores[BE].spreading._tasks
        # Once is enough: the peer will ask.
        count = len(network.link.posts)
        await asyncio.sleep(3600)
        assert len(network.link.posts) == count
        await network.close()

    run_in_virtual_time(play())


async def test_not_all_are_told_at_the_same_time(hearing: Hearing) -> None:
    trust, most, now = hearing.node.context.trust, 0, 0
    template = trust.directory.members[FR]
    names = [f"x{letter}.example" for letter in "abcdefghijklmnopqrst"]
    crowd = {name: replace(template, node_id=name) for name in names}
    trust.directory = replace(trust.directory, members={**trust.directory.members, **crowd})

    async def post(endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return b""

    hearing.network.link.post = post
    hearing.node.spreading.tell()
    await settled()
    assert (most, now) == (PEERS_AT_ONCE, 0)


async def test_of_what_is_not_in_force_any_more_nobody_is_told(hearing: Hearing) -> None:
    told: list[int] = []

    async def post(endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        told.append(parse_request(parse_signed_request(body)[0]).directory_version)
        return b""

    hearing.network.link.post = post
    hearing.secretariat.publish()
    await hearing.secretariat.mail_to(hearing.node)
    hearing.secretariat.publish()
    await hearing.secretariat.mail_to(hearing.node)
    await settled()
    assert set(told[-2:]) == {4}
    assert told.count(4) == 2
