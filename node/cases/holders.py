"""Who has what of a case: derived from the messages of its legs, and kept nowhere else.

What went out says which fields and files, why, on which ground and until when; the
receipt says whether it arrived; what came back says whether it was erased or is kept. A
message that a peer has refused with proof is not there. One that waits, or that expired
without an answer, may be: it counts, and is marked as not certain.

When a case was erased here, the fields and grounds are still known from the stubs, so
that its holders can be followed up; what they say of the child is not.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from node.store import messages
from node.store.messages import LegRow, MessageRow
from protocol.disclosure.choice import is_local_id
from protocol.disclosure.dictionary import filled_paths
from protocol.errors import RefusalCode
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2

NOTICE = "found_notice"


class Passage(enum.StrEnum):
    """How surely something got to a peer."""

    DELIVERED = "delivered"
    WAITING = "waiting"
    UNCERTAIN = "uncertain"
    """It expired without an answer; it may have arrived."""


class Copy(enum.StrEnum):
    """What is known of a copy at a peer."""

    HELD = "held"
    ERASE_ASKED = "erase_asked"
    KEPT = "kept"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What went out in one message."""

    step: str
    fields: tuple[str, ...]
    mask: tuple[str, ...]
    """What was chosen for it, also of fields that were empty."""
    file_ids: tuple[str, ...]
    purpose: str
    art6_basis: str
    art9_condition: str
    art10_basis: str
    transfer_basis: str
    passage: Passage
    sent_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a peer has from one leg, and what it said of it."""

    leg_id: LegId
    kind: str
    parts: tuple[Part, ...]
    until_ms: int
    """When the leg expires, and the peer's node erases it by itself; 0: never."""
    copy: Copy
    kept_basis: str = ""
    """Of a copy that is kept: the code of art6_basis, or of erase_refusal, that it named."""
    said_at_ms: int | None = None
    """When it said that it erased or keeps it."""
    taken: tuple[str, ...] = ()
    """Of a copy that was erased: the fields that it had taken into cases of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice to a peer, and whether a person there has seen it."""

    leg_id: LegId
    notice: str
    passage: Passage
    is_acknowledged: bool
    sent_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A peer that has, or may have, something of a case."""

    peer: NodeId
    holdings: tuple[Holding, ...]
    notices: tuple[Told, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of the case that it was sent."""
        return tuple(sorted({f for h in self.holdings for part in h.parts for f in part.fields}))

    @property
    def mask(self) -> tuple[str, ...]:
        """Every field and group that was chosen for it."""
        return tuple(sorted({f for h in self.holdings for part in h.parts for f in part.mask}))

    @property
    def file_ids(self) -> tuple[str, ...]:
        """Every file that it was sent."""
        return tuple(sorted({f for h in self.holdings for part in h.parts for f in part.file_ids}))

    @property
    def has_copy(self) -> bool:
        """Whether it may still have something."""
        return any(each.copy is not Copy.ERASED or each.taken for each in self.holdings)

    @property
    def unacknowledged(self) -> tuple[Told, ...]:
        """The notices that nobody there has acknowledged."""
        return tuple(told for told in self.notices if not told.is_acknowledged)


def holders_of(rows: Iterable[tuple[LegRow, MessageRow]]) -> tuple[Holder, ...]:
    """Return who has what, by the messages of all legs of a case (`messages.of_case`)."""
    legs: dict[LegId, tuple[LegRow, list[MessageRow]]] = {}
    for leg, row in rows:
        legs.setdefault(leg.leg_id, (leg, []))[1].append(row)
    holdings: dict[NodeId, list[Holding]] = {}
    notices: dict[NodeId, list[Told]] = {}
    said: dict[LegId, _Said] = {}
    sent = _Disclosed()
    for leg, of_leg in legs.values():
        if leg.kind == NOTICE:
            told = _told(leg, of_leg)
            if told is not None:
                notices.setdefault(leg.peer, []).append(told)
                said |= _said_of_copies(of_leg)
        else:
            holding = _holding(leg, of_leg, sent)
            if holding is not None:
                holdings.setdefault(leg.peer, []).append(holding)
    return tuple(
        Holder(
            peer=peer,
            holdings=tuple(_with_said(holding, said) for holding in held),
            notices=tuple(notices.get(peer, ())),
        )
        for peer, held in sorted(holdings.items())
    )


@dataclass(frozen=True, slots=True)
class _Said:
    copy: Copy
    basis: str
    at_ms: int
    taken: tuple[str, ...]


class _Disclosed:
    """Which fields went out: a case goes to many peers, and mostly the same of it."""

    def __init__(self) -> None:
        self._paths: dict[bytes, tuple[str, ...]] = {}

    def fields(self, disclosed: case_pb2.Case, mask: Sequence[str]) -> tuple[str, ...]:
        """Return them; of what was erased here only the choice is known."""
        # Of one type and one release, so that the same is written the same.
        written = disclosed.SerializeToString()
        paths = self._paths.get(written)
        if paths is None:
            found = (path for path in filled_paths(disclosed) if not is_local_id(path))
            paths = self._paths[written] = tuple(found)
        return paths or tuple(mask)


def _holding(leg: LegRow, rows: Sequence[MessageRow], sent: _Disclosed) -> Holding | None:
    read = [(row, message_pb2.Message.FromString(row.payload)) for row in rows]
    parts = tuple(part for row, said in read if (part := _part(row, said, sent)) is not None)
    if not parts:
        return None
    holding = Holding(
        leg_id=leg.leg_id, kind=leg.kind, parts=parts, until_ms=leg.expires_at_ms, copy=Copy.HELD
    )
    asked: set[int] = set()
    for row, message in read:
        if row.direction == messages.OUT and row.name == "erase_request":
            if row.code == RefusalCode.UNKNOWN_LEG:
                # What expired without an answer had never arrived, and the peer proves it.
                return None
            if row.settled != messages.REFUSED:
                asked.add(row.step_number)
                holding = replace(holding, copy=Copy.ERASE_ASKED, kept_basis="")
        elif row.direction == messages.IN and row.question in asked:
            if row.name == "erased":
                erased = _after(holding, Copy.ERASED, "", row)
                holding = replace(erased, taken=tuple(message.erased.taken.paths))
            elif row.name == "erase_refused":
                holding = _after(holding, Copy.KEPT, message.erase_refused.reason, row)
    return holding


def _after(holding: Holding, copy: Copy, basis: str, row: MessageRow) -> Holding:
    return replace(holding, copy=copy, kept_basis=basis, said_at_ms=row.stored_at_ms)


def _part(row: MessageRow, message: message_pb2.Message, sent: _Disclosed) -> Part | None:
    """Return what a message of this node's own gave of the case; None if nothing."""
    if row.direction != messages.OUT or row.settled == messages.REFUSED:
        return None
    content = getattr(message, row.name)
    if not isinstance(
        content,
        message_pb2.Referral | message_pb2.HandOver | message_pb2.Note | message_pb2.Answer,
    ):
        return None
    # A question without a field of the case is a text about the child: it counts.
    keys = getattr(content, "attachment_keys", ())
    basis = content.legal_basis
    return Part(
        step=row.name,
        fields=sent.fields(content.disclosure, content.mask.paths),
        mask=tuple(content.mask.paths),
        file_ids=tuple(key.file_id for key in keys),
        purpose=basis.purpose,
        art6_basis=basis.art6_basis,
        art9_condition=basis.art9_condition,
        art10_basis=basis.art10_basis,
        transfer_basis=basis.transfer_basis,
        passage=_PASSAGES[row.settled],
        sent_at_ms=row.created_at_ms,
    )


def _told(leg: LegRow, rows: Sequence[MessageRow]) -> Told | None:
    opening = next((row for row in rows if row.name == "referral"), None)
    if opening is None or opening.direction != messages.OUT:
        return None
    passage = _PASSAGES.get(opening.settled, Passage.UNCERTAIN)
    return Told(
        leg_id=leg.leg_id,
        notice=message_pb2.Message.FromString(opening.payload).referral.notice,
        passage=passage,
        is_acknowledged=any(row.name == "acknowledge" for row in rows),
        sent_at_ms=opening.created_at_ms,
    )


def _said_of_copies(rows: Sequence[MessageRow]) -> Mapping[LegId, _Said]:
    """Return what the acknowledgement of a notice says of the copies that it is about."""
    about: tuple[LegId, ...] = ()
    said: dict[LegId, _Said] = {}
    for row in rows:
        message = message_pb2.Message.FromString(row.payload)
        if row.name == "referral":
            about = tuple(LegId(leg_id) for leg_id in message.referral.about_leg_ids)
        elif row.name == "acknowledge":
            copy = _COPIES.get(message.acknowledge.copy)
            if copy is not None:
                said_of = message.acknowledge
                paths = tuple(said_of.taken.paths)
                answer = _Said(copy, said_of.kept_basis, row.stored_at_ms, paths)
                said |= dict.fromkeys(about, answer)
    return said


def _with_said(holding: Holding, said: Mapping[LegId, _Said]) -> Holding:
    """Return a holding with the latest word on it: of its own leg, or of a notice."""
    answer = said.get(holding.leg_id)
    if answer is None or holding.copy is Copy.ERASED:
        return holding
    if holding.said_at_ms is not None and holding.said_at_ms > answer.at_ms:
        return holding
    return replace(
        holding,
        copy=answer.copy,
        kept_basis=answer.basis,
        said_at_ms=answer.at_ms,
        taken=answer.taken,
    )


_PASSAGES: Mapping[str, Passage] = {
    messages.RECEIVED: Passage.DELIVERED,
    messages.WAITING: Passage.WAITING,
    messages.EXPIRED: Passage.UNCERTAIN,
}
_COPIES: Mapping[str, Copy] = {"erased": Copy.ERASED, "kept": Copy.KEPT}
