"""Who may do what: one table, pure, for pages and actions alike.

A role may do what its row says, and nothing else. Some things also depend on the session
(one that is locked shows nothing but the way to unlock it) and on whose the thing is (the
second person of an approval is not the first). Whether the state of a referral allows a
step is the exchange's to say (`protocol.exchange`), not a matter of roles.

Two roles never see a case: the data protection auditor proves without reading, and the
administrator keeps the machine running (domain note 2.5).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Role(enum.StrEnum):
    """What somebody is at this node."""

    OPERATOR = "operator"
    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Access(enum.StrEnum):
    """How far somebody is known to be who they say."""

    NOBODY = "nobody"
    LOCKED = "locked"
    SIGNED_IN = "signed_in"


class Action(enum.StrEnum):
    """What can be done on the pages; each page and each form names one."""

    # Without being known.
    SIGN_IN = "sign_in"
    SEE_HELP = "see_help"
    # Everybody who is signed in.
    SIGN_OUT = "sign_out"
    UNLOCK = "unlock"
    SEE_DESK = "see_desk"
    CHANGE_OWN = "change_own"
    # Cases.
    SEARCH_CASES = "search_cases"
    SEE_CASE = "see_case"
    ADD_CASE = "add_case"
    CHANGE_CASE = "change_case"
    END_CASE = "end_case"
    ERASE_CASE = "erase_case"
    # Referrals.
    SEE_REFERRAL = "see_referral"
    CLAIM = "claim"
    NOTE = "note"
    TELL = "tell"
    REFER = "refer"
    ANSWER = "answer"
    APPROVE = "approve"
    # The node and its federation.
    SEE_PEERS = "see_peers"
    SEE_FIGURES = "see_figures"
    SEE_LOG = "see_log"
    SEE_ACCESS = "see_access"
    EXPORT_EVIDENCE = "export_evidence"
    VERIFY_EVIDENCE = "verify_evidence"
    SEE_PEOPLE = "see_people"
    CHANGE_PEOPLE = "change_people"
    APPROVE_RESET = "approve_reset"
    SEE_NODE = "see_node"


_OPEN = frozenset({Action.SIGN_IN, Action.SEE_HELP})
_LOCKED = frozenset({Action.UNLOCK, Action.SIGN_OUT})
_ALL = frozenset(
    {
        Action.SIGN_OUT,
        Action.UNLOCK,
        Action.SEE_DESK,
        Action.CHANGE_OWN,
        Action.SEE_PEERS,
        Action.VERIFY_EVIDENCE,
    }
)
_OPERATOR = _ALL | {
    Action.SEARCH_CASES,
    Action.SEE_CASE,
    Action.ADD_CASE,
    Action.SEE_REFERRAL,
    Action.CLAIM,
    Action.NOTE,
    Action.TELL,
}
_CASEWORKER = _OPERATOR | {
    Action.CHANGE_CASE,
    Action.END_CASE,
    Action.REFER,
    Action.ANSWER,
    Action.SEE_FIGURES,
    Action.EXPORT_EVIDENCE,
}
_SUPERVISOR = _CASEWORKER | {
    Action.APPROVE,
    Action.ERASE_CASE,
    Action.SEE_PEOPLE,
    Action.APPROVE_RESET,
    Action.SEE_NODE,
}
_AUDITOR = _ALL | {
    Action.SEE_FIGURES,
    Action.SEE_LOG,
    Action.SEE_ACCESS,
    Action.EXPORT_EVIDENCE,
    Action.SEE_PEOPLE,
    Action.SEE_NODE,
}
_ADMINISTRATOR = _ALL | {
    Action.SEE_LOG,
    Action.SEE_PEOPLE,
    Action.CHANGE_PEOPLE,
    Action.APPROVE_RESET,
    Action.SEE_NODE,
}

MAY: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.OPERATOR: _OPERATOR,
        Role.CASEWORKER: _CASEWORKER,
        Role.SUPERVISOR: _SUPERVISOR,
        Role.AUDITOR: _AUDITOR,
        Role.ADMINISTRATOR: _ADMINISTRATOR,
    }
)
"""The table."""


def is_allowed(action: Action, access: Access, role: Role | None = None) -> bool:
    """Return whether somebody may do this; `role` is None for who is not known."""
    if action in _OPEN:
        return True
    if access is Access.NOBODY or role is None:
        return False
    if access is Access.LOCKED:
        return action in _LOCKED
    return action in MAY[role]


def may_decide(action: Action, role: Role, *, decided_by: str, asked_by: str) -> bool:
    """Return whether somebody may decide what somebody asked for: never their own."""
    return action in MAY[role] and decided_by != asked_by
