"""The training federation: invented members, keys of its own, and no network at all.

Its keys are made with the home and kept in it, so that its directory can be renewed and
its people can practise that too. It shares no key with any other federation, so nothing
that is signed in it counts anywhere else.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from keys.change import admit, found
from keys.directory_files import DirectoryFolder
from keys.identity import Identity, create_identity
from keys.members import LogKeyRecord, MemberRecord, TransferRegime
from keys.signers_at_hand import FederationKeys, RoleKeys, sign_and_publish
from keys.tuf_keys import create_directory_key
from node.app import Core, Surroundings
from node.exchange.closed import TownLink
from node.federation import key_files
from node.federation.folder import FederationFolder
from node.federation.founding import ROLES
from node.home import Home
from node.store.db import no_hook
from protocol.ids import NodeId
from protocol.training import TRAINING_FEDERATION

T = TypeVar("T")

FEDERATION: Final = f"{TRAINING_FEDERATION}invented organisations"
FEDERATION_FOLDER: Final = "training-federation"
DAY_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An invented organisation; `is_down` is never reached, so what goes there waits."""

    legal_name: str
    language: str
    regime: TransferRegime
    is_down: bool = False


NEIGHBOURS: Final[Mapping[NodeId, Neighbour]] = MappingProxyType(
    {
        NodeId("bg.training-primer"): Neighbour(
            "Primer (invented, Bulgaria)", "bg", TransferRegime.EEA
        ),
        NodeId("gr.training-paradeigma"): Neighbour(
            "Paradeigma (invented, Greece)", "el", TransferRegime.EEA
        ),
        NodeId("ua.training-pryklad"): Neighbour(
            "Pryklad (invented, Ukraine)", "uk", TransferRegime.OTHER
        ),
        NodeId("fr.training-exemple"): Neighbour(
            "Exemple (invented, France, switched off)", "fr", TransferRegime.EEA, is_down=True
        ),
    }
)


class StoryClock:
    """A clock that is set by whoever tells the story."""

    def __init__(self, now_ms: int) -> None:
        """Stand still at this time."""
        self.at_ms = now_ms

    def now_ms(self) -> int:
        """Return the time of the story."""
        return self.at_ms


@dataclass(frozen=True, slots=True)
class Town:
    """The nodes of a training federation while they are in one process."""

    clock: StoryClock
    own: Core
    neighbours: Mapping[NodeId, Core]

    async def close(self) -> None:
        """Close all nodes."""
        for core in (self.own, *self.neighbours.values()):
            await core.close()


def found_town(
    home: Home, own: Identity, passphrase: bytes, *, now_ms: int
) -> Mapping[NodeId, Identity]:
    """Found the federation of a home, put it into the home; return the neighbours' identities.

    Raises:
        KeysError, HomeError: something cannot be written.
    """
    signers = {role: create_directory_key(os.urandom) for role in ROLES}
    keys = FederationKeys(**{role: RoleKeys((signer,)) for role, signer in signers.items()})
    identities = {node_id: create_identity(node_id, os.urandom) for node_id in NEIGHBOURS}
    change = found(FEDERATION, keys.public(), random=os.urandom, now_ms=now_ms)
    change = admit(change, _own_record(own, now_ms), now_ms=now_ms)
    for node_id, neighbour in NEIGHBOURS.items():
        record = _record(identities[node_id], neighbour, now_ms)
        change = admit(change, record, now_ms=now_ms)
    files = sign_and_publish(change, keys, now_ms=now_ms)
    folder = FederationFolder(home.folder / FEDERATION_FOLDER)
    folder.make(has_keys=True)
    for role, signer in signers.items():
        key_files.store_key(folder.key(role), signer, passphrase)
    folder.store_published(files, {})
    DirectoryFolder(home.directory).store(files)
    home.root.write_bytes(folder.load_root())
    return identities


def open_town(
    home: Home, own: Identity, neighbours: Mapping[NodeId, Identity], folder: Path, now_ms: int
) -> Town:
    """Open the home and, in `folder`, those of the neighbours, joined without a network.

    Raises:
        StoreError, KeysError: something cannot be made.
    """
    clock, link = StoryClock(now_ms), TownLink()
    core = _open(home, own, link, clock)
    link.let_in(endpoint_of(own.node_id), own.node_id, core)
    opened = {}
    for node_id, identity in neighbours.items():
        if NEIGHBOURS[node_id].is_down:
            continue
        theirs = Home(folder / node_id)
        theirs.make()
        DirectoryFolder(theirs.directory).store(DirectoryFolder(home.directory).load())
        theirs.root.write_bytes(home.root.read_bytes())
        opened[node_id] = _open(theirs, identity, link, clock)
        link.let_in(endpoint_of(node_id), node_id, opened[node_id])
    return Town(clock, core, opened)


def endpoint_of(node_id: NodeId) -> str:
    """Return an address that no computer has (RFC 2606)."""
    return f"https://{node_id}.invalid"


def _open(home: Home, identity: Identity, link: TownLink, clock: StoryClock) -> Core:
    surroundings = Surroundings(
        clock=clock,
        random=os.urandom,
        link=link,
        run_writes=_inline,
        run_reads=_inline,
        compute=_inline,
        disk=_inline,
        begin=lambda make: make,
        report=_no_report,
        on_durable=no_hook,
    )
    return Core(home, identity, surroundings, now_ms=clock.now_ms())


def _inline(function: Callable[[], T], /) -> Awaitable[T]:
    async def run() -> T:
        return function()

    return run()


def _no_report(event: str, peer: NodeId, code: str) -> None:
    """Say nothing: what goes wrong in the town is no news."""


def _own_record(own: Identity, now_ms: int) -> MemberRecord:
    neighbour = Neighbour("Training home (invented)", "en", TransferRegime.EEA)
    return _record(own, neighbour, now_ms)


def _record(identity: Identity, neighbour: Neighbour, now_ms: int) -> MemberRecord:
    signer = identity.log_signer()
    return MemberRecord(
        node_id=identity.node_id,
        legal_name=neighbour.legal_name,
        country=identity.node_id[:2].upper(),
        languages=(neighbour.language,),
        telephone="+3225550100",
        endpoints=(endpoint_of(identity.node_id),),
        log_keys=(
            LogKeyRecord(
                origin=identity.origin,
                ed25519=signer.ed25519_public,
                mldsa44=signer.mldsa44_public,
                valid_from_ms=now_ms - DAY_MS,
            ),
        ),
        transfer_regime=neighbour.regime,
    )
