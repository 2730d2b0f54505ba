"""A code of a newer list between two nodes: shown with its author's words, never lost."""

from __future__ import annotations

import pytest

from node.commands import run_command
from node.store import messages
from protocol import vocabulary
from protocol.exchange.leg import State
from protocol.pb.homeward.v1 import message_pb2
from protocol.vocabularies.terms import Change, make_vocabulary
from protocol.vocabulary import VOCABULARIES
from tests.support.contents import accept, claim, outcome
from tests.support.network import BE, GR, Network

CODE = "turned_18"
OWN = VOCABULARIES["outcome"]


def with_outcomes(monkeypatch, *, is_newer: bool) -> None:
    """Let the list of outcomes have the code since its version 2, or not at all."""
    labels = {code: term.labels for code, term in OWN.codes.items()}
    if not is_newer:
        del labels[CODE]
    changes = (Change(version=2, added=(CODE,)),) if is_newer else ()
    lists = {**VOCABULARIES, "outcome": make_vocabulary("outcome", labels, changes)}
    monkeypatch.setattr(vocabulary, "VOCABULARIES", lists)


async def code_shown(network: Network, leg, language: str) -> str:
    shown = await run_command(
        network.cores[BE], "referral.show", {"leg": leg.hex(), "language": language}
    )
    return shown["steps"][-1]["fields"]["code"]


async def test_an_outcome_of_a_newer_list_reads_in_its_authors_words(
    network: Network, monkeypatch
) -> None:
    await network.open(BE)
    await network.open(GR)
    network.amend(GR, BE, languages=("fr", "nl"))
    leg = await network.refer(BE, GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
    for content in (claim(), accept()):
        await network.step(GR, leg, content)
    with_outcomes(monkeypatch, is_newer=True)
    await network.step(GR, leg, outcome(code=CODE))
    with_outcomes(monkeypatch, is_newer=False)
    await network.reach(leg, State.OUTCOME_REPORTED, BE, GR)
    labels = OWN.codes[CODE].labels
    assert await code_shown(network, leg, "fr-BE") == f"{labels['fr']} ({CODE})"
    assert await code_shown(network, leg, "en") == f"{labels['en']} ({CODE})"
    # In no language of its author's: English rather than nothing.
    assert await code_shown(network, leg, "nl") == f"{labels['en']} ({CODE})"
    monkeypatch.undo()
    assert await code_shown(network, leg, "nl") == labels["nl"]
    rows = await network.cores[BE].store.read(lambda db: messages.of_leg(db, leg))
    sent = [message_pb2.Message.FromString(row.payload) for row in rows]
    assert [len(message.labels) for message in sent] == [0, 0, 0, 2]


async def test_a_retired_code_is_read_and_cannot_be_chosen(network: Network, monkeypatch) -> None:
    await network.open(BE)
    core = await network.open(GR)
    leg = await network.refer(BE, GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
    labels = {code: term.labels for code, term in OWN.codes.items()}
    retired = make_vocabulary("outcome", labels, (Change(version=2, retired=(CODE,)),))
    monkeypatch.setattr(vocabulary, "VOCABULARIES", {**VOCABULARIES, "outcome": retired})
    step = {"leg": leg.hex(), "step": "outcome", "made_by": "a", "outcome": CODE}
    with pytest.raises(Exception, match="no code of the list") as refusal:
        await run_command(core, "referral.step", step)
    assert CODE not in refusal.value.hint
    assert "located_safe" in refusal.value.hint
