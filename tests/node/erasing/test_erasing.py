"""What is erased is nowhere any more, at either node, and both can say that it was."""

from __future__ import annotations

import pytest

from node.cases.holders import Copy, Passage, holders_of
from node.commands import run_command
from node.erasing.notices import FOUND, News
from node.errors import NodeError
from node.store import erasures, messages
from protocol.erasure import parse_record, record_subject
from protocol.exchange.leg import State
from protocol.log import LeafKind, parse_leaf
from protocol.pb.homeward.v1.message_pb2 import Erased, EraseRefused, EraseRequest, Message
from tests.node.erasing.conftest import GREEK, LATIN, PATHS, REFERENCE, SECRETS, Scene
from tests.support.network import BE, DAY_MS, GR
from tests.support.nodes import NOW_MS
from tests.support.snapshots import snapshot


async def holders(scene: Scene, name=BE):
    rows = await scene.network.cores[name].store.read(
        lambda db: messages.of_case(db, scene.case_id)
    )
    return {holder.peer: holder for holder in holders_of(rows)}


async def test_a_search_finds_all_that_is_secret_before(scene: Scene) -> None:
    """Else the tests below could not fail."""
    await scene.worked_on(await scene.arrived(await scene.refer()))
    for name in (BE, GR):
        assert set(scene.found(name)) == set(SECRETS)
        assert len(scene.blobs(name)) == 1


async def test_who_has_what_follows_from_what_went_out(scene: Scene) -> None:
    leg = await scene.refer()
    (holding,) = (await holders(scene))[GR].holdings
    assert (holding.parts[0].passage, holding.copy) == (Passage.WAITING, Copy.HELD)
    await scene.arrived(leg)
    holder = (await holders(scene))[GR]
    assert holder.mask == tuple(sorted(PATHS))
    # What was empty there went to nobody.
    assert {"children.names.full", "police.references.number"} <= set(holder.fields)
    assert not any(field.startswith("children.description") for field in holder.fields)
    assert holder.file_ids == ("f1",)
    (part,) = holder.holdings[0].parts
    assert (part.purpose, part.art6_basis, part.transfer_basis) == (
        "locate_child", "public_task", "eea",
    )  # fmt: skip
    assert part.passage is Passage.DELIVERED
    assert holder.holdings[0].until_ms == NOW_MS + 20 * DAY_MS


async def test_a_peer_erases_when_it_is_asked_and_says_so(scene: Scene) -> None:
    leg = await scene.worked_on(await scene.arrived(await scene.refer()))
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    await be.erasing.ask(leg, "subject_request", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    assert (await holders(scene))[GR].holdings[0].copy is Copy.ERASE_ASKED
    assert (await gr.legs.view(leg)).open_erase_requests == (2,)
    assert await gr.erasing.erase_leg(leg, made_by="nikos") == 1
    assert scene.found(GR) == {}
    assert scene.blobs(GR) == []
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    holding = (await holders(scene))[GR].holdings[0]
    assert (holding.copy, holding.parts[0].mask) == (Copy.ERASED, PATHS)
    # The leg goes on where it was, and both see the same.
    assert {await scene.network.state(name, leg) for name in (BE, GR)} == {State.ACCEPTED}
    assert set(scene.found(BE)) == set(SECRETS)


async def test_what_was_erased_is_in_the_log(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    gr = scene.network.cores[GR]
    await gr.erasing.erase_leg(leg, made_by="nikos")
    (row,) = await gr.store.read(lambda db: erasures.of_leg(db, leg))
    leaves = (await snapshot(gr)).leaves
    leaf = leaves[row.log_position]
    assert (leaf.kind, leaf.subject) == (LeafKind.ERASED, record_subject(row.record))
    record = parse_record(row.record)
    assert (record.leg_id, record.messages_count, len(record.salt)) == (leg, 1, 32)
    (envelope,) = [leaf.subject for leaf in leaves if leaf.kind is LeafKind.RECEIVED]
    assert list(record.envelope_ids) == [envelope]
    assert parse_leaf(leaf.encode()) == leaf


async def test_a_refusal_names_a_reason_in_law_and_nothing_is_erased(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    await be.erasing.ask(leg, "retention_over", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    await gr.erasing.refuse_leg(leg, "legal_obligation", made_by="nikos")
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    holding = (await holders(scene))[GR].holdings[0]
    assert (holding.copy, holding.kept_basis) == (Copy.KEPT, "legal_obligation")
    assert set(scene.found(GR)) >= {SECRETS[0]}
    # It can be asked again, and be obeyed then.
    await be.erasing.ask(leg, "authority_order", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    assert (await holders(scene))[GR].holdings[0].copy is Copy.ERASE_ASKED


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Erased(request=1), "illegal_step"),
        (EraseRefused(request=9, reason="legal_claims"), "illegal_step"),
        (EraseRequest(), "incomplete_step"),
    ],
)
async def test_nobody_answers_what_was_not_asked(scene: Scene, content, code) -> None:
    leg = await scene.arrived(await scene.refer())
    gr = scene.network.cores[GR]
    before = await snapshot(gr)
    with pytest.raises(NodeError) as refusal:
        await gr.legs.step(leg, content, made_by="nikos")
    assert refusal.value.code == code
    assert await snapshot(gr) == before


async def test_a_recipient_has_its_own_answers_erased_and_no_more(scene: Scene) -> None:
    leg = await scene.worked_on(await scene.arrived(await scene.refer()))
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    with pytest.raises(NodeError) as refusal:
        await be.erasing.erase_leg(leg, made_by="anna")
    assert refusal.value.code == "nothing_asked"
    await gr.erasing.ask(leg, "sent_in_error", made_by="nikos")
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    await be.erasing.erase_leg(leg, made_by="anna")
    assert set(scene.found(BE)) == set(SECRETS[:4])
    view = await be.legs.view(leg)
    assert [row.name for row in view.messages if not row.salt] == ["claim", "accept", "note"]


async def test_a_case_is_erased_with_all_that_was_said_of_it(scene: Scene) -> None:
    leg = await scene.worked_on(await scene.arrived(await scene.refer()))
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    before = await snapshot(be)
    with pytest.raises(NodeError) as refusal:
        await be.erasing.erase_case(scene.case_id, "retention_over", made_by="anna")
    assert refusal.value.code == "referrals_open"
    assert await snapshot(be) == before
    found = await be.erasing.erase_case(
        scene.case_id, "retention_over", made_by="anna", has_also_open=True
    )
    assert (found.asked, found.withdrawn) == ([(GR, leg)], [leg])
    assert (found.versions_count, found.files_count) == (1, 1)
    assert scene.found(BE) == {}
    assert scene.blobs(BE) == []
    with pytest.raises(NodeError) as refusal:
        await be.cases.get(scene.case_id)
    assert refusal.value.code == "unknown_case"
    row = await be.store.read(lambda db: erasures.of_case(db, scene.case_id))
    assert row is not None
    assert (row.made_by, row.reason, row.at_ms) == ("anna", "retention_over", NOW_MS)
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    holder = (await holders(scene))[GR]
    assert (holder.fields, holder.holdings[0].copy) == (tuple(sorted(PATHS)), Copy.ERASE_ASKED)
    await gr.erasing.erase_leg(leg, made_by="nikos")
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    assert scene.found(GR) == {}
    assert (await holders(scene))[GR].holdings[0].copy is Copy.ERASED
    assert not (await holders(scene))[GR].has_copy
    # What came after the case had gone is no exception.
    await be.endings.look()
    assert scene.found(BE) == {}


async def test_what_stays_of_a_message_says_nothing_of_the_child(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    gr = scene.network.cores[GR]
    await gr.erasing.erase_leg(leg, made_by="nikos")
    (row,) = (await gr.legs.view(leg)).messages
    referral = Message.FromString(row.payload).referral
    assert {field.name for field, _ in referral.ListFields()} == {
        "kind", "urgency", "legal_basis", "expires_at_ms", "mask",
    }  # fmt: skip
    assert row.salt == b""


# --- what was taken into a case of one's own


async def test_what_was_taken_into_an_own_case_stays_and_both_sides_are_told(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    command = {"leg": leg.hex(), "made_by": "nikos"}
    fields = ["children.names", "police"]
    took = await run_command(gr, "case.take", {**command, "field": fields, "is_new": True})
    await be.erasing.ask(leg, "subject_request", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    answer = await run_command(gr, "referral.erase", command)
    assert answer["taken"] == [{"case_id": took["case_id"], "fields": fields}]
    assert set(scene.found(GR)) == {LATIN, GREEK, REFERENCE}
    await scene.same_steps(leg)
    shown = await run_command(be, "case.holders", {"case_id": scene.case_id})
    (holding,) = shown["holders"][0]["holdings"]
    assert (holding["copy"], holding["taken"]) == ("erased", fields)
    # It is not all gone, so a correction goes there.
    told = await run_command(
        be, "case.correct", {"case_id": scene.case_id, "field": ["police"], "made_by": "anna"}
    )
    assert [each["peer"] for each in told["told"]] == [GR]


async def test_an_acknowledged_notice_says_what_was_taken(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    take = {"leg": leg.hex(), "field": ["children.names"], "is_new": True, "made_by": "nikos"}
    await run_command(gr, "case.take", take)
    news = News(notice=FOUND, outcome="located_safe")
    ((_, notice),) = (await be.notices.tell(scene.case_id, news, made_by="anna")).told
    be.delivery.wake(GR)
    await scene.network.reach(notice, State.DELIVERED, BE, GR)
    step = {"leg": notice.hex(), "step": "acknowledge", "copy": "erased", "made_by": "nikos"}
    answer = await run_command(gr, "referral.step", step)
    assert answer["taken"] == ["children.names"]
    await scene.same_steps(notice)
    (holding,) = (await holders(scene))[GR].holdings
    assert (holding.copy, holding.taken) == (Copy.ERASED, ("children.names",))


@pytest.mark.parametrize("paths", [["sources"], ["Marker"], ["police", "police"]])
async def test_what_was_taken_is_said_by_paths_of_the_dictionary(scene: Scene, paths) -> None:
    leg = await scene.arrived(await scene.refer())
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    await be.erasing.ask(leg, "subject_request", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    gr.legs.erasing = None
    erased = Erased(request=2)
    erased.taken.paths.extend(paths)
    with pytest.raises(NodeError) as refusal:
        await gr.legs.step(leg, erased, made_by="nikos")
    assert refusal.value.code == "incomplete_step"
