"""Changes of own cases: each a version, none over another, what is refused leaves nothing."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable

import pytest
from PIL import Image

from node.app import Core
from node.errors import NodeError, StoreError
from protocol.casework.differences import What
from protocol.ids import BlobId
from protocol.pb.homeward.v1 import case_pb2


def photo(colour: str = "red") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(data, "PNG")
    return data.getvalue()


def siblings() -> case_pb2.Case:
    case = case_pb2.Case(category="parental_abduction_international", status="open")
    first = case.children.add(id="c1", sex="female")
    first.names.add(full="Testina Fictiva", script="Latn")
    first.names.add(full="Тестина Фиктива", script="Cyrl")
    case.children.add(id="c2", sex="male").names.add(full="Inventio Fictivus")
    case.persons.add(id="p1", roles=["parent_a"])
    return case


async def added(core: Core, photos: tuple[bytes, ...] = ()) -> str:
    return await core.cases.add(siblings(), photos, made_by="an", reason="a call")


async def edited(core: Core, case_id: str) -> case_pb2.Case:
    case = case_pb2.Case()
    case.CopyFrom((await core.cases.get(case_id)).case)
    return case


async def test_a_change_is_a_version_with_who_and_why_and_the_old_one_stays(core: Core) -> None:
    case_id = await added(core)
    case = await edited(core, case_id)
    case.children[0].sex = "unknown"
    del case.persons[0]
    version = await core.cases.change(case_id, 1, case, made_by="bo", reason="a second call")
    assert version == 2
    newest, old = await core.cases.get(case_id), await core.cases.get(case_id, 1)
    assert newest.case == case
    assert (newest.row.made_by, newest.row.reason) == ("bo", "a second call")
    assert old.case.children[0].sex == "female"
    assert [person.id for person in old.case.persons] == ["p1"]
    first, second = await core.cases.history(case_id)
    assert {each.what for each in first.differences} == {What.ADDED}
    assert [(each.place, each.what) for each in second.differences] == [
        ("children[c1].sex", What.CHANGED),
        ("persons[p1]", What.REMOVED),
    ]


async def test_what_was_changed_is_found_and_what_it_was_before_is_not(core: Core) -> None:
    case_id = await added(core)
    case = await edited(core, case_id)
    case.children[1].names[0].full = "Corrigendo Fictivus"
    await core.cases.change(case_id, 1, case, made_by="bo", reason="misheard")
    found = await core.finding.find("Corrigendo", 5)
    assert [hit.case_id for hit in found] == [case_id]
    assert await core.finding.find("Inventio", 5) == []


async def test_the_slower_of_two_colleagues_changes_nothing(core: Core) -> None:
    case_id = await added(core)
    changes = []
    for sex in ("other", "unknown"):
        case = await edited(core, case_id)
        case.children[1].sex = sex
        changes.append(core.cases.change(case_id, 1, case, [photo()], made_by=sex, reason="a call"))
    first, second = await asyncio.gather(*changes, return_exceptions=True)
    assert first == 2
    assert isinstance(second, NodeError)
    assert second.code == "case_changed"
    assert "version 2" in second.hint
    view = await core.cases.get(case_id)
    assert (view.row.version, view.case.children[1].sex) == (2, "other")
    assert len(core.context.blobs.ids()) == len(view.files) == 1


async def test_the_photo_of_a_change_that_comes_too_late_is_not_kept(core: Core) -> None:
    case_id = await added(core)
    late = await edited(core, case_id)
    late.status = "closed"
    # Somebody else's version gets in between the look at the newest one and the writing.
    before = core.cases.get

    async def get(asked: str, version: int | None = None) -> object:
        view = await before(asked, version)
        core.cases.get = before  # type: ignore[method-assign]
        case = await edited(core, case_id)
        case.status = "found_open"
        await core.cases.change(case_id, 1, case, made_by="bo", reason="found")
        return view

    core.cases.get = get  # type: ignore[assignment, method-assign]
    with pytest.raises(NodeError) as refusal:
        await core.cases.change(case_id, 1, late, [photo()], made_by="an", reason="closed")
    assert refusal.value.code == "case_changed"
    assert (await core.cases.get(case_id)).case.status == "found_open"
    assert core.context.blobs.ids() == set()


def renamed(case: case_pb2.Case) -> None:
    case.children[1].id = "c3"


def relabelled(case: case_pb2.Case) -> None:
    case.files[0].media_type = "image/png"


@pytest.mark.parametrize(
    ("change", "reason", "code"),
    [
        (lambda case: setattr(case, "federated_id", "be.example/" + "0" * 26), "x", "fixed_field"),
        (lambda case: setattr(case, "lead_node", "gr.example"), "x", "fixed_field"),
        (renamed, "x", "id_changed"),
        (relabelled, "x", "file_fixed"),
        (lambda case: case.files.add(id="f9", digest=b"1" * 32), "x", "file_fixed"),
        (lambda case: setattr(case, "category", "category_of_2031"), "x", "bad_case"),
        (lambda case: setattr(case.files[0], "kind", "csam"), "x", "never_attached"),
        (lambda case: None, "x", "nothing_changed"),
        (lambda case: setattr(case, "status", "closed"), " ", "reason_missing"),
        (lambda case: setattr(case, "status", "closed"), "x" * 1001, "reason_too_long"),
    ],
)
async def test_a_change_that_is_refused_makes_no_version(core, change, reason, code) -> None:
    case_id = await added(core, (photo(),))
    case = await edited(core, case_id)
    change(case)
    with pytest.raises(NodeError) as refusal:
        await core.cases.change(case_id, 1, case, made_by="bo", reason=reason)
    assert refusal.value.code == code
    assert len(await core.cases.history(case_id)) == 1
    assert len(core.context.blobs.ids()) == 1


@pytest.mark.parametrize(
    ("photos", "kind", "code"),
    [
        ([photo(), b"no photo at all"], "photo", "photo_kind_refused"),
        ([photo()], "csam", "never_attached"),
    ],
)
async def test_a_bad_file_leaves_nothing_of_the_good_ones(core, photos, kind, code) -> None:
    case_id = await added(core)
    case = await edited(core, case_id)
    with pytest.raises(NodeError) as refusal:
        await core.cases.change(
            case_id, 1, case, photos, made_by="bo", reason="photos", photo_kind=kind
        )
    assert refusal.value.code == code
    assert len(await core.cases.history(case_id)) == 1
    assert core.context.blobs.ids() == set()


async def test_the_refusal_of_abuse_material_says_where_to_report_it(core: Core) -> None:
    with pytest.raises(NodeError) as refusal:
        await core.cases.add(siblings(), [photo()], made_by="a", reason="", photo_kind="csam")
    assert refusal.value.code == "never_attached"
    assert "INHOPE" in refusal.value.hint
    assert "police" in refusal.value.hint
    assert await core.cases.list() == []


async def test_an_id_that_was_taken_out_never_stands_for_another_child(core: Core) -> None:
    case_id = await added(core)
    without = await edited(core, case_id)
    del without.children[1]
    await core.cases.change(case_id, 1, without, made_by="bo", reason="not his brother")
    before = await core.cases.get(case_id)
    for name in ("children", "persons"):
        case = await edited(core, case_id)
        getattr(case, name).add(id="c2")
        with pytest.raises(NodeError) as refusal:
            await core.cases.change(case_id, 2, case, made_by="bo", reason="a sister")
        assert refusal.value.code == "id_used"
        assert await core.cases.get(case_id) == before
    case = await edited(core, case_id)
    case.children.add(id="c3", sex="female")
    assert await core.cases.change(case_id, 2, case, made_by="bo", reason="a sister") == 3


async def test_a_photo_comes_with_a_change_and_the_id_of_one_that_went_is_not_used_again(
    core: Core,
) -> None:
    case_id = await added(core, (photo(),))
    case = await edited(core, case_id)
    del case.files[0]
    version = await core.cases.change(
        case_id, 1, case, [photo("blue")], made_by="bo", reason="newer", photo_kind="poster"
    )
    view, old = await core.cases.get(case_id, version), await core.cases.get(case_id, 1)
    assert [(file.file_id, file.digest) for file in view.files] == [
        (file.id, file.digest) for file in view.case.files
    ]
    assert [(file.id, file.kind) for file in view.case.files] == [("f2", "poster")]
    assert [file.file_id for file in old.files] == ["f1"]


async def test_an_older_version_can_be_made_the_newest_again(core: Core) -> None:
    case_id = await added(core)
    case = await edited(core, case_id)
    del case.children[1], case.persons[0]
    await core.cases.change(case_id, 1, case, made_by="bo", reason="slip")
    old = (await core.cases.get(case_id, 1)).case
    await core.cases.change(case_id, 2, old, made_by="an", reason="was right")
    assert (await core.cases.get(case_id)).case == old
    assert [each.place for each in (await core.cases.history(case_id))[2].differences] == [
        "children[c2]",
        "persons[p1]",
    ]


async def test_a_version_or_a_case_that_there_is_not(core: Core) -> None:
    case_id = await added(core)
    for call, code in (
        (core.cases.get(case_id, 2), "unknown_version"),
        (core.cases.get("be.example/nothing"), "unknown_case"),
        (core.cases.history("be.example/nothing"), "unknown_case"),
    ):
        with pytest.raises(NodeError) as refusal:
            await call
        assert refusal.value.code == code


async def test_when_the_disk_takes_one_photo_of_two_neither_is_kept(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await added(core)
    case = await edited(core, case_id)
    put, calls = core.context.blobs.put_file, []

    def put_once(pieces: Iterable[bytes]) -> tuple[BlobId, int]:
        calls.append(1)
        if len(calls) > 1:
            raise StoreError("disk_full", "the disk is full")
        return put(pieces)

    monkeypatch.setattr(core.context.blobs, "put_file", put_once)
    with pytest.raises(StoreError):
        await core.cases.change(
            case_id, 1, case, [photo(), photo("blue")], made_by="bo", reason="photos"
        )
    assert core.context.blobs.ids() == set()
    assert len(await core.cases.history(case_id)) == 1
    assert list(case.files) == []
