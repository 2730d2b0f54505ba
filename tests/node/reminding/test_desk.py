"""What has to be done now, in the order in which to do it; and the digest of a shift."""

from __future__ import annotations

import datetime
from dataclasses import replace

from node.commands import run_command
from node.store import approvals
from node.store.approvals import ApprovalRow
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from tests.node.reminding.test_reminding import at_the_end_of_14_days, reported
from tests.node.reminding.test_waits import accepted, claimed, referred
from tests.support import contents
from tests.support.network import BE, GR, Network
from tests.support.nodes import NOW_MS, until

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


async def desk(network: Network, name: NodeId) -> dict:
    return await run_command(network.cores[name], "referral.due", {})


def sections(answer: dict) -> dict[str, list[tuple[str, str]]]:
    return {
        each["section"]: [(task["leg"], task["what"]) for task in each["tasks"]]
        for each in answer["sections"]
        if each["tasks"]
    }


async def test_the_desk_of_each_side_has_its_order(line: Network) -> None:
    late = await referred(line, urgency=2)
    line.clock.at_ms += 3 * HOUR_MS
    normal = await referred(line, urgency=3)
    asked = await accepted(line, NOW_MS + 3 * DAY_MS)
    await line.step(GR, asked, contents.ask())
    await line.reach(asked, State.INFO_NEEDED, BE, GR)
    done = await reported(line)
    urgent = await claimed(line, urgency=1)
    assert [each["section"] for each in (await desk(line, BE))["sections"]] == [
        "overdue", "unclaimed", "waits_for_us", "waits_for_them", "to_confirm",
    ]  # fmt: skip
    assert sections(await desk(line, BE)) == {
        # Life at risk first, also while there is still time.
        "overdue": [(urgent.hex(), "answer"), (late.hex(), "claim")],
        "waits_for_us": [(asked.hex(), "reply")],
        "waits_for_them": [(normal.hex(), "claim")],
        "to_confirm": [(done.hex(), "confirmation")],
    }
    assert sections(await desk(line, GR)) == {
        "overdue": [(urgent.hex(), "answer"), (late.hex(), "claim")],
        "unclaimed": [(normal.hex(), "claim")],
        "waits_for_them": [(asked.hex(), "reply"), (done.hex(), "confirmation")],
    }


async def test_a_notice_is_new_until_it_is_acknowledged(line: Network) -> None:
    leg = await referred(line, kind="found_notice", notice="found")
    assert sections(await desk(line, BE)) == {"waits_for_them": [(leg.hex(), "notice")]}
    assert sections(await desk(line, GR)) == {"unclaimed": [(leg.hex(), "notice")]}
    await line.step(GR, leg, contents.acknowledge("found_notice"))
    await line.reach(leg, State.CLOSED, BE, GR)
    assert [sections(await desk(line, name)) for name in (BE, GR)] == [{}, {}]


async def test_whom_to_ring_and_whether_somebody_is_there(line: Network) -> None:
    await referred(line, urgency=1)
    (task,) = (await desk(line, BE))["sections"][0]["tasks"]
    assert task["contact"] == {
        "name": "",
        "telephone": "+3225550100",
        "languages": ["el", "en"],
        "time_zone": "Europe/Athens",
        "is_open": True,
        "changes_at_ms": NOW_MS + 7 * HOUR_MS,
    }
    assert (task["stage"], task["late_ms"], task["is_ours"]) == (None, None, False)
    line.clock.at_ms = NOW_MS + 8 * HOUR_MS
    (task,) = (await desk(line, BE))["sections"][0]["tasks"]
    assert task["contact"]["is_open"] is False
    # Monday at 9 in Athens.
    assert task["contact"]["changes_at_ms"] == NOW_MS + 2 * DAY_MS + 23 * HOUR_MS
    assert (task["stage"], task["late_ms"]) == ("phone", 7 * HOUR_MS + 30 * MINUTE_MS)


async def test_who_has_claimed_it_is_rung_first(line: Network) -> None:
    leg = await referred(line, urgency=1)
    claim = contents.claim(contact_name="Invented Person", contact_telephone="+302105550199")
    await line.step(GR, leg, claim)
    await line.reach(leg, State.RECEIVED, BE, GR)
    (task,) = (await desk(line, BE))["sections"][0]["tasks"]
    assert task["contact"]["name"] == "Invented Person"
    assert task["contact"]["telephone"] == "+302105550199"
    (task,) = (await desk(line, GR))["sections"][0]["tasks"]
    assert task["contact"]["name"] == ""


async def test_what_is_soon_over_is_told(line: Network) -> None:
    today = datetime.datetime.fromtimestamp(NOW_MS / 1000, datetime.UTC).date()
    soon, late = today + datetime.timedelta(days=30), today + datetime.timedelta(days=31)
    alert = await referred(line, kind="alert", expires_at_ms=NOW_MS + 2 * DAY_MS)
    await referred(line, kind="alert", expires_at_ms=NOW_MS + 2 * DAY_MS + 1)
    ended = await claimed(line, kind="alert", expires_at_ms=NOW_MS + DAY_MS)
    await line.step(GR, ended, contents.acknowledge("alert"))
    await line.reach(ended, State.CLOSED, BE, GR)
    line.amend(BE, GR, agreement_until=soon, adequacy_until=late)
    case = case_pb2.Case(category="runaway")
    for days, answer in ((2, "given"), (3, "given"), (1, "refused"), (-1, "given")):
        day = today + datetime.timedelta(days=days)
        consent = case.consents.add(id=f"k{len(case.consents)}", answer=answer)
        consent.expires_on.CopyFrom(
            case_pb2.PartialDate(year=day.year, month=day.month, day=day.day)
        )
    case_id = await line.cores[BE].cases.add(case, [], made_by="a", reason="")
    endings = (await desk(line, BE))["endings"]
    assert endings == [
        {"what": "referral", "subject": alert.hex(), "at_ms": NOW_MS + 2 * DAY_MS, "on": None},
        {
            "what": "consent",
            "subject": case_id,
            "at_ms": None,
            "on": (today + datetime.timedelta(days=2)).isoformat(),
        },
        {"what": "agreement", "subject": GR, "at_ms": None, "on": soon.isoformat()},
    ]


async def test_a_draft_waits_for_a_second_person_until_it_is_decided_or_over(
    line: Network,
) -> None:
    draft = ApprovalRow(
        approval_id=bytes(16), step="referral", peers=f"{GR} fr.example", leg_id=None,
        case_id="be.example/1", case_version=1, choice="{}", digest=bytes(32), reason="why",
        asked_by="somebody", asked_at_ms=NOW_MS, expires_at_ms=NOW_MS + DAY_MS,
    )  # fmt: skip
    decided = replace(draft, approval_id=bytes(15) + b"1")
    store = line.cores[BE].store
    for row in (draft, decided):
        await store.write(lambda db, row=row: approvals.add(db, row))
    await store.write(
        lambda db: approvals.decide(db, decided.approval_id, "approved", by="b", at_ms=NOW_MS)
    )
    (shown,) = (await desk(line, BE))["drafts"]
    assert (shown["approval_id"], shown["peers"]) == ("00" * 16, [GR, "fr.example"])
    assert "reason" not in shown
    line.clock.at_ms += DAY_MS
    assert (await desk(line, BE))["drafts"] == []


async def test_a_peer_that_is_not_reached_is_told_with_its_number(line: Network) -> None:
    line.unplug(GR)
    await line.refer(BE, GR, urgency=3)
    await line.wake_when_due()
    (peer,) = (await desk(line, BE))["unreachable"]
    assert (peer["peer"], peer["waiting"], peer["last_failure"]) == (GR, 1, "unreachable")
    assert peer["telephone"] == "+3225550100"


async def test_the_digest_of_a_shift_counts_what_came_and_went(line: Network) -> None:
    await reported(line)
    line.clock.at_ms += HOUR_MS
    leg = await referred(line, urgency=2)
    since = {"since_ms": NOW_MS + HOUR_MS}
    answer = await run_command(line.cores[GR], "node.digest", since)
    assert answer["counts"] | {"peers_unreachable": 0, "soon_over": 0} == {
        "new_in": 1, "new_out": 0, "steps_in": 1, "steps_out": 0, "closed_by_node": 0,
        "overdue": 0, "unclaimed": 1, "waits_for_us": 0, "waits_for_them": 1, "to_confirm": 0,
        "drafts": 0, "soon_over": 0, "peers_unreachable": 0,
    }  # fmt: skip
    assert [(step["leg"], step["name"]) for step in answer["steps"]] == [(leg.hex(), "referral")]
    whole = await run_command(line.cores[GR], "node.digest", {"since_ms": 0})
    assert whole["counts"]["new_in"] == 2
    assert whole["counts"]["steps_out"] == 3


async def test_a_leg_that_the_node_closed_says_so_at_both_ends(line: Network) -> None:
    leg = await reported(line)
    await at_the_end_of_14_days(line)
    await line.cores[BE].remind()
    await line.reach(leg, State.CLOSED, BE, GR)
    for name in (BE, GR):
        answer = await run_command(line.cores[name], "referral.show", {"leg": leg.hex()})
        assert answer["is_closed_by_node"] is True
    digest = await run_command(line.cores[BE], "node.digest", {"since_ms": NOW_MS + DAY_MS})
    assert digest["counts"]["closed_by_node"] == 1


async def test_a_request_to_erase_waits_until_it_is_answered(line: Network) -> None:
    leg = await accepted(line, NOW_MS + 3 * DAY_MS, urgency=1, expires_at_ms=NOW_MS + 9 * DAY_MS)
    await line.step(BE, leg, message_pb2.EraseRequest(reason="no_longer_needed"))

    async def is_there() -> bool:
        return bool((await line.cores[GR].legs.view(leg)).open_erase_requests)

    await until(is_there)
    waits = (leg.hex(), "erasure")
    assert waits in sections(await desk(line, GR))["waits_for_us"]
    assert waits in sections(await desk(line, BE))["waits_for_them"]
    # Nobody is spared the answer when the referral is over.
    line.clock.at_ms += 10 * DAY_MS
    assert sections(await desk(line, GR)) == {"waits_for_us": [waits]}
    line.clock.at_ms += 30 * DAY_MS
    (section,) = [each for each in (await desk(line, GR))["sections"] if each["tasks"]]
    assert (section["section"], section["tasks"][0]["stage"]) == ("overdue", "supervisor")
    await line.cores[GR].erasing.refuse_leg(leg, "authority_order", made_by="nikos")
    assert sections(await desk(line, GR)) == {}
