"""Loading a directory: each way of forging one has its refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Role

from keys import membership
from keys.directory import NO_DIRECTORY, load_directory, load_kept_directory
from keys.errors import DirectoryError, DirectoryFault
from keys.members import MemberStatus
from keys.membership import RoleKeys
from protocol import interfaces, limits
from protocol.ids import NodeId
from tests.keys.federation import (
    DAY_MS,
    NOW_MS,
    Federation,
    directory_key,
    federation_keys,
    forge_targets,
    log_key,
    log_signer,
    member,
    name_of,
    publish_unchecked,
    refused,
    resign,
    role,
)

BE, NL = NodeId("be.example"), NodeId("nl.example")


@pytest.fixture(name="federation")
def _federation() -> Federation:
    federation = Federation()
    federation.admit(member(BE))
    federation.admit(member(NL))
    return federation


def test_directory_says_who_is_a_member_with_which_keys(federation: Federation) -> None:
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    key_id = log_signer(BE).key_id
    assert dict(directory.members) == {BE: member(BE), NL: member(NL)}
    assert directory.version == 3
    assert len(directory.federation_id) == 32
    assert directory.federation_name == "Test federation"
    assert directory.expires_at_ms == NOW_MS + membership.TIMESTAMP_DAYS * DAY_MS
    assert directory.member(BE) == member(BE)
    assert directory.key_for(BE, key_id, NOW_MS) == log_key(BE)
    assert directory.key_for(BE, key_id, NOW_MS - 2 * DAY_MS) is None
    assert directory.key_for(NL, key_id, NOW_MS) is None
    assert directory.key_for(NodeId("fr.example"), key_id, NOW_MS) is None
    assert directory.keys_of(BE) == (log_key(BE),)


def test_directory_has_the_shape_that_the_protocol_asks_for(federation: Federation) -> None:
    directory: interfaces.Directory = load_directory(
        federation.files, federation.trusted_root, now_ms=NOW_MS
    )
    assert directory.is_member(BE)
    assert not directory.is_member(NodeId("fr.example"))


def test_directory_cannot_be_changed_in_memory(federation: Federation) -> None:
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    with pytest.raises(TypeError):
        directory.members[BE] = member(BE)


def test_new_root_keys_are_followed_link_by_link(federation: Federation) -> None:
    federation.rotate_root(federation_keys(2))
    federation.rotate_root(federation_keys(3))
    directory = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    assert directory.is_active(BE)
    newer_pin = load_directory(federation.files, federation.files["2.root.json"], now_ms=NOW_MS)
    assert newer_pin == directory


def test_skipped_root_is_refused(federation: Federation) -> None:
    federation.rotate_root(federation_keys(2))
    federation.rotate_root(federation_keys(3))
    gap = {name: data for name, data in federation.files.items() if name != "2.root.json"}
    # Without the link, the newer files are signed by keys that nothing vouches for.
    assert refused(gap, federation.trusted_root) is DirectoryFault.SIGNATURE
    renamed = {**gap, "2.root.json": federation.files["3.root.json"]}
    assert refused(renamed, federation.trusted_root) is DirectoryFault.SIGNATURE


def test_root_that_skips_a_version_is_refused(federation: Federation) -> None:
    def skip(root: object) -> None:
        root.version = 3

    root_keys = federation.keys.root.signers
    forged = resign(federation.trusted_root, skip, *root_keys)
    files = {**federation.files, "2.root.json": forged}
    assert refused(files, federation.trusted_root) is DirectoryFault.VERSION


def test_root_signed_only_by_its_own_new_keys_is_refused(federation: Federation) -> None:
    attacker = Federation(federation_keys(9))
    attacker.files = membership.renew_root(
        attacker.files,
        federation_keys(9),
        old_root=attacker.keys.root.signers,
        now_ms=NOW_MS,
    )
    files = {**federation.files, "2.root.json": attacker.files["2.root.json"]}
    assert refused(files, federation.trusted_root) is DirectoryFault.SIGNATURE


def test_directory_of_other_keys_is_refused(federation: Federation) -> None:
    other = Federation(federation_keys(2))
    assert refused(other.files, federation.trusted_root) is DirectoryFault.SIGNATURE


def test_root_of_another_federation_is_refused(federation: Federation) -> None:
    def rename(root: object) -> None:
        root.version = 2
        root.unrecognized_fields["x-homeward-federation"]["id"] = "00" * 32

    forged = resign(federation.trusted_root, rename, *federation.keys.root.signers)
    files = {**federation.files, "2.root.json": forged}
    assert refused(files, federation.trusted_root) is DirectoryFault.FEDERATION


@pytest.mark.parametrize(
    "value",
    [None, "text", {}, {"id": "00" * 32}, {"id": "0G" * 32, "name": "x"}, {"id": 5, "name": "x"}],
)
def test_root_without_a_federation_is_refused(federation: Federation, value: object) -> None:
    def change(root: object) -> None:
        root.unrecognized_fields = {"x-homeward-federation": value}

    root = resign(federation.trusted_root, change, *federation.keys.root.signers)
    assert refused(federation.files, root) is DirectoryFault.FEDERATION


def test_root_with_a_key_of_one_half_only_is_refused(federation: Federation) -> None:
    ed25519_alone = CryptoSigner.generate_ed25519()

    def change(root: object) -> None:
        root.version = 2
        root.add_key(ed25519_alone.public_key, "timestamp")

    forged = resign(federation.trusted_root, change, *federation.keys.root.signers)
    files = {**federation.files, "2.root.json": forged}
    assert refused(files, federation.trusted_root) is DirectoryFault.KEY_TYPE


@pytest.mark.parametrize("ending", ["root.json", "targets.json", "snapshot.json"])
@pytest.mark.parametrize("valid_half", ["ed25519", "mldsa"])
def test_wrong_signature_half_is_refused(
    federation: Federation, ending: str, valid_half: str
) -> None:
    name = name_of(federation.files, ending)
    data = federation.files[name]
    start = data.index(b'"sig":"') + len(b'"sig":"')
    at = start + (10 if valid_half == "ed25519" else 2 * 3309 + 10)
    forged = data[:at] + (b"0" if data[at : at + 1] != b"0" else b"1") + data[at + 1 :]
    if ending == "root.json":
        assert refused(federation.files, forged) is DirectoryFault.SIGNATURE
        return
    # Also where the later roles vouch for the forged bytes.
    files = {**federation.files, name: forged}
    if ending == "targets.json":
        files = publish_unchecked(files, federation.keys)
        assert refused(files, federation.trusted_root) is DirectoryFault.SIGNATURE
    else:
        assert refused(files, federation.trusted_root) is DirectoryFault.CHANGED


@pytest.mark.parametrize("valid_half", ["ed25519", "mldsa"])
def test_wrong_signature_half_of_the_timestamp_is_refused(
    federation: Federation, valid_half: str
) -> None:
    data = federation.files["timestamp.json"]
    start = data.index(b'"sig":"') + len(b'"sig":"')
    at = start + (10 if valid_half == "ed25519" else 2 * 3309 + 10)
    forged = data[:at] + (b"0" if data[at : at + 1] != b"0" else b"1") + data[at + 1 :]
    files = {**federation.files, "timestamp.json": forged}
    assert refused(files, federation.trusted_root) is DirectoryFault.SIGNATURE


def test_one_signature_short_of_the_threshold_is_refused() -> None:
    keys = replace(federation_keys(), targets=role("many targets", signers=3, threshold=2))
    federation = Federation(keys)
    federation.admit(member(BE))
    forge = replace(federation.keys, targets=RoleKeys(keys.targets.signers[:1]))
    federation.keys = forge
    forge_targets(federation, lambda targets: None)
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.SIGNATURE


def test_mix_and_match_of_two_snapshots_is_refused(federation: Federation) -> None:
    old = dict(federation.files)
    federation.amend(member(BE, status=MemberStatus.REVOKED))
    new_name = name_of(federation.files, "snapshot.json")
    mixed = {**old, **federation.files, new_name: old[name_of(old, "snapshot.json")]}
    assert refused(mixed, federation.trusted_root) is DirectoryFault.CHANGED


@pytest.mark.parametrize("days", [7, 8, 31, 400])
def test_frozen_directory_is_refused_once_expired(federation: Federation, days: int) -> None:
    now_ms = NOW_MS + days * DAY_MS
    assert refused(federation.files, federation.trusted_root, now_ms=now_ms) is (
        DirectoryFault.EXPIRED
    )
    before = NOW_MS + membership.TIMESTAMP_DAYS * DAY_MS - 1000
    load_directory(federation.files, federation.trusted_root, now_ms=before)


@pytest.mark.parametrize(
    "ending", ["timestamp.json", "snapshot.json", "targets.json", f"{BE}.member"]
)
def test_missing_file_is_refused(federation: Federation, ending: str) -> None:
    del federation.files[name_of(federation.files, ending)]
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.MISSING


@pytest.mark.parametrize(
    ("ending", "limit"),
    [
        ("timestamp.json", limits.DIRECTORY_TIMESTAMP_BYTES),
        ("snapshot.json", limits.DIRECTORY_SNAPSHOT_BYTES),
        ("targets.json", limits.DIRECTORY_TARGETS_BYTES),
        (f"{BE}.member", limits.MEMBER_BYTES),
    ],
)
def test_oversized_file_is_refused_unread(federation: Federation, ending: str, limit: int) -> None:
    federation.files[name_of(federation.files, ending)] = b" " * (limit + 1)
    assert refused(federation.files, federation.trusted_root) is DirectoryFault.TOO_LARGE


def test_oversized_roots_are_refused_unread(federation: Federation) -> None:
    huge = b" " * (limits.DIRECTORY_ROOT_BYTES + 1)
    assert refused(federation.files, huge) is DirectoryFault.TOO_LARGE
    files = {**federation.files, "2.root.json": huge}
    assert refused(files, federation.trusted_root) is DirectoryFault.TOO_LARGE


@pytest.mark.parametrize(
    "garbage", [b"", b"{}", b"[" * 60_000, b'{"signed": {"_type": "timestamp"}}', b"\xff\xfe"]
)
def test_garbage_is_refused(federation: Federation, garbage: bytes) -> None:
    files = {**federation.files, "timestamp.json": garbage}
    assert refused(files, federation.trusted_root) is DirectoryFault.MALFORMED
    assert refused(federation.files, garbage) is DirectoryFault.MALFORMED


def test_root_without_consistent_snapshots_is_refused(federation: Federation) -> None:
    def change(root: object) -> None:
        root.consistent_snapshot = False

    root = resign(federation.trusted_root, change, *federation.keys.root.signers)
    assert refused(federation.files, root) is DirectoryFault.UNSUPPORTED


def test_one_key_under_two_ids_does_not_reach_a_threshold(federation: Federation) -> None:
    def change(root: object) -> None:
        root.keys["00" * 32] = root.keys[root.roles["targets"].keyids[0]]
        root.roles["targets"] = Role([*root.roles["targets"].keyids, "00" * 32], 2)

    root = resign(federation.trusted_root, change, *federation.keys.root.signers)
    assert refused(federation.files, root) is DirectoryFault.MALFORMED


@pytest.mark.parametrize("ending", ["root.json", "timestamp.json", "snapshot.json", ".member"])
def test_changed_bytes_are_refused_or_mean_the_same(federation: Federation, ending: str) -> None:
    """JSON has room for meaningless changes (white space); no change may mean something else."""
    good = load_directory(federation.files, federation.trusted_root, now_ms=NOW_MS)
    name = next(name for name in federation.files if name.endswith(ending))
    data = federation.files[name]
    for index in range(0, len(data), len(data) // 60):
        changed = data[:index] + bytes([data[index] ^ 0x01]) + data[index + 1 :]
        files = {**federation.files, name: changed}
        root = changed if ending == "root.json" else federation.trusted_root
        try:
            assert load_directory(files, root, now_ms=NOW_MS) == good
        except DirectoryError:
            continue


def test_signature_by_a_key_of_another_role_is_refused(federation: Federation) -> None:
    name = name_of(federation.files, "targets.json")
    forged = resign(
        federation.files[name], lambda targets: None, *federation.keys.timestamp.signers
    )
    files = publish_unchecked({**federation.files, name: forged}, federation.keys)
    assert refused(files, federation.trusted_root) is DirectoryFault.SIGNATURE


def test_error_is_a_sentence_a_hint_and_a_stable_code(federation: Federation) -> None:
    with pytest.raises(DirectoryError) as caught:
        load_directory({}, federation.trusted_root, now_ms=NOW_MS)
    assert caught.value.code == "directory_file_missing"
    assert caught.value.sentence == "a file of the directory is missing"
    assert caught.value.hint
    assert directory_key("unused").public_key.keyid not in str(caught.value)


def test_kept_directory_is_used_when_it_has_expired(federation: Federation) -> None:
    """Nobody could renew it for a while; the peers in it can still be reached."""
    for days in (0, 8, 400):
        now_ms = NOW_MS + days * DAY_MS
        kept = load_kept_directory(federation.files, federation.trusted_root, now_ms=now_ms)
        assert kept.is_active(BE)
        assert kept.expires_at_ms == NOW_MS + membership.TIMESTAMP_DAYS * DAY_MS


@pytest.mark.parametrize("changed", ["timestamp.json", "snapshot.json", "targets.json", ".member"])
def test_kept_directory_is_verified_all_the_same(federation: Federation, changed: str) -> None:
    name = next(name for name in federation.files if name.endswith(changed))
    federation.files[name] = federation.files[name][:-9]
    for days in (0, 8):
        now_ms = NOW_MS + days * DAY_MS
        with pytest.raises(DirectoryError) as caught:
            load_kept_directory(federation.files, federation.trusted_root, now_ms=now_ms)
        assert caught.value.code is not DirectoryFault.EXPIRED


def test_node_that_has_not_joined_knows_nobody() -> None:
    assert not NO_DIRECTORY.is_member(BE)
    assert NO_DIRECTORY.keys_of(BE) == ()
    assert NO_DIRECTORY.version == 0
