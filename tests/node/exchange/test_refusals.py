"""Every attack on an envelope has its code, leaves its trace, and changes nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protocol import limits
from protocol.encoding import encode_envelope_batch
from protocol.envelope import id_of, verify_leaf
from protocol.errors import RefusalCode
from protocol.log import Leaf, LeafKind
from protocol.values import Envelope, Receipt, Refusal
from protocol.wire import parse_reply_batch
from tests.support.attacks import (
    ATTACKS,
    HOUR_MS,
    Attack,
    Trace,
    an_envelope_for_somebody_else,
)
from tests.support.forger import UNPROVEN, Forger, deliver
from tests.support.network import GR, SECRET
from tests.support.scene import Scene
from tests.support.snapshots import assert_only_the_log_grew, snapshot
from tests.support.wire_bytes import bytes_field, number_field


def assert_trace(scene: Scene, trace: Trace, reply: Refusal, new: list[Leaf], subject) -> None:
    """The log has one leaf that says just this, and the reply proves it; or neither."""
    if trace is Trace.NONE:
        assert (new, reply.proof) == ([], None)
        return
    assert [(leaf.kind, leaf.code, leaf.subject) for leaf in new] == [
        (LeafKind.REFUSED, reply.code, subject)
    ]
    (key,) = scene.node.context.trust.directory.keys_of(GR)
    verified = verify_leaf(reply.proof, key, LeafKind.REFUSED, subject, code=reply.code)
    assert verified.leaf == new[0]


@pytest.mark.parametrize(("make", "code", "trace"), ATTACKS)
async def test_an_attack_has_its_code_and_changes_nothing_else(
    scene: Scene, make: Attack, code: RefusalCode, trace: Trace
) -> None:
    envelope = make(scene)
    before = await snapshot(scene.node)
    answer = await scene.node.service.envelopes(encode_envelope_batch([envelope]))
    after = await snapshot(scene.node)

    (reply,) = parse_reply_batch(answer)
    assert isinstance(reply, Refusal)
    assert RefusalCode(reply.code) is code
    new = assert_only_the_log_grew(before, after)
    assert_trace(scene, trace, reply, new, id_of(envelope))
    expected = [] if trace is Trace.NONE else [trace is Trace.PROVEN]
    assert [bool(row[3]) for row in after.refusals if row not in before.refusals] == expected
    assert scene.network.reports[GR] == [("refused", "", code.name.lower())]
    assert SECRET.encode() not in answer

    # Repeated, it gets the stored refusal again.
    scene.network.clock.at_ms += 1000
    assert await deliver(scene.node, envelope) == (reply,)
    assert await snapshot(scene.node) == after


def test_every_code_that_an_envelope_can_get_has_its_attack() -> None:
    of_others = range(700, 1000)
    elsewhere = {RefusalCode.REPLAYED}  # of requests; an envelope's repetition is no fault
    tried = {parameters.values[1] for parameters in ATTACKS}
    assert tried == {code for code in RefusalCode if code not in of_others} - elsewhere


# --- bodies that hold no envelope


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (RefusalCode.TOO_LARGE, bytes(limits.BATCH_BYTES + 1)),
        (RefusalCode.INVALID_VALUE, b""),
        (RefusalCode.INVALID_VALUE, bytes_field(1, b"") * (limits.BATCH_ENVELOPES + 1)),
        (RefusalCode.TRUNCATED, bytes_field(1, bytes_field(1, b"header"))[:-1]),
        (RefusalCode.TRAILING_BYTES, bytes_field(1, b"") + b"\x00"),
        (RefusalCode.DUPLICATE_FIELD, bytes_field(1, bytes_field(1, b"header") * 2)),
        (RefusalCode.UNKNOWN_FIELD, bytes_field(2, b"")),
        (RefusalCode.WRONG_WIRE_TYPE, number_field(1, 1)),
    ],
)
async def test_a_body_that_cannot_be_read_gets_one_unsigned_refusal(
    scene: Scene, code: RefusalCode, body: bytes
) -> None:
    before = await snapshot(scene.node)
    answer = await scene.node.service.envelopes(body)
    assert parse_reply_batch(answer) == (Refusal(code),)
    assert await snapshot(scene.node) == before


async def test_an_envelope_without_parts_is_answered_like_any_other(scene: Scene) -> None:
    empty = Envelope(b"", b"", UNPROVEN)
    before = await snapshot(scene.node)
    assert await deliver(scene.node, empty) == (Refusal(RefusalCode.UNSUPPORTED_VERSION),)
    assert await snapshot(scene.node) == before


# --- the hourly limit


async def leaves_of(scene: Scene, *envelopes: Envelope) -> int:
    """Deliver one by one, and count the leaves that this adds."""
    before = await snapshot(scene.node)
    for envelope in envelopes:
        await deliver(scene.node, envelope)
    return len(assert_only_the_log_grew(before, await snapshot(scene.node)))


def unproven(forger: Forger, count: int) -> list[Envelope]:
    return [replace(forger.envelope(), proof=UNPROVEN) for _ in range(count)]


async def test_whoever_claims_a_name_makes_the_log_grow_only_so_much_in_an_hour(
    scene: Scene,
) -> None:
    limit = limits.UNPROVEN_REFUSALS_PER_HOUR
    assert await leaves_of(scene, *unproven(scene.member, limit + 3)) == limit
    (reply,) = await deliver(scene.node, *unproven(scene.member, 1))
    assert reply == Refusal(RefusalCode.LEAF_MALFORMED)
    # Neither another name nor a proven fault pays for it.
    assert await leaves_of(scene, *unproven(scene.other, 1)) == 1
    assert await leaves_of(scene, an_envelope_for_somebody_else(scene)) == 1
    scene.network.clock.at_ms += HOUR_MS
    assert await leaves_of(scene, *unproven(scene.member, limit + 3)) == limit


async def test_a_spoiled_proof_does_not_keep_the_honest_envelope_out(scene: Scene) -> None:
    honest = scene.member.envelope()
    await leaves_of(scene, replace(honest, proof=UNPROVEN))
    (reply,) = await deliver(scene.node, honest)
    assert isinstance(reply, Receipt)
