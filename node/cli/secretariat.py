"""The secretariat's folder, and what an applicant sends it.

keys/<role>.key   one vault a role; in real life on different people's sticks
public/           the directory's files, for every member
root.json         the first root file: what every node is installed with
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keys import membership
from keys.directory import Directory, load_directory
from keys.directory_files import DirectoryFolder, metadata_name
from keys.files import load_file, store_file
from keys.joining import JoinRequest, make_join_request, verify_join_request
from keys.members import MemberRecord, TransferRegime
from keys.membership import FederationKeys, RoleKeys
from keys.tuf_keys import CompositeSigner, create_directory_key, load_directory_key
from node.cli.making import new_passphrase, own_log_key
from node.cli.reach import open_secrets, passphrase_for
from node.config import load_settings
from node.errors import ArgumentError, HomeError
from node.home import Home
from protocol import limits
from protocol.errors import PeerError

Answer = dict[str, Any]

ROLES = ("root", "targets", "snapshot", "timestamp")
ROOT_NAME = "root.json"


def create(folder: Path, name: str, unlock_file: Path | None) -> Answer:
    """Found a federation in an empty folder.

    Raises:
        HomeError, KeysError: the folder is in use, or something cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise HomeError("folder_not_empty", "this folder is not empty")
    passphrase = new_passphrase(Path(), _absolute(unlock_file))
    signers = {role: create_directory_key(os.urandom) for role in ROLES}
    keys = FederationKeys(**{role: RoleKeys((signer,)) for role, signer in signers.items()})
    now_ms = _now_ms()
    files = membership.create_federation(name, keys, random=os.urandom, now_ms=now_ms)
    for part in (folder, folder / "keys", folder / "public"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    for role, signer in signers.items():
        signer.store(folder / "keys" / f"{role}.key", passphrase, random=os.urandom)
    root = files[metadata_name("root", 1)]
    # If we crash before this line, there is no root.json, and nothing was founded.
    DirectoryFolder(folder / "public").store(files)
    store_file(folder / ROOT_NAME, root, is_replacing=False)
    directory = load_directory(files, root, now_ms=now_ms)
    return {
        "federation": directory.federation_name,
        "federation_id": directory.federation_id.hex(),
        "directory_version": directory.version,
    }


def join_request(folder: Path, fields: Mapping[str, Any], out: Path) -> Answer:
    """Write a signed request to be admitted.

    Raises:
        NodeError, KeysError: a field is not valid, or the identity does not open.
    """
    settings = load_settings(folder)
    identity = open_secrets(Home(folder), settings)
    member = MemberRecord(
        node_id=identity.node_id,
        legal_name=fields["legal_name"],
        country=fields["country"] or identity.node_id[:2].upper(),
        languages=fields["languages"],
        telephone=fields["telephone"],
        endpoints=fields["endpoints"],
        log_keys=(own_log_key(identity),),
        transfer_regime=TransferRegime[fields["regime"].upper()],
    )
    try:
        data = make_join_request(member, identity.log_signer(), now_ms=_now_ms())
    except PeerError as error:
        option = error.detail.replace("_", "-")
        raise ArgumentError("argument_invalid", f"{option} cannot be used") from error
    store_file(out, data, is_replacing=True)
    return read_request(data)


def read_request(untrusted: bytes) -> Answer:
    """Return what a request says, and its words.

    Raises:
        JoinRequestRefused: it is malformed, or not signed by the keys in it.
    """
    return _request_answer(verify_join_request(untrusted))


def admit(folder: Path, untrusted: bytes, unlock_file: Path | None) -> Answer:
    """Sign the member of a request into the directory.

    Raises:
        KeysError: the request, the keys or the folder cannot be used.
    """
    request = verify_join_request(untrusted)
    files = _public(folder).load()
    (targets,) = _signers(folder, unlock_file, "targets")
    changed = membership.admit(files, request.member, targets=[targets], now_ms=_now_ms())
    _public(folder).store(changed)
    return _request_answer(request)


def publish(folder: Path, unlock_file: Path | None) -> Answer:
    """Make the newest member list current.

    Raises:
        KeysError: the keys or the folder cannot be used.
    """
    files = _public(folder).load()
    snapshot, timestamp = _signers(folder, unlock_file, "snapshot", "timestamp")
    now_ms = _now_ms()
    published = membership.publish(files, snapshot=[snapshot], timestamp=[timestamp], now_ms=now_ms)
    _public(folder).store(published)
    directory = load_directory(published, _root(folder), now_ms=now_ms)
    return _directory_answer(directory)


def _directory_answer(directory: Directory) -> Answer:
    return {
        "federation": directory.federation_name,
        "directory_version": directory.version,
        "members": len(directory.members),
        "expires_at_ms": directory.expires_at_ms,
    }


def _request_answer(request: JoinRequest) -> Answer:
    member = request.member
    return {
        "node_id": member.node_id,
        "legal_name": member.legal_name,
        "country": member.country,
        "languages": list(member.languages),
        "telephone": member.telephone,
        "endpoints": list(member.endpoints),
        "transfer_regime": member.transfer_regime.name.lower(),
        "words": list(request.words),
    }


def _public(folder: Path) -> DirectoryFolder:
    if not (folder / ROOT_NAME).exists():
        raise HomeError(
            "no_federation", "there is no federation in this folder", "homeward federation create"
        )
    return DirectoryFolder(folder / "public")


def _root(folder: Path) -> bytes:
    return load_file(folder / ROOT_NAME, limits.DIRECTORY_ROOT_BYTES)


def _signers(folder: Path, unlock_file: Path | None, *roles: str) -> list[CompositeSigner]:
    passphrase = passphrase_for(Path(), _absolute(unlock_file))
    return [load_directory_key(folder / "keys" / f"{role}.key", passphrase) for role in roles]


def _absolute(unlock_file: Path | None) -> str:
    return "" if unlock_file is None else str(unlock_file.absolute())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
