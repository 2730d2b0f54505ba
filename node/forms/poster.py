"""A poster: what a country may be shown of a child, and nothing that was not meant for it.

A poster hangs where everybody reads it, and stays longer than the search. So it is made of
the few fields that are listed here and of no others; each of them can be left off. There is
no exact date of birth, no address, no reason, nothing about the family, nothing sensitive.
A photo stands on it only when somebody recorded that it may be published, until a day that
has not passed. When an authority has asked to hold publication there is no poster.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from node.errors import NodeError
from protocol.casework.flags import FlagKind, flags
from protocol.disclosure.dates import span_of
from protocol.disclosure.values import local_time, value_text
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabulary import label

_NO_NAME: Final = frozenset({"online_handle", "passport_mrz"})
_IMAGES: Final = frozenset({"photo", "poster"})
_OVER: Final = frozenset({"closed", "found_open", "duplicate"})
_FOUND: Final = frozenset({"located", "back", "deceased"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: which field, and what it says."""

    name: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class PosterChild:
    """One child on a poster: the names in every script, the lines, a photo or none."""

    child_id: str
    names: tuple[str, ...]
    lines: tuple[Line, ...]
    file_id: str


def make_poster(
    case: case_pb2.Case, language: str, today: date, chosen: Collection[str]
) -> list[PosterChild]:
    """Return what stands on a poster in a language; `chosen` are keys of `OFFERED`.

    Raises:
        NodeError: publication_held, case_over or unknown_field.
    """
    if not set(chosen) <= set(OFFERED):
        raise NodeError(
            "unknown_field", "a poster has no such field", f"one of: {', '.join(OFFERED)}"
        )
    if _is_held(case, today):
        raise NodeError(
            "publication_held",
            "an authority has asked that nothing of this case is published",
            "ask it first; its wish is in the case, under police or authorities",
        )
    if case.status in _OVER:
        raise NodeError("case_over", "this search is over: there is no poster of it")
    return [
        PosterChild(
            child_id=child.id,
            names=_names(child) if "names" in chosen else (),
            lines=tuple(_lines(case, child, language, today, chosen)),
            file_id=publishable_photo(case, child, today) if "photo" in chosen else "",
        )
        for child in case.children
        if child.status not in _FOUND
    ]


def publishable_photo(case: case_pb2.Case, child: case_pb2.Child, today: date) -> str:
    """Return the id of the first photo of a child that may be published on a day; or nothing."""
    for file in case.files:
        until = span_of(file.may_publish_until)
        is_over = until is not None and until.latest < today
        # A day that cannot be read is no permission.
        is_unclear = file.HasField("may_publish_until") and until is None
        shows_child = not file.child_ids or child.id in file.child_ids
        is_image = file.kind in _IMAGES
        if is_image and shows_child and file.may_publish == "yes" and not (is_over or is_unclear):
            return str(file.id)
    return ""


def _is_held(case: case_pb2.Case, today: date) -> bool:
    return any(
        flag.kind is FlagKind.DO_NOT_PUBLISH and flag.vocabulary == "authority_wish"
        for flag in flags(case, today)
    )


def _names(child: case_pb2.Child) -> tuple[str, ...]:
    written = [
        name.full or " ".join(filter(None, (name.given, name.family, name.second_family)))
        for name in child.names
        if name.type not in _NO_NAME
    ]
    return tuple(dict.fromkeys(filter(None, written)))


def _lines(
    case: case_pb2.Case,
    child: case_pb2.Child,
    language: str,
    today: date,
    chosen: Collection[str],
) -> list[Line]:
    found = []
    for name, read in OFFERED.items():
        if name in chosen:
            text, of = read(case, child, language, today)
            found += [Line(name, text, of)] if text else []
    return found


Said = tuple[str, str]
"""What a field says, and the language of a text that somebody wrote; or nothing."""
_Reader = Callable[[case_pb2.Case, case_pb2.Child, str, date], Said]


def age_of(child: case_pb2.Child, today: date) -> str:
    """Return a child's age in years as of a day ("12", "12-13"); nothing when it is not known."""
    born = span_of(child.date_of_birth)
    if born is None:
        return value_text(child.age_years, "en") if child.HasField("age_years") else ""
    ages = [
        today.year - day.year - ((today.month, today.day) < (day.month, day.day))
        for day in (born.latest, born.earliest)
    ]
    return str(ages[0]) if ages[0] == ages[1] else f"{ages[0]}-{ages[1]}"


def _nothing(*_: object) -> Said:
    return "", ""


def _age(case: case_pb2.Case, child: case_pb2.Child, language: str, today: date) -> Said:
    del case, language
    return age_of(child, today), ""


def _code(field: str, vocabulary: str) -> _Reader:
    def read(case: case_pb2.Case, child: case_pb2.Child, language: str, today: date) -> Said:
        del case, today
        held = child if field == "sex" else child.description
        value = getattr(held, field)
        codes = [value] if isinstance(value, str) else list(value)
        told = [code for code in codes if code and code not in _UNSAID]
        return ", ".join(label(vocabulary, code, language) for code in told), ""

    return read


_UNSAID: Final = frozenset({"unknown", "not_asked", "withheld"})


def _height(case: case_pb2.Case, child: case_pb2.Child, language: str, today: date) -> Said:
    del case, today
    look = child.description
    if not look.HasField("height_cm"):
        return "", ""
    is_number = look.height_cm.HasField("at_least") or look.height_cm.HasField("at_most")
    return (f"{value_text(look.height_cm, language)} cm" if is_number else ""), ""


def _clothes(case: case_pb2.Case, child: case_pb2.Child, language: str, today: date) -> Said:
    del case, today
    told = []
    for each in child.description.clothing:
        colours = ", ".join(label("colour", code, language) for code in each.colours)
        item = label("garment", each.item, language) if each.item else ""
        about = ", ".join(filter(None, (colours, each.brand)))
        told.append(f"{item} ({about})" if item and about else item or about)
    return "; ".join(filter(None, told)), ""


def _marks(case: case_pb2.Case, child: case_pb2.Child, language: str, today: date) -> Said:
    del case, today
    told = []
    for mark in child.description.marks:
        kind = label("mark_kind", mark.kind, language) if mark.kind else ""
        where = label("body_region", mark.body_region, language) if mark.body_region else ""
        told.append(", ".join(filter(None, (kind, where))))
    return "; ".join(filter(None, told)), ""


def _missing_since(case: case_pb2.Case, child: case_pb2.Child, language: str, today: date) -> Said:
    del child, language, today
    seen = case.circumstances.last_seen.seen
    for moment in (seen.latest, seen.earliest, case.reported_missing_at):
        at = local_time(moment) if moment.at_ms else None
        if at is not None:
            return at.date().isoformat(), ""
    return "", ""


def _last_place(case: case_pb2.Case, child: case_pb2.Child, language: str, today: date) -> Said:
    """Return town and country; a street or a house is for those who search."""
    del child, today
    place = case.circumstances.last_seen.place
    country = label("country", place.country, language) if place.country else ""
    return ", ".join(filter(None, (place.locality, country))), ""


OFFERED: Final[Mapping[str, _Reader]] = MappingProxyType(
    {
        "photo": _nothing,
        "names": _nothing,
        "age": _age,
        "sex": _code("sex", "sex"),
        "height": _height,
        "build": _code("build", "build"),
        "hair": _code("hair_colours", "hair_colour"),
        "hair_length": _code("hair_length", "hair_length"),
        "eyes": _code("eye_colours", "eye_colour"),
        "clothing": _clothes,
        "marks": _marks,
        "missing_since": _missing_since,
        "last_place": _last_place,
    }
)
"""What can stand on a poster, in its order."""

BY_DEFAULT: Final = tuple(name for name in OFFERED if name != "marks")
"""What stands on it until somebody chooses."""
