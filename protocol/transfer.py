"""On which ground a referral may go to a member (GDPR chapter V), and when it may not.

The member's record says where it is and until when its agreement runs; the referral
says its legal basis. From both, and the date, comes the ground of the transfer or a
refusal that names the rule. SPEC.md section 12.1 has the same as a table.

- EEA: the chapter asks for nothing. An adequacy decision (Art. 45) is a ground up to
  and on its last day; one without a last day runs on. After that the member counts as
  one anywhere else, where an agreement in force is the appropriate safeguard (Art. 46).
  There, no date means no agreement: safeguards must be shown, not assumed (Art. 5(2)).
- Without any of these the referral needs a derogation of Art. 49(1), as a code, for this
  one transfer. Where another ground is there none is taken: Art. 49 is for its absence,
  and a code that is always accepted becomes a blanket tick.
- The second subparagraph of Art. 49(1), compelling legitimate interests, is no code. It
  wants transfers that do not repeat, an assessment and safeguards in the records of
  Art. 30 (Art. 49(6)), and that the authority and the person are told. Nothing here
  records that, and for a missing child points (d) and (f) are there first.
- Art. 49(3) and (4) are for people to judge: no public authority acts on (a), (b) or
  (c), and the public interest of (d) has to stand in a law that binds the sender.
- An agreement that has ended stops referrals to any member, also where chapter V asks
  for nothing: members are controllers of their own, and it holds what they owe each
  other (Art. 26 for what is joint; Art. 24, 25 and 32 for retention, erasure, breaches;
  Art. 5(2)). It is no condition of law between them, so what protects vital interests
  goes all the same: the referral says so, as Art. 6(1)(d) or, where a derogation is
  needed, Art. 49(1)(f). A record without a date has no agreement that could end.

The rules are the same for a sender outside the EEA: from there these are the onward
transfers of Art. 44. A referral always counts as personal data, since nothing can read
what its sentence says. Whether the member is suspended is asked by the caller before.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable
from typing import Final, Protocol

from protocol.errors import PolicyRefusal
from protocol.pb.homeward.v1 import member_pb2, message_pb2
from protocol.vocabulary import VOCABULARIES, is_known

_DEROGATIONS: Final = "art49_derogation"
# The code of Art. 6(1)(d) and of Art. 49(1)(f) in their lists.
_VITAL_INTERESTS: Final = "vital_interests"
_EPOCH: Final = datetime.date(1970, 1, 1)


class TransferBasis(enum.StrEnum):
    """The ground of a transfer; codes of the list `transfer_basis`."""

    EEA = "eea"
    ADEQUACY = "adequacy"
    SAFEGUARDS = "safeguards"
    DEROGATION = "derogation"


class Recipient(Protocol):
    """What decides of a member's record; dates are last days, in UTC."""

    @property
    def transfer_regime(self) -> int:
        """A value of `member_pb2.TransferRegime`."""

    @property
    def adequacy_until(self) -> datetime.date | None:
        """Last day of the adequacy decision; None: it has no end."""

    @property
    def agreement_until(self) -> datetime.date | None:
        """Last day of the agreement; None: the record names none."""


def transfer_basis(
    recipient: Recipient, legal_basis: message_pb2.LegalBasis, *, today: datetime.date
) -> TransferBasis:
    """Return the ground on which a referral with this legal basis may go.

    Raises:
        PolicyRefusal: "unknown_derogation", "agreement_ended", "derogation_needed" or
            "derogation_not_needed".
    """
    derogation = legal_basis.art49_derogation
    if derogation and not is_known(_DEROGATIONS, derogation):
        sentence = f"the derogation is no code of the list {_DEROGATIONS}"
        raise PolicyRefusal("unknown_derogation", sentence, f"one of: {_codes()}")
    basis = _own_basis(recipient, today)
    is_derogation_vital = basis is None and derogation == _VITAL_INTERESTS
    is_vital = is_derogation_vital or legal_basis.art6_basis == _VITAL_INTERESTS
    if is_agreement_ended(recipient, today) and not is_vital:
        raise PolicyRefusal(
            "agreement_ended",
            "the agreement with this member has ended: only what protects vital interests may go",
            "the secretariat renews agreements; if a life or health is at stake, record it: "
            "--art6 vital_interests",
        )
    if basis is None and not derogation:
        raise PolicyRefusal(
            "derogation_needed",
            "this member is outside the EEA, without an adequacy decision or an agreement in "
            "force: a referral needs a derogation of GDPR Art. 49(1)",
            f"record why this one may go: --derogation with one of: {_codes()}",
        )
    if basis is not None and derogation:
        raise PolicyRefusal(
            "derogation_not_needed",
            "a derogation of GDPR Art. 49(1) is for transfers without another ground, "
            f"and this one has: {basis}",
            "leave the derogation out",
        )
    return basis or TransferBasis.DEROGATION


def is_for_others(
    recipient: Recipient, among: Iterable[Recipient], *, today: datetime.date
) -> bool:
    """Return whether a derogation of one choice for several is none of this one's.

    It is when the record of this one is a ground and that of another is not. Where nobody
    needs it, it is for nobody else either: then it is refused, as for one alone.
    """
    has_ground = _own_basis(recipient, today) is not None
    return has_ground and any(_own_basis(each, today) is None for each in among)


def is_agreement_ended(recipient: Recipient, today: datetime.date) -> bool:
    """Return whether there was an agreement with the member that has run out."""
    return recipient.agreement_until is not None and recipient.agreement_until < today


def utc_date(at_ms: int) -> datetime.date:
    """Return the day in UTC of a time."""
    return _EPOCH + datetime.timedelta(milliseconds=at_ms)


def _own_basis(recipient: Recipient, today: datetime.date) -> TransferBasis | None:
    """Return the ground that the member's record is, without anything in the referral."""
    regime = recipient.transfer_regime
    if regime == member_pb2.TRANSFER_REGIME_EEA:
        return TransferBasis.EEA
    adequacy, agreement = recipient.adequacy_until, recipient.agreement_until
    is_adequate = regime == member_pb2.TRANSFER_REGIME_ADEQUACY
    if is_adequate and (adequacy is None or today <= adequacy):
        return TransferBasis.ADEQUACY
    # Any other regime, also one of a newer list, is the strictest.
    if agreement is not None and today <= agreement:
        return TransferBasis.SAFEGUARDS
    return None


def _codes() -> str:
    return ", ".join(VOCABULARIES[_DEROGATIONS].codes)
