"""The form of metadata files: what python-tuf would read kindly, and other readers otherwise.

Every file here is signed in order by the keys that its role has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from securesystemslib.formats import encode_canonical
from tuf.api.exceptions import RepositoryError

from keys.directory import load_directory
from keys.directory_form import check_form
from keys.errors import DirectoryFault
from keys.tuf_keys import CompositeSigner
from tests.keys.forge import BE, NOW_MS, Forge, refused
from tests.keys.reader import Node


def written(data: bytes, change: Callable[[dict], object], by: list[CompositeSigner]) -> bytes:
    """Change the signed part as JSON, whatever comes of it, and sign what stands there then."""
    whole = json.loads(data)
    change(whole["signed"])
    payload = (encode_canonical(whole["signed"]) or "").encode(errors="replace")
    signatures = [signer.sign(payload) for signer in by]
    whole["signatures"] = [{"keyid": each.keyid, "sig": each.signature} for each in signatures]
    return json.dumps(whole).encode()


def setting(*path: str, value: object) -> Callable[[dict], object]:
    def change(signed: dict) -> None:
        for name in path[:-1]:
            signed = signed[name]
        signed[path[-1]] = value

    return change


def of_role(role: str, value: object) -> Callable[[dict], object]:
    def change(signed: dict) -> None:
        signed["delegations"]["roles"][0][role] = value

    return change


SNAPSHOT, MEMBER = ("meta", "snapshot.json"), ("targets", f"{BE}.member")
CHANGES: dict[str, tuple[str, Callable[[dict], object]]] = {
    "a version that is true": ("timestamp", setting("version", value=True)),
    "a version that is a string": ("timestamp", setting("version", value="2")),
    "a version of zero": ("timestamp", setting("version", value=0)),
    "a version of ten digits": ("timestamp", setting("version", value=10**9)),
    "no version": ("timestamp", lambda signed: signed.pop("version")),
    "expires without all digits": ("timestamp", setting("expires", value="2027-1-2T3:4:5Z")),
    "expires with a space": ("timestamp", setting("expires", value="2027-02-02T03:04: 5Z")),
    "expires with other digits": ("timestamp", setting("expires", value="٢٠٢٧-02-02T03:04:05Z")),
    "expires on no day": ("timestamp", setting("expires", value="2027-02-30T03:04:05Z")),
    "expires as a number": ("timestamp", setting("expires", value=5)),
    "another specification": ("timestamp", setting("spec_version", value="2.0.0")),
    "specification in other digits": ("timestamp", setting("spec_version", value="1.٠.0")),
    "another type": ("timestamp", setting("_type", value="snapshot")),
    "meta of a list": ("timestamp", setting("meta", value=[])),
    "snapshot version true": ("timestamp", setting(*SNAPSHOT, "version", value=True)),
    "length true": ("timestamp", setting(*SNAPSHOT, "length", value=True)),
    "length null": ("timestamp", setting(*SNAPSHOT, "length", value=None)),
    "hashes null": ("timestamp", setting(*SNAPSHOT, "hashes", value=None)),
    "hashes empty": ("timestamp", setting(*SNAPSHOT, "hashes", value={})),
    "something beside the snapshot": ("timestamp", setting("meta", "more.json", value=None)),
    "lone surrogate": ("timestamp", setting("note", value="\ud800")),
    "length of a member true": ("targets", setting(*MEMBER, "length", value=True)),
    "length of a member below zero": ("targets", setting(*MEMBER, "length", value=-1)),
    "delegations null": ("targets", setting("delegations", value=None)),
    "delegations of a list": ("targets", setting("delegations", value=[])),
    "terminating 1": ("targets", of_role("terminating", 1)),
    "threshold true": ("targets", of_role("threshold", value=True)),
    "keyids of a string": ("targets", of_role("keyids", value="ab")),
    "keyids of numbers": ("targets", of_role("keyids", value=[1])),
    "delegated name of a number": ("targets", of_role("name", value=1)),
    "target null": ("targets", setting(*MEMBER, value=None)),
    "snapshot info of a number": ("snapshot", setting("meta", "targets.json", value=5)),
}


@pytest.fixture(name="forge")
def _forge() -> Forge:
    return Forge(has_suspend=True)


@pytest.mark.parametrize("case", CHANGES)
def test_file_that_could_be_read_in_two_ways_is_refused(
    tmp_path: Path, forge: Forge, case: str
) -> None:
    role, change = CHANGES[case]
    node = Node(tmp_path, forge)
    keys = forge.keys[role]
    forge.publish(role, spoiled={role: lambda data: written(data, change, keys)})
    assert refused(forge.files, forge.trusted_root) is DirectoryFault.MALFORMED
    assert node.refuses(forge.files) is DirectoryFault.MALFORMED


ROOTS: dict[str, Callable[[dict], object]] = {
    "consistent_snapshot 1": setting("consistent_snapshot", value=1),
    "consistent_snapshot null": setting("consistent_snapshot", value=None),
    "version true": setting("version", value=True),
    "threshold true": setting("roles", "targets", "threshold", value=True),
    "threshold zero": setting("roles", "targets", "threshold", value=0),
    "keyids of a string": setting("roles", "targets", "keyids", value="ab"),
    "keyids null": setting("roles", "targets", "keyids", value=None),
    "a keyid twice": lambda signed: signed["roles"]["targets"]["keyids"].extend(
        signed["roles"]["targets"]["keyids"]
    ),
    "a fifth role": setting("roles", "suspend", value={"keyids": [], "threshold": 1}),
    "three roles": lambda signed: signed["roles"].pop("snapshot"),
    "roles of a list": setting("roles", value=[]),
    "keys of a list": setting("keys", value=[]),
}


@pytest.mark.parametrize("case", ROOTS)
def test_root_file_is_read_as_strictly(forge: Forge, case: str) -> None:
    root = written(forge.trusted_root, ROOTS[case], forge.keys["root"])
    assert refused(forge.files, root) is DirectoryFault.MALFORMED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version":', b'"version":9,"version":'),
        (b'"signed":', b'"signed":{},"signed":'),
        (b'"signatures":', b'"signatures":[],"signatures":'),
        (b'"keyid":', b'"keyid":"","keyid":'),
        (b'"signed":', b'"more":1.0,"signed":'),
        (b'"signed":', b'"more":NaN,"signed":'),
        (b'"signed":', b'"more":-Infinity,"signed":'),
        (b'"signed":', b'"more":1e3,"signed":'),
    ],
)
def test_json_with_two_readings_is_refused(
    tmp_path: Path, forge: Forge, old: bytes, new: bytes
) -> None:
    """No signature is touched by these: python-tuf would take the last of each name."""
    node = Node(tmp_path, forge)
    forge.publish()
    files = forge.files
    files["timestamp.json"] = files["timestamp.json"].replace(old, new, 1)
    assert refused(files, forge.trusted_root) is DirectoryFault.MALFORMED
    assert node.refuses(files) is DirectoryFault.MALFORMED


def test_names_that_nobody_knows_and_white_space_are_let_be(forge: Forge) -> None:
    def change(signed: dict) -> None:
        signed["x-note"] = {"deep": [1, True, None, "text"]}
        signed["meta"]["snapshot.json"]["x-note"] = 1
        del signed["meta"]["snapshot.json"]["length"]
        del signed["meta"]["snapshot.json"]["hashes"]

    def spaced(data: bytes) -> bytes:
        new = json.loads(written(data, change, forge.keys["timestamp"]))
        new["signatures"][0]["x-note"] = 1
        return json.dumps({"x-note": 1, **new}, indent=3, ensure_ascii=False).encode() + b"\n\n"

    before = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    forge.publish(spoiled={"timestamp": spaced})
    directory = load_directory(forge.files, forge.trusted_root, now_ms=NOW_MS)
    assert directory == replace(before, version=before.version + 1)


@pytest.mark.parametrize("data", [b"", b"null", b"{}", b"[" * 100_000, b"\xff", b'"signed"'])
def test_whatever_is_no_metadata_file_has_one_error(data: bytes) -> None:
    with pytest.raises(RepositoryError):
        check_form(data)
