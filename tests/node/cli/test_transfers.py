"""The command line and where a referral may go, in a federation of many regimes."""

from __future__ import annotations

import datetime
import json
import time
from pathlib import Path

import pytest

from keys.members import MemberStatus, TransferRegime
from protocol.transfer import utc_date
from tests.support.commands import homeward, play
from tests.support.nodes import Federation, make_federation

SCRIPT = Path(__file__).parent / "scripts" / "transfers" / "transfers.txt"
BE, GR, UA = "be.example", "gr.example", "ua.example"
DAY = datetime.timedelta(days=1)


def send(home: str, case_id: str, to: str, *more: str):
    return homeward(
        "referral", "send", case_id, "--home", home, "--to", to, "--kind", "info_request",
        "--urgency", "2", "--ask", "Who?", "--purpose", "locate_child", "--art6", "public_task",
        "--police-informed", "not_yet", "--json", *more,
    )  # fmt: skip


def add_case(home: str) -> str:
    added = homeward("case", "add", "--home", home, "--given-name", "Testina", "--json")
    return json.loads(added.out)["case_id"]


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    """Members of every regime; the dates are around today."""
    now_ms = time.time_ns() // 1_000_000
    today = utc_date(now_ms)
    outside = {"transfer_regime": TransferRegime.OTHER}
    adequate = {"transfer_regime": TransferRegime.ADEQUACY}
    records = {
        GR: {"agreement_until": today - DAY},
        UA: outside,
        "al.example": {**outside, "agreement_until": today + DAY},
        "ch.example": adequate,
        "gb.example": {**adequate, "adequacy_until": today - DAY},
        "rs.example": {**outside, "status": MemberStatus.SUSPENDED},
    }
    names = (BE, *records)
    endpoints = dict.fromkeys(names, "http://127.0.0.1:9")
    return make_federation(tmp_path, names, now_ms=now_ms, endpoints=endpoints, records=records)


def test_script(federation: Federation) -> None:
    play(SCRIPT, {"be": str(federation.home(BE).folder)})


def test_the_ground_and_the_derogation_stand_in_the_json_answers(federation: Federation) -> None:
    home = str(federation.home(BE).folder)
    case_id = add_case(home)
    derogation = ("--derogation", "public_interest")
    (shown,) = json.loads(send(home, case_id, UA, *derogation, "--preview").out)["previews"]
    assert shown["legal_basis"]["transfer_basis"] == "derogation"
    assert shown["legal_basis"]["art49_derogation"] == "public_interest"
    assert shown["is_agreement_ended"] is False
    sent = json.loads(send(home, case_id, UA, *derogation, "--yes").out)
    shown = homeward("referral", "show", sent["leg"], "--home", home, "--json")
    basis = json.loads(shown.out)["legal_basis"]
    assert basis["transfer_basis"] == "Derogation – Art. 49(1)"
    assert basis["art49_derogation"] == "Important public interest by law – Art. 49(1)(d)"


@pytest.mark.parametrize("way", ["--preview", "--yes"])
@pytest.mark.parametrize("derogation", [(), ("--derogation", "vital_interests")])
def test_a_suspended_member_is_refused_before_any_ground(
    federation: Federation, way: str, derogation: tuple[str, ...]
) -> None:
    home = str(federation.home(BE).folder)
    refused = send(home, add_case(home), "rs.example", way, *derogation)
    assert refused.code == 1
    assert json.loads(refused.out)["error"]["code"] == "inactive_peer"
    assert json.loads(homeward("referral", "list", "--home", home, "--json").out) == {
        "referrals": [],
        "total": 0,
    }
