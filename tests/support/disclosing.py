"""A case with something in every class, and choices of it: all invented."""

from __future__ import annotations

from node.cases.cases import CaseView
from node.cases.disclosing import Choice, Grounds, StepChoice
from node.store.cases import CaseRow
from protocol.ids import NodeId
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import belgian_case

BE, GR, FR = NodeId("be.example"), NodeId("gr.example"), NodeId("fr.example")
NOW_MS = 1_800_000_000_000  # 2027-01-15
DAY_MS = 24 * 3600 * 1000
PASSPORT = "children.identity_documents"


def grounds(**changes: str) -> Grounds:
    said = {"purpose": "locate_child", "art6_basis": "public_task", "police_informed": "not_yet"}
    return Grounds(**{**said, **changes})


def choice(**changes) -> Choice:
    said = {
        "kind": "info_request",
        "urgency": 2,
        "ask": "Is she with you?",
        "language": "en",
        "grounds": grounds(),
        "reply_by_ms": NOW_MS + DAY_MS,
        "expires_at_ms": NOW_MS + 20 * DAY_MS,
    }
    return Choice(**{**said, **changes})


def step_choice(**changes) -> StepChoice:
    said = {
        "step": "answer",
        "kind": "info_request",
        "urgency": 2,
        "grounds": grounds(),
        "paths": ("children.sex",),
        "text": "This is all that we know.",
        "question": 1,
    }
    return StepChoice(**{**said, **changes})


def view(case: Case | None = None, **changes) -> CaseView:
    row = CaseRow(
        case_id="be.example/1", version=1, body=b"", made_at_ms=NOW_MS, made_by="a", reason=""
    )
    return CaseView(**{"row": row, "case": case or belgian_case(), "files": (), **changes})


def with_consent(**changes) -> Case:
    """Return the case with one consent, which covers Greece and the search until spring."""
    said = {
        "id": "k1",
        "answer": "given",
        "given_by": "holder_of_parental_responsibility",
        "child_ids": ["c1"],
        "purposes": ["locate_child"],
        "recipients": [GR],
        "expires_on": {"year": 2027, "month": 3, "precision": "month"},
    }
    case = belgian_case()
    case.consents.add(**{**said, **changes})
    return case
