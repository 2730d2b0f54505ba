"""The second person's commands: what they print, and that nothing goes without them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from node.cli import options
from tests.support.commands import Result, homeward

GR = "gr.example"
PASSPORT = "children.identity_documents"
CASE = {
    "category": "runaway",
    "children": [
        {
            "id": "c1",
            "names": [{"given": "Testina"}],
            "identityDocuments": [{"type": "passport", "number": "XX0000000"}],
            "description": {"wornAids": ["hearing_aid"]},
        }
    ],
}


@pytest.fixture
def case(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Add the case; everything is done by one and the same account."""
    monkeypatch.setattr(options.getpass, "getuser", lambda: "desk")
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE), encoding="utf-8")
    added = homeward("case", "add", "--home", home, "--file", str(path), "--json")
    case_id: str = json.loads(added.out)["case_id"]
    return case_id


def send(home: str, case: str, *more: str) -> Result:
    return homeward(
        "referral", "send", case, "--home", home, "--to", GR, "--kind", "info_request",
        "--urgency", "2", "--ask", "Seen?", "--purpose", "locate_child", "--art6", "public_task",
        "--police-informed", "not_yet", *more,
    )  # fmt: skip


def sensitive(home: str, case: str, *more: str) -> Result:
    reason = ("--sensitive-reason", "The border police ask.")
    return send(home, case, "--field", PASSPORT, *reason, *more)


def run(home: str, command: str, *more: str) -> Result:
    return homeward("referral", command, *more, "--home", home)


def answer(result: Result) -> Any:
    assert result.code == 0, result
    return json.loads(result.out)


def test_a_draft_is_kept_listed_shown_and_sent_by_another(home: str, case: str) -> None:
    kept = sensitive(home, case, "--yes")
    assert "NOTE: there are sensitive fields in it: a second person has to approve it" in (
        kept.errors
    )
    first, second = kept.out.splitlines()
    draft = second.rpartition(" ")[2]
    assert first == f"draft {draft}: not sent, there are sensitive fields in it"
    assert run(home, "list").out == "no referrals\n"
    listed = run(home, "approvals").out.splitlines()
    assert listed[1].split()[:4] == [draft, "referral", GR, case]

    same = run(home, "approve", draft, "--yes")
    assert same.code == 1
    assert "homeward: error: who asked for it cannot approve it\nhint: another person" in (
        same.errors
    )
    shown = run(home, "approve", draft, "--preview").out
    assert f"sensitive: {PASSPORT}\n" in shown
    assert "  sensitive reason: The border police ask.\n" in shown
    assert "XX0000000" in shown
    sent = run(home, "approve", draft, "--by", "Berta", "--yes")
    assert sent.out.startswith("referral ")
    assert sent.out.endswith(f" to {GR}: queued; it goes out when the node runs\n")
    assert run(home, "approvals").out == "nothing waits for a second person\n"
    assert "approved by Berta" in run(home, "approvals", "--all").out
    again = run(home, "approve", draft, "--by", "Berta", "--yes")
    assert (again.code, again.errors) == (
        1, "homeward: error: this draft was approved already\n",
    )  # fmt: skip
    leg = answer(run(home, "list", "--json"))["referrals"][0]["leg"]
    thread = run(home, "show", leg).out
    assert "sensitive reason: The border police ask.\ndecided by count: 2\n" in thread
    assert "[desk, Berta]" in thread


def test_a_draft_is_rejected_with_a_reason(home: str, case: str) -> None:
    draft = answer(sensitive(home, case, "--yes", "--json"))["approval"]
    assert run(home, "reject", draft).code == 2
    rejected = run(home, "reject", draft, "--by", "Berta", "--text", "Not needed.")
    assert rejected.out == f"draft {draft[:8]} is rejected; nothing was sent\n"
    assert run(home, "approve", draft, "--by", "Carla", "--yes").code == 1
    (row,) = answer(run(home, "approvals", "--all", "--json"))["approvals"]
    assert (row["decision"], row["text"], row["reason"]) == ("rejected", "Not needed.", "")
    assert run(home, "list").out == "no referrals\n"


def test_everything_is_there_as_json(home: str, case: str) -> None:
    kept = answer(sensitive(home, case, "--yes", "--json"))
    assert (kept["decision"], kept["asked_by"], kept["step"]) == ("waiting", "desk", "referral")
    (row,) = answer(run(home, "approvals", "--json"))["approvals"]
    assert row["approval"] == kept["approval"]
    shown = answer(run(home, "approve", row["approval"], "--preview", "--json"))
    assert shown["previews"][0]["legal_basis"]["decided_by_count"] == 2
    done = answer(run(home, "approve", row["approval"], "--by", "b", "--yes", "--json"))
    assert [each["peer"] for each in done["legs"]] == [GR]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--field", PASSPORT), f"{PASSPORT} is sensitive: it needs a reason and a second person"),
        (("--sensitive-reason", "x"), "no sensitive field is chosen: "),
        (("--field", "children.description"), "there are special categories of data in it: "),
        (("--field", "children.names", "--override-reason", "x"), "every rule is met: "),
        (
            ("--field", "children.description", "--override-reason", "x"),
            "only what protects vital interests goes over a rule: ",
        ),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_kept(
    home: str, case: str, more: tuple[str, ...], words: str
) -> None:
    for way in ("--preview", "--yes"):
        refused = send(home, case, *more, way)
        assert refused.code == 1
        assert refused.errors.splitlines()[0].startswith(f"homeward: error: {words}")
    assert run(home, "list").out == "no referrals\n"
    assert run(home, "approvals", "--all").out == "nothing waits for a second person\n"


def test_a_consent_that_is_missing_is_named(home: str, case: str) -> None:
    refused = send(home, case, "--art6", "consent", "--field", "children.names", "--yes")
    assert refused.errors.splitlines()[0] == (
        "homeward: error: the basis is consent, and the case holds none"
    )


def test_a_draft_that_does_not_exist_is_refused(home: str) -> None:
    for command in (("approve", "00", "--yes"), ("reject", "zz", "--text", "x")):
        refused = run(home, *command)
        assert (refused.code, refused.errors) == (
            1, "homeward: error: there is no such draft here\n",
        )  # fmt: skip
