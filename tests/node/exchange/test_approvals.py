"""Sensitive fields between two nodes: one asks, another sends, and the peer learns that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from keys.members import MemberStatus, TransferRegime
from node.commands import run_command
from node.errors import NodeError
from node.store import approvals, origins
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.ids import LegId
from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.cases import belgian_case
from tests.support.contents import accept, ask, claim
from tests.support.disclosing import PASSPORT
from tests.support.network import BE, DAY_MS, FR, GR, Network
from tests.support.nodes import NOW_MS
from tests.support.snapshots import snapshot

REASON = "The border police ask for its number."
SENSITIVE = {"field": [PASSPORT], "sensitive_reason": REASON}


@dataclass
class Desk:
    """Belgium's commands, on a case of its own."""

    network: Network
    case_id: str

    async def run(self, name: str, **arguments: Any) -> dict[str, Any]:
        return await run_command(self.network.cores[BE], name, arguments)

    async def send(self, **changes: Any) -> dict[str, Any]:
        said: Mapping[str, Any] = {
            "case_id": self.case_id,
            "peers": [GR],
            "kind": "tracing_request",
            "urgency": 2,
            "ask": "Did she cross?",
            "purpose": "locate_child",
            "art6": "public_task",
            "police_informed": "with_reference",
            "reply_by_ms": NOW_MS + DAY_MS,
            "expires_at_ms": NOW_MS + 20 * DAY_MS,
            "made_by": "anna",
        }
        return await self.run("referral.send", **{**said, **changes})

    async def change(self, **changes: Any) -> None:
        cases = self.network.cores[BE].cases
        view = await cases.get(self.case_id)
        case = Case()
        case.CopyFrom(view.case)
        case.MergeFrom(Case(**changes))
        await cases.change(self.case_id, view.row.version, case, made_by="a", reason="news")

    async def content(self, at: str, leg: str, number: int = 0) -> message_pb2.Message:
        view = await self.network.cores[at].legs.view(bytes.fromhex(leg))
        return message_pb2.Message.FromString(view.messages[number].payload)


@pytest.fixture
async def desk(line: Network) -> Desk:
    case = belgian_case()
    case.ClearField("files")
    case_id = await line.cores[BE].cases.add(case, [], made_by="a", reason="call")
    return Desk(line, case_id)


async def refused(desk: Desk, name: str, **arguments: Any) -> str:
    """Return by what name a command is refused; nothing may have changed."""
    before = await snapshot(desk.network.cores[BE])
    with pytest.raises((NodeError, PolicyRefusal)) as refusal:
        await desk.run(name, **arguments)
    assert await snapshot(desk.network.cores[BE]) == before
    error = refusal.value
    return error.rule if isinstance(error, PolicyRefusal) else error.code


async def test_one_person_asks_and_another_sends_it(desk: Desk) -> None:
    kept = await desk.send(**SENSITIVE)
    assert await desk.network.views(BE) == []
    (waiting,) = (await desk.run("referral.approvals"))["approvals"]
    assert waiting["approval"] == kept["approval"]
    assert (waiting["asked_by"], waiting["reason"]) == ("anna", REASON)
    shown = await desk.run("referral.approval", approval=kept["approval"][:8])
    (preview,) = shown["previews"]
    assert shown["sensitive"] == [PASSPORT]
    assert any(row["text"] == "XX0000000" for row in preview["rows"])

    sent = await desk.run("referral.approve", approval=kept["approval"], by="Berta")
    ((leg, peer),) = [(each["leg"], each["peer"]) for each in sent["legs"]]
    assert peer == GR
    await desk.network.reach(LegId(bytes.fromhex(leg)), State.DELIVERED, BE, GR)
    arrived = (await desk.content(GR, leg)).referral
    assert arrived == (await desk.content(BE, leg)).referral
    assert arrived.disclosure.children[0].identity_documents[0].number == "XX0000000"
    assert arrived.legal_basis.sensitive_reason.text == REASON
    assert arrived.legal_basis.decided_by_count == 2
    # Who they are stays at home.
    assert b"anna" not in arrived.SerializeToString()
    assert b"Berta" not in arrived.SerializeToString()
    (row,) = (await desk.network.cores[BE].legs.view(bytes.fromhex(leg))).messages
    assert row.made_by == "anna, Berta"
    assert (await desk.run("referral.approvals"))["approvals"] == []
    (decided,) = (await desk.run("referral.approvals", all=True))["approvals"]
    assert (decided["decision"], decided["decided_by"], decided["reason"]) == (
        "approved", "Berta", "",
    )  # fmt: skip


@pytest.mark.parametrize("by", ["anna", " Anna ", "ANNA", "ａｎｎａ"])
async def test_who_asked_cannot_approve(desk: Desk, by: str) -> None:
    kept = await desk.send(**SENSITIVE)
    assert await refused(desk, "referral.approve", approval=kept["approval"], by=by) == (
        "same_person"
    )
    assert await refused(desk, "referral.approve", approval=kept["approval"], by=" ") == (
        "no_person"
    )


async def test_a_draft_of_an_older_case_is_not_sent(desk: Desk) -> None:
    kept = await desk.send(**SENSITIVE)
    await desk.change(countries_via=["FR"])
    for name in ("referral.approval", "referral.approve"):
        assert await refused(desk, name, approval=kept["approval"], by="b") == "case_changed"


async def test_a_draft_is_decided_once(desk: Desk) -> None:
    for decide in ("referral.approve", "referral.reject"):
        kept = await desk.send(**SENSITIVE)
        await desk.run(decide, approval=kept["approval"], by="b", text="no")
        for again in ("referral.approve", "referral.reject"):
            code = await refused(desk, again, approval=kept["approval"], by="c", text="no")
            assert code == "already_decided"
    assert len(await desk.network.views(BE)) == 1


async def test_a_draft_ends_with_its_reply_by(desk: Desk) -> None:
    kept = await desk.send(**SENSITIVE)
    desk.network.clock.at_ms = NOW_MS + DAY_MS
    assert await refused(desk, "referral.approve", approval=kept["approval"], by="b") == (
        "approval_over"
    )
    await desk.network.cores[BE].sweep()
    (over,) = (await desk.run("referral.approvals", all=True))["approvals"]
    assert (over["decision"], over["reason"]) == ("over", "")
    rows = await desk.network.cores[BE].store.read(approvals.all_of)
    assert [row.choice for row in rows] == [""]
    assert await refused(desk, "referral.approve", approval=kept["approval"], by="b") == (
        "approval_over"
    )


async def test_what_would_be_something_else_by_now_is_not_sent(desk: Desk) -> None:
    kept = await desk.send(**SENSITIVE)
    core = desk.network.cores[BE]
    await core.store.write(
        lambda db: db.execute("UPDATE approvals SET digest = ?", [bytes(32)]) and None
    )
    assert await refused(desk, "referral.approve", approval=kept["approval"], by="b") == (
        "disclosure_changed"
    )


async def test_a_member_that_was_suspended_meanwhile_is_sent_nothing(desk: Desk) -> None:
    kept = await desk.send(**SENSITIVE)
    desk.network.amend(BE, GR, status=MemberStatus.SUSPENDED)
    assert await refused(desk, "referral.approve", approval=kept["approval"], by="b") == (
        "inactive_peer"
    )


async def test_a_draft_for_several_peers_goes_to_all_of_them(desk: Desk) -> None:
    kept = await desk.send(**SENSITIVE, peers=[GR, FR])
    sent = await desk.run("referral.approve", approval=kept["approval"], by="b")
    assert [each["peer"] for each in sent["legs"]] == [GR, FR]


async def test_no_way_round_the_second_person(desk: Desk) -> None:
    core = desk.network.cores[BE]
    case = await core.cases.get(desk.case_id)
    made = message_pb2.Referral(kind="tracing_request", urgency=3, expires_at_ms=NOW_MS + DAY_MS)
    made.ask.text = "x"
    made.disclosure.children.add(id="c1").identity_documents.add(number="XX0000000")
    made.mask.paths.append(PASSPORT)
    made.legal_basis.sensitive_reason.text, made.legal_basis.decided_by_count = REASON, 2
    with pytest.raises(NodeError) as refusal:
        await core.legs.open(GR, made, case_id=case.row.case_id, made_by="a")
    assert refusal.value.code == "second_person_needed"
    assert await desk.network.views(BE) == []


async def test_an_answer_takes_sensitive_fields_along_when_two_decide(desk: Desk) -> None:
    leg = (await desk.send())["leg"]
    found = LegId(bytes.fromhex(leg))
    await desk.network.reach(found, State.DELIVERED, BE, GR)
    for content in (claim(), accept(), ask()):
        await desk.network.step(GR, found, content)
    await desk.network.reach(found, State.INFO_NEEDED, BE, GR)
    said = {
        "leg": leg, "step": "answer", "made_by": "anna", "case_id": desk.case_id,
        "text": "Here it is.", "field": [PASSPORT],
    }  # fmt: skip
    assert await refused(desk, "referral.step", **said) == "sensitive_reason_missing"
    kept = await desk.run("referral.step", **said, sensitive_reason=REASON)
    assert await desk.network.state(BE, found) is State.INFO_NEEDED
    assert await refused(desk, "referral.approve", approval=kept["approval"], by="anna") == (
        "same_person"
    )
    await desk.run("referral.approve", approval=kept["approval"], by="b")
    await desk.network.reach(found, State.IN_PROGRESS, BE, GR)
    answer = (await desk.content(GR, leg, -1)).answer
    assert answer.disclosure.children[0].identity_documents[0].number == "XX0000000"
    # The grounds are those of the referral, and what was decided for this step.
    basis = answer.legal_basis
    assert (basis.purpose, basis.police_informed) == ("locate_child", "with_reference")
    assert (basis.transfer_basis, basis.decided_by_count) == ("eea", 2)


async def test_an_answer_with_plain_fields_goes_at_once(desk: Desk) -> None:
    leg = (await desk.send())["leg"]
    found = LegId(bytes.fromhex(leg))
    await desk.network.reach(found, State.DELIVERED, BE, GR)
    for content in (claim(), accept(), ask()):
        await desk.network.step(GR, found, content)
    await desk.network.reach(found, State.INFO_NEEDED, BE, GR)
    said = {"leg": leg, "step": "answer", "made_by": "anna", "case_id": desk.case_id, "text": "x"}
    assert await refused(desk, "referral.step", **said) == "argument_missing"
    await desk.run("referral.step", **said, field=["runaway_from"])
    await desk.network.reach(found, State.IN_PROGRESS, BE, GR)
    answer = (await desk.content(GR, leg, -1)).answer
    assert answer.disclosure == Case(runaway_from="care")
    shown = await run_command(desk.network.cores[GR], "referral.show", {"leg": leg})
    assert shown["steps"][-1]["legal_basis"]["purpose"] == "Find the child"


async def test_a_transfer_hands_sensitive_fields_over_when_two_decide(desk: Desk) -> None:
    leg = (await desk.send(kind="transfer", purpose="hand_over_case"))["leg"]
    found = LegId(bytes.fromhex(leg))
    said = {"leg": leg, "step": "hand_over", "made_by": "anna", "field": [PASSPORT]}
    said["sensitive_reason"] = REASON
    assert await refused(desk, "referral.step", **said) == "illegal_step"
    await desk.network.reach(found, State.DELIVERED, BE, GR)
    for content in (claim(), accept()):
        await desk.network.step(GR, found, content)
    await desk.network.reach(found, State.ACCEPTED, BE, GR)
    kept = await desk.run("referral.step", **said)
    await desk.run("referral.approve", approval=kept["approval"], by="b")
    await desk.network.reach(found, State.HANDED_OVER, BE, GR)
    handed = (await desk.content(GR, leg, -1)).hand_over
    assert handed.legal_basis.sensitive_reason.text == REASON


async def test_what_a_peer_told_is_kept_from_the_others(desk: Desk) -> None:
    core = desk.network.cores[BE]
    told = Case(children=[{"id": "c1", "sex": "female"}])

    def record(db) -> None:
        origins.record_origin(db, desk.case_id, told, peer=FR, leg_id=LegId(bytes(16)))

    await core.store.write(record)
    said = {"field": ["children.sex"]}
    with pytest.raises(PolicyRefusal) as refusal:
        await desk.send(**said)
    assert refusal.value.rule == "onward_sharing"
    assert "children[c1].sex" in refusal.value.sentence
    await desk.send(**said, peers=[FR])
    await desk.send(**said, art6="vital_interests", override_reason="She is in danger.")


async def test_what_was_overridden_is_shown_to_the_recipient(desk: Desk) -> None:
    await desk.change(reported_by="police")
    said = {"kind": "alert", "field": ["reported_by"], "art6": "vital_interests"}
    with pytest.raises(PolicyRefusal) as refusal:
        await desk.send(**said)
    assert refusal.value.rule == "staged_disclosure"
    sent = await desk.send(**said, override_reason="He takes the ferry tonight.")
    await desk.network.reach(LegId(bytes.fromhex(sent["leg"])), State.DELIVERED, BE, GR)
    shown = await run_command(desk.network.cores[GR], "referral.show", {"leg": sent["leg"]})
    assert shown["legal_basis"]["overridden_rules"] == "staged_disclosure"
    assert shown["legal_basis"]["override_reason"] == "He takes the ferry tonight."


async def test_a_draft_for_several_has_the_derogation_only_for_who_needs_it(desk: Desk) -> None:
    desk.network.amend(BE, FR, transfer_regime=TransferRegime.OTHER)
    several = {"peers": [GR, FR], "derogation": "public_interest", **SENSITIVE}
    kept = await desk.send(**several)
    shown = await desk.run("referral.approval", approval=kept["approval"])
    grounds = {GR: ("eea", ""), FR: ("derogation", "public_interest")}
    assert {
        each["peer"]["node_id"]: (
            each["legal_basis"]["transfer_basis"],
            each["legal_basis"]["art49_derogation"],
        )
        for each in shown["previews"]
    } == grounds
    sent = await desk.run("referral.approve", approval=kept["approval"], by="Berta")
    said = {}
    for leg in sent["legs"]:
        basis = (await desk.content(BE, leg["leg"])).referral.legal_basis
        said[leg["peer"]] = (basis.transfer_basis, basis.art49_derogation)
    assert said == grounds


async def test_a_draft_with_a_derogation_that_nobody_needs_is_not_kept(desk: Desk) -> None:
    before = await snapshot(desk.network.cores[BE])
    with pytest.raises(PolicyRefusal) as refusal:
        await desk.send(peers=[GR, FR], derogation="public_interest", **SENSITIVE)
    assert refusal.value.rule == "derogation_not_needed"
    assert await snapshot(desk.network.cores[BE]) == before


async def test_several_are_previewed_as_they_are_sent(desk: Desk) -> None:
    desk.network.amend(BE, FR, transfer_regime=TransferRegime.OTHER)
    said = {
        "case_id": desk.case_id, "peers": [GR, FR], "kind": "alert", "urgency": 2, "ask": "Seen?",
        "purpose": "locate_child", "art6": "public_task", "police_informed": "with_reference",
        "derogation": "public_interest", "field": ["children.sex"],
        "reply_by_ms": NOW_MS + DAY_MS, "expires_at_ms": NOW_MS + 20 * DAY_MS,
    }  # fmt: skip
    previews = (await desk.run("referral.previews", **said))["previews"]
    sent = await desk.run("referral.send", **said, made_by="anna")
    for shown, leg in zip(previews, sent["legs"], strict=True):
        basis = (await desk.content(BE, leg["leg"])).referral.legal_basis
        assert shown["legal_basis"]["art49_derogation"] == basis.art49_derogation
        assert shown["legal_basis"]["transfer_basis"] == basis.transfer_basis
    assert [each["legal_basis"]["transfer_basis"] for each in previews] == ["eea", "derogation"]
