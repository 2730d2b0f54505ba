"""Each rule for the values of a case: what breaks it, and what is next to that and does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given

from protocol.disclosure import Problem, check_case, check_own_case, check_received, disclose
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import belgian_case, random_choices

NOW_MS = 1_795_305_600_000  # 2026-11-22 00:00 UTC
DAY_MS = 24 * 3_600_000

Change = Callable[[Case], object]


def own(change: Change) -> list[Problem]:
    case = belgian_case()
    change(case)
    return check_own_case(case, now_ms=NOW_MS)


def set_to(path: str, value: object) -> Change:
    """Return a change of one field: "children.0.sex"."""

    def change(case: Case) -> None:
        *way, last = path.split(".")
        held = case
        for name in way:
            held = held[int(name)] if name.isdecimal() else getattr(held, name)
        setattr(held, last, value)

    return change


def numbers(name: str, least: int, most: int, certainty: str = "") -> Change:
    def change(case: Case) -> None:
        parts = getattr(case.children[0].description, name)
        parts.Clear()
        parts.at_least, parts.at_most, parts.certainty = least, most, certainty

    return change


def contact(kind: str, value: str) -> Change:
    return lambda case: case.persons[0].contact_points.add(kind=kind, value=value)


def born(year: int, month: int, day: int, precision: str = "day") -> Change:
    def change(case: Case) -> None:
        birth = case.children[0].date_of_birth
        birth.year, birth.month, birth.day, birth.precision = year, month, day, precision

    return change


def consent(given: int, expires: int) -> Change:
    def change(case: Case) -> None:
        held = case.consents.add(id="k1", answer="given")
        held.given_on.year, held.expires_on.year = given, expires

    return change


PERSON = "persons[0].contact_points[0]"
RULES: list[tuple[Change, Change, str, str]] = [
    # what is wrong, its neighbour that is right, where, which rule
    (born(2011, 2, 31), born(2011, 2, 28), "children[0].date_of_birth", "not_a_date"),
    (born(2011, 0, 3), born(2011, 6, 3), "children[0].date_of_birth", "not_a_date"),
    (
        born(2026, 11, 24),
        born(2026, 11, 23),
        "children[0].date_of_birth",
        "in_the_future",
    ),
    (
        set_to("reported_missing_at.at_ms", NOW_MS + DAY_MS + 1),
        set_to("reported_missing_at.at_ms", NOW_MS + DAY_MS),
        "reported_missing_at",
        "in_the_future",
    ),
    (
        set_to("circumstances.last_seen.seen.earliest.at_ms", NOW_MS + 2 * DAY_MS),
        set_to("circumstances.last_seen.seen.latest.at_ms", NOW_MS + 2 * DAY_MS),
        "circumstances.last_seen.seen",
        "in_the_future",
    ),
    (
        set_to("reported_missing_at.zone", "+2:00"),
        set_to("reported_missing_at.zone", "-09:30"),
        "reported_missing_at",
        "not_a_moment",
    ),
    (
        set_to("reported_missing_at.at_ms", -2_208_988_800_001 - DAY_MS),
        set_to("reported_missing_at.at_ms", -2_208_988_800_000),
        "reported_missing_at",
        "not_a_moment",
    ),
    (
        numbers("height_cm", 251, 251),
        numbers("height_cm", 20, 250),
        "children[0].description.height_cm",
        "not_plausible",
    ),
    (
        numbers("height_cm", 19, 150),
        numbers("height_cm", 150, 150),
        "children[0].description.height_cm",
        "not_plausible",
    ),
    (
        numbers("weight_kg", 40, 401),
        numbers("weight_kg", 40, 400),
        "children[0].description.weight_kg",
        "not_plausible",
    ),
    (
        numbers("height_cm", 160, 159),
        numbers("height_cm", 160, 160),
        "children[0].description.height_cm",
        "range_reversed",
    ),
    (
        numbers("height_cm", 160, 160, "unknown"),
        numbers("height_cm", 160, 160, "measured"),
        "children[0].description.height_cm",
        "not_a_number",
    ),
    (
        lambda case: case.children[0].age_years.SetInParent(),
        set_to("children.0.age_years.certainty", "not_asked"),
        "children[0].age_years",
        "not_a_number",
    ),
    (
        set_to("children.0.age_years.at_least", 31),
        set_to("children.0.age_years.at_least", 30),
        "children[0].age_years",
        "not_plausible",
    ),
    (
        set_to("circumstances.last_seen.place.country", "be"),
        set_to("circumstances.last_seen.place.country", "NL"),
        "circumstances.last_seen.place.country",
        "not_a_code",
    ),
    (
        lambda case: case.children[0].languages.append("Dutch"),
        lambda case: case.children[0].languages.append("nld"),
        "children[0].languages[0]",
        "not_a_code",
    ),
    (
        set_to("children.0.names.0.script", "latn"),
        set_to("children.0.names.0.script", "Arab"),
        "children[0].names[0].script",
        "not_a_code",
    ),
    (
        set_to("circumstances.last_seen.place.coordinates.longitude_hundredths", 18_001),
        set_to("circumstances.last_seen.place.coordinates.longitude_hundredths", -18_000),
        "circumstances.last_seen.place.coordinates",
        "not_on_earth",
    ),
    (contact("telephone", "call me"), contact("telephone", "+32 (0)81 00-00.00"), PERSON, "tel"),
    (contact("telephone", "12"), contact("telephone", "112"), PERSON, "tel"),
    (contact("telephone", "1" * 16), contact("telephone", "1" * 15), PERSON, "tel"),
    (contact("email", "nobody@"), contact("email", "nobody@mail.example"), PERSON, "not_an_email"),
    (contact("email", "a b@mail.example"), contact("email", "δ@παράδειγμα.gr"), PERSON, "e-mail"),
    (
        set_to("children.0.names.0.given", "Testina\nFictiva"),
        set_to("children.0.names.0.given", "\u200fتجربة\u200e"),
        "children[0].names[0].given",
        "control_character",
    ),
    (
        set_to("child_wishes.0.wants_withheld.text", "a\x1b[2J"),
        set_to("child_wishes.0.wants_withheld.text", "a\n\tb"),
        "child_wishes[0].wants_withheld.text",
        "control_character",
    ),
    (
        set_to("persons.1.relations.0.child_id", "c9"),
        set_to("persons.1.relations.0.child_id", "c1"),
        "persons[1].relations[0].child_id",
        "no_such_child",
    ),
    (
        set_to("legal_situation.return_to_person_id", "c1"),
        set_to("legal_situation.return_to_person_id", "p2"),
        "legal_situation.return_to_person_id",
        "no_such_person",
    ),
    (
        lambda case: case.legal_situation.custody.add(authority_id="p1"),
        lambda case: case.legal_situation.custody.add(authority_id="a1"),
        "legal_situation.custody[0].authority_id",
        "no_such_authority",
    ),
    (
        lambda case: case.legal_situation.custody.add(order_id="o1"),
        lambda case: (
            case.legal_situation.orders.add(id="o1"),
            case.legal_situation.custody.add(order_id="o1"),
        ),
        "legal_situation.custody[0].order_id",
        "no_such_order",
    ),
    (
        lambda case: case.consents.add(id="k1", evidence_file_id="f9"),
        lambda case: case.consents.add(id="k1", evidence_file_id="f1"),
        "consents[0].evidence_file_id",
        "no_such_file",
    ),
    (
        lambda case: case.files[0].child_ids.append("p1"),
        lambda case: case.files[0].child_ids.append("c1"),
        "files[0].child_ids[0]",
        "no_such_child",
    ),
    (
        lambda case: case.consents.add(id="k1", recipients=["Not A Node"]),
        lambda case: case.consents.add(id="k1", recipients=["gr.example"]),
        "consents[0].recipients[0]",
        "not_a_node_id",
    ),
    (
        lambda case: case.linked_cases.add(federated_id="our number 7"),
        lambda case: case.linked_cases.add(federated_id="gr.example/01J9ZK4Q7TQ3V6W8X2Y5N0M1AB"),
        "linked_cases[0].federated_id",
        "not_a_case_id",
    ),
    (consent(2026, 2025), consent(2026, 2026), "consents[0]", "range_reversed"),
    (
        set_to("category", "category_of_2031"),
        set_to("category", "runaway"),
        "category",
        "unknown_code",
    ),
    (
        lambda case: case.children.add(id="c2"),
        lambda case: (case.children.add(id="c2"), setattr(case, "child_count", 2)),
        "child_count",
        "fewer_than_described",
    ),
    (set_to("files.0.kind", "csam"), set_to("files.0.kind", "poster"), "files[0]", "never"),
]
NAMES = {"tel": "not_a_telephone", "e-mail": "not_an_email", "never": "never_attached"}


@pytest.mark.parametrize(("bad", "good", "path", "rule"), RULES)
def test_each_rule_refuses_what_breaks_it_and_nothing_else(bad, good, path, rule) -> None:
    assert own(bad) == [Problem(path, NAMES.get(rule, rule))]
    assert own(good) == []


def test_what_one_asks_of_own_cases_is_no_problem_of_a_peers() -> None:
    case = belgian_case()
    case.category = "category_of_2031"
    case.persons[1].relations[0].child_id = "c9"
    assert check_case(case) == []


def test_a_code_that_a_peer_told_may_stand_in_an_belgian_case() -> None:
    case = belgian_case()
    case.category = "category_of_2031"
    accepted = {("category", "category_of_2031")}
    assert check_own_case(case, now_ms=NOW_MS, accepted=accepted) == []
    assert check_own_case(case, now_ms=NOW_MS, accepted={("sex", "category_of_2031")}) == [
        Problem("category", "unknown_code")
    ]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (set_to("children.0.names.0.given", "x" * 201), "too_long"),
        (set_to("children.0.names.0.given", "a\x1bb"), "control_character"),
        (set_to("files.0.kind", "csam"), "never_attached"),
        (set_to("police.0.references.0.kind", "sis"), "sis_number"),
        (lambda case: case.countries_to.extend(["GR"] * 50), "too_many"),
    ],
)
def test_what_harms_a_reader_is_refused_from_a_peer(change, rule) -> None:
    case = belgian_case()
    change(case)
    assert [problem.rule for problem in check_received(case)] == [rule]


@pytest.mark.parametrize(
    "change",
    [
        numbers("height_cm", 900, 900),
        born(2011, 2, 31),
        contact("telephone", "call me"),
        set_to("circumstances.last_seen.place.country", "be"),
    ],
)
def test_a_slip_keeps_no_alert_from_its_reader(change) -> None:
    case = belgian_case()
    change(case)
    assert check_case(case) != []
    assert list(check_received(case)) == []


@given(random_choices())
def test_what_an_own_case_discloses_is_refused_by_nobody(paths) -> None:
    case = belgian_case()
    assert own(lambda case: None) == []
    assert list(check_received(disclose(case, paths, file_ids={"f1", "f2"}))) == []
