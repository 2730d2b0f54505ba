"""Invented cases by the hundred: every category, sex, age and script, siblings, versions.

`invented_case` is pure: the same number and seed make the same case. Dates lie before
`today`, so that the clocks of a case run in a home that was made now.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from node.training.people import FEMALE, LANGUAGES, MALE, Language, Person, invent
from protocol.pb.homeward.v1 import case_pb2

DAY_MS: Final = 24 * 3600 * 1000
NOTE: Final = "Invented for training."
_COUNTRIES: Final = tuple(sorted({language.country for language in LANGUAGES.values()}))
_HAIR: Final = ("black", "dark_brown", "light_brown", "blond", "red")
_EYES: Final = ("brown", "green", "blue", "grey")
_GARMENTS: Final = ("jacket", "pullover", "trousers", "skirt", "shoes", "sportswear")
_COLOURS: Final = ("black", "red", "blue", "green", "grey", "white")


@dataclass(frozen=True, slots=True)
class Invented:
    """A case, how it went on, and who is to have a photo."""

    case: case_pb2.Case
    days_ago: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A later version: why, how many days after the first, and what it changes."""

    reason: str
    days_later: int
    apply: Callable[[case_pb2.Case], None]


def invented_case(number: int, seed: str, today: date) -> Invented:
    """Return the case of this number."""
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - no secret
    language = tuple(LANGUAGES.values())[number % len(LANGUAGES)]
    category = tuple(_CATEGORIES)[number % len(_CATEGORIES)]
    days_ago = min(400, int(3 + chance.expovariate(1 / 60)))
    day = today - timedelta(days=days_ago)
    case = case_pb2.Case(
        status="open",
        category=category,
        cross_border=chance.choice(("none", "possible", "confirmed")),
        countries_from=[language.country],
        urgency=chance.choice((1, 2, 2, 3, 3, 3, 4)),
        reported_by=chance.choice(("parent", "carer", "police", "relative")),
        local_case_number=f"TRAINING-{number:04}",
    )
    case.reported_missing_at.CopyFrom(_moment(day))
    case.risk.level, case.risk.assessed_by = chance.choice(("high", "medium", "low")), "own_staff"
    case.circumstances.text.text, case.circumstances.text.language = NOTE, "en"
    seen = case.circumstances.last_seen
    seen.seen.earliest.CopyFrom(_moment(day - timedelta(days=1)))
    seen.place.country, seen.place.locality = language.country, chance.choice(language.places)
    if case.cross_border != "none":
        case.countries_to.append(chance.choice([c for c in _COUNTRIES if c != language.country]))
    _add_family(case, language, day, chance)
    _add_police(case, language, number)
    _CATEGORIES[category](case, day, chance)
    return Invented(case, days_ago, tuple(_changes(case, days_ago, chance)))


def _add_family(case: case_pb2.Case, language: Language, day: date, chance: random.Random) -> None:
    """Add one to three children and their parents."""
    family = chance.choice(language.families)
    given: list[str] = []
    for number in range(1, chance.choice((1, 1, 1, 1, 2, 3)) + 1):
        sex = chance.choice((FEMALE, MALE))
        person = invent(language, sex, chance, family=family, others=given)
        given.append(person.given)
        child = case.children.add(id=f"c{number}", status="missing", sex=sex)
        _add_names(child, person, chance)
        _describe(child, day, chance)
        child.nationalities.append(language.country)
        child.habitual_residence_country = language.country
        child.languages.append(language.code)
    case.child_count = len(case.children)
    parents = [invent(language, sex, chance, family=family) for sex in (FEMALE, MALE)]
    for number, parent in enumerate(parents, start=1):
        role = "parent_a" if number == 1 else "parent_b"
        entry = case.persons.add(id=f"p{number}", roles=[role], sex=parent.sex)
        _add_names(entry, parent, chance)
        relation = "mother" if parent.sex == FEMALE else "father"
        for child in case.children:
            entry.relations.add(child_id=child.id, relation=relation)
        telephone = f"{language.telephone}{chance.randint(0, 99):02}"
        entry.contact_points.add(kind="telephone", value=telephone)


def _add_names(
    entry: case_pb2.Child | case_pb2.Person, person: Person, chance: random.Random
) -> None:
    """Record a name as it is written at home, as the passport has it, or both."""
    is_own = person.latin is None or chance.random() < 0.8
    if is_own:
        entry.names.add(
            type="legal", given=person.given, family=person.family, script=person.language.script
        )
    if person.latin is not None and (not is_own or chance.random() < 0.6):
        given, family = person.latin
        entry.names.add(type="legal", given=given, family=family, script="Latn")


def _describe(child: case_pb2.Child, day: date, chance: random.Random) -> None:
    age = chance.choice((2, 5, 7, 9, 11, 12, 13, 14, 14, 15, 15, 16, 16, 17))
    child.age_band = next(band for limit, band in _BANDS if age <= limit)
    born = day - timedelta(days=int((age + chance.random() * 0.9) * 365.25))
    child.date_of_birth.year = born.year
    child.date_of_birth.precision = "year"
    if chance.random() < 0.85:
        child.date_of_birth.month, child.date_of_birth.day = born.month, born.day
        child.date_of_birth.precision = "day"
    height = 85 + age * 5 + chance.randint(-4, 4)
    looks = child.description
    looks.height_cm.at_least, looks.height_cm.at_most = height - 2, height + 2
    looks.hair_colours.append(chance.choice(_HAIR))
    looks.eye_colours.append(chance.choice(_EYES))
    looks.clothing.add(item=chance.choice(_GARMENTS), colours=[chance.choice(_COLOURS)])


def _add_police(case: case_pb2.Case, language: Language, number: int) -> None:
    police = case.police.add(
        id="a1", kind="police", country=language.country, office=f"Police (training) {number % 7}"
    )
    police.references.add(kind="police_case", number=f"TRAINING-{number:05}")


def _runaway(case: case_pb2.Case, day: date, chance: random.Random) -> None:
    del day
    case.runaway_from = chance.choice(("home", "care"))
    case.circumstances.missing_from = case.runaway_from
    case.circumstances.reasons_left.append(chance.choice(("problems_home", "school", "grooming")))
    case.child_wishes.add(
        child_id="c1", whereabouts_may_be_told_to=["police", "authorities"], heard="not_yet"
    )


def _between_parents(case: case_pb2.Case, day: date, chance: random.Random) -> None:
    taker = case.persons[chance.randrange(2)]
    left_behind = next(person for person in case.persons if person.id != taker.id)
    taker.roles.append("taker_alleged")
    left_behind.roles.append("holder_of_parental_responsibility")
    legal = case.legal_situation
    legal.custody.add(person_id=left_behind.id, kind="joint", source="law")
    removal = legal.removals.add(kind=chance.choice(("removal", "retention")))
    removal.happened_on.CopyFrom(_partial(day))
    removal.from_country = case.countries_from[0]
    if case.category == "parental_abduction_international":
        case.cross_border = "confirmed"
        if not case.countries_to:
            case.countries_to.append("DE" if case.countries_from[0] != "DE" else "FR")
        removal.to_country = case.countries_to[0]
        legal.hague_1980_applies = "yes"
        legal.travel_consent.answer = chance.choice(("refused", "not_requested", "limited"))
        legal.return_to_person_id = left_behind.id
        application = legal.applications.add(id="l1", kind="return", status="preparing")
        application.applicant_person_id = left_behind.id


def _by_a_stranger(case: case_pb2.Case, day: date, chance: random.Random) -> None:
    del day
    case.urgency, case.risk.level = 1, "high"
    journey = case.circumstances.journeys.add(means="car")
    journey.vehicle.make, journey.vehicle.colour = "Invented", chance.choice(_COLOURS)


def _migrant(case: case_pb2.Case, day: date, chance: random.Random) -> None:
    del day
    case.circumstances.missing_from = "reception_centre"
    child = case.children[0]
    child.interpreter_needed = "yes"
    child.age_disputed = chance.choice(("yes", "no"))
    child.vulnerabilities.add(kind="unaccompanied", source="own_staff")


def _lost(case: case_pb2.Case, day: date, chance: random.Random) -> None:
    del day
    case.cross_border = "none"
    del case.countries_to[:]
    case.circumstances.missing_from = chance.choice(("outing", "hospital", "travel"))


_CATEGORIES: Final[Mapping[str, Callable[[case_pb2.Case, date, random.Random], None]]] = (
    MappingProxyType(
        {
            "runaway": _runaway,
            "parental_abduction_national": _between_parents,
            "parental_abduction_international": _between_parents,
            "third_person_abduction": _by_a_stranger,
            "unaccompanied_migrant": _migrant,
            "lost_injured_other": _lost,
        }
    )
)
_BANDS: Final = (
    (2, "0_to_2"), (5, "3_to_5"), (9, "6_to_9"), (12, "10_to_12"), (15, "13_to_15"),
    (17, "16_to_17"),
)  # fmt: skip


def _changes(case: case_pb2.Case, days_ago: int, chance: random.Random) -> list[Change]:
    """Return how the case went on: a sighting, a nickname, and for some that it was found."""
    changes = []
    if chance.random() < 0.5:
        nickname = case.children[0].names[0].given[:3]
        changes.append(
            Change("the school told a nickname", 1, lambda case: _add_nickname(case, nickname))
        )
    if chance.random() < 0.3:
        changes.append(Change("a sighting was reported", 2, _add_sighting))
    if days_ago > 20 and chance.random() < 0.35:
        changes.append(Change("the police rang: found", 3, _find))
    return changes


def _add_nickname(case: case_pb2.Case, nickname: str) -> None:
    case.children[0].names.add(type="nickname", given=nickname)


def _add_sighting(case: case_pb2.Case) -> None:
    sighting = case.circumstances.sightings.add(id="s1", child_ids=["c1"], seen_by="public")
    sighting.place.country = (case.countries_to or case.countries_from)[0]
    sighting.text.text, sighting.text.language = NOTE, "en"


def _find(case: case_pb2.Case) -> None:
    case.status = "closed"
    for child in case.children:
        child.status = "back"
    found = case.reported_missing_at.at_ms + 3 * DAY_MS
    for moment in (case.found_at, case.closed_at):
        moment.at_ms, moment.precision = found, "day"


def _moment(day: date) -> case_pb2.Moment:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return case_pb2.Moment(at_ms=int(at.timestamp() * 1000), precision="day")


def _partial(day: date) -> case_pb2.PartialDate:
    return case_pb2.PartialDate(year=day.year, month=day.month, day=day.day, precision="day")
