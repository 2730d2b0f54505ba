"""Join requests: proof of possession, and words that two people can compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.errors import JoinRequestRefused
from keys.joining import (
    REQUEST_BYTES,
    fingerprint_words,
    make_join_request,
    verify_join_request,
)
from keys.members import encode_member
from protocol.errors import PeerError
from protocol.pb.homeward.v1 import member_pb2
from protocol.suite import LogSigner
from tests.keys.federation import NOW_MS, Federation, log_key, log_signer, member, seed

SIGNER = log_signer("be.example")
GOOD = make_join_request(member(), SIGNER, now_ms=NOW_MS)


def refused(data: bytes) -> str:
    with pytest.raises(JoinRequestRefused) as caught:
        verify_join_request(data)
    assert "new join request" in caught.value.hint
    return caught.value.sentence


def forged(
    change: Callable[[member_pb2.JoinRequest], None], signer: LogSigner | None = None
) -> bytes:
    """Change the request; sign it again when there is a signer."""
    outer = member_pb2.SignedJoinRequest.FromString(GOOD)
    inner = member_pb2.JoinRequest.FromString(outer.join_request)
    change(inner)
    outer.join_request = inner.SerializeToString()
    if signer is not None:
        signed = b"homeward/v1 join\x00" + outer.join_request
        outer.ed25519_signature = signer.sign_ed25519(signed)
        outer.mldsa44_signature = signer.sign_mldsa44(signed)
    return outer.SerializeToString()


def test_request_is_read_back_with_its_proof() -> None:
    request = verify_join_request(GOOD)
    assert request.member == member()
    assert request.created_at_ms == NOW_MS
    assert request.words == fingerprint_words(request.fingerprint)


def test_verified_member_is_admitted_as_it_asked() -> None:
    federation = Federation()
    federation.admit(verify_join_request(GOOD).member)
    name = next(name for name in federation.files if name.endswith(".member"))
    assert federation.files[name] == encode_member(member())


def test_both_sides_read_the_same_words_though_signatures_differ() -> None:
    again = make_join_request(member(), SIGNER, now_ms=NOW_MS)
    assert again != GOOD
    assert verify_join_request(again).words == verify_join_request(GOOD).words


def test_request_with_a_replaced_key_has_other_words() -> None:
    """The man in the middle: a request that is good in itself, with his own keys."""
    thief = LogSigner(seed("thief"), seed("thief too"))
    replaced = member(log_keys=(log_key("be.example", thief),))
    theirs = verify_join_request(make_join_request(replaced, thief, now_ms=NOW_MS))
    assert theirs.words != verify_join_request(GOOD).words


def test_request_with_a_replaced_telephone_or_endpoint_has_other_words() -> None:
    for changes in ({"telephone": "+3225550666"}, {"endpoints": ("https://other.invalid/",)}):
        data = make_join_request(member(**changes), SIGNER, now_ms=NOW_MS)
        assert verify_join_request(data).words != verify_join_request(GOOD).words


@settings(max_examples=150, deadline=None)
@given(index=st.integers(0, len(GOOD) - 1), bit=st.integers(0, 7))
def test_request_changed_on_the_way_is_refused(index: int, bit: int) -> None:
    changed = bytearray(GOOD)
    changed[index] ^= 1 << bit
    refused(bytes(changed))


def test_change_of_a_field_without_a_new_signature_is_refused() -> None:
    def change(request: member_pb2.JoinRequest) -> None:
        request.member.telephone = "+3225550666"

    assert "not signed" in refused(forged(change))


def test_proof_with_another_key_than_the_one_claimed_is_refused() -> None:
    """Claiming somebody else's log key without having it."""
    outsider = LogSigner(seed("x"), seed("y"))
    assert "not signed" in refused(forged(lambda request: None, outsider))


@pytest.mark.parametrize("missing", ["ed25519_signature", "mldsa44_signature"])
def test_one_signature_is_not_enough(missing: str) -> None:
    outer = member_pb2.SignedJoinRequest.FromString(GOOD)
    outer.ClearField(missing)
    assert "not signed" in refused(outer.SerializeToString())


def test_signature_over_something_else_is_refused() -> None:
    outer = member_pb2.SignedJoinRequest.FromString(GOOD)
    outer.ed25519_signature = SIGNER.sign_ed25519(outer.join_request)
    assert "not signed" in refused(outer.SerializeToString())


def test_low_order_key_is_refused_although_its_signature_verifies() -> None:
    """With the neutral element as key, R = s B verifies for every message."""

    def change(request: member_pb2.JoinRequest) -> None:
        request.member.log_keys[0].ed25519 = b"\x01" + bytes(31)

    assert "ed25519" in refused(forged(change, SIGNER))


def test_request_of_another_version_is_refused() -> None:
    def change(request: member_pb2.JoinRequest) -> None:
        request.version = 2

    assert "another version" in refused(forged(change, SIGNER))


def test_request_with_more_than_one_log_key_is_refused() -> None:
    def change(request: member_pb2.JoinRequest) -> None:
        record = member(log_keys=(log_key("be.example"), log_key("be.example", log_signer("2"))))
        request.member.CopyFrom(member_pb2.Member.FromString(encode_member(record)))

    assert "exactly one log key" in refused(forged(change, SIGNER))


@pytest.mark.parametrize("data", [b"", b"\x00", b"not a request", GOOD + GOOD, GOOD[:-1]])
def test_garbage_is_refused(data: bytes) -> None:
    refused(data)


def test_oversized_request_is_refused_unread() -> None:
    assert "larger" in refused(bytes(REQUEST_BYTES + 1))


def test_making_a_request_for_other_keys_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="exactly the log key"):
        make_join_request(member("nl.example"), SIGNER, now_ms=NOW_MS)
    with pytest.raises(PeerError, match="telephone"):
        make_join_request(replace(member(), telephone="none"), SIGNER, now_ms=NOW_MS)


# --- with the word of the present key

NEW = log_signer("new")
ROTATION = make_join_request(
    member(log_keys=(log_key("be.example", NEW),)), NEW, now_ms=NOW_MS, previous=SIGNER
)
PREVIOUS_FIELDS = ("previous_ed25519_signature", "previous_mldsa44_signature", "previous_log_key")


def test_request_carries_the_word_of_the_present_key() -> None:
    request = verify_join_request(ROTATION)
    assert request.previous_key_id == SIGNER.key_id
    assert request.is_signed_by_previous(log_key("be.example"))
    assert not request.is_signed_by_previous(log_key("be.example", NEW))
    assert len(ROTATION) < REQUEST_BYTES


def test_request_without_it_names_no_previous_key() -> None:
    request = verify_join_request(GOOD)
    assert request.previous_key_id is None
    assert not request.is_signed_by_previous(log_key("be.example"))


def test_words_do_not_depend_on_the_previous_key() -> None:
    record = member(log_keys=(log_key("be.example", NEW),))
    alone = verify_join_request(make_join_request(record, NEW, now_ms=NOW_MS))
    assert verify_join_request(ROTATION).fingerprint == alone.fingerprint


@pytest.mark.parametrize("missing", PREVIOUS_FIELDS)
def test_part_of_the_previous_keys_word_is_refused(missing: str) -> None:
    outer = member_pb2.SignedJoinRequest.FromString(ROTATION)
    outer.ClearField(missing)
    assert "present log key is not whole" in refused(outer.SerializeToString())


def test_id_of_a_previous_key_has_32_bytes() -> None:
    outer = member_pb2.SignedJoinRequest.FromString(ROTATION)
    outer.previous_log_key = SIGNER.key_id[:-1]
    assert "not whole" in refused(outer.SerializeToString())


@settings(max_examples=100, deadline=None)
@given(index=st.integers(0, len(ROTATION) - 1), bit=st.integers(0, 7))
def test_rotation_changed_on_the_way_is_not_vouched_for(index: int, bit: int) -> None:
    changed = bytearray(ROTATION)
    changed[index] ^= 1 << bit
    try:
        request = verify_join_request(bytes(changed))
    except JoinRequestRefused:
        return
    assert not request.is_signed_by_previous(log_key("be.example"))


def test_words_of_joining_and_of_rotating_cannot_be_exchanged() -> None:
    """Who signed a join request has not vouched for it as another key's successor."""
    outer = member_pb2.SignedJoinRequest.FromString(GOOD)
    outer.previous_ed25519_signature = outer.ed25519_signature
    outer.previous_mldsa44_signature = outer.mldsa44_signature
    outer.previous_log_key = SIGNER.key_id
    request = verify_join_request(outer.SerializeToString())
    assert not request.is_signed_by_previous(log_key("be.example"))


def test_key_does_not_vouch_for_itself() -> None:
    with pytest.raises(ValueError, match="is the previous one"):
        make_join_request(member(), SIGNER, now_ms=NOW_MS, previous=SIGNER)
