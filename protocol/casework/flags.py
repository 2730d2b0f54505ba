"""What whoever opens a case must know first: derived from the case, and kept nowhere.

A flag is a code, the place that it comes from, and what its words need: codes of a list,
a moment, or somebody's own text. What nobody recorded raises no flag; neither does "no",
"unknown", "not asked" or "withheld". The order is that in which people read them: what the
child wants comes first, because it binds whoever reads the rest.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from protocol.disclosure.dates import span_of
from protocol.pb.homeward.v1.case_pb2 import Case, Consent, Moment, Text

_YES = "yes"
_GIVEN = "given"
_MEDICAL = "medical_need"
_NO_CONTACT = frozenset({"do_not_contact_person", "do_not_contact_family", "contact_before_acting"})
_NO_PUBLICATION = frozenset({"hold_publication", "keep_confidential"})
_ALLEGED_TAKER = "taker_alleged"
_PROVEN = "convicted"


class FlagKind(enum.StrEnum):
    """What a flag says; a stable code."""

    CHILDS_WISH = "childs_wish"
    DANGER_TO_CHILD = "danger_to_child"
    MEDICAL_NEED = "medical_need"
    DANGER_TO_STAFF = "danger_to_staff"
    DO_NOT_CONTACT = "do_not_contact"
    MAY_NOT_KNOW = "may_not_know"
    DO_NOT_PUBLISH = "do_not_publish"
    ALLEGATION_ONLY = "allegation_only"
    CONSENT_EXPIRED = "consent_expired"
    AUTHORITY_HOLD = "authority_hold"


class Weight(enum.StrEnum):
    """How much depends on it: life, what one may do, or what one should know."""

    GRAVE = "grave"
    BINDING = "binding"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One flag.

    `place` is the element that it comes from; `vocabulary` and `codes` are what it is
    about, as codes of a list; `moment` is by when, `text` is in somebody's own words, and
    `person_id` is whom it is about, if anybody.
    """

    kind: FlagKind
    weight: Weight
    place: str
    vocabulary: str = ""
    codes: tuple[str, ...] = ()
    moment: Moment | None = None
    text: Text | None = None
    person_id: str = ""


def flags(case: Case, today: date) -> list[Flag]:
    """Return the flags of a case as of a day, in the order in which they are read."""
    found = [
        *_wishes(case),
        *_medical_needs(case),
        *_of_persons(case),
        *_of_authorities(case),
        *_of_files(case, today),
        *_of_consents(case, today),
        *_hold(case),
    ]
    order = list(FlagKind)
    return sorted(found, key=lambda flag: order.index(flag.kind))


def _wishes(case: Case) -> Iterator[Flag]:
    for number, wishes in enumerate(case.child_wishes):
        yield Flag(
            kind=FlagKind.CHILDS_WISH,
            weight=Weight.BINDING,
            place=f"child_wishes[{number}]",
            vocabulary="whereabouts_may_be_told_to",
            # Nothing named means nobody, as in the dictionary.
            codes=tuple(wishes.whereabouts_may_be_told_to) or ("nobody",),
            text=wishes.wants_withheld if wishes.HasField("wants_withheld") else None,
        )


def _medical_needs(case: Case) -> Iterator[Flag]:
    for child in case.children:
        for number, each in enumerate(child.vulnerabilities):
            if each.kind != _MEDICAL:
                continue
            yield Flag(
                kind=FlagKind.MEDICAL_NEED,
                weight=Weight.GRAVE,
                place=f"children[{child.id}].vulnerabilities[{number}]",
                moment=each.needed_by if each.HasField("needed_by") else None,
                text=Text(text=each.medicine) if each.medicine else None,
            )


def _of_persons(case: Case) -> Iterator[Flag]:
    for person in case.persons:
        place = f"persons[{person.id}]"
        said = (
            (FlagKind.DANGER_TO_CHILD, Weight.GRAVE, person.danger_to_child),
            (FlagKind.DANGER_TO_STAFF, Weight.GRAVE, person.danger_to_staff),
            (FlagKind.MAY_NOT_KNOW, Weight.BINDING, person.may_not_know_we_act),
        )
        for kind, weight, answer in said:
            if answer == _YES:
                yield Flag(kind=kind, weight=weight, place=place, person_id=person.id)
        status = person.allegation.status
        if _ALLEGED_TAKER in person.roles or status:
            if status in (_PROVEN, "none_known"):
                continue
            yield Flag(
                kind=FlagKind.ALLEGATION_ONLY,
                weight=Weight.NOTE,
                place=place,
                vocabulary="allegation_status",
                codes=(status,) if status else (),
                person_id=person.id,
            )


def _of_authorities(case: Case) -> Iterator[Flag]:
    for name in ("police", "authorities"):
        for authority in getattr(case, name):
            for number, wish in enumerate(authority.wishes):
                if wish.kind in _NO_CONTACT:
                    kind = FlagKind.DO_NOT_CONTACT
                elif wish.kind in _NO_PUBLICATION:
                    kind = FlagKind.DO_NOT_PUBLISH
                else:
                    continue
                yield Flag(
                    kind=kind,
                    weight=Weight.BINDING,
                    place=f"{name}[{authority.id}].wishes[{number}]",
                    vocabulary="authority_wish",
                    codes=(wish.kind,),
                    text=wish.text if wish.HasField("text") else None,
                    person_id=wish.person_id,
                )


def _of_files(case: Case, today: date) -> Iterator[Flag]:
    for file in case.files:
        until = span_of(file.may_publish_until)
        is_over = file.may_publish == _YES and until is not None and until.latest < today
        if file.may_publish == "no" or is_over:
            yield Flag(
                kind=FlagKind.DO_NOT_PUBLISH,
                weight=Weight.BINDING,
                place=f"files[{file.id}]",
                vocabulary="file_kind",
                codes=(file.kind,) if file.kind else (),
            )


def _of_consents(case: Case, today: date) -> Iterator[Flag]:
    for consent in case.consents:
        if consent.answer == _GIVEN and _is_over(consent, today):
            yield Flag(
                kind=FlagKind.CONSENT_EXPIRED,
                weight=Weight.BINDING,
                place=f"consents[{consent.id}]",
                vocabulary="consent_giver",
                codes=(consent.given_by,) if consent.given_by else (),
                person_id=consent.person_id,
            )


def _is_over(consent: Consent, today: date) -> bool:
    if consent.HasField("withdrawn_on"):
        return True
    last = span_of(consent.expires_on)
    return last is not None and last.latest < today


def _hold(case: Case) -> Iterator[Flag]:
    if case.retention.on_hold == _YES:
        reason = case.retention.hold_reason
        yield Flag(
            kind=FlagKind.AUTHORITY_HOLD,
            weight=Weight.NOTE,
            place="retention",
            vocabulary="hold_reason",
            codes=(reason,) if reason else (),
        )
