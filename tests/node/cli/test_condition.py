"""What people read of keys, clocks and reach: true words, and none where nothing is known."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from node.cli import condition
from node.cli.keys import epoch_state
from node.home import Home
from protocol import limits
from tests.support.commands import homeward

MINUTE_MS, DAY_MS = 60_000, 86_400_000
WEEK = 2976
NOW_MS = WEEK * limits.EPOCH_MS + DAY_MS
GOOD = {
    "now_ms": NOW_MS,
    "standing": "active",
    "own_key": "good",
    "own_key_since_ms": None,
    "descriptor": {
        "serial": 1,
        "created_at_ms": NOW_MS - 3 * DAY_MS,
        "expires_at_ms": NOW_MS + 27 * DAY_MS,
        "epochs": [WEEK, WEEK + 1, WEEK + 2],
        "is_current": True,
    },
    "clock_ahead_ms": None,
    "clocks_agreeing": 2,
    "peers_silent": 0,
    "peers_active": 5,
    "is_running": True,
}
TOLD: list[tuple[dict, list[str]]] = [
    ({}, []),
    (
        {"own_key": "ended", "own_key_since_ms": NOW_MS - DAY_MS},
        ["the log key of this node ended on 2027-01-14 00:00:00 UTC: peers take nothing from it"],
    ),
    (
        {"own_key": "stolen", "own_key_since_ms": NOW_MS},
        ["the log key of this node counts as stolen since 2027-01-15 00:00:00 UTC"],
    ),
    (
        {"own_key": "not_yet", "own_key_since_ms": NOW_MS},
        ["the log key of this node is good from 2027-01-15 00:00:00 UTC on, not before"],
    ),
    ({"own_key": "unknown"}, ["the directory names this node with another log key"]),
    ({"own_key": "unknown", "standing": "none"}, []),
    (
        {"clock_ahead_ms": -25 * MINUTE_MS},
        ["this computer's clock is probably 25 minutes behind"],
    ),
    ({"clock_ahead_ms": 3 * DAY_MS}, ["this computer's clock is probably 3 days ahead"]),
    ({"peers_silent": 1}, []),
    ({"peers_silent": 2}, ["no peer of the 2 that were tried can be reached"]),
    ({"peers_silent": 5}, ["no peer can be reached"]),
    ({"peers_silent": 1, "peers_active": 1}, ["no peer can be reached"]),
    ({"descriptor": None}, ["this node's present encryption keys are not published"]),
    (
        {"descriptor": {**GOOD["descriptor"], "is_current": False}},
        ["this node's present encryption keys are not published"],
    ),
    ({"descriptor": None, "is_running": False}, []),
    ({"descriptor": None, "standing": "none"}, []),
]


@pytest.mark.parametrize(("changes", "sentences"), TOLD)
def test_what_is_wrong_is_told_and_nothing_else(changes: dict, sentences: list[str]) -> None:
    told = list(condition.warnings({**GOOD, **changes}))
    assert [sentence for sentence, _ in told] == sentences
    assert all(hint for _, hint in told)


@pytest.mark.parametrize(
    ("ahead_ms", "words"),
    [
        (None, ""),
        (25 * MINUTE_MS, "the clock of gr.example is about 25 minutes ahead of this one"),
        (-3 * DAY_MS, "the clock of gr.example is about 3 days behind this one"),
    ],
)
def test_a_peers_clock_is_told_in_words(ahead_ms: int | None, words: str) -> None:
    peer = {"node_id": "gr.example", "clock_ahead_ms": ahead_ms}
    assert condition.peer_clock_warning(peer) == words


def test_the_age_of_what_is_published_is_told() -> None:
    assert list(condition.descriptor_lines(GOOD)) == [
        "encryption keys: epochs 2976, 2977, 2978, published 3 days ago, good for 27 days"
    ]
    assert list(condition.descriptor_lines({**GOOD, "descriptor": None})) == []
    later = {**GOOD, "now_ms": NOW_MS + 27 * DAY_MS}
    (line,) = condition.descriptor_lines(later)
    assert line.endswith("published 30 days ago, EXPIRED")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("unreachable", "not reached"),
        ("no_epoch", "offers no key for today"),
        ("expired", "offers no key for today"),
        ("leaf_mismatch", "gives no valid answer"),
    ],
)
def test_a_peer_that_answers_is_not_said_to_be_out_of_reach(reason: str, words: str) -> None:
    assert condition.failure_words(reason) == words


@pytest.mark.parametrize(
    ("weeks_off", "state"),
    [
        (-3, "overdue"),
        (-2, "overdue"),
        (-1, "kept"),
        (0, "in_use"),
        (1, "ahead"),
        (2, "ahead"),
        (3, "far_ahead"),
        (52, "far_ahead"),
    ],
)
def test_each_key_on_the_disk_is_said_to_be_for_something(weeks_off: int, state: str) -> None:
    assert epoch_state(WEEK + weeks_off, NOW_MS) == state


def test_keys_on_the_disk_are_listed_as_they_are_without_a_passphrase(
    home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    homeward("case", "list", "--home", home)
    current = time.time_ns() // 1_000_000 // limits.EPOCH_MS
    folder = Home(Path(home)).epochs
    # What a stopped node has not destroyed yet, and what a clock far ahead has made.
    for number in (current - 5, current + 52):
        (folder / f"{number}.epoch").write_bytes(b"?")
        (folder / f"{number}.epoch").chmod(0o600)
    monkeypatch.setenv("HOMEWARD_PASSPHRASE", "not the passphrase")
    listed = json.loads(homeward("keys", "epochs", "--home", home, "--json").out)["epochs"]
    assert [(epoch["number"] - current, epoch["state"]) for epoch in listed] == [
        (-5, "overdue"),
        (0, "in_use"),
        (1, "ahead"),
        (2, "ahead"),
        (52, "far_ahead"),
    ]
    for epoch in listed:
        assert epoch["destroyed_at_ms"] == epoch["ends_at_ms"] + limits.EPOCH_KEPT_MS
    shown = homeward("keys", "epochs", "--home", home).out
    assert "its time is over: the running node destroys it" in shown
    assert "only full-disk encryption makes them unreadable" in shown
    found = homeward("node", "doctor", "--home", home).out
    assert "1 old encryption key should be destroyed" in found
    assert "1 encryption key of weeks far ahead" in found


def test_a_node_that_does_not_run_says_nothing_that_only_a_running_one_knows(home: str) -> None:
    result = homeward("node", "status", "--home", home)
    assert "WARNING" not in result.out
    answer = json.loads(homeward("node", "status", "--home", home, "--json").out)
    assert answer["clock_ahead_ms"] is None
    assert answer["descriptor"] is None
    assert answer["peers_silent"] == 0
