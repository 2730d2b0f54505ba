"""Signing by several holders: in any order, on any copies, never with less than it takes."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.signer import Signature
from tuf.api.metadata import Metadata

from keys import change as changes
from keys.ceremony import collect, only_suspensions, publish, sign, signatures
from keys.change import Change
from keys.directory import load_directory
from keys.errors import DirectoryError, DirectoryFault, MembershipError
from keys.tuf_keys import CompositeSigner
from tests.keys.ceremonies import (
    BE,
    FR,
    KEYS,
    NEXT_KEYS,
    NL,
    PUBLIC,
    THEN_MS,
    admitting,
    counts,
    published,
    refused,
    root,
    signed,
    suspend,
    targets,
)
from tests.keys.federation import NOW_MS, directory_key, federation_keys, fixed_random, member

ADMITTING = admitting()
TARGETS = "3.targets.json"


def directory_of(files: dict[str, bytes], now_ms: int = THEN_MS):
    return load_directory(files, PUBLIC["1.root.json"], now_ms=now_ms)


# --- thresholds


@pytest.mark.parametrize(("count", "missing"), [(0, "3 are"), (1, "2 are"), (2, "1 is")])
def test_less_than_three_of_five_cannot_publish(count: int, missing: str) -> None:
    change = signed(ADMITTING, targets(count))
    assert refused(change) == f"{count} of 3 signatures of targets are there, {missing} missing"
    assert counts(change) == [(TARGETS, "targets", count, 3)]


@pytest.mark.parametrize("holders", [(0, 1, 2), (4, 2, 0), (0, 1, 2, 3, 4)])
def test_any_three_of_five_publish(holders: tuple[int, ...]) -> None:
    change = signed(ADMITTING, [KEYS.targets.signers[holder] for holder in holders])
    assert directory_of(published(change)).is_active(FR)
    assert not directory_of(PUBLIC).is_member(FR)


def test_signatures_say_whose_they_are() -> None:
    (told,) = signatures(signed(ADMITTING, targets(2)))
    assert told.key_ids == tuple(sorted(signer.public_key.keyid for signer in targets(2)))
    assert not told.is_enough


def test_second_signature_of_a_key_changes_nothing() -> None:
    once = sign(ADMITTING, targets(1)[0])
    assert sign(once, targets(1)[0]) == once
    assert counts(once) == [(TARGETS, "targets", 1, 3)]


def test_signing_leaves_the_change_that_was_given_alone() -> None:
    before = dict(ADMITTING.pending)
    sign(ADMITTING, targets(1)[0])
    assert ADMITTING.pending == before


def test_founding_needs_every_role_that_has_a_file() -> None:
    change = changes.found("Test", KEYS.public(), random=fixed_random("f"), now_ms=NOW_MS)
    assert counts(change) == [
        ("1.root.json", "root", 0, 3),
        ("1.targets.json", "targets", 0, 3),
        ("1.suspend.json", "suspend", 0, 2),
    ]
    change = signed(change, [*root(3), *targets(2), *suspend(1)])
    assert refused(change) == (
        "2 of 3 signatures of targets are there, 1 is missing; "
        "1 of 2 signatures of suspend are there, 1 is missing"
    )
    files = published(signed(change, [targets(3)[2], suspend(2)[1]]))
    assert load_directory(files, files["1.root.json"], now_ms=THEN_MS).federation_name == "Test"


# --- who may sign


@pytest.mark.parametrize(
    ("signer", "sentence"),
    [
        (directory_key("stranger"), "this key is in no role of the federation"),
        (root(1)[0], "nothing of this change waits for a key of the role root"),
        (suspend(1)[0], "nothing of this change waits for a key of the role suspend"),
        (KEYS.snapshot.signers[0], "a key of the role snapshot signs only when the change is"),
        (KEYS.timestamp.signers[0], "a key of the role timestamp signs only when the change is"),
    ],
)
def test_key_that_nothing_waits_for_is_refused(signer: CompositeSigner, sentence: str) -> None:
    with pytest.raises(MembershipError, match=sentence):
        sign(ADMITTING, signer)


def test_without_a_change_there_is_nothing_to_sign() -> None:
    with pytest.raises(MembershipError, match="nothing at all waits for a key of the role targets"):
        sign(Change(PUBLIC), targets(1)[0])
    assert signatures(Change(PUBLIC)) == ()


def test_signature_under_another_keys_id_does_not_count() -> None:
    """A stranger cannot fill up the number with what only looks like a holder's signature."""
    metadata = Metadata.from_bytes(signed(ADMITTING, targets(2)).pending[TARGETS])
    forged = directory_key("stranger").sign(metadata.signed_bytes).signature
    holder = KEYS.targets.signers[2].public_key.keyid
    metadata.signatures[holder] = Signature(holder, forged)
    change = Change(PUBLIC, {**ADMITTING.pending, TARGETS: metadata.to_bytes()})
    assert "2 of 3 signatures of targets" in refused(change)
    repaired = sign(change, KEYS.targets.signers[2])
    assert counts(repaired) == [(TARGETS, "targets", 3, 3)]


@pytest.mark.parametrize("wrong", ["snapshot", "timestamp"])
def test_publisher_needs_the_right_keys(wrong: str) -> None:
    signers = {"snapshot": KEYS.snapshot.signers, "timestamp": KEYS.timestamp.signers}
    signers[wrong] = (directory_key("stranger"),)
    with pytest.raises(MembershipError) as caught:
        publish(Change(PUBLIC), **signers, now_ms=THEN_MS)
    assert caught.value.sentence == f"0 of 1 signatures of {wrong} are there, 1 is missing"


# --- on copies


def test_copies_that_were_signed_in_parallel_are_joined() -> None:
    first, second, third = (sign(ADMITTING, signer) for signer in targets(3))
    change = collect(collect(first, second.pending), third.pending)
    assert counts(change) == [(TARGETS, "targets", 3, 3)]
    assert directory_of(published(change)).is_active(FR)


def test_only_the_signed_file_need_be_sent_back() -> None:
    copy = sign(ADMITTING, targets(1)[0])
    change = collect(ADMITTING, {TARGETS: copy.pending[TARGETS]})
    assert counts(change) == [(TARGETS, "targets", 1, 3)]


def test_copy_of_another_change_is_refused() -> None:
    other = sign(admitting("de.example"), targets(1)[0])
    with pytest.raises(MembershipError, match="of another change"):
        collect(ADMITTING, other.pending)
    later = changes.admit(Change(PUBLIC), member(FR), now_ms=THEN_MS + 1000)
    with pytest.raises(MembershipError, match=r"3\.targets\.json of the copy is of another change"):
        collect(ADMITTING, {TARGETS: later.pending[TARGETS]})


def test_copy_with_a_changed_record_is_refused() -> None:
    name = next(name for name in ADMITTING.pending if name.endswith(".member"))
    with pytest.raises(MembershipError, match="another change"):
        collect(ADMITTING, {name: ADMITTING.pending[name] + b"\x00"})


def test_copy_with_a_damaged_signature_is_refused() -> None:
    metadata = Metadata.from_bytes(sign(ADMITTING, targets(1)[0]).pending[TARGETS])
    (signature,) = metadata.signatures.values()
    metadata.signatures[signature.keyid] = Signature(signature.keyid, "00" * 3373)
    with pytest.raises(MembershipError, match="a signature in the copy of"):
        collect(ADMITTING, {TARGETS: metadata.to_bytes()})


def test_strangers_signatures_are_not_taken_over() -> None:
    metadata = Metadata.from_bytes(sign(ADMITTING, targets(1)[0]).pending[TARGETS])
    metadata.sign(directory_key("stranger"), append=True)
    change = collect(ADMITTING, {TARGETS: metadata.to_bytes()})
    kept = Metadata.from_bytes(change.pending[TARGETS]).signatures
    assert list(kept) == [targets(1)[0].public_key.keyid]


class Repeating(CompositeSigner):
    """Signs the same bytes in the same way each time, so that results can be compared."""

    def __init__(self, label: str) -> None:
        made = directory_key(label)
        super().__init__(made._mldsa_seed, made._ed25519_seed)
        self.made: dict[bytes, Signature] = {}

    def sign(self, payload: bytes) -> Signature:
        if payload not in self.made:
            self.made[payload] = super().sign(payload)
        return self.made[payload]


HOLDERS = [Repeating(f"targets of ceremony 1 {number}") for number in range(5)]


@cache
def signed_by(holders: tuple[int, ...]) -> Change:
    if not holders:
        return ADMITTING
    return sign(signed_by(holders[:-1]), HOLDERS[holders[-1]])


@settings(max_examples=25, deadline=None)
@given(
    copies=st.lists(st.lists(st.integers(0, 4), max_size=4).map(tuple), min_size=1, max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_any_order_of_signers_and_any_split_over_copies_come_to_the_same(copies, order) -> None:
    holders = {holder for each in copies for holder in each}
    together = signed_by(tuple(sorted(holders)))
    order.shuffle(copies)
    change = ADMITTING
    for each in copies:
        change = collect(change, signed_by(each).pending)
    assert change == together
    assert counts(change) == [(TARGETS, "targets", len(holders), 3)]


def test_two_signatures_of_one_key_come_to_the_same_in_either_order() -> None:
    first, second = (sign(ADMITTING, targets(1)[0]) for _ in range(2))
    assert first != second
    assert collect(first, second.pending) == collect(second, first.pending)


# --- content that changes


def test_signatures_on_a_file_that_changes_are_dropped() -> None:
    change = signed(ADMITTING, targets(3))
    change = changes.admit(change, member("de.example"), now_ms=THEN_MS)
    assert counts(change) == [(TARGETS, "targets", 0, 3)]


def test_signatures_on_a_file_that_stays_the_same_are_kept() -> None:
    change = signed(changes.suspend(Change(PUBLIC), BE, now_ms=THEN_MS), suspend(2))
    change = changes.admit(change, member(FR), now_ms=THEN_MS)
    assert counts(change) == [(TARGETS, "targets", 0, 3), ("2.suspend.json", "suspend", 2, 2)]


def test_change_of_what_was_signed_shows_as_missing_signatures() -> None:
    metadata = Metadata.from_bytes(signed(ADMITTING, targets(3)).pending[TARGETS])
    metadata.signed.expires = changes.expiry(THEN_MS, 999)
    change = Change(PUBLIC, {**ADMITTING.pending, TARGETS: metadata.to_bytes()})
    assert "0 of 3 signatures of targets" in refused(change)


# --- new keys


def test_new_root_needs_the_threshold_of_the_old_root_and_its_own() -> None:
    change = changes.rotate_root(Change(PUBLIC), NEXT_KEYS.public(), now_ms=THEN_MS)
    assert counts(change) == [
        ("2.root.json", "previous root", 0, 3),
        ("2.root.json", "root", 0, 3),
        (TARGETS, "targets", 0, 3),
        ("2.suspend.json", "suspend", 0, 2),
    ]
    others = [*targets(3, NEXT_KEYS), *suspend(2, NEXT_KEYS)]
    old_only = signed(change, [*root(3), *others])
    assert refused(old_only, NEXT_KEYS) == "0 of 3 signatures of root are there, 3 are missing"
    new_only = signed(change, [*root(3, NEXT_KEYS), *others])
    assert "0 of 3 signatures of previous root" in refused(new_only, NEXT_KEYS)
    short = signed(change, [*root(2), *root(3, NEXT_KEYS), *others])
    assert refused(short, NEXT_KEYS) == (
        "2 of 3 signatures of previous root are there, 1 is missing"
    )
    files = published(sign(short, root(3)[2]), NEXT_KEYS)
    assert directory_of(files).is_active(BE)
    assert {"1.root.json", "2.root.json"} <= set(files)


def test_key_that_stays_in_root_signs_for_both_roots() -> None:
    kept = changes.renew(Change(PUBLIC), "root", now_ms=THEN_MS)
    change = signed(kept, root(3))
    assert counts(change) == [
        ("2.root.json", "previous root", 3, 3),
        ("2.root.json", "root", 3, 3),
    ]
    assert directory_of(published(change)).is_active(BE)


def test_key_that_was_taken_out_signs_nothing_more() -> None:
    change = changes.rotate_root(Change(PUBLIC), NEXT_KEYS.public(), now_ms=THEN_MS)
    with pytest.raises(MembershipError, match="in no role"):
        sign(change, targets(1)[0])


def test_publishing_with_replaced_publisher_keys_is_refused() -> None:
    change = changes.rotate_root(Change(PUBLIC), NEXT_KEYS.public(), now_ms=THEN_MS)
    everybody = [*root(3), *root(3, NEXT_KEYS), *targets(3, NEXT_KEYS), *suspend(2, NEXT_KEYS)]
    assert "0 of 1 signatures of snapshot" in refused(signed(change, everybody), KEYS)


# --- publishing


def test_publishing_without_a_change_renews_what_is_current() -> None:
    files = published(Change(PUBLIC))
    assert directory_of(files).version == directory_of(PUBLIC).version + 1
    same = {name for name in files if files[name] == PUBLIC.get(name)}
    assert set(files) - same == {"3.snapshot.json", "timestamp.json"}


def test_published_files_are_exactly_those_a_node_needs() -> None:
    record = member(BE, telephone="+3225550111")
    change = changes.amend(Change(PUBLIC), record, now_ms=THEN_MS)
    files = published(signed(change, targets(3)))
    kinds = sorted(name.split(".", 1)[1] for name in files)
    assert kinds == [
        "be.example.member", "json", "nl.example.member",
        "root.json", "snapshot.json", "suspend.json", "targets.json",
    ]  # fmt: skip


def test_publishing_expired_members_is_refused_until_they_are_renewed() -> None:
    later = NOW_MS + changes.TARGETS_DAYS * 24 * 3600 * 1000
    with pytest.raises(DirectoryError) as caught:
        published(Change(PUBLIC), now_ms=later)
    assert caught.value.code is DirectoryFault.EXPIRED
    renewed = signed(changes.renew(Change(PUBLIC), "targets", now_ms=later), targets(3))
    assert directory_of(published(renewed, now_ms=later), later).is_active(BE)


def test_change_that_another_one_overtook_is_refused() -> None:
    ours = signed(ADMITTING, targets(3))
    theirs = published(signed(admitting("de.example"), targets(3)))
    with pytest.raises(MembershipError, match="other public files"):
        published(Change(theirs, ours.pending))
    with pytest.raises(MembershipError, match="other public files"):
        sign(Change(theirs, ours.pending), targets(4)[3])


def test_suspension_is_published_while_an_admission_waits() -> None:
    waiting = signed(ADMITTING, targets(2))
    change = changes.suspend(waiting, BE, now_ms=THEN_MS)
    alone = signed(only_suspensions(change), suspend(2))
    files = published(alone)
    assert not directory_of(files).is_active(BE)
    rest = Change(files, {n: data for n, data in change.pending.items() if n not in files})
    assert counts(rest) == [(TARGETS, "targets", 2, 3)]
    after = directory_of(published(sign(rest, targets(3)[2])))
    assert after.is_active(FR)
    assert not after.is_active(BE)


def test_without_a_suspension_there_is_none_to_publish_alone() -> None:
    with pytest.raises(MembershipError, match="no suspension is pending"):
        only_suspensions(ADMITTING)


def test_keys_of_one_person_found_a_federation_too() -> None:
    keys = federation_keys()
    change = changes.found("Small", keys.public(), random=fixed_random("s"), now_ms=NOW_MS)
    change = signed(change, [keys.root.signers[0], keys.targets.signers[0]])
    files = published(change, keys)
    assert sorted(files) == ["1.root.json", "1.snapshot.json", "1.targets.json", "timestamp.json"]
    assert NL not in load_directory(files, files["1.root.json"], now_ms=THEN_MS).members
