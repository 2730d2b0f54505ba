"""What people read of what is due: both clocks, whom to ring, and mail that does not go out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from node.cli import condition, due
from node.config import CONFIG_NAME, load_settings
from node.errors import ConfigError
from node.reminding.levels import LEVELS, Audience
from node.reminding.setting import mail_of, rules_of
from node.reminding.waits import What
from node.reminding.working_time import Allowance
from tests.node.cli.conftest import BE
from tests.support.commands import homeward

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
NOW_MS = 1_800_000_000_000
CONTACT = {
    "name": "",
    "telephone": "+302105550100",
    "languages": ["el", "en"],
    "time_zone": "Europe/Athens",
    "is_open": True,
    "changes_at_ms": NOW_MS + 7 * HOUR_MS,
}
TASK = {
    "leg": "1234567890abcdef",
    "side": "sender",
    "peer": "gr.example",
    "kind": "tracing_request",
    "urgency": 1,
    "state": "delivered",
    "case_id": None,
    "what": "claim",
    "is_ours": False,
    "since_ms": NOW_MS - 50 * MINUTE_MS,
    "due_ms": NOW_MS - 20 * MINUTE_MS,
    "late_ms": 20 * MINUTE_MS,
    "stage": "phone",
    "contact": CONTACT,
}


def desk(**changes) -> dict:
    return {
        "node_id": "be.example",
        "now_ms": NOW_MS,
        "time_zone": "Europe/Brussels",
        "sections": [{"section": "overdue", "tasks": [{**TASK, **changes}]}],
        "drafts": [],
        "endings": [],
        "unreachable": [],
    }


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("claim", "waits to be claimed by gr.example"),
        ("notice", "waits to be acknowledged by gr.example"),
        ("acknowledgement", "waits to be acknowledged by gr.example"),
    ],
)
def test_a_task_says_which_step_is_next(what: str, words: str) -> None:
    line = list(due._due(desk(what=what)))[1]
    assert line.endswith(f"tracing_request to gr.example: {words}, 50 minutes, LATE by 20 minutes")


def test_an_overdue_task_has_both_clocks_and_the_telephone() -> None:
    assert list(due._due(desk())) == [
        "overdue, or life at risk (U1):",
        (
            "  12345678 U1 tracing_request to gr.example: waits to be claimed by gr.example, "
            "50 minutes, LATE by 20 minutes"
        ),
        "    since Fri 15 Jan 08:10 CET ours, Fri 15 Jan 09:10 EET theirs",
        "    due   Fri 15 Jan 08:40 CET ours, Fri 15 Jan 09:40 EET theirs",
        "    ring NOW +302105550100, el, en; somebody is there until Fri 15 Jan 17:00 EET",
    ]


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        (
            {"is_open": False, "changes_at_ms": NOW_MS + 71 * HOUR_MS},
            "+302105550100, el, en; nobody is there before Mon 18 Jan 09:00 EET their time",
        ),
        ({"changes_at_ms": None}, "+302105550100, el, en; somebody is there"),
        ({"languages": [], "changes_at_ms": None}, "+302105550100, languages not known; "),
        ({"name": "A\x1b[1mB", "changes_at_ms": None}, "+302105550100 (A<U+001B>[1mB), el, en; "),
    ],
)
def test_whom_to_ring_in_words(contact: dict, words: str) -> None:
    line = list(due._due(desk(contact={**CONTACT, **contact})))[-1]
    assert line.startswith(f"    ring NOW {words}")


def test_nobody_rings_about_what_this_side_owes() -> None:
    assert not [line for line in due._due(desk(is_ours=True)) if "ring" in line]


def test_what_could_not_be_delivered_comes_with_the_number_and_what_to_say_then() -> None:
    lost = {"what": "telephone", "is_ours": True, "urgency": 3, "stage": None}
    assert list(due._due(desk(**lost)))[1:] == [
        (
            "  12345678 U3 tracing_request to gr.example: was not delivered and waits for us to "
            "telephone, 50 minutes"
        ),
        "    since Fri 15 Jan 08:10 CET ours, Fri 15 Jan 09:10 EET theirs",
        "    ring NOW +302105550100, el, en; somebody is there until Fri 15 Jan 17:00 EET",
        "    when they know it: homeward referral told 12345678 --how telephone",
    ]
    assert "whom to ring is not known" in list(due._due(desk(**lost, contact=None)))[3]


@pytest.mark.parametrize("what", What)
def test_each_wait_has_its_words(what: str) -> None:
    assert "gr.example" in list(due._due(desk(what=what)))[1]
    assert " us" in list(due._due(desk(what=what, is_ours=True)))[1]


def test_what_is_not_late_says_only_that_nobody_is_there() -> None:
    contact = {**CONTACT, "is_open": False, "changes_at_ms": NOW_MS + 71 * HOUR_MS}
    lines = list(due._due(desk(contact=contact, urgency=3, late_ms=None)))
    assert lines[-1] == "    nobody is there before Mon 18 Jan 09:00 EET their time"
    contact["is_open"] = True
    assert "there" not in list(due._due(desk(contact=contact, urgency=3, late_ms=None)))[-1]


def test_soon_over_and_not_reached_in_words() -> None:
    answer = desk()
    answer["sections"] = []
    answer["drafts"] = [
        {"approval_id": "cd" * 16, "step": "referral", "peers": ["gr.example"], "leg": None,
         "case_id": "be.example/1", "asked_by": "somebody", "asked_at_ms": NOW_MS - HOUR_MS,
         "expires_at_ms": NOW_MS + 3 * HOUR_MS}
    ]  # fmt: skip
    answer["endings"] = [
        {"what": "referral", "subject": "ab" * 16, "at_ms": NOW_MS + HOUR_MS, "on": None},
        {"what": "consent", "subject": "be.example/1", "at_ms": None, "on": "2027-01-16"},
        {"what": "agreement", "subject": "gr.example", "at_ms": None, "on": "2027-01-14"},
        {"what": "adequacy", "subject": "fr.example", "at_ms": None, "on": "2027-01-15"},
    ]
    answer["unreachable"] = [
        {"peer": "gr.example", "telephone": "+302105550100", "languages": ["el"],
         "last_failure": "unreachable", "failures": 3, "next_try_ms": 0, "waiting": 2,
         "oldest_queued_at_ms": NOW_MS - HOUR_MS}
    ]  # fmt: skip
    assert list(due._due(answer)) == [
        "waits for a second person:",
        "  cdcdcdcd referral to gr.example, asked by somebody 1 hour ago, ends in 3 hours",
        "",
        "soon over:",
        "  referral abababab expires in 1 hour",
        "  a consent in case be.example/1 ends on 2027-01-16",
        "  the agreement with gr.example ended on 2027-01-14",
        "  the adequacy decision for fr.example ends on 2027-01-15",
        "",
        "cannot be reached:",
        "  gr.example: not reached, 2 messages for up to 1 hour; telephone +302105550100, el",
    ]


def test_on_a_home_without_referrals_nothing_is_due(home: str) -> None:
    assert homeward("referral", "due", "--home", home).out == "nothing has to be done now\n"
    answer = json.loads(homeward("referral", "due", "--home", home, "--json").out)
    assert [each["tasks"] for each in answer["sections"]] == [[], [], [], [], []]
    digest = json.loads(homeward("node", "digest", "--home", home, "--json").out)
    assert set(digest["counts"].values()) == {0}
    assert homeward("node", "digest", "--home", home).code == 0


def test_since_is_a_span_or_a_time(home: str) -> None:
    text = homeward("node", "digest", "--home", home, "--since", "2026-11-22T06:00+00:00", "--json")
    assert json.loads(text.out)["since_ms"] == 1795327200000
    wrong = homeward("node", "digest", "--home", home, "--since", "yesterday")
    assert wrong.code == 2


# --- settings

MAIL = """
[mail]
host = "mail.example"
sender = "node@be.example"
staff = ["desk@be.example"]
"""


def set_up(home: str, text: str) -> None:
    path = Path(home) / CONFIG_NAME
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def test_the_settings_name_a_mail_server_and_other_times(home: str) -> None:
    times = '[urgency.2]\nclaim = "45m"\nclock = "always"\nstaff = ["1/3", "1d", "weekly"]\n'
    set_up(home, MAIL + 'digest = ["08:00"]\n' + times + "supervisor = []\n")
    settings = load_settings(Path(home))
    rules = rules_of(settings)
    assert rules.has_mail
    assert mail_of(settings, Path(home)) is not None
    assert [time.isoformat() for time in rules.digest_times] == ["08:00:00"]
    level = rules.level(2)
    assert (level.claim, level.answer) == (Allowance(minutes=45), LEVELS[2].answer)
    assert level.is_always_running
    assert [each.audience for each in level.reminders] == [Audience.STAFF] * 3
    assert rules.level(1) == LEVELS[1]


def test_without_them_no_mail_goes_out_and_the_table_counts(home: str) -> None:
    settings = load_settings(Path(home))
    assert mail_of(settings, Path(home)) is None
    assert dict(rules_of(settings).levels) == dict(LEVELS)


def test_nothing_leaves_a_training_home() -> None:
    settings = load_settings_of_training()
    assert mail_of(settings, Path()) is None
    assert not rules_of(settings).has_mail


def load_settings_of_training():
    from node.config import MailSettings, Settings

    mail = MailSettings(host="mail.example", sender="a@b.example", staff=("c@b.example",))
    return Settings(node_id="xx.training", mail=mail)


@pytest.mark.parametrize(
    "text",
    [
        MAIL.replace("desk@be.example", "desk"),
        MAIL.replace("desk@be.example", "a@b.example\\nBcc: c@d.example"),
        MAIL + 'tls = "none"\n',
        MAIL + 'user = "homeward"\n',
        MAIL + 'digest = ["25:00"]\n',
        MAIL.replace('staff = ["desk@be.example"]', "staff = []"),
        "[urgency.5]\n",
        '[urgency.1]\nclaim = "soon"\n',
        '[urgency.1]\nstaff = ["0"]\n',
    ],
)
def test_wrong_settings_are_refused_by_name(home: str, text: str) -> None:
    set_up(home, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(Path(home))
    assert caught.value.sentence.startswith(f"{CONFIG_NAME}: ")
    assert homeward("node", "status", "--home", home).code == 3


def test_weekly_reminders_come_last(home: str) -> None:
    set_up(home, '[urgency.1]\nstaff = ["weekly"]\nsupervisor = ["1"]\n')
    with pytest.raises(ConfigError, match="weekly"):
        rules_of(load_settings(Path(home)))
    assert homeward("node", "status", "--home", home).code == 3


# --- mail that does not go out


def test_mail_that_does_not_go_out_is_told() -> None:
    mail = {"is_configured": True, "waiting": 2, "oldest_queued_at_ms": NOW_MS - HOUR_MS,
            "tries": 3, "given_up": 1, "last_failure": "unreachable"}  # fmt: skip
    assert [
        sentence for sentence, _ in condition.mail_warnings({"mail": mail, "now_ms": NOW_MS})
    ] == [
        "2 reminders could not be mailed for 1 hour: the mail server cannot be reached",
        "1 reminder never mailed: the mail server cannot be reached",
    ]
    quiet = {**mail, "tries": 0, "given_up": 0, "last_failure": None}
    assert list(condition.mail_warnings({"mail": quiet, "now_ms": NOW_MS})) == []
    assert list(condition.mail_warnings({"now_ms": NOW_MS})) == []


def test_status_says_how_mail_goes(home: str) -> None:
    answer = json.loads(homeward("node", "status", "--home", home, "--json").out)
    assert answer["node_id"] == BE
    assert answer["mail"] == {
        "is_configured": False, "waiting": 0, "oldest_queued_at_ms": None, "tries": 0,
        "given_up": 0, "last_failure": None,
    }  # fmt: skip


def test_whom_one_can_ask_is_listed_with_by_when_they_answer(home: str) -> None:
    listed = homeward("referral", "peers", "--home", home)
    assert listed.code == 0, listed
    assert "gr.example (" in listed.out
    assert BE not in listed.out
    assert "asked now, they answer: U1 by " in listed.out
    members = json.loads(homeward("referral", "peers", "--home", home, "--json").out)["members"]
    dues = {each["node_id"]: each["answer_due_ms"] for each in members}
    assert dues[BE] == {}
    peer = next(each for each in members if each["answer_due_ms"])
    assert set(peer["answer_due_ms"]) == {"1", "2", "3", "4"}
    assert peer["answer_due_ms"]["1"] < peer["answer_due_ms"]["4"]
