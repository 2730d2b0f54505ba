"""A proof that names no key is checked under each that counts, and under no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keys.members import LogKeyRecord
from protocol.envelope import verify_answer
from protocol.errors import PeerError, RefusalCode
from protocol.log import LeafKind
from protocol.notes import RecentCheckpoints
from protocol.values import LogProof
from tests.keys.federation import log_signer
from tests.protocol.bundles import NOW_MS, Log

GREECE = "gr.example"
SUBJECT = bytes(range(32))


def key(label: str, *, number: int = 1) -> LogKeyRecord:
    signer = log_signer(label)
    return LogKeyRecord(
        origin=f"{GREECE}/log/{number}",
        ed25519=signer.ed25519_public,
        mldsa44=signer.mldsa44_public,
        valid_from_ms=0,
    )


OLD, NEW, OTHER = key("old"), key("new"), key("other")
ELSEWHERE = key("new", number=2)


def answer(label: str = "new") -> LogProof:
    log = Log(GREECE, signer=log_signer(label))
    return log.prove(log.append(LeafKind.RECEIVED, SUBJECT, at_ms=NOW_MS), at_ms=NOW_MS)


def refused(proof: LogProof, *keys: LogKeyRecord, subject: bytes = SUBJECT) -> RefusalCode:
    with pytest.raises(PeerError) as error:
        verify_answer(proof, keys, LeafKind.RECEIVED, subject)
    return error.value.code


@pytest.mark.parametrize(
    "keys", [(NEW,), (OLD, NEW), (NEW, OLD), (OLD, OTHER, NEW), (ELSEWHERE, OLD, NEW)]
)
def test_the_key_that_signed_is_found_wherever_it_stands(keys: tuple[LogKeyRecord, ...]) -> None:
    checked = RecentCheckpoints(8)
    for _ in range(2):
        found, verified = verify_answer(answer(), keys, LeafKind.RECEIVED, SUBJECT, checked=checked)
        assert (found, verified.leaf.subject) == (NEW, SUBJECT)


def test_a_key_that_is_not_given_does_not_count() -> None:
    assert refused(answer()) is RefusalCode.UNKNOWN_LOG_KEY
    assert refused(answer(), ELSEWHERE) is RefusalCode.UNKNOWN_LOG_KEY
    assert refused(answer(), OLD) is RefusalCode.SIGNATURE_MISSING
    assert refused(answer(), OLD, OTHER) is RefusalCode.SIGNATURE_MISSING


def test_only_a_missing_signature_lets_the_next_key_have_its_turn() -> None:
    proof = answer("old")
    lines = proof.checkpoint.splitlines(keepends=True)
    foreign = answer("new").checkpoint.splitlines(keepends=True)
    # The Ed25519 line of one key beside the ML-DSA line of the other.
    mixed = replace(proof, checkpoint=b"".join([*lines[:5], foreign[5]]))
    assert refused(mixed, OLD, NEW) is RefusalCode.SIGNATURE_MISSING
    doubled = replace(proof, checkpoint=b"".join([*lines, lines[4]]))
    assert refused(doubled, OLD, NEW) is RefusalCode.CHECKPOINT_MALFORMED
    assert refused(proof, OLD, NEW, subject=bytes(32)) is RefusalCode.LEAF_MISMATCH
    assert refused(replace(proof, index=1), OLD, NEW) is RefusalCode.INCLUSION_FAILED
