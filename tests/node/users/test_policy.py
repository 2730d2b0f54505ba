"""Who may do what, as a table: role by action by how far somebody is known."""

from __future__ import annotations

import pytest

from node.users.policy import MAY, Access, Action, Role, is_allowed, may_decide

CASE_CONTENT = {
    Action.SEARCH_CASES,
    Action.SEE_CASE,
    Action.ADD_CASE,
    Action.CHANGE_CASE,
    Action.END_CASE,
    Action.ERASE_CASE,
    Action.SEE_REFERRAL,
    Action.CLAIM,
    Action.NOTE,
    Action.TELL,
    Action.REFER,
    Action.ANSWER,
    Action.APPROVE,
}
# What each role may do, written down a second time, by hand (domain note 2.5).
EXPECTED = {
    Role.OPERATOR: "search_cases see_case add_case see_referral claim note tell",
    Role.CASEWORKER: "search_cases see_case add_case change_case end_case see_referral claim note "
    "tell refer answer see_figures export_evidence",
    Role.SUPERVISOR: "search_cases see_case add_case change_case end_case erase_case see_referral "
    "claim note tell refer answer approve see_figures export_evidence see_people approve_reset "
    "see_node",
    Role.AUDITOR: "see_figures see_log see_access export_evidence see_people see_node",
    Role.ADMINISTRATOR: "see_log see_people change_people approve_reset see_node",
}
EVERYBODY = "sign_in see_help sign_out unlock see_desk change_own see_peers verify_evidence"
OPEN = {Action.SIGN_IN, Action.SEE_HELP}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_role_may_do_what_stands_in_its_row_and_nothing_else(role: Role, action: Action) -> None:
    expected = action.value in f"{EVERYBODY} {EXPECTED[role]}".split()
    assert is_allowed(action, Access.SIGNED_IN, role) is expected


@pytest.mark.parametrize("action", Action)
def test_nobody_may_only_sign_in_and_read_help(action: Action) -> None:
    assert is_allowed(action, Access.NOBODY) is (action in OPEN)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_locked_session_only_opens_or_ends(role: Role, action: Action) -> None:
    expected = {*OPEN, Action.UNLOCK, Action.SIGN_OUT}
    assert is_allowed(action, Access.LOCKED, role) is (action in expected)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_two_roles_never_see_a_case(role: Role) -> None:
    assert not MAY[role] & CASE_CONTENT


def test_the_second_person_is_not_the_first() -> None:
    def may(asked_by: str, role: Role) -> bool:
        return may_decide(Action.APPROVE, role, decided_by="a", asked_by=asked_by)

    assert may("b", Role.SUPERVISOR)
    assert not may("a", Role.SUPERVISOR)
    assert not may("b", Role.CASEWORKER)
