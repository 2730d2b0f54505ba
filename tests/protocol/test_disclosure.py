from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.disclosure import (
    Share,
    choice,
    default_mask,
    disclose,
    preview,
    sensitive_paths,
    ticked_count,
)
from protocol.errors import PolicyRefusal
from protocol.pb.homeward.v1 import options_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from protocol.vocabulary import VOCABULARIES
from tests.support.cases import (
    ALL_FIELDS,
    LEAF_PATHS,
    PATHS_THAT_MAY_GO,
    atoms,
    belgian_case,
    filled_case,
    random_cases,
    random_choices,
)

EVERY_KIND = tuple(VOCABULARIES["referral_kind"].codes)


def way(path: str) -> list[str]:
    """The path itself and every path above it, from the top."""
    names = path.split(".")
    return [".".join(names[:length]) for length in range(1, len(names) + 1)]


@functools.cache
def own_share(path: str) -> Share:
    """The share that the field itself has, read without the code under test."""
    descriptor = Case.DESCRIPTOR
    for name in path.split("."):
        field = descriptor.fields_by_name[name]
        descriptor = field.message_type
    return Share(field.GetOptions().Extensions[options_pb2.share])


def may_go(path: str, ticked: Sequence[str]) -> bool:
    """The rule in other words: a tick reaches down until an S field, and never past N."""
    steps = way(path)
    if Share.NEVER in map(own_share, steps):
        return False
    return any(
        step in ticked and all(own_share(below) < Share.SENSITIVE for below in steps[depth:])
        for depth, step in enumerate(steps, 1)
    )


def is_local_id(path: str) -> bool:
    return path.endswith((".id", ".child_id", ".child_ids"))


def without_ids(case: Case) -> Counter[tuple[str, object]]:
    return Counter(atom for atom in atoms(case) if not is_local_id(atom[0]))


def file_ids(case: Case) -> set[str]:
    return {file.id for file in case.files if file.id}


# ---- what goes ----


@given(random_cases(), random_choices())
def test_exactly_what_is_ticked_and_allowed_goes_unchanged(case, ticked) -> None:
    disclosed = disclose(case, ticked, file_ids=file_ids(case))
    expected = Counter(
        (path, value)
        for path, value in without_ids(case).elements()
        # Without an id, no file can be chosen.
        if may_go(path, ticked) and (not path.startswith("files.") or file_ids(case))
    )
    assert without_ids(disclosed) == expected


@given(random_cases(), random_choices())
def test_local_ids_go_only_where_something_of_their_element_is_ticked(case, ticked) -> None:
    disclosed = disclose(case, ticked, file_ids=file_ids(case))
    known = set(atoms(case))
    ids = [(path, value) for path, value in atoms(disclosed) if is_local_id(path)]
    assert set(ids) <= known
    for path, _ in ids:
        element = path.rpartition(".")[0]
        assert any(element in way(tick) or tick in way(path) for tick in ticked)


@given(random_cases(), random_choices())
def test_disclosing_twice_is_disclosing_once(case, ticked) -> None:
    once = disclose(case, ticked, file_ids=file_ids(case))
    assert disclose(once, ticked, file_ids=file_ids(once)) == once


@given(random_cases(), random_choices())
def test_the_case_itself_is_not_changed(case, ticked) -> None:
    before = case.SerializeToString(deterministic=True)
    disclose(case, ticked, file_ids=file_ids(case))
    assert case.SerializeToString(deterministic=True) == before


@given(random_cases(), random_choices())
def test_nothing_that_never_leaves_is_in_any_disclosure(case, ticked) -> None:
    disclosed = disclose(case, ticked, file_ids=file_ids(case))
    for path, _ in atoms(disclosed):
        assert Share.NEVER not in map(own_share, way(path))


@given(random_cases(), st.sampled_from(EVERY_KIND))
def test_no_default_choice_holds_anything_sensitive(case, kind) -> None:
    mask = default_mask(kind)
    assert sensitive_paths(mask) == ()
    for path, _ in atoms(disclose(case, mask)):
        assert all(own_share(step) <= Share.MINIMAL for step in way(path))


def test_sensitive_groups_need_a_tick_of_their_own() -> None:
    case = belgian_case()
    assert not disclose(case, ["children"]).children[0].identity_documents
    both = disclose(case, ["children", "children.identity_documents"]).children[0]
    assert both.identity_documents[0].number == "XX0000000"
    assert not both.description.intimate_marks
    number = disclose(case, ["children.identity_documents.number"]).children[0]
    assert number.identity_documents[0].number == "XX0000000"
    assert not number.identity_documents[0].type
    assert number.id == "c1"
    assert not number.names


def test_a_source_goes_with_no_choice_at_all() -> None:
    disclosed = disclose(belgian_case(), PATHS_THAT_MAY_GO, file_ids=["f1"])
    assert b"Invented Source" not in disclosed.SerializeToString()
    assert not disclosed.sources
    assert not disclosed.files[0].local_name


def test_what_never_leaves_stays_even_if_a_path_to_it_were_accepted() -> None:
    slipped_through = choice._Ticks(below={"sources": choice._Ticks(is_ticked=True)})
    assert choice._part(belgian_case(), slipped_through, frozenset()) == Case()


def test_fields_of_a_newer_dictionary_do_not_come_along() -> None:
    # Field 999 of Case, 999 of a child and 999 of a text within: length-delimited "secret".
    unknown = b"\xba\x3e\x06secret"
    case = belgian_case()
    case.child_wishes[0].wants_withheld.MergeFromString(unknown)
    case.children[0].MergeFromString(unknown)
    case.MergeFromString(unknown)
    assert case.SerializeToString().count(b"secret") == 3
    disclosed = disclose(case, PATHS_THAT_MAY_GO)
    assert disclosed.child_wishes[0].wants_withheld.text
    assert b"secret" not in disclosed.SerializeToString()


def test_an_element_in_which_nothing_is_ticked_does_not_exist() -> None:
    case = belgian_case()
    case.children.add(id="c2", sex="male")
    disclosed = disclose(case, ["children.names.given"])
    assert [child.id for child in disclosed.children] == ["c1"]
    assert [name.given for name in disclosed.children[0].names] == ["Eléni", "Ελένη"]
    assert not disclosed.children[0].names[0].full


def test_a_wish_says_whose_it_is() -> None:
    disclosed = disclose(belgian_case(), ["child_wishes.wants_withheld"])
    assert disclosed.child_wishes[0].child_id == "c1"


def test_only_chosen_files_go_and_only_when_files_are_ticked() -> None:
    case = belgian_case()
    assert not disclose(case, ["files"]).files
    assert not disclose(case, ["category"], file_ids=["f2"]).files
    disclosed = disclose(case, ["files.kind"], file_ids=["f2"])
    assert [(file.id, file.kind, file.digest) for file in disclosed.files] == [("f2", "photo", b"")]


def test_a_file_without_id_cannot_be_chosen() -> None:
    case = Case()
    case.files.add(kind="photo")
    with pytest.raises(PolicyRefusal) as refusal:
        disclose(case, ["files"], file_ids=[""])
    assert refusal.value.rule == "unknown_file"
    assert not disclose(case, ["files"]).files


def test_nothing_ticked_is_an_empty_case() -> None:
    assert disclose(belgian_case(), []) == Case()


# ---- what is refused ----


@pytest.mark.parametrize(
    ("paths", "rule"),
    [
        (["sources"], "never_leaves"),
        (["sources.names.given"], "never_leaves"),
        (["local_case_number"], "never_leaves"),
        (["children.police_samples.dna_held_by_police"], "never_leaves"),
        (["files.local_name"], "never_leaves"),
        (["category", "internal_notes"], "never_leaves"),
        (["child"], "unknown_path"),
        (["children.name"], "unknown_path"),
        (["category.code"], "unknown_path"),
        # A date is one answer.
        (["opened_at.at_ms"], "unknown_path"),
        (["children.date_of_birth.year"], "unknown_path"),
        (["category", "category"], "duplicate_path"),
        ([""], "malformed_path"),
        (["children."], "malformed_path"),
        ([".children"], "malformed_path"),
        (["children..sex"], "malformed_path"),
        (["Children"], "malformed_path"),
        (["children[0].sex"], "malformed_path"),
        (["*"], "malformed_path"),
        (["category\n"], "malformed_path"),
        (["children,persons"], "malformed_path"),
    ],
)
def test_a_bad_choice_is_refused_by_name(paths, rule) -> None:
    for refuses in (lambda: disclose(belgian_case(), paths), lambda: sensitive_paths(paths)):
        with pytest.raises(PolicyRefusal) as refusal:
            refuses()
        assert refusal.value.rule == rule


def test_every_path_that_passes_a_field_which_never_leaves_is_refused() -> None:
    refused = [path for path, info in ALL_FIELDS.items() if info.share is Share.NEVER]
    assert {"sources", "sources.names.family", "internal_notes.text"} <= set(refused)
    for path in refused:
        with pytest.raises(PolicyRefusal) as refusal:
            disclose(Case(), [path])
        assert refusal.value.rule == "never_leaves"


def test_an_unknown_file_is_refused() -> None:
    with pytest.raises(PolicyRefusal) as refusal:
        disclose(belgian_case(), ["files"], file_ids=["f1", "f9"])
    assert refusal.value.rule == "unknown_file"


def test_a_refusal_does_not_repeat_what_is_no_field() -> None:
    for path in ("maria.papadopoulou", "Maria Papadopoulou"):
        with pytest.raises(PolicyRefusal) as refusal:
            disclose(Case(), [path])
        assert "apadopoulou" not in str(refusal.value)


# ---- choices and counts ----


def test_the_default_choices_are_small() -> None:
    tracing = default_mask("tracing_request")
    assert {"category", "children.sex", "children.names.given", "police.office"} <= set(tracing)
    assert "children.habitual_residence_country" in tracing
    assert not {"children.habitual_residence.street", "persons.names.given"} & set(tracing)
    assert not {"authorities.office", "files.kind", "circumstances.reasons_left"} & set(tracing)
    first_look = default_mask("info_request")
    assert "children.age_band" in first_look
    assert "children.names.given" not in first_look
    assert default_mask("statistic") == ()
    assert default_mask("kind_of_a_newer_list") == first_look


@pytest.mark.parametrize("kind", [kind for kind in EVERY_KIND if kind != "statistic"])
def test_what_the_child_wants_known_is_in_every_default_choice(kind) -> None:
    disclosed = disclose(belgian_case(), default_mask(kind))
    assert disclosed.child_wishes == belgian_case().child_wishes


def test_a_default_choice_names_leaves_once_each() -> None:
    for kind in EVERY_KIND:
        mask = default_mask(kind)
        assert len(set(mask)) == len(mask)
        assert not any(ALL_FIELDS[path].is_group for path in mask)


def test_sensitive_paths_are_those_that_pass_a_sensitive_field() -> None:
    paths = ["children", "children.identity_documents.number", "exploitation", "persons.names"]
    assert sensitive_paths(paths) == ("children.identity_documents.number", "exploitation")


def test_the_count_is_of_filled_fields_that_may_go() -> None:
    case = Case(category="runaway", status="open", local_case_number="1")
    case.children.add(id="c1", sex="female")
    case.children.add(id="c2", sex="male")
    assert ticked_count(case, ["children"]) == (1, 3)
    assert ticked_count(case, []) == (0, 3)


def test_a_file_that_cannot_be_chosen_does_not_count() -> None:
    case = Case(category="runaway")
    case.files.add(kind="photo")
    assert ticked_count(case, ["files"]) == (0, 1)
    case.files[0].id = "f1"
    assert ticked_count(case, ["files"]) == (1, 2)


def test_the_count_of_a_full_case_is_all_leaves_that_may_go() -> None:
    case = filled_case(set(LEAF_PATHS), elements=2)
    may = [p for p in PATHS_THAT_MAY_GO if not ALL_FIELDS[p].is_group and not is_local_id(p)]
    assert ticked_count(case, PATHS_THAT_MAY_GO) == (len(may), len(may))


# ---- preview ----


def shown(case: Case, language: str = "en") -> dict[str, str]:
    return {row.place: row.text for row in preview(case, language)}


def test_a_preview_reads_codes_in_the_readers_language() -> None:
    disclosed = disclose(belgian_case(), ["category", "children.sex", "children.nationalities"])
    assert shown(disclosed, "el") == {
        "category": "Φυγή",
        "children[0].id": "c1",
        "children[0].sex": "Θήλυ",
        "children[0].nationalities[0]": "Βέλγιο",
        "children[0].nationalities[1]": "Ελλάδα",
    }


def test_a_preview_begins_with_what_the_child_wants() -> None:
    rows = preview(disclose(belgian_case(), default_mask("tracing_request")), "en")
    assert [row.path for row in rows[:3]] == [
        "child_wishes.child_id",
        "child_wishes.whereabouts_may_be_told_to",
        "child_wishes.wants_withheld",
    ]
    assert (rows[2].text, rows[2].language) == ("Mijn vader mag het niet weten.", "nl")


def test_values_are_written_the_same_in_every_language() -> None:
    disclosed = disclose(
        belgian_case(),
        [
            "reported_missing_at",
            "children.date_of_birth",
            "children.description.height_cm",
            "circumstances.last_seen.place.coordinates",
            "urgency",
        ],
    )
    rows = shown(disclosed)
    assert rows["reported_missing_at"] == "2026-01-01 11:05 +01:00"
    assert rows["children[0].date_of_birth"] == "2011-06"
    assert rows["children[0].description.height_cm"] == "155–160 (Estimated)"
    assert rows["circumstances.last_seen.place.coordinates"] == "50.47, 4.87"
    assert rows["urgency"] == "U2 – urgent"


@pytest.mark.parametrize(
    ("at_ms", "precision", "zone", "text"),
    [
        (0, "day", "", "1970-01-01"),
        (-3_600_000, "day", "+01:00", "1970-01-01"),
        (0, "year", "-05:00", "1969"),
        (0, "estimated", "", "1970-01-01 00:00 UTC (Estimated)"),
        (5, "withheld", "", "Withheld"),
        (2**62, "minute", "", str(2**62)),
        (0, "minute", "Europe/Brussels", "0 Europe/Brussels"),
    ],
)
def test_a_moment_is_shown_as_exactly_as_it_is_known(at_ms, precision, zone, text) -> None:
    case = Case()
    case.found_at.at_ms, case.found_at.precision, case.found_at.zone = at_ms, precision, zone
    assert shown(case)["found_at"] == text


def test_a_peers_text_cannot_steer_a_terminal() -> None:
    case = Case(lead_node="\x1b[2Jnode\x9b31m")
    assert shown(case)["lead_node"] == "\ufffd[2Jnode\ufffd31m"


@given(random_cases(), random_choices())
def test_a_preview_shows_every_leaf_that_goes_and_no_other(case, ticked) -> None:
    disclosed = disclose(case, ticked, file_ids=file_ids(case))
    going = {step for path, _ in atoms(disclosed) for step in way(path)}
    assert {row.path for row in preview(disclosed, "el")} == going & set(LEAF_PATHS)
