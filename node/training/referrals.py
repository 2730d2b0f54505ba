"""A past for some invented cases: referrals in every state, out and in.

They are made by the same commands that people use, and signed, sealed and logged by the
same code; only the way between the nodes is inside this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.app import Core
from node.commands import run_command
from node.errors import NodeError
from node.training.town import DAY_MS, Town
from protocol.ids import NodeId

MADE_BY: Final = "training"
_BG, _GR, _UA, _FR = (
    NodeId("bg.training-primer"), NodeId("gr.training-paradeigma"),
    NodeId("ua.training-pryklad"), NodeId("fr.training-exemple"),
)  # fmt: skip
_ROUNDS = 20_000
HOUR_MS: Final = 3600 * 1000

THEY, WE = "they", "we"
Act = tuple[str, str, Mapping[str, Any]]
"""Who acts, which step, and what it says."""

_CLAIM: Final[Act] = (THEY, "claim", {"contact": "Training Desk", "telephone": "+3225550100"})
_ACCEPT: Final[Act] = (THEY, "accept", {"case_number": "TRAINING-1"})
_ASK: Final[Act] = (THEY, "ask", {"text": "Invented question: which shoes?", "language": "en"})
_DECLINE: Final[Act] = (THEY, "decline", {"reason": "no_capacity"})
_OUTCOME: Final[Act] = (
    THEY, "outcome",
    {
        "outcome": "located_safe", "found_by": "carer", "authority_told": "police",
        "condition": "well", "told_to": ["police"],
        "text": "Invented: at the day centre.", "language": "en",
    },
)  # fmt: skip
_CONFIRM: Final[Act] = (WE, "confirm", {})
_WITHDRAW: Final[Act] = (WE, "withdraw", {"reason": "found"})


@dataclass(frozen=True, slots=True)
class Play:
    """One referral: to whom (or from whom), of which kind, and what follows."""

    peer: NodeId
    kind: str
    acts: Sequence[Act] = ()
    is_incoming: bool = False


PLAYS: Final = (
    Play(_FR, "tracing_request"),
    Play(_BG, "alert"),
    Play(_GR, "tracing_request", (_CLAIM,)),
    Play(_UA, "info_request", (_CLAIM, _ACCEPT)),
    Play(_BG, "tracing_request", (_CLAIM, _ACCEPT, _ASK)),
    Play(_GR, "tracing_request", (_CLAIM, _ACCEPT, _OUTCOME)),
    Play(_BG, "info_request", (_CLAIM, _ACCEPT, _OUTCOME, _CONFIRM)),
    Play(_UA, "info_request", (_CLAIM, _DECLINE)),
    Play(_GR, "tracing_request", (_WITHDRAW,)),
    Play(_GR, "tracing_request", is_incoming=True),
    Play(_BG, "alert", is_incoming=True),
    Play(_UA, "info_request", (_CLAIM, _ACCEPT), is_incoming=True),
)


async def play_all(town: Town, own_cases: Sequence[str], their_cases: Mapping[NodeId, str]) -> int:
    """Play all of it, about these cases; return how many referrals there are.

    Raises:
        NodeError, PolicyRefusal: a step is not possible; then the home is of no use.
    """
    await asyncio.gather(*(core.start() for core in (town.own, *town.neighbours.values())))
    for number, play in enumerate(PLAYS):
        other = town.neighbours.get(play.peer)
        own_case = own_cases[number % len(own_cases)]
        if other is None:
            await _send(town.own, own_case, play.peer, play.kind)
        elif play.is_incoming:
            own_id = town.own.context.node_id
            leg = await _send(other, their_cases[play.peer], own_id, play.kind)
            await _play(other, town.own, leg, play.acts)
        else:
            leg = await _send(town.own, own_case, play.peer, play.kind)
            await _play(town.own, other, leg, play.acts)
    await _empty(town)
    return len(PLAYS)


async def _play(sender: Core, recipient: Core, leg: str, acts: Sequence[Act]) -> None:
    await _settle(sender, recipient, leg)
    for actor, step, content in acts:
        core = sender if actor == WE else recipient
        arguments = {"leg": leg, "step": step, "made_by": MADE_BY, **content}
        if step == "outcome":
            arguments["happened_at_ms"] = core.context.clock.now_ms() - HOUR_MS
        await run_command(core, "referral.step", arguments)
        await _settle(sender, recipient, leg)


async def _send(core: Core, case_id: str, to: NodeId, kind: str) -> str:
    now_ms = core.context.clock.now_ms()
    answer = await run_command(
        core,
        "referral.send",
        {
            "case_id": case_id, "to": to, "kind": kind, "urgency": 3,
            "ask": "Invented for training: has anybody seen this child?", "language": "en",
            "purpose": "locate_child", "art6": "vital_interests",
            # Only a peer outside of the EEA needs one, and only there may it be named.
            "derogation": "vital_interests" if to == _UA else "",
            "police_informed": "with_reference", "made_by": MADE_BY,
            "reply_by_ms": now_ms + 5 * DAY_MS, "expires_at_ms": now_ms + 28 * DAY_MS,
        },
    )  # fmt: skip
    leg: str = answer["leg"]
    return leg


async def _settle(sender: Core, recipient: Core, leg: str) -> None:
    """Let the nodes work until both have the same steps of a leg.

    Raises:
        NodeError: they do not get there.
    """
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
        views = [await _view(core, leg) for core in (sender, recipient)]
        if None not in views and views[0] == views[1]:
            return
    raise NodeError("training_failed", "the invented referrals could not be made")


async def _empty(town: Town) -> None:
    """Let the nodes work until nothing waits but what is for a neighbour who is down.

    Raises:
        NodeError: they do not get there.
    """
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
        status = await run_command(town.own, "node.status", {})
        peers = [peer for peer in status["peers"] if peer["node_id"] in town.neighbours]
        if not any(peer["waiting"] for peer in peers):
            return
    raise NodeError("training_failed", "the invented referrals could not be sent")


async def _view(core: Core, leg: str) -> tuple[int, str] | None:
    try:
        shown = await run_command(core, "referral.show", {"leg": leg})
    except NodeError:
        return None
    return shown["steps_count"], shown["state"]
