"""A node changes its long-lived keys: planned and after a theft, cut off anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keys import signers_at_hand
from keys.change import Change, rekey
from keys.directory import load_directory
from keys.directory_files import DirectoryFolder
from keys.errors import KeyFileError
from keys.identity import Identity, load_identity
from keys.joining import JoinRequest, make_join_request, verify_join_request
from keys.members import LogKeyRecord
from node import rotation
from node.errors import HomeError, StoreError
from node.store import ended_logs
from node.store.db import opened
from protocol.bundle import parse_bundle
from protocol.evidence import verify
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.report import Claim, Verdict
from tests.support.network import BE, DAY_MS, GR, Network
from tests.support.nodes import PASSPHRASE, seeded

NAMES = (BE, GR)


def key_of(identity: Identity, now_ms: int) -> LogKeyRecord:
    signer = identity.log_signer()
    return LogKeyRecord(
        origin=identity.origin,
        ed25519=signer.ed25519_public,
        mldsa44=signer.mldsa44_public,
        valid_from_ms=now_ms,
    )


class Scene:
    """Two nodes of which Belgium changes its keys."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.home = network.federation.home(BE)
        self.old = network.federation.identities[BE]

    @property
    def now_ms(self) -> int:
        return self.network.clock.at_ms

    def prepare(self, *, is_stolen: bool) -> Identity:
        identity = load_identity(self.home.identity, PASSPHRASE)
        return rotation.prepare(
            self.home,
            identity,
            PASSPHRASE,
            is_stolen=is_stolen,
            random=seeded(f"rotation {self.network.lives}"),
            now_ms=self.now_ms,
        )

    def request(self, following: Identity, *, is_stolen: bool) -> JoinRequest:
        record = rotation.own_record(self.home, following)
        record = replace(record, log_keys=(key_of(following, self.now_ms),))
        previous = None if is_stolen else self.old.log_signer()
        signer = following.log_signer()
        data = make_join_request(record, signer, now_ms=self.now_ms, previous=previous)
        return verify_join_request(data)

    def admit(self, following: Identity, *, since_ms: int | None = None) -> None:
        """Publish the new key, and bring the directory to every node."""
        federation = self.network.federation
        request = self.request(following, is_stolen=since_ms is not None)
        change = rekey(
            Change(federation.files), request, compromised_since_ms=since_ms, now_ms=self.now_ms
        )
        files = signers_at_hand.sign_and_publish(change, federation.keys, now_ms=self.now_ms)
        federation.files = files
        for name in NAMES:
            DirectoryFolder(federation.home(name).directory).store(files)
        directory = load_directory(files, federation.root, now_ms=self.now_ms)
        for core in self.network.cores.values():
            core.context.trust.directory = directory

    def finish(self) -> Identity:
        """Do what every opening of the home does."""
        identity = load_identity(self.home.identity, PASSPHRASE)
        identity = rotation.finish(self.home, identity, PASSPHRASE, now_ms=self.now_ms)
        self.network.federation.identities[BE] = identity
        return identity

    async def verdicts(self, reader: NodeId, leg_id: bytes) -> dict[Claim, Verdict]:
        """Return what the bundle of a leg's first message proves today."""
        core = self.network.cores[reader]
        message = (await core.legs.view(leg_id)).messages[0]
        bundle = parse_bundle(await core.evidence.collect(message.message_id, with_opening=True))
        report = verify(bundle, core.context.trust.directory, at_ms=self.now_ms)
        return {finding.claim: finding.verdict for finding in report.findings}


@pytest.fixture
async def rotating(line: Network) -> Scene:
    return Scene(line)


async def test_a_planned_change_loses_nothing_that_waits(rotating: Scene) -> None:
    network = rotating.network
    before = await network.refer(BE, GR)
    await network.reach(before, State.DELIVERED, BE, GR)
    network.unplug(GR)
    waiting = await network.refer(BE, GR)
    await network.close(BE)

    following = rotating.prepare(is_stolen=False)
    assert rotating.finish() == rotating.old, "nobody has admitted the new key"
    assert rotating.prepare(is_stolen=False) == following, "a second request is about the same key"
    await network.open(BE)
    await network.close(BE)

    rotating.admit(following)
    assert rotating.finish() == following
    assert rotating.finish() == following
    assert not rotating.home.next_identity.exists()
    network.plug(GR)
    await network.open(BE)
    network.clock.at_ms += 60_000
    network.cores[BE].delivery.wake(GR)
    await network.reach(waiting, State.DELIVERED, BE, GR)
    after = await network.refer(GR, BE)
    await network.reach(after, State.DELIVERED, GR, BE)

    for leg in (before, waiting):
        for reader in NAMES:
            verdicts = await rotating.verdicts(reader, leg)
            assert verdicts[Claim.SENT] is verdicts[Claim.RECEIVED] is Verdict.PROVEN


async def test_after_a_theft_only_what_was_seen_before_it_is_proven(rotating: Scene) -> None:
    network = rotating.network
    before = await network.refer(BE, GR)
    await network.reach(before, State.DELIVERED, BE, GR)
    answered = await network.refer(GR, BE)
    await network.reach(answered, State.DELIVERED, GR, BE)
    network.clock.at_ms += DAY_MS
    stolen_at_ms = rotating.now_ms
    network.clock.at_ms += DAY_MS
    late = await network.refer(BE, GR)
    await network.reach(late, State.DELIVERED, BE, GR)
    await network.close(BE)

    following = rotating.prepare(is_stolen=True)
    assert rotating.finish() == following
    rotating.admit(following, since_ms=stolen_at_ms)
    await network.open(BE)
    fresh = await network.refer(BE, GR)
    network.clock.at_ms += 60_000
    network.cores[BE].delivery.wake(GR)
    await network.reach(fresh, State.DELIVERED, BE, GR)

    for reader in NAMES:
        verdicts = await rotating.verdicts(reader, before)
        assert verdicts[Claim.SENT] is verdicts[Claim.RECEIVED] is Verdict.PROVEN
        assert (await rotating.verdicts(reader, fresh))[Claim.SENT] is Verdict.PROVEN
        assert (await rotating.verdicts(reader, late))[Claim.SENT] is Verdict.NOT_PROVEN
    # Belgium's receipt is dated by Greece, which has logged when it saw it.
    assert (await rotating.verdicts(GR, answered))[Claim.RECEIVED] is Verdict.PROVEN


async def test_after_a_theft_nothing_of_the_old_secrets_is_left(rotating: Scene) -> None:
    network, old = rotating.network, rotating.old
    leg = await network.refer(BE, GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
    await network.close(BE)
    epochs = [path.read_bytes()[-48:] for path in rotating.home.epochs.iterdir()]
    vault = rotating.home.identity.read_bytes()
    assert epochs

    following = rotating.prepare(is_stolen=True)
    assert following.origin == "be.example/log/2"
    with (
        pytest.raises(StoreError, match="does not open"),
        opened(rotating.home.database, old.database_key),
    ):
        pass
    with opened(rotating.home.database, following.database_key) as database:
        assert ended_logs.checkpoint(database, 1) is not None
    held = b"".join(path.read_bytes() for path in rotating.home.folder.rglob("*") if path.is_file())
    assert not any(secret in held for secret in (*epochs, vault[-64:]))


@pytest.mark.parametrize("is_stolen", [False, True])
@pytest.mark.parametrize(
    "step", ["sign_checkpoint", "change_key", "supersede_file", "destroy_file"]
)
async def test_a_change_that_is_cut_off_goes_on_at_the_next_opening(
    rotating: Scene, step: str, is_stolen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = rotating.network
    waiting = await network.refer(BE, GR)
    await network.reach(waiting, State.DELIVERED, BE, GR)
    await network.close(BE)

    def cut_off(*_arguments: object) -> None:
        raise KeyFileError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(rotation, step, cut_off)
        if is_stolen:
            with pytest.raises(KeyFileError):
                rotating.prepare(is_stolen=True)
        else:
            rotating.admit(rotating.prepare(is_stolen=False))
            if step != "change_key":
                with pytest.raises(KeyFileError):
                    rotating.finish()
    identity = rotating.finish()
    assert identity.origin_number == 2
    assert rotating.finish() == identity
    assert not rotating.home.next_identity.exists()
    if is_stolen:
        rotating.admit(identity, since_ms=rotating.now_ms)
    await network.open(BE)
    leg = await network.refer(BE, GR)
    network.clock.at_ms += 60_000
    network.cores[BE].delivery.wake(GR)
    await network.reach(leg, State.DELIVERED, BE, GR)


async def test_a_node_that_has_not_joined_has_no_record_to_change(tmp_path: Path) -> None:
    from node.home import Home

    home = Home(tmp_path / "alone")
    home.make()
    identity = Identity(
        node_id=NodeId("fr.example"), origin_number=1,
        **{
            name: bytes(32)
            for name in (
                "ed25519_seed", "mldsa44_seed", "transport_seed", "database_key",
                "epoch_wrapping_key",
            )
        },
    )  # fmt: skip
    with pytest.raises(HomeError, match="no federation"):
        rotation.own_record(home, identity)
