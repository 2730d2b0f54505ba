"""Text that came from a peer is shown, and steers nothing."""

from __future__ import annotations

import pytest

from node.cli import output
from node.cli.thread import thread_lines
from node.errors import NodeError
from tests.support.commands import homeward

NOW_MS = 1_800_000_000_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "<U+001B>[2Jgone"),
        ("a\rb", "a<U+000D>b"),
        ("file\u202egpj.exe", "file<U+202E>gpj.exe"),
        ("\u2066hidden\u2069", "<U+2066>hidden<U+2069>"),
        ("\x9b31m", "<U+009B>31m"),
        ("soft\u00adhyphen\ufeff", "soft<U+00AD>hyphen<U+FEFF>"),
        ("line\u2028break", "line<U+2028>break"),
        ("Τεστίνα Фіктива ტესტი اختبار", "Τεστίνα Фіктива ტესტი اختبار"),
        ("می\u200cروم", "می\u200cروم"),
    ],
)
def test_what_steers_a_terminal_is_made_visible(text: str, shown: str) -> None:
    assert output.visible(text) == shown


def test_free_text_keeps_its_lines_and_nothing_else() -> None:
    assert output.block("one\ntwo\x1b[1A", "  ") == ["  one", "  two<U+001B>[1A"]


def test_json_holds_no_control_characters(capsys) -> None:
    output.show({"text": "a\u202eb\x9b"}, is_json=True, lines=lambda answer: [])
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize(
    ("duration_ms", "words"),
    [(0, "0 seconds"), (1_000, "1 second"), (3_599_999, "59 minutes"), (172_800_000, "2 days")],
)
def test_spans_are_in_words(duration_ms: int, words: str) -> None:
    assert output.span(duration_ms) == words


def passage(**changes) -> dict:
    return {
        "settled": "waiting",
        "refusal": None,
        "own_position": 3,
        "peer_entry": None,
        "files_entry": None,
        "is_waiting_for_files": False,
        "tries": 0,
        "next_try_ms": None,
        **changes,
    }


def referral(waited_ms: int = 0, urgency: int = 3, **changes) -> dict:
    step = {
        "entry": 1,
        "number": 1,
        "is_ours": True,
        "name": "referral",
        "created_at_ms": NOW_MS - waited_ms,
        "made_by": "somebody",
        "fields": {"text": "a\u202eb\x1b[1A"},
        "legal_basis": {},
        "rows": [],
        "proposals": [],
        "is_overtaken": False,
        "is_erased": False,
        "passage": passage(**changes),
    }
    return {
        "leg": "00" * 16,
        "side": "sender",
        "peer": "gr.example",
        "peer_name": "Invented",
        "telephone": "+302105550100",
        "kind": "tracing_request",
        "urgency": urgency,
        "state": "queued",
        "allowed": ["confirm_cancel"],
        "ask": "Where?\x07",
        "reply_by_ms": NOW_MS,
        "case_id": None,
        "legal_basis": {},
        "figures": {},
        "reopens": "",
        "follows": "",
        "about": [],
        "sent_again_as": [],
        "redirected_to": "",
        "has_lead_moved": False,
        "is_closed_by_node": False,
        "open_questions": [],
        "open_erase_requests": [],
        "rows": [],
        "received_files": [],
        "steps": [step],
        "now_ms": NOW_MS,
        "own_standing": "active",
        "peer_standing": "active",
        "undelivered": [],
        "told": [],
        "peer_hours": "mo-fr 09:00-17:00",
    }


def held(**standing: str) -> dict:
    """A referral that could be delivered, were it not for how both ends stand."""
    return {**referral(tries=2, next_try_ms=NOW_MS + 1000), **standing}


ENTRY = {"origin": "gr.example/log/1", "position": 7, "at_ms": NOW_MS}
HOUR_MS, MINUTE_MS = 3_600_000, 60_000


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (referral(), "  queued"),
        (
            referral(tries=2, next_try_ms=NOW_MS + 1000),
            "  queued, tried 2 times, next at 2027-01-15 08:00:01 UTC",
        ),
        (referral(tries=1, next_try_ms=NOW_MS - 1), "  queued, tried 1 time"),
        (referral(HOUR_MS), "  not delivered, phone +302105550100"),
        (referral(10 * MINUTE_MS, urgency=1), "  not delivered, phone +302105550100"),
        (
            referral(settled="received", peer_entry=ENTRY),
            "  delivered: entry 7 of gr.example's log, 2027-01-15 08:00:00 UTC, receipt held",
        ),
        (
            referral(settled="received", peer_entry=ENTRY, is_waiting_for_files=True),
            "  files: on their way",
        ),
        (
            referral(settled="received", peer_entry=ENTRY, files_entry=ENTRY),
            "  files delivered: entry 7 of gr.example's log, 2027-01-15 08:00:00 UTC, receipt held",
        ),
        (
            referral(settled="refused", refusal="expired", peer_entry=ENTRY),
            "  refused by gr.example: expired",
        ),
        (referral(settled="expired"), "  never delivered, phone +302105550100"),
        (held(peer_standing="suspended"), "  waits: member is suspended"),
        (held(peer_standing="revoked"), "  waits: member is revoked"),
        (held(own_standing="suspended"), "  waits: this node is suspended"),
        (held(own_standing="none"), "  waits: this node is not in the directory"),
        ({**referral(HOUR_MS), "peer_standing": "suspended"}, "  waits: member is suspended"),
        (
            {**referral(HOUR_MS), "peer_standing": "suspended"},
            "  not delivered, phone +302105550100",
        ),
    ],
)
def test_delivery_is_told_in_words(shown: dict, line: str) -> None:
    assert line in list(thread_lines(shown))


NOTE = {"known_at_ms": NOW_MS, "is_theirs": False, "is_refused": False, "steps": ["hand_over"]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "NOT DELIVERED: hand-over (known since 2027-01-15 08:00:00 UTC)"),
        ({"is_refused": True}, "REFUSED by their node: hand-over (known since"),
        ({"is_theirs": True, "steps": []}, "NOT DELIVERED: something that they sent; ask them"),
    ],
)
def test_what_was_not_delivered_stands_first_with_the_number(changes: dict, words: str) -> None:
    lines = list(thread_lines({**referral(), "undelivered": [{**NOTE, **changes}]}))
    assert lines[0].startswith(words)
    assert lines[1:3] == [
        "ring NOW +302105550100 (mo-fr 09:00-17:00)",
        "when they know it: homeward referral told 00000000 --how telephone",
    ]


def test_who_told_it_by_telephone_stands_in_the_thread() -> None:
    told = {"how": "email", "made_by": "A\x1bB", "at_ms": NOW_MS}
    lines = list(thread_lines({**referral(), "told": [told]}))
    assert lines[-1] == "told by e-mail, A<U+001B>B, 2027-01-15 08:00:00 UTC"
    assert not [line for line in lines if "ring NOW" in line]


@pytest.mark.parametrize("shown", [referral(HOUR_MS - 1), referral(9 * MINUTE_MS, urgency=1)])
def test_nobody_is_sent_to_the_telephone_too_early(shown: dict) -> None:
    assert not any(", phone +" in line for line in thread_lines(shown))


def test_a_thread_shows_what_a_peer_wrote_without_its_controls() -> None:
    text = "\n".join(thread_lines(referral()))
    assert "a<U+202E>b" in text
    assert "Where?<U+0007>" in text
    assert not {"\x07", "\x1b", "\u202e"} & set(text)


def test_an_unforeseen_fault_tells_its_kind_and_not_its_message(monkeypatch) -> None:
    def fault(*arguments):
        raise LookupError("Testina Fictiva")

    monkeypatch.setattr("node.cli.reach.ask", fault)
    result = homeward("case", "list", "--home", "anywhere")
    assert result.code == 1
    assert "LookupError" in result.errors
    assert "Testina" not in result.out + result.errors


def test_hints_are_lines_of_their_own(monkeypatch) -> None:
    def refuse(*arguments):
        raise NodeError("a_code", "it is not possible", "do this\nor that")

    monkeypatch.setattr("node.cli.reach.ask", refuse)
    result = homeward("case", "list", "--home", "anywhere")
    assert result.errors == "homeward: error: it is not possible\nhint: do this\nhint: or that\n"
