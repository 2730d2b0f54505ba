"""Old evidence under a key that was stolen later: good where another log shows its age.

A thief can sign anything in the log whose keys it has, with any time. It cannot have
signed what another member's log holds from before the theft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from keys.members import LogKeyRecord
from protocol.bundle import Bundle
from protocol.log import LeafKind
from protocol.notes import seen_subject
from protocol.report import Claim, Verdict
from protocol.values import Epoch
from protocol.wire import parse_descriptor
from tests.keys.federation import DAY_MS, NOW_MS, log_key, log_signer, seed
from tests.protocol.bundles import (
    AUDIT_AT_MS,
    KEM_PUBLIC_KEY,
    OPENING,
    RECEIVED_AT_MS,
    RECIPIENT,
    SEEN_AT_MS,
    SENDER,
    SENT_AT_MS,
    STRANGER,
    KnownMembers,
    Log,
    id_of,
    judge,
    make_bundle,
    make_header,
    outcome,
    receipt,
    say_descriptor,
    say_seen,
    with_attachment,
    without_line,
)

# When a key was stolen: before anything, between sending, receipt and what saw it, after all.
AT_FIRST = SENT_AT_MS - 1
BEFORE_RECEIPT = (SENT_AT_MS + RECEIVED_AT_MS) // 2
BEFORE_SEEN = (RECEIVED_AT_MS + SEEN_AT_MS) // 2
AFTER_ALL = SEEN_AT_MS + 1

PROVEN, UNDATED, UNKNOWN = "proven", "not_dated", "unknown_log_key"
Keys = dict[str, tuple[LogKeyRecord, ...]]


def stolen(since_ms: int, name: str, *others: LogKeyRecord) -> Keys:
    return {name: (replace(log_key(name), compromised_since_ms=since_ms), *others)}


def renewed(name: str, *, number: int = 2) -> LogKeyRecord:
    """The key with which a member goes on after a theft, in a log of its own."""
    return log_key(name, log_signer(f"{name} again"), number=number)


def renewed_log(name: str) -> Log:
    return Log(name, signer=log_signer(f"{name} again"), number=2)


def seen(by: Log | None = None, *, at_ms: int = SEEN_AT_MS, **changes: object) -> Bundle:
    """Return an exchange of which somebody saw the answer: the sender, unless it is said."""
    bundle = make_bundle(**changes)
    assert bundle.answer is not None
    return replace(bundle, seen=say_seen(by or Log(SENDER), bundle.answer, at_ms=at_ms))


def seen_as(kind: LeafKind, subject: bytes) -> Bundle:
    """Return an exchange whose entry `seen` says something of its own."""
    return make_bundle(seen=Log(SENDER).say(kind, subject, at_ms=SEEN_AT_MS))


def resigned() -> Bundle:
    """The recipient's checkpoint under new signatures of the same keys; seen under the old."""
    again = receipt(signed_at_ms=RECEIVED_AT_MS + 3_000)
    assert again.checkpoint != receipt().checkpoint
    return replace(seen(), received=again)


def refused(bundle: Bundle) -> Bundle:
    """Return the same, but that the recipient refused, and this was seen where that was."""
    refusal = receipt(LeafKind.REFUSED, code=401)
    is_seen = bundle.seen is not None
    seen_then = say_seen(Log(SENDER), refusal) if is_seen else None
    return replace(bundle, received=None, refused=refusal, seen=seen_then)


def signed_by_both() -> Bundle:
    """A receipt under a checkpoint that the stolen and the next keys of the log signed."""
    recipient = Log(RECIPIENT)
    position = recipient.append(LeafKind.RECEIVED, id_of(make_header()), at_ms=RECEIVED_AT_MS)
    old = recipient.prove(position, at_ms=RECEIVED_AT_MS)
    new = recipient.prove(position, at_ms=SEEN_AT_MS, signer=log_signer(f"{RECIPIENT} again"))
    lines = new.checkpoint.partition(b"\n\n")[2]
    return make_bundle(received=replace(old, checkpoint=old.checkpoint + lines))


NEXT_KEY = replace(renewed(RECIPIENT, number=1), valid_from_ms=RECEIVED_AT_MS)
SENDER_STOLEN = stolen(AFTER_ALL, SENDER)
RECIPIENT_STOLEN = stolen(AFTER_ALL, RECIPIENT)
BOTH_STOLEN = SENDER_STOLEN | RECIPIENT_STOLEN
SUBJECT = seen_subject(receipt().checkpoint)


@dataclass(frozen=True)
class Case:
    """A bundle, what is known of the keys by now, and what then becomes of the two claims."""

    make: Callable[[], Bundle]
    keys: Keys
    sent: str = PROVEN
    received: str = PROVEN

    def directory(self) -> KnownMembers:
        known = KnownMembers()
        known.keys |= self.keys
        return known


CASES: dict[str, Case] = {
    # The sender's key: the receipt is what dates its entry.
    "sender: received before the theft": Case(make_bundle, stolen(BEFORE_SEEN, SENDER)),
    "sender: received in the moment of the theft": Case(
        make_bundle, stolen(RECEIVED_AT_MS, SENDER), sent=UNDATED
    ),
    "sender: received after the theft": Case(
        make_bundle, stolen(BEFORE_RECEIPT, SENDER), sent=UNDATED
    ),
    "sender: made after the theft": Case(make_bundle, stolen(AT_FIRST, SENDER), sent=UNKNOWN),
    "sender: no receipt": Case(
        lambda: make_bundle(received=None), SENDER_STOLEN, sent=UNDATED, received="no_receipt"
    ),
    "sender: its own word is no date": Case(seen, stolen(BEFORE_RECEIPT, SENDER), sent=UNDATED),
    "sender: receipt of another message": Case(
        lambda: make_bundle(
            received=Log(RECIPIENT).say(LeafKind.RECEIVED, seed("x"), at_ms=NOW_MS)
        ),
        SENDER_STOLEN,
        sent=UNDATED,
        received="leaf_mismatch",
    ),
    "sender: receipt by a third member": Case(
        lambda: make_bundle(recipient=Log(STRANGER)),
        SENDER_STOLEN,
        sent=UNDATED,
        received="wrong_log",
    ),
    "sender: receipt without a signature": Case(
        lambda: make_bundle(received=without_line(receipt(), 1)),
        SENDER_STOLEN,
        sent=UNDATED,
        received="signature_missing",
    ),
    "sender: refused before the theft": Case(
        lambda: refused(make_bundle()), SENDER_STOLEN, received="refused"
    ),
    "sender: refused after the theft": Case(
        lambda: refused(make_bundle()),
        stolen(BEFORE_RECEIPT, SENDER),
        sent=UNDATED,
        received="refused",
    ),
    # The recipient's key: what saw its checkpoint dates its entry.
    "recipient: seen before the theft": Case(seen, RECIPIENT_STOLEN),
    "recipient: seen in the moment of the theft": Case(
        seen, stolen(SEEN_AT_MS, RECIPIENT), received=UNDATED
    ),
    "recipient: seen after the theft": Case(seen, stolen(BEFORE_SEEN, RECIPIENT), received=UNDATED),
    "recipient: receipt after the theft": Case(
        seen, stolen(BEFORE_RECEIPT, RECIPIENT), received=UNKNOWN
    ),
    "recipient: not seen": Case(make_bundle, RECIPIENT_STOLEN, received=UNDATED),
    "recipient: seen under other signatures": Case(resigned, RECIPIENT_STOLEN),
    "recipient: another checkpoint seen": Case(
        lambda: seen_as(
            LeafKind.SEEN, seen_subject(Log(RECIPIENT).prove(0, at_ms=NOW_MS).checkpoint)
        ),
        RECIPIENT_STOLEN,
        received=UNDATED,
    ),
    "recipient: entry of another kind": Case(
        lambda: seen_as(LeafKind.PADDING, SUBJECT), RECIPIENT_STOLEN, received=UNDATED
    ),
    "recipient: seen in a third log": Case(lambda: seen(Log(STRANGER)), RECIPIENT_STOLEN),
    "recipient: seen in a third log whose key was stolen": Case(
        lambda: seen(Log(STRANGER)),
        RECIPIENT_STOLEN | stolen(AFTER_ALL, STRANGER),
        received=UNDATED,
    ),
    "recipient: seen by nobody whom the directory knows": Case(
        lambda: seen(Log("nl.example")), RECIPIENT_STOLEN, received=UNDATED
    ),
    "recipient: the thief saw it, in the recipient's log": Case(
        lambda: seen(Log(RECIPIENT)), RECIPIENT_STOLEN, received=UNDATED
    ),
    "recipient: the thief saw it, in the recipient's next log": Case(
        lambda: seen(renewed_log(RECIPIENT)),
        stolen(AFTER_ALL, RECIPIENT, renewed(RECIPIENT)),
        received=UNDATED,
    ),
    "recipient: the thief saw it, in the sender's name": Case(
        lambda: seen(Log(SENDER, signer=log_signer(RECIPIENT))), RECIPIENT_STOLEN, received=UNDATED
    ),
    "recipient: seen, it is said, tomorrow": Case(
        lambda: seen(at_ms=AUDIT_AT_MS + DAY_MS),
        stolen(AUDIT_AT_MS + 2 * DAY_MS, RECIPIENT),
        received=UNDATED,
    ),
    "recipient: refusal that was seen": Case(
        lambda: refused(seen()), RECIPIENT_STOLEN, received="refused"
    ),
    "recipient: refusal that was not seen": Case(
        lambda: refused(make_bundle()), RECIPIENT_STOLEN, received=UNDATED
    ),
    "recipient: its next keys signed it too": Case(
        signed_by_both, stolen(AFTER_ALL, RECIPIENT, NEXT_KEY)
    ),
    "recipient: its next keys signed it too, and come first": Case(
        signed_by_both, {RECIPIENT: (NEXT_KEY, *RECIPIENT_STOLEN[RECIPIENT])}
    ),
    "recipient: its next keys signed it before their time": Case(
        signed_by_both,
        stolen(AFTER_ALL, RECIPIENT, replace(NEXT_KEY, valid_from_ms=AUDIT_AT_MS)),
        received=UNDATED,
    ),
    # Both: they date nothing for each other.
    "both: seen by the sender": Case(seen, BOTH_STOLEN, sent=UNDATED, received=UNDATED),
    "both: not seen": Case(make_bundle, BOTH_STOLEN, sent=UNDATED, received=UNDATED),
    "both: seen in a third log": Case(lambda: seen(Log(STRANGER)), BOTH_STOLEN),
    "both: seen in a third log after the recipient's theft": Case(
        lambda: seen(Log(STRANGER)),
        SENDER_STOLEN | stolen(BEFORE_SEEN, RECIPIENT),
        sent=UNDATED,
        received=UNDATED,
    ),
    "both: seen in a third log, received after the sender's theft": Case(
        lambda: seen(Log(STRANGER)),
        stolen(BEFORE_RECEIPT, SENDER) | RECIPIENT_STOLEN,
        sent=UNDATED,
    ),
    "both: seen in the sender's next log": Case(
        lambda: seen(renewed_log(SENDER)),
        stolen(BEFORE_SEEN, SENDER, renewed(SENDER)) | RECIPIENT_STOLEN,
    ),
    # Nobody's: a date is not needed, whatever it is.
    "nobody: seen": Case(seen, {}),
    "nobody: not seen": Case(make_bundle, {}),
    "nobody: something else seen": Case(lambda: seen_as(LeafKind.SEEN, seed("x")), {}),
    "nobody: a planned end is no theft": Case(
        make_bundle,
        {name: (replace(log_key(name), valid_until_ms=AFTER_ALL),) for name in (SENDER, RECIPIENT)},
    ),
    "nobody of these two": Case(make_bundle, stolen(AT_FIRST, STRANGER)),
}


def verdict_of(case: Case) -> Verdict:
    codes = {case.sent, case.received}
    if codes & {"refused", "leaf_mismatch", "wrong_log"}:
        return Verdict.CONTRADICTED
    return Verdict.PROVEN if codes == {PROVEN} else Verdict.NOT_PROVEN


@pytest.mark.parametrize("name", CASES)
def test_theft_leaves_what_another_log_shows_to_be_older(name: str) -> None:
    case = CASES[name]
    report = judge(case.make(), case.directory())
    assert outcome(report, Claim.SENT)[1] == case.sent
    assert outcome(report, Claim.RECEIVED)[1] == case.received
    assert report.verdict is verdict_of(case)


def test_without_a_date_there_is_no_proof_and_no_contradiction() -> None:
    report = judge(seen(), CASES["both: seen by the sender"].directory())
    assert (report.verdict, report.exit_code) == (Verdict.NOT_PROVEN, 2)
    finding = report.finding(Claim.RECEIVED)
    assert finding is not None
    assert "no other log shows" in finding.sentence


# --- what a thief would make


def test_thief_of_the_senders_key_cannot_make_an_old_message() -> None:
    """It has the sender's log to itself, and a receipt from the day on which it sent it."""
    forged = make_header(created_at_ms=SENT_AT_MS - DAY_MS // 2, urgency=1)
    sent = Log(SENDER).say(LeafKind.SENT, id_of(forged), at_ms=SENT_AT_MS - DAY_MS // 2)
    directory = KnownMembers()
    directory.amend(SENDER, compromised_since_ms=SENT_AT_MS)
    for received in (None, Log(RECIPIENT).say(LeafKind.RECEIVED, id_of(forged), at_ms=SENT_AT_MS)):
        report = judge(
            make_bundle(forged, sent=sent, received=received, opening=OPENING), directory
        )
        assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, UNDATED)
        assert outcome(report, Claim.CONTENT) == (Verdict.NOT_PROVEN, "envelope_not_proven")


# --- attachments


def with_receipts(*, is_seen: bool, is_attachments_seen: bool) -> Bundle:
    """Return an exchange with two receipts, each under a checkpoint of its own."""
    header, sender, recipient = with_attachment(), Log(SENDER), Log(RECIPIENT)
    bundle = make_bundle(header, sender=sender, recipient=recipient)
    attachments = recipient.say(LeafKind.ATTACHMENTS, id_of(header), at_ms=RECEIVED_AT_MS)
    assert bundle.received is not None
    return replace(
        bundle,
        attachments=attachments,
        seen=say_seen(sender, bundle.received) if is_seen else None,
        attachments_seen=say_seen(sender, attachments) if is_attachments_seen else None,
    )


@pytest.mark.parametrize("is_seen", [True, False])
@pytest.mark.parametrize("is_attachments_seen", [True, False])
def test_each_receipt_is_dated_by_what_saw_its_own_checkpoint(
    *, is_seen: bool, is_attachments_seen: bool
) -> None:
    bundle = with_receipts(is_seen=is_seen, is_attachments_seen=is_attachments_seen)
    report = judge(bundle, CASES["recipient: not seen"].directory())
    assert outcome(report, Claim.RECEIVED)[1] == (PROVEN if is_seen else UNDATED)
    assert outcome(report, Claim.ATTACHMENTS)[1] == (PROVEN if is_attachments_seen else UNDATED)
    is_proven = is_seen and is_attachments_seen
    assert report.verdict is (Verdict.PROVEN if is_proven else Verdict.NOT_PROVEN)


def test_receipts_under_one_checkpoint_are_dated_by_one_entry() -> None:
    header, recipient = with_attachment(), Log(RECIPIENT)
    kinds = (LeafKind.RECEIVED, LeafKind.ATTACHMENTS)
    positions = [recipient.append(kind, id_of(header), at_ms=RECEIVED_AT_MS) for kind in kinds]
    received, attachments = [recipient.prove(p, at_ms=RECEIVED_AT_MS) for p in positions]
    bundle = make_bundle(header, received=received, attachments=attachments)
    directory = CASES["recipient: not seen"].directory()
    assert judge(bundle, directory).verdict is Verdict.NOT_PROVEN
    dated = replace(bundle, seen=say_seen(Log(SENDER), received))
    assert judge(dated, directory).verdict is Verdict.PROVEN


def test_receipt_for_attachments_alone_is_dated_too() -> None:
    bundle = with_receipts(is_seen=False, is_attachments_seen=True)
    report = judge(replace(bundle, received=None), CASES["recipient: not seen"].directory())
    assert outcome(report, Claim.ATTACHMENTS)[1] == PROVEN
    assert outcome(report, Claim.RECEIVED)[1] == "no_receipt"


# --- descriptors


def described(bundle: Bundle) -> Bundle:
    return replace(
        bundle,
        sender_descriptor=say_descriptor(Log(SENDER)),
        recipient_descriptor=say_descriptor(Log(RECIPIENT)),
    )


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (stolen(SENT_AT_MS + 1, RECIPIENT), PROVEN),
        # Sealed at the time of the theft, so perhaps to a key that a thief had made.
        (stolen(SENT_AT_MS, RECIPIENT), UNDATED),
        (SENDER_STOLEN, PROVEN),
        (BOTH_STOLEN, PROVEN),
    ],
)
def test_descriptor_of_the_recipient_is_dated_by_what_was_sealed_to_it(
    keys: Keys, code: str
) -> None:
    bundle = described(seen(Log(STRANGER)))
    report = judge(bundle, Case(make_bundle, keys).directory())
    assert outcome(report, Claim.SEALED)[1] == code


def test_descriptor_without_the_key_is_not_dated_by_what_was_sealed_to_another() -> None:
    epochs = (Epoch(1, seed("other") * 38, NOW_MS - DAY_MS, NOW_MS + DAY_MS),)
    other = say_descriptor(Log(RECIPIENT), epochs=epochs)
    report = judge(
        make_bundle(recipient_descriptor=other), Case(seen, RECIPIENT_STOLEN).directory()
    )
    assert outcome(report, Claim.SEALED) == (Verdict.NOT_PROVEN, UNDATED)


def test_descriptor_of_the_sender_has_no_date() -> None:
    # Even if the thief puts the recipient's encryption key into it.
    bundle = described(seen())
    descriptor = parse_descriptor(bundle.sender_descriptor.descriptor)
    assert [epoch.kem_public_key for epoch in descriptor.epochs] == [KEM_PUBLIC_KEY]
    report = judge(bundle, Case(seen, SENDER_STOLEN).directory())
    assert outcome(report, Claim.SENDER_DESCRIPTOR) == (Verdict.NOT_PROVEN, UNDATED)
    assert report.verdict is Verdict.PROVEN
