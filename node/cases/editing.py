"""Single fields of a case, named by a place and given as text.

A place is a path of the dictionary in which each list says which element is meant:

    children[c1].sex                  the element with this id
    children[c1].names[0].given       where elements have no id: its number, from 0
    children[+c2].sex                 a new element with this id
    children[c1].names[+].full        a new element, behind the others
    countries_to                      a list of plain values, all of it

A value reads as people write it: a date 2012-05-17, 2012-05 or 2012; a time
2026-11-22T14:30+01:00, or a date; two times with a slash between; a number 155, a range
155-160, 155- or -160; coordinates 50.47,4.87; a text with its language before it,
nl:Tekst. A tilde at the end says estimated. In place of a date, time or number stands a
code where there is none: unknown, not_asked, withheld. What begins with { is JSON, and
nothing at all empties the field. No error repeats a value, which may be a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from node.errors import ArgumentError
from protocol.disclosure.dictionary import is_leaf
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabularies.terms import NO_ANSWER

_STEP = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?:\[(?P<key>\+?[a-z0-9_-]*)\])?")
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?P<about>~?)")
_NUMBERS = re.compile(r"(?P<least>\d*)(?P<to>-?)(?P<most>\d*)(?P<about>~?)")
_TEXT = re.compile(r"(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*):(?P<text>.*)", re.DOTALL)
_PRECISION = ("year", "month", "day")
_NEW = "+"


@dataclass(frozen=True, slots=True)
class _Step:
    """One name of a place, and which element of it: "" for none, "+" or "+c2" for a new one."""

    name: str
    key: str


def assign(case: case_pb2.Case, place: str, text: str) -> None:
    """Put a value into a field of a case; nothing at all empties it.

    Raises:
        ArgumentError: bad_place or bad_value; the case may be changed in part, so that
            nobody should keep it.
    """
    message, field, key = _found(case, place)
    if not text:
        _empty(message, field, key)
    elif field.message_type is not None and not is_leaf(field) and not text.startswith("{"):
        raise _bad_place("a group is set field by field, or as JSON", field.message_type)
    elif field.is_repeated and not key and field.message_type is None:
        message.ClearField(field.name)
        getattr(message, field.name).extend(_plain(field, part) for part in text.split(","))
    elif field.message_type is None:
        _put_plain(message, field, key, _plain(field, text))
    else:
        _fill(_element(message, field, key), text)


def remove(case: case_pb2.Case, place: str) -> None:
    """Take a field or an element out of a case.

    Raises:
        ArgumentError: bad_place.
    """
    message, field, key = _found(case, place)
    if key.startswith(_NEW):
        raise _bad_place("what is new cannot be taken out")
    _empty(message, field, key)


def _found(case: case_pb2.Case, place: str) -> tuple[Message, FieldDescriptor, str]:
    """Return the message in which a place ends, its last field, and which element of it."""
    message: Message = case
    steps = [_step(part) for part in place.split(".")]
    for step in steps[:-1]:
        field = _field(message, step.name)
        if field.message_type is None or is_leaf(field):
            raise _bad_place("a place goes on behind a value")
        message = _element(message, field, step.key)
    return message, _field(message, steps[-1].name), steps[-1].key


def _step(part: str) -> _Step:
    match = _STEP.fullmatch(part)
    if match is None:
        raise _bad_place("a place is not of the form children[c1].sex")
    return _Step(match["name"], match["key"] or "")


def _field(message: Message, name: str) -> FieldDescriptor:
    descriptor = cast(Descriptor, message.DESCRIPTOR)
    if name not in descriptor.fields_by_name:
        raise _bad_place("a place names no field of the dictionary", descriptor)
    return descriptor.fields_by_name[name]


def _element(message: Message, field: FieldDescriptor, key: str) -> Message:
    """Return the message that a step means; a new one when it says so."""
    held: Any = getattr(message, field.name)
    if not field.is_repeated:
        if key:
            raise _bad_place(f"{field.name} is no list")
        held.SetInParent()
        return cast(Message, held)
    has_ids = field.message_type is not None and "id" in field.message_type.fields_by_name
    if key.startswith(_NEW):
        identifier = key.removeprefix(_NEW)
        if has_ids != bool(identifier):
            form = f"{field.name}[+id]" if has_ids else f"{field.name}[+]"
            raise _bad_place(f"a new element is written {form}")
        if has_ids and any(each.id == identifier for each in held):
            raise _bad_place(f"{field.name} has an element with this id")
        return cast(Message, held.add(id=identifier) if has_ids else held.add())
    return cast(Message, held[_number(held, field.name, key, has_ids=has_ids)])


def _number(held: Any, name: str, key: str, *, has_ids: bool) -> int:  # noqa: ANN401
    """Return at which number of a list an element stands."""
    if has_ids:
        numbers = [number for number, each in enumerate(held) if key and each.id == key]
    else:
        numbers = [int(key)] if key.isdecimal() and int(key) < len(held) else []
    if not numbers:
        raise _bad_place(f"{name} has no such element")
    return numbers[0]


def _empty(message: Message, field: FieldDescriptor, key: str) -> None:
    if not key:
        message.ClearField(field.name)
        return
    if not field.is_repeated:
        raise _bad_place(f"{field.name} is no list")
    held = getattr(message, field.name)
    has_ids = field.message_type is not None and "id" in field.message_type.fields_by_name
    del held[_number(held, field.name, key, has_ids=has_ids)]


def _plain(field: FieldDescriptor, text: str) -> str | int:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        if field.type == FieldDescriptor.TYPE_BYTES:
            raise _bad_value("this field cannot be written by hand")
        return text.strip() if field.is_repeated else text
    if not text.isdecimal():
        raise _bad_value("a value is no whole number")
    return int(text)


def _put_plain(message: Message, field: FieldDescriptor, key: str, value: str | int) -> None:
    try:
        if not field.is_repeated:
            if key:
                raise _bad_place(f"{field.name} is no list")
            setattr(message, field.name, value)
        elif key == _NEW:
            getattr(message, field.name).append(value)
        else:
            held = getattr(message, field.name)
            held[_number(held, field.name, key, has_ids=False)] = value
    except ValueError:
        raise _bad_value("a number is out of range") from None


def _fill(message: Message, text: str) -> None:
    """Put a value, or a group in JSON, into a message; an id that it has stays."""
    identifier = getattr(message, "id", "")
    message.Clear()
    if text.startswith("{"):
        try:
            json_format.Parse(text, message)
        except json_format.ParseError:
            raise _bad_value("a value is not the JSON of its field") from None
        if identifier:
            setattr(message, "id", identifier)  # noqa: B010  the type is not known here
        return
    _READERS[message.DESCRIPTOR.name](message, text)


def _read_text(message: Any, text: str) -> None:  # noqa: ANN401
    match = _TEXT.fullmatch(text)
    if match is None:
        raise _bad_value("a text has its language before it", "nl:Zij heeft gebeld")
    message.text, message.language = match["text"].strip(), match["language"]


def _read_date(message: Any, text: str) -> None:  # noqa: ANN401
    if text in NO_ANSWER:
        message.precision = text
        return
    match = _DATE.fullmatch(text)
    if match is None:
        raise _bad_value("a value is no date", "2012-05-17, 2012-05, 2012 or unknown")
    known = [name for name in _PRECISION if match[name]]
    for name in known:
        setattr(message, name, int(match[name]))
    message.precision = "estimated" if match["about"] else known[-1]


def _read_moment(message: Any, text: str) -> None:  # noqa: ANN401
    if text in NO_ANSWER:
        message.precision = text
        return
    told = text.removesuffix("~")
    match = _DATE.fullmatch(told)
    try:
        if match is not None:
            known = [name for name in _PRECISION if match[name]]
            numbers = [int(match[name] or 1) for name in _PRECISION]
            at, precision = datetime(*numbers, tzinfo=UTC), known[-1]  # type: ignore[arg-type, misc]
        else:
            at, precision = datetime.fromisoformat(told), "minute"
    except ValueError:
        example = "2026-11-22T14:30+01:00, 2026-11-22 or unknown"
        raise _bad_value("a value is no time", example) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    elif match is None and at.utcoffset():
        message.zone = at.strftime("%z")[:3] + ":" + at.strftime("%z")[3:5]
    message.at_ms = int(at.timestamp() * 1000)
    message.precision = "estimated" if text.endswith("~") else precision


def _read_moments(message: Any, text: str) -> None:  # noqa: ANN401
    earliest, slash, latest = text.partition("/")
    for name, part in (("earliest", earliest), ("latest", latest if slash else earliest)):
        if part:
            _read_moment(getattr(message, name), part)


def _read_numbers(message: Any, text: str) -> None:  # noqa: ANN401
    if text in NO_ANSWER:
        message.certainty = text
        return
    match = _NUMBERS.fullmatch(text)
    if match is None or not (match["least"] or match["most"]):
        raise _bad_value("a value is no number or range", "155, 155-160, 155- or unknown")
    most = match["most"] if match["to"] else match["least"]
    try:
        if match["least"]:
            message.at_least = int(match["least"])
        if most:
            message.at_most = int(most)
    except ValueError:
        raise _bad_value("a number is out of range") from None
    message.certainty = "estimated" if match["about"] else ""


def _read_coordinates(message: Any, text: str) -> None:  # noqa: ANN401
    try:
        latitude, longitude = (round(float(part) * 100) for part in text.split(","))
        message.latitude_hundredths, message.longitude_hundredths = latitude, longitude
    except (ValueError, OverflowError):
        raise _bad_value("a value is no place", "50.47,4.87") from None


_READERS: Mapping[str, Callable[[Any, str], None]] = MappingProxyType(
    {
        "Text": _read_text,
        "PartialDate": _read_date,
        "Moment": _read_moment,
        "MomentRange": _read_moments,
        "NumberRange": _read_numbers,
        "Coordinates": _read_coordinates,
    }
)


def _bad_place(sentence: str, descriptor: Descriptor | None = None) -> ArgumentError:
    fields = ", ".join(field.name for field in descriptor.fields) if descriptor else ""
    return ArgumentError("bad_place", sentence, f"its fields: {fields}" if fields else "")


def _bad_value(sentence: str, example: str = "") -> ArgumentError:
    return ArgumentError("bad_value", sentence, example)
