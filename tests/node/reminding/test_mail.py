"""Reminders by mail: through a real server on loopback, without a word about the case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email import message_from_string
from pathlib import Path

import pytest

from node.config import MailSettings, Settings
from node.reminding import mailing
from node.reminding.digest import queue_digest_mail
from node.reminding.mailing import Addresses, MailFailure, Mailing, mail_facts
from node.reminding.rules import Rules
from node.reminding.setting import rules_of
from node.reminding.smtp import SmtpServer
from node.store import reminders
from tests.node.reminding.test_waits import referred
from tests.support.mail import Mailbox, MailServer, make_certificate
from tests.support.network import BE, GR, SECRET, Network
from tests.support.nodes import NOW_MS

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
SENDER, STAFF, BOSS = "node@gr.example", "desk@gr.example", "boss@gr.example"
RULES = Rules(has_mail=True, mail_domain=GR)


def mail_settings(**changes) -> MailSettings:
    fields = {"host": "127.0.0.1", "tls": "none", "sender": SENDER, "staff": (STAFF,)}
    return MailSettings(**{**fields, **changes})


def connect(network: Network, settings: MailSettings, folder: Path) -> Mailing:
    """Give the Greek node a mail server, as `node.app` does."""
    core = network.cores[GR]
    core.reminding.rules = RULES
    addresses = Addresses(
        sender=settings.sender, staff=settings.staff, supervisors=settings.supervisors
    )
    core._mailing = Mailing(core.context, SmtpServer(settings, folder), addresses, core._report)
    return core._mailing


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    server = await MailServer.start(Mailbox())
    yield server
    await server.stop()


async def remind_at(network: Network, minute: int) -> None:
    network.clock.at_ms = NOW_MS + minute * MINUTE_MS
    await network.cores[GR].remind()


async def test_staff_then_supervisors_then_all_get_a_mail(
    line: Network, server: MailServer, tmp_path: Path
) -> None:
    settings = mail_settings(port=server.port, supervisors=(BOSS,))
    connect(line, settings, tmp_path)
    leg = await referred(line, urgency=1)
    for minute in (10, 40, 50, 51):
        await remind_at(line, minute)
        await line.cores[GR].send_mail()
    assert [to for to, _ in server.mailbox.mails] == [(STAFF,), (BOSS,), (STAFF, BOSS)]
    for _, content in server.mailbox.mails:
        message = message_from_string(content)
        assert message["From"] == SENDER
        assert message["Message-ID"].endswith("@gr.example>")
        assert leg.hex()[:8] in content
        assert "U1" in message["Subject"]
        words = (SECRET, "tracing", "request", BE, "Belgium", leg.hex()[:9], "+32")
        assert not [word for word in words if word in content]
    assert "telephone" in message_from_string(server.mailbox.mails[-1][1])["Subject"]


async def test_without_settings_nothing_is_queued(line: Network) -> None:
    await referred(line, urgency=1)
    await remind_at(line, 10)
    assert await line.cores[GR].store.read(reminders.mails) == []
    await line.cores[GR].send_mail()


async def test_a_server_that_is_down_delays_nothing_and_gets_it_later(
    line: Network, tmp_path: Path
) -> None:
    server = await MailServer.start(Mailbox())
    await server.stop()
    connect(line, mail_settings(port=server.port), tmp_path)
    await referred(line, urgency=1)
    line.reports[GR].clear()
    for minute in (10, 11, 12, 13, 20):
        await remind_at(line, minute)
        await line.cores[GR].send_mail()
    events = [event for event, _, _ in line.reports[GR]]
    # Two reminders in time, and one word about the mail.
    assert events == ["reminder", "mail_failed", "reminder"]
    facts = await mail_facts(line.cores[GR].context, is_configured=True)
    assert facts["waiting"] == 2
    assert facts["last_failure"] == "unreachable"
    assert facts["oldest_queued_at_ms"] == NOW_MS + 10 * MINUTE_MS
    server = await MailServer.start(Mailbox(), port=server.port)
    line.clock.at_ms = NOW_MS + 60 * MINUTE_MS
    await line.cores[GR].send_mail()
    await server.stop()
    assert len(server.mailbox.mails) == 2
    assert line.reports[GR][-1][0] == "mail_works"
    facts = await mail_facts(line.cores[GR].context, is_configured=True)
    assert (facts["waiting"], facts["tries"], facts["last_failure"]) == (0, 0, None)


class DownServer:
    """One that is never there, and counts how often it was tried."""

    def __init__(self) -> None:
        self.tries = 0

    async def send(self, message) -> None:
        self.tries += 1
        raise MailFailure("unreachable", is_of_server=True)


async def test_tries_are_bounded_and_what_is_a_day_old_is_given_up(line: Network) -> None:
    core, server = line.cores[GR], DownServer()
    core.reminding.rules = RULES
    addresses = Addresses(sender=SENDER, staff=(STAFF,), supervisors=())
    core._mailing = Mailing(core.context, server, addresses, core._report)
    await referred(line, urgency=1)
    await remind_at(line, 50)
    for minute in range(50, 3 * 24 * 60):
        line.clock.at_ms = NOW_MS + minute * MINUTE_MS
        await core.send_mail()
    # 1, 2, 4, 8 and 16 minutes, then each half an hour of a day.
    assert 45 <= server.tries <= 55
    facts = await mail_facts(core.context, is_configured=True)
    assert (facts["waiting"], facts["given_up"]) == (0, 1)
    assert [e for e, _, _ in line.reports[GR]].count("mail_given_up") == 1
    line.clock.at_ms += 8 * DAY_MS
    await core.send_mail()
    assert (await mail_facts(core.context, is_configured=True))["given_up"] == 0


async def test_many_mails_do_not_make_for_more_tries(line: Network) -> None:
    core, server = line.cores[GR], DownServer()
    core.reminding.rules = RULES
    addresses = Addresses(sender=SENDER, staff=(STAFF,), supervisors=())
    core._mailing = Mailing(core.context, server, addresses, core._report)
    for _ in range(10):
        await referred(line, urgency=1)
    for minute in range(10, 41):
        await remind_at(line, minute)
        await core.send_mail()
    assert len(await core.store.read(reminders.mails)) == 40
    # After 0, 1, 3, 7 and 15 minutes.
    assert server.tries == 5


async def test_a_mail_that_is_refused_does_not_hold_up_the_next(
    line: Network, server: MailServer, tmp_path: Path
) -> None:
    connect(line, mail_settings(port=server.port), tmp_path)
    await referred(line, urgency=1)
    server.mailbox.answer = "554 no"
    await remind_at(line, 10)
    await line.cores[GR].send_mail()
    facts = await mail_facts(line.cores[GR].context, is_configured=True)
    assert (facts["waiting"], facts["last_failure"]) == (1, "refused_554")
    server.mailbox.answer = "250 OK"
    await remind_at(line, 20)
    await line.cores[GR].send_mail()
    assert len(server.mailbox.mails) == 2


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_over_tls_with_a_password(line: Network, tmp_path: Path, tls: str) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    mailbox = Mailbox(password="invented words")
    server = await MailServer.start(mailbox, certificate=certificate, is_implicit=tls == "tls")
    (tmp_path / "mail.password").write_text("invented words\n", encoding="utf-8")
    settings = mail_settings(
        port=server.port, tls=tls, ca_file="server.pem", user="homeward",
        password_file="mail.password",
    )  # fmt: skip
    connect(line, settings, tmp_path)
    await referred(line, urgency=1)
    await remind_at(line, 10)
    await line.cores[GR].send_mail()
    await server.stop()
    assert len(mailbox.mails) == 1
    assert mailbox.tls_used == [True] or tls == "tls"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ca_file": ""}, "tls_failed"),
        ({"password_file": "other.password"}, "sign_in_refused"),
        ({"password_file": "nowhere"}, "file_unreadable"),
    ],
)
async def test_what_keeps_mail_from_going_out_is_told_by_a_code(
    line: Network, tmp_path: Path, changes: dict, code: str
) -> None:
    certificate = make_certificate(tmp_path / "server.pem")
    server = await MailServer.start(Mailbox(password="right"), certificate=certificate)
    (tmp_path / "mail.password").write_text("right", encoding="utf-8")
    (tmp_path / "other.password").write_text("wrong", encoding="utf-8")
    fields = {"ca_file": "server.pem", "user": "homeward", "password_file": "mail.password"}
    settings = mail_settings(port=server.port, tls="starttls", **{**fields, **changes})
    connect(line, settings, tmp_path)
    await referred(line, urgency=1)
    await remind_at(line, 10)
    await line.cores[GR].send_mail()
    await server.stop()
    facts = await mail_facts(line.cores[GR].context, is_configured=True)
    assert (facts["waiting"], facts["last_failure"]) == (1, code)
    assert server.mailbox.mails == []


# --- the digest


async def digests(network: Network) -> list[str]:
    rows = await network.cores[GR].store.read(reminders.mails)
    return [row.body for row in rows if row.audience == mailing.DIGEST]


async def test_the_digest_goes_out_at_its_times_once_with_counts_only(line: Network) -> None:
    settings = Settings(node_id=GR, mail=mail_settings(digest=("08:00", "20:00")), unlock_file="")
    core = line.cores[GR]
    core.reminding.rules = rules_of(settings)
    # The first one at once: nobody knows of an earlier.
    assert await queue_digest_mail(core.context, core.reminding)
    await referred(line, urgency=1)
    for minute in range(0, 10 * 60 + 1, 10):
        line.clock.at_ms = NOW_MS + minute * MINUTE_MS
        await core.remind()
    # 20:00 in Athens is 18:00 UTC, ten hours after the beginning.
    found = await digests(line)
    assert len(found) == 2
    assert "    1  new referrals in\n" in found[1]
    assert "    1  overdue or U1\n" in found[1]
    assert not [word for word in (SECRET, "tracing", "be.example") if word in found[1]]
    line.clock.at_ms += 3 * DAY_MS
    await core.remind()
    assert len(await digests(line)) == 3


# --- crashes


class Crash(Exception):
    pass


async def test_a_crash_before_the_commit_tells_later_and_one_after_it_not_twice(
    line: Network,
) -> None:
    core = line.cores[GR]
    core.reminding.rules = RULES
    await referred(line, urgency=1)
    write = core.store.write
    line.clock.at_ms = NOW_MS + 10 * MINUTE_MS

    async def crash_before(job):
        raise Crash

    async def crash_after(job):
        await write(job)
        raise Crash

    for crash, queued in ((crash_before, 0), (crash_after, 1)):
        core.store.write = crash
        with pytest.raises(Crash):
            await core.remind()
        core.store.write = write
        assert len(await core.store.read(reminders.mails)) == queued
    await core.remind()
    assert len(await core.store.read(reminders.mails)) == 1


async def test_a_mail_that_goes_out_twice_after_a_crash_has_one_id(
    line: Network, server: MailServer, tmp_path: Path
) -> None:
    core, mailing = line.cores[GR], connect(line, mail_settings(port=server.port), tmp_path)
    await referred(line, urgency=1)
    await remind_at(line, 10)

    async def crash(row) -> None:
        raise Crash

    mailing._note_sent = crash
    with pytest.raises(Crash):
        await core.send_mail()
    connect(line, mail_settings(port=server.port), tmp_path)
    await core.send_mail()
    await core.send_mail()
    ids = [message_from_string(content)["Message-ID"] for _, content in server.mailbox.mails]
    assert len(ids) == 2
    assert len(set(ids)) == 1
