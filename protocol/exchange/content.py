"""What each step must say, by the kind of its leg: the same rules at both ends.

The author's node refuses a step that lacks something before it goes, the recipient's
when it comes, and both name what is missing. A code that this version does not know is
no fault (it comes from a newer list), but none at all is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from google.protobuf.message import Message as AnyMessage

from protocol.disclosure import Share, fields
from protocol.disclosure.dictionary import filled
from protocol.errors import PeerError, RefusalCode
from protocol.exchange.patterns import Pattern, pattern_of
from protocol.ids import DIGEST_BYTES, parse_node_id
from protocol.pb.homeward.v1 import case_pb2, message_pb2

_LOCAL_IDS = ("id", "child_id")

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
        if not _is_minimal(content.disclosure):
            yield "has more than the minimal set before the accept"
    if kind != "statistic":
        if content.HasField("figures"):
            yield "has figures"
        return
    if content.disclosure.ListFields() or content.mask.paths or content.attachment_keys:
        yield "has a part of a case"
    if not content.figures.period or not content.figures.figures:
        yield "lacks figures"
    if not all(figure.name for figure in content.figures.figures):
        yield "lacks the name of a figure"


def _is_minimal(case: case_pb2.Case) -> bool:
    """Whether nothing is in it that is not ticked by default for a transfer."""
    shares = {info.path: info.share for info in fields(case_pb2.Case)}
    paths = [value.path for value in filled(case)]
    own = [path for path in paths if path.rpartition(".")[2] not in _LOCAL_IDS]
    return all(shares[path] <= Share.MINIMAL for path in own)


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
    has_proposals = bool(content.disclosure.ListFields())
    if has_proposals != bool(content.mask.paths):
        yield "lacks mask" if has_proposals else "lacks disclosure"
    if not has_proposals and not _is_said(content, "text"):
        yield "lacks text"


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
    if len(content.checksum) != (DIGEST_BYTES if kind == "statistic" else 0):
        yield "lacks checksum" if kind == "statistic" else "has a checksum"


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
        "decline": _decline,
        "redirect": _redirect,
        "note": _note,
        "outcome": _outcome,
        "acknowledge": _acknowledge,
    }
)
