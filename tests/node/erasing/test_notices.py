"""Found, closed, cancelled, corrected: every holder is told, in one commit, and answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from keys.members import MemberStatus
from node.cases.disclosing import Choice, Grounds, compose_referral
from node.cases.editing import assign
from node.cases.holders import Copy, holders_of
from node.erasing.notices import CANCELLED, CLOSED, CORRECTED, FOUND, News
from node.errors import NodeError
from node.store import messages, origins, outbox
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import case_pb2
from protocol.pb.homeward.v1.message_pb2 import Acknowledge, Message, Referral
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


# --- a correction goes by the same policy as every disclosure


async def sent(scene: Scene, *paths: str, **basis: str) -> LegId:
    """Send these fields to Greece, with this in the legal basis besides."""
    core = scene.network.cores[BE]
    view = await core.cases.get(scene.case_id)
    choice = Choice(
        kind="tracing_request",
        urgency=2,
        ask="Is she known to you?",
        language="en",
        grounds=Grounds(
            purpose="locate_child",
            police_informed="with_reference",
            **{"art6_basis": "public_task", **basis},
        ),
        paths=paths,
        reply_by_ms=NOW_MS + DAY_MS,
        expires_at_ms=NOW_MS + 20 * DAY_MS,
    )
    referral = compose_referral(view, choice, peer=GR, now_ms=NOW_MS)
    leg, _ = await core.legs.open(GR, referral, case_id=scene.case_id, made_by="anna")
    return leg


async def changed(scene: Scene, place: str, text: str) -> None:
    core = scene.network.cores[BE]
    view = await core.cases.get(scene.case_id)
    case = case_pb2.Case.FromString(view.case.SerializeToString())
    assign(case, place, text)
    await core.cases.change(scene.case_id, view.row.version, case, made_by="anna", reason="new")


async def last_told(scene: Scene, telling) -> Referral:
    ((_, leg),) = telling.told
    view = await scene.network.cores[BE].legs.view(leg)
    return Message.FromString(view.messages[0].payload).referral


async def test_a_correction_keeps_the_condition_under_which_special_data_went(
    scene: Scene,
) -> None:
    await changed(scene, "children[c1].communication_needs", "sign_language")
    await sent(
        scene, "federated_id", "children.communication_needs", art9_condition="vital_interests"
    )
    # What was told between is no part of the case, and has no condition.
    await tell(scene, NEWS)
    telling = await tell(scene, News(notice=CORRECTED, paths=("children.communication_needs",)))
    basis = (await last_told(scene, telling)).legal_basis
    assert (basis.art6_basis, basis.art9_condition) == ("legal_obligation", "vital_interests")
    assert basis.police_informed == "with_reference"


async def test_special_data_without_a_condition_are_in_no_correction(scene: Scene) -> None:
    await changed(scene, "children[c1].communication_needs", "sign_language")
    path = "children.communication_needs"
    over = {"art6_basis": "vital_interests", "override_reason": "No time to ask"}
    await sent(scene, "federated_id", path, **over)
    core = scene.network.cores[BE]
    before = await snapshot(core)
    with pytest.raises(PolicyRefusal) as refusal:
        await tell(scene, News(notice=CORRECTED, paths=(path,)))
    assert refusal.value.rule == "art9_condition_missing"
    assert await snapshot(core) == before
    news = News(notice=CORRECTED, paths=(path,), art9_condition="legal_claims")
    assert (await last_told(scene, await tell(scene, news))).legal_basis.art9_condition == (
        "legal_claims"
    )


async def test_what_another_peer_told_is_in_no_correction(scene: Scene) -> None:
    path = "children.sex"
    await sent(scene, "federated_id", path)
    core = scene.network.cores[BE]
    await core.store.write(
        lambda db: origins.record_origin(
            db,
            scene.case_id,
            case_pb2.Case(children=[{"id": "c1", "sex": "female"}]),
            peer=FR,
            leg_id=LegId(bytes(16)),
        )
    )
    telling = await tell(scene, News(notice=CORRECTED, paths=(path,)))
    assert (telling.told, telling.not_told) == ([], [(GR, "onward_sharing")])
    # What is corrected here is this node's own word.
    await changed(scene, "children[c1].sex", "male")
    telling = await tell(scene, News(notice=CORRECTED, paths=(path,)))
    assert (await last_told(scene, telling)).disclosure.children[0].sex == "male"


async def test_that_a_child_is_found_is_told_to_all_whoever_said_it_first(scene: Scene) -> None:
    await sent(scene, "federated_id", "children.sex")
    said = case_pb2.Case(status="found_open")
    core = scene.network.cores[BE]
    await core.store.write(
        lambda db: origins.record_origin(db, scene.case_id, said, peer=FR, leg_id=LegId(bytes(16)))
    )
    telling = await tell(scene, NEWS)
    assert (await last_told(scene, telling)).disclosure.status == "found_open"


async def test_a_notice_cannot_be_put_on_a_consent_that_is_not_there(scene: Scene) -> None:
    await sent(scene, "federated_id", "children.sex")
    with pytest.raises(PolicyRefusal) as refusal:
        await tell(scene, replace(NEWS, art6_basis="consent"))
    assert refusal.value.rule == "consent_missing"
    assert (await core_case(scene)).status == "open"


async def core_case(scene: Scene) -> case_pb2.Case:
    return (await scene.network.cores[BE].cases.get(scene.case_id)).case


async def test_a_correction_of_a_group_has_no_more_of_it_than_went_before(scene: Scene) -> None:
    await sent(scene, "federated_id", "children.sex")
    telling = await tell(scene, News(notice=CORRECTED, paths=("children",)))
    referral = await last_told(scene, telling)
    assert list(referral.mask.paths) == ["federated_id", "children.sex"]
    assert not any(secret.encode() in referral.SerializeToString() for secret in SECRETS)
