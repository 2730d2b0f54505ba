"""A case is erased while something of it still waits for a peer."""

from __future__ import annotations

import pytest

from node.errors import DeliveryError
from node.exchange.attachments import AttachmentSending
from node.exchange.requests import Requests
from node.store import attachments, messages, outbox
from protocol.exchange.leg import State
from tests.node.erasing.conftest import LATIN, Scene
from tests.node.erasing.test_erasing import holders
from tests.support.contents import note
from tests.support.network import BE, FR, GR, settled


async def erase(scene: Scene):
    core = scene.network.cores[BE]
    return await core.erasing.erase_case(
        scene.case_id, "consent_withdrawn", made_by="anna", has_also_open=True
    )


async def known(scene: Scene) -> None:
    """Let Belgium know Greece's keys, and Greece be away."""
    await scene.network.cores[BE].descriptors.refresh(GR)
    scene.network.unplug(GR)


async def test_what_never_left_is_taken_back(scene: Scene) -> None:
    leg = await scene.refer(FR)
    found = await erase(scene)
    assert (found.asked, found.not_asked, found.withdrawn) == ([], [], [])
    core = scene.network.cores[BE]
    assert await core.store.read(lambda db: messages.leg(db, leg)) is None
    assert await core.store.read(lambda db: outbox.count(db, FR)) == 0
    assert scene.found(BE) == {}


async def test_what_is_sealed_arrives_and_the_request_right_behind_it(scene: Scene) -> None:
    await known(scene)
    leg = await scene.refer()
    assert (await erase(scene)).asked == [(GR, leg)]
    assert scene.found(BE) == {}
    scene.network.plug(GR)
    await scene.network.wake_when_due()
    await scene.same_steps(leg)
    gr = scene.network.cores[GR]
    view = await gr.legs.view(leg)
    assert [row.name for row in view.messages] == ["referral", "withdraw", "erase_request"]
    assert LATIN in scene.found(GR)
    await gr.erasing.erase_leg(leg, made_by="nikos")
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    assert scene.found(GR) == scene.found(BE) == {}
    assert not (await holders(scene))[GR].has_copy


async def test_what_would_have_to_be_sealed_again_is_given_up(scene: Scene) -> None:
    await known(scene)
    leg = await scene.refer()
    await erase(scene)
    be = scene.network.cores[BE]
    await be.store.write(outbox.unseal_all)
    scene.network.plug(GR)
    await scene.network.wake_when_due()
    await settled()
    assert await be.store.read(lambda db: outbox.count(db, GR)) == 0
    assert (await be.legs.view(leg)).state is State.UNDELIVERABLE
    assert await scene.network.cores[GR].legs.list() == []


async def test_a_recipients_own_words_go_when_they_have_arrived(scene: Scene) -> None:
    leg = await scene.worked_on(await scene.arrived(await scene.refer()))
    be, gr = scene.network.cores[BE], scene.network.cores[GR]
    await be.erasing.ask(leg, "subject_request", made_by="anna")
    be.delivery.wake(GR)
    await scene.same_steps(leg)
    scene.network.unplug(BE)
    words = note()
    words.text.text = f"About {LATIN}."
    await gr.legs.step(leg, words, made_by="nikos")
    await gr.erasing.erase_leg(leg, made_by="nikos")
    assert set(scene.found(GR)) == {LATIN}
    scene.network.plug(BE)
    gr.delivery.wake(BE)
    await scene.network.wake_when_due()
    times = [row.not_before_ms for row in await gr.store.read(lambda db: outbox.of_peer(db, BE))]
    queue = await gr.store.read(lambda db: outbox.queue(db, BE))
    scene.network.clock.at_ms = max([scene.network.clock.at_ms, queue.next_try_ms, *times])
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    await gr.endings.look()
    assert scene.found(GR) == {}


async def test_files_on_their_way_to_a_copy_that_is_erased_are_sent_no_more(scene: Scene) -> None:
    gr, be = scene.network.cores[GR], scene.network.cores[BE]
    taken = gr.service.blobs

    async def none_now(*_: object) -> bytes:
        raise DeliveryError("unreachable", "not now", retryable=True)

    gr.service.blobs = none_now
    leg = await scene.refer()
    await scene.network.reach(leg, State.DELIVERED, BE, GR)
    assert len(await be.store.read(attachments.all_waiting_sets)) == 1
    await be.erasing.ask(leg, "sent_in_error", made_by="anna")
    await scene.network.wake_when_due()
    await scene.same_steps(leg)
    await gr.erasing.erase_leg(leg, made_by="nikos")
    gr.delivery.wake(BE)
    await scene.same_steps(leg)
    await be.endings.look()
    # That they were erased there is said; that it was these, only Greece's node can say.
    assert len(await be.store.read(attachments.all_waiting_sets)) == 1
    gr.service.blobs = taken
    requests = Requests(be.context, be.descriptors)
    with pytest.raises(DeliveryError):
        await AttachmentSending(be.context, requests).send_waiting(GR)
    await be.endings.look()
    assert await be.store.read(attachments.all_waiting_sets) == []
    assert scene.blobs(GR) == []
    # The file is the case's, and stays with it.
    assert len(scene.blobs(BE)) == 1
