"""Taking told values into an own case: nothing lost, nothing overwritten unasked."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from protocol.disclosure.merging import OWN_PATHS, element_kinds, merge
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import LEAF_PATHS, atoms, filled_case

# An element without an id of its own is none that people can have made.
KEYS = {path for path in LEAF_PATHS if path.rpartition(".")[2] in ("id", "child_id")}


@st.composite
def told_cases(draw: st.DrawFn) -> Case:
    chosen = draw(st.sets(st.sampled_from(LEAF_PATHS)))
    return filled_case(chosen | KEYS, draw(st.integers(1, 2)))


def own_case() -> Case:
    case = Case(federated_id="be.example/1", lead_node="be.example", category="runaway")
    child = case.children.add(id="c1", sex="female", nationalities=["BE"])
    child.names.add(given="Testina")
    case.circumstances.text.text = "Ours."
    return case


def test_an_empty_field_is_filled_and_the_rest_stays() -> None:
    told = Case(status="open")
    told.children.add(id="c1", age_band="13_to_15")
    merged = merge(own_case(), told, ids={"c1": "c1"})
    assert (merged.case.status, merged.case.children[0].age_band) == ("open", "13_to_15")
    assert merged.case.children[0].sex == "female"
    assert merged.conflicts == ()
    only = Case(status="open")
    only.children.add(id="c1", age_band="13_to_15")
    assert merged.taken == only


def test_another_value_is_a_conflict_until_it_is_to_be_replaced() -> None:
    told = Case(category="lost_injured_other")
    told.circumstances.text.text = "Theirs."
    merged = merge(own_case(), told, ids={})
    assert merged.case == own_case()
    assert merged.taken == Case()
    assert [each.path for each in merged.conflicts] == ["category", "circumstances.text"]
    assert (merged.conflicts[0].own, merged.conflicts[0].told) == ("runaway", "lost_injured_other")
    merged = merge(own_case(), told, ids={}, replaced=["circumstances.text"])
    assert merged.case.circumstances.text.text == "Theirs."
    assert [each.path for each in merged.conflicts] == ["category"]


def test_of_each_child_it_is_said_apart_whose_value_is_right() -> None:
    own, told = own_case(), Case()
    own.children.add(id="c2", sex="male")
    for child_id, sex in (("c1", "other"), ("c2", "other")):
        told.children.add(id=child_id, sex=sex)
    ids = {"c1": "c1", "c2": "c2"}
    merged = merge(own, told, ids=ids)
    places = ["children[c1].sex", "children[c2].sex"]
    assert [each.place for each in merged.conflicts] == places
    assert merged.kept == ()
    merged = merge(own, told, ids=ids, replaced=places[:1], kept=places[1:])
    assert [child.sex for child in merged.case.children] == ["other", "male"]
    assert merged.conflicts == ()
    assert [each.place for each in merged.kept] == places[1:]
    assert [child.id for child in merged.taken.children] == ["c1"]
    # A path is about all of them.
    merged = merge(own, told, ids=ids, kept=["children.sex"])
    assert (merged.case, len(merged.kept)) == (own, 2)


def test_every_element_says_what_kind_it_is() -> None:
    case = own_case()
    case.persons.add(id="p1")
    assert dict(element_kinds(case)) == {"c1": "Child", "p1": "Person"}


def test_lists_grow_by_what_is_not_there_yet() -> None:
    told = Case()
    child = told.children.add(id="c1", nationalities=["BE", "GR"])
    child.names.add(given="Testina")
    child.names.add(given="Τεστίνα")
    merged = merge(own_case(), told, ids={"c1": "c1"})
    (grown,) = merged.case.children
    assert list(grown.nationalities) == ["BE", "GR"]
    assert [name.given for name in grown.names] == ["Testina", "Τεστίνα"]
    assert [name.given for name in merged.taken.children[0].names] == ["Τεστίνα"]


def test_an_id_that_means_somebody_else_here_gets_a_new_one_everywhere() -> None:
    told = Case()
    told.child_wishes.add(child_id="c1", whereabouts_may_be_told_to=["police"])
    told.children.add(id="c1", sex="male")
    told.persons.add(id="p1").relations.add(child_id="c1", relation="father")
    told.circumstances.sightings.add(id="s1", child_ids=["c1"])
    merged = merge(own_case(), told, ids={})
    assert [(each.id, each.sex) for each in merged.case.children] == [
        ("c1", "female"),
        ("c2", "male"),
    ]
    assert merged.case.child_wishes[0].child_id == "c2"
    assert merged.case.persons[0].relations[0].child_id == "c2"
    assert list(merged.case.circumstances.sightings[0].child_ids) == ["c2"]
    assert merged.ids == {"c1": "c2", "p1": "p1", "s1": "s1"}
    # Once more with what is known now: there is nothing new.
    again = merge(merged.case, told, ids=merged.ids)
    assert (again.case, again.taken, again.conflicts) == (merged.case, Case(), ())


def test_what_the_case_is_to_others_is_linked_and_never_taken() -> None:
    told = Case(federated_id="gr.example/9", lead_node="gr.example", follower_nodes=["x.example"])
    merged = merge(own_case(), told, ids={})
    assert (merged.case.federated_id, merged.case.lead_node) == ("be.example/1", "be.example")
    assert list(merged.case.follower_nodes) == []
    assert [link.federated_id for link in merged.case.linked_cases] == ["gr.example/9"]
    assert merge(merged.case, told, ids={}).case == merged.case


def test_fewer_children_than_are_described_are_never_taken_as_their_number() -> None:
    own = own_case()
    own.children.add(id="c2")
    own.child_count = 2
    merged = merge(own, Case(child_count=1), ids={}, replaced={"child_count"})
    assert (merged.case, merged.taken) == (own, Case())


@given(told_cases(), told_cases(), st.sets(st.sampled_from(LEAF_PATHS), max_size=5))
def test_nothing_of_the_own_case_is_lost_whatever_is_told(own: Case, told: Case, replaced) -> None:
    before, said = own.SerializeToString(), told.SerializeToString()
    merged = merge(own, told, ids={}, replaced=replaced)
    assert (own.SerializeToString(), told.SerializeToString()) == (before, said)
    held = Counter(atoms(merged.case))
    # How many children there are follows how many are described.
    free = {*replaced, "child_count"}
    kept = Counter(atom for atom in atoms(own) if not _is_below(atom[0], free))
    assert kept <= held
    again = merge(merged.case, told, ids=merged.ids, replaced=replaced)
    assert (again.taken, again.case) == (Case(), merged.case)


def test_all_of_a_maximal_case_comes_into_an_empty_one() -> None:
    told = filled_case(set(LEAF_PATHS), 2)
    merged = merge(Case(), told, ids={})
    expected = Case()
    expected.CopyFrom(told)
    for name in OWN_PATHS:
        expected.ClearField(name)
    # What stands alone needs no id.
    expected.circumstances.last_seen.ClearField("id")
    expected.linked_cases.add(federated_id=told.federated_id, reason="same_child")
    assert merged.case == expected
    assert merged.conflicts == ()


def _is_below(path: str, replaced: set[str]) -> bool:
    return any(path == each or path.startswith(f"{each}.") for each in replaced)
