"""Whether a part of a case may go to a peer, and by which rule not (GDPR Art. 5, 6, 9, 10).

Asked of what is disclosed, not of what was ticked: of an empty field nothing goes. Each
rule that is not met is named. SPEC.md section 12.2 has the same in words.

- Always: a purpose, a basis of Art. 6, and whether the police are informed.
- With special categories in it, a condition of Art. 9; with data on offences, a basis of
  Art. 10. The dictionary says which fields these are (`protocol.disclosure.classes`).
- Where consent is the basis (of Art. 6, 9 or 49) the case must hold one that was given,
  covers the purpose, the recipient and each child in the disclosure, is explicit if it is
  to be, is not withdrawn and has not ended. What it covers goes into the message.
- A transfer offers the minimal set until it is accepted. A look-out goes to many at once:
  more than the minimal set, or a file, only at U1 and with a reason.
- What one peer told does not go to another.

What protects vital interests may go though a rule is not met, if somebody writes down why:
the rules and the reason go into the message. It opens no N field, no peer that is not
active, no transfer before its accept, and spares nobody the second person for S fields.
Whether there is a ground for the recipient's country is `protocol.transfer`'s.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from protocol.disclosure.classes import DataClass, data_classes
from protocol.disclosure.received import is_minimal
from protocol.errors import PeerError, PolicyRefusal, RefusalCode
from protocol.exchange.patterns import KINDS, Pattern
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from protocol.vocabularies.terms import NO_ANSWER
from protocol.vocabulary import VOCABULARIES, is_known

OVERRIDABLE: Final = frozenset(
    {
        "art9_condition_missing", "art10_basis_missing", "staged_disclosure",
        "at_once_reason_missing", "onward_sharing", "consent_missing",
        "consent_not_for_child", "consent_not_for_purpose", "consent_not_for_recipient",
        "consent_not_explicit", "consent_withdrawn", "consent_expired",
    }
)  # fmt: skip
"""Rules over which vital interests can go."""

VITAL_INTERESTS: Final = "vital_interests"
_IMMEDIATE = 1
_EPOCH = datetime.date(1970, 1, 1)
_DAY_MS = 24 * 3600 * 1000
_CLASS_RULES = (
    (DataClass.SPECIAL, "art9_condition", "special categories of data", "--art9"),
    (DataClass.OFFENCE, "art10_basis", "data on offences", "--art10"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What is to go, with which step of which kind of leg, on which basis, to whom and when."""

    kind: str
    step: str
    urgency: int
    disclosed: case_pb2.Case
    has_files: bool
    legal_basis: message_pb2.LegalBasis
    consents: Sequence[case_pb2.Consent]
    """All of the case, whatever became of them."""
    foreign_path: str
    """A field of the disclosure that another peer told; empty: there is none."""
    peer: NodeId
    now_ms: int


def missing_rules(going: Going) -> Iterator[PolicyRefusal]:
    """Yield every rule that is not met, the most basic first."""
    yield from _basics(going.legal_basis)
    yield from _class_rules(going)
    yield from _consent_rules(going)
    yield from _stage_rules(going)
    if going.foreign_path:
        yield PolicyRefusal(
            "onward_sharing",
            f"{going.foreign_path} has what another peer told: it may only go back there",
            "ask that peer, or leave the field out",
        )


def checked_basis(going: Going) -> message_pb2.LegalBasis:
    """Return the legal basis as it goes: with what the consent covers and what was overridden.

    Raises:
        PolicyRefusal: a rule is not met, and nothing overrides it; "override_not_possible"
            or "override_not_needed".
    """
    basis = message_pb2.LegalBasis()
    basis.CopyFrom(going.legal_basis)
    missing = list(missing_rules(going))
    has_reason = bool(basis.override_reason.text.strip())
    if missing and not has_reason:
        raise missing[0]
    if has_reason and not missing:
        raise PolicyRefusal(
            "override_not_needed", "every rule is met: there is nothing to override",
            "leave --override-reason out",
        )  # fmt: skip
    if missing:
        _check_override(missing, basis)
    basis.overridden_rules.extend(refusal.rule for refusal in missing)
    _add_consents(basis, list(_relied_on(going)))
    return basis


def check_consent_in_time(legal_basis: message_pb2.LegalBasis, at_ms: int) -> None:
    """Refuse what rests on a consent that has ended.

    Raises:
        PeerError: CONSENT_EXPIRED.
    """
    if 0 < legal_basis.consent_expires_at_ms <= at_ms:
        raise PeerError(RefusalCode.CONSENT_EXPIRED, "the consent has ended")


def consent_end_ms(legal_basis: message_pb2.LegalBasis) -> int:
    """Return when the consent ends on which it rests; 0: it rests on none, or for ever."""
    return int(legal_basis.consent_expires_at_ms) if is_on_consent(legal_basis) else 0


def is_on_consent(legal_basis: message_pb2.LegalBasis) -> bool:
    """Return whether the basis is that somebody agreed."""
    return (
        legal_basis.art6_basis == "consent"
        or legal_basis.art9_condition == "explicit_consent"
        or legal_basis.art49_derogation == "explicit_consent"
    )


def _check_override(missing: Sequence[PolicyRefusal], basis: message_pb2.LegalBasis) -> None:
    strict = next((each for each in missing if each.rule not in OVERRIDABLE), None)
    if strict is not None:
        raise strict
    if basis.art6_basis != VITAL_INTERESTS:
        raise PolicyRefusal(
            "override_not_possible",
            f"only what protects vital interests goes over a rule: {missing[0].sentence}",
            "if a life or health is at stake, record it: --art6 vital_interests",
        )


def _basics(basis: message_pb2.LegalBasis) -> Iterator[PolicyRefusal]:
    for name in ("purpose", "art6_basis", "police_informed"):
        if not is_known(name, getattr(basis, name)):
            yield PolicyRefusal(f"{name}_missing", f"{name} must be a code of its list")


def _class_rules(going: Going) -> Iterator[PolicyRefusal]:
    held = data_classes(going.disclosed)
    for each, name, words, option in _CLASS_RULES:
        code = getattr(going.legal_basis, name)
        if code and not is_known(name, code):
            yield PolicyRefusal(f"unknown_{name}", f"the {name} is no code of its list")
        elif each in held and code in ("", "none"):
            codes = ", ".join(code for code in VOCABULARIES[name].codes if code != "none")
            yield PolicyRefusal(
                f"{name}_missing",
                f"there are {words} in it: that needs a code of the list {name}",
                f"leave these fields out, or say it with {option}, one of: {codes}",
            )


def _stage_rules(going: Going) -> Iterator[PolicyRefusal]:
    pattern = KINDS.get(going.kind)
    is_more = going.has_files or not is_minimal(going.disclosed)
    reason = going.legal_basis.at_once_reason.text.strip()
    is_of_many = pattern is Pattern.BROADCAST and going.step == "referral"
    if reason and not (is_more and is_of_many):
        yield PolicyRefusal(
            "at_once_reason_not_needed",
            "only a look-out that begins with more than the minimal set needs a reason for that",
            "leave --at-once-reason out",
        )
    if not is_more or going.step != "referral":
        return
    if pattern is Pattern.HANDOVER:
        yield PolicyRefusal(
            "transfer_not_accepted",
            "before it is accepted, a transfer offers no more than the minimal set and no file",
            "the rest goes with homeward referral hand-over",
        )
    elif is_of_many and going.urgency != _IMMEDIATE:
        yield PolicyRefusal(
            "staged_disclosure",
            "only a look-out of U1 begins with more than the minimal set, or with a file",
            "send the rest to those who answer",
        )
    elif is_of_many and not reason:
        yield PolicyRefusal(
            "at_once_reason_missing",
            "a look-out that begins with more than the minimal set says why",
            "--at-once-reason",
        )


# --- consent


def _consent_rules(going: Going) -> Iterator[PolicyRefusal]:
    if not is_on_consent(going.legal_basis):
        return
    faults = [_best(going, child)[1] for child in _subjects(going)]
    for rule in dict.fromkeys(fault for fault in faults if fault):
        yield PolicyRefusal(
            rule, _CONSENT_WORDS[rule], "record the consent in the case, or name another basis"
        )


def _relied_on(going: Going) -> Iterator[case_pb2.Consent]:
    if is_on_consent(going.legal_basis):
        found = (_best(going, child) for child in _subjects(going))
        yield from (consent for consent, fault in found if consent is not None and not fault)


def _subjects(going: Going) -> list[str]:
    """Return the children whose data it is; one empty id if none is described."""
    children = [child.id for child in going.disclosed.children]
    children += [wishes.child_id for wishes in going.disclosed.child_wishes]
    return list(dict.fromkeys(children)) or [""]


def _best(going: Going, child: str) -> tuple[case_pb2.Consent | None, str]:
    """Return the consent that fits best, and the first rule that even this one breaks."""
    found: tuple[case_pb2.Consent | None, int] = (None, 0)
    rules = list(_CONSENT_RULES)
    for consent in going.consents:
        fits = [_CONSENT_RULES[rule](consent, going, child) for rule in rules]
        met = fits.index(False) if False in fits else len(rules)
        if found[0] is None or met > found[1]:
            found = (consent, met)
    best, met = found
    return best, rules[met] if met < len(rules) else ""


def _is_explicit(consent: case_pb2.Consent, going: Going, child: str) -> bool:
    del child
    is_needed = going.legal_basis.art9_condition == "explicit_consent"
    return not is_needed or consent.special_categories == "yes"


def _is_in_time(consent: case_pb2.Consent, going: Going, child: str) -> bool:
    del child
    end_ms = _end_ms(consent.expires_on)
    return not end_ms or end_ms > going.now_ms


# In the order in which a consent comes nearer to one that counts.
_CONSENT_RULES: dict[str, Callable[[case_pb2.Consent, Going, str], bool]] = {
    "consent_missing": lambda consent, _, __: consent.answer == "given",
    "consent_not_for_child": lambda consent, _, child: not child or child in consent.child_ids,
    "consent_not_for_purpose": lambda consent, going, _: (
        going.legal_basis.purpose in consent.purposes
    ),
    "consent_not_for_recipient": lambda consent, going, _: going.peer in consent.recipients,
    "consent_not_explicit": _is_explicit,
    "consent_withdrawn": lambda consent, _, __: not consent.HasField("withdrawn_on"),
    "consent_expired": _is_in_time,
}
_CONSENT_WORDS = {
    "consent_missing": "the basis is consent, and the case holds none",
    "consent_not_for_child": "the consent in the case does not name each child that is in it",
    "consent_not_for_purpose": "the consent in the case was not given for this purpose",
    "consent_not_for_recipient": "the consent in the case does not name this recipient",
    "consent_not_explicit": "the consent in the case is not explicit for special categories",
    "consent_withdrawn": "the consent in the case was withdrawn",
    "consent_expired": "the consent in the case has ended",
}


def _add_consents(basis: message_pb2.LegalBasis, consents: Sequence[case_pb2.Consent]) -> None:
    if not consents:
        return
    ends_ms = [end_ms for consent in consents if (end_ms := _end_ms(consent.expires_on))]
    common = set.intersection(*(set(consent.purposes) for consent in consents))
    basis.consent_given_by.extend(sorted({consent.given_by for consent in consents}))
    basis.consent_expires_at_ms = min(ends_ms, default=0)
    basis.consent_purposes.extend(sorted(common))


def _end_ms(last: case_pb2.PartialDate) -> int:
    """Return when the last day is over, in UTC; 0: no day is known."""
    if not last.year or last.precision in NO_ANSWER:
        return 0
    month = last.month or 12
    day = last.day or calendar.monthrange(last.year, month)[1]
    after = datetime.date(last.year, month, day) - _EPOCH
    return (after.days + 1) * _DAY_MS
