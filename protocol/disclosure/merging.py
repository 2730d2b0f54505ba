"""Take values that a peer told into a case of one's own: what comes in, what stands against it.

Nothing of the own case is lost or overwritten unasked:

- A field that is empty there is filled. One that holds another value is a conflict, and
  stays as it is unless its path is among those to replace.
- Lists of plain values, and of elements without an id, grow by what is not in them yet.
- Elements with an id are matched by it. Ids are short names within one case, so `ids`
  says which of theirs is which of ours; one that it does not know, and that names something
  else here already, gets a new one. References go by the same ids. The id of a group that
  stands alone names nothing.

What the case is to other nodes (its id, who leads it, who follows) is nobody's to tell:
`OWN_PATHS`. A peer's id for the case becomes a link to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from protocol.disclosure.dictionary import Value, elements, is_leaf, joined
from protocol.pb.homeward.v1.case_pb2 import Case

OWN_PATHS: Final = frozenset({"federated_id", "lead_node", "follower_nodes"})

_SAME = "same_child"
_KEYS = ("id", "child_id")
_REFERENCE: Final = re.compile(r"(?:.*_)?(?:child|person|authority|file|order)_ids?")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that holds another value here than the peer told.

    `place` says of which element, by our ids: "children[c1].sex".
    """

    path: str
    place: str
    field: FieldDescriptor
    own: Value
    told: Value


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the case."""

    case: Case
    taken: Case
    """What is new in it, alone, with the ids that its elements have here."""
    conflicts: tuple[Conflict, ...]
    kept: tuple[Conflict, ...]
    """What would be conflicts, and stays as it is because somebody said so."""
    ids: Mapping[str, str]
    """Which of their ids is which of ours, of all elements that were told."""


def merge(
    own: Case,
    told: Case,
    *,
    ids: Mapping[str, str],
    used_ids: Collection[str] = (),
    replaced: Collection[str] = (),
    kept: Collection[str] = (),
) -> Merged:
    """Return the own case with what was told; neither is changed.

    No element gets one of the `used_ids` anew. `replaced` are paths whose values are
    overwritten, `kept` those whose values stay; of one child among several it is the place
    of the conflict.
    """
    case, taken = Case(), Case()
    case.CopyFrom(own)
    work = _Merging(case, dict(ids), frozenset(replaced), frozenset(kept), set(used_ids))
    work.merge(case, told, taken, "", "")
    _link(case, told, taken)
    if 0 < case.child_count < len(case.children):
        # More children are described than were told of; that is counted here.
        case.child_count = len(case.children)
        taken.ClearField("child_count")
    conflicts, stay = tuple(work.conflicts), tuple(work.stay)
    return Merged(case=case, taken=taken, conflicts=conflicts, kept=stay, ids=work.ids)


def renamed(case: Case, ids: Mapping[str, str]) -> Case:
    """Return a case in which elements have these ids, by the ids that they have now."""
    copy = Case()
    copy.CopyFrom(case)
    _rename(copy, ids)
    return copy


def _rename(message: Message, ids: Mapping[str, str]) -> None:
    for descriptor, held in message.ListFields():
        if descriptor.message_type is not None:
            for each in held if descriptor.is_repeated else (held,):
                _rename(each, ids)
        elif descriptor.name == "id" or _REFERENCE.fullmatch(descriptor.name):
            if descriptor.is_repeated:
                held[:] = [ids.get(each, each) for each in held]
            else:
                setattr(message, descriptor.name, ids.get(held, held))


@dataclass(slots=True)
class _Merging:
    """The work on one case."""

    case: Case
    ids: dict[str, str]
    replaced: frozenset[str]
    kept: frozenset[str]
    used: set[str]
    conflicts: list[Conflict] = field(default_factory=list)
    stay: list[Conflict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.used.update(element_ids(self.case), self.ids.values())

    def merge(self, own: Message, told: Message, taken: Message, path: str, place: str) -> None:
        """Take what a message was told to hold; all messages are of one type."""
        for descriptor, _, value in elements(told, ""):
            here, there = joined(path, descriptor.name), joined(place, descriptor.name)
            if here in OWN_PATHS or descriptor.name in _KEYS:
                continue
            if descriptor.is_repeated:
                self._merge_element(own, value, taken, descriptor, (here, there))
            elif not is_leaf(descriptor):
                below = getattr(taken, descriptor.name)
                self.merge(getattr(own, descriptor.name), cast(Message, value), below, here, there)
            else:
                self._merge_value(own, value, taken, descriptor, (here, there))

    def _merge_value(
        self,
        own: Message,
        value: Value,
        taken: Message,
        descriptor: FieldDescriptor,
        at: tuple[str, str],
    ) -> None:
        value = self._translated(descriptor, value)
        held: Value | None = dict(own.ListFields()).get(descriptor)
        if held == value:
            return
        if held is not None and self.replaced.isdisjoint(at):
            conflict = Conflict(at[0], at[1], descriptor, held, value)
            (self.conflicts if self.kept.isdisjoint(at) else self.stay).append(conflict)
            return
        for target in (own, taken):
            _set(target, descriptor, value)

    def _merge_element(
        self,
        own: Message,
        value: Value,
        taken: Message,
        descriptor: FieldDescriptor,
        at: tuple[str, str],
    ) -> None:
        held = getattr(own, descriptor.name)
        key = _key(descriptor)
        if key is None or not isinstance(value, Message):
            value = self._translated(descriptor, value)
            if value not in held:
                held.append(value)
                getattr(taken, descriptor.name).append(value)
            return
        own_id = self._own_id(getattr(value, key))
        found = next((each for each in held if getattr(each, key) == own_id), None)
        element = held.add(**{key: own_id}) if found is None else found
        part = type(value)()
        self.merge(element, value, part, at[0], f"{at[1]}[{own_id}]")
        if found is None or part.ListFields():
            setattr(part, key, own_id)
            getattr(taken, descriptor.name).append(part)

    def _translated(self, descriptor: FieldDescriptor, value: Value) -> Value:
        """Return a value with our ids where it names elements by theirs."""
        if isinstance(value, Message):
            copy = type(value)()
            copy.CopyFrom(value)
            self._translate(copy)
            return copy
        if isinstance(value, str) and _REFERENCE.fullmatch(descriptor.name):
            return self._own_id(value)
        return value

    def _translate(self, message: Message) -> None:
        for descriptor, held in message.ListFields():
            if descriptor.message_type is not None:
                for each in held if descriptor.is_repeated else (held,):
                    self._translate(each)
            elif _REFERENCE.fullmatch(descriptor.name):
                own = [self._own_id(each) for each in (held if descriptor.is_repeated else [held])]
                if descriptor.is_repeated:
                    held[:] = own
                else:
                    setattr(message, descriptor.name, own[0])

    def _own_id(self, theirs: str) -> str:
        """Return our id for an element of theirs; a new one where theirs is taken here."""
        known = self.ids.get(theirs)
        if known is not None:
            return known
        own = free_id(theirs, self.used) if theirs in self.used or not theirs else theirs
        self.used.add(own)
        self.ids[theirs] = own
        return own


def _key(descriptor: FieldDescriptor) -> str | None:
    """Return the field by which the elements of a list are told apart, if there is one."""
    kind = descriptor.message_type
    if kind is None:
        return None
    return next((key for key in _KEYS if key in kind.fields_by_name), None)


def free_id(taken: str, used: Collection[str]) -> str:
    """Return an id like one that means something else already."""
    stem = re.sub(r"\d+$", "", taken) or "e"
    return next(each for n in count(1) if (each := f"{stem}{n}") not in used)


def element_ids(message: Message) -> Iterator[str]:
    """Yield the ids of all elements of a case."""
    for identifier, _ in element_kinds(message):
        yield identifier


def element_kinds(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the ids of all elements of a case, each with what it is: "Child", "Person"."""
    for descriptor, _, value in elements(message, ""):
        if isinstance(value, Message):
            if _key(descriptor) == "id":
                yield getattr(value, "id"), value.DESCRIPTOR.name  # noqa: B009  any type
            yield from element_kinds(value)


def _set(target: Message, descriptor: FieldDescriptor, value: Value) -> None:
    if isinstance(value, Message):
        getattr(target, descriptor.name).CopyFrom(value)
    else:
        setattr(target, descriptor.name, value)


def _link(case: Case, told: Case, taken: Case) -> None:
    """Write down under which id the peer has the case, if it told."""
    theirs = told.federated_id
    known = {case.federated_id, *(link.federated_id for link in case.linked_cases)}
    if theirs and theirs not in known:
        for target in (case, taken):
            target.linked_cases.add(federated_id=theirs, reason=_SAME)
