"""Forms made from the data dictionary: one part of a case at a time.

The name of an input is the place of its field (`node.cases.editing`), with the part of a
value behind a hash: "children[c1].date_of_birth#year". What comes back is compared with what
is there, and only what differs becomes a change. Under each list stands one empty element;
what stays empty is no change, so that nothing has to be asked of the server in between.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from node.web.forms import Form
from node.web.labels import english_label
from protocol.disclosure.dictionary import Share, is_leaf, max_length, share_of
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabulary import label, offered, vocabulary_of

Gettext = Callable[[str], str]
# What the node fills in by itself, or another page does.
_KEYS = re.compile(r"\[[^\]]*\]")
_OWN_FIELDS = frozenset({"id", "federated_id", "lead_node", "child_count", "files"})
# Longer lists are typed into, with suggestions.
LONGEST_SELECT = 40
LONG_TEXT = 400
# How deep empty elements stand within empty elements.
DEEPEST_NEW = 3
# The parts of a value that is made of several inputs.
_PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Text": ("text", "language"),
        "PartialDate": ("day", "month", "year", "precision"),
        "Moment": ("date", "time", "precision"),
        "MomentRange": ("earliest_date", "earliest_time", "latest_date", "latest_time"),
        "NumberRange": ("at_least", "at_most", "certainty"),
        "Coordinates": ("latitude", "longitude"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a form."""

    name: str
    label: str
    kind: str
    """text, long, lines, number, date, time, select, or suggest (with `list` of options)."""
    values: tuple[str, ...] = ()
    vocabulary: str = ""
    is_many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One field: its inputs, and how far it may travel."""

    place: str
    label: str
    share: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The fields of one message; below it further ones."""

    place: str
    title: str
    questions: tuple[Question, ...]
    blocks: tuple[Block, ...] = ()
    makes: str = ""
    """Of an element that is not there yet: its place as the first change of it spells it."""
    can_go: bool = False
    counted: str = ""
    """The place with elements by number, as faults name it."""

    @property
    def is_new(self) -> bool:
        """Whether the element is not there yet."""
        return bool(self.makes)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message stands: by the keys of elements, and by their numbers."""

    place: str
    counted: str

    def below(self, name: str) -> Spot:
        """Return the spot of a field."""
        dot = "." if self.place else ""
        return Spot(f"{self.place}{dot}{name}", f"{self.counted}{dot}{name}")

    def element(self, key: str, number: int) -> Spot:
        """Return the spot of an element of this list."""
        return Spot(f"{self.place}[{key}]", f"{self.counted}[{number}]")


def sections() -> list[str]:
    """Return the parts of a case that have a form each; "case" are its plain fields."""
    groups = [f.name for f in case_pb2.Case.DESCRIPTOR.fields if f.message_type is not None]
    return ["case", *(name for name in groups if name not in _OWN_FIELDS)]


def section_blocks(case: case_pb2.Case, section: str, _: Gettext) -> list[Block]:
    """Return the form of one part of a case."""
    if section == "case":
        return [Block(place="", title=_("Case"), questions=tuple(_questions(case, "", _)))]
    field = _descriptor(case).fields_by_name[section]
    return list(_blocks_of(case, field, Spot("", ""), _, depth=0))


def new_case_block(section: str, _: Gettext) -> list[Block]:
    """Return the empty form of one part of a new case."""
    return section_blocks(case_pb2.Case(), section, _)


def _blocks_of(
    message: Message, field: FieldDescriptor, above: Spot, _: Gettext, *, depth: int
) -> Iterator[Block]:
    title, here = _(english_label(field.name)), above.below(field.name)
    if not field.is_repeated:
        yield _block(getattr(message, field.name), here, title, _, depth=depth)
        return
    element_type = cast(Descriptor, field.message_type)
    has_ids = "id" in element_type.fields_by_name
    held = list(getattr(message, field.name))
    for number, element in enumerate(held):
        spot = here.element(element.id if has_ids else str(number), number)
        block = _block(element, spot, f"{title} {number + 1}", _, depth=depth)
        yield replace(block, can_go=True)
    if depth < DEEPEST_NEW:
        key = _free_id(field.name, [e.id for e in held]) if has_ids else str(len(held))
        makes = f"{here.place}[+{key}]" if has_ids else f"{here.place}[+]"
        empty, spot = GetMessageClass(element_type)(), here.element(key, len(held))
        block = _block(empty, spot, f"{title} {len(held) + 1}", _, depth=depth + 1)
        yield replace(block, makes=makes)


def _block(message: Message, spot: Spot, title: str, _: Gettext, *, depth: int) -> Block:
    blocks: list[Block] = []
    for field in _descriptor(message).fields:
        if field.message_type is not None and not is_leaf(field):
            blocks += _blocks_of(message, field, spot, _, depth=depth + 1)
    return Block(
        place=spot.place,
        counted=spot.counted,
        title=title,
        questions=tuple(_questions(message, spot.place, _)),
        blocks=tuple(blocks),
    )


def _descriptor(message: Message) -> Descriptor:
    # One of two spellings of the same type, to the type checker.
    return cast(Descriptor, message.DESCRIPTOR)


def _free_id(name: str, taken: list[str]) -> str:
    number = len(taken) + 1
    while f"{name[0]}{number}" in taken:
        number += 1
    return f"{name[0]}{number}"


def _questions(message: Message, above: str, _: Gettext) -> Iterator[Question]:
    for field in _descriptor(message).fields:
        if not is_leaf(field) or field.name in _OWN_FIELDS:
            continue
        if field.type == FieldDescriptor.TYPE_BYTES:
            continue
        place = f"{above}.{field.name}" if above else field.name
        share = share_of(field)
        yield Question(
            place=place,
            label=_(english_label(field.name)),
            share=share.name.lower() if share >= Share.SENSITIVE else "",
            inputs=tuple(_inputs(message, field, place, _)),
        )


def _inputs(message: Message, field: FieldDescriptor, place: str, _: Gettext) -> Iterator[Input]:
    title = _(english_label(field.name))
    if field.message_type is None:
        held = getattr(message, field.name)
        values = tuple(map(str, held)) if field.is_repeated else (str(held or ""),)
        yield _plain_input(field, place, title, values)
        return
    if field.is_repeated:
        # Values of several parts, one after another: each of them as a text of its own.
        lines = tuple(each.text for each in getattr(message, field.name) if hasattr(each, "text"))
        yield Input(name=place, label=title, kind="lines", values=lines)
        return
    parts = _parts(getattr(message, field.name), has_value=message.HasField(field.name))
    for part in _PARTS.get(field.message_type.name, ()):
        words = title if part in ("text", "date") else f"{title}: {_(english_label(part))}"
        yield _part_input(field, f"{place}#{part}", words, parts.get(part, ""), part)


def _plain_input(field: FieldDescriptor, place: str, title: str, values: tuple[str, ...]) -> Input:
    vocabulary = vocabulary_of(field)
    if vocabulary:
        kind = "select" if len(offered(vocabulary)) <= LONGEST_SELECT else "suggest"
    elif field.is_repeated:
        kind = "lines"
    elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        kind = "long" if max_length(field) > LONG_TEXT else "text"
    else:
        kind = "number"
    return Input(
        name=place,
        label=title,
        kind=kind,
        values=values,
        vocabulary=vocabulary,
        is_many=field.is_repeated,
    )


def _part_input(field: FieldDescriptor, name: str, title: str, value: str, part: str) -> Input:
    kinds = {
        "text": "long",
        "date": "date",
        "earliest_date": "date",
        "latest_date": "date",
        "time": "time",
        "earliest_time": "time",
        "latest_time": "time",
        "language": "text",
        "latitude": "text",
        "longitude": "text",
    }
    if part in ("precision", "certainty"):
        parts = cast(Descriptor, field.message_type).fields_by_name
        vocabulary = vocabulary_of(parts[part])
        return Input(name=name, label=title, kind="select", values=(value,), vocabulary=vocabulary)
    return Input(name=name, label=title, kind=kinds.get(part, "number"), values=(value,))


# --- values and their parts


def _parts(value: Message, *, has_value: bool) -> dict[str, str]:
    if not has_value:
        return {}
    if isinstance(value, case_pb2.Text):
        return {"text": value.text, "language": value.language}
    if isinstance(value, case_pb2.PartialDate):
        numbers = {name: getattr(value, name) for name in ("day", "month", "year")}
        shown = {name: str(number) if number else "" for name, number in numbers.items()}
        return {**shown, "precision": value.precision}
    if isinstance(value, case_pb2.Moment):
        date, time = _date_time(value)
        return {"date": date, "time": time, "precision": value.precision}
    if isinstance(value, case_pb2.MomentRange):
        (from_date, from_time), (to_date, to_time) = (
            _date_time(value.earliest),
            _date_time(value.latest),
        )
        return {
            "earliest_date": from_date,
            "earliest_time": from_time,
            "latest_date": to_date,
            "latest_time": to_time,
        }
    if isinstance(value, case_pb2.NumberRange):
        return {
            "at_least": str(value.at_least) if value.HasField("at_least") else "",
            "at_most": str(value.at_most) if value.HasField("at_most") else "",
            "certainty": value.certainty,
        }
    if isinstance(value, case_pb2.Coordinates):
        return {
            "latitude": f"{value.latitude_hundredths / 100:.2f}",
            "longitude": f"{value.longitude_hundredths / 100:.2f}",
        }
    return {}


def _date_time(moment: case_pb2.Moment) -> tuple[str, str]:
    if not moment.at_ms:
        return "", ""
    at = datetime.fromtimestamp(moment.at_ms / 1000, tz=UTC).astimezone()
    has_time = moment.precision not in ("day", "month", "year")
    return at.strftime("%Y-%m-%d"), at.strftime("%H:%M") if has_time else ""


# --- what comes back


def input_of(blocks: list[Block], counted: str) -> str:
    """Return the input for a place that counts elements ("children[0].sex"); empty: none."""
    for block in _all_blocks(blocks):
        for question in block.questions:
            above, _, name = question.place.rpartition(".")
            mine = f"{block.counted}.{name}" if above else name
            if mine == counted:
                return question.inputs[0].name
    return ""


def changes(blocks: list[Block], form: Form) -> tuple[list[str], list[str]]:
    """Return what a form changes: "place=value" each, and the places that go."""
    gone = form.texts("remove")
    values = {
        question.place: change
        for block in _all_blocks(blocks)
        if not any(block.place.startswith(place) for place in gone)
        for question in block.questions
        if (change := _change(question, form)) is not None
    }
    unmade = {block.place: block.makes for block in _all_blocks(blocks) if block.makes}
    return [f"{_spelled(place, unmade)}={value}" for place, value in values.items()], gone


def _spelled(place: str, unmade: dict[str, str]) -> str:
    """Return a place that makes the elements on its way that are not there yet."""
    for element in sorted(unmade, key=len):
        if place.startswith(f"{element}."):
            # From here on it is there, and is called by its key.
            makes = unmade.pop(element)
            return f"{makes}{_spelled(place, unmade)[len(element) :]}"
    return place


def _all_blocks(blocks: list[Block] | tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        yield from _all_blocks(block.blocks)


def only_asking(blocks: list[Block] | tuple[Block, ...], paths: frozenset[str]) -> list[Block]:
    """Return the blocks with those questions alone that are about these paths."""
    kept = []
    for block in blocks:
        below = only_asking(block.blocks, paths)
        questions = tuple(each for each in block.questions if _path(each.place) in paths)
        if questions or below:
            kept.append(replace(block, questions=questions, blocks=tuple(below)))
    return kept


def _path(place: str) -> str:
    return _KEYS.sub("", place)


def _change(question: Question, form: Form) -> str | None:
    """Return the new value of a field, as `node.cases.editing` reads it; None: as it was."""
    if "#" in question.inputs[0].name:
        before = {each.name.rpartition("#")[2]: each.values[0] for each in question.inputs}
        after = {each.name.rpartition("#")[2]: form.text(each.name) for each in question.inputs}
        return None if after == before else _value_text(after)
    (only,) = question.inputs
    if only.kind == "lines":
        values = tuple(line for line in form.text(only.name).splitlines() if line.strip())
    elif only.is_many:
        values = tuple(form.texts(only.name))
    else:
        values = (form.text(only.name),)
    if values == only.values or not (any(values) or any(only.values)):
        return None
    return ",".join(values)


def _value_text(parts: Mapping[str, str]) -> str:
    """Return the parts of a value as JSON; empty when nothing is there."""
    filled = {name: text for name, text in parts.items() if text}
    if not filled:
        return ""
    if "text" in parts:
        return _json(text=parts["text"], language=parts["language"] or "en")
    if "year" in parts:
        return _partial_date(filled)
    if "date" in parts:
        return _json(**_moment(filled, "date", "time"))
    if "earliest_date" in parts:
        ends = {
            end: _moment(filled, f"{end}_date", f"{end}_time")
            for end in ("earliest", "latest")
            if f"{end}_date" in filled
        }
        return _json(**ends)
    if "latitude" in parts:
        return f"{parts['latitude']},{parts['longitude']}"
    return _json(**{_CAMEL.get(name, name): text for name, text in filled.items()})


_CAMEL = {"at_least": "atLeast", "at_most": "atMost"}


def _partial_date(filled: Mapping[str, str]) -> str:
    finest = next((part for part in ("day", "month", "year") if part in filled), "")
    values = {part: filled[part] for part in ("year", "month", "day") if part in filled}
    return _json(**values, precision=filled.get("precision") or finest)


def _moment(filled: Mapping[str, str], date: str, time: str) -> dict[str, str]:
    if date not in filled:
        return {"precision": filled.get("precision", "")}
    text = f"{filled[date]}T{filled.get(time, '00:00')}"
    at = datetime.fromisoformat(text).astimezone()
    precision = filled.get("precision") or ("minute" if time in filled else "day")
    return {"atMs": str(int(at.timestamp() * 1000)), "precision": precision, "zone": _zone(at)}


def _zone(at: datetime) -> str:
    text = at.strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def _json(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False)


def options(vocabulary: str, language: str) -> list[tuple[str, str]]:
    """Return the codes of a list with their words."""
    return [(code, label(vocabulary, code, language)) for code in offered(vocabulary)]


def case_json(case: case_pb2.Case) -> str:
    """Return a case as the commands take it."""
    return json_format.MessageToJson(case, preserving_proto_field_name=True)
