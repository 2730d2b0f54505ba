"""A node that comes back after sixty days: by itself, or it says what is in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from keys.change import Change, reinstate, suspend
from keys.directory import Freshness
from keys.signers_at_hand import sign_and_publish
from node.cli.condition import warnings
from node.cli.doctor import OK, Patient, _clock, _condition, _directory
from node.cli.nodes import _status
from node.cli.standing import expiry_warnings, standing_warnings
from node.commands import run_command
from node.config import Settings
from protocol import limits
from protocol.exchange.leg import State
from protocol.ids import LegId
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import NOW_MS, SettableClock, make_federation
from tests.support.snapshots import snapshot

AWAY_MS = 60 * DAY_MS
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


class Absence:
    """Belgium was off for sixty days; Greece and France went on."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.federation = network.federation
        network.clocks[BE] = SettableClock()

    # --- before and meanwhile

    async def begin(self) -> LegId:
        """Let all three know each other, and Belgium leave with something unsent."""
        for name in (BE, GR, FR):
            await self.open(name)
        for one, other in ((BE, GR), (BE, FR), (GR, BE), (FR, BE)):
            leg = await self.network.refer(one, other)
            await self.network.reach(leg, State.DELIVERED, one, other)
        self.network.unplug(GR)
        unsent = await self.network.refer(BE, GR, expires_at_ms=NOW_MS + 29 * DAY_MS)
        await settled()
        await self.network.close(BE)
        self.network.plug(GR)
        return unsent

    async def open(self, name) -> None:
        core = await self.network.open(name)
        # Not the long one of other tests.
        core.context.trust.directory_grace_ms = limits.DIRECTORY_GRACE_MS

    async def go_on(self, *, is_renewed: bool = True) -> None:
        """Let the others live through those days, with a secretariat that does its work."""
        for _ in range(4):
            self.network.clock.at_ms += AWAY_MS // 4
            if is_renewed:
                await self.publish()
            for name in self.network.cores:
                await self.work(name)

    async def publish(self, change: Change | None = None, *, to=(GR, FR)) -> None:
        """Publish (a change to) the directory, and hand it to some nodes."""
        federation = self.federation
        federation.files = sign_and_publish(
            change or Change(federation.files), federation.keys, now_ms=self.network.clock.at_ms
        )
        for name in to:
            core = self.network.cores[name]
            key_id = core.context.logbook.signer.key_id
            await core.directory_refresh.join(federation.root, federation.files, key_id)

    async def work(self, name) -> None:
        """Do what is scheduled."""
        core = self.network.cores[name]
        await core.refresh_directory()
        await core.turn_epochs()
        await core.sweep()
        await settled()

    # --- the return

    async def come_back(self, *, wrong_ms: int = 0) -> None:
        self.network.clocks[BE].at_ms = self.network.clock.at_ms + wrong_ms
        await self.open(BE)
        # As a running node does at once.
        await self.network.cores[BE].refresh_directory()
        await settled()

    async def pass_time(self, minutes: int) -> None:
        for _ in range(minutes):
            self.network.clock.at_ms += MINUTE_MS
            self.network.clocks[BE].at_ms += MINUTE_MS
            for name in self.network.cores:
                await self.network.cores[name].sweep()
            await settled()

    async def refer(self, one, other) -> LegId:
        expires_at_ms = self.network.clock.at_ms + 20 * DAY_MS
        leg = await self.network.refer(one, other, expires_at_ms=expires_at_ms)
        await settled()
        return leg

    async def assert_exchanges(self) -> None:
        """Both ways, with both peers, nobody doing anything."""
        legs = [
            (await self.refer(one, other), one, other)
            for one, other in ((BE, GR), (BE, FR), (GR, BE), (FR, BE))
        ]
        await self.pass_time(16)
        for leg, one, other in legs:
            states = [await self.network.state(name, leg) for name in (one, other)]
            assert states == [State.DELIVERED, State.DELIVERED], (one, other)

    # --- what a person reads

    async def status(self) -> dict:
        answer = await run_command(self.network.cores[BE], "node.status", {})
        return {**answer, "is_running": True}

    async def told(self) -> list[str]:
        """The sentences of `node status` and of the doctor."""
        answer = await self.status()
        found = (*standing_warnings(answer), *expiry_warnings(answer), *warnings(answer))
        sentences = [sentence for sentence, _ in found]
        shown = list(_status(answer))
        assert [f"WARNING: {sentence}" for sentence in sentences] == [
            line for line in shown if line.startswith("WARNING")
        ]
        home = self.federation.home(BE)
        patient = Patient(home, Settings(node_id=BE), answer, answer["now_ms"])
        findings = [*_directory(patient), *_condition(patient), *_clock(patient)]
        assert set(sentences) <= {f.sentence for f in findings if f.result != OK}
        if not sentences:
            assert {f.result for f in findings} == {OK}
        return sentences

    @property
    def directory(self):
        return self.network.cores[BE].context.trust.directory


@pytest.fixture
async def absence(tmp_path: Path) -> AsyncIterator[Absence]:
    # A federation of its own: these tests publish.
    network = Network(make_federation(tmp_path / "homes", (BE, GR, FR), has_suspend=True))
    yield Absence(network)
    await network.close()


async def test_it_comes_back_without_help(absence: Absence) -> None:
    unsent = await absence.begin()
    before = set((await snapshot(absence.network.cores[GR])).tables["descriptors"])
    await absence.go_on()
    home = absence.federation.home(BE)
    old = {path.name for path in home.epochs.glob("*.epoch")}
    version = absence.network.cores[GR].context.trust.directory.version
    for_it = await absence.refer(GR, BE)
    await absence.come_back()

    assert absence.directory.version == version
    assert absence.directory.freshness(absence.network.clock.at_ms) is Freshness.FRESH
    now = absence.network.clock.at_ms // limits.EPOCH_MS
    epochs = {path.name for path in home.epochs.glob("*.epoch")}
    assert epochs == {f"{now + ahead}.epoch" for ahead in range(3)}
    assert not epochs & old
    assert await absence.told() == []
    await absence.assert_exchanges()
    assert await absence.network.state(BE, for_it) is State.DELIVERED
    assert set((await snapshot(absence.network.cores[GR])).tables["descriptors"]) > before
    # What had been waiting had run out of its time, and a person is told so.
    assert await absence.network.state(BE, unsent) is State.UNDELIVERABLE
    assert await absence.network.state(GR, unsent) is None


async def test_what_it_makes_before_anybody_answers_goes_later(absence: Absence) -> None:
    await absence.begin()
    await absence.go_on()
    for name in (GR, FR):
        absence.network.unplug(name)
    await absence.come_back()
    legs = [await absence.refer(BE, GR), await absence.refer(BE, FR)]
    await absence.pass_time(60)
    answer = await absence.status()
    assert (answer["peers_silent"], answer["peers_active"]) == (2, 2)
    sentences = await absence.told()
    assert "no peer can be reached" in sentences
    assert any("and nobody has renewed it" in sentence for sentence in sentences)

    for name in (GR, FR):
        absence.network.plug(name)
    await absence.work(BE)
    await absence.pass_time(16)
    for leg, peer in zip(legs, (GR, FR), strict=True):
        assert await absence.network.state(BE, leg) is State.DELIVERED
        assert await absence.network.state(peer, leg) is State.DELIVERED
    assert await absence.told() == []


async def test_one_peer_that_is_down_is_not_taken_for_a_fault_at_this_end(
    absence: Absence,
) -> None:
    await absence.begin()
    await absence.go_on()
    absence.network.unplug(FR)
    await absence.come_back()
    await absence.refer(BE, FR)
    await absence.pass_time(5)
    assert await absence.told() == []


async def test_peers_that_have_only_an_expired_directory_are_still_exchanged_with(
    absence: Absence,
) -> None:
    await absence.begin()
    await absence.go_on(is_renewed=False)
    await absence.come_back()
    assert absence.directory.freshness(absence.network.clock.at_ms) is Freshness.STALE
    (sentence,) = await absence.told()
    assert sentence == (
        f"directory {absence.directory.version} expired 53 days ago, and nobody has renewed it; "
        "only members that this node has met before still count"
    )
    await absence.assert_exchanges()

    # The secretariat wakes up; one peer has it, and it spreads.
    await absence.publish(to=(FR,))
    await absence.work(BE)
    assert await absence.told() == []


async def test_a_node_that_was_suspended_meanwhile_says_so_and_waits(absence: Absence) -> None:
    await absence.begin()
    await absence.go_on()
    now_ms = absence.network.clock.at_ms
    await absence.publish(suspend(Change(absence.federation.files), BE, now_ms=now_ms))
    await absence.come_back()
    (sentence,) = await absence.told()
    assert sentence.startswith("the federation has suspended this node since ")
    later_ms = absence.network.clock.at_ms + HOUR_MS
    absence.network.clock.at_ms = absence.network.clocks[BE].at_ms = later_ms
    await absence.publish(reinstate(Change(absence.federation.files), BE, now_ms=later_ms))
    await absence.work(BE)
    assert await absence.told() == []
    await absence.assert_exchanges()


async def test_a_node_whose_log_key_has_ended_says_so(absence: Absence) -> None:
    await absence.begin()
    await absence.go_on()
    now_ms = absence.network.clock.at_ms
    member = absence.network.cores[GR].context.trust.directory.members[BE]
    ended = [replace(key, valid_until_ms=now_ms - 3 * DAY_MS) for key in member.log_keys]
    network = absence.network
    await absence.come_back()
    for reader in (BE, GR, FR):
        network.amend(reader, BE, log_keys=tuple(ended))
    leg = await absence.refer(BE, GR)
    await absence.pass_time(30)
    assert await network.state(BE, leg) is State.QUEUED
    (sentence,) = await absence.told()
    assert sentence.startswith("the log key of this node ended on ")
    assert sentence.endswith(": peers take nothing from it")


@pytest.mark.parametrize(
    ("wrong_ms", "words"),
    [
        (-AWAY_MS, "this computer's clock is probably 60 days behind"),
        (-25 * MINUTE_MS, "this computer's clock is probably 25 minutes behind"),
        (25 * MINUTE_MS, "this computer's clock is probably 25 minutes ahead"),
        (365 * DAY_MS, "this computer's clock is probably 365 days ahead"),
    ],
)
async def test_a_node_whose_clock_is_wrong_says_so_and_recovers(
    absence: Absence, wrong_ms: int, words: str
) -> None:
    await absence.begin()
    await absence.go_on()
    await absence.come_back(wrong_ms=wrong_ms)
    # As late as the wall calendar says: longer than any clock that is behind can know.
    expires_at_ms = absence.network.clocks[BE].at_ms + 29 * DAY_MS
    legs = [await absence.network.refer(BE, peer, expires_at_ms=expires_at_ms) for peer in (GR, FR)]
    await settled()
    await absence.pass_time(3)
    sentences = await absence.told()
    assert words in sentences
    for leg in legs:
        assert await absence.network.state(BE, leg) is State.QUEUED

    absence.network.clocks[BE].at_ms = absence.network.clock.at_ms
    await absence.work(BE)
    await absence.pass_time(16)
    assert await absence.told() == []
    await absence.assert_exchanges()


async def test_a_record_that_names_another_key_is_said_aloud(absence: Absence) -> None:
    await absence.begin()
    await absence.go_on()
    other = absence.federation.identities[FR].log_signer()
    network = absence.network
    member = network.cores[GR].context.trust.directory.members[BE]
    keys = [
        replace(key, ed25519=other.ed25519_public, mldsa44=other.mldsa44_public)
        for key in member.log_keys
    ]
    await absence.come_back()
    network.amend(BE, BE, log_keys=tuple(keys))
    assert await absence.told() == ["the directory names this node with another log key"]
