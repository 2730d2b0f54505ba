"""Legal dates, against dates that were counted by hand on a calendar."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.casework.clocks import Clock, Law, Standing, legal_clocks
from protocol.pb.homeward.v1.case_pb2 import Case, PartialDate

TODAY = date(2026, 11, 22)


def parts(text: str) -> PartialDate:
    """Return a date from "2026-11-22", "2026-11" or "2026"."""
    numbers = [int(part) for part in text.split("-")]
    names = ("year", "month", "day")
    return PartialDate(**dict(zip(names, numbers, strict=False)), precision=names[len(numbers) - 1])


def abduction(removed: str = "", born: str = "", **situation: str) -> Case:
    case = Case(category="parental_abduction_international")
    child = case.children.add(id="c1")
    if born:
        child.date_of_birth.CopyFrom(parts(born))
    if removed:
        removal = case.legal_situation.removals.add(kind="removal")
        removal.happened_on.CopyFrom(parts(removed))
    for name, value in situation.items():
        setattr(case.legal_situation, name, value)
    return case


def clock(case: Case, law: Law, today: date = TODAY) -> Clock:
    (found,) = [each for each in legal_clocks(case, today) if each.law is law]
    return found


def laws(case: Case, today: date = TODAY) -> set[Law]:
    return {each.law for each in legal_clocks(case, today)}


# ---- the year of Art. 12 ----


@pytest.mark.parametrize(
    ("removed", "first", "last", "left"),
    [
        ("2026-03-10", "2027-03-10", "2027-03-10", (108, 108)),
        ("2025-11-22", "2026-11-22", "2026-11-22", (0, 0)),
        ("2025-11-21", "2026-11-21", "2026-11-21", (-1, -1)),
        # 2028 has the day, 2025 has not.
        ("2024-02-29", "2025-02-28", "2025-02-28", (-632, -632)),
        ("2027-02-28", "2028-02-28", "2028-02-28", (463, 463)),
        ("2026-02", "2027-02-01", "2027-02-28", (71, 98)),
        ("2024-02", "2025-02-01", "2025-02-28", (-659, -632)),
        ("2025", "2026-01-01", "2026-12-31", (-325, 39)),
    ],
)
def test_the_year_ends_on_the_same_date(removed, first, last, left) -> None:
    found = clock(abduction(removed), Law.ONE_YEAR)
    assert found.on is not None
    assert (str(found.on.earliest), str(found.on.latest)) == (first, last)
    assert found.days_left == left
    assert found.place == "legal_situation.removals[0]"
    assert found.child_ids == ("c1",)


@pytest.mark.parametrize(
    ("removed", "standing"),
    [
        ("2025-11-22", Standing.RUNNING),
        ("2025-11-21", Standing.PASSED),
        ("2025-11", Standing.UNSURE),
        ("2025", Standing.UNSURE),
        ("2024", Standing.PASSED),
    ],
)
def test_the_last_day_still_counts_and_a_month_may_have_passed(removed, standing) -> None:
    assert clock(abduction(removed), Law.ONE_YEAR).standing is standing


@pytest.mark.parametrize(
    ("seised", "standing"),
    [
        ("2025-03-10", Standing.MET),
        ("2025-03-11", Standing.PASSED),
        ("2025-03", Standing.UNSURE),
        ("2025-02", Standing.MET),
    ],
)
def test_the_year_is_met_when_a_court_had_it_in_time(seised, standing) -> None:
    case = abduction("2024-03-10")
    application = case.legal_situation.applications.add(id="ap1", kind="return")
    application.court_seised_on.CopyFrom(parts(seised))
    assert clock(case, Law.ONE_YEAR).standing is standing


def test_filing_with_a_central_authority_and_a_plea_for_access_do_not_meet_the_year() -> None:
    case = abduction("2024-03-10")
    filed = case.legal_situation.applications.add(id="ap1", kind="return")
    filed.filed_on.CopyFrom(parts("2024-04-01"))
    access = case.legal_situation.applications.add(id="ap2", kind="access")
    access.court_seised_on.CopyFrom(parts("2024-04-01"))
    assert clock(case, Law.ONE_YEAR).standing is Standing.PASSED


def test_the_year_of_siblings_is_met_when_the_court_had_all_of_them() -> None:
    case = abduction("2024-03-10")
    case.children.add(id="c2")
    application = case.legal_situation.applications.add(id="ap1", child_ids=["c1"])
    application.court_seised_on.CopyFrom(parts("2024-05-01"))
    assert clock(case, Law.ONE_YEAR).standing is Standing.PASSED
    application.child_ids.append("c2")
    assert clock(case, Law.ONE_YEAR).standing is Standing.MET


def test_siblings_taken_on_two_days_have_two_years() -> None:
    case = abduction("2026-03-10")
    case.children.add(id="c2")
    case.legal_situation.removals[0].child_ids.append("c1")
    later = case.legal_situation.removals.add(kind="retention", child_ids=["c2"])
    later.happened_on.CopyFrom(parts("2026-08-31"))
    years = [each for each in legal_clocks(case, TODAY) if each.law is Law.ONE_YEAR]
    assert [(each.child_ids, str(each.on.earliest)) for each in years if each.on] == [
        (("c1",), "2027-03-10"),
        (("c2",), "2027-08-31"),
    ]


# ---- birthdays ----


@pytest.mark.parametrize(
    ("born", "law", "first", "last"),
    [
        ("2011-06-03", Law.SIXTEEN, "2027-06-03", "2027-06-03"),
        ("2011-06-03", Law.FULL_AGE, "2029-06-03", "2029-06-03"),
        ("2011-06", Law.SIXTEEN, "2027-06-01", "2027-06-30"),
        ("2011", Law.SIXTEEN, "2027-01-01", "2027-12-31"),
        # 2028 has a 29 February; for 2030 countries differ.
        ("2012-02-29", Law.SIXTEEN, "2028-02-29", "2028-02-29"),
        ("2012-02-29", Law.FULL_AGE, "2030-02-28", "2030-03-01"),
        ("2012-02", Law.FULL_AGE, "2030-02-01", "2030-03-01"),
    ],
)
def test_an_age_is_reached_on_the_birthday(born, law, first, last) -> None:
    found = clock(abduction(born=born), law)
    assert found.on is not None
    assert (str(found.on.earliest), str(found.on.latest)) == (first, last)


@pytest.mark.parametrize(
    ("today", "standing", "left"),
    [
        (date(2027, 6, 2), Standing.RUNNING, (1, 1)),
        (date(2027, 6, 3), Standing.PASSED, (0, 0)),
        (date(2027, 6, 4), Standing.PASSED, (-1, -1)),
    ],
)
def test_on_the_birthday_the_age_is_reached(today, standing, left) -> None:
    found = clock(abduction(born="2011-06-03"), Law.SIXTEEN, today)
    assert (found.standing, found.days_left) == (standing, left)


def test_a_child_of_29_february_may_be_of_age_between_two_days() -> None:
    case = abduction(born="2012-02-29")
    days = (date(2030, 2, 27), date(2030, 2, 28), date(2030, 3, 1))
    standings = [clock(case, Law.FULL_AGE, day).standing for day in days]
    assert standings == [Standing.RUNNING, Standing.UNSURE, Standing.PASSED]


def test_each_child_has_birthdays_of_its_own() -> None:
    case = abduction(born="2011-06-03")
    case.children.add(id="c2").date_of_birth.CopyFrom(parts("2015-01-31"))
    sixteen = [each for each in legal_clocks(case, TODAY) if each.law is Law.SIXTEEN]
    assert [each.place for each in sixteen] == ["children[c1]", "children[c2]"]


# ---- six weeks ----


def filed(**dates: str) -> Case:
    case = abduction("2026-03-10", hague_1980_applies="yes", brussels_iib_applies="yes")
    application = case.legal_situation.applications.add(id="ap1", kind="return", status="court")
    for name, text in dates.items():
        getattr(application, name).CopyFrom(parts(text))
    return case


@pytest.mark.parametrize("law", [Law.SIX_WEEKS, Law.SIX_WEEKS_EU])
@pytest.mark.parametrize(
    ("dates", "on", "standing"),
    [
        ({"filed_on": "2026-10-11"}, "2026-11-22", Standing.RUNNING),
        ({"filed_on": "2026-10-10"}, "2026-11-21", Standing.PASSED),
        # What the court had counts, not what was filed with an authority before.
        ({"filed_on": "2026-01-05", "court_seised_on": "2026-10-20"}, "2026-12-01", "running"),
        ({"court_seised_on": "2026-02-01", "decided_on": "2026-03-15"}, "2026-03-15", "met"),
        ({"court_seised_on": "2026-02-01", "decided_on": "2026-03-16"}, "2026-03-15", "passed"),
        # Over the end of a February with 29 days.
        ({"court_seised_on": "2024-01-20"}, "2024-03-02", Standing.PASSED),
    ],
)
def test_six_weeks_end_on_the_same_weekday(law, dates, on, standing) -> None:
    found = clock(filed(**dates), law)
    assert found.on is not None
    assert str(found.on.earliest) == str(found.on.latest) == on
    assert found.standing == standing
    assert found.place == "legal_situation.applications[ap1]"


def test_an_application_that_is_over_has_no_clock() -> None:
    case = filed(filed_on="2026-10-11")
    assert Law.SIX_WEEKS in laws(case)
    case.legal_situation.applications[0].status = "withdrawn"
    assert not laws(case) & {Law.SIX_WEEKS, Law.SIX_WEEKS_EU}


# ---- which laws ----


def test_a_clock_without_a_date_says_so() -> None:
    found = legal_clocks(abduction(), TODAY)
    assert {each.law for each in found} == {Law.ONE_YEAR, Law.SIXTEEN, Law.FULL_AGE}
    for each in found:
        assert (each.on, each.days_left, each.standing) == (None, None, Standing.NO_DATE)


def test_where_the_convention_does_not_apply_its_clocks_do_not_run() -> None:
    case = abduction("2026-03-10", born="2011-06-03", hague_1980_applies="no")
    case.legal_situation.applications.add(id="ap1").filed_on.CopyFrom(parts("2026-10-11"))
    assert laws(case) == {Law.FULL_AGE}
    case.legal_situation.brussels_iib_applies = "yes"
    assert laws(case) == {Law.FULL_AGE, Law.SIX_WEEKS_EU}


def test_a_runaway_has_the_eighteenth_birthday_alone() -> None:
    case = Case(category="runaway")
    case.children.add(id="c1").date_of_birth.CopyFrom(parts("2011-06-03"))
    assert laws(case) == {Law.FULL_AGE}
    assert legal_clocks(Case(), TODAY) == []


def test_the_next_date_stands_first_and_those_without_one_last() -> None:
    case = filed(filed_on="2026-10-11")
    found = legal_clocks(case, TODAY)
    dates = [each.on.earliest if each.on else date.max for each in found]
    assert dates == sorted(dates)
    assert found[-1].on is None


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)), st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_a_rougher_date_never_says_more_than_the_day(day, today) -> None:
    exact = clock(abduction(str(day)), Law.ONE_YEAR, today)
    assert exact.on is not None
    for rough in (str(day)[:7], str(day)[:4]):
        found = clock(abduction(rough), Law.ONE_YEAR, today)
        assert found.on is not None
        assert found.on.earliest <= exact.on.earliest <= found.on.latest
        assert found.standing in (exact.standing, Standing.UNSURE)
