from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from protocol import limits
from protocol.bundle import Bundle
from protocol.encoding import encode_header
from protocol.envelope import Opening
from protocol.log import MAX_INTEGER, LeafKind
from protocol.report import Claim, Reason, Verdict
from protocol.values import Epoch, LogProof
from tests.keys.federation import DAY_MS, NOW_MS, log_signer, seed
from tests.protocol.bundles import (
    AUDIT_AT_MS,
    KEM_PUBLIC_KEY,
    OPENING,
    RECIPIENT,
    SENDER,
    SENT_AT_MS,
    STRANGER,
    Log,
    id_of,
    judge,
    make_bundle,
    make_header,
    outcome,
    receipt,
    say_descriptor,
    with_attachment,
    without_line,
)

SKEW_MS = limits.CLOCK_SKEW_MS


def with_other_signature(proof: LogProof, number: int) -> LogProof:
    """Put the line of the same key over an earlier checkpoint in its place."""
    lines = proof.checkpoint.splitlines(keepends=True)
    lines[4 + number] = receipt(at_ms=1_000_000).checkpoint.splitlines(keepends=True)[4 + number]
    return replace(proof, checkpoint=b"".join(lines))


def sealed_to_nobody() -> Bundle:
    header = make_header(recipient_kem_key=seed("other"))
    return make_bundle(header, recipient_descriptor=say_descriptor(Log(RECIPIENT)))


# --- what does not


Forgery = Callable[[], Bundle]

CONTRADICTED: dict[str, tuple[Forgery, Claim, Reason]] = {
    "receipt of another message": (
        lambda: make_bundle(
            received=Log(RECIPIENT).say(LeafKind.RECEIVED, seed("x"), at_ms=NOW_MS)
        ),
        Claim.RECEIVED,
        Reason.LEAF_MISMATCH,
    ),
    "receipt by another member": (
        lambda: make_bundle(recipient=Log(STRANGER)),
        Claim.RECEIVED,
        Reason.WRONG_LOG,
    ),
    "entry of another kind as a receipt": (
        lambda: make_bundle(received=receipt(LeafKind.ATTACHMENTS)),
        Claim.RECEIVED,
        Reason.LEAF_MISMATCH,
    ),
    "refusal as a receipt": (
        lambda: make_bundle(received=receipt(LeafKind.REFUSED, code=401)),
        Claim.RECEIVED,
        Reason.LEAF_MISMATCH,
    ),
    "receipt as a refusal": (
        lambda: make_bundle(received=None, refused=receipt()),
        Claim.RECEIVED,
        Reason.LEAF_MISMATCH,
    ),
    "refused": (
        lambda: make_bundle(received=None, refused=receipt(LeafKind.REFUSED, code=401)),
        Claim.RECEIVED,
        Reason.REFUSED,
    ),
    "leaf with another time": (
        lambda: make_bundle(received=replace(receipt(), leaf=receipt(at_ms=NOW_MS + 1).leaf)),
        Claim.RECEIVED,
        Reason.INCLUSION_FAILED,
    ),
    "leaf at another place": (
        lambda: make_bundle(received=replace(receipt(), index=2)),
        Claim.RECEIVED,
        Reason.INCLUSION_FAILED,
    ),
    "Ed25519 signature of another checkpoint": (
        lambda: make_bundle(received=with_other_signature(receipt(), 0)),
        Claim.RECEIVED,
        Reason.SIGNATURE_INVALID,
    ),
    "ML-DSA-44 signature of another checkpoint": (
        lambda: make_bundle(received=with_other_signature(receipt(), 1)),
        Claim.RECEIVED,
        Reason.SIGNATURE_INVALID,
    ),
    "one signature twice": (
        lambda: make_bundle(
            received=replace(
                receipt(),
                checkpoint=receipt().checkpoint + receipt().checkpoint.splitlines(keepends=True)[4],
            )
        ),
        Claim.RECEIVED,
        Reason.CHECKPOINT_MALFORMED,
    ),
    "header of another message": (
        lambda: replace(make_bundle(), header=encode_header(make_header(urgency=1))),
        Claim.SENT,
        Reason.LEAF_MISMATCH,
    ),
    "digest of another ciphertext": (
        lambda: replace(make_bundle(), ciphertext_digest=seed("other")),
        Claim.SENT,
        Reason.LEAF_MISMATCH,
    ),
    "size of another ciphertext": (
        lambda: replace(make_bundle(), ciphertext_size=1),
        Claim.SENT,
        Reason.LEAF_MISMATCH,
    ),
    "envelope that another member logged": (
        lambda: make_bundle(sender=Log(STRANGER)),
        Claim.SENT,
        Reason.WRONG_LOG,
    ),
    "receipt in place of the sender's entry": (
        lambda: make_bundle(sent=make_bundle().received),
        Claim.SENT,
        Reason.WRONG_LOG,
    ),
    "another federation": (
        lambda: make_bundle(make_header(federation_id=seed("other federation"))),
        Claim.SENT,
        Reason.WRONG_FEDERATION,
    ),
    "other payload": (
        lambda: make_bundle(opening=replace(OPENING, payload=b"another payload")),
        Claim.CONTENT,
        Reason.COMMITMENT_MISMATCH,
    ),
    "other salt": (
        lambda: make_bundle(opening=replace(OPENING, salt=seed("other"))),
        Claim.CONTENT,
        Reason.COMMITMENT_MISMATCH,
    ),
    "border between salt and payload moved": (
        lambda: make_bundle(opening=Opening(OPENING.salt[1:] + b"t", OPENING.payload[1:])),
        Claim.CONTENT,
        Reason.COMMITMENT_MISMATCH,
    ),
    "attachments receipt of another message": (
        lambda: make_bundle(
            with_attachment(),
            attachments=Log(RECIPIENT).say(LeafKind.ATTACHMENTS, seed("x"), at_ms=NOW_MS),
        ),
        Claim.ATTACHMENTS,
        Reason.LEAF_MISMATCH,
    ),
    "receipt as attachments receipt": (
        lambda: make_bundle(with_attachment(), attachments=make_bundle(with_attachment()).received),
        Claim.ATTACHMENTS,
        Reason.LEAF_MISMATCH,
    ),
    "descriptor of another node": (
        lambda: make_bundle(recipient_descriptor=say_descriptor(Log(STRANGER))),
        Claim.SEALED,
        Reason.DESCRIPTOR_MISMATCH,
    ),
    "descriptor in the log of another node": (
        lambda: make_bundle(
            recipient_descriptor=say_descriptor(Log(RECIPIENT), said_by=Log(STRANGER))
        ),
        Claim.SEALED,
        Reason.WRONG_LOG,
    ),
    "descriptor of another federation": (
        lambda: make_bundle(
            recipient_descriptor=say_descriptor(Log(RECIPIENT), federation_id=seed("other"))
        ),
        Claim.SEALED,
        Reason.DESCRIPTOR_MISMATCH,
    ),
    "descriptor that the log does not hold": (
        lambda: make_bundle(
            recipient_descriptor=replace(
                say_descriptor(Log(RECIPIENT)),
                descriptor=say_descriptor(Log(RECIPIENT), serial=2).descriptor,
            )
        ),
        Claim.SEALED,
        Reason.LEAF_MISMATCH,
    ),
    "encryption key that the recipient never had": (
        sealed_to_nobody,
        Claim.SEALED,
        Reason.EPOCH_NOT_PUBLISHED,
    ),
    "sender's descriptor of another node": (
        lambda: make_bundle(sender_descriptor=say_descriptor(Log(RECIPIENT))),
        Claim.SENDER_DESCRIPTOR,
        Reason.DESCRIPTOR_MISMATCH,
    ),
}

OPEN: dict[str, tuple[Forgery, Claim, Reason]] = {
    "no answer": (
        lambda: make_bundle(received=None),
        Claim.RECEIVED,
        Reason.NO_RECEIPT,
    ),
    "no receipt for attachments": (
        lambda: make_bundle(with_attachment()),
        Claim.ATTACHMENTS,
        Reason.NO_ATTACHMENTS_RECEIPT,
    ),
    "no Ed25519 signature": (
        lambda: make_bundle(received=without_line(receipt(), 0)),
        Claim.RECEIVED,
        Reason.SIGNATURE_MISSING,
    ),
    "no ML-DSA-44 signature": (
        lambda: make_bundle(sent=without_line(make_bundle().sent, 1)),
        Claim.SENT,
        Reason.SIGNATURE_MISSING,
    ),
    "signed by keys that the directory does not know": (
        lambda: make_bundle(recipient=Log(RECIPIENT, signer=log_signer("thief"))),
        Claim.RECEIVED,
        Reason.SIGNATURE_MISSING,
    ),
    "log that the directory does not know": (
        lambda: make_bundle(recipient=Log(RECIPIENT, number=2)),
        Claim.RECEIVED,
        Reason.UNKNOWN_LOG_KEY,
    ),
    "header names a key that the directory does not know": (
        lambda: make_bundle(make_header(sender_log_key=seed("other"))),
        Claim.SENT,
        Reason.UNKNOWN_LOG_KEY,
    ),
    "receipt from before the message": (
        lambda: make_bundle(received=receipt(at_ms=SENT_AT_MS - SKEW_MS - 1)),
        Claim.RECEIVED,
        Reason.TIMES_IMPLAUSIBLE,
    ),
    "receipt from the future": (
        lambda: make_bundle(received=receipt(at_ms=AUDIT_AT_MS + SKEW_MS + 1)),
        Claim.RECEIVED,
        Reason.FROM_THE_FUTURE,
    ),
    "receipt at the end of time": (
        lambda: make_bundle(received=receipt(at_ms=MAX_INTEGER, signed_at_ms=NOW_MS)),
        Claim.RECEIVED,
        Reason.FROM_THE_FUTURE,
    ),
    "checkpoint from the future": (
        lambda: make_bundle(received=receipt(signed_at_ms=AUDIT_AT_MS + SKEW_MS + 1000)),
        Claim.RECEIVED,
        Reason.FROM_THE_FUTURE,
    ),
    "message from the future": (
        lambda: make_bundle(
            make_header(
                created_at_ms=AUDIT_AT_MS + SKEW_MS + 1,
                expires_at_ms=AUDIT_AT_MS + DAY_MS,
            )
        ),
        Claim.SENT,
        Reason.FROM_THE_FUTURE,
    ),
    "sender's entry from before the message": (
        lambda: make_bundle(
            sent=Log(SENDER).say(
                LeafKind.SENT, id_of(make_header()), at_ms=SENT_AT_MS - SKEW_MS - 1
            )
        ),
        Claim.SENT,
        Reason.TIMES_IMPLAUSIBLE,
    ),
    "descriptor that was over": (
        lambda: make_bundle(
            recipient_descriptor=say_descriptor(
                Log(RECIPIENT),
                at_ms=NOW_MS - DAY_MS,
                expires_at_ms=NOW_MS - SKEW_MS,
            )
        ),
        Claim.SEALED,
        Reason.DESCRIPTOR_NOT_IN_FORCE,
    ),
    "encryption key that was over": (
        lambda: make_bundle(
            recipient_descriptor=say_descriptor(
                Log(RECIPIENT),
                epochs=(Epoch(1, KEM_PUBLIC_KEY, NOW_MS - DAY_MS, NOW_MS - SKEW_MS),),
            )
        ),
        Claim.SEALED,
        Reason.EPOCH_NOT_IN_FORCE,
    ),
    "content of an envelope that nobody sent": (
        lambda: make_bundle(opening=OPENING, sent=without_line(make_bundle().sent, 0)),
        Claim.CONTENT,
        Reason.ENVELOPE_NOT_PROVEN,
    ),
}


@pytest.mark.parametrize("case", CONTRADICTED)
def test_bundle_that_contradicts_a_claim(case: str) -> None:
    forge, claim, reason = CONTRADICTED[case]
    report = judge(forge())
    assert outcome(report, claim) == (Verdict.CONTRADICTED, reason.value)
    assert (report.verdict, report.exit_code) == (Verdict.CONTRADICTED, 1)


@pytest.mark.parametrize("case", OPEN)
def test_bundle_that_leaves_a_claim_open(case: str) -> None:
    forge, claim, reason = OPEN[case]
    report = judge(forge())
    assert outcome(report, claim) == (Verdict.NOT_PROVEN, reason.value)
    if claim in {Claim.SENT, Claim.RECEIVED, Claim.ATTACHMENTS}:
        assert (report.verdict, report.exit_code) == (Verdict.NOT_PROVEN, 2)


def test_every_reason_is_reached_by_a_case_above() -> None:
    reached = {reason for _, _, reason in (CONTRADICTED | OPEN).values()}
    # The last is reached in test_evidence_dates.
    elsewhere = {Reason.NO_DESCRIPTOR, Reason.CONTENT_NOT_INCLUDED, Reason.NOT_DATED}
    assert set(Reason) - reached == elsewhere
