"""--preview of a step with a part of a case: shown, and nothing sent."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.commands import homeward

CASE = {"category": "runaway", "children": [{"id": "c1", "sex": "female"}]}


def test_a_note_is_shown_as_the_peer_would_see_it_and_not_sent(home: str, tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE), encoding="utf-8")
    added = homeward("case", "add", "--home", home, "--file", str(path), "--json")
    case_id = json.loads(added.out)["case_id"]
    homeward(
        "referral", "send", case_id, "--home", home, "--to", "gr.example", "--kind",
        "info_request", "--urgency", "2", "--ask", "Seen?", "--purpose", "locate_child",
        "--art6", "public_task", "--police-informed", "not_yet", "--yes",
    )  # fmt: skip
    (leg,) = json.loads(homeward("referral", "list", "--home", home, "--json").out)["referrals"]
    note = ("referral", "note", leg["leg"], "--home", home, "--case", case_id, "--text", "Look.")
    shown = homeward(*note, "--field", "children.sex", "--preview")
    assert shown.code == 0, shown
    assert "to gr.example (" in shown.out
    assert "they will see 1 of " in shown.out
    bad = homeward(*note, "--field", "children.nothing", "--preview")
    assert bad.code == 1
    assert "a path names no field of the dictionary" in bad.errors
    after = json.loads(homeward("referral", "show", leg["leg"], "--home", home, "--json").out)
    assert [step["name"] for step in after["steps"]] == ["referral"]
