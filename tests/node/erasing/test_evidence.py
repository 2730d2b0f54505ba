"""Of an erased leg it can still be proven that it was sent and received, and not what it said."""

from __future__ import annotations

import pytest

from node.audit.verify import verify_bundle
from node.errors import NodeError
from protocol.report import Claim, Verdict
from tests.node.erasing.conftest import SECRETS, Scene
from tests.support.network import BE, GR


async def verdicts(scene: Scene, name: str, wanted: bytes, *, with_opening: bool = False):
    core = scene.network.cores[name]
    bundle = await core.evidence.collect(wanted, with_opening=with_opening)
    assert not any(secret.encode() in bundle for secret in SECRETS) or with_opening
    report = verify_bundle(bundle, scene.network.federation.root, scene.network.clock.at_ms)
    return {finding.claim: finding.verdict for finding in report.findings}


async def test_what_an_erased_leg_still_proves(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    wanted = (await gr.legs.view(leg)).messages[0].message_id
    whole = await verdicts(scene, GR, wanted, with_opening=True)
    assert whole[Claim.CONTENT] is Verdict.PROVEN
    await be.erasing.ask(leg, "subject_request", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    await gr.erasing.erase_leg(leg, made_by="nikos")
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    bare = await verdicts(scene, GR, wanted)
    assert bare[Claim.CONTENT] is Verdict.NOT_INCLUDED
    assert {c: v for c, v in bare.items() if c is not Claim.CONTENT} == {
        c: v for c, v in whole.items() if c is not Claim.CONTENT
    }
    with pytest.raises(NodeError) as refusal:
        await gr.evidence.collect(wanted, with_opening=True)
    assert refusal.value.code == "content_erased"
    # Who sent it can show it still, as long as it has its own copy.
    assert (await verdicts(scene, BE, wanted, with_opening=True))[Claim.CONTENT] is Verdict.PROVEN
    # That it was asked for and done can be shown, with the words, by both.
    asked, erased = (row.message_id for row in (await gr.legs.view(leg)).messages[1:])
    for name in (BE, GR):
        for message in (asked, erased):
            found = await verdicts(scene, name, message, with_opening=True)
            assert {found[c] for c in (Claim.SENT, Claim.RECEIVED, Claim.CONTENT)} == {
                Verdict.PROVEN
            }


async def test_nor_can_the_sender_show_it_when_its_case_is_erased(scene: Scene) -> None:
    leg = await scene.arrived(await scene.refer())
    be = scene.network.cores[BE]
    wanted = (await be.legs.view(leg)).messages[0].message_id
    await be.erasing.erase_case(scene.case_id, "retention_over", made_by="a", has_also_open=True)
    bare = await verdicts(scene, BE, wanted)
    assert (bare[Claim.SENT], bare[Claim.RECEIVED]) == (Verdict.PROVEN, Verdict.PROVEN)
    with pytest.raises(NodeError) as refusal:
        await be.evidence.collect(wanted, with_opening=True)
    assert refusal.value.code == "content_erased"
