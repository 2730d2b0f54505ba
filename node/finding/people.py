"""A case -> the people in it, and the numbers by which it can be found.

Everybody is taken: the child, those around it, who told us, and the authorities, each
as an entry of its own, so that a hit can say whom it is about. What is found here stays
here: sources never leave the node, and a search is no disclosure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from node.finding import limits
from node.finding.digits import Date, date_of, reference_terms, telephone_terms
from node.finding.names import Name, Place, Word, name_of
from node.finding.reasons import Part
from protocol.pb.homeward.v1 import case_pb2

T = TypeVar("T")

_TELEPHONES = frozenset({"telephone", "messenger", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person, office or case as the index has it; `place` is where it stands in the case."""

    part: Part
    place: str
    names: tuple[Name[Word], ...] = ()
    born: Date | None = None
    sex: str = ""
    numbers: frozenset[str] = frozenset()


def entries(case_id: str, case: case_pb2.Case) -> Iterator[Entry]:
    """Yield everything in a case by which it can be found."""
    yield Entry(part=Part.CASE, place="", numbers=frozenset(_of_case(case_id, case)))
    for number, child in _some(case.children):
        yield _person(Part.CHILD, f"children[{number}]", child)
    for number, person in _some(case.persons):
        yield _person(Part.PERSON, f"persons[{number}]", person, person.vehicles)
    for number, source in _some(case.sources):
        yield Entry(
            part=Part.SOURCE,
            place=f"sources[{number}]",
            names=tuple(_names(source.names)),
            numbers=frozenset(_contacts(source.contact_points)),
        )
    for field, authorities in (("police", case.police), ("authorities", case.authorities)):
        for number, authority in _some(authorities):
            yield _authority(f"{field}[{number}]", authority)


def _some(people: Iterable[T]) -> Iterator[tuple[int, T]]:
    """Number people, no more than a case may have: a new case is looked up before its check."""
    return enumerate(islice(people, limits.PEOPLE_PER_CASE))


def _person(
    part: Part,
    place: str,
    person: case_pb2.Child | case_pb2.Person,
    vehicles: Iterable[case_pb2.Vehicle] = (),
) -> Entry:
    numbers = {*_contacts(person.contact_points), *_plates(vehicles)}
    for document in islice(person.identity_documents, limits.PEOPLE_PER_CASE):
        numbers.update(reference_terms(document.number))
    born = person.date_of_birth
    return Entry(
        part=part,
        place=place,
        names=tuple(_names(person.names)),
        born=date_of(born.year, born.month, born.day) if born.year else None,
        sex=person.sex,
        numbers=frozenset(numbers),
    )


def _authority(place: str, authority: case_pb2.Authority) -> Entry:
    numbers = set(_contacts(authority.contact_points))
    for reference in islice(authority.references, limits.PEOPLE_PER_CASE):
        numbers.update(reference_terms(reference.number))
    return Entry(
        part=Part.AUTHORITY,
        place=place,
        names=tuple(filter(None, [name_of([(authority.contact_name, Place.UNKNOWN)])])),
        numbers=frozenset(numbers),
    )


def _of_case(case_id: str, case: case_pb2.Case) -> Iterator[str]:
    for reference in (case_id, case_id.partition("/")[2], case.local_case_number):
        # Groups of digits in an id are chance; those in a local number are typed.
        terms = reference_terms(reference)
        yield from terms if reference == case.local_case_number else _whole(terms)
    for linked in islice(case.linked_cases, limits.PEOPLE_PER_CASE):
        yield from _whole(reference_terms(linked.federated_id))
    for journey in islice(case.circumstances.journeys, limits.PEOPLE_PER_CASE):
        yield from _plates([journey.vehicle])


def _whole(terms: Iterator[str]) -> Iterator[str]:
    return (term for term in terms if term.startswith("r"))


def _plates(vehicles: Iterable[case_pb2.Vehicle]) -> Iterator[str]:
    for vehicle in islice(vehicles, limits.PEOPLE_PER_CASE):
        yield from reference_terms(vehicle.plate_number)


def _contacts(points: Iterable[case_pb2.ContactPoint]) -> Iterator[str]:
    for point in islice(points, limits.PEOPLE_PER_CASE):
        if point.kind in _TELEPHONES:
            yield from telephone_terms(point.value)
        if point.kind != "telephone":
            yield from _whole(reference_terms(point.value))


def _names(names: Iterable[case_pb2.PersonName]) -> Iterator[Name[Word]]:
    """Yield the names to compare; the parts of a name tell where the words of it stand."""
    for written in islice(names, limits.PEOPLE_PER_CASE):
        pieces = [
            (written.given, Place.GIVEN),
            (written.patronymic, Place.PATRONYMIC),
            (written.family, Place.FAMILY),
            (written.second_family, Place.FAMILY),
        ]
        told = name_of(pieces)
        full = name_of([(written.full, Place.UNKNOWN)])
        if told and not set(told.words) < set(full.words):
            yield told
        if full and set(full.words) != set(told.words):
            yield _with_places(full, told)


def _with_places(full: Name[Word], told: Name[Word]) -> Name[Word]:
    known = dict(zip(told.words, told.places, strict=True))
    places = (known.get(word, place) for word, place in zip(full.words, full.places, strict=True))
    return Name(full.words, tuple(places), full.joins)
