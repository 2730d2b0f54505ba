"""What could not be delivered is told by telephone: it is asked for until somebody says so."""

from __future__ import annotations

import pytest

from keys.members import MemberStatus
from node.commands import run_command
from node.errors import ArgumentError, NodeError
from node.reminding.mails import reminder_mail
from node.reminding.waits import Wait, What
from node.store import reminders, tellings
from protocol import limits
from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from tests.node.reminding.test_desk import desk
from tests.node.reminding.test_reminding import told as reminded
from tests.node.reminding.test_waits import claimed, referred
from tests.support import contents
from tests.support.network import BE, DAY_MS, FR, GR, SECRET, Network, settled
from tests.support.nodes import NOW_MS
from tests.support.snapshots import snapshot

TOLD_LATEST_MS = tellings.TOLD_LATEST_DAYS * DAY_MS
LONG = {"expires_at_ms": NOW_MS + 300 * DAY_MS}


async def to_telephone(network: Network, name: NodeId, leg: LegId) -> list[Wait]:
    """Return what is to be told: the same, whether a node looks at all legs or at this one."""
    found = []
    for asked in (b"", leg):
        living = await network.cores[name].reminding.living(asked)
        waits = [wait for each in living for wait, _ in each.waits if wait.leg.leg_id == leg]
        found.append([wait for wait in waits if wait.what is What.TELEPHONE])
    assert found[0] == found[1]
    return found[0]


async def give_up(network: Network, after_ms: int, *, count: int = 1, name: NodeId = BE) -> None:
    """Let so much time pass that a node gives up what waits; France is there to bear it out."""
    if FR not in network.cores:
        await network.open(FR)
    # What was known of the leg before must not stay what is known.
    await network.cores[name].reminding.living()
    network.clock.at_ms += after_ms
    await network.cores[FR].turn_epochs()
    await network.cores[name].descriptors.refresh(FR)
    assert await network.cores[name].answers.expire() == count


async def lost_note(network: Network, **changes) -> LegId:
    """Let Belgium write two notes on a leg that Greece has claimed, and give them up."""
    leg = await claimed(network, **{**LONG, **changes})
    network.unplug(GR)
    for _ in range(2):
        await network.step(BE, leg, contents.note())
    await give_up(network, limits.LIFETIME_MS, count=2)
    return leg


async def tell(network: Network, name: NodeId, leg: LegId, **more) -> dict:
    arguments = {"leg": leg.hex(), "how": "telephone", "made_by": "Anna", **more}
    return await run_command(network.cores[name], "referral.told", arguments)


async def shown(network: Network, name: NodeId, leg: LegId) -> dict:
    return await run_command(network.cores[name], "referral.show", {"leg": leg.hex()})


# --- the story


async def test_a_note_that_is_given_up_stands_on_the_desk_until_they_were_told(
    line: Network,
) -> None:
    leg = await lost_note(line, urgency=2)
    known_ms = line.clock.at_ms
    overdue = (await desk(line, BE))["sections"][0]
    assert (overdue["section"], overdue["count"]) == ("overdue", 1)
    (task,) = overdue["tasks"]
    facts = ("leg", "what", "is_ours", "since_ms", "due_ms", "state", "stage")
    assert [task[each] for each in facts] == [
        leg.hex(), "telephone", True, known_ms, known_ms, "undeliverable", "supervisor",
    ]  # fmt: skip
    # Who claimed it there is rung.
    assert task["contact"]["telephone"] == contents.claim().contact_telephone
    assert await reminded(line, BE) == ["u2 telephone supervisor 3"]
    assert await reminded(line, BE) == []
    (lost,) = (await shown(line, BE, leg))["undelivered"]
    assert (lost["steps"], lost["is_theirs"], lost["is_refused"]) == (["note"] * 2, False, False)

    line.clock.at_ms += DAY_MS
    answer = await tell(line, BE, leg, how="email")
    assert answer == {"leg": leg.hex(), "peer": GR, "how": "email"}
    assert (await desk(line, BE))["sections"][0]["tasks"] == []
    assert await reminded(line, BE) == []
    after = await shown(line, BE, leg)
    assert after["undelivered"] == []
    assert after["told"] == [{"how": "email", "made_by": "Anna", "at_ms": line.clock.at_ms}]
    looks = await run_command(line.cores[BE], "audit.accesses", {"subject": leg.hex()})
    assert ("Anna", "referral.told") in [
        (each["who"], each["action"]) for each in looks["accesses"]
    ]


async def test_nothing_of_it_goes_to_the_peer_or_into_the_log(line: Network) -> None:
    leg = await lost_note(line)
    before = await snapshot(line.cores[BE])
    posts = len(line.link.posts)
    await tell(line, BE, leg)
    await settled()
    after = await snapshot(line.cores[BE])
    assert (after.leaves, after.tables["outbox"]) == (before.leaves, before.tables["outbox"])
    assert after.tables["messages"] == before.tables["messages"]
    assert len(line.link.posts) == posts


# --- who has to tell what


async def test_a_referral_that_is_given_up_is_told_also_past_its_end(line: Network) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR, expires_at_ms=NOW_MS + DAY_MS)
    await settled()
    assert await to_telephone(line, BE, leg) == []
    await give_up(line, DAY_MS)
    (wait,) = await to_telephone(line, BE, leg)
    assert wait.cause.startswith("out1-")
    assert (wait.since_ms, wait.ends_ms) == (line.clock.at_ms, line.clock.at_ms + TOLD_LATEST_MS)


async def test_what_is_over_and_not_yet_given_up_stays_on_the_desk(line: Network) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR, urgency=1, expires_at_ms=NOW_MS + DAY_MS)
    await settled()
    # No peer has shown that it is that late: it may be this clock alone.
    line.clock.at_ms += DAY_MS
    assert await line.cores[BE].answers.expire() == 0
    found = await desk(line, BE)
    assert [(task["leg"], task["what"]) for task in found["sections"][0]["tasks"]] == [
        (leg.hex(), "delivery")
    ]
    assert found["endings"] == []
    assert await to_telephone(line, BE, leg) == []


async def test_an_outcome_that_is_given_up_after_its_referral_is_over_is_told(
    line: Network,
) -> None:
    leg = await claimed(line, expires_at_ms=NOW_MS + 10 * DAY_MS)
    line.unplug(BE)
    await line.step(GR, leg, contents.accept())
    line.clock.at_ms += 20 * DAY_MS
    await line.cores[GR].reminding.living()
    await give_up(line, 10 * DAY_MS, name=GR)
    assert [wait.cause[:5] for wait in await to_telephone(line, GR, leg)] == ["out2-"]


@pytest.mark.parametrize("days", [20, 300])
async def test_whose_peer_has_given_up_a_step_asks_what_it_was(line: Network, days: int) -> None:
    leg = await claimed(line, expires_at_ms=NOW_MS + days * DAY_MS)
    line.unplug(GR)
    for content in (contents.note(), message_pb2.EraseRequest(reason="subject_request")):
        await line.step(BE, leg, content)
    await give_up(line, limits.LIFETIME_MS)
    line.plug(GR)
    assert await to_telephone(line, GR, leg) == []
    for name in (BE, GR):
        await line.cores[name].turn_epochs()
    await line.wake_when_due()
    await line.reach(leg, State.UNDELIVERABLE if days == 300 else State.EXPIRED, GR)
    # That what they sent is erased here does not tell them what was lost.
    assert await line.cores[GR].erasing.erase_leg(leg, made_by="a") == 1
    line.cores[GR].delivery.wake(BE)
    await settled(1000)
    (wait,) = await to_telephone(line, GR, leg)
    assert wait.cause.startswith("in3-")
    assert wait.since_ms == line.clock.at_ms
    (lost,) = (await shown(line, GR, leg))["undelivered"]
    assert (lost["is_theirs"], lost["steps"]) == (True, [])
    await tell(line, GR, leg)
    assert await to_telephone(line, GR, leg) == []
    # Each side says it for itself.
    assert len(await to_telephone(line, BE, leg)) == 1


async def refused_note(network: Network, leg: LegId) -> None:
    network.amend(GR, BE, status=MemberStatus.SUSPENDED)
    network.unplug(GR)
    await network.step(BE, leg, contents.note())
    await network.step(BE, leg, contents.note())
    network.plug(GR)
    # What was known of the leg before must not stay what is known.
    await network.cores[BE].reminding.living()
    await network.wake_when_due()
    network.amend(GR, BE, status=MemberStatus.ACTIVE)
    assert await network.waiting() == []


async def test_a_refused_step_is_told_and_another_of_its_number_once_more(line: Network) -> None:
    leg = await claimed(line, urgency=1)
    await refused_note(line, leg)
    (first,) = await to_telephone(line, BE, leg)
    assert await line.state(BE, leg) is State.RECEIVED
    assert await reminded(line, BE) == ["u1 telephone phone 5"]
    await tell(line, BE, leg)
    assert await to_telephone(line, BE, leg) == []
    line.clock.at_ms += 1
    await refused_note(line, leg)
    (second,) = await to_telephone(line, BE, leg)
    assert first.cause.partition("-")[0] == second.cause.partition("-")[0] == "out2"
    assert first.cause != second.cause
    assert "u1 telephone phone 5" in await reminded(line, BE)
    rows = await line.cores[BE].store.read(lambda db: reminders.of_leg(db, leg))
    assert {row.cause for row in rows if row.what == "telephone"} == {first.cause, second.cause}


async def test_a_request_to_erase_what_never_came_is_not_told(line: Network) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR, expires_at_ms=NOW_MS + DAY_MS)
    await give_up(line, DAY_MS)
    await tell(line, BE, leg)
    line.plug(GR)
    await line.step(BE, leg, message_pb2.EraseRequest(reason="sent_in_error"))
    await line.wake_when_due()
    (_, request) = (await line.cores[BE].legs.view(leg)).messages
    assert request.settled == "refused"
    assert await to_telephone(line, BE, leg) == []


async def test_a_request_to_erase_that_is_given_up_is_told(line: Network) -> None:
    leg = await referred(line, **LONG)
    line.unplug(GR)
    await line.step(BE, leg, message_pb2.EraseRequest(reason="sent_in_error"))
    await give_up(line, limits.LIFETIME_MS + limits.LEG_LIFETIME_MS)
    assert [wait.cause[:5] for wait in await to_telephone(line, BE, leg)] == ["out2-"]


async def test_on_a_leg_that_is_broken_off_nobody_waits_for_an_answer(line: Network) -> None:
    leg = await claimed(line, **LONG)
    await line.step(GR, leg, contents.accept())
    await line.step(GR, leg, contents.ask())
    await line.reach(leg, State.INFO_NEEDED, BE, GR)
    line.unplug(GR)
    await line.step(BE, leg, contents.note())
    await give_up(line, limits.LIFETIME_MS)
    (living,) = await line.cores[BE].reminding.living()
    assert [wait.what for wait, _ in living.waits] == [What.TELEPHONE]


# --- how it ends


async def test_it_ends_when_the_referral_was_sent_again(line: Network) -> None:
    core = line.cores[BE]
    case = case_pb2.Case(category="runaway", status="open")
    case_id = await core.cases.add(case, [], made_by="a", reason="")
    line.unplug(GR)
    values = {
        "to": GR, "case_id": case_id, "kind": "tracing_request", "urgency": 2, "ask": "Seen?",
        "purpose": "locate_child", "art6": "public_task", "police_informed": "with_reference",
        "field": ["category"], "reply_by_ms": 0, "expires_at_ms": NOW_MS + DAY_MS,
    }  # fmt: skip
    sent = await run_command(core, "referral.send", {**values, "made_by": "a"})
    leg = LegId(bytes.fromhex(sent["leg"]))
    await give_up(line, DAY_MS)
    assert len(await to_telephone(line, BE, leg)) == 1
    again = {**values, "to": FR, "follows": leg.hex(), "expires_at_ms": NOW_MS + 9 * DAY_MS}
    await run_command(core, "referral.send", {**again, "made_by": "a"})
    assert await to_telephone(line, BE, leg) == []
    with pytest.raises(NodeError, match="to be told"):
        await tell(line, BE, leg)


async def test_it_ends_when_it_is_too_late_to_be_told(line: Network) -> None:
    leg = await lost_note(line)
    line.clock.at_ms += TOLD_LATEST_MS - 1
    assert len(await to_telephone(line, BE, leg)) == 1
    line.clock.at_ms += 1
    assert await to_telephone(line, BE, leg) == []
    assert (await shown(line, BE, leg))["undelivered"] == []
    with pytest.raises(NodeError, match="to be told"):
        await tell(line, BE, leg)


async def test_it_ends_with_the_case_but_a_request_to_erase_it_has_to_arrive(
    line: Network,
) -> None:
    core = line.cores[BE]
    case = case_pb2.Case(category="runaway", status="open")
    case_id = await core.cases.add(case, [], made_by="a", reason="")
    referral = contents.opening("tracing_request", **LONG)
    leg, _ = await core.legs.open(GR, referral, case_id=case_id, made_by="a")
    core.delivery.wake(GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    line.unplug(GR)
    await line.step(BE, leg, contents.note())
    await give_up(line, limits.LIFETIME_MS)
    assert len(await to_telephone(line, BE, leg)) == 1
    await core.erasing.erase_case(case_id, "retention_over", made_by="a", has_also_open=True)
    assert await to_telephone(line, BE, leg) == []
    await give_up(line, limits.LIFETIME_MS + limits.LEG_LIFETIME_MS)
    (wait,) = await to_telephone(line, BE, leg)
    assert wait.cause.startswith("out3-")


async def test_nothing_is_to_be_told_of_what_arrives_late(line: Network) -> None:
    leg = await claimed(line, **LONG)
    line.unplug(GR)
    await line.step(BE, leg, contents.note())
    line.clock.at_ms += 20 * DAY_MS
    assert await to_telephone(line, BE, leg) == []
    line.plug(GR)
    for name in (BE, GR):
        await line.cores[name].turn_epochs()
    await line.wake_when_due()
    await settled()
    assert await line.waiting() == []
    assert await to_telephone(line, BE, leg) == []


# --- what is refused


async def test_what_cannot_be_told_is_refused_by_name_and_changes_nothing(line: Network) -> None:
    lost = await lost_note(line)
    fine = await line.refer(BE, FR, **LONG)
    await line.reach(fine, State.DELIVERED, BE, FR)
    before = await snapshot(line.cores[BE])
    refused = {
        "nothing_to_tell": (fine, {}),
        "unknown_leg": (LegId(bytes(16)), {}),
        "argument_invalid": (lost, {"how": "by pigeon"}),
    }
    for code, (leg, given) in refused.items():
        with pytest.raises((NodeError, ArgumentError)) as error:
            await tell(line, BE, leg, **given)
        assert error.value.code == code
    # Of something else that was lost nobody says anything.
    with pytest.raises(NodeError, match="to be told"):
        await tell(line, BE, lost, causes=["out9-00"])
    assert await snapshot(line.cores[BE]) == before


async def test_told_twice_is_refused_and_the_first_who_said_it_stays(line: Network) -> None:
    leg = await lost_note(line)
    await tell(line, BE, leg)
    before = await snapshot(line.cores[BE])
    with pytest.raises(NodeError) as error:
        await tell(line, BE, leg, made_by="Berta", how="other")
    assert error.value.code == "nothing_to_tell"
    assert await snapshot(line.cores[BE]) == before


async def test_only_what_somebody_has_seen_is_told(line: Network) -> None:
    leg = await claimed(line, urgency=2)
    await refused_note(line, leg)
    (seen,) = await to_telephone(line, BE, leg)
    line.clock.at_ms += 1
    await refused_note(line, leg)
    await tell(line, BE, leg, causes=[seen.cause])
    (left,) = await to_telephone(line, BE, leg)
    assert left.cause != seen.cause
    await tell(line, BE, leg)
    assert await to_telephone(line, BE, leg) == []


# --- mail


async def test_the_mail_says_to_telephone_and_nothing_of_the_case(line: Network) -> None:
    leg = await lost_note(line, urgency=2)
    (living,) = await line.cores[BE].reminding.living(leg)
    ((wait, stage),) = living.waits
    assert stage is not None
    mail = reminder_mail(wait, stage, now_ms=line.clock.at_ms, domain=BE)
    assert mail.subject == (
        "Homeward: take the telephone: something could not be delivered (U2)"
    )  # fmt: skip
    words = (SECRET, "tracing", GR, "Greece", "note", "+30", leg.hex()[:9])
    assert not [word for word in words if word in mail.body + mail.subject]
    assert mail.body.startswith("Something of a referral could not be delivered. Telephone")
