"""What people are told when their node, or their directory, is not in order."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from keys.directory_files import DirectoryFolder
from node.cli.standing import expiry_warnings, held_words, standing_warnings
from node.config import Settings, load_settings
from protocol.limits import DIRECTORY_GRACE_MS
from tests.support.commands import homeward
from tests.support.nodes import Federation, make_federation
from tests.support.secretariat import Secretariat

BE, GR = "be.example", "gr.example"
DAY_MS = 86_400_000
NOW_MS = 1_800_000_000_000


def made(tmp_path: Path, *, days_ago: int = 0) -> Federation:
    now_ms = time.time_ns() // 1_000_000 - days_ago * DAY_MS
    endpoints = {BE: "http://127.0.0.1:9", GR: "http://127.0.0.1:9"}
    made = make_federation(tmp_path, (BE, GR), now_ms=now_ms, endpoints=endpoints, has_suspend=True)
    for path in made.home(BE).folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return made


def told(federation: Federation) -> tuple[dict, str, dict[str, str]]:
    """Return the status as data and as text, and what the doctor says is wrong."""
    home = str(federation.home(BE).folder)
    status = homeward("node", "status", "--home", home, "--json")
    lines = homeward("node", "status", "--home", home)
    assert status.code == lines.code == 0, status
    doctor = homeward("node", "doctor", "--home", home, "--json")
    findings = json.loads(doctor.out)["findings"]
    failed = {each["sentence"]: each["hint"] for each in findings if each["result"] == "fail"}
    assert doctor.code == (1 if failed else 0)
    return json.loads(status.out), lines.out, failed


def store(federation: Federation, files: dict[str, bytes]) -> None:
    DirectoryFolder(federation.home(BE).directory).store(files)


def test_a_node_in_order_is_told_nothing(tmp_path: Path) -> None:
    status, lines, failed = told(made(tmp_path))
    assert (status["standing"], status["freshness"]) == ("active", "fresh")
    assert "WARNING" not in lines
    assert failed == {}


@pytest.mark.parametrize(
    ("standing", "publish"),
    [("suspended", Secretariat.suspend), ("revoked", Secretariat.revoke)],
)
def test_a_node_that_is_suspended_or_revoked_is_told_so(
    tmp_path: Path, standing: str, publish: Callable
) -> None:
    federation = made(tmp_path)
    secretariat = Secretariat.of(federation)
    secretariat.now_ms = time.time_ns() // 1_000_000
    store(federation, publish(secretariat, BE))
    status, lines, failed = told(federation)
    assert status["standing"] == standing
    assert (status["suspended_since_ms"] is not None) == (standing == "suspended")
    (sentence,) = failed
    assert sentence.startswith(f"the federation has {standing} this node")
    assert sentence.endswith("peers refuse what it sends, and nothing goes out")
    assert "call the secretariat" in failed[sentence]
    assert f"WARNING: {sentence}" in lines


def test_a_peer_that_is_suspended_is_shown_so(tmp_path: Path) -> None:
    federation = made(tmp_path)
    secretariat = Secretariat.of(federation)
    secretariat.now_ms = time.time_ns() // 1_000_000
    store(federation, secretariat.suspend(GR))
    status, lines, failed = told(federation)
    assert [peer["status"] for peer in status["peers"]] == ["suspended"]
    assert "gr.example  Invented Organisation gr.example (suspended)" in lines
    assert failed == {}


@pytest.mark.parametrize(
    ("days_ago", "freshness", "rest"),
    [
        (9, "overdue", "members that this node has not met count for 11 days more"),
        (30, "stale", "only members that this node has met before still count"),
    ],
)
def test_an_expired_directory_is_told_with_what_follows(
    tmp_path: Path, days_ago: int, freshness: str, rest: str
) -> None:
    status, lines, failed = told(made(tmp_path, days_ago=days_ago))
    assert status["freshness"] == freshness
    (sentence,) = failed
    expired = f"directory 2 expired {days_ago - 7} days ago, and nobody has renewed it"
    assert sentence == f"{expired}; {rest}"
    assert "ask the secretariat to publish" in failed[sentence]
    assert f"WARNING: {sentence}" in lines


def test_a_shorter_time_of_grace_is_that_of_the_settings(tmp_path: Path) -> None:
    federation = made(tmp_path, days_ago=9)
    settings = federation.home(BE).folder / "homeward.toml"
    settings.write_text(settings.read_text() + "directory_grace_days = 1\n")
    status, _, failed = told(federation)
    assert status["freshness"] == "stale"
    assert "only members that this node has met before" in " ".join(failed)


def test_the_time_of_grace_may_only_be_lowered(tmp_path: Path) -> None:
    assert Settings(node_id=BE).directory_grace_ms == DIRECTORY_GRACE_MS
    assert Settings(node_id=BE, directory_grace_days=0).directory_grace_ms == 0
    for days in (-1, 15, 10**9):
        with pytest.raises(ValidationError):
            Settings(node_id=BE, directory_grace_days=days)
    (tmp_path / "homeward.toml").write_text('node_id = "be.example"\ndirectory_grace_days = 3\n')
    assert load_settings(tmp_path).directory_grace_ms == 3 * DAY_MS


def facts(**changes) -> dict:
    standing = {
        "now_ms": NOW_MS,
        "directory_version": 7,
        "directory_expires_at_ms": NOW_MS + DAY_MS,
        "directory_grace_ends_at_ms": NOW_MS + 15 * DAY_MS,
        "freshness": "fresh",
        "standing": "active",
        "suspended_since_ms": None,
    }
    return {**standing, **changes}


def test_what_is_in_order_needs_no_words() -> None:
    assert [*standing_warnings(facts()), *expiry_warnings(facts())] == []


def test_since_when_it_is_suspended_is_told_where_it_is_known() -> None:
    ((by_role, _),) = standing_warnings(facts(standing="suspended", suspended_since_ms=NOW_MS))
    assert "this node since 2027-01-15 08:00:00 UTC: " in by_role
    ((by_record, _),) = standing_warnings(facts(standing="suspended"))
    assert "has suspended this node: " in by_record
    ((unnamed, hint),) = standing_warnings(facts(standing="none"))
    assert (unnamed, hint) == (
        "the directory does not name this node as a member", "ask the secretariat",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own", "peer", "words"),
    [
        ("active", "active", ""),
        ("active", "suspended", "member is suspended"),
        ("active", "revoked", "member is revoked"),
        ("suspended", "active", "this node is suspended"),
        ("revoked", "suspended", "this node is revoked"),
        ("none", "active", "this node is not in the directory"),
    ],
)
def test_why_something_waits(own: str, peer: str, words: str) -> None:
    assert held_words(own, peer) == words
