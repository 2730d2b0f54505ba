"""Take what a peer told on a leg into an own case, field by field.

What is taken becomes a version of the case like any other, and its reason names the leg.
In the same transaction it is recorded who told it (so that it goes to no other peer
unseen), which fields of which step it was, what their elements are called here, and what
the peer calls codes that nobody here knows. What merging means is
`protocol.disclosure.merging`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from node.cases.cases import Cases, CaseView
from node.errors import ArgumentError, NodeError
from node.exchange.context import Context
from node.exchange.viewing import LegView
from node.store import code_labels, messages, origins, taken
from node.store.db import Transaction
from node.store.messages import MessageRow
from node.store.taken import TakenRow
from protocol.disclosure import disclose
from protocol.disclosure.check import codes
from protocol.disclosure.merging import (
    OWN_PATHS,
    Merged,
    element_ids,
    element_kinds,
    free_id,
    merge,
)
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import Side, State
from protocol.messages import labels_of
from protocol.pb.homeward.v1 import case_pb2, message_pb2

# What came with these is no longer to be had: its sender took it back, or its time is over.
_GONE = frozenset({State.EXPIRED, State.WITHDRAWN, State.ENTERED_IN_ERROR, State.CANCEL_CONFIRMED})
_FILES = "files"
# The peer's id of the case is taken as a link to it.
_NOT_TOLD = OWN_PATHS - {"federated_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A part of a case that a peer told with one step, and what of it is chosen."""

    view: LegView
    number: int
    paths: tuple[str, ...]
    part: case_pb2.Case
    message: message_pb2.Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What taking would make of a case; `base` is None for a new one."""

    told: Told
    base: CaseView | None
    merged: Merged


class Taking:
    """Takes what peers told into the cases of this node."""

    def __init__(self, context: Context, cases: Cases) -> None:
        """Versions are made by `cases`."""
        self._context = context
        self._cases = cases

    async def plan(
        self,
        told: Told,
        case_id: str | None,
        *,
        replaced: Sequence[str] = (),
        kept: Sequence[str] = (),
        same: Mapping[str, str] = MappingProxyType({}),
    ) -> Plan:
        """Return what would become of a case; None: of a new one.

        Of values that differ, those at `replaced` give way to theirs and those at `kept`
        stay, each a path or the place of one conflict. `same` says which element of theirs
        is which of ours, by their ids.

        Raises:
            NodeError: unknown_case; there is no such element, or it is not of the same
                kind, or two of theirs would be one of ours.
        """
        base = await self._cases.get(case_id) if case_id else None
        ids = await self._ids(told, case_id) if case_id else {}
        own = base.case if base else case_pb2.Case()
        used_ids = await self._cases.used_ids(case_id) if case_id else set()
        gone = used_ids - {*element_ids(own)}
        # What was taken out of the case and is told again comes in under a new id.
        ids = {theirs: each for theirs, each in ids.items() if each not in gone} | dict(same)
        _check_same(told.part, own, same, ids)
        merged = merge(own, told.part, ids=ids, used_ids=used_ids, replaced=replaced, kept=kept)
        return Plan(told=told, base=base, merged=merged)

    async def take(
        self, plan: Plan, photos: Sequence[bytes] = (), *, made_by: str, reason: str = ""
    ) -> str:
        """Keep what was planned; return the id of the case.

        Raises:
            NodeError: value_exists where the case holds another value; nothing_new;
                case_changed; a field breaks a rule.
        """
        conflicts = plan.merged.conflicts
        if conflicts:
            raise NodeError(
                "value_exists",
                f"the case has another value of {', '.join(each.place for each in conflicts)}",
                "--replace with that field takes theirs; nothing was taken",
            )
        if not plan.merged.taken.ListFields() and not photos:
            raise NodeError("nothing_new", "the case has all of this already")
        case, base = plan.merged.case, plan.base
        accepted = codes(plan.merged.taken)
        version = base.row.version + 1 if base else 1
        also = self._also(plan, version)
        words = f"taken from referral {plan.told.view.row.leg_id.hex()[:8]}, "
        words += f"step {plan.told.number} of {plan.told.view.row.peer}"
        reason = f"{words}: {reason}" if reason else words
        if base is None:
            return await self._cases.add(
                case, photos, made_by=made_by, reason=reason, accepted=accepted, also=also
            )
        await self._cases.change(
            base.row.case_id, base.row.version, case, photos,
            made_by=made_by, reason=reason, accepted=accepted, also=also,
        )  # fmt: skip
        return base.row.case_id

    async def _ids(self, told: Told, case_id: str) -> dict[str, str]:
        """Return which of the peer's ids are which of the case's, as far as that is known."""
        leg_id = told.view.row.leg_id
        known = await self._context.store.read(lambda db: taken.ids(db, case_id, leg_id))
        if told.view.row.case_id == case_id:
            # What went out by our ids comes back by them.
            sent = [m for m in told.view.messages if m.direction == messages.OUT]
            known = {each: each for m in sent for each in element_ids(disclosed(m))} | known
        return known

    def _also(self, plan: Plan, version: int) -> Callable[[Transaction], None]:
        told, merged, row = plan.told, plan.merged, plan.told.view.row
        before = {file.id for file in plan.base.case.files} if plan.base else set()

        def also(db: Transaction) -> None:
            case_id = merged.case.federated_id
            # Their entries were made with the photos, which is after the merge.
            new = [file for file in merged.case.files if file.id not in before]
            merged.taken.files.extend(new)
            origins.record_origin(db, case_id, merged.taken, peer=row.peer, leg_id=row.leg_id)
            labels, known = labels_of(told.message), codes(merged.taken)
            code_labels.keep(db, case_id, {key: labels[key] for key in labels if key in known})
            taken.keep_ids(db, case_id, row.leg_id, merged.ids)
            for path in (*_taken_paths(plan), *[_FILES] * bool(new)):
                taken.add(
                    db,
                    TakenRow(
                        leg_id=row.leg_id,
                        step_number=told.number,
                        path=path,
                        case_id=case_id,
                        version=version,
                    ),
                )
            messages.set_case(db, row.leg_id, case_id)

        return also


def _check_same(
    part: case_pb2.Case, own: case_pb2.Case, same: Mapping[str, str], ids: Mapping[str, str]
) -> None:
    """Refuse to take one for another: what is not there, of another kind, or two for one."""
    theirs, ours = dict(element_kinds(part)), dict(element_kinds(own))
    for told, known in same.items():
        if told not in theirs or known not in ours:
            raise ArgumentError("argument_invalid", "--same names an element that is not there")
        if theirs[told] != ours[known]:
            sentence = "--same names two elements of different kinds"
            raise ArgumentError("argument_invalid", sentence)
        if any(ids.get(each) == known for each in theirs if each != told):
            sentence = "two elements of theirs cannot be one of ours"
            raise ArgumentError("two_are_one", sentence, "say of each with --same which it is")


def _taken_paths(plan: Plan) -> list[str]:
    """Return the chosen paths but those of which everything stays as it was here."""
    kept = [each.path for each in plan.merged.kept]
    return [
        path
        for path in plan.told.paths
        if not any(each == path or each.startswith(f"{path}.") for each in kept)
        or disclose(plan.merged.taken, [path]).ListFields()
    ]


async def on_leg(context: Context, view: CaseView, leg_id: bytes | None) -> CaseView:
    """Return a case as it goes out on a leg: its elements by the ids that the peer knows.

    What the peer told has the peer's id there. What it never heard of has its own, but
    another one where that means somebody else there; so no two children become one.
    """
    if leg_id is None:
        return view

    def job(db: Transaction) -> tuple[dict[str, str], list[MessageRow]]:
        return taken.ids(db, view.row.case_id, leg_id), messages.of_leg(db, leg_id)

    known, rows = await context.store.read(job)
    theirs = {own: told for told, own in known.items()}
    said: dict[str, set[str]] = {messages.IN: set(), messages.OUT: set()}
    for row in rows:
        said[row.direction].update(element_ids(disclosed(row)))
    files = {file.id for file in view.case.files}
    used = {*said[messages.IN], *said[messages.OUT], *element_ids(view.case)}
    named: dict[str, str] = {}
    for own in dict.fromkeys(element_ids(view.case)):
        is_ours = own in said[messages.OUT] and own not in known
        if own in theirs:
            named[own] = theirs[own]
        elif own in said[messages.IN] and not is_ours and own not in files:
            named[own] = free_id(own, used)
            used.add(named[own])
    return replace(view, leg_ids=named)


def told_by(view: LegView, number: int, paths: Sequence[str]) -> Told:
    """Return what the peer told with its step of this number (0: the only one), by these paths.

    Without a path it is all that the step's mask names.

    Raises:
        NodeError: the step told nothing, or not this; it is no longer to be had.
        PolicyRefusal: a path is none of the dictionary.
    """
    if view.side is Side.RECIPIENT and view.state in _GONE:
        sentence = f"what came with a referral in state {view.state} is not taken"
        raise NodeError("copy_over", sentence)
    rows = [row for row in view.messages if row.direction == messages.IN]
    telling = [row for row in rows if disclosed(row).ListFields()]
    found = [row for row in telling if number in (0, row.step_number)]
    if len(found) != 1:
        numbers = ", ".join(str(row.step_number) for row in telling) or "none"
        sentence = "--step says what is taken: a step of theirs with a part of a case"
        raise ArgumentError("argument_invalid", sentence, f"there is: {numbers}")
    (row,) = found
    message = message_pb2.Message.FromString(row.payload)
    content = getattr(message, row.name)
    chosen = tuple(paths) or tuple(_told_paths(content))
    for path in chosen:
        _check_told(content.disclosure, path)
    part = disclose(content.disclosure, chosen)
    return Told(view=view, number=row.step_number, paths=chosen, part=part, message=message)


def disclosed(row: MessageRow) -> case_pb2.Case:
    """Return the part of a case that goes with a step; an empty one if none does."""
    content = getattr(message_pb2.Message.FromString(row.payload), row.name, None)
    part = getattr(content, "disclosure", None)
    return part if isinstance(part, case_pb2.Case) else case_pb2.Case()


def _told_paths(content: message_pb2.Note) -> Iterator[str]:
    """Yield the paths of a step's mask of which there is something to take."""
    for path in content.mask.paths:
        try:
            _check_told(content.disclosure, path)
        except (ArgumentError, PolicyRefusal):
            # Nothing was recorded there, it is not to be taken, or it is of a newer version.
            continue
        yield path


def _check_told(disclosure: case_pb2.Case, path: str) -> None:
    if path in _NOT_TOLD:
        sentence = f"{path} is not taken: it says who leads the case and who follows"
        raise ArgumentError("argument_invalid", sentence)
    if path == _FILES or path.startswith(f"{_FILES}."):
        raise ArgumentError("argument_invalid", "files are taken with --file")
    if not disclose(disclosure, [path]).ListFields():
        raise ArgumentError("argument_invalid", f"the step says nothing of {path}")
