"""Members in the directory: what even the membership role's own keys cannot bring in."""

from __future__ import annotations

import pytest

from keys.directory import load_directory
from keys.directory_files import DirectoryLimits
from keys.errors import DirectoryError, DirectoryFault
from keys.members import MemberStatus, encode_member
from protocol import limits
from tests.keys.forge import (
    BE,
    FR,
    NL,
    NOW_MS,
    Forge,
    log_key,
    log_signer,
    member,
    name_of,
    refused,
)


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge()


def put_file(forge: Forge, path: str, data: bytes) -> None:
    """Have the targets keys sign any file."""
    forge.targets[path] = data
    forge.publish("targets")


def test_suspended_and_revoked_members_stay_named_but_are_not_active(forge: Forge) -> None:
    forge.put(member(BE, status=MemberStatus.SUSPENDED), member(NL, status=MemberStatus.REVOKED))
    directory = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    for node_id in (BE, NL):
        assert directory.is_member(node_id)
        assert not directory.is_active(node_id)


def test_swapped_member_file_is_refused(forge: Forge) -> None:
    ours = name_of(forge.files, f"{BE}.member")
    theirs = name_of(forge.files, f"{NL}.member")
    forge.files[ours], forge.files[theirs] = forge.files[theirs], forge.files[ours]
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.CHANGED


def test_member_file_under_another_members_name_is_refused(forge: Forge) -> None:
    put_file(forge, "fr.example.member", encode_member(member("it.example")))
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MEMBER


def test_two_members_with_one_key_are_refused(forge: Forge) -> None:
    forge.put(member(FR, log_keys=(log_key(FR, label=BE),)))
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MEMBER


def test_member_with_a_low_order_key_is_refused(forge: Forge) -> None:
    good = encode_member(member(FR))
    put_file(forge, f"{FR}.member", good.replace(log_signer(FR).ed25519_public, bytes(32)))
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MEMBER


@pytest.mark.parametrize("data", [b"", b"\xff", encode_member(member(FR))[:-1]])
def test_member_file_that_is_none_is_refused(forge: Forge, data: bytes) -> None:
    put_file(forge, f"{FR}.member", data)
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MEMBER


@pytest.mark.parametrize(
    "path",
    [
        "../be.example.member",
        "be.example",
        "be.example.member/",
        "FR.example.member",
        "fr.example.suspended",
        "fr.example.json",
    ],
)
def test_target_that_is_no_member_is_refused(forge: Forge, path: str) -> None:
    put_file(forge, path, encode_member(member(FR)))
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MALFORMED


def test_target_without_sha256_is_refused(forge: Forge) -> None:
    def change(targets: object) -> None:
        targets.targets["be.example.member"].hashes = {"sha512": "00" * 64}

    forge.publish(changes={"targets": change})
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MALFORMED


def test_hash_of_another_algorithm_must_hold_too(forge: Forge) -> None:
    def change(targets: object) -> None:
        targets.targets["be.example.member"].hashes["sha512"] = "00" * 64

    forge.publish(changes={"targets": change})
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.CHANGED


def test_target_announced_too_long_is_refused_before_it_is_fetched(forge: Forge) -> None:
    put_file(forge, f"{FR}.member", bytes(limits.MEMBER_BYTES + 1))
    del forge.files[name_of(forge.files, f"{FR}.member")]
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.TOO_LARGE


def test_all_members_together_are_bounded(forge: Forge) -> None:
    one_short = sum(map(len, forge.targets.values())) - 1
    with pytest.raises(DirectoryError) as caught:
        load_directory(
            forge.files,
            forge.trusted_root,
            now_ms=NOW_MS,
            limits=DirectoryLimits(members_bytes=one_short),
        )
    assert caught.value.code is DirectoryFault.TOO_LARGE
