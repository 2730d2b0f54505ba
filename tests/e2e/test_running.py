"""The same command on a running node and on one that does not run."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support.commands import homeward
from tests.support.processes import Pair, environment, soon

READING = (
    ("case", "list"),
    ("case", "show", "{case}"),
    ("case", "search", "Testyna"),
    ("referral", "list"),
    ("referral", "show", "{leg}"),
    ("federation", "show"),
    ("keys", "show"),
    ("keys", "epochs"),
    ("audit", "log"),
)


def answers(home: str, **names: str) -> list[dict]:
    found = []
    for command in READING:
        arguments = [part.format(**names) for part in command]
        result = homeward(*arguments, "--home", home, "--json")
        assert result.code == 0, result
        answer = json.loads(result.out)
        answer.pop("now_ms", None)
        found.append(answer)
    return found


def test_commands_do_the_same_whether_the_node_runs_or_not(pair: Pair) -> None:
    home = pair.be.folder
    added = homeward("case", "add", "--home", home, "--given-name", "Testina", "--json")
    case_id = json.loads(added.out)["case_id"]
    sent = homeward(
        "referral", "send", case_id, "--home", home, "--to", "gr.example",
        "--kind", "info_request", "--urgency", "4", "--ask", "?", "--purpose", "learn_practice",
        "--art6", "public_task", "--police-informed", "not_needed", "--yes", "--json",
    )  # fmt: skip
    assert json.loads(sent.out)["delivery"] == "queued"
    leg = json.loads(sent.out)["leg"]
    soon(lambda: pair.be.ask("referral.list")["referrals"][0]["state"] == "delivered")
    refused = homeward(
        "referral", "claim", leg, "--home", home, "--contact", "N", "--telephone", "1"
    )
    running = answers(home, case=case_id, leg=leg)

    # A second node in the same home is turned away at once.
    second = subprocess.run(
        [sys.executable, "-m", "node", "node", "run", "--home", home],
        check=False, capture_output=True, text=True, env=environment(pair.be.cache),
    )  # fmt: skip
    assert second.returncode == 3
    assert "another homeward process is using this home" in second.stderr

    assert pair.be.stop() == 0
    assert not pair.be.home.socket.exists()
    assert answers(home, case=case_id, leg=leg) == running
    assert refused == homeward(
        "referral", "claim", leg, "--home", home, "--contact", "N", "--telephone", "1"
    )
    assert refused.code == 1
