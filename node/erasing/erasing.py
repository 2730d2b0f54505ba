"""Erase cases and copies, ask peers to do so, and answer when a peer asks.

- Whoever sent something asks by a step of the leg; a person on the other side decides,
  and the answer is signed either way. `erased` is said in the transaction that erases.
- A case is erased with all that its legs say, in one transaction with a request to every
  peer that may have a copy. What stays is the row of the erasure, and stubs.
- A case on hold is not erased, nor a copy that belongs to it.
- What people took from a copy into a case of their own stays there, and goes with that case:
  whoever says "erased" says which fields that are.

`finish` does what no transaction can: files, the file of records, old pages. Until it is
done the erasure counts as unfinished, and every start and every minute tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.message import Message as AnyMessage

from node.cases.holders import Copy, holders_of
from node.erasing.blanking import (
    blank_leg,
    blank_messages,
    drop_blobs,
    drop_unsealed,
    remove_blobs,
)
from node.erasing.records import RecordFile, record, write
from node.errors import NodeError, StoreError
from node.exchange.context import Context
from node.exchange.legs import Legs
from node.exchange.viewing import LegView, view_of
from node.store import cases, envelopes, erasures, messages, taken
from node.store.db import Transaction
from node.store.messages import LegRow
from protocol.erasure import ANSWERS, CASE, LEG, MESSAGE, parse_record, record_subject
from protocol.exchange.leg import ENDS, Side
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import case_pb2, erasure_pb2, message_pb2

NOT_TOLD = frozenset({"inactive_peer", "unknown_peer"})
"""Why a peer cannot be written to: people have to tell it in another way."""

OWN_DECISION, ACKNOWLEDGED = "own_decision", "acknowledged"
_OPEN_NOTICES = "found_notice"


@dataclass(slots=True)
class CaseErasure:
    """What erasing a case came to."""

    asked: list[tuple[NodeId, LegId]] = field(default_factory=list)
    not_asked: list[tuple[NodeId, str]] = field(default_factory=list)
    """Peers that could not be written to, and why."""
    withdrawn: list[LegId] = field(default_factory=list)
    versions_count: int = 0
    messages_count: int = 0
    files_count: int = 0

    @property
    def peers(self) -> set[NodeId]:
        """Those to whom something goes now."""
        return {peer for peer, _ in self.asked}


class Erasing:
    """What this node erases."""

    def __init__(self, context: Context, legs: Legs, path: Path) -> None:
        """Use the context's store and log; `path` is where the records are kept as well."""
        self._context = context
        self._legs = legs
        self._file = RecordFile(path)
        self._finishing = asyncio.Lock()

    # --- a peer's copy, and ours of what is a peer's

    async def ask(self, leg_id: LegId, reason: str, *, made_by: str) -> None:
        """Ask the other side of a leg to erase what this node sent.

        Raises:
            NodeError: as `Legs.step`.
        """
        await self._legs.step(leg_id, message_pb2.EraseRequest(reason=reason), made_by=made_by)

    async def erase_leg(self, leg_id: LegId, *, made_by: str) -> int:
        """Erase what the peer said on a leg, all of it at its recipient; say so if it asked.

        Returns:
            How many requests of the peer this answers.

        Raises:
            NodeError: unknown_leg, on_hold, nothing_asked, or nothing_to_erase.
        """

        def job(db: Transaction) -> int:
            view = self._view(db, leg_id)
            check_hold(db, view.row.case_id)
            answered = self._answer_all(db, view, made_by)
            if not answered and view.side is not Side.RECIPIENT:
                raise NodeError(
                    "nothing_asked",
                    "the peer did not ask to erase what it said here",
                    "what is the case's own goes with it: homeward case erase",
                )
            # Also when it was said: of a leg that was erased before there may be more by now.
            is_any = erase_copy(db, self._context, view.row, OWN_DECISION, made_by)
            if not answered and not is_any:
                raise NodeError("nothing_to_erase", "nothing of this referral is here any more")
            return answered

        answered = await self._context.store.write(job)
        await self.finish()
        return answered

    async def refuse_leg(self, leg_id: LegId, reason: str, *, made_by: str) -> int:
        """Tell the peer that its requests to erase are not obeyed, and the reason in law.

        Raises:
            NodeError: unknown_leg, nothing_asked, or inactive_peer.
        """

        def job(db: Transaction) -> int:
            view = self._view(db, leg_id)
            for number in view.open_erase_requests:
                refused = message_pb2.EraseRefused(request=number, reason=reason)
                self._legs.step_in(db, leg_id, refused, made_by=made_by)
            if not view.open_erase_requests:
                raise NodeError("nothing_asked", "the peer did not ask to erase this")
            return len(view.open_erase_requests)

        return await self._context.store.write(job)

    def with_taken(self, db: Transaction, leg: LegRow, content: AnyMessage) -> AnyMessage:
        """Return a step that says "erased" with what was taken of it into own cases; see `Legs`."""
        if not isinstance(content, message_pb2.Erased | message_pb2.Acknowledge):
            return content
        legs = [leg] if isinstance(content, message_pb2.Erased) else [leg, *about_legs(db, leg)]
        paths = {row.path for each in legs for row in taken.of_leg(db, each.leg_id)}
        said = deepcopy(content)
        if paths:
            said.taken.paths.extend(sorted(paths))
        return said

    def in_step(self, db: Transaction, leg: LegRow, content: AnyMessage, made_by: str) -> None:
        """Erase what a step of this node's own says is erased; see `Legs`."""
        check_hold(db, leg.case_id)
        if isinstance(content, message_pb2.Erased):
            erase_copy(db, self._context, leg, _asked_reason(db, leg, content.request), made_by)
        elif isinstance(content, message_pb2.Acknowledge) and content.copy == "erased":
            for copy in about_legs(db, leg):
                check_hold(db, copy.case_id)
                erase_copy(db, self._context, copy, ACKNOWLEDGED, made_by)
            # The notice itself; what this node says on it shows that it was obeyed.
            erase_copy(db, self._context, leg, ACKNOWLEDGED, made_by, is_theirs_only=True)

    def _answer_all(self, db: Transaction, view: LegView, made_by: str) -> int:
        try:
            for number in view.open_erase_requests:
                erased = message_pb2.Erased(request=number)
                self._legs.step_in(db, view.row.leg_id, erased, made_by=made_by)
        except NodeError as error:
            if error.code not in NOT_TOLD:
                raise
            # It cannot be told; that is no reason to keep what is its own.
            return 0
        return len(view.open_erase_requests)

    def _view(self, db: Transaction, leg_id: LegId) -> LegView:
        leg = messages.leg(db, leg_id)
        if leg is None:
            raise NodeError("unknown_leg", "there is no such referral here")
        return view_of(leg, messages.of_leg(db, leg_id), self._context.clock.now_ms())

    # --- a case

    async def erase_case(
        self, case_id: str, reason: str, *, made_by: str, has_also_open: bool = False
    ) -> CaseErasure:
        """Erase a case and all that its legs say, and ask all who may have a copy to do so.

        `has_also_open` withdraws the referrals that are still open.

        Raises:
            NodeError: unknown_case, on_hold, or referrals_open; nothing was changed.
        """

        def job(db: Transaction) -> CaseErasure:
            if cases.latest(db, case_id) is None:
                raise NodeError("unknown_case", "there is no such case here")
            check_hold(db, case_id)
            found = CaseErasure()
            self._withdraw_open(db, case_id, found, made_by=made_by, is_meant=has_also_open)
            self._ask_all(db, case_id, reason, found, made_by)
            record(db, self._context, _erase_case(db, case_id, reason, found), made_by=made_by)
            return found

        found = await self._context.store.write(job)
        await self.finish()
        return found

    def _withdraw_open(
        self, db: Transaction, case_id: str, found: CaseErasure, *, made_by: str, is_meant: bool
    ) -> None:
        views = [self._view(db, leg.leg_id) for leg in messages.legs_of_case(db, case_id)]
        still_open = [
            view for view in views if view.state not in ENDS and view.row.kind != _OPEN_NOTICES
        ]
        if still_open and not is_meant:
            raise NodeError(
                "referrals_open",
                f"{len(still_open)} referrals of this case are still open",
                "close them first, or withdraw them with --also-open",
            )
        if any(view.side is Side.RECIPIENT for view in still_open):
            sentence = "a peer still waits for an answer on a referral of this case"
            raise NodeError("referrals_open", sentence, "answer it first: homeward referral list")
        withdraw = message_pb2.Withdraw(reason="no_longer_needed")
        for view in views:
            if drop_unsealed(db, view.row) or "withdraw" not in view.allowed:
                continue
            if view.row.kind != _OPEN_NOTICES and _is_written_to(
                self._legs, db, view.row, withdraw, made_by
            ):
                found.withdrawn.append(view.row.leg_id)

    def _ask_all(
        self, db: Transaction, case_id: str, reason: str, found: CaseErasure, made_by: str
    ) -> None:
        request = message_pb2.EraseRequest(reason=reason)
        for holder in holders_of(messages.of_case(db, case_id)):
            for holding in holder.holdings:
                if holding.copy in (Copy.ERASED, Copy.ERASE_ASKED):
                    continue
                leg = self._view(db, holding.leg_id).row
                if _is_written_to(self._legs, db, leg, request, made_by):
                    found.asked.append((holder.peer, holding.leg_id))
                else:
                    found.not_asked.append((holder.peer, "inactive_peer"))

    # --- what no transaction can do

    async def finish(self) -> bool:
        """Leave nothing on the disk of what was erased; return whether nothing is left to do."""
        async with self._finishing:
            rows = await self._context.store.read(erasures.unfinished)
            if not rows:
                return True
            try:
                await self._context.store.write(lambda db: remove_blobs(db, self._context))
                await self._context.disk(lambda: self._file.add([row.record for row in rows]))
                # If we crash here all of it is done once more.
                if not await self._context.store.empty_wal():
                    return False
                subjects = [row.subject for row in rows]
                await self._context.store.write(lambda db: erasures.finish(db, subjects))
            except StoreError:
                # A full disk or a busy database: the next minute tries again.
                return False
            return True

    async def recover(self) -> None:
        """At a start: finish what was cut off, and erase again what a restore brought back."""
        await self.replay(await self._context.disk(self._file.load))
        await self.finish()

    async def replay(self, records: Sequence[bytes]) -> int:
        """Erase again what these records say was erased; return how many were not known here.

        Nobody is asked or told of it: that was done the first time.

        Raises:
            PeerError: one is no record; those before it are done.
        """

        def job(db: Transaction) -> int:
            unknown = [data for data in records if not erasures.is_known(db, record_subject(data))]
            for data in unknown:
                _erase_again(db, data)
                write(db, self._context, data, made_by="")
            return len(unknown)

        return await self._context.store.write(job) if records else 0


def check_hold(db: Transaction, case_id: str | None) -> None:
    """Refuse what a hold on a case forbids.

    Raises:
        NodeError: on_hold.
    """
    row = cases.latest(db, case_id) if case_id is not None else None
    if row is not None and case_pb2.Case.FromString(row.body).retention.on_hold == "yes":
        raise NodeError("on_hold", "this case is on hold", "homeward case hold --release ends it")


def about_legs(db: Transaction, notice: LegRow) -> list[LegRow]:
    """Return the legs from the same peer that a notice is about."""
    opening = next((r for r in messages.of_leg(db, notice.leg_id) if r.name == "referral"), None)
    if opening is None:
        return []
    referral = message_pb2.Message.FromString(opening.payload).referral
    found = [messages.leg(db, leg_id) for leg_id in referral.about_leg_ids]
    # A peer can speak of its own legs only.
    return [leg for leg in found if leg is not None and leg.peer == notice.peer]


def _asked_reason(db: Transaction, leg: LegRow, number: int) -> str:
    """Return the code that the peer gave in its request."""
    for row in messages.of_leg(db, leg.leg_id):
        if row.direction == messages.IN and row.step_number == number:
            return message_pb2.Message.FromString(row.payload).erase_request.reason
    return ""


def _is_written_to(
    legs: Legs, db: Transaction, leg: LegRow, content: AnyMessage, made_by: str
) -> bool:
    """Make a step, and return whether the peer is one that can be written to."""
    try:
        legs.step_in(db, leg.leg_id, content, made_by=made_by)
    except NodeError as error:
        if error.code not in NOT_TOLD:
            raise
        return False
    return True


def erase_copy(
    db: Transaction,
    context: Context,
    leg: LegRow,
    reason: str,
    made_by: str,
    *,
    is_theirs_only: bool = False,
    is_whole: bool = False,
) -> bool:
    """Erase what a leg says, and record it if there was any.

    All of it at its recipient, else what the peer said, unless this says otherwise.
    """
    is_theirs_only = (is_theirs_only or leg.side != Side.RECIPIENT) and not is_whole
    what = ANSWERS if is_theirs_only else LEG
    erased = erasure_pb2.ErasureRecord(what=what, leg_id=leg.leg_id, reason=reason)
    is_any = blank_leg(db, leg, erased, is_theirs_only=is_theirs_only)
    if is_any:
        record(db, context, erased, made_by=made_by)
    return is_any


def _erase_case(
    db: Transaction, case_id: str, reason: str, found: CaseErasure
) -> erasure_pb2.ErasureRecord:
    erased = erasure_pb2.ErasureRecord(what=CASE, case_id=case_id, reason=reason)
    erased.versions_count = cases.versions_count(db, case_id)
    for leg in messages.legs_of_case(db, case_id):
        blank_leg(db, leg, erased, has_waiting=True)
    drop_blobs(db, cases.erase(db, case_id), erased)
    erasures.forget_drafts(db, case_id.rpartition("/")[2])
    found.versions_count = erased.versions_count
    found.messages_count = erased.messages_count
    found.files_count = len(erased.blob_ids)
    return erased


def _erase_again(db: Transaction, data: bytes) -> None:
    erased = parse_record(data)
    # What it says was erased then; what is found now is not part of it.
    again = erasure_pb2.ErasureRecord()
    if erased.what == CASE:
        _erase_case(db, erased.case_id, "", CaseErasure())
        return
    leg = messages.leg(db, erased.leg_id)
    if leg is not None and erased.what == MESSAGE:
        of_leg = messages.with_content(db, leg.leg_id)
        gone = {*erased.envelope_ids}
        rows = [
            row
            for row in of_leg
            if gone & envelopes.ids_of_message(db, row.direction, row.peer, row.message_id)
        ]
        blank_messages(db, rows, again)
    elif leg is not None:
        blank_leg(db, leg, again, is_theirs_only=erased.what == ANSWERS)
