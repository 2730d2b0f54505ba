"""The table of attacks on an envelope: a name, the code that it must get, and its trace.

Each attack makes one envelope for the node of a `Scene`, which holds one referral.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import replace

import pytest

from keys.members import MemberStatus
from protocol import limits
from protocol.envelope import Opening
from protocol.errors import RefusalCode
from protocol.ids import BlobId
from protocol.log import LeafKind
from protocol.pb.homeward.v1.message_pb2 import Note
from protocol.suite import KemOpener, LogSigner
from protocol.values import AttachmentRef, Envelope
from tests.support.contents import claim, note, withdraw
from tests.support.forger import UNPROVEN
from tests.support.network import BE, DAY_MS, FR, GR, SECRET, referral
from tests.support.nodes import NOW_MS
from tests.support.scene import Scene
from tests.support.wire_bytes import bytes_field, number_field, tag

HOUR_MS = 3_600_000


class Trace(enum.Enum):
    """What of an attack is left in the log."""

    PROVEN = "a leaf: the envelope is proven to come from an active member"
    CLAIMED = "a leaf, but only so many an hour: the header just claims a member's name"
    NONE = "nothing"


Attack = Callable[[Scene], Envelope]
ATTACKS: list = []


def attack(code: RefusalCode, trace: Trace) -> Callable[[Attack], Attack]:
    """Add an attack to the table; its name is what the test is called."""

    def register(function: Attack) -> Attack:
        sentence = f"{code.name.lower()}: {function.__name__.replace('_', ' ')}"
        ATTACKS.append(pytest.param(function, code, trace, id=sentence))
        return function

    return register


# --- the bytes themselves: nobody is named yet who could be held to it


@attack(RefusalCode.TOO_LARGE, Trace.NONE)
def a_header_beyond_the_limit(scene: Scene) -> Envelope:
    padding = bytes_field(1000, bytes(limits.HEADER_BYTES))
    return scene.member.envelope(respell=lambda raw: raw + padding)


@attack(RefusalCode.TOO_LARGE, Trace.NONE)
def an_envelope_beyond_the_limit(scene: Scene) -> Envelope:
    header, _ = scene.member.sealed(scene.member.letter())
    return scene.member.logged(header, bytes(limits.ENVELOPE_BYTES))


RESPELLINGS = {
    RefusalCode.TRUNCATED: lambda raw: raw[:-1],
    RefusalCode.TRAILING_BYTES: lambda raw: raw + b"\x00",
    RefusalCode.DUPLICATE_FIELD: lambda raw: raw + bytes_field(17, bytes(32)),
    RefusalCode.UNORDERED_FIELD: lambda raw: raw + number_field(14, 1),
    RefusalCode.UNKNOWN_FIELD: lambda raw: raw + number_field(18, 1),
    RefusalCode.NOT_MINIMAL: lambda raw: number_field(1, 1, extra=1) + raw[2:],
    RefusalCode.WRONG_WIRE_TYPE: lambda raw: tag(1, 5) + bytes(4) + raw[2:],
    RefusalCode.UNSUPPORTED_VERSION: lambda raw: number_field(1, 2) + raw[2:],
    RefusalCode.INVALID_VALUE: lambda raw: raw.replace(b"gr.example", b"GR.example"),
}

for _code, _respell in RESPELLINGS.items():

    @attack(_code, Trace.NONE)
    def a_header_spelled_otherwise(scene: Scene, respell=_respell) -> Envelope:
        return scene.member.envelope(respell=respell)


# --- who speaks to whom


@attack(RefusalCode.WRONG_FEDERATION, Trace.PROVEN)
def an_envelope_of_another_federation(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(federation_id=bytes(32)))


@attack(RefusalCode.WRONG_RECIPIENT, Trace.PROVEN)
def an_envelope_for_somebody_else(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(recipient=FR))


@attack(RefusalCode.WRONG_RECIPIENT, Trace.PROVEN)
def a_known_message_under_a_header_for_somebody_else(scene: Scene) -> Envelope:
    header = replace(scene.letter.header, recipient=FR)
    return scene.member.envelope(replace(scene.letter, header=header))


@attack(RefusalCode.WRONG_RECIPIENT, Trace.CLAIMED)
def an_envelope_from_the_recipient_itself(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(sender=GR))


@attack(RefusalCode.UNKNOWN_SENDER, Trace.NONE)
def an_envelope_from_a_stranger(scene: Scene) -> Envelope:
    return scene.stranger.envelope()


@attack(RefusalCode.REVOKED_SENDER, Trace.CLAIMED)
def an_envelope_from_a_suspended_member(scene: Scene) -> Envelope:
    scene.amend(status=MemberStatus.SUSPENDED)
    return scene.member.envelope()


@attack(RefusalCode.REVOKED_SENDER, Trace.CLAIMED)
def a_known_envelope_from_a_revoked_member(scene: Scene) -> Envelope:
    scene.amend(status=MemberStatus.REVOKED)
    return scene.accepted


@attack(RefusalCode.UNKNOWN_LOG_KEY, Trace.CLAIMED)
def a_log_key_that_the_directory_does_not_name(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(sender_log_key=bytes(32)))


@attack(RefusalCode.UNKNOWN_LOG_KEY, Trace.CLAIMED)
def a_log_key_before_its_time(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(created_at_ms=NOW_MS - 2 * DAY_MS))


@attack(RefusalCode.UNKNOWN_LOG_KEY, Trace.CLAIMED)
def a_log_key_that_was_stolen(scene: Scene) -> Envelope:
    (key,) = scene.node.context.trust.directory.keys_of(BE)
    scene.amend(log_keys=(replace(key, compromised_since_ms=NOW_MS),))
    return scene.member.envelope()


@attack(RefusalCode.UNKNOWN_LOG_KEY, Trace.CLAIMED)
def a_message_that_is_dated_back_to_before_its_key_was_stolen(scene: Scene) -> Envelope:
    (key,) = scene.node.context.trust.directory.keys_of(BE)
    scene.amend(log_keys=(replace(key, compromised_since_ms=NOW_MS - HOUR_MS),))
    before = NOW_MS - 2 * HOUR_MS
    sealed = scene.member.sealed(scene.member.letter(created_at_ms=before))
    return scene.member.logged(*sealed, at_ms=before)


@attack(RefusalCode.UNKNOWN_LOG_KEY, Trace.CLAIMED)
def a_known_envelope_whose_key_was_stolen_since(scene: Scene) -> Envelope:
    (key,) = scene.node.context.trust.directory.keys_of(BE)
    scene.amend(log_keys=(replace(key, compromised_since_ms=NOW_MS),))
    return scene.accepted


# --- the proof


def with_proof(envelope: Envelope, **changes) -> Envelope:
    return replace(envelope, proof=replace(envelope.proof, **changes))


def with_note(envelope: Envelope, change: Callable[[list[bytes]], list[bytes]]) -> Envelope:
    """Change the lines of the checkpoint: three of text, one blank, Ed25519, ML-DSA-44."""
    lines = envelope.proof.checkpoint.splitlines(keepends=True)
    return with_proof(envelope, checkpoint=b"".join(change(lines)))


def with_leaf(scene: Scene, change: Callable[[bytes], bytes]) -> Envelope:
    """Return an envelope whose leaf is well logged, but spelled otherwise."""
    envelope = scene.member.envelope()
    return replace(envelope, proof=scene.member.proof_of(change(envelope.proof.leaf)))


@attack(RefusalCode.LEAF_MALFORMED, Trace.CLAIMED)
def no_leaf_at_all(scene: Scene) -> Envelope:
    return replace(scene.member.envelope(), proof=UNPROVEN)


@attack(RefusalCode.LEAF_MALFORMED, Trace.CLAIMED)
def a_leaf_with_a_byte_too_many(scene: Scene) -> Envelope:
    return with_leaf(scene, lambda leaf: leaf + b"\x00")


@attack(RefusalCode.LEAF_MALFORMED, Trace.CLAIMED)
def a_leaf_of_a_kind_that_nobody_knows(scene: Scene) -> Envelope:
    return with_leaf(scene, lambda leaf: b"\x01\x63" + leaf[2:])


@attack(RefusalCode.LEAF_MISMATCH, Trace.CLAIMED)
def a_proof_for_another_leaf(scene: Scene) -> Envelope:
    return replace(scene.member.envelope(), proof=scene.accepted.proof)


@attack(RefusalCode.LEAF_MISMATCH, Trace.CLAIMED)
def a_leaf_that_says_received(scene: Scene) -> Envelope:
    sealed = scene.member.sealed(scene.member.letter())
    return scene.member.logged(*sealed, kind=LeafKind.RECEIVED)


@attack(RefusalCode.LEAF_MISMATCH, Trace.CLAIMED)
def a_ciphertext_that_was_changed_after_it_was_logged(scene: Scene) -> Envelope:
    envelope = scene.member.envelope()
    return replace(envelope, ciphertext=envelope.ciphertext[:-1] + b"\x00")


@attack(RefusalCode.INCLUSION_FAILED, Trace.CLAIMED)
def the_index_of_another_leaf(scene: Scene) -> Envelope:
    return with_proof(scene.member.envelope(), index=0)


@attack(RefusalCode.INCLUSION_FAILED, Trace.CLAIMED)
def a_checkpoint_from_before_the_leaf(scene: Scene) -> Envelope:
    return with_proof(scene.member.envelope(), checkpoint=scene.accepted.proof.checkpoint)


@attack(RefusalCode.CHECKPOINT_MALFORMED, Trace.CLAIMED)
def a_checkpoint_that_is_no_note(scene: Scene) -> Envelope:
    return with_note(scene.member.envelope(), lambda lines: lines[:3])


@attack(RefusalCode.CHECKPOINT_MALFORMED, Trace.CLAIMED)
def a_signature_line_twice(scene: Scene) -> Envelope:
    return with_note(scene.member.envelope(), lambda lines: [*lines, lines[4]])


@attack(RefusalCode.WRONG_LOG, Trace.CLAIMED)
def a_checkpoint_of_the_members_second_log(scene: Scene) -> Envelope:
    envelope = scene.member.envelope()
    note = scene.member.log.checkpoint(NOW_MS, origin="be.example/log/2")
    return with_proof(envelope, checkpoint=note)


@attack(RefusalCode.WRONG_LOG, Trace.CLAIMED)
def an_envelope_that_somebody_else_logged(scene: Scene) -> Envelope:
    return scene.other.logged(*scene.member.sealed(scene.member.letter()))


@attack(RefusalCode.SIGNATURE_MISSING, Trace.CLAIMED)
def a_checkpoint_without_the_ed25519_line(scene: Scene) -> Envelope:
    return with_note(scene.member.envelope(), lambda lines: [*lines[:4], lines[5]])


@attack(RefusalCode.SIGNATURE_MISSING, Trace.CLAIMED)
def a_checkpoint_without_the_mldsa_line(scene: Scene) -> Envelope:
    return with_note(scene.member.envelope(), lambda lines: lines[:5])


@attack(RefusalCode.SIGNATURE_MISSING, Trace.CLAIMED)
def a_checkpoint_signed_by_a_strangers_keys(scene: Scene) -> Envelope:
    scene.member.log.signer = LogSigner(bytes(32), bytes(32))
    letter = scene.member.letter(sender_log_key=scene.letter.header.sender_log_key)
    return scene.member.envelope(letter)


@attack(RefusalCode.SIGNATURE_INVALID, Trace.CLAIMED)
def the_ed25519_line_of_another_checkpoint(scene: Scene) -> Envelope:
    older = scene.accepted.proof.checkpoint.splitlines(keepends=True)
    return with_note(scene.member.envelope(), lambda lines: [*lines[:4], older[4], lines[5]])


@attack(RefusalCode.SIGNATURE_INVALID, Trace.CLAIMED)
def the_mldsa_line_of_another_checkpoint(scene: Scene) -> Envelope:
    older = scene.accepted.proof.checkpoint.splitlines(keepends=True)
    return with_note(scene.member.envelope(), lambda lines: [*lines[:5], older[5]])


# --- time


@attack(RefusalCode.EXPIRED, Trace.PROVEN)
def an_envelope_whose_time_is_over(scene: Scene) -> Envelope:
    over = NOW_MS - limits.CLOCK_SKEW_MS
    letter = scene.member.letter(created_at_ms=NOW_MS - HOUR_MS, expires_at_ms=over)
    return scene.member.envelope(letter)


@attack(RefusalCode.FROM_THE_FUTURE, Trace.PROVEN)
def an_envelope_from_the_future(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(created_at_ms=NOW_MS + HOUR_MS))


@attack(RefusalCode.LIFETIME_TOO_LONG, Trace.PROVEN)
def an_envelope_that_would_live_for_31_days(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(expires_at_ms=NOW_MS + 31 * DAY_MS))


@attack(RefusalCode.FROM_THE_FUTURE, Trace.PROVEN)
def a_leaf_from_the_future(scene: Scene) -> Envelope:
    sealed = scene.member.sealed(scene.member.letter())
    return scene.member.logged(*sealed, at_ms=NOW_MS + HOUR_MS)


@attack(RefusalCode.LEAF_MISMATCH, Trace.PROVEN)
def a_leaf_from_before_the_message_was_made(scene: Scene) -> Envelope:
    sealed = scene.member.sealed(scene.member.letter())
    return scene.member.logged(*sealed, at_ms=NOW_MS - HOUR_MS)


# --- the sealed content


@attack(RefusalCode.UNKNOWN_EPOCH, Trace.PROVEN)
def an_envelope_to_an_epoch_that_is_not_there(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(recipient_kem_key=bytes(32)))


@attack(RefusalCode.CANNOT_OPEN, Trace.PROVEN)
def the_ciphertext_of_somebody_else_under_an_own_header(scene: Scene) -> Envelope:
    header, _ = scene.other.sealed(
        scene.other.letter(
            leg_id=scene.leg,
            size_class=scene.letter.header.size_class,
            commitment=scene.letter.header.commitment,
        )
    )
    return scene.other.logged(header, scene.accepted.ciphertext)


@attack(RefusalCode.CANNOT_OPEN, Trace.PROVEN)
def a_ciphertext_to_another_key(scene: Scene) -> Envelope:
    return scene.member.envelope(kem_public_key=KemOpener(bytes(32)).public_key)


@attack(RefusalCode.COMMITMENT_MISMATCH, Trace.PROVEN)
def another_payload_than_was_committed_to(scene: Scene) -> Envelope:
    letter = scene.member.letter()
    return scene.member.envelope(replace(letter, opening=Opening(bytes(32), b"other")))


@attack(RefusalCode.SIZE_CLASS_MISMATCH, Trace.PROVEN)
def a_size_class_that_the_ciphertext_does_not_have(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(size_class=4096))


@attack(RefusalCode.PAYLOAD_INVALID, Trace.PROVEN)
def a_payload_that_is_no_message(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(payload=b"\xff" + SECRET.encode()))


@attack(RefusalCode.PAYLOAD_INVALID, Trace.PROVEN)
def an_attachment_that_the_payload_does_not_open(scene: Scene) -> Envelope:
    announced = (AttachmentRef(BlobId(bytes(32)), 16),)
    return scene.member.envelope(scene.member.letter(attachments=announced))


@attack(RefusalCode.PAYLOAD_INVALID, Trace.PROVEN)
def an_attachment_larger_than_any_can_be(scene: Scene) -> Envelope:
    key = {"blob_id": bytes(32), "key": bytes(32), "digest": bytes(32), "size": 2**64 - 1}
    return scene.member.envelope(scene.member.letter(referral(attachment_keys=[key])))


@attack(RefusalCode.PAYLOAD_INVALID, Trace.PROVEN)
def a_time_that_no_database_holds(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(referral(reply_by_ms=2**63)))


@attack(RefusalCode.CONSENT_EXPIRED, Trace.PROVEN)
def what_rests_on_a_consent_that_has_ended(scene: Scene) -> Envelope:
    basis = {"art6_basis": "consent", "consent_given_by": ["guardian"], "consent_expires_at_ms": 1}
    return scene.member.envelope(scene.member.letter(referral(legal_basis=basis)))


@attack(RefusalCode.PAYLOAD_INVALID, Trace.PROVEN)
def more_of_a_case_than_its_mask(scene: Scene) -> Envelope:
    part = {"disclosure": {"lead_node": SECRET}, "mask": {"paths": ["status"]}}
    return scene.member.envelope(scene.member.letter(referral(**part)))


@attack(RefusalCode.PAYLOAD_INVALID, Trace.PROVEN)
def what_never_leaves_a_node(scene: Scene) -> Envelope:
    part = {"disclosure": {"local_case_number": SECRET}, "mask": {"paths": ["local_case_number"]}}
    return scene.member.envelope(scene.member.letter(referral(**part)))


@attack(RefusalCode.PAYLOAD_INVALID, Trace.PROVEN)
def a_leg_that_would_live_too_long(scene: Scene) -> Envelope:
    late_ms = NOW_MS + limits.LEG_LIFETIME_MS + 2 * limits.CLOCK_SKEW_MS
    return scene.member.envelope(scene.member.letter(referral(expires_at_ms=late_ms)))


# --- the leg


@attack(RefusalCode.MESSAGE_ID_REUSED, Trace.PROVEN)
def a_known_message_id_with_other_content(scene: Scene) -> Envelope:
    letter = scene.member.letter(message_id=scene.letter.header.message_id)
    return scene.member.envelope(letter)


@attack(RefusalCode.UNKNOWN_LEG, Trace.PROVEN)
def a_step_on_a_leg_that_nobody_opened(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(note(), number=2))


@attack(RefusalCode.UNKNOWN_LEG, Trace.PROVEN)
def a_step_on_a_leg_between_others(scene: Scene) -> Envelope:
    return scene.other.envelope(scene.other.letter(note(), leg_id=scene.leg, number=2))


@attack(RefusalCode.STEP_OUT_OF_ORDER, Trace.PROVEN)
def a_step_after_one_that_has_not_come(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(note(), leg_id=scene.leg, number=3))


@attack(RefusalCode.STEP_OUT_OF_ORDER, Trace.PROVEN)
def a_step_that_answers_one_that_was_never_made(scene: Scene) -> Envelope:
    letter = scene.member.letter(withdraw(), leg_id=scene.leg, number=2, seen=1)
    return scene.member.envelope(letter)


@attack(RefusalCode.ILLEGAL_STEP, Trace.PROVEN)
def a_sender_that_claims_its_own_referral(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(claim(), leg_id=scene.leg, number=2))


@attack(RefusalCode.PAYLOAD_INVALID, Trace.PROVEN)
def a_step_that_does_not_say_what_it_must(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(Note(), leg_id=scene.leg, number=2))


@attack(RefusalCode.UNKNOWN_KIND, Trace.PROVEN)
def a_kind_of_a_newer_version(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(referral(kind="of_the_future")))


@attack(RefusalCode.ILLEGAL_STEP, Trace.PROVEN)
def the_reopening_of_a_leg_that_is_not_there(scene: Scene) -> Envelope:
    letter = scene.member.letter(referral(reopens_leg_id=bytes(16)))
    return scene.member.envelope(letter)


@attack(RefusalCode.ILLEGAL_STEP, Trace.PROVEN)
def the_reopening_of_a_leg_between_others(scene: Scene) -> Envelope:
    letter = scene.other.letter(referral(reopens_leg_id=scene.leg))
    return scene.other.envelope(letter)


@attack(RefusalCode.STEP_OUT_OF_ORDER, Trace.PROVEN)
def the_reopening_of_a_leg_that_has_not_ended(scene: Scene) -> Envelope:
    letter = scene.member.letter(referral(reopens_leg_id=scene.leg))
    return scene.member.envelope(letter)


@attack(RefusalCode.ILLEGAL_STEP, Trace.PROVEN)
def a_second_referral_on_a_leg(scene: Scene) -> Envelope:
    return scene.member.envelope(scene.member.letter(leg_id=scene.leg, number=2))
