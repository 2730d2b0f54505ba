"""A node whose log keys were stolen goes on with new keys, in the next log of its store."""

from __future__ import annotations

from dataclasses import replace

from keys.members import LogKeyRecord
from node.app import Core
from node.store import ended_logs
from protocol.ids import NodeId
from tests.keys.federation import seed
from tests.support.network import Network


async def begin_next_log(network: Network, name: NodeId, *, stolen_at_ms: int) -> Core:
    """End a node's log, open the node again with the next, and tell the nodes that run."""
    core, identity = network.cores[name], network.federation.identities[name]
    note = await core.context.logbook.checkpoint(at_ms=network.clock.at_ms)
    number = identity.origin_number
    await core.store.write(lambda db: ended_logs.put(db, number, note))
    await network.close(name)
    network.federation.identities[name] = replace(
        identity,
        origin_number=number + 1,
        ed25519_seed=seed(f"{name} {number + 1} ed25519"),
        mldsa44_seed=seed(f"{name} {number + 1} mldsa44"),
    )
    directory = core.context.trust.directory
    core = await network.open(name)
    # What the directory in the home does not say, because nobody published it there.
    core.context.trust.directory = directory
    signer = core.context.logbook.signer
    key = LogKeyRecord(
        origin=core.context.logbook.origin,
        ed25519=signer.ed25519_public,
        mldsa44=signer.mldsa44_public,
        valid_from_ms=network.clock.at_ms,
    )
    for reader, other in network.cores.items():
        member = other.context.trust.directory.members[name]
        old = [replace(each, compromised_since_ms=stolen_at_ms) for each in member.log_keys]
        network.amend(NodeId(reader), name, log_keys=(*old, key))
    return core
