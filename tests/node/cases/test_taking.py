"""What a peer told comes into an own case field by field; what is left is said."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf import json_format
from PIL import Image

from node.commands import run_command
from node.errors import NodeError
from node.exchange.received import received_files
from node.store import code_labels
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from tests.support.contents import accept, claim, withdraw
from tests.support.network import BE, FR, GR, Network
from tests.support.nodes import make_federation, until
from tests.support.snapshots import snapshot

SEEN = "circumstances.sightings"


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    """Belgium, which has the case, and Greece, which was asked about it."""
    network = Network(make_federation(tmp_path, (BE, GR, FR)))
    await network.open(BE)
    await network.open(GR)
    yield network
    await network.close()


async def ask(network: Network, name, command: str, **arguments):
    return await run_command(network.cores[name], command, {"made_by": "a", **arguments})


async def add_case(network: Network, name, **fields) -> str:
    case = case_pb2.Case(category="runaway")
    child = case.children.add(id="c1", sex="female")
    child.names.add(given="Testina", family="Fictiva", script="Latn")
    child.date_of_birth.year, child.date_of_birth.month, child.date_of_birth.day = 2012, 5, 17
    child.date_of_birth.precision = "day"
    case.MergeFrom(case_pb2.Case(**fields))
    added = await ask(network, name, "case.add", case=json_format.MessageToJson(case))
    return added["case_id"]


async def case_of(network: Network, name, case_id: str) -> case_pb2.Case:
    return (await network.cores[name].cases.get(case_id)).case


async def refer(network: Network, case_id: str, *fields: str, file_ids=()):
    now_ms = network.clock.now_ms()
    sent = await ask(
        network, BE, "referral.send", to=GR, case_id=case_id, kind="tracing_request", urgency=3,
        ask="Seen her?", purpose="locate_child", art6="public_task", field=list(fields),
        file_ids=list(file_ids),
        police_informed="with_reference", reply_by_ms=now_ms + 1000,
        expires_at_ms=now_ms + 86_400_000,
    )  # fmt: skip
    leg = bytes.fromhex(sent["leg"])
    await network.reach(leg, State.DELIVERED, BE, GR)
    for content in (claim(), accept()):
        await network.step(GR, leg, content)
    await network.reach(leg, State.ACCEPTED, BE, GR)
    return leg


def proposal(**fields) -> message_pb2.Note:
    case = case_pb2.Case(**fields)
    note = message_pb2.Note(disclosure=case, text={"text": "Seen.", "language": "en"})
    note.legal_basis.purpose = "locate_child"
    note.legal_basis.art6_basis = "public_task"
    note.legal_basis.police_informed = "with_reference"
    return note


async def propose(network: Network, leg, mask: list[str], **fields) -> None:
    note = proposal(**fields)
    note.mask.paths.extend(mask)
    await network.step(GR, leg, note)

    async def is_there() -> bool:
        view = await network.cores[BE].legs.view(leg)
        return len(view.messages) == len((await network.cores[GR].legs.view(leg)).messages)

    await until(is_there)


async def states(network: Network, name, leg) -> dict[str, str]:
    shown = await ask(network, name, "referral.show", leg=leg.hex())
    return {each["path"]: each["state"] for step in shown["steps"] for each in step["proposals"]}


SIGHTING = {"id": "s1", "child_ids": ["c1"], "place": {"country": "GR", "locality": "Patra"}}


async def test_proposed_values_are_taken_as_a_version_and_go_to_no_other(network: Network) -> None:
    case_id = await add_case(network, BE)
    leg = await refer(network, case_id, "children.sex", "category")
    told = {"circumstances": {"sightings": [SIGHTING]}, "category": "lost_injured_other"}
    await propose(network, leg, [SEEN, "category"], **told)
    assert await states(network, BE, leg) == {SEEN: "open", "category": "open"}
    arguments = {"leg": leg.hex(), "field": [SEEN]}
    shown = await ask(network, BE, "case.take_preview", **arguments)
    assert (shown["case_id"], shown["conflicts"], shown["step"]) == (case_id, [], 3)
    assert ("Patra" in [row["text"] for row in shown["rows"]], shown["case_version"]) == (True, 1)
    assert (await case_of(network, BE, case_id)).circumstances == case_pb2.Circumstances()
    await ask(network, BE, "case.take", **arguments)
    view = await network.cores[BE].cases.get(case_id)
    assert view.row.version == 2
    assert leg.hex()[:8] in view.row.reason
    (sighting,) = view.case.circumstances.sightings
    assert (sighting.place.locality, list(sighting.child_ids)) == ("Patra", ["c1"])
    assert view.case.category == "runaway"
    assert await states(network, BE, leg) == {SEEN: "taken", "category": "open"}
    # Who told it is known, so it goes to nobody else by itself.
    assert {origin.peer for origin in view.origins} == {GR}
    again = {"to": FR, "case_id": case_id, "kind": "tracing_request", "field": [SEEN]}
    with pytest.raises(PolicyRefusal):
        await ask(
            network, BE, "referral.preview", **again, urgency=3, ask="?", purpose="locate_child",
            art6="public_task", police_informed="with_reference",
            reply_by_ms=network.clock.now_ms() + 1, expires_at_ms=network.clock.now_ms() + 2,
        )  # fmt: skip


async def test_what_has_another_value_here_is_shown_and_needs_a_word(network: Network) -> None:
    case_id = await add_case(network, BE)
    leg = await refer(network, case_id, "category")
    await propose(network, leg, ["category"], category="lost_injured_other")
    arguments = {"leg": leg.hex(), "field": ["category"]}
    (conflict,) = (await ask(network, BE, "case.take_preview", **arguments))["conflicts"]
    assert (conflict["place"], conflict["own"]) == ("category", "Runaway")
    assert conflict["told"] not in ("", conflict["own"])
    before = await snapshot(network.cores[BE])
    with pytest.raises(NodeError) as refusal:
        await ask(network, BE, "case.take", **arguments)
    assert refusal.value.code == "value_exists"
    assert await snapshot(network.cores[BE]) == before
    await ask(network, BE, "case.take", **arguments, replace=["category"])
    assert (await case_of(network, BE, case_id)).category == "lost_injured_other"
    with pytest.raises(NodeError) as refusal:
        await ask(network, BE, "case.take", **arguments)
    assert refusal.value.code == "nothing_new"


async def test_who_proposed_learns_what_was_left_and_why(network: Network) -> None:
    case_id = await add_case(network, BE)
    leg = await refer(network, case_id, "category")
    await propose(
        network, leg, ["category", "status"], category="lost_injured_other", status="open"
    )
    left = {"leg": leg.hex(), "step": 3, "field": ["category"], "text": "The police say runaway."}
    await ask(network, BE, "case.leave", **left)
    expected = {"category": "left", "status": "open"}
    assert await states(network, BE, leg) == expected

    async def is_told() -> bool:
        return await states(network, GR, leg) == expected

    await until(is_told)
    shown = await ask(network, GR, "referral.show", leg=leg.hex())
    assert shown["steps"][-1]["fields"]["text"] == "The police say runaway."
    assert shown["steps"][-1]["fields"]["left"] == "category"


@pytest.mark.parametrize(
    "bad",
    [
        {"step": 2},
        {"step": 9},
        {"field": ["children.names"]},
        {"field": ["no_such_field"]},
        {"field": ["lead_node"]},
        {"field": ["files"]},
        {"field": []},
        {"case_id": "nothing"},
        {"case_version": 7},
        {"file_ids": ["f1"]},
    ],
    ids=str,
)
async def test_what_cannot_be_taken_is_refused_and_nothing_is_changed(network, bad) -> None:
    case_id = await add_case(network, BE)
    leg = await refer(network, case_id, "category")
    await propose(network, leg, ["status", "lead_node"], status="open", lead_node="gr.example")
    before = await snapshot(network.cores[BE])
    with pytest.raises((NodeError, PolicyRefusal)):
        await ask(network, BE, "case.take", **{"leg": leg.hex(), "field": ["status"], **bad})
    assert await snapshot(network.cores[BE]) == before


async def test_a_reply_to_no_note_is_refused_and_nothing_is_changed(network: Network) -> None:
    leg = await refer(network, await add_case(network, BE), "category")
    before = await snapshot(network.cores[BE])
    for number in (1, 9):
        note = message_pb2.Note(text={"text": "No."}, replies_to=number)
        note.left.paths.append("category")
        with pytest.raises(NodeError) as refusal:
            await network.step(BE, leg, note)
        assert refusal.value.code == "incomplete_step"
    assert await snapshot(network.cores[BE]) == before


async def test_a_recipient_takes_a_referral_into_a_new_case_and_then_into_an_old_one(
    network: Network,
) -> None:
    case_id = await add_case(network, BE, status="open")
    fields = ("children", "category", "status", "federated_id")
    leg = await refer(network, case_id, *fields)
    arguments = {"leg": leg.hex(), "is_all": True}
    with pytest.raises(NodeError) as refusal:
        await ask(network, GR, "case.take", **arguments)
    assert refusal.value.code == "argument_missing"
    made = await ask(network, GR, "case.take", **arguments, is_new=True)
    case = await case_of(network, GR, made["case_id"])
    assert case.federated_id == made["case_id"] != case_id
    assert (case.children[0].names[0].given, case.category) == ("Testina", "runaway")
    assert (await network.cores[GR].legs.view(leg)).row.case_id == made["case_id"]
    # There is one of the child now.
    with pytest.raises(NodeError) as refusal:
        await ask(network, GR, "case.take", **arguments, is_new=True)
    assert refusal.value.code == "possible_duplicate"
    own = case_pb2.Case()
    own.children.add(id="c1", sex="male").names.add(given="Somebodyelse", script="Latn")
    added = await ask(network, GR, "case.add", case=json_format.MessageToJson(own))
    await ask(network, GR, "case.take", **arguments, case_id=added["case_id"])
    case = await case_of(network, GR, added["case_id"])
    assert [(child.id, child.sex) for child in case.children] == [("c1", "male"), ("c2", "female")]
    assert [link.federated_id for link in case.linked_cases] == [case_id]


async def test_what_is_said_to_be_the_same_is_one_child_here_and_goes_back_as_that(
    network: Network,
) -> None:
    case_id = await add_case(network, BE)
    leg = await refer(network, case_id, "children.sex", "category")
    own = case_pb2.Case()
    own.children.add(id="c1", sex="male").names.add(given="Somebodyelse", script="Latn")
    own.children.add(id="c9", age_band="13_to_15").names.add(given="Nobodysname", script="Latn")
    added = await ask(network, GR, "case.add", case=json_format.MessageToJson(own))
    arguments = {"leg": leg.hex(), "field": ["children.sex"], "case_id": added["case_id"]}
    for wrong in ("c1", "c1=c7", "c7=c9"):
        with pytest.raises(NodeError):
            await ask(network, GR, "case.take", **arguments, same=[wrong])
    await ask(network, GR, "case.take", **arguments, same=["c1=c9"])
    case = await case_of(network, GR, added["case_id"])
    assert [(child.id, child.sex) for child in case.children] == [("c1", "male"), ("c9", "female")]
    # Greece calls her c9, Belgium c1, and Belgium has no other child.
    note = {"leg": leg.hex(), "step": "note", "case_id": added["case_id"], "text": "Her age."}
    grounds = {"purpose": "locate_child", "art6": "public_task"}
    await ask(network, GR, "referral.step", **note, field=["children.age_band"], **grounds)

    async def is_there() -> bool:
        return "children.age_band" in await states(network, BE, leg)

    await until(is_there)
    await ask(network, BE, "case.take", leg=leg.hex(), field=["children.age_band"])
    (child,) = (await case_of(network, BE, case_id)).children
    assert (child.id, child.age_band, child.sex) == ("c1", "13_to_15", "female")
    # The other one is nobody whom Belgium knows, so is not taken for her.
    await ask(network, GR, "referral.step", **note, field=["children.names"], **grounds)
    view = await network.cores[GR].legs.view(leg)
    told = message_pb2.Message.FromString(view.messages[-1].payload).note.disclosure
    assert {child.names[0].given: child.id for child in told.children} == {
        "Somebodyelse": "c2",
        "Nobodysname": "c1",
    }


def jpeg() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "JPEG")
    return data.getvalue()


async def test_a_photo_is_drawn_anew_and_taken_with_its_origin(network: Network) -> None:
    photo = base64.b64encode(jpeg()).decode()
    case = json_format.MessageToJson(case_pb2.Case(category="runaway"))
    added = await ask(network, BE, "case.add", case=case, photos=[photo])
    leg = await refer(network, added["case_id"], "category", file_ids=["f1"])
    core = network.cores[GR]

    async def is_complete() -> bool:
        rows = await received_files(core.context, leg)
        return bool(rows) and all(row.is_complete for row in rows)

    await until(is_complete)
    taken = await ask(network, GR, "case.take", leg=leg.hex(), file_ids=["f1"], is_new=True)
    view = await core.cases.get(taken["case_id"])
    (file,), (row,) = view.files, await received_files(core.context, leg)
    assert (file.file_id, file.media_type) == ("f1", "image/jpeg")
    assert (file.blob_id, file.key) != (row.blob_id, row.key)
    assert {origin.mark.element for origin in view.origins} >= {"files[f1].digest"}
    with pytest.raises(NodeError):
        await ask(network, GR, "case.take", leg=leg.hex(), file_ids=["f2"], is_new=True)


async def test_what_was_taken_back_is_not_taken(network: Network) -> None:
    leg = await refer(network, await add_case(network, BE), "category")
    await network.step(BE, leg, withdraw("in_error"))
    await network.reach(leg, State.CANCEL_REQUESTED, BE, GR)
    await network.step(GR, leg, message_pb2.ConfirmCancel())
    before = await snapshot(network.cores[GR])
    with pytest.raises(NodeError) as refusal:
        await ask(network, GR, "case.take", leg=leg.hex(), is_all=True, is_new=True)
    assert refusal.value.code == "copy_over"
    assert await snapshot(network.cores[GR]) == before


async def test_a_code_of_a_newer_list_is_taken_with_its_words(network: Network) -> None:
    leg = await refer(network, await add_case(network, BE), "category")
    note = proposal(status="found_by_drone")
    note.mask.paths.append("status")
    core = network.cores[GR]
    words = {("case_status", "found_by_drone"): {"en": "Found from the air"}}
    # Greece has it from a still newer peer.
    await core.store.write(lambda db: code_labels.keep(db, "gr.example/0", words))
    await network.step(GR, leg, note)

    async def is_there() -> bool:
        return "status" in await states(network, BE, leg)

    await until(is_there)
    await ask(network, BE, "case.take", leg=leg.hex(), field=["status"])
    (view,) = await network.cores[BE].cases.list()
    shown = await ask(network, BE, "case.show", case_id=view.row.case_id)
    texts = {row["path"]: row["text"] for row in shown["rows"]}
    assert texts["status"] == "Found from the air (found_by_drone)"
