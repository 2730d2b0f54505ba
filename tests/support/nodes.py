"""Whole nodes in one process: real homes, stores and keys, and a link without sockets."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from keys.change import Change, admit
from keys.directory_files import DirectoryFolder
from keys.identity import Identity, create_identity, store_identity
from keys.members import LogKeyRecord, MemberRecord, TransferRegime
from keys.signers_at_hand import (
    FederationKeys,
    RoleKeys,
    create_federation,
    sign_and_publish,
)
from keys.tuf_keys import CompositeSigner
from keys.vault import KdfCost
from node.app import Core, Surroundings
from node.config import Settings, write_settings
from node.errors import DeliveryError
from node.home import Home
from protocol.ids import NodeId

T = TypeVar("T")
NOW_MS = 1_800_000_000_000
CHEAP = KdfCost(memory_kib=8, iterations=1, lanes=1)
PASSPHRASE = b"open sesame please"
# Most tests let time go by, and have nobody who publishes the directory meanwhile.
LONG_GRACE_MS = 3650 * 24 * 3600 * 1000


class SettableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.at_ms = now_ms

    def now_ms(self) -> int:
        return self.at_ms


def seeded(label: str) -> Callable[[int], bytes]:
    """Return a source of bytes that is the same at each run."""
    count = 0

    def random(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{label} {count}".encode()).digest(size)

    return random


async def inline(function: Callable[[], T], /) -> T:
    """Run blocking work where it is called."""
    return function()


@dataclass
class DirectLink:
    """Calls the peers' services directly; a peer that is not in `services` is down."""

    services: dict[str, Core] = field(default_factory=dict)

    def _service(self, endpoint: str):
        core = self.services.get(endpoint)
        if core is None:
            raise DeliveryError("unreachable", "the peer cannot be reached", retryable=True)
        return core

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        service = self._service(endpoint).service
        answer = await {"/hw1/envelopes": service.envelopes, "/hw1/requests": service.requests}[
            path
        ](body)
        assert len(answer) <= limit
        return answer

    async def put(
        self, endpoint: str, path: str, authorization: bytes, pieces: AsyncIterator[bytes]
    ) -> bytes:
        return await self._service(endpoint).service.blobs(authorization, pieces)

    async def get(self, endpoint: str, path: str, *, limit: int) -> bytes | None:
        core = self._service(endpoint)
        if path == "/hw1/descriptor":
            return await core.service.descriptor()
        return await core.directory_refresh.file(path.rpartition("/")[2])


@dataclass
class Federation:
    """A federation whose nodes live in folders below `folder`."""

    folder: Path
    files: dict[str, bytes]
    root: bytes
    identities: dict[str, Identity]
    keys: FederationKeys

    def home(self, name: str) -> Home:
        return Home(self.folder / name)


def endpoint_of(name: str) -> str:
    return f"https://{name}.invalid"


def make_federation(
    folder: Path,
    names: tuple[str, ...],
    *,
    now_ms: int = NOW_MS,
    endpoints: dict | None = None,
    records: dict | None = None,
    has_suspend: bool = False,
) -> Federation:
    """Found a federation, and make a home for each of its members.

    `records` has for some of them fields that are not as usual.
    """
    random = seeded("federation")
    roles = ["root", "targets", "snapshot", "timestamp", *["suspend"] * has_suspend]
    signers = {role: CompositeSigner(random(32), random(32)) for role in roles}
    keys = FederationKeys(**{role: RoleKeys((signer,), 1) for role, signer in signers.items()})
    files = create_federation("Test", keys, random=random, now_ms=now_ms)
    root = files["1.root.json"]
    change = Change(files)
    identities = {}
    for name in names:
        identity = create_identity(NodeId(name), seeded(f"identity {name}"))
        identities[name] = identity
        signer = identity.log_signer()
        record = MemberRecord(
            node_id=NodeId(name),
            legal_name=f"Invented Organisation {name}",
            country=name[:2].upper(),
            telephone="+3225550100",
            endpoints=((endpoints or {}).get(name, endpoint_of(name)),),
            log_keys=(
                LogKeyRecord(
                    origin=identity.origin,
                    ed25519=signer.ed25519_public,
                    mldsa44=signer.mldsa44_public,
                    valid_from_ms=now_ms - 86_400_000,
                ),
            ),
            transfer_regime=TransferRegime.EEA,
        )
        record = replace(record, **(records or {}).get(name, {}))
        change = admit(change, record, now_ms=now_ms)
    files = sign_and_publish(change, keys, now_ms=now_ms)
    for name in names:
        home = Home(folder / name)
        home.make()
        write_settings(home.folder, Settings(node_id=name))
        store_identity(home.identity, identities[name], PASSPHRASE, random=seeded(name), cost=CHEAP)
        home.root.write_bytes(root)
        DirectoryFolder(home.directory).store(files)
    return Federation(folder, files, root, identities, keys)


def open_core(
    federation: Federation,
    name: str,
    link: DirectLink,
    clock: SettableClock,
    reports: list | None = None,
    *,
    seed: str = "",
    directory_grace_ms: int = LONG_GRACE_MS,
) -> Core:
    """Open a node of the federation and put it on the link.

    Another `seed` for each of its lives, else it would draw the same ids again.
    """
    surroundings = Surroundings(
        clock=clock,
        random=seeded(f"node {name}{seed}"),
        link=link,
        run_writes=inline,
        run_reads=inline,
        compute=inline,
        disk=inline,
        begin=lambda make: make,
        report=lambda *event: reports.append(event) if reports is not None else None,
        on_durable=lambda stage: None,
        directory_grace_ms=directory_grace_ms,
    )
    core = Core(
        federation.home(name), federation.identities[name], surroundings, now_ms=clock.now_ms()
    )
    link.services[endpoint_of(name)] = core
    return core


async def until(condition: Callable[[], object], rounds: int = 2000) -> None:
    """Let the loop run until the (possibly async) condition holds; bounded."""
    for _ in range(rounds):
        result = condition()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come true")
