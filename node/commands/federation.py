"""Commands on the federation that a node belongs to."""

from __future__ import annotations

from keys.directory_files import DirectoryFolder
from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.commands.nodes import check_joined
from node.errors import NodeError
from node.federation.facts import directory_facts
from protocol import transfer
from protocol.ids import NodeId


async def join_federation(core: Core, arguments: Arguments) -> Answer:
    """Trust `root` and take the directory from `files`, or a newer one later on."""
    version = await core.directory_refresh.join(
        arguments.blob("root"),
        arguments.named_blobs("files"),
        core.context.logbook.signer.key_id,
    )
    # The descriptor names the federation, so it can be published only now.
    await core.turn_epochs()
    directory = core.context.trust.directory
    return {
        "node_id": core.context.node_id,
        "federation": directory.federation_name,
        "directory_version": version,
        "members": len(directory.members),
    }


async def show_federation(core: Core, arguments: Arguments) -> Answer:
    """Return the federation and its members."""
    del arguments
    check_joined(core)
    directory = core.context.trust.directory
    files = await core.context.disk(DirectoryFolder(core.home.directory).load)
    facts = directory_facts(directory, files, now_ms=core.context.clock.now_ms())
    return {"node_id": core.context.node_id, **facts}


def peer_or_refuse(core: Core, node_id: str) -> Answer:
    """Return what people need to know of a peer.

    Raises:
        NodeError: the directory has no such member.
    """
    check_joined(core)
    for member in core.context.trust.directory.members.values():
        if member.node_id == node_id:
            return {
                "node_id": member.node_id,
                "legal_name": member.legal_name,
                "telephone": member.telephone,
                "language": member.languages[0] if member.languages else "en",
                "transfer_regime": member.transfer_regime.name.lower(),
            }
    raise NodeError(
        "unknown_peer", "the directory has no such peer", "see homeward federation show"
    )


def recipient_facts(core: Core, node_id: str) -> Answer:
    """Return what a preview says of whom it is for.

    Raises:
        NodeError: the directory has no such member.
    """
    peer = peer_or_refuse(core, node_id)
    member = core.context.trust.directory.members[NodeId(peer["node_id"])]
    today = transfer.utc_date(core.context.clock.now_ms())
    return {"peer": peer, "is_agreement_ended": transfer.is_agreement_ended(member, today)}
