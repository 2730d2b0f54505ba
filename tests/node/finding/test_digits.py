"""Telephone numbers, references and dates, however they are written."""

from __future__ import annotations

import pytest

from node.finding.digits import (
    Date,
    compare_dates,
    date_of,
    date_terms,
    read_date,
    reference_lookups,
    reference_terms,
    telephone_lookups,
    telephone_terms,
)
from node.finding.reasons import Reason


def reasons_of(recorded: set[str], lookups) -> set[Reason]:
    """Return why a recorded number is found."""
    return {
        lookup.reason
        for lookup in lookups
        for term in recorded
        if term == lookup.term or (lookup.is_beginning and term.startswith(lookup.term))
    }


@pytest.mark.parametrize(
    ("recorded", "asked", "reason"),
    [
        ("+30 210 555 0100", "+302105550100", Reason.TELEPHONE),
        ("+30 210 555 0100", "0030 210-5550100", Reason.TELEPHONE),
        ("+30 210 555 0100", "210 5550100", Reason.TELEPHONE),
        ("0470 12 34 56", "+32 470 123456", Reason.TELEPHONE),
        ("+32 470 123456", "0470/12.34.56", Reason.TELEPHONE),
        ("+32 470 123456", "٠٤٧٠١٢٣٤٥٦", Reason.TELEPHONE),
        ("+32 470 123456", "3456", Reason.TELEPHONE_END),
    ],
)
def test_a_telephone_number_is_found_however_it_is_written(recorded, asked, reason) -> None:
    assert reasons_of(set(telephone_terms(recorded)), telephone_lookups(asked)) == {reason}


@pytest.mark.parametrize("asked", ["+30 210 555 0101", "456", "+30 211 5550100", ""])
def test_another_telephone_number_is_not_found(asked: str) -> None:
    assert not reasons_of(set(telephone_terms("+30 210 555 0100")), telephone_lookups(asked))


@pytest.mark.parametrize(
    ("recorded", "asked", "reason"),
    [
        ("NA.11.000001/2026", "NA.11.000001/2026", Reason.REFERENCE),
        ("NA.11.000001/2026", "na 11 000001 2026", Reason.REFERENCE),
        ("NA.11.000001/2026", "NA11", Reason.REFERENCE_BEGINS),
        ("ΑΒ-1234/5", "ab12345", Reason.REFERENCE),
        ("АВ 1234", "ab1234", Reason.REFERENCE),
        ("2026-0117", "117", Reason.REFERENCE_PART),
        ("2026-0117", "0117", Reason.REFERENCE_PART),
        ("2026-0117", "2026-0117", Reason.REFERENCE),
    ],
)
def test_a_reference_is_found_however_it_is_written(recorded, asked, reason) -> None:
    assert reason in reasons_of(set(reference_terms(recorded)), reference_lookups(asked))


def test_a_year_in_a_reference_is_no_part_to_find_it_by() -> None:
    assert not reasons_of(set(reference_terms("BR.7/2026")), reference_lookups("2026"))


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2012-05-17", Date(2012, 5, 17)),
        ("17.05.2012", Date(2012, 5, 17)),
        ("17/5/2012", Date(2012, 5, 17)),
        ("05/17/2012", Date(2012, 5, 17)),
        ("3-4-2012", Date(2012, 4, 3)),
        ("2012-05", Date(2012, 5)),
        ("05.2012", Date(2012, 5)),
        ("2012", Date(2012)),
        ("31.02.2012", None),
        ("2012-13-40", None),
        ("1850", None),
        ("12", None),
        ("0000-00-00", None),
        ("2026-0117", None),
    ],
)
def test_dates_are_read_as_people_type_them(text: str, date: Date | None) -> None:
    assert read_date(text) == date


@pytest.mark.parametrize(
    ("asked", "recorded", "reason"),
    [
        (Date(2012, 5, 4), Date(2012, 5, 4), Reason.DATE_SAME),
        (Date(2012, 5, 4), Date(2012, 4, 5), Reason.DATE_SWAPPED),
        (Date(2012, 5, 4), Date(2012, 5), Reason.DATE_PARTLY),
        (Date(2012), Date(2012, 4, 5), Reason.DATE_PARTLY),
        (Date(2012, 5, 4), Date(2013, 5, 4), Reason.DATE_NEAR),
        (Date(2012, 1, 1), Date(2011, 12, 31), Reason.DATE_NEAR),
        (Date(2012, 5, 14), Date(2012, 6, 14), Reason.DATE_DIFFERS),
    ],
)
def test_dates_are_compared_with_a_reason(asked: Date, recorded: Date, reason: Reason) -> None:
    assert compare_dates(asked, recorded)[1] is reason


def test_a_date_is_kept_as_it_is_and_swapped() -> None:
    assert set(date_terms(Date(2012, 5, 4))) == {"d2012-05-04", "s2012-04-05"}
    # The seventeenth is no month.
    assert set(date_terms(Date(2012, 5, 17))) == {"d2012-05-17"}


def test_a_recorded_day_that_never_was_keeps_its_year() -> None:
    assert date_of(2012, 2, 31) == Date(2012, 2)
    assert date_of(2012, 14, 1) == Date(2012)
    assert date_of(99999, 1, 1) is None
