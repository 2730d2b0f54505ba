"""Opening hours as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.members import OpeningHours
from node.errors import ArgumentError
from node.federation.hours import check_time_zone, hours_text, parse_hours


@st.composite
def weeks(draw) -> tuple[OpeningHours, ...]:
    """Any week of opening hours that do not overlap."""
    hours = []
    for weekday in range(1, 8):
        minutes = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
        pairs = zip(minutes[::2], minutes[1::2], strict=False)
        hours += [OpeningHours(weekday, opens, closes) for opens, closes in pairs]
    return tuple(hours)


@given(weeks())
def test_what_is_shown_can_be_typed_again(hours: tuple[OpeningHours, ...]) -> None:
    assert parse_hours([hours_text(hours)]) == hours


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["mo-fr 09:00-17:00"], "mo-fr 09:00-17:00"),
        (["Mo-Fr 09:00-17:00"], "mo-fr 09:00-17:00"),
        (["mo, tu ,we 09:00 - 17:00"], "mo-we 09:00-17:00"),
        (["mo,we,fr 09:00-17:00"], "mo 09:00-17:00; we 09:00-17:00; fr 09:00-17:00"),
        (["sa 10:00-12:00", "mo-fr 09:00-17:00"], "mo-fr 09:00-17:00; sa 10:00-12:00"),
        (["mo 13:30-17:00 09:00-12:30"], "mo 09:00-12:30 13:30-17:00"),
        (["mo 22:00-24:00; tu 00:00-06:00"], "mo 22:00-24:00; tu 00:00-06:00"),
        (["mo-su 00:00-24:00"], "mo-su 00:00-24:00"),
        (["always"], "always"),
        ([" Always "], "always"),
    ],
)
def test_hours_are_read_as_people_write_them(texts: list[str], shown: str) -> None:
    assert hours_text(parse_hours(texts)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "mo-fr",
        "09:00-17:00",
        "mo-fr 9-17",
        "mo-fr 09:00",
        "mo-fr 17:00-09:00",
        "mo-fr 09:00-09:00",
        "mo-fr 09:00-25:00",
        "mo-fr 09:60-17:00",
        "fr-mo 09:00-17:00",
        "monday 09:00-17:00",
        "mo-fr 09:00-17:00 always",
        "always; mo 09:00-17:00",
        "mo-fr 09:00-12:00 11:59-17:00",
        "mo-fr 09:00-12:00; mo 10:00-11:00",
        "mo-fr ٠٩:00-17:00",
    ],
)
def test_other_hours_are_refused(text: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_hours([text])
    assert caught.value.hint.startswith("for example ")


def test_a_time_zone_must_be_one_that_is_known() -> None:
    check_time_zone("Europe/Brussels")
    with pytest.raises(ArgumentError, match="no such time zone"):
        check_time_zone("Europe/Nowhere")


def test_a_machine_that_knows_no_time_zones_refuses_none(monkeypatch) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", lambda: {"Europe/Brussels"})
    with pytest.raises(ArgumentError, match="no such time zone"):
        check_time_zone("Europe/Nowhere")
    monkeypatch.setattr("zoneinfo.available_timezones", set)
    check_time_zone("Europe/Nowhere")
