"""From the settings to the rules of reminding, and to the mail server if one is named."""

from __future__ import annotations

import datetime
from pathlib import Path

from node.config import Settings, UrgencySettings
from node.reminding.levels import LEVELS, Level, LevelTexts, level_of
from node.reminding.mailing import Addresses, MailServer
from node.reminding.rules import Rules
from node.reminding.smtp import SmtpServer
from protocol.ids import NodeId
from protocol.training import is_training


def rules_of(settings: Settings) -> Rules:
    """Return the rules that the settings make.

    Raises:
        ConfigError: the reminders of an urgency do not go together.
    """
    mail = settings.mail
    return Rules(
        levels={
            urgency: _level(level, settings.urgency.get(str(urgency)))  # type: ignore[call-overload] # the keys are the four
            for urgency, level in LEVELS.items()
        },
        has_mail=_has_mail(settings),
        mail_domain=settings.node_id,
        digest_times=tuple(
            datetime.time.fromisoformat(time) for time in (mail.digest if mail is not None else ())
        ),
    )


def mail_of(settings: Settings, home: Path) -> tuple[MailServer, Addresses] | None:
    """Return the mail server and who gets mail; None: no mail goes out."""
    mail = settings.mail
    if mail is None or not _has_mail(settings):
        return None
    addresses = Addresses(sender=mail.sender, staff=mail.staff, supervisors=mail.supervisors)
    return SmtpServer(mail, home), addresses


def _has_mail(settings: Settings) -> bool:
    # Nothing leaves a training home, mail neither.
    return settings.mail is not None and not is_training(NodeId(settings.node_id))


def _level(level: Level, given: UrgencySettings | None) -> Level:
    if given is None:
        return level
    return level_of(
        level,
        LevelTexts(
            claim=given.claim,
            answer=given.answer,
            is_always_running=given.clock == "always" if given.clock else None,
            staff=given.staff,
            supervisor=given.supervisor,
            phone=given.phone,
        ),
    )
