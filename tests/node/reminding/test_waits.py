"""What a leg waits for, at both ends, by the hours of whoever is waited for."""

from __future__ import annotations

import datetime
import zoneinfo

import pytest

from node.commands import run_command
from node.reminding.waits import Wait, What
from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import case_pb2
from tests.support import contents
from tests.support.network import BE, GR, Network
from tests.support.nodes import NOW_MS

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
ATHENS = zoneinfo.ZoneInfo("Europe/Athens")


def athens(at_ms: int | None) -> str:
    assert at_ms is not None
    return datetime.datetime.fromtimestamp(at_ms / 1000, ATHENS).strftime("%a %d %H:%M")


async def waits(network: Network, name: NodeId, leg: LegId) -> dict[What, Wait]:
    living = await network.cores[name].reminding.living()
    (found,) = [each for each in living if each.view.row.leg_id == leg]
    return {wait.what: wait for wait, _ in found.waits}


async def referred(network: Network, **changes) -> LegId:
    leg = await network.refer(BE, GR, **changes)
    await network.reach(leg, State.DELIVERED, BE, GR)
    return leg


async def claimed(network: Network, **changes) -> LegId:
    leg = await referred(network, **changes)
    await network.step(GR, leg, contents.claim())
    await network.reach(leg, State.RECEIVED, BE, GR)
    return leg


async def accepted(network: Network, promise_ms: int, **changes) -> LegId:
    leg = await claimed(network, **changes)
    await network.step(GR, leg, contents.accept(next_answer_by_ms=promise_ms))
    await network.reach(leg, State.ACCEPTED, BE, GR)
    return leg


@pytest.mark.parametrize(
    ("urgency", "claim_due", "answer_due"),
    [
        # By the clock on the wall: 30 minutes, 3 hours.
        (1, "Fri 15 10:30", "Fri 15 13:00"),
        # 2 and 12 hours of an office that is open from 9 to 17.
        (2, "Fri 15 12:00", "Mon 18 14:00"),
        # 1 and 5 working days.
        (3, "Mon 18 17:00", "Fri 22 17:00"),
        # 3 working days, 4 weeks.
        (4, "Wed 20 17:00", "Fri 12 17:00"),
    ],
)
async def test_the_table_of_urgencies_in_the_hours_of_the_recipient(
    line: Network, urgency: int, claim_due: str, answer_due: str
) -> None:
    changes = {"urgency": urgency, "expires_at_ms": NOW_MS + 90 * DAY_MS}
    leg = await referred(line, **changes)
    for name in (BE, GR):
        wait = (await waits(line, name, leg))[What.CLAIM]
        assert (wait.is_ours, athens(wait.due_ms)) == (name == GR, claim_due)
    await line.step(GR, leg, contents.claim())
    await line.reach(leg, State.RECEIVED, BE, GR)
    for name in (BE, GR):
        found = await waits(line, name, leg)
        assert list(found) == [What.ANSWER]
        assert athens(found[What.ANSWER].due_ms) == answer_due


async def test_life_at_risk_does_not_wait_for_monday(line: Network) -> None:
    line.clock.at_ms += DAY_MS
    leg = await referred(line, urgency=1)
    other = await referred(line, urgency=2)
    assert athens((await waits(line, BE, leg))[What.CLAIM].due_ms) == "Sat 16 10:30"
    assert athens((await waits(line, BE, other))[What.CLAIM].due_ms) == "Mon 18 11:00"


async def test_what_is_not_delivered_waits_for_that(line: Network) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR, urgency=1)
    found = await waits(line, BE, leg)
    assert list(found) == [What.DELIVERY]
    assert found[What.DELIVERY].due_ms == NOW_MS + 30 * MINUTE_MS


async def test_the_clock_of_life_at_risk_runs_from_when_it_was_sent(line: Network) -> None:
    line.unplug(GR)
    urgent = await line.refer(BE, GR, urgency=1)
    other = await line.refer(BE, GR, urgency=3)
    line.clock.at_ms += 20 * MINUTE_MS
    line.plug(GR)
    await line.wake_when_due()
    await line.reach(urgent, State.DELIVERED, BE, GR)
    await line.reach(other, State.DELIVERED, BE, GR)
    assert (await waits(line, BE, urgent))[What.CLAIM].since_ms == NOW_MS
    assert (await waits(line, BE, other))[What.CLAIM].since_ms == line.clock.at_ms


async def test_what_the_sender_asked_for_goes_before_the_table(line: Network) -> None:
    leg = await claimed(line, reply_by_ms=NOW_MS + 5 * HOUR_MS)
    for name in (BE, GR):
        assert (await waits(line, name, leg))[What.ANSWER].due_ms == NOW_MS + 5 * HOUR_MS


async def test_a_promise_goes_before_both(line: Network) -> None:
    leg = await accepted(line, NOW_MS + 3 * DAY_MS, reply_by_ms=NOW_MS + 5 * HOUR_MS)
    for name in (BE, GR):
        assert (await waits(line, name, leg))[What.ANSWER].due_ms == NOW_MS + 3 * DAY_MS


async def test_a_question_back_stops_the_clock_and_the_rest_goes_on_after_it(
    line: Network,
) -> None:
    # Due on Monday at 11 in Athens, with 9 open hours to go.
    due_ms = NOW_MS + 3 * DAY_MS + HOUR_MS
    leg = await accepted(line, due_ms)
    await line.step(GR, leg, contents.ask())
    await line.reach(leg, State.INFO_NEEDED, BE, GR)
    for name in (BE, GR):
        found = await waits(line, name, leg)
        assert list(found) == [What.REPLY]
        assert found[What.REPLY].is_ours == (name == BE)
    # The reply comes on Monday at 15:00: 2 of the 9 go that day, 7 on Tuesday.
    line.clock.at_ms = NOW_MS + 3 * DAY_MS + 5 * HOUR_MS
    await line.step(BE, leg, contents.answer(3))
    await line.reach(leg, State.IN_PROGRESS, BE, GR)
    for name in (BE, GR):
        found = await waits(line, name, leg)
        assert list(found) == [What.ANSWER]
        assert athens(found[What.ANSWER].due_ms) == "Tue 19 16:00"


async def test_a_question_of_the_sender_stops_nothing(line: Network) -> None:
    leg = await accepted(line, NOW_MS + 3 * DAY_MS)
    await line.step(BE, leg, contents.ask())
    await line.reach(leg, State.INFO_NEEDED, BE, GR)
    found = await waits(line, GR, leg)
    assert set(found) == {What.REPLY, What.ANSWER}
    assert all(wait.is_ours for wait in found.values())


async def test_after_an_interim_note_the_outcome_is_waited_for_without_a_time(
    line: Network,
) -> None:
    leg = await accepted(line, NOW_MS + 3 * DAY_MS)
    await line.step(GR, leg, contents.note())
    assert list(await waits(line, GR, leg)) == [What.OUTCOME]
    assert (await waits(line, GR, leg))[What.OUTCOME].due_ms is None


async def test_an_outcome_waits_for_its_confirmation_and_a_dispute_begins_anew(
    line: Network,
) -> None:
    leg = await accepted(line, NOW_MS + 3 * DAY_MS)
    await line.step(GR, leg, contents.outcome())
    await line.reach(leg, State.OUTCOME_REPORTED, BE, GR)
    for name in (BE, GR):
        wait = (await waits(line, name, leg))[What.CONFIRMATION]
        assert (wait.is_ours, wait.due_ms) == (name == BE, NOW_MS + 14 * DAY_MS)
    line.clock.at_ms += DAY_MS
    await line.step(BE, leg, contents.dispute())
    await line.reach(leg, State.IN_PROGRESS, BE, GR)
    wait = (await waits(line, GR, leg))[What.ANSWER]
    assert (wait.is_ours, athens(wait.due_ms)) == (True, "Fri 22 17:00")


async def test_what_stood_still_before_a_dispute_does_not_count_after_it(line: Network) -> None:
    leg = await accepted(line, NOW_MS + 3 * DAY_MS)
    await line.step(GR, leg, contents.ask())
    await line.reach(leg, State.INFO_NEEDED, BE, GR)
    line.clock.at_ms += 3 * DAY_MS
    await line.step(BE, leg, contents.answer(3))
    await line.reach(leg, State.IN_PROGRESS, BE, GR)
    await line.step(GR, leg, contents.outcome())
    await line.reach(leg, State.OUTCOME_REPORTED, BE, GR)
    await line.step(BE, leg, contents.dispute())
    await line.reach(leg, State.IN_PROGRESS, BE, GR)
    # Monday, and five working days.
    assert athens((await waits(line, GR, leg))[What.ANSWER].due_ms) == "Mon 25 17:00"


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("tracing_request", What.CLAIM),
        ("alert", What.CLAIM),
        ("found_notice", What.NOTICE),
        ("statistic", What.NOTICE),
    ],
)
async def test_what_nobody_has_looked_at_waits_for_the_step_that_is_next(
    line: Network, kind: str, first: What
) -> None:
    content = contents.opening(kind, urgency=2, expires_at_ms=NOW_MS + 90 * DAY_MS)
    leg, _ = await line.cores[BE].legs.open(GR, content, case_id=None, made_by="a")
    assert list(await waits(line, BE, leg)) == [What.DELIVERY]
    line.cores[BE].delivery.wake(GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    for name in (BE, GR):
        found = await waits(line, name, leg)
        assert list(found) == [first]
        assert (found[first].is_ours, athens(found[first].due_ms)) == (name == GR, "Fri 15 12:00")


async def test_a_look_out_waits_to_be_acknowledged_and_then_for_nothing(line: Network) -> None:
    leg = await claimed(line, kind="alert")
    assert list(await waits(line, BE, leg)) == [What.ACKNOWLEDGEMENT]
    await line.step(GR, leg, contents.acknowledge("alert"))
    await line.reach(leg, State.CLOSED, BE, GR)
    assert await waits(line, BE, leg) == {}


async def test_a_withdrawal_after_the_accept_waits_to_be_seen(line: Network) -> None:
    leg = await accepted(line, NOW_MS + 3 * DAY_MS)
    await line.step(BE, leg, contents.withdraw())
    await line.reach(leg, State.CANCEL_REQUESTED, BE, GR)
    wait = (await waits(line, GR, leg))[What.CANCELLATION]
    assert (wait.is_ours, athens(wait.due_ms)) == (True, "Mon 18 17:00")


async def test_an_accepted_transfer_waits_for_the_file_and_then_for_custody(
    line: Network,
) -> None:
    leg = await accepted(line, NOW_MS + 3 * DAY_MS, kind="transfer")
    found = await waits(line, BE, leg)
    assert list(found) == [What.FILE]
    assert found[What.FILE].is_ours
    part = contents.contents_of("transfer")["hand_over"]
    await line.step(BE, leg, part)
    await line.reach(leg, State.HANDED_OVER, BE, GR)
    assert list(await waits(line, GR, leg)) == [What.CUSTODY]


async def test_an_expired_leg_waits_for_nothing(line: Network) -> None:
    await referred(line, kind="alert", expires_at_ms=NOW_MS + DAY_MS)
    line.clock.at_ms += DAY_MS
    assert await line.cores[BE].reminding.living() == []


async def test_who_names_no_time_asks_for_the_one_of_the_table(line: Network) -> None:
    core = line.cores[BE]
    case = case_pb2.Case(category="runaway")
    case.children.add(id="c1", sex="female")
    case_id = await core.cases.add(case, [], made_by="a", reason="")
    asked = {
        "to": GR, "case_id": case_id, "kind": "info_request", "ask": "Invented words?",
        "purpose": "learn_practice", "art6": "public_task", "police_informed": "not_needed",
        "field": ["children.sex"], "expires_at_ms": NOW_MS + 90 * DAY_MS,
    }  # fmt: skip
    due = {}
    for urgency in (1, 2, 3, 4):
        shown = await run_command(core, "referral.preview", {**asked, "urgency": urgency})
        due[urgency] = athens(shown["reply_by_ms"])
    assert due == {1: "Fri 15 13:00", 2: "Mon 18 14:00", 3: "Fri 22 17:00", 4: "Fri 12 17:00"}
    own = {**asked, "urgency": 3, "reply_by_ms": NOW_MS + HOUR_MS}
    assert (await run_command(core, "referral.preview", own))["reply_by_ms"] == NOW_MS + HOUR_MS
    short = {**asked, "urgency": 4, "expires_at_ms": NOW_MS + DAY_MS}
    assert (await run_command(core, "referral.preview", short))["reply_by_ms"] == NOW_MS + DAY_MS
