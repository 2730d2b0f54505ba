"""Flags of a case: each is raised by what was recorded, and by nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from google.protobuf import json_format
from hypothesis import given

from protocol.casework.flags import FlagKind, Weight, flags
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import random_cases

TODAY = date(2026, 11, 22)


def case(**values: object) -> Case:
    return json_format.ParseDict(values, Case())


def kinds(of: Case, today: date = TODAY) -> list[str]:
    return [flag.kind.value for flag in flags(of, today)]


def day(year: int, month: int, number: int) -> dict[str, object]:
    return {"year": year, "month": month, "day": number, "precision": "day"}


RAISED = [
    ("childs_wish", {"childWishes": [{"childId": "c1"}]}),
    (
        "medical_need",
        {"children": [{"id": "c1", "vulnerabilities": [{"kind": "medical_need"}]}]},
    ),
    ("danger_to_child", {"persons": [{"id": "p1", "dangerToChild": "yes"}]}),
    ("danger_to_staff", {"persons": [{"id": "p1", "dangerToStaff": "yes"}]}),
    ("may_not_know", {"persons": [{"id": "p1", "mayNotKnowWeAct": "yes"}]}),
    (
        "do_not_contact",
        {"authorities": [{"id": "a1", "wishes": [{"kind": "do_not_contact_family"}]}]},
    ),
    ("do_not_publish", {"police": [{"id": "a1", "wishes": [{"kind": "hold_publication"}]}]}),
    ("do_not_publish", {"files": [{"id": "f1", "mayPublish": "no"}]}),
    (
        "do_not_publish",
        {"files": [{"id": "f1", "mayPublish": "yes", "mayPublishUntil": day(2026, 11, 21)}]},
    ),
    ("allegation_only", {"persons": [{"id": "p1", "roles": ["taker_alleged"]}]}),
    ("allegation_only", {"persons": [{"id": "p1", "allegation": {"status": "charged"}}]}),
    (
        "consent_expired",
        {"consents": [{"id": "k1", "answer": "given", "expiresOn": day(2026, 11, 21)}]},
    ),
    (
        "consent_expired",
        {"consents": [{"id": "k1", "answer": "given", "withdrawnOn": day(2026, 1, 1)}]},
    ),
    ("authority_hold", {"retention": {"onHold": "yes", "holdReason": "court"}}),
]
SILENT = [
    {},
    {"children": [{"id": "c1", "vulnerabilities": [{"kind": "none"}]}]},
    *({"persons": [{"id": "p1", "dangerToChild": said}]} for said in ("no", "unknown", "withheld")),
    {"persons": [{"id": "p1", "allegation": {"status": "convicted"}}]},
    {"authorities": [{"id": "a1", "wishes": [{"kind": "other"}]}]},
    {"files": [{"id": "f1", "mayPublish": "not_asked"}]},
    {"files": [{"id": "f1", "mayPublish": "yes", "mayPublishUntil": day(2026, 11, 22)}]},
    # Its last day is still to come, or is not known to be over.
    {"consents": [{"id": "k1", "answer": "given", "expiresOn": day(2026, 11, 22)}]},
    {"consents": [{"id": "k1", "answer": "given", "expiresOn": {"year": 2026}}]},
    {"consents": [{"id": "k1", "answer": "refused", "expiresOn": day(2020, 1, 1)}]},
    {"retention": {"onHold": "no", "holdReason": "court"}},
]


@pytest.mark.parametrize(("kind", "values"), RAISED)
def test_a_flag_is_raised(kind: str, values: dict[str, object]) -> None:
    assert kinds(case(**values)) == [kind]


@pytest.mark.parametrize("values", SILENT)
def test_nothing_is_raised(values: dict[str, object]) -> None:
    assert kinds(case(**values)) == []


def test_the_childs_wish_comes_first_and_says_nobody_when_nothing_is_named() -> None:
    found = flags(
        case(
            childWishes=[{"childId": "c1"}],
            persons=[{"id": "p1", "dangerToChild": "yes"}],
            retention={"onHold": "yes"},
        ),
        TODAY,
    )
    assert [flag.kind for flag in found] == [
        FlagKind.CHILDS_WISH,
        FlagKind.DANGER_TO_CHILD,
        FlagKind.AUTHORITY_HOLD,
    ]
    assert found[0].codes == ("nobody",)
    assert found[1].person_id == "p1"
    assert found[1].weight is Weight.GRAVE


def test_a_medical_need_says_what_and_by_when() -> None:
    needed = {"kind": "medical_need", "medicine": "insulin", "neededBy": {"atMs": "5"}}
    (flag,) = flags(case(children=[{"id": "c1", "vulnerabilities": [needed]}]), TODAY)
    assert flag.moment is not None
    assert (flag.moment.at_ms, flag.text.text if flag.text else "") == (5, "insulin")
    assert flag.place == "children[c1].vulnerabilities[0]"


@given(random_cases())
def test_any_case_has_flags_in_their_order(any_case: Case) -> None:
    order = list(FlagKind)
    found = [order.index(flag.kind) for flag in flags(any_case, TODAY)]
    assert found == sorted(found)
