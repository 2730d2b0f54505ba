"""What is composed: nothing that was not ticked, and nothing without its ground."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.cases.disclosing import (
    compose_referral,
    foreign_path,
    needs_second_person,
    rules_against,
)
from node.store.origins import Origin
from protocol.disclosure import Share, default_mask, disclose, preview
from protocol.disclosure.choice import is_local_id
from protocol.disclosure.dictionary import filled
from protocol.disclosure.marks import marks
from protocol.disclosure.received import part_fault
from protocol.errors import PolicyRefusal
from protocol.exchange.patterns import KINDS
from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import (
    ALL_FIELDS,
    LEAF_PATHS,
    atoms,
    belgian_case,
    filled_case,
    random_cases,
)
from tests.support.disclosing import (
    DAY_MS,
    FR,
    GR,
    NOW_MS,
    PASSPORT,
    choice,
    grounds,
    view,
    with_consent,
)

# Figures have no case; a notice goes to whoever has a copy, by commands of its own.
WITH_CASE = sorted(set(KINDS) - {"statistic", "found_notice"})
# What lets anything go that may go at all.
ALL_SAID = {
    "art6_basis": "vital_interests",
    "art9_condition": "vital_interests",
    "art10_basis": "official_authority",
}
MAY_GO = [path for path in LEAF_PATHS if ALL_FIELDS[path].share < Share.NEVER]
FULL = filled_case(set(LEAF_PATHS), 1)


def rule_of(case: Case | None = None, *, peer=GR, seen=None, **changes) -> str | None:
    """Return the rule by which a choice is refused; None if it is not."""
    held, chosen, rule = seen or view(case), choice(**changes), None
    try:
        compose_referral(held, chosen, peer=peer, now_ms=NOW_MS)
    except PolicyRefusal as refusal:
        rule = refusal.rule
    if rule != "not_to_one":
        # Whoever asks for all rules hears of the same one first.
        assert first_against(held, chosen, peer) == rule
    return rule


def first_against(held, chosen, peer=GR) -> str | None:
    try:
        against = rules_against(held, chosen, peer=peer, now_ms=NOW_MS)
        return next((refusal.rule for refusal in against), None)
    except PolicyRefusal as refusal:
        return refusal.rule


def composed(case: Case | None = None, **changes) -> message_pb2.Referral:
    return compose_referral(view(case), choice(**changes), peer=GR, now_ms=NOW_MS)


def said_of(kind: str, case: Case, paths: tuple[str, ...]) -> dict[str, str]:
    """Return all reasons that this disclosure needs."""
    sensitive = any(ALL_FIELDS[path].share is Share.SENSITIVE for path in paths)
    more = any(
        ALL_FIELDS[value.path].share > Share.MINIMAL and not is_local_id(value.path)
        for value in filled(disclose(case, paths))
    )
    said = dict(ALL_SAID)
    if sensitive:
        said["sensitive_reason"] = "Invented."
    if more and kind == "alert":
        said["at_once_reason"] = "Invented."
    return said


# --- nothing that was not ticked


@pytest.mark.parametrize("kind", WITH_CASE)
def test_no_field_goes_that_is_not_ticked_whatever_the_kind(kind: str) -> None:
    """Each field that is ticked by default, left out alone: nothing of it is in the bytes."""
    ticked = default_mask(kind)
    said = grounds(**said_of(kind, FULL, ticked))
    for path in ("", *ticked):
        rest = tuple(other for other in ticked if other != path)
        referral = composed(FULL, kind=kind, urgency=1, paths=rest, grounds=said)
        decoded = message_pb2.Referral.FromString(referral.SerializeToString())
        held = {where for where, _ in atoms(decoded.disclosure)}
        for where in held:
            assert is_local_id(where) or any(_is_below(where, each) for each in rest), where


@pytest.mark.parametrize("kind", WITH_CASE)
def test_each_field_alone_goes_alone(kind: str) -> None:
    for path in MAY_GO:
        if kind == "transfer" and ALL_FIELDS[path].share > Share.MINIMAL:
            continue
        said = said_of(kind, FULL, (path,))
        referral = composed(FULL, kind=kind, urgency=1, paths=(path,), grounds=grounds(**said))
        decoded = message_pb2.Referral.FromString(referral.SerializeToString())
        gone = {where for where, _ in atoms(decoded.disclosure)}
        others = {where for where in gone if not _is_below(where, path)}
        assert all(map(is_local_id, others)), path


@settings(max_examples=60, deadline=None)
@given(
    case=random_cases(),
    kind=st.sampled_from(WITH_CASE),
    paths=st.lists(st.sampled_from(MAY_GO), unique=True, min_size=1, max_size=20).map(tuple),
)
def test_what_is_previewed_is_what_arrives_and_is_taken(
    case: Case, kind: str, paths: tuple[str, ...]
) -> None:
    if kind == "transfer":
        paths = tuple(path for path in paths if ALL_FIELDS[path].share <= Share.MINIMAL)
    case.ClearField("consents")
    said = said_of(kind, case, paths or default_mask(kind))
    referral = composed(case, kind=kind, urgency=1, paths=paths, grounds=grounds(**said))
    again = composed(case, kind=kind, urgency=1, paths=paths, grounds=grounds(**said))
    assert referral.SerializeToString() == again.SerializeToString()
    arrived = message_pb2.Referral.FromString(referral.SerializeToString())
    for language in ("en", "el"):
        assert preview(arrived.disclosure, language) == preview(referral.disclosure, language)
    chosen = paths or default_mask(kind)
    assert arrived.disclosure == disclose(case, chosen)
    assert part_fault(arrived.disclosure, arrived.mask.paths) is None


def _is_below(where: str, path: str) -> bool:
    return where == path or where.startswith(f"{path}.")


@pytest.mark.parametrize("path", sorted(set(LEAF_PATHS) - set(MAY_GO)))
def test_what_never_leaves_is_refused_over_any_reason(path: str) -> None:
    said = grounds(**ALL_SAID, override_reason="Invented.", sensitive_reason="Invented.")
    assert rule_of(FULL, paths=(path,), grounds=said) == "never_leaves"


# --- special categories and offences


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("children.description.worn_aids", "art9_condition_missing"),
        ("children.description.skin_tone", "art9_condition_missing"),
        ("circumstances.reasons_left", "art9_condition_missing"),
        ("exploitation", "art9_condition_missing"),
        ("children.vulnerabilities", "art9_condition_missing"),
        ("persons.allegation", "art10_basis_missing"),
        ("legal_situation.criminal_complaints", "art10_basis_missing"),
    ],
)
def test_what_is_of_a_class_needs_its_condition(path: str, rule: str) -> None:
    case = filled_case({leaf for leaf in LEAF_PATHS if _is_below(leaf, path)}, 1)
    reason = "Invented." if ALL_FIELDS[path].share is Share.SENSITIVE else ""
    for none in ("", "none"):
        said = grounds(sensitive_reason=reason, art9_condition=none, art10_basis=none)
        assert rule_of(case, paths=(path,), grounds=said) == rule
    said = grounds(
        sensitive_reason=reason, art9_condition="substantial_public_interest",
        art10_basis="national_law",
    )  # fmt: skip
    assert rule_of(case, paths=(path,), grounds=said) is None
    assert rule_of(case, paths=("lead_node",)) is None


def test_nothing_known_is_no_special_category() -> None:
    case = belgian_case()
    case.children[0].description.worn_aids.append("none")
    assert rule_of(case, paths=("children.description.worn_aids",)) is None
    case.children[0].vulnerabilities.add(kind="not_asked")
    said = grounds(sensitive_reason="Invented.")
    assert rule_of(case, paths=("children.vulnerabilities",), grounds=said) is None
    case.children[0].vulnerabilities.add(kind="weapon")
    said = grounds(sensitive_reason="Invented.", art9_condition="substantial_public_interest")
    assert rule_of(case, paths=("children.vulnerabilities",), grounds=said) == "art10_basis_missing"


@pytest.mark.parametrize("name", ["purpose", "art6_basis", "police_informed"])
def test_what_is_always_needed_is_missed_by_name(name: str) -> None:
    for code in ("", "of_the_future"):
        assert rule_of(grounds=grounds(**{name: code})) == f"{name}_missing"
    said = grounds(**{"art6_basis": "vital_interests", name: "", "override_reason": "Invented."})
    assert rule_of(grounds=said) == f"{name}_missing"


# --- consent


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, None),
        ({"expires_on": {}}, None),
        ({"answer": "refused"}, "consent_missing"),
        ({"child_ids": ["c2"]}, "consent_not_for_child"),
        ({"child_ids": []}, "consent_not_for_child"),
        ({"purposes": ["support_child"]}, "consent_not_for_purpose"),
        ({"recipients": [FR]}, "consent_not_for_recipient"),
        ({"withdrawn_on": {"year": 2026, "precision": "year"}}, "consent_withdrawn"),
        ({"expires_on": {"year": 2026, "precision": "year"}}, "consent_expired"),
        (
            {"expires_on": {"year": 2027, "month": 1, "day": 14, "precision": "day"}},
            "consent_expired",
        ),
        ({"expires_on": {"year": 2027, "month": 1, "day": 15, "precision": "day"}}, None),
    ],
)
def test_consent_has_to_cover_what_goes(changes: dict, rule: str | None) -> None:
    said = {"grounds": grounds(art6_basis="consent"), "paths": ("children.sex",)}
    assert rule_of(with_consent(**changes), **said) == rule
    assert rule_of(belgian_case(), **said) == "consent_missing"


def test_what_the_consent_covers_goes_along() -> None:
    basis = composed(with_consent(), grounds=grounds(art6_basis="consent")).legal_basis
    assert list(basis.consent_given_by) == ["holder_of_parental_responsibility"]
    assert list(basis.consent_purposes) == ["locate_child"]
    # The end of March, in UTC.
    assert basis.consent_expires_at_ms == 1_806_537_600_000
    assert not composed(with_consent()).legal_basis.consent_given_by


def test_consent_to_special_categories_is_explicit() -> None:
    case = with_consent()
    case.children[0].description.worn_aids.append("hearing_aid")
    said = {"paths": ("children.description.worn_aids",)}
    said["grounds"] = grounds(art9_condition="explicit_consent")
    assert rule_of(case, **said) == "consent_not_explicit"
    case.consents[0].special_categories = "yes"
    assert rule_of(case, **said) is None


def test_every_child_needs_a_consent() -> None:
    case = with_consent()
    case.children.add(id="c2", sex="male")
    said = {"grounds": grounds(art6_basis="consent"), "paths": ("children.sex",)}
    assert rule_of(case, **said) == "consent_not_for_child"
    other = case.consents.add()
    other.CopyFrom(case.consents[0])
    other.id, other.given_by, other.child_ids[:] = "k2", "guardian", ["c2"]
    other.expires_on.month = 2
    basis = composed(case, **said).legal_basis
    assert list(basis.consent_given_by) == ["guardian", "holder_of_parental_responsibility"]
    assert basis.consent_expires_at_ms == 1_806_537_600_000 - 31 * DAY_MS


# --- overriding


def test_vital_interests_go_over_a_rule_and_say_so() -> None:
    case = with_consent(withdrawn_on={"year": 2026, "precision": "year"})
    case.children[0].description.worn_aids.append("hearing_aid")
    said = {"art6_basis": "vital_interests", "art9_condition": "explicit_consent"}
    chosen = {"paths": ("children.description.worn_aids",)}
    assert rule_of(case, **chosen, grounds=grounds(**said)) == "consent_not_explicit"
    reason = grounds(**said, override_reason="She needs help now.", language="nl")
    basis = composed(case, **chosen, grounds=reason).legal_basis
    assert list(basis.overridden_rules) == ["consent_not_explicit"]
    assert (basis.override_reason.text, basis.override_reason.language) == (
        "She needs help now.", "nl",
    )  # fmt: skip
    assert not basis.consent_given_by


def test_nothing_else_goes_over_a_rule() -> None:
    said = grounds(art6_basis="consent", override_reason="Invented.")
    assert rule_of(grounds=said) == "override_not_possible"
    said = grounds(art6_basis="vital_interests", override_reason="Invented.")
    assert rule_of(grounds=said) == "override_not_needed"
    chosen = {"kind": "transfer", "paths": ("children.place_of_birth",)}
    case = filled_case({"children.place_of_birth"}, 1)
    assert rule_of(case, **chosen, grounds=said) == "transfer_not_accepted"


# --- sensitive fields


def test_sensitive_fields_need_a_reason_and_say_that_two_decided() -> None:
    assert rule_of(paths=(PASSPORT,)) == "sensitive_reason_missing"
    blank = grounds(sensitive_reason=" \n")
    assert rule_of(paths=(PASSPORT,), grounds=blank) == "sensitive_reason_missing"
    said = grounds(sensitive_reason="The border police ask for it.")
    assert rule_of(paths=("children",), grounds=said) == "sensitive_reason_not_needed"
    referral = composed(paths=(PASSPORT,), grounds=said)
    assert needs_second_person(referral)
    assert referral.legal_basis.sensitive_reason.text == "The border police ask for it."
    assert referral.legal_basis.decided_by_count == 2
    plain = composed(paths=("children",))
    assert not needs_second_person(plain)
    assert plain.legal_basis.decided_by_count == 0


def test_an_override_spares_nobody_the_reason() -> None:
    said = grounds(art6_basis="vital_interests", override_reason="Invented.")
    assert rule_of(paths=(PASSPORT,), grounds=said) == "sensitive_reason_missing"


# --- stages


@pytest.mark.parametrize(
    ("kind", "urgency", "reason", "rule"),
    [
        ("alert", 1, "", "at_once_reason_missing"),
        ("alert", 1, "Hours count.", None),
        ("alert", 2, "Hours count.", "staged_disclosure"),
        ("transfer", 1, "", "transfer_not_accepted"),
        ("tracing_request", 3, "", None),
        ("sighting", 3, "", None),
        ("tracing_request", 1, "Hours count.", "at_once_reason_not_needed"),
    ],
)
def test_more_than_the_minimal_set_at_once(kind, urgency, reason, rule) -> None:
    said = {"kind": kind, "urgency": urgency, "grounds": grounds(at_once_reason=reason)}
    case = filled_case({"children.place_of_birth", "children.sex"}, 1)
    assert rule_of(case, paths=("children.place_of_birth",), **said) == rule
    if not reason:
        assert rule_of(case, paths=("children.sex",), **said) is None


# --- what a peer told


def test_what_a_peer_told_goes_back_to_it_and_to_no_other() -> None:
    told = Case(children=[{"id": "c1", "names": [{"full": "Eléni  PAPADÁKIS"}]}])
    origins = tuple(Origin(mark, FR) for mark in marks(told))
    seen = view(origins=origins)
    chosen = {"paths": ("children.names.full",)}
    assert rule_of(seen=seen, peer=GR, **chosen) == "onward_sharing"
    assert rule_of(seen=seen, peer=FR, **chosen) is None
    assert rule_of(seen=seen, peer=GR, paths=("children.names.given", "children.sex")) is None
    both = view(origins=(*origins, *(Origin(mark, GR) for mark in marks(told))))
    assert rule_of(seen=both, peer=GR, **chosen) is None
    assert foreign_path(told, origins, GR) == "children[c1].names.full"


def test_vital_interests_let_it_go_on_and_the_recipient_learns_that() -> None:
    told = Case(children=[{"id": "c1", "sex": "female"}])
    seen = view(origins=tuple(Origin(mark, FR) for mark in marks(told)))
    said = grounds(art6_basis="vital_interests", override_reason="She is in danger.")
    chosen = choice(paths=("children.sex",), grounds=said)
    referral = compose_referral(seen, chosen, peer=GR, now_ms=NOW_MS)
    assert list(referral.legal_basis.overridden_rules) == ["onward_sharing"]
