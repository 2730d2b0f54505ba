"""Who has what: every way in which something may, or may not, have got to a peer."""

from __future__ import annotations

import pytest

from node.cases.holders import Copy, Passage, holders_of
from node.store import messages
from node.store.messages import LegRow, MessageRow
from protocol.errors import RefusalCode
from protocol.ids import LegId, MessageId, NodeId
from protocol.pb.homeward.v1 import message_pb2

GR = NodeId("gr.example")
LEG, NOTICE = LegId(bytes(16)), LegId(bytes(15) + b"n")


def leg(leg_id: LegId = LEG, kind: str = "alert") -> LegRow:
    return LegRow(
        leg_id=leg_id, side="sender", peer=GR, kind=kind, urgency=2, case_id="be.example/1",
        opened_at_ms=1, reply_by_ms=2, expires_at_ms=9,
    )  # fmt: skip


def row(name: str, content, number: int = 1, *, leg_id: LegId = LEG, **changes) -> MessageRow:
    message = message_pb2.Message()
    getattr(message, name).CopyFrom(content)
    getattr(message, name).SetInParent()
    fields = {
        "peer": GR, "message_id": MessageId(bytes([number]) * 16), "direction": messages.OUT,
        "leg_id": leg_id, "step_number": number, "peer_steps_seen": 0, "name": name,
        "question": 0, "reason": "", "salt": b"s", "payload": message.SerializeToString(),
        "urgency": 2, "created_at_ms": number, "expires_at_ms": 99, "stored_at_ms": number,
        "settled": messages.RECEIVED, "code": 0, "settled_at_ms": number,
    }  # fmt: skip
    return MessageRow(**{**fields, **changes})


def referral(**changes) -> MessageRow:
    content = message_pb2.Referral(mask={"paths": ["children.names"]})
    return row("referral", content, **changes)


def asked(number: int = 2, **changes) -> MessageRow:
    return row("erase_request", message_pb2.EraseRequest(reason="x"), number, **changes)


def said(name: str, content, request: int, number: int = 1) -> MessageRow:
    return row(name, content, number, direction=messages.IN, question=request, stored_at_ms=50)


@pytest.mark.parametrize(
    ("settled", "passage"),
    [
        (messages.RECEIVED, Passage.DELIVERED),
        (messages.WAITING, Passage.WAITING),
        (messages.EXPIRED, Passage.UNCERTAIN),
    ],
)
def test_what_may_be_there_counts_and_says_how_surely(settled, passage) -> None:
    (holder,) = holders_of([(leg(), referral(settled=settled))])
    assert holder.fields == ("children.names",)
    assert holder.holdings[0].parts[0].passage is passage
    assert holder.has_copy


def test_what_was_refused_with_proof_is_not_there() -> None:
    assert holders_of([(leg(), referral(settled=messages.REFUSED, code=5))]) == ()


def test_fields_of_later_steps_count_and_a_peers_own_words_do_not() -> None:
    part = {"mask": {"paths": ["police"]}}
    rows = [
        (leg(), referral()),
        (leg(), row("hand_over", message_pb2.HandOver(**part), 2)),
        (leg(), row("answer", message_pb2.Answer(mask={"paths": ["files"]}), 3)),
        (leg(), row("note", message_pb2.Note(mask={"paths": ["risk"]}), direction=messages.IN)),
    ]
    (holder,) = holders_of(rows)
    assert holder.fields == ("children.names", "files", "police")


def test_the_last_word_on_a_copy_counts() -> None:
    opened, ask = (leg(), referral()), (leg(), asked())
    refused = message_pb2.EraseRefused(request=2, reason="legal_claims")
    kept = (leg(), said("erase_refused", refused, 2))
    again = (leg(), asked(3))
    erased = (leg(), said("erased", message_pb2.Erased(request=3), 3, 2))

    def copy_of(*rows) -> Copy:
        (holder,) = holders_of(rows)
        return holder.holdings[0].copy

    assert copy_of(opened) is Copy.HELD
    assert copy_of(opened, ask) is Copy.ERASE_ASKED
    assert copy_of(opened, ask, kept) is Copy.KEPT
    assert copy_of(opened, ask, kept, again) is Copy.ERASE_ASKED
    assert copy_of(opened, ask, kept, again, erased) is Copy.ERASED
    # An answer to what was never asked says nothing.
    assert copy_of(opened, erased) is Copy.HELD


def test_a_request_that_was_refused_on_the_way_was_never_made() -> None:
    rows = [(leg(), referral()), (leg(), asked(settled=messages.REFUSED, code=7))]
    (holder,) = holders_of(rows)
    assert holder.holdings[0].copy is Copy.HELD


def test_a_peer_that_proves_that_it_knows_no_such_leg_has_nothing() -> None:
    gone = asked(settled=messages.REFUSED, code=int(RefusalCode.UNKNOWN_LEG))
    assert holders_of([(leg(), referral(settled=messages.EXPIRED)), (leg(), gone)]) == ()


def test_an_acknowledged_notice_speaks_of_the_legs_that_it_is_about() -> None:
    notice = message_pb2.Referral(notice="found", about_leg_ids=[LEG])
    told = (leg(NOTICE, "found_notice"), row("referral", notice, leg_id=NOTICE))
    (holder,) = holders_of([(leg(), referral()), told])
    assert [each.notice for each in holder.unacknowledged] == ["found"]
    kept = message_pb2.Acknowledge(copy="kept", kept_basis="public_task")
    answer = row("acknowledge", kept, leg_id=NOTICE, direction=messages.IN, stored_at_ms=60)
    (holder,) = holders_of([(leg(), referral()), told, (leg(NOTICE, "found_notice"), answer)])
    assert holder.unacknowledged == ()
    assert (holder.holdings[0].copy, holder.holdings[0].kept_basis) == (Copy.KEPT, "public_task")
    # Who only gets notices holds nothing.
    assert holders_of([told]) == ()
