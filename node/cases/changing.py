"""What a change of an own case must obey, before it becomes a version.

Nothing is overwritten: a change is a new version of the whole case, and its author had
the newest one before them. What names the case and its elements elsewhere cannot be
changed by hand, nor used again for somebody else when it was taken out: a peer holds "c1"
under that name, and would take it for another child.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from google.protobuf.message import Message

from node.errors import NodeError
from protocol import limits
from protocol.casework.differences import differences
from protocol.casework.places import named_place
from protocol.disclosure import Problem, check_own_case
from protocol.disclosure.check import Codes
from protocol.disclosure.dictionary import elements, is_leaf, joined
from protocol.pb.homeward.v1 import case_pb2

_FIXED = ("federated_id", "lead_node")
# What the node found out about a file itself.
_FILE_FACTS = ("media_type", "size_bytes", "digest", "metadata_removed")
_MORE_PROBLEMS = 4
_PLAIN_PLACE = re.compile(r"(?:[a-z0-9_.]|\[[a-z]{0,2}\d{1,4}\])+")

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "too_long": "is too long",
        "too_many": "has too many elements",
        "not_a_code": "is no code",
        "unknown_code": "is no code of its list",
        "not_a_date": "is no day, month or year of the calendar, or not as exact as it says",
        "not_a_moment": "is no time, or has no offset like +02:00",
        "not_a_number": "has a number and says that there is none, or has neither",
        "not_plausible": "is a number that no person has",
        "range_reversed": "ends before it begins",
        "in_the_future": "is in the future",
        "not_on_earth": "is no place on earth",
        "not_a_language": "has no language tag like en or nl-BE",
        "not_a_telephone": "is no telephone number",
        "not_an_email": "is no e-mail address",
        "not_a_digest": "is no SHA-256",
        "not_an_id": "is no id of small letters and digits, like c1",
        "not_a_node_id": "is no node id, like be.example",
        "not_a_case_id": "is no id of a case, like be.example/01J9ZK4Q7TQ3V6W8X2Y5N0M1AB",
        "id_repeated": "is the id of another element, too",
        "no_such_child": "names a child that is not in the case",
        "no_such_person": "names a person who is not in the case",
        "no_such_authority": "names an authority that is not in the case",
        "no_such_file": "names a file that is not in the case",
        "no_such_order": "names an order that is not in the case",
        "fewer_than_described": "is less than the children who are described",
        "control_character": "has a character that cannot be written",
        "sis_number": "has the number of an alert that is for the police alone",
    }
)


def check_own(case: case_pb2.Case, *, now_ms: int, accepted: Codes = ()) -> None:
    """Refuse a case that breaks a rule of the dictionary.

    Raises:
        NodeError: bad_case with place and rule, or never_attached.
    """
    problems = check_own_case(case, now_ms=now_ms, accepted=accepted)
    if any(problem.rule == "never_attached" for problem in problems):
        raise never_attached()
    if problems:
        more = problems[1 : 1 + _MORE_PROBLEMS]
        hints = [_sentence(case, problem) for problem in more]
        left = len(problems) - 1 - len(more)
        if left:
            hints.append(f"and {left} more")
        raise NodeError("bad_case", _sentence(case, problems[0]), "\n".join(hints))


def check_reason(reason: str, *, is_needed: bool) -> None:
    """Refuse a reason that is too long, or missing where one is needed.

    Raises:
        NodeError: reason_missing or reason_too_long.
    """
    if is_needed and not reason.strip():
        raise NodeError("reason_missing", "a change needs a reason", "say why with --reason")
    if len(reason) > limits.REASON_CHARACTERS:
        raise NodeError("reason_too_long", "the reason is too long")


def check_change(
    old: case_pb2.Case, new: case_pb2.Case, *, past: Collection[case_pb2.Case], has_more: bool
) -> None:
    """Refuse a change of what cannot be changed by hand, and one of nothing.

    `past` are all versions of the case, or none where no id comes back that had gone;
    `has_more` says that files come with it.

    Raises:
        NodeError: fixed_field, id_changed, id_used, file_fixed or nothing_changed.
    """
    for name in _FIXED:
        if getattr(old, name) != getattr(new, name):
            raise NodeError("fixed_field", f"{name} cannot be changed by hand")
    _check_ids(old, new)
    _check_new_ids(old, new, past)
    check_files(old, new)
    if not has_more and not differences(old, new):
        raise NodeError("nothing_changed", "the case says the same as before")


def check_files(old: case_pb2.Case, new: case_pb2.Case) -> None:
    """Refuse what a person says about the bytes of a file; the node knows that itself.

    Raises:
        NodeError: file_fixed.
    """
    before = {file.id: file for file in old.files}
    for file in new.files:
        known = before.get(file.id)
        facts = known if known is not None else case_pb2.CaseFile()
        for name in _FILE_FACTS:
            if getattr(file, name) != getattr(facts, name):
                raise NodeError("file_fixed", f"{name} of a file is set by the node alone")


def identifiers(case: case_pb2.Case) -> set[str]:
    """Return the ids of all elements of a case."""
    return set(_ids_in(case))


def _ids_in(message: Message) -> Iterator[str]:
    for field, held in message.ListFields():
        if field.message_type is None or is_leaf(field):
            continue
        has_ids = field.is_repeated and "id" in field.message_type.fields_by_name
        for each in held if field.is_repeated else (held,):
            if has_ids:
                yield each.id
            yield from _ids_in(each)


def never_attached() -> NodeError:
    """Return the refusal of child sexual abuse material, with the way to the authorities."""
    return NodeError(
        "never_attached",
        "child sexual abuse material is never kept here and never sent",
        "do not copy it; report it to the police or to the INHOPE hotline of your country\n"
        "record their reference with the authority: kind police_case or inhope_report",
    )


def _sentence(case: case_pb2.Case, problem: Problem) -> str:
    named = named_place(case, problem.path)
    # People may have made a name into an id, and an error holds none.
    place = named if _PLAIN_PLACE.fullmatch(named) else problem.path
    return f"{place} {_WORDS.get(problem.rule, 'breaks a rule')} ({problem.rule})"


def _check_ids(old: case_pb2.Case, new: case_pb2.Case) -> None:
    before, after = dict(_identified(old, "")), dict(_identified(new, ""))
    gone = {place: _bare(each) for place, each in before.items() if place not in after}
    # Taken out and put in again under another id: that is another id, not another child.
    came = {(_list(place), _bare(each)) for place, each in after.items() if place not in before}
    for place, body in gone.items():
        if (_list(place), body) in came:
            sentence = "the id of an element cannot be changed: peers know it by that id"
            raise NodeError("id_changed", sentence, f"it is one of {_uncounted(place)}")


def _identified(message: Message, place: str) -> Iterator[tuple[str, Message]]:
    """Yield every element that has an id, with its place."""
    for field, there, value in elements(message, place):
        if not isinstance(value, Message):
            continue
        here = there
        if field.is_repeated and "id" in value.DESCRIPTOR.fields_by_name:
            here = f"{joined(place, field.name)}[{getattr(value, 'id')}]"  # noqa: B009
            yield here, value
        yield from _identified(value, here)


def _bare(element: Message) -> bytes:
    """Return the content of an element, without its id."""
    bare = type(element)()
    bare.CopyFrom(element)
    bare.ClearField("id")
    return bare.SerializeToString(deterministic=True)


def _check_new_ids(old: case_pb2.Case, new: case_pb2.Case, past: Collection[case_pb2.Case]) -> None:
    came = identifiers(new) - identifiers(old)
    used = {each for case in past for each in identifiers(case)}
    # What was taken out may come back as it was: it is the same then.
    back = came & used
    known = {
        (place, _bare(element))
        for case in past if back
        for place, element in _identified(case, "") if _id(place) in back
    }  # fmt: skip
    for place, element in _identified(new, ""):
        if _id(place) in back and (place, _bare(element)) not in known:
            sentence = "an id that stood for something else in this case is never used again"
            raise NodeError("id_used", sentence, "peers may know the other by it: take a new id")


def _id(place: str) -> str:
    return place.rpartition("[")[2].rstrip("]")


def _uncounted(place: str) -> str:
    """Return the path of a place, without the ids in it."""
    return re.sub(r"\[[^]]*\]", "", place)


def _list(place: str) -> str:
    return place.rpartition("[")[0]
