"""A case is checked: each problem is named with its place, and no value is repeated."""

from __future__ import annotations

import pytest
from hypothesis import given

from protocol.disclosure import Problem, check_case
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import atoms, belgian_case, random_cases


def test_a_proper_case_has_no_problem() -> None:
    assert check_case(belgian_case()) == []
    assert check_case(Case()) == []


@given(random_cases())
def test_checking_never_fails_and_never_repeats_a_value(case) -> None:
    values = {value for _, value in atoms(case) if isinstance(value, str)}
    for problem in check_case(case):
        assert not {problem.path, problem.rule} & values


def broken(change) -> list[Problem]:
    case = belgian_case()
    change(case)
    return check_case(case)


def set_date(case: Case, year: int, month: int, day: int, precision: str) -> None:
    birth = case.children[0].date_of_birth
    birth.year, birth.month, birth.day, birth.precision = year, month, day, precision


@pytest.mark.parametrize(
    ("date", "is_good"),
    [
        ((2012, 2, 29, "day"), True),
        ((2011, 2, 29, "day"), False),
        ((2011, 13, 0, "month"), False),
        ((2011, 0, 3, "estimated"), False),
        ((2011, 6, 0, "day"), False),
        ((2011, 6, 3, "month"), False),
        ((2011, 0, 0, "year"), True),
        ((2011, 0, 0, "estimated"), True),
        ((2011, 6, 0, "precision_of_a_newer_list"), True),
        ((11, 6, 3, "day"), False),
        ((0, 0, 0, "not_asked"), True),
        ((0, 0, 0, "day"), False),
        ((2011, 0, 0, "withheld"), False),
    ],
)
def test_a_date_has_the_parts_that_its_precision_says(date, is_good) -> None:
    problems = broken(lambda case: set_date(case, *date))
    assert problems == ([] if is_good else [Problem("children[0].date_of_birth", "not_a_date")])


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        (
            lambda c: c.children[0].names[1].CopyFrom(type(c.children[0].names[1])(full="x" * 201)),
            "children[0].names[1].full",
            "too_long",
        ),
        (lambda c: c.countries_to.extend(["GR"] * 50), "countries_to", "too_many"),
        (lambda c: setattr(c, "status", "no code"), "status", "not_a_code"),
        (lambda c: setattr(c, "urgency", 5), "urgency", "not_a_code"),
        (lambda c: setattr(c, "lead_node", "a\x1bb"), "lead_node", "control_character"),
        (
            lambda c: setattr(c.reported_missing_at, "zone", "CET"),
            "reported_missing_at",
            "not_a_moment",
        ),
        (
            lambda c: setattr(c.reported_missing_at, "at_ms", 2**60),
            "reported_missing_at",
            "not_a_moment",
        ),
        (
            lambda c: setattr(c.children[0].description.height_cm, "at_most", 1),
            "children[0].description.height_cm",
            "range_reversed",
        ),
        (
            lambda c: setattr(
                c.circumstances.last_seen.place.coordinates, "latitude_hundredths", 9001
            ),
            "circumstances.last_seen.place.coordinates",
            "not_on_earth",
        ),
        (
            lambda c: setattr(c.child_wishes[0].wants_withheld, "language", ""),
            "child_wishes[0].wants_withheld",
            "not_a_language",
        ),
        (lambda c: setattr(c.files[0], "language", "Dutch!"), "files[0]", "not_a_language"),
        (lambda c: setattr(c.files[1], "digest", b"short"), "files[1].digest", "not_a_digest"),
        (
            lambda c: setattr(c.police[0].references[0], "kind", "sis"),
            "police[0].references[0]",
            "sis_number",
        ),
        (lambda c: setattr(c.persons[0], "id", ""), "persons[0].id", "not_an_id"),
        (lambda c: setattr(c.persons[0], "id", "A 1"), "persons[0].id", "not_an_id"),
    ],
)
def test_each_rule_is_named_with_its_place(change, path, rule) -> None:
    assert broken(change) == [Problem(path, rule)]


def test_an_id_is_used_once_in_the_whole_case() -> None:
    problems = broken(lambda case: setattr(case.persons[0], "id", "c1"))
    assert problems == [
        Problem("children[0].id", "id_repeated"),
        Problem("persons[0].id", "id_repeated"),
    ]


def test_moments_of_a_range_stand_in_order() -> None:
    case = Case()
    seen = case.circumstances.last_seen.seen
    seen.earliest.at_ms, seen.latest.at_ms = 2_000, 1_000
    assert check_case(case) == [Problem("circumstances.last_seen.seen", "range_reversed")]
    seen.latest.precision = "unknown"
    assert check_case(case) == []


def test_a_code_of_a_newer_list_is_no_problem() -> None:
    assert broken(lambda case: setattr(case, "category", "category_of_2031")) == []
