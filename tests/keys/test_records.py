"""New log keys: planned, with the present one's word; after a theft, without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keys import change as changes
from keys.directory import load_directory
from keys.errors import MembershipError
from keys.joining import JoinRequest, make_join_request, verify_join_request
from keys.members import LogKeyRecord, MemberRecord, MemberStatus
from keys.records import KEY_OVERLAP_DAYS, rekeyed, revoked
from keys.signers_at_hand import RoleKeys
from keys.suspension import SUSPEND_ROLE
from protocol import limits
from protocol.ids import NodeId
from protocol.suite import LogSigner
from tests.keys.federation import (
    DAY_MS,
    NOW_MS,
    Federation,
    directory_key,
    federation_keys,
    log_key,
    log_signer,
    member,
)

BE, NL = NodeId("be.example"), NodeId("nl.example")
OLD, NEW, NEXT = log_signer(BE), log_signer("new"), log_signer("next")
OVERLAP_MS = KEY_OVERLAP_DAYS * DAY_MS
MEMBER = member(BE)


def request(
    signer: LogSigner = NEW,
    *,
    previous: LogSigner | None = OLD,
    at_ms: int = NOW_MS,
    number: int = 1,
    node_id: str = BE,
    **changed: object,
) -> JoinRequest:
    record = member(node_id, log_keys=(log_key(node_id, signer, number),), **changed)
    return verify_join_request(make_join_request(record, signer, now_ms=at_ms, previous=previous))


def planned(record: MemberRecord, asked: JoinRequest, *, now_ms: int = NOW_MS) -> MemberRecord:
    return rekeyed(record, asked, compromised_since_ms=None, now_ms=now_ms)


def stolen(
    record: MemberRecord, asked: JoinRequest, *, since_ms: int = NOW_MS, now_ms: int = NOW_MS
) -> MemberRecord:
    return rekeyed(record, asked, compromised_since_ms=since_ms, now_ms=now_ms)


def refused(record: MemberRecord, asked: JoinRequest, **times: int) -> str:
    """Assert that it is refused as planned; return why."""
    with pytest.raises(MembershipError) as caught:
        planned(record, asked, **times)
    return caught.value.sentence


def refused_theft(record: MemberRecord, asked: JoinRequest, **times: int) -> str:
    with pytest.raises(MembershipError) as caught:
        stolen(record, asked, **times)
    return caught.value.sentence


# --- planned


def test_old_key_goes_on_for_the_overlap_and_the_new_one_counts_at_once() -> None:
    record = planned(MEMBER, request())
    old, new = record.log_keys
    assert old == replace(log_key(BE), valid_until_ms=NOW_MS + OVERLAP_MS)
    assert new == replace(log_key(BE, NEW), valid_from_ms=NOW_MS)
    assert replace(record, log_keys=()) == replace(MEMBER, log_keys=())


def test_of_the_request_only_the_key_is_taken() -> None:
    asked = request(telephone="+3225550666", endpoints=("https://thief.invalid",))
    assert planned(MEMBER, asked) == planned(MEMBER, request())


def test_key_that_ends_sooner_anyway_is_not_prolonged() -> None:
    soon = replace(log_key(BE), valid_until_ms=NOW_MS + 5)
    assert planned(member(BE, log_keys=(soon,)), request()).log_keys[0] == soon


def test_key_that_is_compromised_already_gets_no_end() -> None:
    over = replace(log_key(BE, NEXT), compromised_since_ms=NOW_MS - 5)
    record = planned(member(BE, log_keys=(log_key(BE), over)), request())
    assert record.log_keys[0].valid_until_ms == NOW_MS + OVERLAP_MS
    assert record.log_keys[1] == over


def test_planned_rotation_needs_the_word_of_the_present_key() -> None:
    for previous in (None, NEXT, log_signer(NL)):
        assert "not signed by the present log key" in refused(MEMBER, request(previous=previous))


def test_word_of_the_present_key_must_be_about_this_request() -> None:
    """Somebody else's word for the member, under the id of the right key."""
    asked = replace(request(), untrusted_previous=request(NEXT).untrusted_previous)
    assert asked.previous_key_id == OLD.key_id
    assert "not signed" in refused(MEMBER, asked)


@pytest.mark.parametrize("half", [0, 1])
def test_half_a_word_is_not_enough(half: int) -> None:
    halves = list(request().untrusted_previous)
    halves[half] = bytes(len(halves[half]))
    assert "not signed" in refused(MEMBER, replace(request(), untrusted_previous=tuple(halves)))


def test_present_key_that_is_over_or_compromised_vouches_for_nothing() -> None:
    for over in ({"valid_until_ms": NOW_MS}, {"compromised_since_ms": NOW_MS}):
        record = member(BE, log_keys=(replace(log_key(BE), **over),))
        assert "not signed by the present log key" in refused(record, request())


def test_key_in_its_overlap_vouches_for_no_further_one() -> None:
    """Whoever finds the old key on a discarded disk must not get the name back."""
    record = planned(MEMBER, request(), now_ms=NOW_MS)
    later = NOW_MS + DAY_MS
    assert record.log_keys[0].is_good_at(later)
    asked = request(NEXT, previous=OLD, at_ms=later)
    assert "not signed by the present" in refused(record, asked, now_ms=later)
    third = planned(record, request(NEXT, previous=NEW, at_ms=later), now_ms=later)
    assert [key.key_id for key in third.log_keys] == [OLD.key_id, NEW.key_id, NEXT.key_id]
    assert third.log_keys[0].valid_until_ms == NOW_MS + OVERLAP_MS


def test_replayed_request_does_not_bring_an_old_key_back() -> None:
    record = planned(MEMBER, request())
    assert "stands in the record of be.example already" in refused(record, request())
    stolen_record = stolen(record, request(NEXT, previous=None, number=2))
    assert "already" in refused(stolen_record, request())
    assert "already" in refused_theft(stolen_record, request(previous=None))


def test_request_that_a_later_one_overtook_is_refused() -> None:
    overtaken = request(NEXT, at_ms=NOW_MS - 1)
    record = planned(MEMBER, request())
    assert "older than the newest log key" in refused(record, overtaken)
    assert "older than the newest log key" in refused_theft(
        record, request(NEXT, previous=None, at_ms=NOW_MS - 1, number=2), since_ms=NOW_MS - 1
    )


def test_request_from_the_future_is_refused() -> None:
    skew_ms = limits.CLOCK_SKEW_MS
    planned(MEMBER, request(at_ms=NOW_MS + skew_ms))
    assert "in the future" in refused(MEMBER, request(at_ms=NOW_MS + skew_ms + 1))


def test_another_members_request_is_refused() -> None:
    assert "another member's" in refused(MEMBER, request(node_id=NL, previous=None))


def test_planned_rotation_may_begin_a_new_log_but_not_go_back() -> None:
    second = planned(MEMBER, request(number=2))
    assert second.log_keys[1].origin == "be.example/log/2"
    asked = request(NEXT, previous=NEW, number=1)
    assert "goes back to an older log" in refused(second, asked)


# --- after a theft


def test_after_a_theft_all_keys_so_far_are_compromised_and_the_new_log_is_good() -> None:
    old, new = stolen(MEMBER, request(previous=None, number=2), since_ms=NOW_MS - 5).log_keys
    assert old == replace(log_key(BE), compromised_since_ms=NOW_MS - 5)
    assert new == replace(log_key(BE, NEW, 2), valid_from_ms=NOW_MS)


def test_theft_that_is_known_to_be_earlier_stays_so() -> None:
    known = replace(log_key(BE), compromised_since_ms=NOW_MS - 10)
    record = stolen(member(BE, log_keys=(known,)), request(number=2), since_ms=NOW_MS - 5)
    assert record.log_keys[0].compromised_since_ms == NOW_MS - 10


@pytest.mark.parametrize("number", [1, 2])
def test_after_a_theft_the_log_must_be_a_new_one(number: int) -> None:
    """In the old one the thief can go on writing, and nobody could tell who wrote what."""
    record = member(BE, log_keys=(log_key(BE), log_key(BE, NEXT, number=2)))
    assert "a log with a higher number" in refused_theft(record, request(number=number))
    assert stolen(record, request(number=3)).log_keys[2].origin == "be.example/log/3"


def test_key_that_was_made_before_the_theft_is_refused() -> None:
    asked = request(number=2, at_ms=NOW_MS - 6)
    assert "before the theft" in refused_theft(MEMBER, asked, since_ms=NOW_MS - 5)


@pytest.mark.parametrize("since_ms", [NOW_MS + 1, 0, -1])
def test_theft_in_the_future_or_at_no_time_is_refused(since_ms: int) -> None:
    asked = request(number=2, at_ms=NOW_MS + 5)
    assert "lies in the future" in refused_theft(MEMBER, asked, since_ms=since_ms)


# --- revoked


def test_revocation_compromises_the_keys_that_are_still_good() -> None:
    over = replace(log_key(BE), valid_until_ms=NOW_MS - 100)
    known = replace(log_key(BE, NEW, 2), compromised_since_ms=NOW_MS - 50)
    good = log_key(BE, NEXT, 3)
    record = revoked(
        member(BE, log_keys=(over, known, good)), compromised_since_ms=NOW_MS - 5, now_ms=NOW_MS
    )
    assert record.status is MemberStatus.REVOKED
    assert record.log_keys == (
        over, known, replace(good, compromised_since_ms=NOW_MS - 5),
    )  # fmt: skip


def test_key_that_ended_after_the_theft_is_compromised_too() -> None:
    ended: LogKeyRecord = replace(log_key(BE), valid_until_ms=NOW_MS - 1)
    record = revoked(member(BE, log_keys=(ended,)), compromised_since_ms=NOW_MS - 5, now_ms=NOW_MS)
    assert record.log_keys[0].compromised_since_ms == NOW_MS - 5


# --- in the directory


@pytest.fixture(name="federation")
def _federation() -> Federation:
    federation = Federation(
        replace(federation_keys(), **{SUSPEND_ROLE: RoleKeys((directory_key("night"),))})
    )
    federation.admit(member(BE))
    federation.admit(member(NL))
    return federation


def rekey(federation: Federation, asked: JoinRequest, since_ms: int | None = None) -> None:
    federation.carry_out(
        changes.rekey(federation.public, asked, compromised_since_ms=since_ms, now_ms=NOW_MS)
    )


def test_stolen_key_is_suspended_at_night_and_replaced_by_day(federation: Federation) -> None:
    federation.suspend(BE)
    with pytest.raises(MembershipError, match="its present key vouches for nothing"):
        rekey(federation, request())
    rekey(federation, request(previous=None, number=2), NOW_MS - 5)
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    assert directory.is_active(BE)
    assert directory.members[BE].reinstated_at_ms == NOW_MS
    assert directory.key_for(BE, OLD.key_id, NOW_MS) is None
    assert directory.key_for(BE, OLD.key_id, NOW_MS - 6) is not None
    assert directory.key_for(BE, NEW.key_id, NOW_MS) is not None


def test_revoked_member_comes_back_with_a_new_key_and_not_with_the_old_one(
    federation: Federation,
) -> None:
    federation.carry_out(
        changes.revoke(federation.public, BE, compromised_since_ms=NOW_MS - 5, now_ms=NOW_MS)
    )
    with pytest.raises(MembershipError, match="suspended or revoked"):
        rekey(federation, request())
    rekey(federation, request(previous=None, number=2), NOW_MS - 5)
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    assert directory.is_active(BE)
    assert directory.key_for(BE, OLD.key_id, NOW_MS) is None


def test_nobody_gets_another_members_key_by_rotation(federation: Federation) -> None:
    with pytest.raises(MembershipError, match="key twice"):
        rekey(federation, request(log_signer(NL)))


def test_only_members_rotate(federation: Federation) -> None:
    with pytest.raises(MembershipError, match=r"fr\.example is not a member"):
        rekey(federation, request(node_id="fr.example", previous=None))
