"""What a reader checks before it opens an envelope: for whom, from whom, when, and the proof."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from protocol import limits
from protocol.envelope import (
    check_addressing,
    check_sender,
    check_time,
    verify_sent,
)
from protocol.errors import RefusalCode
from protocol.ids import NodeId
from protocol.log import EMPTY_ROOT, Leaf, LeafKind, leaf_hash
from protocol.notes import Checkpoint, RecentCheckpoints, sign_checkpoint
from protocol.suite import LogSigner
from protocol.values import Envelope, LogProof
from tests.protocol.test_envelope import HEADER, NOW_MS, ORIGIN, SEALED, SIGNER, refused


def test_an_envelope_for_another_federation_is_refused() -> None:
    refused(
        RefusalCode.WRONG_FEDERATION,
        check_addressing,
        HEADER,
        federation_id=bytes([1]) * 32,
        recipient=HEADER.recipient,
    )


@pytest.mark.parametrize(
    "changes", [{"recipient": NodeId("fr.example")}, {"sender": NodeId("gr.example")}]
)
def test_an_envelope_for_another_node_or_from_oneself_is_refused(changes) -> None:
    refused(
        RefusalCode.WRONG_RECIPIENT,
        check_addressing,
        replace(HEADER, **changes),
        federation_id=HEADER.federation_id,
        recipient=NodeId("gr.example"),
    )


@dataclass(frozen=True)
class FakeKey:
    origin: str = ORIGIN
    ed25519: bytes = SIGNER.ed25519_public
    mldsa44: bytes = SIGNER.mldsa44_public
    key_id: bytes = SIGNER.key_id


@dataclass(frozen=True)
class FakeDirectory:
    """One member."""

    active: bool = True
    federation_id: bytes = bytes(32)
    version: int = 1

    def is_member(self, node_id: NodeId) -> bool:
        return node_id == HEADER.sender

    def is_active(self, node_id: NodeId) -> bool:
        return self.active and self.is_member(node_id)


OTHER_KEY = FakeKey(key_id=bytes(32))


def test_the_senders_key_is_found_among_those_that_count() -> None:
    for keys in ([FakeKey()], [OTHER_KEY, FakeKey()], [FakeKey(), OTHER_KEY]):
        assert check_sender(HEADER, FakeDirectory(), keys) == FakeKey()


@pytest.mark.parametrize(
    ("code", "changes", "directory", "keys"),
    [
        (RefusalCode.UNKNOWN_SENDER, {"sender": NodeId("fr.example")}, FakeDirectory(), []),
        (RefusalCode.REVOKED_SENDER, {}, FakeDirectory(active=False), [FakeKey()]),
        (RefusalCode.UNKNOWN_LOG_KEY, {"sender_log_key": bytes(32)}, FakeDirectory(), [FakeKey()]),
        (RefusalCode.UNKNOWN_LOG_KEY, {}, FakeDirectory(), [OTHER_KEY]),
        (RefusalCode.UNKNOWN_LOG_KEY, {}, FakeDirectory(), []),
    ],
)
def test_a_sender_that_does_not_count_is_refused(code, changes, directory, keys) -> None:
    refused(code, check_sender, replace(HEADER, **changes), directory, keys)


SKEW = limits.CLOCK_SKEW_MS


@pytest.mark.parametrize(
    ("code", "created", "lifetime", "logged", "now"),
    [
        (None, 0, limits.LIFETIME_MS, 0, 0),
        (RefusalCode.LIFETIME_TOO_LONG, 0, limits.LIFETIME_MS + 1, 0, 0),
        (None, SKEW, 1, SKEW, 0),
        (RefusalCode.FROM_THE_FUTURE, SKEW + 1, 1, 0, 0),
        (RefusalCode.FROM_THE_FUTURE, 0, 1, SKEW + 1, 0),
        (None, 0, 1, -SKEW, 0),
        (RefusalCode.LEAF_MISMATCH, 0, 1, -SKEW - 1, 0),
        (None, 0, 1, 0, SKEW),
        (RefusalCode.EXPIRED, 0, 1, 0, SKEW + 1),
    ],
    ids=[
        "30 days",
        "a moment more",
        "skewed",
        "too far ahead",
        "logged too far ahead",
        "logged by a slow clock",
        "logged before it was made",
        "just expired",
        "expired",
    ],
)
def test_time_is_checked_to_the_millisecond(code, created, lifetime, logged, now) -> None:
    created_at_ms = NOW_MS + created
    header = replace(HEADER, created_at_ms=created_at_ms, expires_at_ms=created_at_ms + lifetime)
    times = {"logged_at_ms": NOW_MS + logged, "now_ms": NOW_MS + now}
    if code is None:
        check_time(header, **times)
    else:
        refused(code, check_time, header, **times)


# The proof


def logged(**changes) -> Envelope:
    """Return the sealed envelope with a proof from a log of one leaf."""
    leaf = replace(
        Leaf(kind=LeafKind.SENT, at_ms=NOW_MS, nonce=bytes(16), subject=SEALED.envelope_id),
        **changes,
    ).encode()
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf_hash(leaf)), SIGNER, NOW_MS // 1000)
    return Envelope(SEALED.header, SEALED.ciphertext, LogProof(leaf, 0, (), note))


def test_the_senders_own_log_proves_the_envelope() -> None:
    verified = verify_sent(logged(), FakeKey())
    assert (verified.leaf.subject, verified.index) == (SEALED.envelope_id, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": bytes(32)},
        {"kind": LeafKind.RECEIVED},
        {"kind": LeafKind.REFUSED, "code": 101},
    ],
    ids=["another envelope", "another kind", "a refusal"],
)
def test_a_leaf_that_says_something_else_is_no_proof(changes) -> None:
    refused(RefusalCode.LEAF_MISMATCH, verify_sent, logged(**changes), FakeKey())


def test_a_checkpoint_of_an_empty_log_proves_nothing() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), SIGNER, NOW_MS // 1000)
    envelope = logged()
    empty = replace(envelope, proof=replace(envelope.proof, checkpoint=note))
    refused(RefusalCode.INCLUSION_FAILED, verify_sent, empty, FakeKey())


def test_a_checkpoint_that_was_checked_under_one_key_is_checked_again_under_another() -> None:
    checked = RecentCheckpoints(4)
    verify_sent(logged(), FakeKey(), checked)
    stranger = LogSigner(bytes([2]) * 32, bytes([2]) * 32)
    other = FakeKey(ed25519=stranger.ed25519_public, mldsa44=stranger.mldsa44_public)
    refused(RefusalCode.SIGNATURE_MISSING, verify_sent, logged(), other, checked)
