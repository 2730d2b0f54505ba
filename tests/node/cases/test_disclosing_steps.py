"""What a later step may take along: by the same rules as a referral."""

from __future__ import annotations

import pytest

from node.cases.disclosing import (
    compose_step,
)
from protocol.disclosure import disclose
from protocol.errors import PolicyRefusal
from protocol.exchange.content import check_content
from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import (
    belgian_case,
    filled_case,
)
from tests.support.disclosing import (
    BE,
    GR,
    NOW_MS,
    PASSPORT,
    grounds,
    step_choice,
    view,
)


def test_a_later_step_goes_by_the_same_rules() -> None:
    answer = compose_step(view(), step_choice(), peer=BE, now_ms=NOW_MS)
    assert isinstance(answer, message_pb2.Answer)
    assert (answer.question, answer.text.text) == (1, "This is all that we know.")
    assert answer.disclosure == disclose(belgian_case(), ["children.sex"])
    assert answer.legal_basis.purpose == "locate_child"
    check_content("info_request", message_pb2.Message(answer=answer))
    for changes, rule in (
        ({"paths": ("sources",)}, "never_leaves"),
        ({"paths": (PASSPORT,)}, "sensitive_reason_missing"),
        ({"grounds": grounds(art6_basis="consent")}, "consent_missing"),
        ({"file_ids": ("f1",)}, "attachments_excluded"),
    ):
        for step in ("answer", "note"):
            with pytest.raises(PolicyRefusal) as refusal:
                compose_step(view(), step_choice(step=step, **changes), peer=BE, now_ms=NOW_MS)
            assert refusal.value.rule == rule


def test_a_file_is_handed_over_after_the_accept_with_more_than_the_minimal_set() -> None:
    case, paths = filled_case({"children.place_of_birth"}, 1), ("children.place_of_birth",)
    chosen = step_choice(step="hand_over", kind="transfer", paths=paths)
    step = compose_step(view(case), chosen, peer=GR, now_ms=NOW_MS)
    check_content("transfer", message_pb2.Message(hand_over=step))
    assert step.disclosure == disclose(case, paths) != Case()
