"""What is wrong in a case: values, lists, ids; and in an own case also what it names.

A problem says where and which rule, never the value. Three sets of rules:

- `check_case`: what any case must obey, whoever wrote it. A code that this node does not
  know is no problem; one that could be no code in any list is.
- `check_own_case`: that, and what a node asks of its own cases: codes that it knows, ids
  that name an element that is there, times that are not in the future.
- `check_received`: what a part of a peer's case must not have. Short of that it is taken
  as it came: a slip in a height must not keep an alert from those who could find a child.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import chain

from google.protobuf.message import Message

from protocol.disclosure.dates import span_of
from protocol.disclosure.dictionary import elements, filled, joined, max_items
from protocol.disclosure.rules import message_rule, plain_rule
from protocol.disclosure.values import local_time
from protocol.errors import PeerError
from protocol.ids import parse_node_id
from protocol.pb.homeward.v1.case_pb2 import Case, Moment, MomentRange, PartialDate
from protocol.vocabularies.terms import NO_ANSWER
from protocol.vocabulary import is_known, vocabulary_of

Codes = Collection[tuple[str, str]]
"""Codes with the lists that they are of."""

_LOCAL_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_CASE_ID = re.compile(r"(?P<node>[^/]+)/[0-9A-HJKMNP-TV-Z]{26}")
_HARMFUL = frozenset(
    {"too_long", "too_many", "control_character", "never_attached", "sis_number", "id_repeated"}
)
_PAST = frozenset(
    {
        "opened_at", "reported_missing_at", "last_known_alive_at", "found_at", "closed_at",
        "children.date_of_birth", "persons.date_of_birth", "legal_situation.orders.made_on",
        "consents.given_on", "consents.withdrawn_on", "files.taken_on",
        "circumstances.last_seen.seen", "circumstances.sightings.seen",
        "circumstances.contacts_since.at", "legal_situation.applications.filed_on",
        "legal_situation.applications.court_seised_on",
        "legal_situation.applications.decided_on",
    }
)  # fmt: skip
# A clock may be a little behind that of whoever wrote it down, and "today" is a day.
_AHEAD_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that breaks a rule; `path` also counts elements: "children[0].sex"."""

    path: str
    rule: str


def check_case(case: Case) -> list[Problem]:
    """Return every problem that a case has by itself."""
    return [*_problems(case, ""), *_id_problems(case)]


def check_received(case: Case) -> Iterator[Problem]:
    """Yield the problems for which a part of a peer's case is refused.

    Found as they are asked for, what is too many before what stands in it: whoever stops
    at the first one looks at no more than a case may have.
    """
    for problem in chain(_problems(case, ""), _id_problems(case)):
        if problem.rule in _HARMFUL:
            yield problem


def check_own_case(case: Case, *, now_ms: int, accepted: Codes = ()) -> list[Problem]:
    """Return every problem of an own case; `accepted` are codes that came from peers."""
    found = check_case(case)
    # What could be no code in any list is none of ours either, and said once.
    known = {problem.path for problem in found}
    return [
        *found,
        *(problem for problem in _code_problems(case, accepted) if problem.path not in known),
        *_name_problems(case),
        *_time_problems(case, now_ms),
        *_count_problems(case),
    ]


def codes(case: Case) -> frozenset[tuple[str, str]]:
    """Return every code of a case, with its list."""
    return frozenset((name, code) for _, name, code in _codes(case, ""))


def _problems(message: Message, place: str) -> Iterator[Problem]:
    for field, held in message.ListFields():
        if field.is_repeated and len(held) > max_items(field):
            yield Problem(joined(place, field.name), "too_many")
    for field, there, value in elements(message, place):
        if isinstance(value, Message):
            rule = message_rule(field, value)
            yield from _problems(value, there)
        else:
            rule = plain_rule(field, value)
        if rule:
            yield Problem(there, rule)


def _id_problems(case: Case) -> Iterator[Problem]:
    """Yield ids that are missing, malformed or used twice: they are unique within a case."""
    ids = list(_ids(case, ""))
    times_used = Counter(identifier for _, identifier in ids)
    for place, identifier in ids:
        if not _LOCAL_ID.fullmatch(identifier):
            yield Problem(place, "not_an_id")
        elif times_used[identifier] > 1:
            yield Problem(place, "id_repeated")


def _ids(message: Message, place: str) -> Iterator[tuple[str, str]]:
    for field, there, value in elements(message, place):
        if not isinstance(value, Message):
            continue
        # A group that stands alone needs no id.
        if field.is_repeated and "id" in value.DESCRIPTOR.fields_by_name:
            identifier: str = getattr(value, "id")  # noqa: B009  the type is not known here
            yield joined(there, "id"), identifier
        yield from _ids(value, there)


def _code_problems(case: Case, accepted: Codes) -> Iterator[Problem]:
    for place, name, code in _codes(case, ""):
        if not is_known(name, code) and (name, code) not in accepted:
            yield Problem(place, "unknown_code")


def _codes(message: Message, place: str) -> Iterator[tuple[str, str, str]]:
    for field, there, value in elements(message, place):
        if isinstance(value, Message):
            yield from _codes(value, there)
        elif name := vocabulary_of(field):
            yield there, name, str(value)


def _name_problems(case: Case) -> Iterator[Problem]:
    """Yield what names an element that is not there, or a node or case that cannot be."""
    there = {
        "child_id": {child.id for child in case.children},
        "person_id": {person.id for person in case.persons},
        "authority_id": {each.id for each in (*case.police, *case.authorities)},
        "file_id": {file.id for file in case.files},
        "order_id": {order.id for order in case.legal_situation.orders},
    }
    for value in filled(case):
        text = value.value
        if not isinstance(text, str):
            continue
        name = value.field.name.removesuffix("s")
        for kind, known in there.items():
            if (name == kind or name.endswith(f"_{kind}")) and text not in known:
                yield Problem(value.place, f"no_such_{kind.removesuffix('_id')}")
        is_good = _FORMS.get(value.path)
        if is_good is not None and not is_good(text):
            yield Problem(value.place, "not_a_case_id" if "federated" in name else "not_a_node_id")


def _time_problems(case: Case, now_ms: int) -> Iterator[Problem]:
    latest_ms = now_ms + _AHEAD_MS
    for value in filled(case):
        if value.path not in _PAST:
            continue
        if _is_after(value.value, latest_ms):
            yield Problem(value.place, "in_the_future")


def _is_after(value: object, latest_ms: int) -> bool:
    """Return whether all of a time or date lies after a moment."""
    match value:
        case Moment():
            return value.precision not in NO_ANSWER and value.at_ms > latest_ms
        case MomentRange():
            return value.HasField("earliest") and _is_after(value.earliest, latest_ms)
        case PartialDate():
            span, today = span_of(value), local_time(Moment(at_ms=latest_ms))
            return bool(span and today and span.earliest > today.date())
    return False


def _count_problems(case: Case) -> Iterator[Problem]:
    if case.child_count and case.child_count < len(case.children):
        yield Problem("child_count", "fewer_than_described")


def _is_node_id(text: str) -> bool:
    try:
        parse_node_id(text)
    except PeerError:
        return False
    return True


def _is_case_id(text: str) -> bool:
    match = _CASE_ID.fullmatch(text)
    return match is not None and _is_node_id(match["node"])


_FORMS: dict[str, Callable[[str], bool]] = {
    "federated_id": _is_case_id,
    "linked_cases.federated_id": _is_case_id,
    "lead_node": _is_node_id,
    "follower_nodes": _is_node_id,
    "consents.recipients": _is_node_id,
}
