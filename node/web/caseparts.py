"""A case as people read it: its parts, under each its elements, and what they are called.

An element of a list is called by its number ("Name 1 of child 1"), because its id ("c1")
says nothing to people. A field that names another element says who or what that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from google.protobuf.message import Message

from node.commands.arguments import Answer
from node.forms.pfif_out import full_name
from node.web.labels import Group, Row, english_label
from protocol.pb.homeward.v1 import case_pb2

Gettext = Callable[[str], str]

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<key>[^\]]*)\])?")
# What names an element of the case by its id, and the list in which it is.
_NAMING: Mapping[str, str] = MappingProxyType(
    {
        "child_id": "children",
        "child_ids": "children",
        "person_id": "persons",
        "made_by_person_id": "persons",
        "against_person_id": "persons",
        "applicant_person_id": "persons",
        "return_to_person_id": "persons",
        "file_id": "files",
        "evidence_file_id": "files",
        "order_id": "orders",
    }
)
_UNSAID = frozenset(
    {
        "id", "federated_id", "lead_node", "child_count", "digest", "metadata_removed",
        "size_bytes", "media_type",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a case ("children"), with the groups of rows in it."""

    name: str
    title: str
    groups: tuple[Group, ...]
    element: str = ""
    """Of a part that is shown element by element: its id."""


@dataclass(frozen=True, slots=True)
class Places:
    """What the places of one case are called in one language."""

    words: Gettext
    numbers: Mapping[str, int] = field(default_factory=dict)
    """By place of an element with an id ("children[c1]"): which one it is, from 1."""
    names: Mapping[str, str] = field(default_factory=dict)
    """By "children c1": what it is called, with a name where it has one."""

    def title(self, place: str) -> str:
        """Return what a place is called: "Name 1 of child 1"."""
        told: list[tuple[str, bool]] = []
        so_far = ""
        for step in place.split("."):
            match = _STEP.fullmatch(step)
            if match is None:
                continue
            so_far = f"{so_far}.{step}" if so_far else step
            words = self._step(match["name"], match["key"], so_far)
            told.append((words, match["key"] is not None))
        if not told:
            return self.words("Case")
        # A group between an element and what is in it says nothing that the two do not.
        *above, last = told
        said = [words for words, is_element in above if is_element]
        if not said and len(above) > 1:
            said = [above[-1][0]]
        return self._chain([*said, last[0]])

    def _step(self, name: str, key: str | None, so_far: str) -> str:
        _ = self.words
        if key is None:
            return _(english_label(name))
        number = int(key) + 1 if key.isdecimal() else self.numbers.get(so_far, 0)
        return f"{one_of(name, _)} {number or key}"

    def _chain(self, told: list[str]) -> str:
        _ = self.words
        text = told[0]
        for inner in told[1:]:
            text = of_whose(inner, text, _)
        return text


def places_of(case: case_pb2.Case, words: Gettext) -> Places:
    """Return what the elements of a case are called."""
    numbers: dict[str, int] = {}
    names: dict[str, str] = {}
    for name, place, element, number in _elements(case, ""):
        numbers[place] = number
        called = next((full_name(each) for each in getattr(element, "names", ())), "")
        title = f"{one_of(name, words)} {number}"
        names[f"{name} {getattr(element, 'id', '')}"] = f"{title} ({called})" if called else title
    return Places(words, numbers, names)


def _elements(message: Message, above: str) -> Iterator[tuple[str, str, Message, int]]:
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        here = f"{above}.{descriptor.name}" if above else descriptor.name
        if not descriptor.is_repeated:
            yield from _elements(value, here)
            continue
        for number, element in enumerate(value):
            key = getattr(element, "id", "") or str(number)
            place = f"{here}[{key}]"
            if getattr(element, "id", ""):
                yield descriptor.name, place, element, number + 1
            yield from _elements(element, place)


def parts_of(rows: Sequence[Answer], places: Places, *, is_by_element: bool = False) -> list[Part]:
    """Return rows of a case under its parts, each element in a group of its own."""
    found: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in rows:
        first, *rest = row["place"].split(".")
        match = _STEP.fullmatch(first)
        # "case" are the plain fields, and what stands around them.
        is_plain = match is None or not rest
        name = "case" if is_plain or match is None else match["name"]
        key = (match["key"] or "") if match is not None and is_by_element else ""
        above, _, last = row["place"].rpartition(".")
        shown = _row(row, last, places)
        if shown is None:
            continue
        groups = found.setdefault((name, key), {})
        lines = groups.setdefault(places.title(above) if above else places.words("Case"), [])
        lines.append(_joined(lines, shown))
    return [
        Part(
            name,
            places.words(english_label(name)),
            tuple(Group(title, tuple(lines)) for title, lines in groups.items()),
            key,
        )
        for (name, key), groups in found.items()
    ]


def _row(row: Answer, last: str, places: Places) -> Row | None:
    match = _STEP.fullmatch(last)
    name = match["name"] if match is not None else last
    if name in _UNSAID:
        return None
    text = row["text"]
    if name in _NAMING:
        text = places.names.get(f"{_NAMING[name]} {text}", text)
    if name == "authority_id":
        text = places.names.get(f"police {text}", places.names.get(f"authorities {text}", text))
    label = places.words(english_label(name))
    return Row(label, text, row["language"], row["path"], row["place"])


def _joined(lines: list[Row], row: Row) -> Row:
    """Return a row; values of one list come on one line."""
    if lines and lines[-1].label == row.label and lines[-1].language == row.language:
        before = lines.pop()
        return Row(row.label, f"{before.text}, {row.text}", row.language, row.path, row.place)
    return row


def of_whose(what: str, whose: str, _: Gettext) -> str:
    """Return what a part is called ("Name 1 of child 1")."""
    pattern = _("%(what)s of %(whose)s")
    # Where nouns are written small within others depends on the language; here in English.
    is_english = pattern == "%(what)s of %(whose)s" and not whose[1:2].isupper()
    within = f"{whose[:1].lower()}{whose[1:]}" if is_english else whose
    return pattern % {"what": what, "whose": within}


# More than there are names of lists in all languages.
@lru_cache(maxsize=4096)
def one_of(name: str, _: Gettext) -> str:
    """Return what one element of a list is called."""
    words = {
        "child_wishes": _("Wishes"),
        "children": _("Child"),
        "names": _("Name"),
        "identity_documents": _("Document"),
        "contact_points": _("Telephone or address"),
        "vulnerabilities": _("Danger or need"),
        "marks": _("Mark"),
        "intimate_marks": _("Intimate mark"),
        "clothing": _("Garment"),
        "items_carried": _("Item carried"),
        "journeys": _("Journey"),
        "believed_destinations": _("Believed destination"),
        "sightings": _("Sighting"),
        "contacts_since": _("Contact since"),
        "publications": _("Publication"),
        "persons": _("Person"),
        "relations": _("Relation"),
        "vehicles": _("Vehicle"),
        "police": _("Police office"),
        "authorities": _("Authority"),
        "references": _("Reference number"),
        "wishes": _("Wish"),
        "files": _("File"),
        "custody": _("Custody right"),
        "orders": _("Court order"),
        "removals": _("Removal"),
        "applications": _("Application"),
        "criminal_complaints": _("Criminal complaint"),
        "consents": _("Consent"),
        "sources": _("Source"),
        "internal_notes": _("Internal note"),
        "linked_cases": _("Linked case"),
    }
    return words.get(name) or _(english_label(name))
