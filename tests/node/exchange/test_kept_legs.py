"""What desk, lists and figures keep of all legs says the same as what is read anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.app import Core
from node.exchange.briefs import Briefs
from node.figures.figures import Figures
from node.reminding.reminding import Reminding
from node.store import leg_changes, messages
from protocol.exchange.leg import State
from protocol.ids import LegId
from protocol.pb.homeward.v1 import case_pb2
from tests.support import contents
from tests.support.network import BE, DAY_MS, GR, Network
from tests.support.nodes import NOW_MS, make_federation, until


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Network]:
    """Belgium and Greece, on the line."""
    network = Network(make_federation(tmp_path, (BE, GR)))
    for name in (BE, GR):
        await network.open(name)
        network.plug(name)
    yield network
    await network.close()


async def all_told(core: Core) -> list[object]:
    """Return all that is kept; figures as they are when nothing is counted any more."""
    await core.figures.count(0)
    await core.figures.finish()
    counted = [await core.figures.count(year) for year in (0, 2027)]
    return await legs_told(core.reminding, core.briefs) + [counted]


async def legs_told(reminding: Reminding, briefs: Briefs) -> list[object]:
    return [await reminding.living(), await reminding.due_ms(), await briefs.all()]


async def is_true(core: Core) -> bool:
    """Whether all that is kept is as if it were read for the first time."""
    rules = core.reminding.rules
    fresh = Reminding(core.context, core.legs, rules, lambda *_: None)
    briefs, figures = Briefs(core.context), Figures(core.context)
    counted = [await figures.count(year) for year in (0, 2027)]
    return await all_told(core) == await legs_told(fresh, briefs) + [counted]


async def both_true(line: Network) -> bool:
    return all([await is_true(core) for core in line.cores.values()])


async def with_case(line: Network) -> tuple[str, LegId]:
    core = line.cores[BE]
    case = case_pb2.Case(category="runaway", status="open")
    case.children.add(id="c1", sex="female")
    case_id = await core.cases.add(case, [], made_by="a", reason="")
    leg = await line.refer(BE, GR)
    await core.store.write(lambda db: messages.set_case(db, leg, case_id))
    await line.reach(leg, State.DELIVERED, BE, GR)
    return case_id, leg


async def test_it_is_true_after_each_step_and_each_delivery(line: Network) -> None:
    assert await both_true(line)
    line.unplug(GR)
    leg = await line.refer(BE, GR)
    assert await both_true(line)
    line.plug(GR)
    await line.wake_when_due()
    await line.reach(leg, State.DELIVERED, BE, GR)
    assert await both_true(line)
    happened_ms = line.clock.at_ms
    for content, state in (
        (contents.claim(), State.RECEIVED),
        (contents.accept(next_answer_by_ms=NOW_MS + DAY_MS), State.ACCEPTED),
        (contents.outcome(happened_at_ms=happened_ms), State.OUTCOME_REPORTED),
    ):
        line.clock.at_ms += 60_000
        await line.step(GR, leg, content)
        assert await both_true(line)
        await line.reach(leg, state, BE, GR)
        assert await both_true(line)


async def test_it_is_true_when_time_goes_on_and_when_a_clock_is_put_back(line: Network) -> None:
    leg = await line.refer(BE, GR, kind="alert", expires_at_ms=NOW_MS + DAY_MS)
    await line.reach(leg, State.DELIVERED, BE, GR)
    assert await both_true(line)
    told = await all_told(line.cores[BE])
    line.clock.at_ms += 2 * DAY_MS
    assert await both_true(line)
    assert await all_told(line.cores[BE]) != told
    line.clock.at_ms -= 2 * DAY_MS
    assert await both_true(line)
    assert await all_told(line.cores[BE]) == told


async def test_it_is_true_when_a_leg_is_dropped_and_another_takes_its_place(line: Network) -> None:
    core = line.cores[BE]
    line.unplug(GR)
    first = await line.refer(BE, GR)
    before = await all_told(core)
    seen = await core.store.read(leg_changes.seen)
    await core.store.write(lambda db: messages.delete_leg(db, first))
    second = await line.refer(BE, GR, kind="info_request")
    after = await core.store.read(leg_changes.seen)
    # The new message stands where the one stood that is gone.
    assert (seen.place, seen.legs) == (after.place, after.legs)
    assert await is_true(core)
    assert await all_told(core) != before
    assert [each.leg_id for each in await core.briefs.all()] == [second]
    third = await line.refer(BE, GR)
    assert await is_true(core)
    # Now one that does not stand last.
    await core.store.write(lambda db: messages.delete_leg(db, second))
    assert await is_true(core)
    assert [each.leg_id for each in await core.briefs.all()] == [third]


async def test_it_is_true_when_a_leg_is_found_to_be_about_a_case(line: Network) -> None:
    leg = await line.refer(BE, GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    greece = line.cores[GR]
    (before,) = await greece.reminding.living()
    await greece.store.write(lambda db: messages.set_case(db, leg, "gr.example/x"))
    assert await is_true(greece)
    (after,) = await greece.reminding.living()
    assert (before.view.row.case_id, after.view.row.case_id) == (None, "gr.example/x")


async def test_it_is_true_when_a_leg_or_a_case_was_erased(line: Network) -> None:
    case_id, leg = await with_case(line)
    for content in (contents.claim(), contents.accept(next_answer_by_ms=NOW_MS + DAY_MS)):
        await line.step(GR, leg, content)
    await line.reach(leg, State.ACCEPTED, BE, GR)

    async def is_settled() -> bool:
        return not any(brief.has_waiting for brief in await line.cores[GR].briefs.all())

    # A leg with a message that waits would be looked at in any case.
    await until(is_settled)
    assert await both_true(line)
    (*_, (counted, _)) = await all_told(line.cores[BE])
    assert counted["cases"]["new"] == 1
    await line.cores[GR].erasing.erase_leg(leg, made_by="a")
    assert await both_true(line)
    await line.cores[BE].erasing.erase_case(
        case_id, "subject_request", made_by="a", has_also_open=True
    )
    assert await both_true(line)
    (*_, (counted, _)) = await all_told(line.cores[BE])
    assert counted["cases"]["new"] == 0


async def test_figures_follow_each_version_and_say_of_when_they_are(line: Network) -> None:
    case_id, _ = await with_case(line)
    core = line.cores[BE]
    assert await is_true(core)
    for version, status in enumerate(("closed", "open", "closed"), 1):
        case = case_pb2.Case()
        case.CopyFrom((await core.cases.get(case_id)).case)
        case.status = status
        case.children[0].sex = "unknown"
        await core.cases.change(case_id, version, case, made_by="a", reason="x")
        counted = await core.figures.count(0)
        (by_status,) = (each for each in counted["tables"] if each["name"] == "cases_by_status")
        assert [row["code"] for row in by_status["rows"]] == [status]
        assert "at_ms" not in counted
        assert await is_true(core)
    counted_ms = line.clock.at_ms
    line.clock.at_ms += DAY_MS
    await core.erasing.erase_case(case_id, "subject_request", made_by="a", has_also_open=True)
    # It takes a while to count all again: until then, what was counted yesterday.
    old = await core.figures.count(0)
    assert (old["cases"]["new"], old["at_ms"]) == (1, counted_ms)
    await core.figures.finish()
    assert (await core.figures.count(0))["cases"]["new"] == 0


async def test_what_has_not_changed_is_not_read_again(
    line: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    legs = [await line.refer(BE, GR) for _ in range(3)]
    for leg in legs:
        await line.reach(leg, State.DELIVERED, BE, GR)
    core, of_leg, read = line.cores[BE], messages.of_leg, list[bytes]()
    await all_told(core)

    def noted(db, leg_id):
        read.append(leg_id)
        return of_leg(db, leg_id)

    await core.legs.step(legs[1], contents.withdraw(), made_by="a")
    monkeypatch.setattr(messages, "of_leg", noted)
    await all_told(core)
    assert set(read) == {legs[1]}
