"""A node that holds one referral, and three who write to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from keys.identity import create_identity
from node.app import Core
from protocol.ids import LegId, NodeId
from protocol.values import Envelope, Receipt
from tests.support.forger import Forger, Letter, deliver
from tests.support.network import BE, FR, GR, Network
from tests.support.nodes import seeded


@dataclass
class Scene:
    """The node is gr.example, the member be.example, and the other one fr.example."""

    network: Network
    node: Core
    member: Forger
    other: Forger
    stranger: Forger
    letter: Letter
    accepted: Envelope

    @classmethod
    async def on(cls, network: Network) -> Scene:
        """Start the node and let it take in one referral."""
        node = await network.open(GR)
        identities = network.federation.identities
        member, other = Forger(identities[BE], node), Forger(identities[FR], node)
        stranger = Forger(create_identity(NodeId("it.example"), seeded("stranger")), node)
        letter = member.letter()
        accepted = member.envelope(letter)
        (reply,) = await deliver(node, accepted)
        assert isinstance(reply, Receipt)
        return cls(network, node, member, other, stranger, letter, accepted)

    @property
    def leg(self) -> LegId:
        return self.letter.header.leg_id

    def amend(self, **changes) -> None:
        """Change the member's record in the directory."""
        trust = self.node.context.trust
        members = dict(trust.directory.members)
        members[BE] = replace(members[BE], **changes)
        trust.directory = replace(trust.directory, members=members)
