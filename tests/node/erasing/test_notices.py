"""Found, closed, cancelled, corrected: every holder is told, in one commit, and answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys.members import MemberStatus
from node.cases.holders import Copy, holders_of
from node.erasing.notices import CANCELLED, CLOSED, CORRECTED, FOUND, News
from node.errors import NodeError
from node.store import messages, outbox
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.pb.homeward.v1.message_pb2 import Acknowledge, Message
from tests.node.erasing.conftest import ANSWER, GREEK, LATIN, SECRETS, Scene, made_up_case
from tests.support.contents import opening
from tests.support.network import BE, DAY_MS, FR, GR, Network
from tests.support.nodes import NOW_MS, make_federation
from tests.support.snapshots import snapshot

NEWS = News(notice=FOUND, outcome="located_safe", told_to=("police",), happened_at_ms=NOW_MS - 1)


async def notice_at(scene: Scene, name=GR):
    """Return the last notice that a node has received, and its leg."""
    views = await scene.network.cores[name].legs.list()
    view = next(v for v in views if v.row.kind == "found_notice")
    return view, Message.FromString(view.messages[0].payload).referral


async def holder_of(scene: Scene, peer=GR):
    store = scene.network.cores[BE].store
    rows = await store.read(lambda db: messages.of_case(db, scene.case_id))
    return next(holder for holder in holders_of(rows) if holder.peer == peer)


async def tell(scene: Scene, news: News):
    core = scene.network.cores[BE]
    telling = await core.notices.tell(scene.case_id, news, made_by="anna")
    for peer in telling.peers:
        core.delivery.wake(peer)
    return telling


async def test_found_reaches_a_holder_which_acknowledges_and_erases_at_once(scene: Scene) -> None:
    leg = await scene.worked_on(await scene.arrived(await scene.refer()))
    gr = scene.network.cores[GR]
    telling = await tell(scene, NEWS)
    ((_, notice),) = telling.told
    assert telling.withdrawn == [(GR, leg)]
    await scene.network.reach(notice, State.DELIVERED, BE, GR)
    await scene.same_steps(leg)
    _, referral = await notice_at(scene)
    assert (referral.notice, list(referral.about_leg_ids)) == ("found", [leg])
    assert referral.legal_basis.purpose == "inform_holders"
    (holder,) = [await holder_of(scene)]
    assert [told.is_acknowledged for told in holder.notices] == [False]
    await gr.legs.step(notice, Acknowledge(copy="erased"), made_by="nikos")
    assert scene.found(GR) == {}
    assert scene.blobs(GR) == []
    gr.delivery.wake(BE)
    await scene.same_steps(notice)
    holder = await holder_of(scene)
    assert (holder.has_copy, holder.unacknowledged) == (False, ())
    assert await scene.network.state(GR, leg) is State.CANCEL_REQUESTED


async def test_a_notice_has_no_more_of_the_child_than_that_it_is_found(scene: Scene) -> None:
    await scene.arrived(await scene.refer())
    ((_, leg),) = (await tell(scene, NEWS)).told
    await scene.network.reach(leg, State.DELIVERED, BE, GR)
    _, referral = await notice_at(scene)
    part = referral.disclosure
    assert {field.name for field, _ in part.ListFields()} == {
        "child_wishes", "federated_id", "status", "found_at",
    }  # fmt: skip
    (wish,) = part.child_wishes
    assert {field.name for field, _ in wish.ListFields()} == {
        "child_id", "whereabouts_may_be_told_to",
    }  # fmt: skip
    assert list(wish.whereabouts_may_be_told_to) == ["police"]
    assert (part.status, part.found_at.at_ms) == ("found_open", NOW_MS - 1)
    assert not any(secret.encode() in referral.SerializeToString() for secret in SECRETS)


async def test_a_copy_is_kept_with_a_basis_and_the_sender_sees_it(scene: Scene) -> None:
    await scene.arrived(await scene.refer())
    telling = await tell(scene, NEWS)
    ((_, notice),) = telling.told
    await scene.network.reach(notice, State.DELIVERED, BE, GR)
    gr = scene.network.cores[GR]
    kept = Acknowledge(copy="kept", kept_basis="legal_obligation")
    await gr.legs.step(notice, kept, made_by="nikos")
    gr.delivery.wake(BE)
    await scene.same_steps(notice)
    holding = (await holder_of(scene)).holdings[0]
    assert (holding.copy, holding.kept_basis) == (Copy.KEPT, "legal_obligation")
    assert LATIN in scene.found(GR)


async def test_nobody_erases_another_peers_legs_by_a_notice(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    await scene.network.open(FR)
    fr, gr = scene.network.cores[FR], scene.network.cores[GR]
    notice, _ = await fr.legs.open(
        GR,
        opening("found_notice", expires_at_ms=NOW_MS + DAY_MS, about_leg_ids=[leg, bytes(16)]),
        case_id=None,
        made_by="a",
    )
    fr.delivery.wake(GR)
    await scene.network.reach(notice, State.DELIVERED, FR, GR)
    await gr.legs.step(notice, Acknowledge(copy="erased"), made_by="nikos")
    assert LATIN in scene.found(GR)


async def test_a_correction_goes_to_those_who_had_the_field_and_carries_it_alone(
    scene: Scene,
) -> None:
    leg = await scene.arrived(await scene.refer())
    news = News(notice=CORRECTED, paths=("children.names",))
    telling = await tell(scene, news)
    ((_, notice),) = telling.told
    assert telling.withdrawn == []
    await scene.network.reach(notice, State.DELIVERED, BE, GR)
    _, referral = await notice_at(scene)
    assert list(referral.mask.paths) == ["federated_id", "children.names"]
    assert [name.full for name in referral.disclosure.children[0].names] == [LATIN, GREEK]
    assert not referral.disclosure.police
    assert referral.legal_basis.art6_basis == "legal_obligation"
    assert await scene.network.state(BE, leg) is State.DELIVERED
    assert (await tell(scene, News(notice=CORRECTED, paths=("circumstances.text",)))).told == []


@pytest.mark.parametrize(
    ("paths", "rule"),
    [
        ((), "field_missing"),
        (("exploitation",), "second_person_needed"),
        (("sources",), "never_leaves"),
        (("nonsense",), "unknown_path"),
    ],
)
async def test_what_may_not_go_is_in_no_correction(scene: Scene, paths, rule) -> None:
    await scene.arrived(await scene.refer())
    before = await snapshot(scene.network.cores[BE])
    with pytest.raises(PolicyRefusal) as refusal:
        await tell(scene, News(notice=CORRECTED, paths=paths))
    assert refusal.value.rule == rule
    assert await snapshot(scene.network.cores[BE]) == before


async def test_a_case_is_closed_and_kept_for_the_time_of_its_outcome(scene: Scene) -> None:
    await scene.arrived(await scene.refer())
    await tell(scene, NEWS)
    telling = await tell(scene, News(notice=CLOSED))
    assert telling.kept_until_ms is not None
    case = (await scene.network.cores[BE].cases.get(scene.case_id)).case
    # located_safe has no time of its own: that of a runaway counts.
    assert (case.status, case.retention.basis) == ("closed", "category_rule")
    ends = case.retention.ends_on
    assert telling.kept_until_ms - NOW_MS in range(730 * DAY_MS, 732 * DAY_MS)
    assert (ends.year, ends.precision) == (2029, "day")


async def test_what_was_cancelled_is_withdrawn(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    telling = await tell(scene, News(notice=CANCELLED))
    assert telling.withdrawn == [(GR, leg)]
    await scene.network.reach(leg, State.WITHDRAWN, BE, GR)


async def test_a_peer_that_cannot_be_written_to_holds_up_nobody(scene: Scene) -> None:
    await scene.network.open(FR)
    await scene.arrived(await scene.refer())
    await scene.arrived(await scene.refer(FR), FR)
    scene.network.amend(BE, GR, status=MemberStatus.REVOKED)
    telling = await tell(scene, NEWS)
    assert [peer for peer, _ in telling.told] == [FR]
    assert telling.not_told == [(GR, "inactive_peer")]
    assert [peer for peer, _ in telling.withdrawn] == [FR]


async def test_an_unknown_case_is_told_to_nobody(scene: Scene) -> None:
    before = await snapshot(scene.network.cores[BE])
    with pytest.raises(NodeError) as refusal:
        await scene.network.cores[BE].notices.tell("be.example/0", NEWS, made_by="anna")
    assert refusal.value.code == "unknown_case"
    assert await snapshot(scene.network.cores[BE]) == before


async def test_thirty_holders_are_told_in_one_commit(tmp_path: Path) -> None:
    peers = tuple(NodeId(f"fr.peer{number}") for number in range(30))
    network = Network(make_federation(tmp_path / "homes", (BE, *peers)))
    core = await network.open(BE)
    case_id = await core.cases.add(made_up_case(), [], made_by="anna", reason="a call")
    scene = Scene(network, case_id)
    for peer in peers:
        await scene.refer(peer, "alert")
    commits: list[str] = []
    core.store._on_durable = commits.append
    telling = await core.notices.tell(case_id, NEWS, made_by="anna")
    assert commits == ["commit:before", "commit:after"]
    assert len(telling.told) == len(telling.withdrawn) == 30
    waiting = [await core.store.read(lambda db, p=p: outbox.count(db, p)) for p in peers]
    assert waiting == [3] * 30
    await network.close()


async def test_the_words_of_a_person_go_along(scene: Scene) -> None:
    await scene.arrived(await scene.refer())
    telling = await tell(scene, News(notice=CLOSED, text=ANSWER, language="nl"))
    ((_, notice),) = telling.told
    await scene.network.reach(notice, State.DELIVERED, BE, GR)
    _, referral = await notice_at(scene)
    assert (referral.ask.text, referral.ask.language) == (ANSWER, "nl")
