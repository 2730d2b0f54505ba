"""Who is told, when, how often; and outcomes that close by themselves."""

from __future__ import annotations

import pytest

from keys.members import MemberStatus
from node.exchange.legs import Legs
from node.reminding.levels import LEVELS, LevelTexts, level_of
from node.reminding.rules import Rules
from node.reminding.waits import What
from node.store import reminders
from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import message_pb2
from tests.node.reminding.test_waits import accepted, referred
from tests.support import contents
from tests.support.network import BE, GR, Network
from tests.support.nodes import NOW_MS

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


async def told(network: Network, name: NodeId) -> list[str]:
    """Let a node look, and return what it told by that."""
    network.reports[name].clear()
    await network.cores[name].remind()
    return [code for event, _, code in network.reports[name] if event == "reminder"]


async def told_each_minute(network: Network, name: NodeId, minutes: int) -> dict[int, str]:
    found = {}
    for minute in range(minutes + 1):
        network.clock.at_ms = NOW_MS + minute * MINUTE_MS
        for code in await told(network, name):
            found[minute] = code
    return found


async def test_life_at_risk_is_told_at_10_20_and_30_minutes_then_to_others(line: Network) -> None:
    await referred(line, urgency=1)
    assert await told_each_minute(line, GR, 90) == {
        10: "u1 claim staff 1",
        20: "u1 claim staff 2",
        30: "u1 claim staff 3",
        40: "u1 claim supervisor 4",
        50: "u1 claim phone 5",
    }


async def test_an_urgent_one_is_told_at_half_and_the_whole_of_its_time(line: Network) -> None:
    await referred(line, urgency=2)
    assert await told_each_minute(line, BE, 240) == {
        60: "u2 claim staff 1",
        120: "u2 claim staff 2",
        180: "u2 claim supervisor 3",
    }


async def test_a_normal_one_is_told_the_day_before_on_the_day_and_weekly(line: Network) -> None:
    await referred(line, urgency=3)
    found = {}
    for hour in range(20 * 24):
        line.clock.at_ms = NOW_MS + hour * HOUR_MS
        for code in await told(line, GR):
            found[hour] = code
    # Due on Monday at 17; the day before, Friday at 9, was over when it came.
    monday_at_9 = 2 * 24 + 23
    monday_at_17 = monday_at_9 + 8
    assert found == {
        monday_at_9: "u3 claim staff 2",
        monday_at_17 + 7 * 24: "u3 claim staff 3",
        monday_at_17 + 14 * 24: "u3 claim staff 4",
    }


async def test_after_a_long_standstill_one_reminder_of_the_highest_level(line: Network) -> None:
    await referred(line, urgency=1)
    line.clock.at_ms += 5 * HOUR_MS
    assert await told(line, GR) == ["u1 claim phone 5"]
    assert await told(line, GR) == []


async def test_nothing_is_told_twice_after_a_restart(line: Network) -> None:
    leg = await referred(line, urgency=1)
    line.clock.at_ms += 11 * MINUTE_MS
    assert await told(line, GR) == ["u1 claim staff 1"]
    await line.close(GR)
    core = await line.open(GR)
    assert await told(line, GR) == []
    rows = await core.store.read(lambda db: reminders.of_leg(db, leg))
    assert [(row.what, row.stage, row.audience) for row in rows] == [("claim", 1, "staff")]


async def test_what_was_told_under_a_clock_that_was_ahead_is_told_again(line: Network) -> None:
    await referred(line, urgency=1)
    line.clock.at_ms = NOW_MS + 2 * HOUR_MS
    assert await told(line, GR) == ["u1 claim phone 5"]
    line.clock.at_ms = NOW_MS + 11 * MINUTE_MS
    assert await told(line, GR) == ["u1 claim staff 1"]
    line.clock.at_ms = NOW_MS + 55 * MINUTE_MS
    assert await told(line, GR) == ["u1 claim phone 5"]


async def test_each_wait_of_a_leg_has_its_own_reminders(line: Network) -> None:
    leg = await referred(line, urgency=1)
    line.clock.at_ms += 11 * MINUTE_MS
    assert await told(line, BE) == ["u1 claim staff 1"]
    await line.step(GR, leg, contents.claim())
    await line.reach(leg, State.RECEIVED, BE, GR)
    assert await told(line, BE) == []
    line.clock.at_ms = NOW_MS + HOUR_MS
    assert await told(line, BE) == ["u1 answer staff 1"]


async def test_a_line_in_the_log_says_nothing_of_the_case(line: Network) -> None:
    await referred(line, urgency=1)
    line.clock.at_ms += 11 * MINUTE_MS
    line.reports[GR].clear()
    await line.cores[GR].remind()
    assert line.reports[GR] == [("reminder", BE, "u1 claim staff 1")]


# --- settings


async def test_the_settings_can_put_other_times_in_the_place_of_the_table(line: Network) -> None:
    texts = LevelTexts(claim="15m", staff=["1"], supervisor=["2"], phone=[])
    levels = {**LEVELS, 1: level_of(LEVELS[1], texts)}
    line.cores[GR].reminding.rules = Rules(levels)
    await referred(line, urgency=1)
    assert await told_each_minute(line, GR, 60) == {
        15: "u1 claim staff 1",
        30: "u1 claim supervisor 2",
    }


# --- outcomes that close by themselves


async def reported(network: Network, **changes) -> LegId:
    changes = {"expires_at_ms": NOW_MS + 90 * DAY_MS, **changes}
    leg = await accepted(network, NOW_MS + 3 * DAY_MS, **changes)
    await network.step(GR, leg, contents.outcome())
    await network.reach(leg, State.OUTCOME_REPORTED, BE, GR)
    return leg


async def at_the_end_of_14_days(network: Network) -> None:
    """Let the time go by, with the keys that are made meanwhile, and a peer that bears it out."""
    network.clock.at_ms = NOW_MS + 14 * DAY_MS
    for core in network.cores.values():
        await core.turn_epochs()
        core.context.clocks.bear_out(network.clock.at_ms, network.clock.at_ms)


async def confirms(network: Network, name: NodeId, leg: LegId) -> list:
    view = await network.cores[name].legs.view(leg)
    return [row for row in view.messages if row.name == "confirm"]


async def test_an_outcome_that_nobody_confirms_is_confirmed_by_the_node(line: Network) -> None:
    leg = await reported(line)
    await at_the_end_of_14_days(line)
    line.clock.at_ms -= 1
    await line.cores[BE].remind()
    assert await line.state(BE, leg) is State.OUTCOME_REPORTED
    line.clock.at_ms += 1
    await line.cores[BE].remind()
    await line.reach(leg, State.CLOSED, BE, GR)
    for name, made_by in ((BE, "node"), (GR, "")):
        (row,) = await confirms(line, name, leg)
        content = message_pb2.Message.FromString(row.payload).confirm
        assert (content.is_automatic, row.made_by) == (True, made_by)
    await line.cores[BE].remind()
    assert len(await confirms(line, BE, leg)) == 1


async def test_the_recipient_never_confirms_by_itself(line: Network) -> None:
    leg = await reported(line)
    await at_the_end_of_14_days(line)
    await line.cores[GR].remind()
    assert await line.state(GR, leg) is State.OUTCOME_REPORTED


async def test_a_clock_that_no_peer_bears_out_closes_nothing(line: Network) -> None:
    leg = await reported(line)
    line.clock.at_ms = NOW_MS + 14 * DAY_MS
    await line.cores[BE].remind()
    assert await line.state(BE, leg) is State.OUTCOME_REPORTED
    assert line.cores[BE].reminding.is_time_in_doubt
    await at_the_end_of_14_days(line)
    await line.cores[BE].remind()
    assert await line.state(BE, leg) is State.CLOSED
    await line.cores[BE].remind()
    assert not line.cores[BE].reminding.is_time_in_doubt


async def test_what_was_disputed_is_not_confirmed(line: Network) -> None:
    leg = await reported(line)
    await at_the_end_of_14_days(line)
    await line.step(BE, leg, contents.dispute())
    await line.cores[BE].remind()
    await line.reach(leg, State.IN_PROGRESS, BE, GR)
    assert await confirms(line, BE, leg) == []


async def test_a_dispute_and_a_new_outcome_in_between_keep_the_node_from_confirming(
    line: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    leg = await reported(line)
    await at_the_end_of_14_days(line)
    step = Legs.step
    is_first = True

    async def slow_step(legs, leg_id, content, **rest):
        nonlocal is_first
        if is_first:
            is_first = False
            await line.step(BE, leg, contents.dispute())
            await line.reach(leg, State.IN_PROGRESS, BE, GR)
            await line.step(GR, leg, contents.outcome(code="located_harmed"))
            await line.reach(leg, State.OUTCOME_REPORTED, BE, GR)
        return await step(legs, leg_id, content, **rest)

    monkeypatch.setattr(Legs, "step", slow_step)
    await line.cores[BE].remind()
    assert await confirms(line, BE, leg) == []
    assert await line.state(BE, leg) is State.OUTCOME_REPORTED


async def test_a_crash_on_either_side_of_the_commit_confirms_exactly_once(line: Network) -> None:
    leg = await reported(line)
    await at_the_end_of_14_days(line)
    core = line.cores[BE]
    write = core.store.write

    class Crash(Exception):
        pass

    async def crash_before(job):
        raise Crash

    async def crash_after(job):
        await write(job)
        raise Crash

    for crash, count in ((crash_before, 0), (crash_after, 1)):
        core.store.write = crash
        with pytest.raises(Crash):
            await core.reminding.confirm_unanswered()
        core.store.write = write
        assert len(await confirms(line, BE, leg)) == count
    await line.close(BE)
    await line.open(BE)
    await at_the_end_of_14_days(line)
    await line.cores[BE].remind()
    assert len(await confirms(line, BE, leg)) == 1
    line.plug(BE)
    await line.reach(leg, State.CLOSED, BE, GR)


async def test_a_peer_that_takes_no_part_is_waited_for(line: Network) -> None:
    leg = await reported(line)
    await at_the_end_of_14_days(line)
    line.amend(BE, GR, status=MemberStatus.SUSPENDED)
    await line.cores[BE].remind()
    assert await line.state(BE, leg) is State.OUTCOME_REPORTED
    line.amend(BE, GR, status=MemberStatus.ACTIVE)
    await line.cores[BE].remind()
    assert await line.state(BE, leg) is State.CLOSED


async def test_an_outcome_is_reminded_of_before_it_closes(line: Network) -> None:
    await reported(line, urgency=1)
    await at_the_end_of_14_days(line)
    line.clock.at_ms -= 20 * HOUR_MS
    assert await told(line, BE) == [f"u1 {What.CONFIRMATION.value} staff 1"]
