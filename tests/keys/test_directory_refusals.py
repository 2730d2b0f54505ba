"""Every kind of bad file, for whoever joins and for a node: a clear code, nothing changed.

Each case makes the next directory of a federation that a node knows, with one thing wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata

from keys.directory import load_directory, update_directory
from keys.directory_files import DirectoryLimits
from keys.errors import DirectoryError, DirectoryFault
from protocol import limits
from tests.keys.forge import (
    BE,
    FR,
    NOW_MS,
    Forge,
    member,
    name_of,
    refused,
    resign,
    sign,
    signers,
)
from tests.keys.reader import Node

Spoil = Callable[[Forge], None]
ROLES = ("timestamp", "snapshot", "targets", "suspend")


def name_in(forge: Forge, ending: str) -> str:
    """Return the name of the present file of a role, or of a member."""
    if ending in ("snapshot", "targets", "suspend"):
        return f"{forge.versions[ending]}.{ending}.json"
    if ending == "root":
        return f"{forge.versions['root'] + 1}.root.json"
    return "timestamp.json" if ending == "timestamp" else name_of(forge.files, ending)


def content(ending: str, change: Callable[[bytes], bytes]) -> Spoil:
    """Serve other bytes than were published."""

    def spoil(forge: Forge) -> None:
        name = name_in(forge, ending)
        forge.files[name] = change(forge.files.get(name, b""))

    return spoil


def gone(ending: str) -> Spoil:
    return lambda forge: forge.files.pop(name_in(forge, ending)) and None


def listed(role: str, change: Callable[[bytes], bytes]) -> Spoil:
    """Publish other bytes than the role has signed, listed as if they were right."""
    return lambda forge: forge.publish(role, spoiled={role: change})


def renumbered(role: str, by: int) -> Spoil:
    """Publish a file that is signed in order, but says another version than is listed."""

    def spoil(forge: Forge) -> None:
        def change(signed: object) -> None:
            signed.version += by

        spoiled = {role: lambda data: resign(data, change, forge.keys[role])}
        forge.publish(role, spoiled=spoiled)

    return spoil


def signed(role: str, change: Callable[[object], None]) -> Spoil:
    """Have the role's own keys sign something that is wrong."""
    return lambda forge: forge.publish(changes={role: change})


def signed_by(role: str, label: str) -> Spoil:
    def spoil(forge: Forge) -> None:
        forge.signing[role] = forge.keys.get(label) or signers(label)
        forge.publish(role)

    return spoil


def first_signature(change: Callable[[dict], None]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        whole = json.loads(data)
        change(whole["signatures"][0])
        return json.dumps(whole).encode()

    return changed


def unsigned(data: bytes) -> bytes:
    return sign(Metadata.from_bytes(data).signed, ())


def signed_twice(data: bytes) -> bytes:
    whole = json.loads(data)
    whole["signatures"] *= 2
    return json.dumps(whole).encode()


def wrong_half(at: int) -> Callable[[bytes], bytes]:
    """Change one digit of the signature: at 10 in the ML-DSA half, later in the other one."""

    def change(signature: dict) -> None:
        digits = signature["sig"]
        digit = "0" if digits[at] != "0" else "1"
        signature["sig"] = digits[:at] + digit + digits[at + 1 :]

    return first_signature(change)


def add_root_unsigned(forge: Forge) -> None:
    forge.signing["root"] = []
    forge.add_root()
    forge.publish()


def mix(ending: str) -> Spoil:
    """Serve this file as it was before, under the name of the new one."""

    def spoil(forge: Forge) -> None:
        before = forge.files[name_in(forge, ending)]
        forge.suspend(BE, NOW_MS + 1)
        forge.put(member(BE, telephone="+3225550101"))
        forge.files[name_in(forge, ending)] = before

    return spoil


def swap_members(forge: Forge) -> None:
    ours, theirs = (name_in(forge, f"{each}.member") for each in (BE, FR))
    forge.files[ours], forge.files[theirs] = forge.files[theirs], forge.files[ours]


GARBAGE = {
    "empty": b"",
    "no object": b"[]",
    "empty object": b"{}",
    "deep": b"[" * 60_000,
    "no signatures": b'{"signed": {"_type": "timestamp"}}',
    "not utf-8": b"\xff\xfe",
    "byte order mark": b"\xef\xbb\xbf{}",
}
LISTED = (*ROLES[1:], f"{FR}.member", f"{BE}.suspended")
TOO_LARGE = {
    "root": limits.DIRECTORY_ROOT_BYTES,
    "timestamp": limits.DIRECTORY_TIMESTAMP_BYTES,
    "snapshot": limits.DIRECTORY_SNAPSHOT_BYTES,
    "targets": limits.DIRECTORY_TARGETS_BYTES,
    "suspend": limits.DIRECTORY_SUSPEND_BYTES,
    f"{FR}.member": limits.MEMBER_BYTES,
    f"{BE}.suspended": limits.SUSPENSION_BYTES,
}


def spoiled(role: str, change: Callable[[bytes], bytes]) -> Spoil:
    return content(role, change) if role == "timestamp" else listed(role, change)


def cases() -> Iterator[tuple[str, Spoil, DirectoryFault]]:
    for each in (*ROLES, *LISTED[3:]):
        yield f"{each} missing", gone(each), DirectoryFault.MISSING
    for name, data in GARBAGE.items():
        garbage = lambda _, data=data: data  # noqa: E731
        for role in ROLES:
            yield f"{role} garbage: {name}", spoiled(role, garbage), DirectoryFault.MALFORMED
        yield f"next root garbage: {name}", content("root", garbage), DirectoryFault.MALFORMED
    for each in LISTED:
        change = content(each, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
        yield f"{each} changed", change, DirectoryFault.CHANGED
        yield f"{each} cut short", content(each, lambda data: data[:-1]), DirectoryFault.CHANGED
        longer = content(each, lambda data: data + b" ")
        yield f"{each} longer than listed", longer, DirectoryFault.TOO_LARGE
    for each, limit in TOO_LARGE.items():
        huge = content(each, lambda _, limit=limit: b" " * (limit + 1))
        yield f"{each} larger than allowed", huge, DirectoryFault.TOO_LARGE
    for role in ROLES:
        yield f"{role} unsigned", spoiled(role, unsigned), DirectoryFault.SIGNATURE
        yield f"{role} signed twice", spoiled(role, signed_twice), DirectoryFault.MALFORMED
        for half, at in (("ML-DSA", 10), ("Ed25519", 2 * 3309 + 10)):
            wrong = spoiled(role, wrong_half(at))
            yield f"wrong {half} half of {role}", wrong, DirectoryFault.SIGNATURE
        yield f"{role} by a stranger", signed_by(role, "a stranger"), DirectoryFault.SIGNATURE
        other = ROLES[ROLES.index(role) - 1]
        yield f"{role} by {other}", signed_by(role, other), DirectoryFault.SIGNATURE
    yield "root unsigned", add_root_unsigned, DirectoryFault.SIGNATURE
    for role in LISTED[:3]:
        yield f"{role} of before", mix(role), DirectoryFault.CHANGED
        yield f"{role} of a lower version", renumbered(role, -1), DirectoryFault.VERSION
        yield f"{role} of a future version", renumbered(role, 1), DirectoryFault.VERSION
    yield "members swapped", swap_members, DirectoryFault.CHANGED


CASES = {name: (spoil, code) for name, spoil, code in cases()}


@pytest.fixture(name="forge")
def _forge() -> Forge:
    forge = Forge(has_suspend=True)
    forge.suspend(BE)
    return forge


@pytest.mark.parametrize("case", CASES)
def test_bad_file_is_refused_and_nothing_changes(tmp_path: Path, forge: Forge, case: str) -> None:
    spoil, code = CASES[case]
    node = Node(tmp_path, forge)
    forge.suspend(BE, NOW_MS + 1)
    forge.put(member(FR))
    load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    spoil(forge)
    assert refused(forge.files, forge.trusted_root) is code
    assert node.refuses(forge.files) is code


def test_snapshot_that_lists_no_targets_is_refused(tmp_path: Path, forge: Forge) -> None:
    def change(snapshot: object) -> None:
        del snapshot.meta["targets.json"]

    node = Node(tmp_path, forge)
    forge.publish(changes={"snapshot": change})
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MALFORMED
    # A node has seen one that does: what is gone there was taken out.
    assert node.refuses(forge.files) is DirectoryFault.MALFORMED


# --- thresholds


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp", "suspend"])
@pytest.mark.parametrize("signing", [0, 1])
def test_one_signature_short_of_the_threshold_is_refused(
    tmp_path: Path, role: str, signing: int
) -> None:
    forge = Forge(count=3, threshold=2, has_suspend=True)
    node = Node(tmp_path, forge)
    forge.signing[role] = forge.keys[role][:signing]
    forge.publish(role)
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.SIGNATURE
    assert node.refuses(forge.files) is DirectoryFault.SIGNATURE
    forge.signing[role] = forge.keys[role][1:]
    forge.publish(role)
    node.update(forge.files)


def test_next_root_needs_the_threshold_of_both_roots(tmp_path: Path) -> None:
    forge = Forge(count=5, threshold=3)
    node = Node(tmp_path, forge)
    old, new = forge.keys["root"], signers("next root", 5)
    forge.keys["root"] = new
    forge.versions["root"] = 1
    for old_count, new_count in ((2, 3), (3, 2), (0, 5), (5, 0)):
        forge.signing["root"] = new[:new_count]
        forge.versions["root"] = 1
        forge.add_root(old=old[:old_count])
        forge.publish()
        assert refused(forge.files, forge.trusted_root) is DirectoryFault.SIGNATURE
        assert node.refuses(forge.files) is DirectoryFault.SIGNATURE
    forge.signing["root"] = new[:3]
    forge.versions["root"] = 1
    forge.add_root(old=old[2:])
    forge.publish()
    node.update(forge.files)


def test_signature_in_capitals_is_none(tmp_path: Path, forge: Forge) -> None:
    """Two spellings of one signature would be two files that say the same."""

    def capitals(signature: dict) -> None:
        signature["sig"] = signature["sig"].upper()

    node = Node(tmp_path, forge)
    for role in ROLES:
        spoiled(role, first_signature(capitals))(forge)
        assert refused(forge.files, forge.trusted_root) is DirectoryFault.SIGNATURE
        assert node.refuses(forge.files) is DirectoryFault.SIGNATURE
        forge.publish(role)


def test_bad_signature_beside_enough_good_ones_does_no_harm() -> None:
    def spoil(signature: dict) -> None:
        signature["sig"] = 5

    forge = Forge(count=3, threshold=2)
    before = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    forge.publish("targets", spoiled={"targets": first_signature(spoil)})
    directory = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    assert directory == replace(before, version=before.version + 1)


# --- limits of one's own


def test_node_may_lower_its_limits_and_not_raise_them(forge: Forge) -> None:
    for name in DirectoryLimits.__dataclass_fields__:
        default = getattr(DirectoryLimits(), name)
        for value in (0, -1, default + 1):
            with pytest.raises(ValueError, match=name):
                DirectoryLimits(**{name: value})
        low = DirectoryLimits(**{name: 1})
        if name == "root_rotations":
            continue
        with pytest.raises(DirectoryError) as caught:
            load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS, limits=low)
        assert caught.value.code is DirectoryFault.TOO_LARGE


def test_lowered_limit_holds_for_files_at_hand_too(forge: Forge) -> None:
    low = DirectoryLimits(targets_bytes=100)
    with pytest.raises(DirectoryError) as caught:
        update_directory(
            forge.files, forge.files.get, forge.trusted_root, now_ms=NOW_MS, limits=low
        )
    assert caught.value.code is DirectoryFault.TOO_LARGE


def test_walk_goes_no_further_than_the_limit_of_root_files(forge: Forge) -> None:
    forge.rotate("second")
    forge.rotate("third")
    with pytest.raises(DirectoryError) as caught:
        load_directory(
            forge.files, forge.trusted_root, now_ms=NOW_MS, limits=DirectoryLimits(root_rotations=1)
        )
    assert caught.value.code is DirectoryFault.SIGNATURE


def test_changed_bytes_are_refused_or_mean_the_same(forge: Forge) -> None:
    """JSON has room for meaningless changes (white space); no change may mean something else."""
    good = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    for ending in ("root.json", "timestamp.json", "snapshot.json", ".member", ".suspended"):
        name = next(name for name in forge.files if name.endswith(ending))
        data = forge.files[name]
        for index in range(0, len(data), max(1, len(data) // 60)):
            changed = data[:index] + bytes([data[index] ^ 0x01]) + data[index + 1 :]
            files = {**forge.files, name: changed}
            root = changed if ending == "root.json" else forge.trusted_root
            try:
                assert load_directory(files, root, now_ms=NOW_MS) == good
            except DirectoryError:
                continue
