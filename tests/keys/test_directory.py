"""What a directory says, and which root files it may stand on."""

from __future__ import annotations

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Role

from keys.directory import NO_DIRECTORY, load_directory, load_kept_directory
from keys.errors import DirectoryError, DirectoryFault
from protocol import interfaces
from protocol.ids import NodeId
from tests.keys.forge import (
    BE,
    DAY_MS,
    DAYS,
    FEDERATION_ID,
    FR,
    NL,
    NOW_MS,
    Forge,
    log_key,
    log_signer,
    member,
    refused,
    resign,
    signers,
)


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge()


def test_directory_says_who_is_a_member_with_which_keys(forge: Forge) -> None:
    directory = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    key_id = log_signer(BE).key_id
    assert dict(directory.members) == {BE: member(BE), NL: member(NL)}
    assert directory.version == 1
    assert directory.federation_id == FEDERATION_ID
    assert directory.federation_name == "Test federation"
    assert directory.expires_at_ms == NOW_MS + DAYS["timestamp"] * DAY_MS
    assert directory.member(BE) == member(BE)
    assert directory.key_for(BE, key_id, NOW_MS) == log_key(BE)
    assert directory.key_for(BE, key_id, NOW_MS - 2 * DAY_MS) is None
    assert directory.key_for(NL, key_id, NOW_MS) is None
    assert directory.key_for(FR, key_id, NOW_MS) is None
    assert directory.keys_of(BE) == (log_key(BE),)
    assert directory.usable_keys(BE, NOW_MS) == (log_key(BE),)
    assert directory.usable_keys(BE, NOW_MS - 2 * DAY_MS) == ()
    assert directory.usable_keys(FR, NOW_MS) == ()


def test_its_version_rises_with_every_publication_also_of_a_suspension(forge: Forge) -> None:
    versions = []
    for publish in (forge.publish, lambda: forge.publish("targets"), lambda: forge.put(member(FR))):
        publish()
        versions.append(load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS).version)
    assert versions == [2, 3, 4]
    suspending = Forge(has_suspend=True)
    before = load_directory(suspending.files, suspending.trusted_root, now_ms=NOW_MS)
    suspending.suspend(BE)
    after = load_directory(suspending.files, suspending.trusted_root, now_ms=NOW_MS)
    assert after.version == before.version + 1
    assert after.members == before.members


def test_directory_has_the_shape_that_the_protocol_asks_for(forge: Forge) -> None:
    directory: interfaces.Directory = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    assert directory.is_member(BE)
    assert directory.is_active(BE)
    assert not directory.is_member(FR)


def test_directory_cannot_be_changed_in_memory(forge: Forge) -> None:
    directory = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    with pytest.raises(TypeError):
        directory.members[BE] = member(BE)
    with pytest.raises(TypeError):
        directory.suspensions[BE] = NOW_MS


def test_node_that_has_not_joined_knows_nobody() -> None:
    assert not NO_DIRECTORY.is_member(BE)
    assert NO_DIRECTORY.keys_of(BE) == ()
    assert NO_DIRECTORY.suspended_since_ms(BE) is None
    assert NO_DIRECTORY.version == 0


def test_error_is_a_sentence_a_hint_and_a_stable_code(forge: Forge) -> None:
    with pytest.raises(DirectoryError) as caught:
        load_directory({}, forge.trusted_root, now_ms=NOW_MS)
    assert caught.value.code == "directory_file_missing"
    assert caught.value.sentence == "a file of the directory is missing"
    assert caught.value.hint
    for code in DirectoryFault:
        error = DirectoryError(code)
        assert error.sentence
        assert error.hint
        assert error.sentence == error.sentence.lower()


# --- root files


def test_new_root_keys_are_followed_link_by_link(forge: Forge) -> None:
    forge.rotate("second")
    forge.rotate("third")
    directory = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    assert directory.is_active(BE)
    newer_pin = load_directory(forge.files, forge.roots["2.root.json"], now_ms=NOW_MS)
    assert newer_pin == directory


def test_skipped_root_is_refused(forge: Forge) -> None:
    forge.rotate("second")
    forge.rotate("third")
    gap = {name: data for name, data in forge.files.items() if name != "2.root.json"}
    # Without the link, the newer files are signed by keys that nothing vouches for.
    assert refused(gap, forge.trusted_root) is DirectoryFault.SIGNATURE
    renamed = {**gap, "2.root.json": forge.files["3.root.json"]}
    assert refused(renamed, forge.trusted_root) is DirectoryFault.SIGNATURE


@pytest.mark.parametrize("version", [1, 3, 999_999_999])
def test_root_of_another_version_than_the_next_is_refused(forge: Forge, version: int) -> None:
    forge.add_root(lambda root: setattr(root, "version", version))
    files = {**forge.files, "2.root.json": forge.roots[f"{version}.root.json"]}
    assert refused(files, forge.trusted_root) is DirectoryFault.VERSION


def test_root_signed_only_by_its_own_new_keys_is_refused(forge: Forge) -> None:
    forge.keys["root"] = signers("a thief")
    forge.add_root()
    forge.publish()
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.SIGNATURE


def test_root_signed_only_by_the_old_keys_is_refused(forge: Forge) -> None:
    forge.signing["root"] = forge.keys["root"]
    forge.keys["root"] = signers("new")
    forge.add_root()
    forge.publish()
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.SIGNATURE


def test_directory_of_other_keys_is_refused(forge: Forge) -> None:
    other = Forge(label="other")
    assert refused(other.files, forge.trusted_root) is DirectoryFault.SIGNATURE


def test_root_of_another_federation_is_refused(forge: Forge) -> None:
    def rename(root: object) -> None:
        root.unrecognized_fields["x-homeward-federation"]["id"] = "00" * 32

    forge.add_root(rename)
    forge.publish()
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.FEDERATION


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {},
        {"id": "00" * 32},
        {"id": "0G" * 32, "name": "x"},
        {"id": "AB" * 32, "name": "x"},
        {"id": 5, "name": "x"},
        {"id": "00" * 32, "name": ""},
        {"id": "00" * 32, "name": "x" * 201},
    ],
)
def test_root_without_a_federation_is_refused(forge: Forge, value: object) -> None:
    def change(root: object) -> None:
        root.unrecognized_fields = {"x-homeward-federation": value}

    root = resign(forge.trusted_root, change, forge.keys["root"])
    assert refused(forge.files, root) is DirectoryFault.FEDERATION


def test_root_with_a_key_of_one_half_only_is_refused(forge: Forge) -> None:
    ed25519_alone = CryptoSigner.generate_ed25519()
    forge.add_root(lambda root: root.add_key(ed25519_alone.public_key, "timestamp"))
    forge.publish()
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.KEY_TYPE


def test_root_without_consistent_snapshots_is_refused(forge: Forge) -> None:
    def change(root: object) -> None:
        root.consistent_snapshot = False

    root = resign(forge.trusted_root, change, forge.keys["root"])
    assert refused(forge.files, root) is DirectoryFault.UNSUPPORTED


def test_one_key_under_two_ids_does_not_reach_a_threshold(forge: Forge) -> None:
    def change(root: object) -> None:
        root.keys["00" * 32] = root.keys[root.roles["targets"].keyids[0]]
        root.roles["targets"] = Role([*root.roles["targets"].keyids, "00" * 32], 2)

    root = resign(forge.trusted_root, change, forge.keys["root"])
    assert refused(forge.files, root) is DirectoryFault.MALFORMED


# --- directories that have expired


@pytest.mark.parametrize("days", [7, 8, 31, 400])
def test_frozen_directory_is_refused_once_expired(forge: Forge, days: int) -> None:
    now_ms = NOW_MS + days * DAY_MS
    assert refused(forge.files, forge.trusted_root, now_ms=now_ms) is DirectoryFault.EXPIRED
    before = NOW_MS + DAYS["timestamp"] * DAY_MS - 1
    load_directory(forge.files, forge.trusted_root, now_ms=before)


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp"])
def test_each_role_can_expire_by_itself(forge: Forge, role: str) -> None:
    forge.days = dict.fromkeys(forge.days, 10) | {role: 3}
    forge.add_root()
    forge.publish("targets")
    on_the_day = NOW_MS + 3 * DAY_MS
    assert refused(forge.files, forge.trusted_root, now_ms=on_the_day) is DirectoryFault.EXPIRED
    directory = load_directory(forge.files, forge.trusted_root, now_ms=on_the_day - 1)
    assert directory.expires_at_ms == on_the_day


def test_expiry_of_a_root_that_was_replaced_does_not_matter(forge: Forge) -> None:
    forge.now_ms = NOW_MS + 500 * DAY_MS
    forge.rotate("second")
    directory = load_directory(forge.files, forge.trusted_root, now_ms=forge.now_ms)
    assert directory.expires_at_ms == forge.now_ms + DAYS["timestamp"] * DAY_MS


def test_kept_directory_is_used_when_it_has_expired(forge: Forge) -> None:
    """Nobody could renew it for a while; the peers in it can still be reached."""
    kept = load_kept_directory(forge.files, forge.trusted_root)
    in_time = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    assert kept == in_time
    assert kept.expires_at_ms == NOW_MS + DAYS["timestamp"] * DAY_MS


@pytest.mark.parametrize("changed", ["timestamp.json", "snapshot.json", "targets.json", ".member"])
def test_kept_directory_is_verified_all_the_same(forge: Forge, changed: str) -> None:
    name = next(name for name in forge.files if name.endswith(changed))
    forge.files[name] = forge.files[name][:-9]
    with pytest.raises(DirectoryError) as caught:
        load_kept_directory(forge.files, forge.trusted_root)
    assert caught.value.code is not DirectoryFault.EXPIRED


def test_other_members_change_nothing_for_a_node_id_that_is_not_named(forge: Forge) -> None:
    directory = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    assert directory.member(NodeId("gr.example")) is None
    assert not directory.is_active(NodeId("gr.example"))
