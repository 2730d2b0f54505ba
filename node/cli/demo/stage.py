"""What every step of the story has at hand: the nodes, and commands at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.cli.demo.place import Place
from node.cli.demo.processes import Nodes, wait_until
from node.cli.demo.telling import Answer, Teller

DELIVERY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The place of the story, the nodes as processes, and who tells it."""

    place: Place
    nodes: Nodes
    teller: Teller

    def command(self, name: str, *arguments: str, is_shown: bool = True) -> Answer:
        """Run a command at one of the nodes."""
        home = str(self.place.home(name))
        return self.teller.run(*arguments, "--home", home, is_shown=is_shown)

    def referral(self, name: str, leg: str) -> Answer:
        """Return how a referral looks at one of the nodes."""
        return self.command(name, "referral", "show", leg, is_shown=False)

    def referrals(self, name: str) -> dict[str, Any]:
        """Return the referrals of one of the nodes, by leg."""
        legs = self.command(name, "referral", "list", is_shown=False)["referrals"]
        return {leg["leg"]: leg for leg in legs}

    def wait_for_state(self, name: str, leg: str, state: str) -> None:
        """Wait until a referral stands so at a node."""
        wait_until(
            f"the referral is {state} in {name}",
            lambda: self.referrals(name).get(leg, {}).get("state") == state,
            DELIVERY_SECONDS,
        )
