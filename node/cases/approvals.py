"""Drafts that wait for a second person: S fields go when two people have decided it.

Who asks leaves the whole choice, with the version of the case and a digest of what it makes
of it. Who approves is another person: the node composes again by the same function and sends
only what has the same digest, in the transaction in which the approval is written down. A
draft that is decided, whose time is over, or whose case was changed is refused by name.

Whoever sits at the keyboard says who they are; that two names are two people is for the
node's own users to guarantee. No name leaves the node: a peer learns that two decided.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from node.cases.cases import Cases, CaseView
from node.cases.disclosing import (
    Choice,
    Grounds,
    Step,
    StepChoice,
    check_case_unchanged,
    compose_referral,
    compose_step,
)
from node.cases.taking import on_leg
from node.errors import NodeError
from node.exchange.context import Context
from node.exchange.legs import Legs, NewLeg
from node.store import approvals, cases
from node.store.approvals import ApprovalRow
from node.store.db import Transaction
from protocol import limits
from protocol.ids import RANDOM_ID_BYTES, LegId, NodeId
from protocol.pb.homeward.v1 import message_pb2

_HEX = re.compile(r"[0-9a-fA-F]{1,32}", re.ASCII)
Content = message_pb2.Referral | Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to go: a referral to each of the peers, or a step on a leg."""

    choice: Choice | StepChoice
    peers: tuple[NodeId, ...]
    case_id: str
    leg_id: LegId | None = None
    follows: LegId | None = None
    """Of a referral: the leg in whose place it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A draft that waits, and what goes to each of the peers if it is approved."""

    row: ApprovalRow
    draft: Draft
    view: CaseView
    contents: tuple[Content, ...]


class Approvals:
    """The drafts of this node."""

    def __init__(self, context: Context, cases: Cases, legs: Legs) -> None:
        """Compose from the cases; what is approved goes out on the legs."""
        self._context = context
        self._cases = cases
        self._legs = legs

    async def ask(self, draft: Draft, *, asked_by: str) -> ApprovalRow:
        """Keep a draft until a second person has decided.

        Raises:
            NodeError, PolicyRefusal: why it could not go even then; nothing is kept.
        """
        view = await on_leg(self._context, await self._cases.get(draft.case_id), draft.leg_id)
        contents = self._compose(view, draft)
        now_ms = self._context.clock.now_ms()
        expires_at_ms = await self._end_ms(draft, now_ms)
        row = ApprovalRow(
            approval_id=self._context.random(RANDOM_ID_BYTES),
            step=draft.choice.step if isinstance(draft.choice, StepChoice) else "referral",
            peers=" ".join(draft.peers),
            leg_id=draft.leg_id,
            case_id=draft.case_id,
            case_version=view.row.version,
            choice=_encoded(draft),
            digest=_digest(contents),
            reason=draft.choice.grounds.sensitive_reason,
            asked_by=_person(asked_by),
            asked_at_ms=now_ms,
            expires_at_ms=expires_at_ms,
        )
        await self._context.store.write(lambda db: approvals.add(db, row))
        return row

    async def kept(self, *, is_all: bool) -> list[ApprovalRow]:
        """Return the drafts that wait, newest first; also those that do not when `is_all`."""
        await self.end_over()
        rows = await self._context.store.read(approvals.all_of)
        return [row for row in rows if is_all or not row.decision]

    async def find(self, prefix: str) -> ApprovalRow:
        """Return the one draft whose id begins with these hexadecimal digits.

        Raises:
            NodeError: unknown_approval or ambiguous_approval.
        """
        rows = []
        if _HEX.fullmatch(prefix):
            rows = await self._context.store.read(
                lambda db: approvals.all_of(db, hex_prefix=prefix)
            )
        if not rows:
            raise NodeError("unknown_approval", "there is no such draft here")
        if len(rows) > 1:
            raise NodeError("ambiguous_approval", "more than one draft begins like this")
        return rows[0]

    async def show(self, approval_id: bytes) -> Shown:
        """Return what a draft would send now, if it still may.

        Raises:
            NodeError: already_decided, approval_over, case_changed or disclosure_changed.
            PolicyRefusal: a rule is not met any more.
        """
        row = await self._context.store.read(lambda db: approvals.get(db, approval_id))
        row = self._waiting(row)
        view = await on_leg(self._context, await self._cases.get(row.case_id), row.leg_id)
        check_case_unchanged(view, row.case_version)
        draft = _decoded(row)
        contents = self._compose(view, draft)
        if _digest(contents) != row.digest:
            raise NodeError(
                "disclosure_changed",
                "what would go is not what was asked for any more",
                "reject it, and ask anew",
            )
        return Shown(row=row, draft=draft, view=view, contents=contents)

    async def approve(self, approval_id: bytes, *, by: str) -> list[LegId]:
        """Send a draft as a second person; return the legs on which it went.

        Raises:
            NodeError, PolicyRefusal: as `show`; same_person; why it cannot be sent.
        """
        shown = await self.show(approval_id)
        draft, who = shown.draft, _person(by)
        if _is_same(who, shown.row.asked_by):
            raise NodeError(
                "same_person",
                "who asked for it cannot approve it",
                "another person looks at it: --by",
            )

        def decide(db: Transaction) -> None:
            # Somebody else may have decided, or changed the case, since it was shown.
            self._waiting(approvals.get(db, approval_id))
            latest = cases.latest(db, draft.case_id)
            if latest is None or latest.version != shown.row.case_version:
                raise NodeError("case_changed", "the case was changed since the preview")
            now_ms = self._context.clock.now_ms()
            approvals.decide(db, approval_id, approvals.APPROVED, by=who, at_ms=now_ms)

        made_by = f"{shown.row.asked_by}, {who}"
        if draft.leg_id is not None:
            (content,) = shown.contents
            await self._legs.step(
                draft.leg_id, content, made_by=made_by, also=decide, is_approved=True
            )
            return [draft.leg_id]
        new = [
            NewLeg(peer, content, draft.case_id, draft.follows)
            for peer, content in zip(draft.peers, shown.contents, strict=True)
            if isinstance(content, message_pb2.Referral)
        ]
        opened = await self._legs.open_all(new, made_by=made_by, also=decide, is_approved=True)
        return [leg_id for leg_id, _ in opened]

    async def reject(self, approval_id: bytes, *, by: str, text: str) -> None:
        """Send nothing; whoever asked may take it back in the same way.

        Raises:
            NodeError: already_decided, approval_over, or reason_too_long.
        """
        if len(text) > limits.REASON_CHARACTERS:
            raise NodeError("reason_too_long", "the reason is too long")
        who, now_ms = _person(by), self._context.clock.now_ms()

        def job(db: Transaction) -> None:
            self._waiting(approvals.get(db, approval_id))
            approvals.decide(db, approval_id, approvals.REJECTED, by=who, at_ms=now_ms, text=text)

        await self._context.store.write(job)

    async def end_over(self) -> int:
        """End the drafts whose time is over; return how many."""
        now_ms = self._context.clock.now_ms()
        return await self._context.store.write(lambda db: approvals.end_over(db, now_ms))

    def _waiting(self, row: ApprovalRow | None) -> ApprovalRow:
        """Return a draft that waits for a decision; refuse every other by name."""
        if row is None:
            raise NodeError("unknown_approval", "there is no such draft here")
        if row.decision in (approvals.APPROVED, approvals.REJECTED):
            raise NodeError("already_decided", f"this draft was {row.decision} already")
        if row.decision or row.expires_at_ms <= self._context.clock.now_ms():
            raise NodeError(
                "approval_over", "the time for which this draft was asked is over", "ask anew"
            )
        return row

    def _compose(self, view: CaseView, draft: Draft) -> tuple[Content, ...]:
        """Compose for each peer, by the one function that there is."""
        choice, now_ms = draft.choice, self._context.clock.now_ms()
        contents: list[Content] = []
        for peer in draft.peers:
            content: Content
            if isinstance(choice, StepChoice):
                content = compose_step(view, choice, peer=peer, now_ms=now_ms)
            else:
                content = compose_referral(view, choice, peer=peer, now_ms=now_ms)
            contents.append(self._legs.with_transfer_basis(peer, content, among=draft.peers))
        return tuple(contents)

    async def _end_ms(self, draft: Draft, now_ms: int) -> int:
        if isinstance(draft.choice, Choice):
            return draft.choice.reply_by_ms
        if draft.leg_id is None:
            raise RuntimeError("a step without a leg")
        leg = (await self._legs.view(draft.leg_id)).row
        return leg.expires_at_ms or now_ms + limits.LIFETIME_MS


def _digest(contents: Sequence[Content]) -> bytes:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(hashlib.sha256(content.SerializeToString(deterministic=True)).digest())
    return digest.digest()


def _person(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise NodeError("no_person", "it is not said who decides", "--by")
    return cleaned


def _is_same(one: str, other: str) -> bool:
    def folded(name: str) -> str:
        return "".join(unicodedata.normalize("NFKC", name).casefold().split())

    return folded(one) == folded(other)


def _encoded(draft: Draft) -> str:
    follows = draft.follows.hex() if draft.follows else ""
    return json.dumps({"choice": asdict(draft.choice), "follows": follows})


def _decoded(row: ApprovalRow) -> Draft:
    held = json.loads(row.choice)
    given: dict[str, Any] = held["choice"]
    given["grounds"] = Grounds(**given["grounds"])
    given["paths"], given["file_ids"] = tuple(given["paths"]), tuple(given["file_ids"])
    choice = StepChoice(**given) if row.leg_id is not None else Choice(**given)
    return Draft(
        choice=choice,
        peers=tuple(map(NodeId, row.peers.split())),
        case_id=row.case_id,
        leg_id=LegId(row.leg_id) if row.leg_id is not None else None,
        follows=LegId(bytes.fromhex(held["follows"])) if held["follows"] else None,
    )
