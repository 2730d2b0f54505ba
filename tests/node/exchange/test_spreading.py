"""How a directory spreads: heard of from whoever proves itself, and no spinning."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from node.exchange.spreading import (
    LONGEST_DOUBT_SECONDS,
    TURN_SECONDS,
    _doubt_seconds,
)
from protocol import limits
from protocol.errors import RefusalCode
from protocol.values import Pong, Receipt, Refusal
from protocol.wire import parse_response
from tests.simulation.virtual_time import run_in_virtual_time
from tests.support.forger import UNPROVEN, Forger, deliver
from tests.support.hearing import Hearing
from tests.support.network import BE, FR, GR, Network, settled
from tests.support.nodes import Federation, endpoint_of
from tests.support.snapshots import snapshot

ROUND = ["2.root.json", "timestamp.json"]
"""What is asked of a peer that turns out to have the same."""


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
