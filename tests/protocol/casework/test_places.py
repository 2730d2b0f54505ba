"""Places by id: the same element whatever stands before it."""

from __future__ import annotations

import pytest
from hypothesis import given

from protocol.casework.places import named_place
from protocol.disclosure.dictionary import filled
from tests.support.cases import belgian_case, random_cases


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("status", "status"),
        ("children[0].sex", "children[c1].sex"),
        ("children[0].names[1].given", "children[c1].names[1].given"),
        ("persons[1].relations[0].child_id", "persons[p2].relations[0].child_id"),
        ("countries_to[0]", "countries_to[0]"),
        ("circumstances.last_seen.place.coordinates", "circumstances.last_seen.place.coordinates"),
    ],
)
def test_elements_go_by_their_ids(place, named) -> None:
    assert named_place(belgian_case(), place) == named


@given(random_cases())
def test_two_places_are_never_named_alike(case) -> None:
    places = [value.place for value in filled(case)]
    assert len({named_place(case, place) for place in places}) == len(places)
