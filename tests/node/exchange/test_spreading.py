"""How a directory spreads: heard of from whoever proves itself, told to all, and no spinning."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from node.app import Core
from node.exchange.spreading import (
    LONGEST_DOUBT_SECONDS,
    PEERS_AT_ONCE,
    TELL_SECONDS,
    TURN_SECONDS,
    _doubt_seconds,
)
from protocol import limits
from protocol.errors import RefusalCode
from protocol.values import Pong, Receipt, Refusal
from protocol.wire import parse_request, parse_response, parse_signed_request
from tests.simulation.virtual_time import run_in_virtual_time
from tests.support.forger import UNPROVEN, Forger, deliver
from tests.support.network import BE, FR, GR, Network, settled
from tests.support.nodes import Federation, endpoint_of
from tests.support.secretariat import Secretariat
from tests.support.snapshots import snapshot

ROUND = ["2.root.json", "timestamp.json"]
"""What is asked of a peer that turns out to have the same."""


@dataclass
class Hearing:
    """Greece's node, at directory 2, and a member of which it hears things."""

    network: Network
    node: Core
    member: Forger
    secretariat: Secretariat

    @classmethod
    async def on(cls, network: Network) -> Hearing:
        node = await network.open(GR)
        member = Forger(network.federation.identities[BE], node)
        return cls(network, node, member, Secretariat.of(network.federation))

    @property
    def version(self) -> int:
        return self.node.context.trust.directory.version

    @property
    def fetched(self) -> list[str]:
        return self.network.link.fetched_from(BE)

    def offer_newest(self) -> None:
        """Let the member's node give the secretariat's newest files."""
        self.network.link.offers[endpoint_of(BE)] = dict(self.secretariat.files).get

    async def envelope(self, version: int, **header) -> None:
        """Hand in a proven envelope whose header names this version."""
        letter = self.member.letter(directory_version=version, **header)
        await deliver(self.node, self.member.envelope(letter))

    def pings_to(self, name: str) -> list[int]:
        """Return the versions that the node has told a peer."""
        wanted = (endpoint_of(name), "/hw1/requests")
        bodies = [body for *place, body in self.network.link.posts if tuple(place) == wanted]
        return [parse_request(parse_signed_request(b)[0]).directory_version for b in bodies]


@pytest.fixture
async def hearing(network: Network) -> Hearing:
    return await Hearing.on(network)


# --- hearing of a higher version


async def test_who_proves_a_higher_version_is_asked_for_it_at_once(hearing: Hearing) -> None:
    hearing.secretariat.suspend(FR)
    hearing.offer_newest()
    await hearing.envelope(3)
    await settled()
    assert hearing.version == 3
    assert not hearing.node.context.trust.directory.is_active(FR)
    assert {endpoint for endpoint, _ in hearing.network.link.gets} == {endpoint_of(BE)}


async def test_a_proven_envelope_counts_also_when_it_is_refused(hearing: Hearing) -> None:
    hearing.secretariat.suspend(FR)
    hearing.offer_newest()
    letter = hearing.member.letter(directory_version=3, recipient=FR)
    (reply,) = await deliver(hearing.node, hearing.member.envelope(letter))
    assert reply.code == RefusalCode.WRONG_RECIPIENT
    await settled()
    assert hearing.version == 3


async def test_a_request_tells_a_higher_version_as_well(hearing: Hearing) -> None:
    await hearing.network.open(BE)
    hearing.secretariat.suspend(FR)
    hearing.offer_newest()
    answer = await hearing.node.service.requests(hearing.member.request(directory_version=3))
    assert parse_response(answer) == Pong(2)
    await settled()
    assert hearing.version == 3


@pytest.mark.parametrize("version", [0, 1, 2])
async def test_of_a_version_that_is_known_nothing_is_fetched(
    hearing: Hearing, version: int
) -> None:
    await hearing.envelope(version)
    await settled()
    assert hearing.fetched == []


async def test_whoever_has_not_proven_itself_is_not_listened_to(hearing: Hearing) -> None:
    hearing.secretariat.suspend(FR)
    hearing.offer_newest()
    envelope = hearing.member.envelope(hearing.member.letter(directory_version=3))
    await deliver(hearing.node, replace(envelope, proof=UNPROVEN))
    forged = hearing.member.request(directory_version=3, signing_seed=bytes([7]) * 32)
    assert isinstance(parse_response(await hearing.node.service.requests(forged)), Refusal)
    hearing.network.amend(GR, BE, status=2)
    await hearing.envelope(3)
    await settled()
    assert (hearing.version, hearing.fetched) == (2, [])


async def test_of_two_that_name_it_at_once_one_is_asked(hearing: Hearing) -> None:
    hearing.secretariat.suspend(BE)
    hearing.offer_newest()
    hearing.network.link.offers[endpoint_of(FR)] = dict(hearing.secretariat.files).get
    other = Forger(hearing.network.federation.identities[FR], hearing.node)
    letter = other.letter(directory_version=3)
    await asyncio.gather(hearing.envelope(3), deliver(hearing.node, other.envelope(letter)))
    await settled()
    assert hearing.version == 3
    rows = (await snapshot(hearing.node)).tables["directories"]
    assert [row[2] for row in rows] == [2, 3]
    assert len({endpoint for endpoint, _ in hearing.network.link.gets}) == 1


def test_one_that_hangs_does_not_keep_the_other_from_being_asked(
    federation: Federation, tmp_path: Path
) -> None:
    async def play() -> None:
        hearing = await Hearing.on(Network.copied(federation, tmp_path / "homes"))
        hearing.secretariat.publish()
        hearing.network.link.offers[endpoint_of(FR)] = dict(hearing.secretariat.files).get
        hearing.network.link.hanging.add(endpoint_of(BE))
        await hearing.envelope(3)
        await settled()
        hearing.node.spreading.hear(FR, 3)
        await asyncio.sleep(TURN_SECONDS - 0.1)
        assert hearing.version == 2
        await asyncio.sleep(0.2)
        assert hearing.version == 3
        await hearing.network.close()

    run_in_virtual_time(play())


# --- lies


async def test_a_lie_is_looked_into_once(hearing: Hearing) -> None:
    await hearing.network.open(BE)
    for _ in range(20):
        await hearing.envelope(9)
        await settled(20)
    assert hearing.fetched == ROUND
    assert hearing.network.reports[GR] == [("directory_mention_failed", BE, "not_what_it_said")]
    assert hearing.version == 2


def test_ever_new_lies_are_looked_into_ever_more_seldom(
    federation: Federation, tmp_path: Path
) -> None:
    async def play() -> None:
        hearing = await Hearing.on(Network.copied(federation, tmp_path / "homes"))
        await hearing.network.open(BE)
        spreading, at = hearing.node.spreading, []
        loop = asyncio.get_running_loop()
        for number in range(6 * 3600):
            before = len(hearing.fetched)
            spreading.hear(BE, 10 + number)
            await asyncio.sleep(1)
            if len(hearing.fetched) > before:
                at.append(loop.time())
        assert len(hearing.fetched) == len(ROUND) * len(at)
        waited = [after - before for before, after in itertools.pairwise(at)]
        assert waited[:9] == [pytest.approx(2.0**n, abs=1.1) for n in range(9)]
        assert waited[-1] == pytest.approx(LONGEST_DOUBT_SECONDS, abs=1.1)
        # Who then says the truth is believed, after the wait.
        hearing.secretariat.suspend(FR)
        hearing.offer_newest()
        spreading.hear(BE, 3)
        await asyncio.sleep(LONGEST_DOUBT_SECONDS)
        assert hearing.version == 3
        await hearing.network.close()

    run_in_virtual_time(play())


def test_doubt_doubles_up_to_its_limit_and_ends_with_the_truth() -> None:
    assert [_doubt_seconds(n) for n in range(5)] == [0.0, 1.0, 2.0, 4.0, 8.0]
    assert _doubt_seconds(10**6) == LONGEST_DOUBT_SECONDS


@pytest.mark.parametrize("version", [limits.LAST_DIRECTORY_VERSION + 2, 2**63, 2**64 - 1])
async def test_a_version_that_cannot_be_is_named_and_not_looked_into(
    hearing: Hearing, version: int
) -> None:
    for number in range(3):
        letter = hearing.member.letter(directory_version=version - number % 2)
        (reply,) = await deliver(hearing.node, hearing.member.envelope(letter))
        # The message itself is as good as any.
        assert isinstance(reply, Receipt)
    await settled()
    assert hearing.fetched == []
    assert hearing.network.reports[GR] == [("directory_mention_refused", BE, "impossible_version")]


async def test_a_bad_directory_behind_a_mention_is_named_and_nothing_changes(
    hearing: Hearing,
) -> None:
    old = dict(hearing.secretariat.files)
    hearing.secretariat.publish()
    await hearing.secretariat.mail_to(hearing.node)
    hearing.network.link.offers[endpoint_of(BE)] = old.get
    directory = hearing.node.context.trust.directory
    await hearing.envelope(9)
    await settled()
    report = ("directory_mention_failed", BE, "directory_version")
    assert report in hearing.network.reports[GR]
    assert hearing.node.context.trust.directory is directory


async def test_a_fault_of_ours_is_reported_and_ends_nothing(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(peer: str) -> bool:
        raise LookupError

    monkeypatch.setattr(hearing.node.spreading, "_refresh_from", broken)
    await hearing.envelope(9)
    await settled()
    assert hearing.network.reports[GR] == [("spreading_fault", GR, "LookupError")]
    monkeypatch.undo()
    hearing.secretariat.suspend(FR)
    hearing.offer_newest()
    await hearing.envelope(3)
    await settled()
    assert hearing.version == 3


# --- hearing of a lower version


async def test_who_is_behind_in_an_envelope_is_told_once(hearing: Hearing) -> None:
    hearing.secretariat.publish()
    await hearing.secretariat.mail_to(hearing.node)
    await settled()
    hearing.network.link.posts.clear()
    for _ in range(3):
        await hearing.envelope(2)
        await settled()
    assert hearing.pings_to(BE) == [3]
    hearing.secretariat.publish()
    await hearing.secretariat.mail_to(hearing.node)
    await settled()
    hearing.network.link.posts.clear()
    await hearing.envelope(2)
    await settled()
    assert hearing.pings_to(BE) == [4]


async def test_who_is_behind_in_a_ping_learns_it_from_the_answer(hearing: Hearing) -> None:
    await hearing.network.open(BE)
    hearing.secretariat.publish()
    await hearing.secretariat.mail_to(hearing.node)
    await settled()
    hearing.network.link.posts.clear()
    answer = await hearing.node.service.requests(hearing.member.request(directory_version=2))
    assert parse_response(answer) == Pong(3)
    await settled()
    assert hearing.pings_to(BE) == []


# --- telling


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
