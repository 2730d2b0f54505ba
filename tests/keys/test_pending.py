"""Pending files from somebody who means ill: nobody signs what is not told, or not allowed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tuf.api.metadata import Metadata, TargetFile, Targets

from keys import change as changes
from keys.ceremony import sign, signatures
from keys.change import Change
from keys.directory_content import suspend_delegations
from keys.effects import effects
from keys.errors import DirectoryError, DirectoryFault, KeysError, MembershipError
from keys.members import encode_member
from keys.pending import check_public, checked
from keys.suspension import Suspension, encode_suspension
from tests.keys.ceremonies import (
    BE,
    FR,
    KEYS,
    NEXT_KEYS,
    NL,
    PUBLIC,
    THEN_MS,
    admitting,
    published,
    root,
    signed,
    suspend,
    targets,
)
from tests.keys.federation import Federation, directory_key, federation_keys, log_signer, member
from tests.keys.federation import log_key as log_key_of

TARGETS, ROOT = "3.targets.json", "2.root.json"
ADMITTING = admitting()
ROTATING = changes.rotate_root(Change(PUBLIC), KEYS.public(), now_ms=THEN_MS)


def with_metadata(change: Change, name: str, forge: Callable[[object], None]) -> Change:
    """Change what is signed of a pending file, by hand."""
    metadata = Metadata.from_bytes(change.pending[name])
    forge(metadata.signed)
    return Change(change.files, {**change.pending, name: metadata.to_bytes()})


def with_target(change: Change, name: str, path: str, data: bytes) -> Change:
    """Have a pending file list another record."""
    target = TargetFile.from_data(path, data, ["sha256"])
    listed = with_metadata(change, name, lambda signed: signed.targets.update({path: target}))
    pending = {
        known: content
        for known, content in listed.pending.items()
        if not known.endswith(f".{path}")
    }
    return Change(change.files, {**pending, f"{target.hashes['sha256']}.{path}": data})


def refused(change: Change, by: object = None) -> KeysError:
    """Assert that nobody signs it or is told of it as if it were in order; return why."""
    found = []
    for attempt in (effects, signatures, lambda c: sign(c, by or targets(1)[0])):
        with pytest.raises(KeysError) as caught:
            attempt(change)
        found.append(caught.value)
    assert len({str(each) for each in found}) == 1
    return found[0]


def is_fault(error: KeysError, fault: DirectoryFault) -> bool:
    return isinstance(error, DirectoryError) and error.code is fault


# --- more than is understood


def extra_field(signed: object) -> None:
    signed.unrecognized_fields["x-note"] = "all is well"


def extra_hash(signed: object) -> None:
    signed.targets[f"{FR}.member"].hashes["sha512"] = "00" * 64


def extra_target_field(signed: object) -> None:
    signed.targets[f"{FR}.member"].unrecognized_fields["custom"] = {"note": "x"}


def other_delegation(signed: object) -> None:
    key = directory_key("thief").public_key
    signed.delegations = suspend_delegations({key.keyid: key}, 1)
    signed.delegations.roles["suspend"].paths = ["*"]


def unused_key(signed: object) -> None:
    key = directory_key("thief").public_key
    signed.delegations.keys[key.keyid] = key


@pytest.mark.parametrize(
    "forge", [extra_field, extra_hash, extra_target_field, other_delegation, unused_key]
)
def test_targets_with_more_than_is_told_are_refused(forge: Callable[[object], None]) -> None:
    assert is_fault(refused(with_metadata(ADMITTING, TARGETS, forge)), DirectoryFault.UNSUPPORTED)


def unused_root_key(signed: object) -> None:
    key = directory_key("thief").public_key
    signed.keys[key.keyid] = key


def role_without_its_key(signed: object) -> None:
    del signed.keys[KEYS.targets.signers[0].public_key.keyid]


def mixed_storage(signed: object) -> None:
    signed.consistent_snapshot = False


@pytest.mark.parametrize(
    "forge", [extra_field, unused_root_key, role_without_its_key, mixed_storage]
)
def test_root_with_more_or_less_than_is_told_is_refused(forge: Callable[[object], None]) -> None:
    error = refused(with_metadata(ROTATING, ROOT, forge), root(1)[0])
    assert is_fault(error, DirectoryFault.UNSUPPORTED)


def test_root_of_another_federation_is_refused() -> None:
    def forge(signed: object) -> None:
        signed.unrecognized_fields["x-homeward-federation"]["id"] = "00" * 32

    error = refused(with_metadata(ROTATING, ROOT, forge), root(1)[0])
    assert is_fault(error, DirectoryFault.FEDERATION)


def test_name_that_cannot_be_shown_is_refused() -> None:
    """Else a name could paint over what a terminal tells beside it."""

    def forge(signed: object) -> None:
        signed.unrecognized_fields["x-homeward-federation"]["name"] = "Homes\x1b[1A\x1b[2K"

    error = refused(with_metadata(ROTATING, ROOT, forge), root(1)[0])
    assert is_fault(error, DirectoryFault.FEDERATION)


def test_file_of_another_kind_under_the_name_is_refused() -> None:
    files = {**ADMITTING.pending, TARGETS: ROTATING.pending[ROOT]}
    assert is_fault(refused(Change(PUBLIC, files)), DirectoryFault.MALFORMED)


def test_key_that_gets_a_second_role_is_refused() -> None:
    def forge(signed: object) -> None:
        key_id = KEYS.snapshot.signers[0].public_key.keyid
        signed.roles["targets"].keyids.append(key_id)

    assert "two roles" in str(refused(with_metadata(ROTATING, ROOT, forge), root(1)[0]))


def test_threshold_out_of_reach_is_refused() -> None:
    def forge(signed: object) -> None:
        signed.roles["timestamp"].threshold = 2

    assert "cannot reach" in str(refused(with_metadata(ROTATING, ROOT, forge), root(1)[0]))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b'"version":3', b'"version":true'),
        lambda data: data.replace(b'"version":3', b'"version":3,"version":3'),
        lambda data: data.replace(b":", b": ", 1),
        lambda data: data[:-1],
        lambda data: b"",
    ],
)
def test_file_that_is_written_otherwise_than_here_is_refused(
    change: Callable[[bytes], bytes],
) -> None:
    data = change(ADMITTING.pending[TARGETS])
    assert data != ADMITTING.pending[TARGETS]
    error = refused(Change(PUBLIC, {**ADMITTING.pending, TARGETS: data}))
    assert isinstance(error, DirectoryError)


@pytest.mark.parametrize(
    "name", ["3.snapshot.json", "timestamp.json", "4.targets.json", "2.targets.json", "3.root.json"]
)
def test_metadata_that_is_not_the_next_is_refused(name: str) -> None:
    files = {**ADMITTING.pending, name: PUBLIC["2.targets.json"]}
    assert "other public files" in str(refused(Change(PUBLIC, files)))


def test_file_that_nothing_lists_is_refused() -> None:
    stray = {**ADMITTING.pending, "0" * 64 + f".{FR}.member": b"what is this"}
    assert "does not belong" in str(refused(Change(PUBLIC, stray)))
    again = {**ADMITTING.pending, "1.root.json": PUBLIC["1.root.json"]}
    assert "other public files" in str(refused(Change(PUBLIC, again)))


# --- records that are not in order


def test_record_that_is_missing_or_changed_is_refused() -> None:
    name = next(name for name in ADMITTING.pending if name.endswith(".member"))
    without = {known: data for known, data in ADMITTING.pending.items() if known != name}
    assert is_fault(refused(Change(PUBLIC, without)), DirectoryFault.MISSING)
    changed = encode_member(member(FR, telephone="+3225550666"))
    error = refused(Change(PUBLIC, {**ADMITTING.pending, name: changed}))
    assert is_fault(error, DirectoryFault.CHANGED)


def test_record_under_another_members_name_is_refused() -> None:
    change = with_target(ADMITTING, TARGETS, f"{FR}.member", encode_member(member("it.example")))
    assert is_fault(refused(change), DirectoryFault.MEMBER)


def test_records_that_changed_places_are_refused() -> None:
    """Both names are there, each over the other's record."""
    change = with_target(ADMITTING, TARGETS, f"{FR}.member", encode_member(member("it.example")))
    change = with_target(change, TARGETS, "it.example.member", encode_member(member(FR)))
    assert is_fault(refused(change), DirectoryFault.MEMBER)


def test_two_members_with_one_key_are_refused() -> None:
    thief = member(FR, log_keys=(log_key_of(FR, log_signer(BE)),))
    change = with_target(ADMITTING, TARGETS, f"{FR}.member", encode_member(thief))
    assert is_fault(refused(change), DirectoryFault.MEMBER)


def test_low_order_key_is_refused() -> None:
    ed25519 = log_signer(FR).ed25519_public
    data = encode_member(member(FR)).replace(ed25519, bytes(32))
    change = with_target(ADMITTING, TARGETS, f"{FR}.member", data)
    assert is_fault(refused(change), DirectoryFault.MEMBER)


def test_member_that_is_taken_out_is_refused() -> None:
    def forge(signed: object) -> None:
        del signed.targets[f"{NL}.member"]

    error = refused(with_metadata(ADMITTING, TARGETS, forge))
    assert "nl.example would be taken out" in str(error)


def test_log_key_that_is_taken_out_is_refused() -> None:
    other = member(BE, log_keys=(log_key_of(BE, log_signer("other")),))
    change = with_target(ADMITTING, TARGETS, f"{BE}.member", encode_member(other))
    assert "a log key of be.example would be taken out" in str(refused(change))


# --- suspensions


def suspended() -> dict[str, bytes]:
    change = changes.suspend(Change(PUBLIC), BE, now_ms=THEN_MS)
    return published(signed(change, suspend(2)))


SUSPENDED = suspended()


def test_suspension_in_force_is_not_dropped_or_dated_back() -> None:
    change = changes.renew(Change(SUSPENDED), "suspend", now_ms=THEN_MS)
    name = f"{BE}.suspended"
    dropped = with_metadata(change, "3.suspend.json", lambda signed: signed.targets.pop(name))
    assert "suspension of be.example would be dropped" in str(refused(dropped, suspend(1)[0]))
    earlier = encode_suspension(Suspension(BE, THEN_MS - 1))
    older = with_target(change, "3.suspend.json", name, earlier)
    assert "suspension of be.example would be dropped" in str(refused(older, suspend(1)[0]))


def test_role_suspend_can_do_nothing_else() -> None:
    change = changes.suspend(Change(PUBLIC), BE, now_ms=THEN_MS)
    name = "2.suspend.json"
    record = with_target(change, name, f"{FR}.member", encode_member(member(FR)))
    assert is_fault(refused(record, suspend(1)[0]), DirectoryFault.MALFORMED)
    nobody = encode_suspension(Suspension(FR, THEN_MS))
    stranger = with_target(change, name, f"{FR}.suspended", nobody)
    assert is_fault(refused(stranger, suspend(1)[0]), DirectoryFault.MEMBER)
    other = with_target(change, name, f"{NL}.suspended", encode_suspension(Suspension(BE, 1)))
    assert is_fault(refused(other, suspend(1)[0]), DirectoryFault.MEMBER)


def test_role_suspend_that_would_vanish_is_refused() -> None:
    def forge(signed: object) -> None:
        signed.delegations = None

    error = refused(with_metadata(ADMITTING, TARGETS, forge))
    assert "role suspend would be taken out" in str(error)


def test_suspension_in_a_federation_without_the_role_is_refused() -> None:
    federation = Federation()
    federation.admit(member(BE))
    data = Metadata(Targets(version=1, expires=changes.expiry(THEN_MS, 1))).to_bytes()
    change = Change(federation.files, {"1.suspend.json": data})
    error = refused(change, federation.keys.targets.signers[0])
    assert "the role suspend has no keys" in str(error)


# --- public files that were tampered with


def test_change_on_public_files_that_nobody_signed_is_refused() -> None:
    """Else a key holder would be told nothing of the member that is public already, it seems."""
    forged = {**PUBLIC, **ADMITTING.pending}
    forged["2.targets.json"] = forged.pop(TARGETS)
    error = refused(changes.renew(Change(forged), "targets", now_ms=THEN_MS))
    assert isinstance(error, DirectoryError)


@pytest.mark.parametrize("name", ["timestamp.json", "2.targets.json", "1.root.json"])
def test_incomplete_public_files_are_refused(name: str) -> None:
    files = {known: data for known, data in PUBLIC.items() if known != name}
    with pytest.raises(DirectoryError) as caught:
        checked(Change(files, {}))
    assert caught.value.code is DirectoryFault.MISSING


def test_only_a_root_file_from_elsewhere_tells_a_made_up_federation() -> None:
    """Its files are in order in themselves, so that a holder's own copy of the root decides."""
    made_up = Federation(federation_keys(9))
    checked(made_up.public)
    with pytest.raises(DirectoryError) as caught:
        check_public(made_up.files, PUBLIC["1.root.json"])
    assert caught.value.code is DirectoryFault.SIGNATURE
    check_public(PUBLIC, PUBLIC["1.root.json"])


def test_expired_public_files_can_still_be_changed() -> None:
    later = THEN_MS + 1000 * 24 * 3600 * 1000
    change = changes.renew(Change(PUBLIC), "targets", now_ms=later)
    assert [each.needed for each in signatures(change)] == [3]


def test_first_change_has_nothing_to_be_compared_with() -> None:
    change = changes.found("Test", NEXT_KEYS.public(), random=bytes, now_ms=THEN_MS)
    assert checked(change).before is None
    with pytest.raises(MembershipError, match="in no role"):
        sign(change, targets(1)[0])
