"""Yellow Notice: what the police need so that they can ask INTERPOL for one, per child.

The node asks for no notice: the police of a country do, through their National Central
Bureau. It can say when what they need is there: a police record; family name and given
name; the sex; at least the year of birth; and a description, a photograph, or DNA or
fingerprints that the police hold. And it can put what is known beside that: the fields of
which the data dictionary says that a Yellow Notice has them, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from protocol.disclosure import preview
from protocol.disclosure.dictionary import fields, filled
from protocol.pb.homeward.v1 import case_pb2

_SEXES: Final = frozenset({"female", "male", "other"})
# Kinds of name that are no name for a search: Yellow asks for the name in documents.
_NO_DOCUMENT: Final = frozenset({"nickname", "alias", "online_handle"})


@dataclass(frozen=True, slots=True)
class Readiness:
    """How ready one child's case is; both hold keys of `WORDS`."""

    child_id: str
    there: tuple[str, ...]
    missing: tuple[str, ...]


WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "police_record": ("a police record", "a reference of kind police_case with its number"),
        "name": ("family name and given name", "a name with both, that is no nickname"),
        "sex": ("the sex", "female, male or other"),
        "birth_year": ("the year of birth", "date_of_birth, or at least its year"),
        "looks": (
            "a description, a photograph, or samples",
            "height, hair, eyes or marks; a file of kind photo; or DNA held by the police",
        ),
    }
)
"""What is needed, and what would be that, as people read it."""


def readiness(case: case_pb2.Case) -> list[Readiness]:
    """Return how ready the case is, for each child in it."""
    return [_readiness(case, child) for child in case.children]


def particulars(
    case: case_pb2.Case, child: case_pb2.Child, language: str
) -> tuple[tuple[str, str, str], ...]:
    """Return what a notice would have of a child: path, words, and in which language they are."""
    shown = case_pb2.Case(children=[child])
    shown.circumstances.last_seen.CopyFrom(case.circumstances.last_seen)
    for office in case.police:
        numbers = [each for each in office.references if each.kind == "police_case"]
        if numbers:
            shown.police.add(country=office.country, office=office.office).references.extend(
                numbers
            )
    return tuple(
        (row.path, row.text, row.language)
        for row in preview(shown, language)
        if row.path in _POLICE or _is_of_a_notice(row.path)
    )


_POLICE: Final = frozenset({"police.country", "police.office", "police.references.number"})
# Of the last sighting, when and where; not who saw the child, and what they told.
_LAST_SEEN: Final = ("circumstances.last_seen.seen", "circumstances.last_seen.place")


def _is_of_a_notice(path: str) -> bool:
    if path.startswith("circumstances."):
        return any(path == each or path.startswith(f"{each}.") for each in _LAST_SEEN)
    return any(path == each or path.startswith(f"{each}.") for each in _MARKED)


def _readiness(case: case_pb2.Case, child: case_pb2.Child) -> Readiness:
    there = tuple(key for key in WORDS if _CHECKS[key](case, child))
    missing = tuple(key for key in WORDS if key not in there)
    return Readiness(child.id, there, missing)


def _has_police_record(case: case_pb2.Case, child: case_pb2.Child) -> bool:
    del child
    return any(
        reference.kind == "police_case" and reference.number
        for office in case.police
        for reference in office.references
    )


def _has_name(case: case_pb2.Case, child: case_pb2.Child) -> bool:
    del case
    names = [name for name in child.names if name.type not in _NO_DOCUMENT]
    return any(name.given and name.family for name in names)


def _has_sex(case: case_pb2.Case, child: case_pb2.Child) -> bool:
    del case
    return child.sex in _SEXES


def _has_birth_year(case: case_pb2.Case, child: case_pb2.Child) -> bool:
    del case
    return bool(child.date_of_birth.year)


def _has_looks(case: case_pb2.Case, child: case_pb2.Child) -> bool:
    alone = case_pb2.Case()
    alone.children.add().description.CopyFrom(child.description)
    is_described = any(each.path in _DESCRIBING for each in filled(alone))
    samples = child.police_samples
    is_sampled = "yes" in {samples.dna_held_by_police, samples.fingerprints_held_by_police}
    return is_described or is_sampled or has_photo(case, child)


def has_photo(case: case_pb2.Case, child: case_pb2.Child) -> bool:
    """Return whether a photograph shows this child, and nobody said that it shows another."""
    return any(
        file.kind == "photo" and (not file.child_ids or child.id in file.child_ids)
        for file in case.files
    )


_MARKED: Final = frozenset(
    info.path
    for info in fields(case_pb2.Case)
    if "yellow" in info.mappings and info.path.startswith("children.")
)


def _describing() -> frozenset[str]:
    """Return the fields of the description that a Yellow Notice has, and those below them."""
    marked = [
        info.path
        for info in fields(case_pb2.Case)
        if "yellow" in info.mappings and info.path.startswith("children.description.")
    ]
    return frozenset(
        info.path
        for info in fields(case_pb2.Case)
        if any(info.path == path or info.path.startswith(path + ".") for path in marked)
    )


_DESCRIBING: Final = _describing()
_CHECKS: Final[Mapping[str, Callable[[case_pb2.Case, case_pb2.Child], bool]]] = MappingProxyType(
    {
        "police_record": _has_police_record,
        "name": _has_name,
        "sex": _has_sex,
        "birth_year": _has_birth_year,
        "looks": _has_looks,
    }
)
