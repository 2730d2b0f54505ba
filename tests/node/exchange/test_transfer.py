"""Where a referral may go: what is refused leaves no trace, what goes says its ground."""

from __future__ import annotations

import datetime

import pytest

from keys.members import MemberStatus, TransferRegime
from node.commands.arguments import Arguments
from node.commands.referrals import show_referral
from node.errors import NodeError
from node.store import envelopes, messages
from protocol.envelope import Opening, commitment
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1.message_pb2 import Confirm, Message
from protocol.vocabularies.greek import GREEK
from protocol.wire import parse_header
from tests.support.contents import accept, answer, ask, claim, note, outcome
from tests.support.network import BE, DAY_MS, GR, Network, referral, settled
from tests.support.nodes import NOW_MS
from tests.support.snapshots import snapshot

TODAY = datetime.date(2027, 1, 15)
YESTERDAY = TODAY - datetime.timedelta(days=1)
LAST_MS_OF_TODAY = NOW_MS + 16 * 3_600_000 - 1
OUTSIDE = {"transfer_regime": TransferRegime.OTHER}


def legal_basis(art6_basis: str = "public_task", **more: str) -> dict:
    return {"legal_basis": {"purpose": "locate_child", "art6_basis": art6_basis, **more}}


async def basis_at(network: Network, name: NodeId, leg: LegId):
    (opening, *_) = (await network.cores[name].legs.view(leg)).messages
    return Message.FromString(opening.payload).referral.legal_basis


@pytest.mark.parametrize(
    ("record", "said", "rule"),
    [
        (OUTSIDE, legal_basis(), "derogation_needed"),
        (OUTSIDE, legal_basis("vital_interests"), "derogation_needed"),
        (OUTSIDE, {}, "derogation_needed"),
        (
            {"transfer_regime": TransferRegime.ADEQUACY, "adequacy_until": YESTERDAY},
            legal_basis(),
            "derogation_needed",
        ),
        (OUTSIDE, legal_basis(art49_derogation="because"), "unknown_derogation"),
        ({}, legal_basis(art49_derogation="vital_interests"), "derogation_not_needed"),
        ({"agreement_until": YESTERDAY}, legal_basis(), "agreement_ended"),
        (
            {**OUTSIDE, "agreement_until": YESTERDAY},
            legal_basis(art49_derogation="explicit_consent"),
            "agreement_ended",
        ),
        # What a caller claims to be the ground is not asked.
        (OUTSIDE, legal_basis(transfer_basis="eea"), "derogation_needed"),
    ],
)
async def test_a_referral_without_a_ground_is_neither_queued_nor_logged(
    line: Network, record: dict, said: dict, rule: str
) -> None:
    line.amend(BE, GR, **record)
    before = await snapshot(line.cores[BE])
    with pytest.raises(PolicyRefusal) as refusal:
        await line.refer(BE, GR, **said)
    assert refusal.value.rule == rule
    await settled()
    assert await snapshot(line.cores[BE]) == before
    assert await line.views(BE) == await line.views(GR) == []
    assert line.link.batches_to(GR) == []


@pytest.mark.parametrize("status", [MemberStatus.SUSPENDED, MemberStatus.REVOKED])
async def test_a_suspended_member_is_refused_as_such_whatever_the_ground(
    line: Network, status: MemberStatus
) -> None:
    line.amend(BE, GR, status=status, **OUTSIDE)
    before = await snapshot(line.cores[BE])
    for said in (legal_basis(), legal_basis(art49_derogation="vital_interests")):
        with pytest.raises(NodeError) as refusal:
            await line.refer(BE, GR, **said)
        assert refusal.value.code == "inactive_peer"
    assert await snapshot(line.cores[BE]) == before


@pytest.mark.parametrize(
    ("record", "said", "basis"),
    [
        ({}, legal_basis(), "eea"),
        ({"agreement_until": YESTERDAY}, legal_basis("vital_interests"), "eea"),
        ({"transfer_regime": TransferRegime.ADEQUACY}, legal_basis(), "adequacy"),
        ({**OUTSIDE, "agreement_until": TODAY}, legal_basis(), "safeguards"),
        (OUTSIDE, legal_basis(art49_derogation="legal_claims"), "derogation"),
        (OUTSIDE, legal_basis(art49_derogation="legal_claims", transfer_basis="x"), "derogation"),
    ],
)
async def test_what_goes_says_its_ground_to_the_recipient_and_commits_to_it(
    line: Network, record: dict, said: dict, basis: str
) -> None:
    line.amend(BE, GR, **record)
    leg = await line.refer(BE, GR, **said)
    await line.reach(leg, State.DELIVERED, BE, GR)

    sent, arrived = [await basis_at(line, name, leg) for name in (BE, GR)]
    assert sent == arrived
    assert arrived.transfer_basis == basis
    assert arrived.art49_derogation == said["legal_basis"].get("art49_derogation", "")
    assert arrived.art6_basis == said["legal_basis"]["art6_basis"]

    (opening,) = (await line.cores[BE].legs.view(leg)).messages
    (envelope_id,) = await line.cores[BE].store.read(
        lambda db: envelopes.ids_of_message(db, messages.OUT, GR, opening.message_id)
    )
    row = await line.cores[BE].store.read(lambda db: envelopes.get(db, envelope_id))
    committed = parse_header(row.header).commitment
    assert committed == commitment(Opening(opening.salt, opening.payload))
    other = Message.FromString(opening.payload)
    other.referral.legal_basis.art49_derogation = "contract"
    assert committed != commitment(Opening(opening.salt, other.SerializeToString()))


async def test_the_recipient_reads_the_derogation_in_its_own_language(line: Network) -> None:
    line.amend(BE, GR, **OUTSIDE)
    leg = await line.refer(BE, GR, **legal_basis(art49_derogation="vital_interests"))
    await line.reach(leg, State.DELIVERED, BE, GR)
    asked = Arguments({"leg": leg.hex(), "language": "el"})
    shown = (await show_referral(line.cores[GR], asked))["legal_basis"]
    assert list(shown) == ["purpose", "art6_basis", "transfer_basis", "art49_derogation"]
    assert shown["transfer_basis"] == GREEK["transfer_basis"]["derogation"]
    assert shown["art49_derogation"] == GREEK["art49_derogation"]["vital_interests"]


async def test_the_last_day_is_whole_by_the_senders_clock_in_utc(line: Network) -> None:
    line.amend(BE, GR, **OUTSIDE, agreement_until=TODAY)
    line.clock.at_ms = LAST_MS_OF_TODAY
    leg = await line.refer(BE, GR, **legal_basis())
    assert (await basis_at(line, BE, leg)).transfer_basis == "safeguards"
    line.clock.at_ms += 1
    before = await snapshot(line.cores[BE])
    with pytest.raises(PolicyRefusal) as refusal:
        await line.cores[BE].legs.open(GR, referral(**legal_basis()), case_id=None, made_by="a")
    assert refusal.value.rule == "agreement_ended"
    after = await snapshot(line.cores[BE])
    assert after.leaves == before.leaves
    assert after.tables["legs"] == before.tables["legs"]


async def test_the_referral_that_was_given_is_left_as_it_is(line: Network) -> None:
    given = referral(**legal_basis())
    asked = line.cores[BE].legs.with_transfer_basis(GR, given)
    assert (asked.legal_basis.transfer_basis, given.legal_basis.transfer_basis) == ("eea", "")


async def test_a_leg_goes_on_when_the_agreement_has_ended_and_a_new_one_does_not_begin(
    line: Network,
) -> None:
    line.amend(BE, GR, **OUTSIDE, agreement_until=TODAY)
    leg = await line.refer(BE, GR, **legal_basis())
    await line.reach(leg, State.DELIVERED, BE, GR)
    line.clock.at_ms += DAY_MS
    for author, step, state in (
        (GR, claim(), State.RECEIVED),
        (GR, accept(), State.ACCEPTED),
        (GR, ask(), State.INFO_NEEDED),
        (BE, answer(3), State.IN_PROGRESS),
        (GR, outcome(), State.OUTCOME_REPORTED),
        (BE, note(), State.OUTCOME_REPORTED),
        (BE, Confirm(), State.CLOSED),
    ):
        await line.step(author, leg, step)
        await line.reach(leg, state, BE, GR)
    assert (await basis_at(line, GR, leg)).transfer_basis == "safeguards"
    with pytest.raises(PolicyRefusal):
        await line.refer(BE, GR, **legal_basis())
