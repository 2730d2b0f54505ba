"""Keys in other hands: signing, collecting from copies, publishing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from keys.change import found
from keys.errors import DirectoryError, MembershipError
from keys.public_keys import FederationPublicKeys, RolePublicKeys
from keys.tuf_keys import CompositeSigner, create_directory_key
from node.errors import NodeError
from node.federation.changing import (
    KeyChanges,
    admission,
    renewal,
    rotation,
    suspension,
)
from node.federation.collecting import collect
from node.federation.facts import role_facts
from node.federation.folder import FederationFolder
from node.federation.founding import found_here, store_founding
from node.federation.publishing import publish
from node.federation.signing import (
    add_signature,
    check_trusted,
    load_pending,
)
from tests.node.federation.folders import (
    BE,
    HOUR_MS,
    content,
    propose_on,
    request,
)
from tests.support.nodes import NOW_MS, PASSPHRASE, seeded

DAY_MS = 24 * HOUR_MS


@pytest.fixture
def folder_of_others(tmp_path: Path) -> FederationFolder:
    """Another federation's folder."""
    place = FederationFolder(tmp_path / "others")
    found_here(place, "Others", PASSPHRASE, now_ms=NOW_MS)
    return place


# --- holders with keys elsewhere

HELD = {
    role: create_directory_key(seeded(f"held {role}"))
    for role in ("root", "targets", "snapshot", "timestamp", "suspend")
}


def open_held(path: Path) -> CompositeSigner:
    return HELD[path.name]


def publish_held(folder: FederationFolder, now_ms: int = NOW_MS) -> dict:
    paths = [Path("timestamp"), Path("snapshot")]
    with folder.locked():
        return publish(folder, paths, open_held, is_suspension_only=False, now_ms=now_ms)


def sign_held(folder: FederationFolder, *roles: str) -> None:
    with folder.locked():
        for role in roles:
            add_signature(folder, load_pending(folder), HELD[role])


@pytest.fixture
def held(path: Path) -> FederationFolder:
    """A federation whose keys are elsewhere, and which has no role suspend."""
    keys = FederationPublicKeys(
        **{
            role: RolePublicKeys((signer.public_key,))
            for role, signer in HELD.items()
            if role != "suspend"
        }
    )
    place = FederationFolder(path)
    store_founding(place, found("Test", keys, random=seeded("held"), now_ms=NOW_MS))
    sign_held(place, "root", "targets")
    publish_held(place)
    return place


def test_the_role_suspend_can_be_given_its_first_key(held: FederationFolder) -> None:
    propose_on(held, admission(request(), {}, compromised_since_ms=None, now_ms=NOW_MS))
    with pytest.raises(MembershipError, match="no role suspend"):
        propose_on(held, suspension(BE, now_ms=NOW_MS))
    changes = KeyChanges(added=[("suspend", HELD["suspend"].public_key)])
    propose_on(held, rotation(changes, now_ms=NOW_MS))
    sign_held(held, "root", "targets", "suspend")
    publish_held(held)
    propose_on(held, suspension(BE, now_ms=NOW_MS + HOUR_MS))
    sign_held(held, "suspend")
    assert publish_held(held, NOW_MS + HOUR_MS)["suspended"] == [BE]


def test_what_has_expired_is_not_dated_anew(held: FederationFolder, path: Path) -> None:
    propose_on(held, admission(request(), {}, compromised_since_ms=None, now_ms=NOW_MS))
    sign_held(held, "targets")
    publish_held(held)
    later_ms = NOW_MS + 200 * DAY_MS
    before = content(path)
    with pytest.raises(NodeError, match="targets file has expired") as caught:
        publish_held(held, later_ms)
    assert caught.value.hint.endswith("homeward federation renew targets")
    assert content(path) == before
    propose_on(held, renewal("targets", now_ms=later_ms))
    sign_held(held, "targets")
    assert publish_held(held, later_ms)["members"] == 1


def test_a_signature_that_is_not_good_is_not_collected(held: FederationFolder, path: Path) -> None:
    propose_on(held, renewal("targets", now_ms=NOW_MS + HOUR_MS))
    copy = path.with_name("copy")
    shutil.copytree(path, copy)
    sign_held(FederationFolder(copy), "targets")
    file = copy / "pending" / "2.targets.json"
    metadata = json.loads(file.read_bytes())
    signature = metadata["signatures"][0]["sig"]
    metadata["signatures"][0]["sig"] = ("0" if signature[0] != "0" else "1") + signature[1:]
    file.write_text(json.dumps(metadata, separators=(",", ":"), sort_keys=True))
    before = content(path)
    with held.locked(), pytest.raises((MembershipError, NodeError)):
        collect(held, [copy], now_ms=NOW_MS)
    assert content(path) == before


def test_a_directory_that_was_published_from_a_copy_is_taken_over(
    held: FederationFolder, path: Path
) -> None:
    copy = path.with_name("copy")
    shutil.copytree(path, copy)
    publish_held(FederationFolder(copy), NOW_MS + HOUR_MS)
    # What waits here goes on waiting on top of it.
    propose_on(held, renewal("root", now_ms=NOW_MS + HOUR_MS))
    with held.locked():
        told = collect(held, [copy], now_ms=NOW_MS + HOUR_MS)
    assert (told["directory_version"], told["is_newer"]) == (2, True)
    assert held.load_public() == FederationFolder(copy).load_public()
    assert list(load_pending(held).pending) == ["2.root.json"]
    sign_held(held, "root")
    assert publish_held(held, NOW_MS + 2 * HOUR_MS)["directory_version"] == 3


def test_an_older_copy_brings_nothing_back(held: FederationFolder, path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copytree(path, copy)
    publish_held(held, NOW_MS + HOUR_MS)
    before = content(path)
    with held.locked(), pytest.raises(NodeError, match="no change waits"):
        collect(held, [copy], now_ms=NOW_MS)
    assert content(path) == before


def test_a_forged_directory_in_a_copy_is_refused(held: FederationFolder, path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copytree(path, copy)
    publish_held(FederationFolder(copy), NOW_MS + HOUR_MS)
    file = copy / "public" / "timestamp.json"
    metadata = json.loads(file.read_bytes())
    metadata["signed"]["version"] += 1
    file.write_text(json.dumps(metadata, separators=(",", ":"), sort_keys=True))
    before = content(path)
    with held.locked(), pytest.raises(DirectoryError):
        collect(held, [copy], now_ms=NOW_MS + HOUR_MS)
    assert content(path) == before


@pytest.mark.parametrize("root", [b"", b"{}", b"\xff", b"{" * 1000])
def test_a_root_file_that_is_none_confirms_no_folder(held: FederationFolder, root: bytes) -> None:
    propose_on(held, renewal("targets", now_ms=NOW_MS + HOUR_MS))
    with pytest.raises(NodeError, match="does not follow from your root file"):
        check_trusted(load_pending(held), root)
    check_trusted(load_pending(held), held.load_root())


def test_a_made_up_federation_does_not_follow_from_the_holders_own_root(
    held: FederationFolder, folder_of_others: FederationFolder
) -> None:
    propose_on(held, renewal("targets", now_ms=NOW_MS + HOUR_MS))
    with pytest.raises(NodeError, match="does not follow") as caught:
        check_trusted(load_pending(held), folder_of_others.load_root())
    assert "telephone" in caught.value.hint


def test_facts_are_of_the_files_in_force_and_not_of_newer_ones_beside_them(
    held: FederationFolder,
) -> None:
    in_force = list(role_facts(held.load_public()))
    propose_on(held, renewal("targets", now_ms=NOW_MS + HOUR_MS))
    assert list(role_facts({**held.load_public(), **held.load_pending()})) == in_force
    told = {each["role"]: each for each in in_force}
    assert list(told) == ["root", "targets", "snapshot", "timestamp"]
    key_id = HELD["targets"].public_key.keyid
    assert told["targets"]["keys"] == [{"key_id": key_id, "has_signed": True}]
    assert told["targets"]["needed"] == 1


@pytest.mark.parametrize("missing", ["timestamp.json", "1.snapshot.json", "1.targets.json"])
def test_facts_of_a_directory_with_a_hole_are_refused(held: FederationFolder, missing: str) -> None:
    files = held.load_public()
    del files[missing]
    with pytest.raises(DirectoryError):
        list(role_facts(files))
