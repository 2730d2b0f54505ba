"""Sends what is queued as mail. Nothing waits for it, and a server that is down delays nothing.

A mail that was not taken is tried again, each time later, until it is a day old: by then
what it says is old as well, and the next reminder of the same wait is on its way. Then it is
given up, which `node status` and the doctor tell. If we crash between the server's yes and
our own note of it, the mail goes out twice, under the same message id.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final, Protocol

from node.exchange.context import Context
from node.reminding.levels import Audience
from node.store import reminders
from node.store.db import Transaction
from node.store.reminders import MailRow
from protocol.ids import NodeId

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
GIVEN_UP_AFTER_MS: Final = DAY_MS
GIVEN_UP_KEPT_MS: Final = 7 * DAY_MS
FIRST_BACKOFF_MS: Final = MINUTE_MS
LONGEST_BACKOFF_MS: Final = 30 * MINUTE_MS
MAILS_A_RUN: Final = 20
DIGEST: Final = "digest"
"""Audience of a digest; reminders have those of `Audience`."""

NO_PEER: Final = NodeId("")
Report = Callable[[str, NodeId, str], None]


class MailFailure(Exception):
    """The server did not take a mail; `code` says why, without any address."""

    def __init__(self, code: str, *, is_of_server: bool) -> None:
        super().__init__(code)
        self.code = code
        self.is_of_server = is_of_server
        """Whether no other mail would get through either."""


class MailServer(Protocol):
    """Takes mails. `send` raises `MailFailure`."""

    async def send(self, message: EmailMessage) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where mails come from and go to."""

    sender: str
    staff: tuple[str, ...]
    supervisors: tuple[str, ...]

    def of(self, audience: str) -> tuple[str, ...]:
        """Return who gets a mail; without supervisors their mails go to the staff."""
        if audience == Audience.STAFF:
            return self.staff
        if audience == Audience.SUPERVISOR:
            return self.supervisors or self.staff
        return tuple(dict.fromkeys((*self.staff, *self.supervisors)))


class Mailing:
    """The queue of mails of one node."""

    def __init__(
        self, context: Context, server: MailServer, addresses: Addresses, report: Report
    ) -> None:
        """Send through `server`; nothing has failed yet."""
        self._context = context
        self._server = server
        self._addresses = addresses
        self._report = report
        self._failures = 0
        self._next_try_ms = 0

    async def send_due(self) -> int:
        """Send what is due; return how many the server took."""
        now_ms, store = self._context.clock.now_ms(), self._context.store
        # A time further off than any wait is from a clock that was ahead.
        if now_ms < self._next_try_ms <= now_ms + LONGEST_BACKOFF_MS:
            return 0
        forget_ms = now_ms - GIVEN_UP_KEPT_MS
        await store.write(lambda db: reminders.forget_mails(db, forget_ms))
        rows = await store.read(
            lambda db: reminders.due_mails(db, now_ms, LONGEST_BACKOFF_MS, MAILS_A_RUN)
        )
        sent = 0
        for row in rows:
            try:
                await self._server.send(self._message(row))
            except MailFailure as failure:
                await self._note_failure(row, failure.code, now_ms)
                if failure.is_of_server:
                    self._is_down(failure.code, now_ms)
                    return sent
            else:
                await self._note_sent(row)
                sent += 1
        return sent

    def _message(self, row: MailRow) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._addresses.sender
        message["To"] = ", ".join(self._addresses.of(row.audience))
        message["Subject"] = row.subject
        message["Message-ID"] = row.message_id
        at = datetime.datetime.fromtimestamp(row.queued_at_ms / 1000, datetime.UTC)
        message["Date"] = format_datetime(at)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(row.body)
        return message

    async def _note_sent(self, row: MailRow) -> None:
        await self._context.store.write(lambda db: reminders.remove_mail(db, row.mail_id))
        if self._failures:
            self._report("mail_works", NO_PEER, "")
        self._failures, self._next_try_ms = 0, 0

    async def _note_failure(self, row: MailRow, code: str, now_ms: int) -> None:
        noted = replace(
            row,
            tries=row.tries + 1,
            not_before_ms=now_ms + _backoff_ms(row.tries),
            last_failure=code,
        )
        old_ms = now_ms - GIVEN_UP_AFTER_MS

        def job(db: Transaction) -> int:
            reminders.note_mail_failure(db, noted)
            return reminders.give_up_mails(db, old_ms, now_ms, code)

        given_up = await self._context.store.write(job)
        if given_up:
            self._report("mail_given_up", NO_PEER, code)

    def _is_down(self, code: str, now_ms: int) -> None:
        if not self._failures:
            self._report("mail_failed", NO_PEER, code)
        self._next_try_ms = now_ms + _backoff_ms(self._failures)
        self._failures += 1


async def mail_facts(context: Context, *, is_configured: bool) -> Mapping[str, Any]:
    """Return how mail goes out, as it stands in answers."""
    rows = await context.store.read(reminders.mails)
    waiting = [row for row in rows if row.given_up_at_ms is None]
    failed = [row for row in rows if row.tries]
    return {
        "is_configured": is_configured,
        "waiting": len(waiting),
        "oldest_queued_at_ms": min((row.queued_at_ms for row in waiting), default=None),
        "tries": max((row.tries for row in waiting), default=0),
        "given_up": len(rows) - len(waiting),
        "last_failure": failed[-1].last_failure if failed else None,
    }


def _backoff_ms(failures: int) -> int:
    return min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << min(failures, 10))
