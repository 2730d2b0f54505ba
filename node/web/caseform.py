"""Forms made from the data dictionary: one part of a case at a time.

The name of an input is the place of its field (`node.cases.editing`), with the part of a
value behind a hash: "children[c1].date_of_birth#year". What comes back is compared with what
is there, and only what differs becomes a change. Under each list stands one empty element;
what stays empty is no change, so that nothing has to be asked of the server in between.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from node.web.caselayout import FIRST, group_words, help_words
from node.web.caseparts import of_whose, one_of
from node.web.casevalues import Input, Tongue, change_of, inputs_of
from node.web.forms import Form
from node.web.labels import english_label
from protocol.disclosure.dictionary import Share, is_leaf, share_of
from protocol.pb.homeward.v1 import case_pb2

_KEYS = re.compile(r"\[[^\]]*\]")
_LAST_KEY = re.compile(r"\[\d+\]$")
# What the node fills in by itself, or another page does.
_OWN_FIELDS = frozenset(
    {
        "id", "federated_id", "lead_node", "child_count", "media_type", "size_bytes",
        "metadata_removed",
    }
)  # fmt: skip
# What is asked of an element that is new itself; the rest can be added when it is there.
_WITH_NEW = frozenset({"names", "contact_points", "references", "relations"})
# New ones come with a file, on a page of their own.
_FILES = "files"
# How deep empty elements stand within empty elements.
DEEPEST_NEW = 3
# More than there are messages in all languages.
MESSAGES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One field: its inputs, and how far it may travel."""

    place: str
    label: str
    share: str
    inputs: tuple[Input, ...]
    hint: str = ""
    group: str = ""
    """The heading under which it stands; empty for none."""
    is_more: bool = False
    """Whether it is seen only when somebody asks for more."""


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

    @property
    def is_empty(self) -> bool:
        """Whether nothing is recorded in it."""
        held = any(each.is_held for question in self.questions for each in question.inputs)
        return not held and all(block.is_empty for block in self.blocks)

    @property
    def leading(self) -> list[Block]:
        """The blocks that come before its own fields: whoever it is, the name comes first."""
        return [block for block in self.blocks if _is_name(block)]

    @property
    def following(self) -> list[Block]:
        """The blocks that come after its own fields."""
        return [block for block in self.blocks if not _is_name(block)]

    @property
    def groups(self) -> list[tuple[str, list[Question]]]:
        """What is seen at once, under its headings."""
        found: dict[str, list[Question]] = {}
        for question in self.questions:
            if not question.is_more:
                found.setdefault(question.group, []).append(question)
        return list(found.items())

    @property
    def more(self) -> list[Question]:
        """What is seen only when somebody asks for more."""
        return [question for question in self.questions if question.is_more]


def _is_name(block: Block) -> bool:
    return _path(block.place).rpartition(".")[2] == "names"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message stands: by the keys of elements, and by their numbers."""

    place: str
    counted: str
    whose: str = ""
    """The element in which it is ("Child 1")."""
    is_new: bool = False
    """Whether that element is not there yet."""
    used_ids: frozenset[str] = frozenset()
    """Ids that ever stood for somebody in this case, and that nobody else gets."""

    def below(self, name: str) -> Spot:
        """Return the spot of a field."""
        dot = "." if self.place else ""
        return replace(self, place=f"{self.place}{dot}{name}", counted=f"{self.counted}{dot}{name}")

    def element(self, key: str, number: int, title: str, *, is_new: bool = False) -> Spot:
        """Return the spot of an element of this list."""
        return replace(
            self,
            place=f"{self.place}[{key}]",
            counted=f"{self.counted}[{number}]",
            whose=title,
            is_new=is_new,
        )

    def title(self, what: str, tongue: Tongue) -> str:
        """Return what a thing at this spot is called ("Name 1 of child 1")."""
        if not self.whose:
            return what
        return of_whose(what, self.whose, tongue.words)


def sections() -> list[str]:
    """Return the parts of a case that have a form each; "case" are its plain fields."""
    fields = _descriptor(case_pb2.Case()).fields
    groups = [f.name for f in fields if f.message_type is not None and not is_leaf(f)]
    return ["case", *groups]


def section_blocks(
    case: case_pb2.Case, section: str, tongue: Tongue, used_ids: Collection[str] = ()
) -> list[Block]:
    """Return the form of one part of a case; `used_ids` are for nobody new."""
    if section == "case":
        title = tongue.words("Case")
        return [Block(place="", title=title, questions=tuple(_questions(case, "", tongue)))]
    field = _descriptor(case).fields_by_name[section]
    top = Spot("", "", used_ids=frozenset(used_ids))
    return list(_blocks_of(case, field, top, tongue, depth=0))


def new_case_block(section: str, tongue: Tongue) -> list[Block]:
    """Return the empty form of one part of a new case."""
    return section_blocks(case_pb2.Case(), section, tongue)


def _blocks_of(
    message: Message, field: FieldDescriptor, above: Spot, tongue: Tongue, *, depth: int
) -> Iterator[Block]:
    here = above.below(field.name)
    if not field.is_repeated:
        title = above.title(tongue.words(english_label(field.name)), tongue)
        yield _block(getattr(message, field.name), here, title, tongue, depth=depth)
        return
    element_type = cast(Descriptor, field.message_type)
    has_ids = "id" in element_type.fields_by_name
    held = list(getattr(message, field.name))
    one = one_of(field.name, tongue.words)
    for number, element in enumerate(held):
        title = above.title(f"{one} {number + 1}", tongue)
        spot = here.element(element.id if has_ids else str(number), number, title)
        block = _block(element, spot, title, tongue, depth=depth)
        yield replace(block, can_go=True)
    is_wanted = not above.is_new or field.name in _WITH_NEW
    if depth < DEEPEST_NEW and is_wanted and field.name != _FILES:
        key = (
            _free_id(field.name, {*above.used_ids, *(e.id for e in held)})
            if has_ids
            else str(len(held))
        )
        makes = f"{here.place}[+{key}]" if has_ids else f"{here.place}[+]"
        title = above.title(f"{one} {len(held) + 1}", tongue)
        empty, spot = (
            GetMessageClass(element_type)(),
            here.element(key, len(held), title, is_new=True),
        )
        block = _block(empty, spot, title, tongue, depth=depth + 1)
        yield replace(block, makes=makes)


def _block(message: Message, spot: Spot, title: str, tongue: Tongue, *, depth: int) -> Block:
    blocks: list[Block] = []
    for field in _descriptor(message).fields:
        if field.message_type is not None and not is_leaf(field):
            blocks += _blocks_of(message, field, spot, tongue, depth=depth + 1)
    return Block(
        place=spot.place,
        counted=spot.counted,
        title=title,
        questions=tuple(_questions(message, spot.place, tongue)),
        blocks=tuple(blocks),
    )


def _descriptor(message: Message) -> Descriptor:
    # One of two spellings of the same type, to the type checker.
    return cast(Descriptor, message.DESCRIPTOR)


def _free_id(name: str, taken: set[str]) -> str:
    number = 1
    while f"{name[0]}{number}" in taken:
        number += 1
    return f"{name[0]}{number}"


def _questions(message: Message, above: str, tongue: Tongue) -> Iterator[Question]:
    """Yield the fields of a message: those that matter first, then the others."""
    for asked in _asked(_descriptor(message), tongue):
        place = f"{above}.{asked.field.name}" if above else asked.field.name
        inputs = tuple(inputs_of(message, asked.field, place, tongue))
        yield Question(
            place=place,
            label=asked.label,
            share=asked.share,
            inputs=inputs,
            hint=asked.hint,
            group=asked.group,
            # What is recorded is seen, wherever it stands.
            is_more=asked.is_further and not any(each.is_held for each in inputs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked of a field, whatever is recorded; `is_further`: others matter first."""

    field: FieldDescriptor
    label: str
    share: str
    hint: str
    group: str
    is_further: bool


# A form of a large case asks the same of each of its elements.
@lru_cache(maxsize=MESSAGES)
def _asked(descriptor: Descriptor, tongue: Tongue) -> tuple[_Asked, ...]:
    """Return what is asked of the fields of a message, in their order."""
    of, fields, words = descriptor.name, descriptor.fields_by_name, tongue.words
    first = {name: group for group, names in FIRST.get(of, ()) for name in names}
    order = [*first, *(name for name in fields if name not in first)]
    return tuple(
        _Asked(
            field=field,
            label=words(english_label(field.name)),
            share=share_of(field).name.lower() if share_of(field) >= Share.SENSITIVE else "",
            hint=help_words(of, field.name, words),
            group=group_words(first.get(field.name, ""), words),
            is_further=bool(first) and field.name not in first,
        )
        for field in map(fields.__getitem__, order)
        if is_leaf(field)
        and field.name not in _OWN_FIELDS
        and field.type != FieldDescriptor.TYPE_BYTES
    )


# --- what comes back


def input_of(blocks: list[Block], place: str) -> str:
    """Return the input for a place, by ids or by numbers of elements; empty: none."""
    wanted = {place, _LAST_KEY.sub("", place)}
    for block in all_blocks(blocks):
        for question in block.questions:
            name = question.place.rpartition(".")[2]
            counted = f"{block.counted}.{name}" if block.counted else name
            if wanted & {counted, question.place}:
                return question.inputs[0].name
    return ""


def changes(blocks: list[Block], form: Form) -> tuple[list[str], list[str]]:
    """Return what a form changes: "place=value" each, and the places that go.

    What cannot be read becomes a fault of the form, at its input.
    """
    gone = form.texts("remove")
    unmade = {block.place: block.makes for block in all_blocks(blocks) if block.makes}
    found = []
    for question in changed_questions(blocks, form, gone):
        place = _spelled(question.place, unmade)
        for key, value in change_of(question.inputs, form) or ():
            found.append(f"{place}{key}={value}")
    return found, gone


def changed_questions(blocks: list[Block], form: Form, gone: list[str]) -> Iterator[Question]:
    """Yield the questions to which a form says something else than is recorded."""
    for block in all_blocks(blocks):
        if any(block.place.startswith(place) for place in gone):
            continue
        for question in block.questions:
            if change_of(question.inputs, form) is not None:
                yield question


def _spelled(place: str, unmade: dict[str, str]) -> str:
    """Return a place that makes the elements on its way that are not there yet."""
    for element in sorted(unmade, key=len):
        if place.startswith(f"{element}."):
            # From here on it is there, and is called by its key.
            makes = unmade.pop(element)
            return f"{makes}{_spelled(place, unmade)[len(element) :]}"
    return place


def all_blocks(blocks: list[Block] | tuple[Block, ...]) -> Iterator[Block]:
    """Yield blocks and all that stand within them."""
    for block in blocks:
        yield block
        yield from all_blocks(block.blocks)


def only_asking(blocks: list[Block] | tuple[Block, ...], paths: frozenset[str]) -> list[Block]:
    """Return the blocks with those questions alone that are about these paths."""
    kept = []
    for block in blocks:
        below = only_asking(block.blocks, paths)
        questions = tuple(
            replace(each, is_more=False) for each in block.questions if _path(each.place) in paths
        )
        if questions or below:
            kept.append(replace(block, questions=questions, blocks=tuple(below)))
    return kept


def _path(place: str) -> str:
    return _KEYS.sub("", place)


def case_json(case: case_pb2.Case) -> str:
    """Return a case as the commands take it."""
    return json_format.MessageToJson(case, preserving_proto_field_name=True)
