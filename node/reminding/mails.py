"""The mails that tell of a reminder: that something waits, where, and how urgent. Nothing else.

A mail passes through servers of others in plain text and lies in mailboxes for years. So
it names no person, no country, no peer and no kind of referral: who may read the case opens
Homeward.
"""

from __future__ import annotations

import hashlib

from node.reminding.levels import Audience
from node.reminding.stages import Stage
from node.reminding.waits import Wait, What
from node.store.reminders import NewMail

ID_DIGITS = 8

_UNDELIVERED = "take the telephone: something could not be delivered"
_SUBJECTS = {
    Audience.STAFF: "a referral needs an answer",
    Audience.SUPERVISOR: "a referral still needs an answer",
    Audience.PHONE: "take the telephone: a referral needs an answer",
}


def reminder_mail(wait: Wait, stage: Stage, *, now_ms: int, domain: str) -> NewMail:
    """Return the mail of one reminder; its id is the same whenever it is made."""
    leg = wait.leg.leg_id.hex()[:ID_DIGITS]
    whose = "here" if wait.is_ours else "at the other side"
    is_lost = wait.what is What.TELEPHONE
    first = (
        "Something of a referral could not be delivered. Telephone the other side: open Homeward."
        if is_lost
        else f"A referral needs an answer {whose}: open Homeward."
    )
    lines = (
        first,
        "",
        f"Referral {leg}, urgency U{wait.leg.urgency}.",
        "",
        "`homeward referral due` says what waits, since when, and which number to ring.",
    )
    subject = _UNDELIVERED if is_lost else _SUBJECTS[stage.audience]
    what = f"{wait.leg.leg_id.hex()} {wait.what.value} {wait.cause} {stage.number}"
    return NewMail(
        message_id=f"<{hashlib.sha256(what.encode()).hexdigest()[:32]}@{domain}>",
        audience=stage.audience.value,
        subject=f"Homeward: {subject} (U{wait.leg.urgency})",
        body="\n".join(lines) + "\n",
        queued_at_ms=now_ms,
    )
