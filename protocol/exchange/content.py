"""What each step must say, by the kind of its leg: the same rules at both ends.

The author's node refuses a step that lacks something before it goes, the recipient's
when it comes, and both name what is missing. A code that this version does not know is
no fault (it comes from a newer list), but none at all is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from google.protobuf.message import Message as AnyMessage

from protocol.disclosure import check_received
from protocol.disclosure.received import has_sensitive, is_minimal, part_fault
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.patterns import Pattern, pattern_of
from protocol.ids import DIGEST_BYTES, RANDOM_ID_BYTES, parse_node_id
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from protocol.policy import is_on_consent

Disclosing = message_pb2.Referral | message_pb2.Answer | message_pb2.Note | message_pb2.HandOver
"""The steps with which a part of a case may go."""

PEOPLE_FOR_SENSITIVE: Final = 2
"""How many have to decide that S fields go."""

FOUND: Final = frozenset(
    {
        "located_safe", "located_harmed", "located_deceased", "returned_voluntarily",
        "returned_by_court", "returned_by_agreement", "stays_with_agreement",
        "recovered_by_police", "in_care_of_authority",
    }
)  # fmt: skip
"""Outcomes of the list by which a child is found: they say by whom, and how it is."""

NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "referral": ("kind", "ask"),
        "claim": ("contact_name", "contact_telephone"),
        "accept": ("local_case_number", "next_answer_by_ms"),
        "decline": ("reason",),
        "redirect": ("target",),
        "ask": ("question",),
        "answer": ("question", "text"),
        "note": (),
        "outcome": ("code", "happened_at_ms"),
        "confirm": (),
        "dispute": ("text",),
        "withdraw": ("reason",),
        "confirm_cancel": (),
        "acknowledge": (),
        "disposition": ("code",),
        "hand_over": ("disclosure", "mask"),
        "custody_taken": ("local_case_number",),
        "erase_request": ("reason",),
        "erased": ("request",),
        "erase_refused": ("request", "reason"),
    }
)
"""What a step of any kind must say; the rest depends on what it says, and on the kind."""


def check_content(kind: str, message: message_pb2.Message) -> None:
    """Refuse a step that does not say what it must on a leg of this kind.

    Raises:
        PeerError: PAYLOAD_INVALID, with the name of what is missing or out of place;
            UNKNOWN_KIND.
    """
    pattern_of(kind)
    step = str(message.WhichOneof("step"))
    content: AnyMessage = getattr(message, step)
    for name in NEEDED[step]:
        if not _is_said(content, name):
            raise _refusal(step, f"lacks {name}")
    for fault in _FAULTS.get(step, _no_faults)(kind, message):
        raise _refusal(step, fault)


def _is_said(content: AnyMessage, name: str) -> bool:
    value = getattr(content, name)
    if isinstance(value, case_pb2.Text):
        return bool(value.text.strip())
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, AnyMessage):
        return bool(value.ListFields())
    return bool(value)


def _no_faults(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind, message
    yield from ()


def _referral(kind: str, message: message_pb2.Message) -> Iterator[str]:
    content, pattern = message.referral, pattern_of(kind)
    if pattern is Pattern.BROADCAST and not content.expires_at_ms:
        yield "lacks expires_at_ms"
    if pattern is Pattern.HANDOVER:
        if content.attachment_keys:
            yield "has attachment_keys before the accept"
        if not is_minimal(content.disclosure):
            yield "has more than the minimal set before the accept"
    yield from _notice(kind, content)
    if kind != "statistic":
        if content.HasField("figures"):
            yield "has figures"
        yield from _part_faults(content)
        return
    if content.disclosure.ListFields() or content.mask.paths or content.attachment_keys:
        yield "has a part of a case"
    if not content.figures.period or not content.figures.figures:
        yield "lacks figures"
    if not all(figure.name for figure in content.figures.figures):
        yield "lacks the name of a figure"


def _notice(kind: str, content: message_pb2.Referral) -> Iterator[str]:
    """Yield what is wrong with what a notice tells, or with a referral that is none."""
    if kind != "found_notice":
        names = ("notice", "about_leg_ids")
        yield from (f"has {name}" for name in names if getattr(content, name))
        return
    if not content.notice.strip():
        yield "lacks notice"
    if not all(len(leg_id) == RANDOM_ID_BYTES for leg_id in content.about_leg_ids):
        yield "has about_leg_ids that are no legs"


def _part_faults(content: Disclosing) -> Iterator[str]:
    """Compare a part of a case with its choice, and with what its legal basis says of it."""
    basis = content.legal_basis
    if content.disclosure.ListFields() or content.mask.paths:
        yield from (f"breaks {problem.rule}" for problem in check_received(content.disclosure))
        fault = part_fault(content.disclosure, content.mask.paths)
        if fault is not None:
            yield fault
    if has_sensitive(content.disclosure) and not _is_said(basis, "sensitive_reason"):
        yield "lacks sensitive_reason"
    if has_sensitive(content.disclosure) and basis.decided_by_count < PEOPLE_FOR_SENSITIVE:
        yield "lacks a second person"
    if basis.overridden_rules and not _is_said(basis, "override_reason"):
        yield "lacks override_reason"
    if is_on_consent(basis) and not (basis.consent_given_by or basis.overridden_rules):
        yield "lacks consent_given_by"


def _hand_over(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind
    yield from _part_faults(message.hand_over)


def _answer(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind
    yield from _mask_faults(message.answer)
    yield from _part_faults(message.answer)


def _mask_faults(content: message_pb2.Answer | message_pb2.Note) -> Iterator[str]:
    has_part = bool(content.disclosure.ListFields())
    if has_part != bool(content.mask.paths):
        yield "lacks mask" if has_part else "lacks disclosure"


def _decline(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind
    content = message.decline
    if content.reason == "other" and not _is_said(content, "text"):
        yield "lacks text"
    if content.suggested_peer and not _is_node_id(content.suggested_peer):
        yield "has a suggested_peer that is no node id"


def _redirect(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind
    content = message.redirect
    if not _is_node_id(content.target):
        yield "has a target that is no node id"


def _note(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind
    content = message.note
    yield from _mask_faults(content)
    if not content.disclosure.ListFields() and not _is_said(content, "text"):
        yield "lacks text"
    if bool(content.replies_to) != bool(content.left.paths):
        yield "lacks left" if content.replies_to else "lacks replies_to"
    yield from _path_faults(content.left.paths)
    yield from _part_faults(content)


def _outcome(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind
    content = message.outcome
    names = ("found_by", "condition", "authority_told") if content.code in FOUND else ()
    yield from (f"lacks {name}" for name in names if not _is_said(content, name))


def _acknowledge(kind: str, message: message_pb2.Message) -> Iterator[str]:
    content = message.acknowledge
    if kind == "found_notice" and not content.copy:
        yield "lacks copy"
    if content.copy == "kept" and not content.kept_basis:
        yield "lacks kept_basis"
    if content.taken.paths and content.copy != "erased":
        yield "has taken"
    yield from _path_faults(content.taken.paths)
    if len(content.checksum) != (DIGEST_BYTES if kind == "statistic" else 0):
        yield "lacks checksum" if kind == "statistic" else "has a checksum"


def _erased(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind
    yield from _path_faults(message.erased.taken.paths)


def _ask(kind: str, message: message_pb2.Message) -> Iterator[str]:
    del kind
    yield from _path_faults(message.ask.about.paths)


def _path_faults(paths: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with paths with which no part of a case goes."""
    fault = part_fault(case_pb2.Case(), paths)
    if fault is not None:
        yield fault


def _is_node_id(text: str) -> bool:
    try:
        parse_node_id(text)
    except PeerError:
        return False
    return True


def _refusal(step: str, fault: str) -> PeerError:
    return PeerError(RefusalCode.PAYLOAD_INVALID, f"{step} {fault}")


_FAULTS: Mapping[str, Callable[[str, message_pb2.Message], Iterator[str]]] = MappingProxyType(
    {
        "referral": _referral,
        "ask": _ask,
        "answer": _answer,
        "hand_over": _hand_over,
        "decline": _decline,
        "redirect": _redirect,
        "note": _note,
        "outcome": _outcome,
        "acknowledge": _acknowledge,
        "erased": _erased,
    }
)
