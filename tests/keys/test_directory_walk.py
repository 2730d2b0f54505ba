"""The walk by itself, over an ordinary TUF repository: none of Homeward's rules are in it."""

from __future__ import annotations

import datetime

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Key,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from keys.directory_walk import Dialogue, DirectoryWalk, FileNotThere, FileRequest
from keys.errors import DirectoryError, DirectoryFault

AT_MS = 1_800_000_000_000
EXPIRES = datetime.datetime.fromtimestamp(AT_MS / 1000 + 1000, datetime.UTC)
SIGNER = CryptoSigner.generate_ed25519()
HELLO = b"hello\n"


def signed(part: object) -> bytes:
    part.expires = EXPIRES
    metadata = Metadata(part)
    metadata.sign(SIGNER)
    return metadata.to_bytes()


def repository(version: int = 1) -> dict[str, bytes]:
    root = Root(consistent_snapshot=True)
    for role in ("root", "targets", "snapshot", "timestamp"):
        root.add_key(SIGNER.public_key, role)
    hello = TargetFile.from_data("hello.txt", HELLO)
    targets = {"hello.txt": hello}
    return {
        "1.root.json": signed(root),
        f"{version}.targets.json": signed(Targets(version=version, targets=targets)),
        f"{version}.snapshot.json": signed(
            Snapshot(version=version, meta={"targets.json": MetaFile(version)})
        ),
        "timestamp.json": signed(Timestamp(version=version, snapshot_meta=MetaFile(version))),
        f"{hello.hashes['sha256']}.hello.txt": HELLO,
    }


def walk_through(
    files: dict[str, bytes],
    current: dict[str, bytes] | None = None,
    *,
    at_ms: int | None = AT_MS,
) -> DirectoryWalk:
    walk = DirectoryWalk(current or {}, files["1.root.json"], at_ms=at_ms)
    Dialogue(walk.top_level()).give_all(files.get)
    return walk


def test_ordinary_keys_and_targets_are_walked_through() -> None:
    files = repository()
    walk = walk_through(files)
    assert isinstance(walk.trusted.root.keys[SIGNER.public_key.keyid], Key)
    assert walk.files.keys() == {
        "1.root.json",
        "1.targets.json",
        "1.snapshot.json",
        "timestamp.json",
    }
    hello = walk.trusted.targets.targets["hello.txt"]
    (name,) = hello.get_prefixed_paths()
    Dialogue(walk.take(FileRequest(name, hello.length), hello.verify_length_and_hashes)).give_all(
        files.get
    )
    assert walk.files[name] == HELLO


def test_walk_keeps_what_it_accepted_before_it_failed() -> None:
    files = repository()
    del files["1.targets.json"]
    walk = DirectoryWalk({}, files["1.root.json"], at_ms=AT_MS)
    with pytest.raises(FileNotThere):
        Dialogue(walk.top_level()).give_all(files.get)
    assert walk.files.keys() == {"1.root.json", "1.snapshot.json", "timestamp.json"}


def test_file_that_is_refused_is_not_among_the_accepted() -> None:
    files = repository()
    files["1.snapshot.json"] = files["timestamp.json"]
    walk = DirectoryWalk({}, files["1.root.json"], at_ms=AT_MS)
    with pytest.raises(DirectoryError) as caught:
        Dialogue(walk.top_level()).give_all(files.get)
    assert caught.value.code is DirectoryFault.MALFORMED
    assert walk.files.keys() == {"1.root.json", "timestamp.json"}


def test_time_of_none_lets_nothing_expire() -> None:
    files, late = repository(), AT_MS + 1_000_000
    with pytest.raises(DirectoryError) as caught:
        walk_through(files, at_ms=late)
    assert caught.value.code is DirectoryFault.EXPIRED
    assert walk_through(files, at_ms=late - 1).trusted.targets.version == 1
    assert walk_through(files, at_ms=None).trusted.targets.version == 1


def test_any_snapshot_at_hand_bars_older_targets() -> None:
    """Also where its timestamp was lost, or a newer timestamp was taken without it."""
    old, new = repository(version=4), repository(version=5)
    snapshot = {"5.snapshot.json": new["5.snapshot.json"]}
    files = {
        **old,
        "9.snapshot.json": signed(Snapshot(version=9, meta={"targets.json": MetaFile(4)})),
        "timestamp.json": signed(Timestamp(version=9, snapshot_meta=MetaFile(9))),
    }
    walk_through(files)
    with pytest.raises(DirectoryError) as caught:
        walk_through(files, snapshot)
    assert caught.value.code is DirectoryFault.VERSION


def test_snapshot_that_the_present_keys_did_not_sign_bars_nothing() -> None:
    files = repository(version=4)
    metadata = Metadata(Snapshot(version=99, meta={"targets.json": MetaFile(99)}, expires=EXPIRES))
    metadata.sign(CryptoSigner.generate_ed25519())
    current = {"99.snapshot.json": metadata.to_bytes(), "4.snapshot.json": files["4.snapshot.json"]}
    assert walk_through(files, current).trusted.targets.version == 4


def test_check_sees_every_root_file_and_can_end_the_walk() -> None:
    files, seen = repository(), []
    root = Metadata[Root].from_bytes(files["1.root.json"]).signed
    root.version = 2
    files["2.root.json"] = signed(root)

    def check(root: Root) -> None:
        seen.append(root.version)
        if root.version == 2:
            raise DirectoryError(DirectoryFault.FEDERATION)

    walk = DirectoryWalk({}, files["1.root.json"], at_ms=AT_MS)
    with pytest.raises(DirectoryError) as caught:
        Dialogue(walk.top_level(check)).give_all(files.get)
    assert caught.value.code is DirectoryFault.FEDERATION
    assert seen == [1, 2]
