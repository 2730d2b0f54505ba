"""From a case and a choice to what goes to a peer: why it goes, and nothing else.

What is previewed is what is sent, at once or when a second person has approved it: there
is one function for a referral or a notice, one for the later steps with a part of a case, one
policy for both (`protocol.policy`), and no second path. What the choice lacks is refused with the
rule's name before anything is queued or kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from node.cases.cases import CaseView
from node.cases.holders import NOTICE
from node.errors import NodeError
from node.store.origins import Origin
from protocol import limits
from protocol.disclosure import default_mask, disclose, sensitive_paths
from protocol.disclosure.marks import marks
from protocol.disclosure.merging import renamed
from protocol.errors import PolicyRefusal
from protocol.exchange.content import PEOPLE_FOR_SENSITIVE
from protocol.exchange.patterns import KINDS
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from protocol.policy import Going, checked_basis, missing_rules

Step = message_pb2.HandOver | message_pb2.Note | message_pb2.Answer

_CODES = (
    "purpose", "art6_basis", "art9_condition", "art10_basis", "police_informed",
    "art49_derogation",
)  # fmt: skip
_REASONS = ("sensitive_reason", "override_reason", "at_once_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why it may go, as people decide it; the ground of the transfer is the member's.

    The reasons are text in `language`; each is empty where it is not needed.
    """

    purpose: str
    art6_basis: str
    police_informed: str
    art9_condition: str = ""
    art10_basis: str = ""
    art49_derogation: str = ""
    sensitive_reason: str = ""
    override_reason: str = ""
    at_once_reason: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a caseworker decides for one referral.

    `paths` are FieldMask paths over Case; none means the default of the kind.
    Times are milliseconds since 1970-01-01 UTC. `reopens` is a leg's id in hexadecimal.
    """

    kind: str
    urgency: int
    ask: str
    language: str
    grounds: Grounds
    paths: tuple[str, ...] = ()
    file_ids: tuple[str, ...] = ()
    reply_by_ms: int
    expires_at_ms: int
    reopens: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChoice:
    """What a caseworker decides for a later step with a part of a case.

    `step` is "hand_over", "note" or "answer"; `kind` and `urgency` are the leg's. `question`
    is the number of the one that is answered.
    """

    step: str
    kind: str
    urgency: int
    grounds: Grounds
    paths: tuple[str, ...]
    file_ids: tuple[str, ...] = ()
    text: str = ""
    language: str = "en"
    question: int = 0


def compose_referral(
    view: CaseView, choice: Choice, *, peer: NodeId, now_ms: int
) -> message_pb2.Referral:
    """Return the referral that this choice makes of the case, for this peer.

    Raises:
        PolicyRefusal: a rule is not met, or a path is not one of the dictionary.
    """
    if choice.kind == NOTICE:
        sentence = "a notice goes to all who have a copy: homeward case found, close or correct"
        raise PolicyRefusal("not_to_one", sentence)
    return _composed(view, choice, peer=peer, now_ms=now_ms)


def compose_notice(
    view: CaseView, choice: Choice, *, notice: str, peer: NodeId, now_ms: int
) -> message_pb2.Referral:
    """Return the notice that goes to a holder of the case; S fields go with none.

    Raises:
        PolicyRefusal: as `compose_referral`.
    """
    referral = _composed(view, choice, peer=peer, now_ms=now_ms)
    referral.notice = notice
    return referral


def _composed(view: CaseView, choice: Choice, *, peer: NodeId, now_ms: int) -> message_pb2.Referral:
    _check(_shape_rules(choice, now_ms))
    paths = chosen_paths(choice)
    referral = message_pb2.Referral(
        kind=choice.kind,
        urgency=choice.urgency,
        reply_by_ms=choice.reply_by_ms,
        expires_at_ms=choice.expires_at_ms,
        disclosure=disclose(view.case, paths, file_ids=choice.file_ids),
        attachment_keys=attachment_keys(view, choice.file_ids),
        reopens_leg_id=bytes.fromhex(choice.reopens),
    )
    referral.ask.text, referral.ask.language = choice.ask, choice.language
    referral.mask.paths.extend(paths)
    basis = _checked_basis(view, referral, choice, peer=peer, now_ms=now_ms)
    referral.legal_basis.CopyFrom(basis)
    return referral


def compose_step(view: CaseView, choice: StepChoice, *, peer: NodeId, now_ms: int) -> Step:
    """Return the step that takes this part of the case to the peer.

    Raises:
        PolicyRefusal: as `compose_referral`; "attachments_excluded".
    """
    paths = chosen_paths(choice)
    part = disclose(view.case, paths, file_ids=choice.file_ids)
    text = None
    if choice.text.strip():
        text = case_pb2.Text(text=choice.text, language=choice.language)
    step: Step
    if choice.step == "hand_over":
        keys = attachment_keys(view, choice.file_ids)
        step = message_pb2.HandOver(disclosure=part, attachment_keys=keys, text=text)
    elif choice.file_ids:
        raise _no_files(choice.step)
    elif choice.step == "answer":
        step = message_pb2.Answer(disclosure=part, question=choice.question, text=text)
    else:
        step = message_pb2.Note(disclosure=part, text=text)
    step.mask.paths.extend(paths)
    basis = _checked_basis(view, step, choice, peer=peer, now_ms=now_ms)
    step.legal_basis.CopyFrom(basis)
    # Last: who told what is known by the ids that the elements have here.
    step.disclosure.CopyFrom(renamed(step.disclosure, view.leg_ids))
    return step


def needs_second_person(content: message_pb2.Referral | Step) -> bool:
    """Return whether S fields were chosen for it, so that one person alone cannot send it."""
    return bool(sensitive_paths(content.mask.paths))


def check_case_unchanged(view: CaseView, version: int) -> None:
    """Refuse when a case is no longer as somebody saw it.

    Raises:
        NodeError: case_changed.
    """
    if view.row.version != version:
        raise NodeError(
            "case_changed", "the case was changed since the preview", "look at the preview again"
        )


def rules_against(
    view: CaseView, choice: Choice | StepChoice, *, peer: NodeId, now_ms: int
) -> Iterator[PolicyRefusal]:
    """Yield every rule because of which a choice may not go, the most basic first.

    Raises:
        PolicyRefusal: a path is none of the dictionary, or a file none of the case: nothing
            can be said of it.
    """
    paths = chosen_paths(choice)
    if isinstance(choice, Choice):
        yield from _shape_rules(choice, now_ms)
    elif choice.file_ids and choice.step != "hand_over":
        yield _no_files(choice.step)
    attachment_keys(view, choice.file_ids)
    yield from _reason_rules(choice.grounds, sensitive_paths(paths))
    disclosed = disclose(view.case, paths, file_ids=choice.file_ids)
    basis = _legal_basis(choice.grounds, sensitive_paths(paths))
    going = _going(view, disclosed, choice, basis, peer=peer, now_ms=now_ms)
    if not basis.HasField("override_reason"):
        yield from missing_rules(going)
        return
    try:
        checked_basis(going)
    except PolicyRefusal as refusal:
        yield refusal


def chosen_paths(choice: Choice | StepChoice) -> tuple[str, ...]:
    """Return the fields that are chosen, the usual ones of the kind when none is named."""
    paths = choice.paths
    if isinstance(choice, Choice) and not paths:
        paths = default_mask(choice.kind)
    return (*paths, "files") if choice.file_ids and "files" not in paths else paths


def _no_files(step: str) -> PolicyRefusal:
    return PolicyRefusal("attachments_excluded", f"a step to {step} has no files")


def _check(rules: Iterable[PolicyRefusal]) -> None:
    """Refuse by the first of the rules that are not met."""
    for refusal in rules:
        raise refusal


def _shape_rules(choice: Choice, now_ms: int) -> Iterator[PolicyRefusal]:
    if choice.kind not in KINDS:
        yield PolicyRefusal("unknown_kind", f"this version sends: {', '.join(KINDS)}")
    if not 1 <= choice.urgency <= 4:
        yield PolicyRefusal("urgency_range", "urgency is 1 (life at risk) to 4 (low)")
    if not choice.ask.strip():
        yield PolicyRefusal("ask_missing", "a referral says in one sentence what is asked")
    if len(choice.ask) > limits.TEXT_CHARACTERS:
        yield PolicyRefusal("ask_too_long", "the ask is too long")
    if not now_ms < choice.expires_at_ms <= now_ms + limits.LEG_LIFETIME_MS:
        yield PolicyRefusal("expiry_range", "a referral expires within two years")
    if not now_ms < choice.reply_by_ms <= choice.expires_at_ms:
        yield PolicyRefusal("reply_by_range", "the reply is due before the referral expires")


def _checked_basis(
    view: CaseView,
    content: message_pb2.Referral | Step,
    choice: Choice | StepChoice,
    *,
    peer: NodeId,
    now_ms: int,
) -> message_pb2.LegalBasis:
    """Ask the policy of what is disclosed; return the legal basis with which it goes."""
    sensitive = sensitive_paths(content.mask.paths)
    _check(_reason_rules(choice.grounds, sensitive))
    basis = _legal_basis(choice.grounds, sensitive)
    return checked_basis(_going(view, content.disclosure, choice, basis, peer=peer, now_ms=now_ms))


def _going(
    view: CaseView,
    disclosed: case_pb2.Case,
    choice: Choice | StepChoice,
    basis: message_pb2.LegalBasis,
    *,
    peer: NodeId,
    now_ms: int,
) -> Going:
    return Going(
        kind=choice.kind,
        step=choice.step if isinstance(choice, StepChoice) else "referral",
        urgency=choice.urgency,
        disclosed=disclosed,
        has_files=bool(choice.file_ids),
        legal_basis=basis,
        consents=view.case.consents,
        foreign_path=foreign_path(disclosed, view.origins, peer),
        peer=peer,
        now_ms=now_ms,
    )


def _reason_rules(grounds: Grounds, sensitive: Sequence[str]) -> Iterator[PolicyRefusal]:
    reasons = [getattr(grounds, name).strip() for name in _REASONS]
    if any(len(reason) > limits.REASON_CHARACTERS for reason in reasons):
        yield PolicyRefusal("reason_too_long", "a reason is too long")
    has_reason = bool(grounds.sensitive_reason.strip())
    if sensitive and not has_reason:
        yield PolicyRefusal(
            "sensitive_reason_missing",
            f"{sensitive[0]} is sensitive: it needs a reason and a second person",
            "say why this peer must have it with --sensitive-reason",
        )
    if has_reason and not sensitive:
        yield PolicyRefusal(
            "sensitive_reason_not_needed",
            "no sensitive field is chosen: they go only when named themselves",
            "leave --sensitive-reason out, or name the field with --field",
        )


def _legal_basis(grounds: Grounds, sensitive: Sequence[str]) -> message_pb2.LegalBasis:
    basis = message_pb2.LegalBasis()
    for name in _CODES:
        setattr(basis, name, getattr(grounds, name))
    for name in _REASONS:
        reason = getattr(grounds, name).strip()
        if reason:
            getattr(basis, name).CopyFrom(case_pb2.Text(text=reason, language=grounds.language))
    # It does not go before the second one has decided as well.
    basis.decided_by_count = PEOPLE_FOR_SENSITIVE if sensitive else 0
    return basis


def foreign_path(disclosed: case_pb2.Case, origins: Sequence[Origin], peer: NodeId) -> str:
    """Return the first field of a disclosure that another peer told; empty if there is none."""
    told: dict[object, set[NodeId]] = {}
    for origin in origins:
        told.setdefault(origin.mark, set()).add(origin.peer)
    if not told:
        return ""
    foreign = (mark for mark in marks(disclosed) if peer not in told.get(mark, {peer}))
    return next((mark.element for mark in foreign), "")


def attachment_keys(view: CaseView, file_ids: Collection[str]) -> list[message_pb2.AttachmentKey]:
    """Return what opens the chosen files of a case.

    Raises:
        PolicyRefusal: unknown_file or too_many_files.
    """
    known = {file.file_id: file for file in view.files}
    unknown = [file_id for file_id in file_ids if file_id not in known]
    if unknown:
        raise PolicyRefusal("unknown_file", "the case has no such file")
    if len(file_ids) > limits.ATTACHMENTS_PER_ENVELOPE:
        raise PolicyRefusal("too_many_files", "too many files for one referral")
    return [
        message_pb2.AttachmentKey(
            blob_id=file.blob_id,
            key=file.key,
            file_id=file.file_id,
            media_type=file.media_type,
            size=file.size,
            digest=file.digest,
        )
        for file in (known[file_id] for file_id in file_ids)
    ]
