"""A node that hears of newer directories from a member."""

from __future__ import annotations

from dataclasses import dataclass

from node.app import Core
from protocol.wire import parse_request, parse_signed_request
from tests.support.forger import Forger, deliver
from tests.support.network import BE, GR, Network
from tests.support.nodes import endpoint_of
from tests.support.secretariat import Secretariat


@dataclass
class Hearing:
    """Greece's node, at directory 2, and a member of which it hears things."""

    network: Network
    node: Core
    member: Forger
    secretariat: Secretariat

    @classmethod
    async def on(cls, network: Network) -> Hearing:
        node = await network.open(GR)
        member = Forger(network.federation.identities[BE], node)
        return cls(network, node, member, Secretariat.of(network.federation))

    @property
    def version(self) -> int:
        return self.node.context.trust.directory.version

    @property
    def fetched(self) -> list[str]:
        return self.network.link.fetched_from(BE)

    def offer_newest(self) -> None:
        """Let the member's node give the secretariat's newest files."""
        self.network.link.offers[endpoint_of(BE)] = dict(self.secretariat.files).get

    async def envelope(self, version: int, **header) -> None:
        """Hand in a proven envelope whose header names this version."""
        letter = self.member.letter(directory_version=version, **header)
        await deliver(self.node, self.member.envelope(letter))

    def pings_to(self, name: str) -> list[int]:
        """Return the versions that the node has told a peer."""
        wanted = (endpoint_of(name), "/hw1/requests")
        bodies = [body for *place, body in self.network.link.posts if tuple(place) == wanted]
        return [parse_request(parse_signed_request(b)[0]).directory_version for b in bodies]
