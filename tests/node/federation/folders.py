"""What tests of the federation's folder share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keys.directory import Directory, load_directory
from keys.identity import Identity, create_identity
from keys.joining import JoinRequest, make_join_request, verify_join_request
from keys.members import LogKeyRecord, MemberRecord, TransferRegime
from keys.tuf_keys import CompositeSigner, load_directory_key
from node.federation.changing import admission, propose, renewal
from node.federation.folder import FederationFolder
from node.federation.publishing import publish
from protocol.ids import NodeId
from tests.support.nodes import NOW_MS, PASSPHRASE, seeded

BE = "be.example"
HOUR_MS = 3_600_000

# Everything through which the disk is changed here.
DISK_CALLS = ("mkdir", "open", "fsync", "rename", "replace", "unlink", "rmdir")


class Crash(BaseException):
    """The machine lost its power; nobody catches it."""


def open_key(path: Path) -> CompositeSigner:
    return load_directory_key(path, PASSPHRASE)


def content(folder: Path) -> dict[str, bytes]:
    """Name and bytes of every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def renew(folder: FederationFolder, role: str, hours: int = 1) -> None:
    with folder.locked():
        propose(folder, renewal(role, now_ms=NOW_MS + hours * HOUR_MS), open_key)


def publish_all(folder: FederationFolder, hours: int = 1) -> None:
    with folder.locked():
        publish(folder, (), open_key, is_suspension_only=False, now_ms=NOW_MS + hours * HOUR_MS)


def crashes(act: Callable[[], None], prepare: Callable[[], None]) -> Iterator[int]:
    """Crash an act before each change to the disk, one after the other, until none is left."""
    for step in range(1000):
        prepare()
        if not _crashes_at(step, act):
            return
        yield step
    raise AssertionError("it never ends")


def _crashes_at(step: int, act: Callable[[], None]) -> bool:
    count = 0

    def counted(call: Callable) -> Callable:
        def counting(*arguments: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count > step:
                raise Crash
            return call(*arguments, **options)

        return counting

    with pytest.MonkeyPatch.context() as patch:
        for name in DISK_CALLS:
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            act()
        except Crash:
            return True
    return False


def identity(number: int = 1) -> Identity:
    return create_identity(NodeId(BE), seeded(f"identity {number}"), origin_number=number)


def request(number: int = 1, previous: int | None = None, *, now_ms: int = NOW_MS) -> JoinRequest:
    """Return the request of the member's identity with this number."""
    return verify_join_request(request_bytes(number, previous, now_ms=now_ms))


def request_bytes(number: int, previous: int | None, *, now_ms: int) -> bytes:
    asking = identity(number)
    signer = asking.log_signer()
    record = MemberRecord(
        node_id=asking.node_id,
        legal_name="Invented Organisation",
        country="BE",
        telephone="+3225550100",
        endpoints=("https://be.example.invalid",),
        log_keys=(
            LogKeyRecord(
                origin=asking.origin,
                ed25519=signer.ed25519_public,
                mldsa44=signer.mldsa44_public,
                valid_from_ms=now_ms,
            ),
        ),
        transfer_regime=TransferRegime.EEA,
    )
    signing_too = None if previous is None else identity(previous).log_signer()
    return make_join_request(record, signer, now_ms=now_ms, previous=signing_too)


def admit(folder: FederationFolder, asked: JoinRequest, since_ms=None, *, now_ms=NOW_MS, **decided):
    proposal = admission(asked, decided, compromised_since_ms=since_ms, now_ms=now_ms)
    return propose_on(folder, proposal)


def propose_on(folder: FederationFolder, proposal) -> dict:
    with folder.locked():
        return propose(folder, proposal, open_key)


def directory_of(folder: FederationFolder, now_ms: int = NOW_MS) -> Directory:
    return load_directory(folder.load_public(), folder.load_root(), now_ms=now_ms)
