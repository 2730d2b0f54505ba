"""Every command on what was erased: no trace of it, no fault, and the stub where one is due."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keys.errors import KeysError
from node.commands import COMMANDS, run_command
from node.errors import NodeError, describe
from protocol.errors import PolicyRefusal
from protocol.ids import LegId
from tests.node.erasing.conftest import SECRETS, Scene
from tests.support.contents import outcome
from tests.support.network import BE, GR

SHOWS = ("case.list", "referral.list", "referral.due", "case.retention", "audit.log",
         "referral.approvals", "federation.show")  # fmt: skip
GONE = ("case.show", "case.history", "case.clocks", "case.hague", "case.yellow", "case.hold",
        "case.found", "case.close", "case.correct", "case.erase")  # fmt: skip


async def erased(scene: Scene) -> LegId:
    """Let the case, and with it the copy of Greece, be erased, and all of it be said."""
    leg = await scene.worked_on(await scene.arrived(await scene.refer()))
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    await scene.network.step(GR, leg, outcome())
    await scene.same_steps(leg)
    await be.erasing.erase_case(
        scene.case_id, "subject_request", made_by="anna", has_also_open=True
    )
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    await gr.erasing.erase_leg(leg, made_by="nikos")
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    for core in (be, gr):
        await core.endings.look()
    return leg


def without_a_trace(answer: object) -> str:
    text = json.dumps(answer, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in text], text
    return text


async def test_no_command_shows_anything_of_what_was_erased(scene: Scene) -> None:
    leg = await erased(scene)
    for name in (BE, GR):
        core = scene.network.cores[name]
        assert scene.found(name) == {}
        for command in SHOWS:
            without_a_trace(await run_command(core, command, {}))
        await run_command(core, "node.digest", {"since_ms": 0})
        without_a_trace(await run_command(core, "node.digest", {"since_ms": 0}))
        for secret in SECRETS:
            found = await run_command(core, "case.search", {"query": secret})
            assert found["hits"] == []
        shown = await run_command(core, "referral.show", {"leg": leg.hex()})
        without_a_trace(shown)
        told = [step for step in shown["steps"] if step["name"] in ("referral", "note", "outcome")]
        assert len(told) == 3
        assert all(step["is_erased"] for step in told)
        without_a_trace(await run_command(core, "referral.files", {"leg": leg.hex()}))
        bundle = await run_command(core, "audit.evidence", {"leg": leg.hex()})
        without_a_trace(bundle)
    holders = await run_command(scene.network.cores[BE], "case.holders", {"case_id": scene.case_id})
    without_a_trace(holders)
    assert holders["erased"]["reason"] == "subject_request"
    assert holders["holders"][0]["holdings"][0]["copy"] == "erased"


async def test_an_erased_case_is_unknown_to_every_command(scene: Scene) -> None:
    leg = await erased(scene)
    core = scene.network.cores[BE]
    known: dict[str, Any] = {
        "case_id": scene.case_id, "leg": leg.hex(), "made_by": "anna", "reason": "lawsuit",
        "outcome": "located_safe", "field": ["status"], "query": "x", "is_new": True,
    }  # fmt: skip
    for command in GONE:
        reason = "no_longer_needed" if command == "case.erase" else "lawsuit"
        with pytest.raises(NodeError) as refusal:
            await run_command(core, command, {**known, "reason": reason})
        assert refusal.value.code == "unknown_case", command
    for command in sorted(COMMANDS):
        for name in (BE, GR):
            try:
                answer = await run_command(scene.network.cores[name], command, known)
            except (NodeError, KeysError, PolicyRefusal) as error:
                answer = describe(error)
            without_a_trace(answer)
