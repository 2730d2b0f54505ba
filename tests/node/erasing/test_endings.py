"""What time brings about: expiry, the end of consent, retention, and what holds it up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from node.erasing.holds import hold_case, release_case
from node.erasing.notices import CLOSED, FOUND, News
from node.erasing.retention import DAYS, OTHERWISE_DAYS, kept_days
from node.erasing.versions import add_version, newest
from node.errors import NodeError
from node.reminding.desk import look_at_desk
from node.store import erasures
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2
from protocol.pb.homeward.v1.message_pb2 import Acknowledge, Note
from protocol.vocabulary import VOCABULARIES
from tests.node.erasing.conftest import ANSWER, LATIN, SECRETS, Scene
from tests.support.network import BE, DAY_MS, GR
from tests.support.nodes import NOW_MS
from tests.support.snapshots import snapshot

TOLD = "Seen near the lighthouse."
SOON_MS = NOW_MS + 10 * DAY_MS
CONSENT = {
    "purpose": "locate_child",
    "art6_basis": "consent",
    "police_informed": "with_reference",
    "consent_given_by": ["child"],
    "consent_purposes": ["locate_child"],
    "consent_expires_at_ms": SOON_MS,
}


def at(scene: Scene, now_ms: int, *, is_borne_out: bool = True) -> None:
    """Let it be that time, and a peer have shown that it is."""
    scene.network.clock.at_ms = now_ms
    if is_borne_out:
        for core in scene.network.cores.values():
            core.context.clocks.bear_out(now_ms, now_ms)


async def test_an_alert_past_its_expiry_is_erased_by_the_recipients_node(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer(kind="alert", expires_at_ms=SOON_MS))
    gr = scene.network.cores[GR]
    at(scene, SOON_MS - 1)
    assert (await gr.endings.look()).copies_count == 0
    assert set(scene.found(GR)) == set(SECRETS[:4])
    at(scene, SOON_MS)
    assert (await gr.endings.look()).copies_count == 1
    assert scene.found(GR) == {}
    assert scene.blobs(GR) == []
    view = await gr.legs.view(leg)
    assert (view.state, [row.name for row in view.messages]) == (State.EXPIRED, ["referral"])
    (row,) = await gr.store.read(lambda db: erasures.of_leg(db, leg))
    assert (row.reason, row.made_by) == ("expired", "")
    before = await snapshot(gr)
    assert (await gr.endings.look()).copies_count == 0
    assert await snapshot(gr) == before
    # The sender's own copy goes with its case.
    assert LATIN in scene.found(BE)


async def test_a_node_to_which_nobody_speaks_asks_how_late_it_is(scene: Scene) -> None:
    await scene.arrived(await scene.refer(kind="alert", expires_at_ms=SOON_MS))
    at(scene, SOON_MS, is_borne_out=False)
    be, gr = (scene.network.cores[name] for name in (BE, GR))
    await be.turn_epochs()
    assert gr.endings.is_time_in_doubt
    await gr.sweep()
    assert not gr.endings.is_time_in_doubt
    assert scene.found(GR) == {}


async def test_a_clock_that_leapt_ahead_erases_nothing(scene: Scene) -> None:
    await scene.arrived(await scene.refer(kind="alert", expires_at_ms=SOON_MS))
    gr = scene.network.cores[GR]
    at(scene, SOON_MS + 1, is_borne_out=False)
    assert (await gr.endings.look()).copies_count == 0
    assert LATIN in scene.found(GR)


async def test_what_comes_after_the_expiry_does_not_stay(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer(kind="alert", expires_at_ms=SOON_MS))
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    scene.network.unplug(GR)
    await be.legs.step(leg, Note(text={"text": ANSWER, "language": "en"}), made_by="anna")
    at(scene, SOON_MS)
    await gr.endings.look()
    scene.network.plug(GR)
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    assert set(scene.found(GR)) == {ANSWER}
    await gr.endings.look()
    assert scene.found(GR) == {}


async def test_the_end_of_consent_ends_the_copy(scene: Scene) -> None:
    await scene.arrived(await scene.refer(legal_basis=CONSENT))
    gr = scene.network.cores[GR]
    await gr.endings.look()
    at(scene, SOON_MS)
    assert (await gr.endings.look()).copies_count == 1
    assert scene.found(GR) == {}


async def test_the_end_of_an_explicit_consent_to_special_data_ends_the_copy(scene: Scene) -> None:
    explicit = {"art6_basis": "public_task", "art9_condition": "explicit_consent"}
    await scene.arrived(await scene.refer(legal_basis=CONSENT | explicit))
    gr = scene.network.cores[GR]
    at(scene, SOON_MS)
    assert (await gr.endings.look()).copies_count == 1
    assert scene.found(GR) == {}


@pytest.mark.parametrize("author", [BE, GR])
async def test_the_end_of_a_consent_of_its_own_ends_that_step_alone(
    scene: Scene, author: NodeId
) -> None:
    leg = await scene.worked_on(await scene.arrived(await scene.refer()))
    reader = BE if author == GR else GR
    told = case_pb2.Case(circumstances={"text": {"text": TOLD, "language": "en"}})
    note = Note(disclosure=told, legal_basis=CONSENT)
    note.mask.paths.append("circumstances.text")
    await scene.network.step(author, leg, note)
    await scene.same_steps(leg)
    core = scene.network.cores[reader]
    rows = (await core.legs.view(leg)).messages
    assert rows[-1].name == "note"
    at(scene, SOON_MS - 3_600_000)
    assert (await core.endings.look()).copies_count == 0
    at(scene, SOON_MS)
    assert (await core.endings.look()).copies_count == 1
    left = (await core.legs.view(leg)).messages
    assert [row.salt != b"" for row in left] == [True] * (len(rows) - 1) + [False]
    assert TOLD.encode() not in left[-1].payload
    assert set(scene.found(reader)) == set(SECRETS)
    (row,) = await core.store.read(lambda db: erasures.of_leg(db, leg))
    assert (row.what, row.reason) == ("message", "consent_ended")
    assert (await core.endings.look()).copies_count == 0
    # A restored database is told so again.
    record, salt = row.record, rows[-1].salt
    await core.store.write(lambda db: _as_before(db, rows[-1], salt))
    assert await core.erasing.replay([record]) == 1
    assert [row.salt for row in (await core.legs.view(leg)).messages] == [row.salt for row in left]


def _as_before(db, row, salt: bytes) -> None:
    db.execute("DELETE FROM erasures")
    db.execute(
        "UPDATE messages SET salt = ?, payload = ? WHERE message_id = ? AND direction = ?",
        [salt, row.payload, row.message_id, row.direction],
    )


async def test_a_refused_request_keeps_a_step_past_the_end_of_its_consent(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    told = case_pb2.Case(circumstances={"text": {"text": TOLD, "language": "en"}})
    note = Note(disclosure=told, legal_basis=CONSENT)
    note.mask.paths.append("circumstances.text")
    await scene.network.step(BE, leg, note)
    await be.erasing.ask(leg, "consent_withdrawn", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    await gr.erasing.refuse_leg(leg, "authority_order", made_by="nikos")
    at(scene, SOON_MS)
    assert (await gr.endings.look()).copies_count == 0


@pytest.mark.parametrize(("basis", "is_kept"), [("legal_obligation", True), ("consent", False)])
async def test_a_copy_that_is_kept_on_another_basis_outlives_the_consent(
    scene: Scene, basis: str, is_kept: bool
) -> None:
    await scene.arrived(await scene.refer(legal_basis=CONSENT))
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    telling = await be.notices.tell(
        scene.case_id, News(notice=FOUND, outcome="located_safe"), made_by="anna"
    )
    be.delivery.wake(GR)
    ((_, notice),) = telling.told
    await scene.network.reach(notice, State.DELIVERED, BE, GR)
    await gr.legs.step(notice, Acknowledge(copy="kept", kept_basis=basis), made_by="nikos")
    at(scene, SOON_MS)
    await gr.endings.look()
    assert (LATIN in scene.found(GR)) == is_kept


async def test_a_refused_request_keeps_a_copy_past_its_expiry(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer(expires_at_ms=SOON_MS))
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    await be.erasing.ask(leg, "no_longer_needed", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    await gr.erasing.refuse_leg(leg, "authority_order", made_by="nikos")
    at(scene, SOON_MS)
    await gr.endings.look()
    assert LATIN in scene.found(GR)


# --- retention and holds


async def test_a_case_is_erased_when_its_time_is_over_and_people_were_warned(scene: Scene) -> None:
    core = scene.network.cores[BE]
    news = News(notice=CLOSED, outcome="turned_18")
    telling = await core.notices.tell(scene.case_id, news, made_by="anna")
    assert telling.kept_until_ms is not None
    warned_ms = telling.kept_until_ms - 30 * DAY_MS
    at(scene, warned_ms - 1)
    await core.endings.look()
    assert await core.endings.soon_over() == []
    at(scene, warned_ms)
    await core.endings.look()
    (soon,) = await core.endings.soon_over()
    assert (soon.case_id, soon.warned_at_ms) == (scene.case_id, warned_ms)
    (ending,) = (await look_at_desk(core.context, core.reminding)).endings
    assert (ending.what, ending.subject) == ("retention", scene.case_id)
    assert ending.at_ms == telling.kept_until_ms
    at(scene, telling.kept_until_ms - 1)
    assert (await core.endings.look()).cases_count == 0
    at(scene, telling.kept_until_ms)
    assert (await core.endings.look()).cases_count == 1
    assert scene.found(BE) == {}
    row = await core.store.read(lambda db: erasures.of_case(db, scene.case_id))
    assert row is not None
    assert (row.reason, row.made_by) == ("retention_over", "")


async def test_nobody_is_taken_by_surprise(scene: Scene) -> None:
    """A node that was off for years warns first."""
    core = scene.network.cores[BE]
    telling = await core.notices.tell(scene.case_id, News(notice=CLOSED), made_by="anna")
    assert telling.kept_until_ms is not None
    late_ms = telling.kept_until_ms + 400 * DAY_MS
    at(scene, late_ms)
    assert (await core.endings.look()).cases_count == 0
    at(scene, late_ms + 30 * DAY_MS)
    assert (await core.endings.look()).cases_count == 1


async def test_a_hold_stops_people_and_clocks_until_it_is_released(scene: Scene) -> None:
    core = scene.network.cores[BE]
    telling = await core.notices.tell(scene.case_id, News(notice=CLOSED), made_by="anna")
    assert telling.kept_until_ms is not None
    await hold_case(core.context, scene.case_id, "court", made_by="anna", why="hearing in May")
    before = await snapshot(core)
    with pytest.raises(NodeError) as refusal:
        await core.erasing.erase_case(scene.case_id, "retention_over", made_by="anna")
    assert refusal.value.code == "on_hold"
    assert await snapshot(core) == before
    at(scene, telling.kept_until_ms - DAY_MS)
    await core.endings.look()
    at(scene, telling.kept_until_ms + 40 * DAY_MS)
    assert (await core.endings.look()).cases_count == 0
    await release_case(core.context, scene.case_id, made_by="anna")
    assert (await core.endings.look()).cases_count == 1
    with pytest.raises(NodeError) as refusal:
        await hold_case(core.context, scene.case_id, "court", made_by="anna")
    assert refusal.value.code == "unknown_case"


async def test_a_case_that_goes_on_is_not_erased(scene: Scene) -> None:
    core = scene.network.cores[BE]
    telling = await core.notices.tell(scene.case_id, News(notice=CLOSED), made_by="anna")
    assert telling.kept_until_ms is not None
    await changed(scene, status="open")
    at(scene, telling.kept_until_ms)
    await core.endings.look()
    at(scene, telling.kept_until_ms + 100 * DAY_MS)
    assert (await core.endings.look()).cases_count == 0
    assert LATIN in scene.found(BE)


async def test_the_day_that_people_set_counts(scene: Scene) -> None:
    core = scene.network.cores[BE]
    telling = await core.notices.tell(scene.case_id, News(notice=CLOSED), made_by="anna")
    assert telling.kept_until_ms is not None
    await changed(scene, ends_on=case_pb2.PartialDate(year=2040, month=2))
    at(scene, telling.kept_until_ms)
    await core.endings.look()
    at(scene, telling.kept_until_ms + 100 * DAY_MS)
    assert (await core.endings.look()).cases_count == 0
    march_ms = int(datetime(2040, 3, 1, tzinfo=UTC).timestamp() * 1000)
    at(scene, march_ms - 30 * DAY_MS)
    await core.endings.look()
    at(scene, march_ms - 1)
    assert (await core.endings.look()).cases_count == 0
    at(scene, march_ms)
    assert (await core.endings.look()).cases_count == 1


async def changed(scene: Scene, *, status: str = "", ends_on=None) -> None:
    """Change the case as a person does."""
    core = scene.network.cores[BE]

    def job(db) -> None:
        _, case = newest(db, scene.case_id)
        case.status = status or case.status
        if ends_on is not None:
            case.retention.ends_on.CopyFrom(ends_on)
        add_version(db, core.context, case, made_by="anna", reason="x")

    await core.store.write(job)


async def test_only_what_is_held_is_released(scene: Scene) -> None:
    core = scene.network.cores[BE]
    with pytest.raises(NodeError) as refusal:
        await release_case(core.context, scene.case_id, made_by="anna")
    assert refusal.value.code == "not_on_hold"


def test_the_closest_rule_counts_and_a_nodes_own_before_that() -> None:
    assert kept_days("runaway", "not_located", {}) == (DAYS["not_located"], "outcome_rule")
    assert kept_days("runaway", "located_safe", {}) == (DAYS["runaway"], "category_rule")
    assert kept_days("", "", {}) == (OTHERWISE_DAYS, "category_rule")
    own = {"runaway": 100, "runaway/located_safe": 50, "not_located": 70}
    assert kept_days("runaway", "located_safe", own) == (50, "outcome_rule")
    assert kept_days("runaway", "located_harmed", {"runaway": 100})[0] == DAYS["located_harmed"]
    assert kept_days("runaway", "", own) == (100, "category_rule")
    assert kept_days("runaway", "not_located", own) == (70, "outcome_rule")


def test_times_are_for_codes_that_there_are() -> None:
    assert set(VOCABULARIES["category"].codes) <= set(DAYS)
    known = {*VOCABULARIES["category"].codes, *VOCABULARIES["outcome"].codes}
    assert set(DAYS) <= known
