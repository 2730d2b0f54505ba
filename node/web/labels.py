"""What the fields of a case are called, and how rows of a case are put under headings.

The English name of a field is its name in case.proto with spaces; translators work from
that. `all_labels` lists them for the catalogues.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from jinja2 import pass_context
from jinja2.runtime import Context

from node.commands.arguments import Answer
from protocol.pb.homeward.v1 import case_pb2

_STEP = re.compile(r"(?P<name>[a-z0-9_]+)(?:\[(?P<number>\d+)\])?")
# Where the name alone would be misread.
_SPECIAL = {
    "cm": "(cm)",
    "kg": "(kg)",
    "id": "short name",
}
_NAMES = {
    "authority_id": "Authority",
    "child_id": "Child",
    "child_ids": "Children",
    "family": "Family name",
    "file_id": "File",
    "full": "Full name",
    "given": "Given name",
    "may_publish": "May be published",
    "may_publish_until": "May be published until",
    "order_id": "Court order",
    "person_id": "Person",
    "second_family": "Second family name",
    "size_bytes": "Size in bytes",
    "text": "In words",
}
Gettext = Callable[[str], str]
# More than there are codes and paths of fields in all languages.
_KEPT = 8192


def gettext_of(context: Context) -> Gettext:
    """Return the words of the reader's language, for a function that a template calls."""
    words: Gettext = context["plain_gettext"]
    return words


def by_code(words: Callable[[Gettext, str], str]) -> Callable[[Context, str], str]:
    """Make a function of templates from one whose words follow from a code of a list alone.

    Each is looked up once in each language: a page says some of them hundreds of times.
    """
    known = lru_cache(maxsize=_KEPT)(words)

    @pass_context
    @wraps(words)
    def told(context: Context, code: str) -> str:
        return known(gettext_of(context), code)

    return told


# Asked of each field of each element of a case; more than there are names of fields.
@lru_cache(maxsize=_KEPT)
def english_label(name: str) -> str:
    """Return the English name of a field of case.proto."""
    if name in _NAMES:
        return _NAMES[name]
    # "Applicant", not "Applicant person": it is a person anyhow.
    name = name.removesuffix("_person_id")
    words = " ".join(_SPECIAL.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]


def all_labels() -> list[str]:
    """Return the English names of all fields of a case."""
    return sorted(set(_labels_under(case_pb2.Case, set())))


def _labels_under(message: type[Message], seen: set[str]) -> Iterator[str]:
    descriptor = message.DESCRIPTOR
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    for field in descriptor.fields:
        yield english_label(field.name)
        if field.message_type is not None:
            # One of two spellings of the same type, to the type checker.
            yield from _labels_under(GetMessageClass(field.message_type), seen)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Row:
    """One field as people read it."""

    label: str
    text: str
    language: str
    path: str
    place: str


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    title: str
    rows: tuple[Row, ...]


def grouped(rows: Sequence[Answer], _: Gettext) -> list[Group]:
    """Return rows of an answer under headings, in their order; values of a list on one line."""
    groups: dict[str, list[Row]] = {}
    named = _elements(rows, _)
    for row in rows:
        *above, last = row["place"].split(".")
        name = _name(last)
        # Ids of a case's own making say nothing to people.
        if name in ("id", "child_id", "person_id", "digest"):
            continue
        if name == "child_ids" and row["text"] not in named:
            continue
        title = _title(above, _) or _("Case")
        found = groups.setdefault(title, [])
        label = _(english_label(name))
        text = str(row["text"])
        if name == "child_ids":
            text = named[text]
        if found and found[-1].label == label and found[-1].language == row["language"]:
            text = f"{found.pop().text}, {text}"
        found.append(Row(label, text, row["language"], row["path"], row["place"]))
    return [Group(title, tuple(found)) for title, found in groups.items() if found]


def _elements(rows: Sequence[Answer], _: Gettext) -> dict[str, str]:
    """Return by its id what an element is called, of those whose id stands in the rows."""
    places = [(row["text"], row["place"].split(".")) for row in rows]
    return {text: _title(steps[:-1], _) for text, steps in places if steps[-1] == "id"}


def _title(steps: Sequence[str], _: Gettext) -> str:
    words = []
    for step in steps:
        match = _STEP.fullmatch(step)
        if match is None:
            continue
        label = _(english_label(match["name"]))
        number = int(match["number"]) + 1 if match["number"] is not None else 0
        words.append(f"{label} {number}" if number else label)
    return " / ".join(words)


def _name(step: str) -> str:
    match = _STEP.fullmatch(step)
    return match["name"] if match is not None else step
