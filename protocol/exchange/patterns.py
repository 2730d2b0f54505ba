"""The kinds of referral and the one table of each pattern: data, and no code that decides.

A kind says what a referral is for, its pattern how the loop closes (domain note 2.1):

- request: the recipient accepts, and reports an outcome that the sender confirms.
- broadcast: one leg for each peer. An acknowledgement closes it, or its expiry. The
  sender can cancel also what was acknowledged: a peer must not go on looking out.
- handover: the offer carries the minimal set. The file goes only after the accept, in a
  step of its own, and the lead moves when the recipient has taken custody of it.
- tip: what somebody saw or heard; the node that has the case says what became of it.
- notice: an acknowledgement closes it, which says what it must for that kind.

A kind that this version does not know is refused (`pattern_of`): its pattern may be any,
and two ends with two tables would not see the same state.

All transitions stand in `TRANSITIONS`. The names of the steps are those of the `step`
oneof in message.proto. `referral` opens a leg and stands in no row. `withdraw in_error`
is a withdraw with that reason, where it leads elsewhere than the others.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from protocol.errors import PeerError, RefusalCode


class Side(enum.StrEnum):
    """The two ends of a leg: the sender opened it."""

    SENDER = "sender"
    RECIPIENT = "recipient"

    @property
    def other(self) -> Side:
        """The opposite end."""
        return Side.RECIPIENT if self is Side.SENDER else Side.SENDER


class State(enum.StrEnum):
    """Where a leg stands.

    QUEUED and UNDELIVERABLE are what only the sender can know (no receipt yet;
    refused or expired on the way), EXPIRED follows from the clock (`leg.state_at`);
    all others follow from the steps.
    """

    QUEUED = "queued"
    DELIVERED = "delivered"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    INFO_NEEDED = "info_needed"
    HANDED_OVER = "handed_over"
    OUTCOME_REPORTED = "outcome_reported"
    CANCEL_REQUESTED = "cancel_requested"
    CLOSED = "closed"
    DECLINED = "declined"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    CANCEL_CONFIRMED = "cancel_confirmed"
    ENTERED_IN_ERROR = "entered_in_error"
    EXPIRED = "expired"
    UNDELIVERABLE = "undeliverable"


ENDS: Final = frozenset(
    {
        State.CLOSED,
        State.DECLINED,
        State.REDIRECTED,
        State.WITHDRAWN,
        State.CANCEL_CONFIRMED,
        State.ENTERED_IN_ERROR,
        State.EXPIRED,
        State.UNDELIVERABLE,
    }
)
"""States in which nobody has anything left to do."""


class Pattern(enum.StrEnum):
    """How the loop of a leg closes."""

    REQUEST = "request"
    BROADCAST = "broadcast"
    HANDOVER = "handover"
    TIP = "tip"
    NOTICE = "notice"


KINDS: Mapping[str, Pattern] = MappingProxyType(
    {
        "info_request": Pattern.REQUEST,
        "alert": Pattern.BROADCAST,
        "tracing_request": Pattern.REQUEST,
        "transfer": Pattern.HANDOVER,
        "sighting": Pattern.TIP,
        "reunification": Pattern.REQUEST,
        "found_notice": Pattern.NOTICE,
        "statistic": Pattern.NOTICE,
    }
)
"""The kinds of referral that this version knows, by the codes of the list referral_kind."""


def pattern_of(kind: str) -> Pattern:
    """Return the pattern of a kind.

    Raises:
        PeerError: UNKNOWN_KIND.
    """
    try:
        return KINDS[kind]
    except KeyError:
        raise PeerError(RefusalCode.UNKNOWN_KIND, "a kind of a newer version") from None


ERASE_REQUEST: Final = "erase_request"
ERASING: Final = frozenset({ERASE_REQUEST, "erased", "erase_refused"})
"""Steps of both sides in every pattern and every state, also an end; none changes it.

Data must go when its time has come, wherever the leg stands, and also where it is broken
off. The last two answer an `erase_request` of the other side that is open, and close it.
"""

Table = Mapping[tuple[Side, str], Mapping[State, State]]
"""(side, step) -> {state before: state after}."""

S, R = Side.SENDER, Side.RECIPIENT
_NEW = (State.DELIVERED, State.RECEIVED)
_WORKING = (State.ACCEPTED, State.IN_PROGRESS, State.INFO_NEEDED)


def _all_to(states: Iterable[State], target: State) -> Mapping[State, State]:
    return dict.fromkeys(states, target)


def _stay(*states: State) -> Mapping[State, State]:
    return {state: state for state in states}


def _both(step: str, row: Mapping[State, State]) -> Table:
    return {(R, step): row, (S, step): row}


def _withdraw(before: Iterable[State], after: Iterable[State] = ()) -> Table:
    """Return the rows of a withdrawal, `before` and `after` the recipient relies on it."""
    asked = _all_to(after, State.CANCEL_REQUESTED)
    return {
        (S, "withdraw"): {**_all_to(before, State.WITHDRAWN), **asked},
        (S, "withdraw in_error"): {**_all_to(before, State.ENTERED_IN_ERROR), **asked},
    }


_CLAIM: Table = {(R, "claim"): {State.DELIVERED: State.RECEIVED}}
_ACCEPT: Table = {(R, "accept"): {State.RECEIVED: State.ACCEPTED}}
_REFUSE: Table = {
    (R, "decline"): {State.RECEIVED: State.DECLINED},
    (R, "redirect"): {State.RECEIVED: State.REDIRECTED},
}
_CONFIRM_CANCEL: Table = {
    (R, "confirm_cancel"): {State.CANCEL_REQUESTED: State.CANCEL_CONFIRMED},
}
_ANSWER: Table = _both("answer", {State.INFO_NEEDED: State.IN_PROGRESS})
_TIP_WORK = (State.RECEIVED, State.IN_PROGRESS, State.INFO_NEEDED)

TRANSITIONS: Mapping[Pattern, Table] = MappingProxyType(
    {
        Pattern.REQUEST: {
            **_CLAIM,
            **_ACCEPT,
            **_REFUSE,
            **_both("ask", _all_to(_WORKING, State.INFO_NEEDED)),
            **_ANSWER,
            **_both(
                "note",
                _stay(*_NEW, *_WORKING, State.OUTCOME_REPORTED, State.CANCEL_REQUESTED),
            ),
            (R, "outcome"): _all_to(_WORKING, State.OUTCOME_REPORTED),
            (S, "confirm"): {State.OUTCOME_REPORTED: State.CLOSED},
            (S, "dispute"): {State.OUTCOME_REPORTED: State.IN_PROGRESS},
            **_withdraw(_NEW, (*_WORKING, State.OUTCOME_REPORTED)),
            **_CONFIRM_CANCEL,
        },
        Pattern.BROADCAST: {
            **_CLAIM,
            **_both("note", _stay(*_NEW)),
            (R, "acknowledge"): _all_to(_NEW, State.CLOSED),
            # Of a closed one too: else a cancellation that crosses the acknowledgement
            # would be lost, and the peer would look out for a child that is found.
            **_withdraw((*_NEW, State.CLOSED)),
        },
        Pattern.HANDOVER: {
            **_CLAIM,
            **_ACCEPT,
            **_REFUSE,
            **_both("ask", _all_to(_WORKING, State.INFO_NEEDED)),
            **_ANSWER,
            **_both(
                "note",
                _stay(*_NEW, *_WORKING, State.HANDED_OVER, State.CANCEL_REQUESTED),
            ),
            # Again, for what was forgotten or did not fit into one message.
            (S, "hand_over"): _all_to((*_WORKING, State.HANDED_OVER), State.HANDED_OVER),
            (R, "custody_taken"): {State.HANDED_OVER: State.CLOSED},
            **_withdraw(_NEW, (*_WORKING, State.HANDED_OVER)),
            **_CONFIRM_CANCEL,
        },
        Pattern.TIP: {
            **_CLAIM,
            **_REFUSE,
            **_both("ask", _all_to(_TIP_WORK, State.INFO_NEEDED)),
            **_ANSWER,
            **_both("note", _stay(State.DELIVERED, *_TIP_WORK)),
            (R, "disposition"): _all_to(_TIP_WORK, State.CLOSED),
            **_withdraw((State.DELIVERED, *_TIP_WORK)),
        },
        Pattern.NOTICE: {
            **_CLAIM,
            **_both("note", _stay(*_NEW)),
            (R, "acknowledge"): _all_to(_NEW, State.CLOSED),
            **_withdraw(_NEW),
        },
    }
)
