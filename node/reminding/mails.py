"""The mails that tell of a reminder: that something waits, where, and how urgent. Nothing else.

A mail passes through servers of others in plain text and lies in mailboxes for years. So
it names no person, no country, no peer and no kind of referral: who may read the case opens
Homeward.
"""

from __future__ import annotations

import hashlib

from node.reminding.levels import Audience
from node.reminding.stages import Stage
from node.reminding.waits import Wait
from node.store.reminders import NewMail

ID_DIGITS = 8

_SUBJECTS = {
    Audience.STAFF: "a referral needs an answer",
    Audience.SUPERVISOR: "a referral still needs an answer",
    Audience.PHONE: "take the telephone: a referral needs an answer",
}


def reminder_mail(wait: Wait, stage: Stage, *, now_ms: int, domain: str) -> NewMail:
    """Return the mail of one reminder; its id is the same whenever it is made."""
    leg = wait.leg.leg_id.hex()[:ID_DIGITS]
    whose = "here" if wait.is_ours else "at the other side"
    lines = (
        f"A referral needs an answer {whose}: open Homeward.",
        "",
        f"Referral {leg}, urgency U{wait.leg.urgency}.",
        "",
        "`homeward referral due` says what waits, since when, and which number to ring.",
    )
    what = f"{wait.leg.leg_id.hex()} {wait.what.value} {wait.cause} {stage.number}"
    return NewMail(
        message_id=f"<{hashlib.sha256(what.encode()).hexdigest()[:32]}@{domain}>",
        audience=stage.audience.value,
        subject=f"Homeward: {_SUBJECTS[stage.audience]} (U{wait.leg.urgency})",
        body="\n".join(lines) + "\n",
        queued_at_ms=now_ms,
    )
