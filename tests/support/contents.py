"""Steps that say all they must, with invented words."""

from __future__ import annotations

from google.protobuf.message import Message

from protocol.pb.homeward.v1 import message_pb2

TIME_MS = 1_790_000_000_000
TEXT = {"text": "Invented words.", "language": "en"}
PART = {"disclosure": {"lead_node": "be.example"}, "mask": {"paths": ["lead_node"]}}


def claim(**changes) -> message_pb2.Claim:
    return message_pb2.Claim(
        **{"contact_name": "Somebody", "contact_telephone": "+3225550100", **changes}
    )


def accept(**changes) -> message_pb2.Accept:
    return message_pb2.Accept(
        **{"local_case_number": "N-1", "next_answer_by_ms": TIME_MS, **changes}
    )


def ask() -> message_pb2.Ask:
    return message_pb2.Ask(question=TEXT)


def answer(question: int) -> message_pb2.Answer:
    return message_pb2.Answer(question=question, text=TEXT)


def note() -> message_pb2.Note:
    return message_pb2.Note(text=TEXT)


def outcome(**changes) -> message_pb2.Outcome:
    fields = {
        "code": "located_safe",
        "happened_at_ms": TIME_MS,
        "found_by": "police",
        "condition": "well",
        "authority_told": "police",
    }
    return message_pb2.Outcome(**{**fields, **changes})


def dispute() -> message_pb2.Dispute:
    return message_pb2.Dispute(text=TEXT)


def withdraw(reason: str = "found") -> message_pb2.Withdraw:
    return message_pb2.Withdraw(reason=reason)


def acknowledge(kind: str, **changes) -> message_pb2.Acknowledge:
    fields: dict[str, object] = {"found_notice": {"copy": "erased"}}.get(kind, {})
    if kind == "statistic":
        fields = {"checksum": bytes(32)}
    return message_pb2.Acknowledge(**{**fields, **changes})


def opening(kind: str, **changes) -> message_pb2.Referral:
    fields = {"kind": kind, "urgency": 3, "ask": TEXT, "expires_at_ms": TIME_MS}
    if kind == "statistic":
        fields["figures"] = {"period": "2026", "figures": [{"name": "cases", "count": 3}]}
    if kind == "found_notice":
        fields["notice"] = "found"
    return message_pb2.Referral(**{**fields, **changes})


def contents_of(kind: str) -> dict[str, Message]:
    """Return every step as it may stand on a leg of a kind, whether it is legal there or not."""
    return {
        "referral": opening(kind),
        "claim": claim(),
        "accept": accept(),
        "decline": message_pb2.Decline(reason="no_capacity"),
        "redirect": message_pb2.Redirect(target="fr.example"),
        "ask": ask(),
        "answer": answer(1),
        "note": note(),
        "outcome": outcome(),
        "confirm": message_pb2.Confirm(),
        "dispute": dispute(),
        "withdraw": withdraw(),
        "confirm_cancel": message_pb2.ConfirmCancel(),
        "acknowledge": acknowledge(kind),
        "disposition": message_pb2.Disposition(code="sighting_confirmed"),
        "hand_over": message_pb2.HandOver(**PART),
        "custody_taken": message_pb2.CustodyTaken(local_case_number="N-1"),
        "erase_request": message_pb2.EraseRequest(reason="retention_over"),
        "erased": message_pb2.Erased(request=1),
        "erase_refused": message_pb2.EraseRefused(request=1, reason="legal_claims"),
    }


def message_of(content: Message) -> message_pb2.Message:
    """Return a message with this step and nothing else."""
    slots = message_pb2.Message.DESCRIPTOR.oneofs_by_name["step"].fields
    name = next(slot.name for slot in slots if slot.message_type is content.DESCRIPTOR)
    message = message_pb2.Message()
    getattr(message, name).CopyFrom(content)
    getattr(message, name).SetInParent()
    return message
