"""A node that holds one referral, and three who write to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keys.identity import create_identity
from node.app import Core
from protocol.ids import LegId, NodeId
from protocol.values import Envelope, Receipt
from tests.support.forger import Forger, Letter, deliver
from tests.support.network import BE, FR, GR, Network
from tests.support.nodes import Federation, seeded


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

    @classmethod
    @contextmanager
    def running(
        cls, federation: Federation, folder: Path
    ) -> Iterator[tuple[asyncio.Runner, Scene]]:
        """Run a scene for the many examples of one test that is not async itself."""
        with asyncio.Runner() as runner:
            scene = runner.run(cls.on(Network.copied(federation, folder)))
            yield runner, scene
            runner.run(scene.network.close())

    def amend(self, **changes) -> None:
        """Change the member's record in the node's directory."""
        self.network.amend(GR, BE, **changes)
