"""Two nodes and what passes between them: whole legs, repetitions, and bytes gone wrong."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.members import MemberStatus
from node.app import Core
from node.errors import NodeError
from node.store import envelopes, messages, outbox
from protocol import limits
from protocol.encoding import encode_envelope_batch
from protocol.envelope import id_of, verify_leaf
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.leg import ENDS, State
from protocol.ids import LegId, NodeId
from protocol.log import LeafKind, parse_leaf
from protocol.pb.homeward.v1.message_pb2 import (
    Confirm,
    ConfirmCancel,
    Decline,
    EraseRequest,
    Redirect,
)
from protocol.values import Envelope, Receipt, Refusal
from protocol.wire import parse_envelope_batch, parse_log_proof, parse_reply_batch
from tests.support.contents import accept, answer, ask, claim, dispute, note, outcome, withdraw
from tests.support.forger import deliver
from tests.support.network import BE, DAY_MS, FR, GR, SECRET, Network, referral, settled
from tests.support.nodes import NOW_MS, Federation, until
from tests.support.scene import Scene
from tests.support.snapshots import Snapshot, assert_only_the_log_grew, snapshot

# --- whole legs, from one node to the other

CONVERSATIONS = {
    "solved": (
        [
            (GR, claim()),
            (GR, accept()),
            (GR, ask()),
            (BE, answer(3)),
            (BE, note()),
            (GR, outcome()),
            (BE, dispute()),
            (GR, outcome()),
            (BE, Confirm()),
        ],
        State.CLOSED,
    ),
    "declined": ([(GR, claim()), (GR, Decline(reason="capacity"))], State.DECLINED),
    "redirected": ([(GR, claim()), (GR, Redirect(target=FR))], State.REDIRECTED),
    "withdrawn": ([(BE, withdraw())], State.WITHDRAWN),
    "cancelled": (
        [(GR, claim()), (GR, accept()), (BE, withdraw()), (GR, ConfirmCancel())],
        State.CANCEL_CONFIRMED,
    ),
}


@pytest.fixture
async def pair(network: Network) -> Network:
    """Belgium and Greece, both running."""
    await network.open(BE)
    await network.open(GR)
    return network


async def steps_at(network: Network, name: NodeId, leg: LegId) -> set[tuple[bytes, str]]:
    """Return the steps of a leg that have arrived, or whose receipt has."""
    (view,) = [view for view in await network.views(name) if view.row.leg_id == leg]
    return {(row.message_id, row.name) for row in view.messages if row.settled == "received"}


async def until_both_have(network: Network, leg: LegId, count: int) -> None:
    async def is_so() -> bool:
        return all([len(await steps_at(network, name, leg)) == count for name in (BE, GR)])

    await until(is_so)


async def assert_settled(core: Core, peer: NodeId) -> None:
    """Every message has its receipt, which holds, and no ciphertext is kept."""
    (key,) = core.context.trust.directory.keys_of(peer)
    waiting, sent = await core.store.read(
        lambda db: (
            outbox.of_peer(db, peer),
            list(db.execute("SELECT envelope_id, ciphertext, peer_proof, code FROM envelopes")),
        )
    )
    assert waiting == []
    for envelope_id, ciphertext, peer_proof, code in sent:
        proof = parse_log_proof(peer_proof)
        kind = parse_leaf(proof.leaf).kind
        assert (ciphertext, code) == (None, 0)
        verify_leaf(proof, key, kind, envelope_id)


@pytest.mark.parametrize(("turns", "end"), CONVERSATIONS.values(), ids=CONVERSATIONS)
async def test_both_nodes_see_the_same_leg_from_its_opening_to_its_end(
    pair: Network, turns, end: State
) -> None:
    leg = await pair.refer(BE, GR)
    await pair.reach(leg, State.DELIVERED, BE, GR)
    for count, (author, content) in enumerate(turns, start=2):
        await pair.step(author, leg, content)
        await until_both_have(pair, leg, count)
    assert [await pair.state(name, leg) for name in (BE, GR)] == [end, end]
    assert end in ENDS
    assert await steps_at(pair, BE, leg) == await steps_at(pair, GR, leg)
    await assert_settled(pair.cores[BE], GR)
    await assert_settled(pair.cores[GR], BE)
    assert pair.reports == {BE: [], GR: []}


async def test_an_accept_that_crosses_a_withdrawal_is_a_request_to_cancel_at_both(
    pair: Network,
) -> None:
    leg = await pair.refer(BE, GR)
    await pair.reach(leg, State.DELIVERED, BE, GR)
    await pair.step(GR, leg, claim())
    await pair.reach(leg, State.RECEIVED, BE, GR)
    pair.unplug(BE)
    pair.unplug(GR)
    await pair.step(BE, leg, withdraw())
    await pair.step(GR, leg, accept())
    assert await pair.state(BE, leg) is State.WITHDRAWN
    assert await pair.state(GR, leg) is State.ACCEPTED
    pair.plug(BE)
    pair.plug(GR)
    pair.clock.at_ms += 60_000
    pair.cores[BE].delivery.wake(GR)
    pair.cores[GR].delivery.wake(BE)
    await pair.reach(leg, State.CANCEL_REQUESTED, BE, GR)


# --- what a person cannot do


async def test_a_step_that_the_state_does_not_allow_changes_nothing(pair: Network) -> None:
    leg = await pair.refer(BE, GR)
    await pair.reach(leg, State.DELIVERED, BE, GR)
    before = await snapshot(pair.cores[BE])
    with pytest.raises(NodeError) as error:
        await pair.step(BE, leg, Confirm())
    assert (error.value.code, error.value.hint) == ("illegal_step", "it allows: note, withdraw")
    assert await snapshot(pair.cores[BE]) == before


@pytest.mark.parametrize(
    ("peer", "changes", "code"),
    [
        (BE, {}, "unknown_peer"),
        (NodeId("it.example"), {}, "unknown_peer"),
        (GR, {"expires_at_ms": NOW_MS}, "lifetime_over"),
        (GR, {"expires_at_ms": NOW_MS + 731 * DAY_MS}, "lifetime_too_long"),
        (GR, {"ask": {"text": "x" * (limits.TEXT_CHARACTERS + 1)}}, "invalid_step"),
    ],
    ids=["itself", "a stranger", "no lifetime", "731 days", "an endless text"],
)
async def test_a_referral_that_cannot_be_sent_changes_nothing(
    pair: Network, peer: NodeId, changes, code: str
) -> None:
    before = await snapshot(pair.cores[BE])
    with pytest.raises(NodeError) as error:
        await pair.refer(BE, peer, **changes)
    assert error.value.code == code
    assert await snapshot(pair.cores[BE]) == before


async def test_a_step_on_an_unknown_leg_is_refused_to_the_person(pair: Network) -> None:
    with pytest.raises(NodeError) as error:
        await pair.step(BE, LegId(bytes(16)), note())
    assert error.value.code == "unknown_leg"


async def test_a_refused_referral_is_undeliverable(pair: Network) -> None:
    pair.amend(GR, BE, status=MemberStatus.SUSPENDED)
    leg = await pair.refer(BE, GR)
    await pair.reach(leg, State.UNDELIVERABLE, BE)
    assert await pair.views(GR) == []
    await settled()
    assert pair.reports[BE] == [("refused_by_peer", GR, str(RefusalCode.REVOKED_SENDER.value))]
    # Nothing of it is there: there is nothing to erase, either.
    with pytest.raises(NodeError) as error:
        await pair.step(BE, leg, EraseRequest(reason="sent_in_error"))
    assert error.value.code == "undeliverable"


# --- the same again


async def test_a_repeated_envelope_gets_its_stored_receipt_and_has_no_second_effect(
    scene: Scene,
) -> None:
    first = scene.member.envelope()
    (receipt,) = await deliver(scene.node, first)
    before = await snapshot(scene.node)
    assert await deliver(scene.node, first, first) == (receipt, receipt)
    assert await snapshot(scene.node) == before


async def test_a_message_that_was_sealed_again_gets_the_receipt_of_its_first_envelope(
    scene: Scene,
) -> None:
    again = replace(scene.letter.header, stream_seq=2, previous_envelope_id=bytes(32))
    before = await snapshot(scene.node)
    (receipt,) = await deliver(
        scene.node, scene.member.envelope(replace(scene.letter, header=again))
    )
    assert await snapshot(scene.node) == before
    assert isinstance(receipt, Receipt)
    assert parse_leaf(receipt.proof.leaf).subject == id_of(scene.accepted)


async def test_a_repeated_envelope_gets_its_receipt_even_when_its_time_and_key_are_over(
    scene: Scene,
) -> None:
    (receipt,) = await deliver(scene.node, scene.accepted)
    scene.network.clock.at_ms += 40 * DAY_MS
    scene.node.context.trust.epochs.destroy_expired(scene.network.clock.at_ms)
    before = await snapshot(scene.node)
    (again,) = await deliver(scene.node, scene.accepted)
    assert isinstance(receipt, Receipt)
    assert isinstance(again, Receipt)
    # The same leaf; the checkpoint over it is signed anew when it has become old.
    assert (again.proof.leaf, again.proof.index) == (receipt.proof.leaf, receipt.proof.index)
    assert await snapshot(scene.node) == before


async def test_one_message_in_two_requests_at_once_is_taken_once(scene: Scene) -> None:
    body = encode_envelope_batch([scene.member.envelope()])
    before = await snapshot(scene.node)
    answers = await asyncio.gather(*(scene.node.service.envelopes(body) for _ in range(5)))
    after = await snapshot(scene.node)
    assert len(set(answers)) == 1
    assert len(after.leaves) == len(before.leaves) + 1
    assert len(after.tables["messages"]) == len(before.tables["messages"]) + 1


async def test_a_bad_envelope_does_not_disturb_its_neighbours(scene: Scene) -> None:
    batch = [scene.member.envelope() for _ in range(5)]
    batch[1] = replace(batch[1], header=b"\x00")
    batch[3] = replace(batch[3], proof=batch[2].proof)
    replies = await deliver(scene.node, *batch)
    assert [reply.code if isinstance(reply, Refusal) else 0 for reply in replies] == [
        0,
        RefusalCode.TRAILING_BYTES,
        0,
        RefusalCode.LEAF_MISMATCH,
        0,
    ]
    for reply, envelope in zip(replies, batch, strict=True):
        if isinstance(reply, Receipt):
            assert parse_leaf(reply.proof.leaf).subject == id_of(envelope)
            assert parse_leaf(reply.proof.leaf).kind is LeafKind.RECEIVED
    # One checkpoint is signed for all that arrived at the same moment.
    assert len({r.proof.checkpoint for r in replies if r.proof is not None}) == 1


async def test_steps_of_one_batch_are_taken_in_its_order(scene: Scene) -> None:
    letters = [scene.member.letter(note(), leg_id=scene.leg, number=number) for number in (2, 3, 4)]
    replies = await deliver(scene.node, *map(scene.member.envelope, letters))
    assert all(isinstance(reply, Receipt) for reply in replies)


async def test_what_is_received_is_kept_with_both_proofs_and_without_ciphertext(
    scene: Scene,
) -> None:
    envelope_id = id_of(scene.accepted)
    row = await scene.node.store.read(lambda db: envelopes.get(db, envelope_id))
    assert row is not None
    assert (row.direction, row.peer, row.ciphertext) == (messages.IN, BE, None)
    assert row.header == scene.accepted.header
    assert parse_log_proof(row.peer_proof or b"") == scene.accepted.proof


# --- a full disk


async def test_a_full_disk_is_said_unsigned_and_nothing_is_half_taken(scene: Scene) -> None:
    (pages,) = scene.node.store._writer.execute("PRAGMA page_count").fetchone()
    scene.node.store._writer.execute(f"PRAGMA max_page_count = {pages}")
    batch = [
        scene.member.envelope(scene.member.letter(referral(ask={"text": "x" * 19_000})))
        for _ in range(20)
    ]
    before = await snapshot(scene.node)
    assert await deliver(scene.node, *batch) == (Refusal(RefusalCode.STORAGE_FULL),) * 20
    assert await snapshot(scene.node) == before
    scene.node.store._writer.execute("PRAGMA max_page_count = 1000000")
    assert all(isinstance(reply, Receipt) for reply in await deliver(scene.node, *batch))


# --- bytes gone wrong


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


@st.composite
def spoiled(draw: st.DrawFn, envelope: Envelope) -> Envelope:
    """Flip one bit of one part of an envelope."""
    bit = draw(st.integers(0, 2**20))
    proof = envelope.proof
    number = bit % len(proof.path)
    path = [flipped(node, bit) if n == number else node for n, node in enumerate(proof.path)]
    return draw(
        st.sampled_from(
            [
                replace(envelope, header=flipped(envelope.header, bit)),
                replace(envelope, ciphertext=flipped(envelope.ciphertext, bit)),
                replace(envelope, proof=replace(proof, leaf=flipped(proof.leaf, bit))),
                replace(envelope, proof=replace(proof, index=proof.index ^ 1 << bit % 60)),
                replace(envelope, proof=replace(proof, path=tuple(path))),
                replace(envelope, proof=replace(proof, checkpoint=flipped(proof.checkpoint, bit))),
            ]
        )
    )


def assert_refused(before: Snapshot, after: Snapshot, answer: bytes) -> None:
    for reply in parse_reply_batch(answer):
        assert isinstance(reply, Refusal)
        assert reply.code in RefusalCode._value2member_map_
    assert len(assert_only_the_log_grew(before, after)) <= 1


def test_any_flipped_bit_of_an_envelope_is_refused_and_changes_nothing_else(
    federation: Federation, tmp_path: Path
) -> None:
    with Scene.running(federation, tmp_path / "homes") as (runner, scene):
        honest = scene.member.envelope()

        @settings(max_examples=300)
        @given(spoiled(honest))
        def spoil(envelope: Envelope) -> None:
            before = runner.run(snapshot(scene.node))
            answer = runner.run(scene.node.service.envelopes(encode_envelope_batch([envelope])))
            assert_refused(before, runner.run(snapshot(scene.node)), answer)

        spoil()
        (reply,) = runner.run(deliver(scene.node, honest))
        assert isinstance(reply, Receipt)


def is_readable(body: bytes) -> bool:
    """Whether it is a batch still: an extension in its frame is no fault."""
    try:
        parse_envelope_batch(body)
    except PeerError:
        return False
    return True


def test_any_bytes_in_place_of_a_batch_are_answered_and_change_nothing(
    federation: Federation, tmp_path: Path
) -> None:
    with Scene.running(federation, tmp_path / "homes") as (runner, scene):
        honest = encode_envelope_batch([scene.member.envelope()])
        cut = st.integers(0, len(honest) - 1).map(lambda end: honest[:end])
        inserted = st.builds(
            lambda at, junk: honest[:at] + junk + honest[at:],
            st.integers(0, len(honest)),
            st.binary(min_size=1, max_size=4),
        ).filter(lambda body: not is_readable(body))

        @settings(max_examples=150)
        @given(st.binary(max_size=400) | cut | inserted)
        def throw(body: bytes) -> None:
            before = runner.run(snapshot(scene.node))
            answer = runner.run(scene.node.service.envelopes(body))
            assert_refused(before, runner.run(snapshot(scene.node)), answer)
            assert SECRET.encode() not in answer

        throw()
