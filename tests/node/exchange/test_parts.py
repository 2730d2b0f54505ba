"""What a recipient looks at in a part of a case: its mask, its people, its consent, its end."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from node.errors import NodeError
from node.exchange.checking import check_following
from node.store.messages import LegRow
from protocol import limits
from protocol.disclosure.received import part_fault
from protocol.errors import PeerError
from protocol.exchange.content import check_content
from protocol.exchange.leg import Side, Step
from protocol.ids import LegId
from protocol.pb.homeward.v1 import message_pb2
from tests.support.contents import opening
from tests.support.disclosing import PASSPORT
from tests.support.network import BE, GR, Network
from tests.support.nodes import NOW_MS
from tests.support.snapshots import snapshot

REASON = "The border police ask for its number."


def consented(expires_at_ms: int) -> dict[str, Any]:
    basis = {"purpose": "locate_child", "art6_basis": "consent", "police_informed": "not_yet"}
    covers = {"consent_given_by": ["guardian"], "consent_expires_at_ms": expires_at_ms}
    return {"legal_basis": {**basis, **covers}}


@pytest.mark.parametrize(("late_ms", "is_taken"), [(600_000 - 1, True), (600_000, False)])
async def test_a_message_whose_consent_is_over_when_it_arrives_is_refused(
    line: Network, late_ms: int, is_taken: bool
) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR, **consented(NOW_MS + 1000))
    line.clock.at_ms = NOW_MS + 1000 + late_ms
    before = await snapshot(line.cores[GR])
    line.plug(GR)
    await line.wake_when_due()
    (message,) = (await line.cores[BE].legs.view(leg)).messages
    refusals = await line.cores[GR].store.read(
        lambda db: [row[0] for row in db.execute("SELECT code FROM refusals")]
    )
    if is_taken:
        assert (message.settled, refusals) == ("received", [])
    else:
        assert (message.settled, message.code, refusals) == ("refused", 505, [505])
        after = await snapshot(line.cores[GR])
        assert after.tables["legs"] == before.tables["legs"] == []
        assert after.tables["messages"] == []


async def test_no_message_goes_out_whose_consent_is_over(line: Network) -> None:
    with pytest.raises(NodeError) as refusal:
        await line.refer(BE, GR, **consented(NOW_MS))
    assert refusal.value.code == "consent_expired"


def part(case: dict[str, Any], *paths: str, **basis: Any) -> dict[str, Any]:
    return {"disclosure": case, "mask": {"paths": paths}, "legal_basis": basis}


TWO = {"sensitive_reason": {"text": REASON, "language": "en"}, "decided_by_count": 2}
DOCUMENT = {"children": [{"id": "c1", "identity_documents": [{"number": "X1"}]}]}
BAD_PARTS = [
    (part({"lead_node": "be.example"}), "has more than its mask"),
    (part({"lead_node": "be.example", "status": "open"}, "status"), "has more than its mask"),
    (part({"children": [{"id": "c1"}]}, "children.sex"), "has more than its mask"),
    (part(DOCUMENT, "children"), "has more than its mask"),
    (part({"local_case_number": "N-1"}, "lead_node"), "has what never leaves a node"),
    (part({"sources": [{"id": "s1"}]}, "sources"), "has what never leaves a node"),
    (part({"lead_node": "be.example"}, "lead_node", "sources"), "has a mask that is no choice"),
    (part({"lead_node": "be.example"}, "lead_node", "No name"), "has a mask that is no choice"),
    (part({}, "lead_node", "lead_node"), "has a mask that is no choice"),
    (part(DOCUMENT, PASSPORT), "lacks sensitive_reason"),
    (part(DOCUMENT, PASSPORT, **{**TWO, "decided_by_count": 1}), "lacks a second person"),
    (part({}, overridden_rules=["x"]), "lacks override_reason"),
    (part({}, art6_basis="consent"), "lacks consent_given_by"),
]


@pytest.mark.parametrize(("wrong", "words"), BAD_PARTS)
def test_a_part_that_is_not_what_its_choice_says_is_refused(wrong, words: str) -> None:
    made = message_pb2.Referral(
        kind="info_request", urgency=3, ask={"text": "x", "language": "en"}, **wrong
    )
    with pytest.raises(PeerError) as refusal:
        check_content("info_request", message_pb2.Message(referral=made))
    assert refusal.value.detail == f"referral {words}"


def test_a_path_of_a_newer_dictionary_is_passed_over() -> None:
    said = part({"lead_node": "be.example"}, "lead_node", "horoscope.sign")
    made = message_pb2.Note(**said)
    check_content("info_request", message_pb2.Message(note=made))
    assert part_fault(made.disclosure, made.mask.paths) is None
    # Of it nothing may come along: nobody here could tell how far that may travel.
    assert part_fault(made.disclosure, ["horoscope.sign"]) == "has more than its mask"


async def test_a_leg_that_would_live_too_long_is_refused(line: Network) -> None:
    longest_ms = NOW_MS + limits.LEG_LIFETIME_MS + limits.CLOCK_SKEW_MS
    leg = LegRow(
        leg_id=LegId(bytes(16)), side=Side.RECIPIENT, peer=BE, kind="info_request", urgency=3,
        case_id=None, opened_at_ms=NOW_MS, reply_by_ms=0, expires_at_ms=0,
    )  # fmt: skip
    step = Step(Side.SENDER, 1, 0, "referral")

    async def check(expires_at_ms: int) -> None:
        made = opening("info_request", expires_at_ms=expires_at_ms)
        message = message_pb2.Message(referral=made)
        job = partial(
            check_following, leg=leg, message=message, step=step, made_at_ms=NOW_MS, now_ms=NOW_MS
        )
        await line.cores[GR].store.read(job)

    await check(longest_ms)
    with pytest.raises(PeerError):
        await check(longest_ms + 1)
