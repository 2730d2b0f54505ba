"""How referrals go on between a node and its peers: some days of them, told by tables.

The referrals are real: signed, sealed, logged and answered by peers' nodes in this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from node.app import Core
from node.cases.disclosing import Choice, Grounds, compose_referral
from node.exchange.legs import NewLeg
from node.store import outbox
from node.store.db import Transaction
from protocol.ids import LegId, NodeId
from tests.support import contents
from tests.support.nodes import SettableClock, until

BE = "be.example"
PEERS, DOWN = ("gr.example", "fr.example", "de.example", "bg.example"), "nl.example"
# The directory of a federation that was founded so many days ago has not expired yet.
DAY_MS, STORY_DAYS = 86_400_000, 5
MADE_BY = "Nikos"
_THEY, _WE = "they", "we"
Act = tuple[str, Callable[[int], Message]]
_CLAIM: Act = (_THEY, lambda _: contents.claim())
_ACCEPT: Act = (_THEY, lambda _: contents.accept())
_ASK: Act = (_THEY, lambda _: contents.ask())
_NOTE: Act = (_THEY, lambda _: contents.note())
_OUTCOME: Act = (_THEY, lambda now_ms: contents.outcome(happened_at_ms=now_ms))
_CONFIRM: Act = (_WE, lambda _: contents.contents_of("tracing_request")["confirm"])
_WITHDRAW: Act = (_WE, lambda _: contents.withdraw())
_DECLINE: Act = (_THEY, lambda _: contents.contents_of("tracing_request")["decline"])
_ERASE: Act = (_WE, lambda _: contents.contents_of("tracing_request")["erase_request"])
# How referrals go on, each about as often as the others; "they" is the recipient.
STORIES: tuple[tuple[Act, ...], ...] = (
    (),
    (_CLAIM,),
    (_CLAIM, _ACCEPT),
    (_CLAIM, _ACCEPT, _ASK),
    (_CLAIM, _ACCEPT, _NOTE, _NOTE),
    (_CLAIM, _ACCEPT, _OUTCOME),
    (_CLAIM, _ACCEPT, _OUTCOME, _CONFIRM),
    (_CLAIM, _ACCEPT, _NOTE, _OUTCOME, _CONFIRM),
    (_CLAIM, _ACCEPT, _OUTCOME, _CONFIRM, _ERASE),
    (_CLAIM, _DECLINE),
    (_WITHDRAW,),
)
ROUNDS = max(map(len, STORIES))


@dataclass(frozen=True, slots=True)
class _Played:
    """One referral, from the side that sent it."""

    leg_id: LegId
    sender: Core
    recipient: Core
    acts: Sequence[Act]


class Story:
    """Some days of referrals between a node and its peers."""

    def __init__(self, own: Core, peers: dict[str, Core], clock: SettableClock, count: int) -> None:
        self._own, self._peers, self._clock = own, peers, clock
        self._each_day = count // (STORY_DAYS - 1)
        self._made = 0

    async def play(self) -> None:
        """Open so many each day, and let them go on."""
        for core in (self._own, *self._peers.values()):
            await core.start()
        case_ids = await self._own.store.read(_referred_cases)
        for _ in range(STORY_DAYS - 1):
            await self._turn()
            played = await self._open(case_ids)
            for round_ in range(ROUNDS):
                self._clock.at_ms += 3_600_000
                await asyncio.gather(*self._acts(played, round_))
                await self._settle()
            self._clock.at_ms += DAY_MS - ROUNDS * 3_600_000
        await self._turn()

    async def _turn(self) -> None:
        for core in (self._own, *self._peers.values()):
            await core.turn_epochs()
        await self._own.reminding.look()

    async def _open(self, case_ids: Sequence[str]) -> list[_Played]:
        played, new = [], []
        for _ in range(self._each_day):
            number, self._made = self._made, self._made + 1
            view = await self._own.cases.get(case_ids[number % len(case_ids)])
            peer = NodeId(DOWN if number % 40 == 39 else PEERS[number % len(PEERS)])
            is_incoming = number % 5 == 4 and peer != DOWN
            to = NodeId(BE) if is_incoming else peer
            referral = compose_referral(
                view, self._choice(number), peer=to, now_ms=self._clock.at_ms
            )
            case_id = None if is_incoming else view.row.case_id
            new.append((peer, is_incoming, NewLeg(to, referral, case_id)))
        for sender, each in self._batches(new):
            opened = await sender.legs.open_all(
                [leg for _, _, leg in each], made_by=MADE_BY, is_approved=True
            )
            for (peer, is_incoming, _), (leg_id, _) in zip(each, opened, strict=True):
                if peer != DOWN:
                    recipient = self._own if is_incoming else self._peers[peer]
                    acts = STORIES[len(played) % len(STORIES)]
                    played.append(_Played(leg_id, sender, recipient, acts))
        await self._settle()
        return played

    def _batches(self, new: list) -> Iterator[tuple[Core, list]]:
        yield self._own, [each for each in new if not each[1]]
        for name, core in self._peers.items():
            theirs = [each for each in new if each[1] and each[0] == name]
            if theirs:
                yield core, theirs

    def _choice(self, number: int) -> Choice:
        lives_days = 2 if number % 9 == 0 else 90
        return Choice(
            kind=("tracing_request", "info_request")[number % 2],
            urgency=(1, 2, 3, 3, 3, 4)[number % 6],
            ask="Invented: is she with her aunt?",
            language="en",
            grounds=Grounds(
                purpose="locate_child", art6_basis="public_task",
                police_informed="with_reference",
            ),
            reply_by_ms=self._clock.at_ms + DAY_MS,
            expires_at_ms=self._clock.at_ms + lives_days * DAY_MS,
        )  # fmt: skip

    def _acts(self, played: list[_Played], round_: int) -> Iterator[Awaitable[object]]:
        for each in played:
            if round_ < len(each.acts):
                actor, content = each.acts[round_]
                core = each.sender if actor == _WE else each.recipient
                yield core.legs.step(each.leg_id, content(self._clock.at_ms), made_by=MADE_BY)

    async def _settle(self) -> None:
        """Deliver until nothing waits but what is for the peer that is down."""
        for peer in (*self._peers, DOWN):
            self._own.delivery.wake(NodeId(peer))
        for core in self._peers.values():
            core.delivery.wake(NodeId(BE))
        cores = (self._own, *self._peers.values())

        async def is_empty() -> bool:
            for _ in range(20):
                await asyncio.sleep(0)
            waiting = [await core.store.read(outbox.peers) for core in cores]
            return all(set(peers) <= {DOWN} for peers in waiting)

        await until(is_empty, rounds=100_000)


def _referred_cases(db: Transaction) -> list[str]:
    """Return the cases that are referred: the large one, and open ones."""
    found = db.execute("SELECT DISTINCT case_id FROM case_versions ORDER BY case_id")
    ids = [str(row[0]) for row in found]
    return [
        ids[0] if number % 50 == 0 else ids[-1 - number % (len(ids) - 1)] for number in range(2000)
    ]
