"""Export and import through the commands: what is recorded, and what is refused whole."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import subprocess
from datetime import date
from pathlib import Path

import pytest
from google.protobuf import json_format

from node.app import Core
from node.cases.exporting import export_subject
from node.commands import run_command
from node.errors import NodeError
from node.forms.pfif_xml import Record, encode_pfif, parse_pfif
from node.home import UNLOCK_VARIABLE
from node.store import cases, exports
from node.store.origins import record_origin
from node.training.cases import invented_case
from node.training.photos import draw_face
from protocol.errors import PolicyRefusal
from protocol.ids import LegId, NodeId
from protocol.log import LeafKind, parse_leaf
from protocol.pb.homeward.v1 import case_pb2
from tests.support.commands import homeward
from tests.support.nodes import PASSPHRASE, make_federation
from tests.support.snapshots import snapshot

BE = "be.example"


def invented(number: int = 3) -> str:
    # Long before the clock of these tests.
    return json_format.MessageToJson(invented_case(number, "forms", date(2026, 1, 1)).case)


async def add(core: Core, number: int = 3) -> str:
    added = await run_command(core, "case.add", {"case": invented(number), "made_by": "a"})
    case_id: str = added["case_id"]
    return case_id


async def export(core: Core, case_id: str, **more: object) -> dict:
    arguments = {"case_id": case_id, "reason": "asked by the registry", "made_by": "a", **more}
    return await run_command(core, "case.export", arguments)


def import_of(*records: Record, **more: object) -> dict:
    data = base64.b64encode(encode_pfif(records)).decode()
    return {"pfif": data, "made_by": "a", **more}


async def test_an_export_is_recorded_with_who_and_why_and_the_leaf_commits_to_the_file(
    core: Core,
) -> None:
    case_id = await add(core)
    answer = await export(core, case_id)
    data = base64.b64decode(answer["pfif"])
    (row,) = await core.store.read(lambda db: exports.of_case(db, case_id))
    assert (row.reason, row.made_by, row.case_version) == ("asked by the registry", "a", 1)
    assert row.digest == hashlib.sha256(data).digest()
    _, _, leaves = await core.context.logbook.leaves(start=answer["log_position"], count=1)
    leaf = parse_leaf(leaves[0])
    assert leaf.kind is LeafKind.EXPORT
    assert leaf.subject == export_subject(row.salt, row.digest)
    again = await export(core, case_id)
    assert again["log_position"] != answer["log_position"]


async def test_no_leaf_tells_that_the_same_file_left_twice(core: Core) -> None:
    case_id = await add(core)
    assert (await export(core, case_id))["pfif"] == (await export(core, case_id))["pfif"]
    rows = await core.store.read(lambda db: exports.of_case(db, case_id))
    assert len({row.digest for row in rows}) == 1
    assert len({export_subject(row.salt, row.digest) for row in rows}) == 2


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"reason": ""}, NodeError),
        ({"reason": "  "}, NodeError),
        ({"field": ["children.names", "exploitation"]}, PolicyRefusal),
        ({"field": ["children.names", "sources"]}, PolicyRefusal),
        ({"field": ["children.sex"]}, NodeError),
        ({"field": ["no.such.field"]}, PolicyRefusal),
        ({"case_id": "nothing"}, NodeError),
    ],
    ids=["no reason", "blank", "sensitive", "never leaves", "no name", "no field", "no case"],
)
async def test_a_refused_export_changes_nothing(core: Core, more: dict, error: type) -> None:
    case_id = await add(core)
    before = await snapshot(core)
    with pytest.raises(error):
        await export(core, **{"case_id": case_id, **more})
    assert await snapshot(core) == before


async def classed(core: Core) -> str:
    case_id = await add(core)
    more = [
        "children[c1].description.worn_aids=hearing_aid",
        "children[c1].description.build=slim",
        "children[c1].communication_needs=sign_language",
    ]
    changed = {"case_id": case_id, "set": more, "reason": "told", "made_by": "a"}
    await run_command(core, "case.change", changed)
    return case_id


async def test_special_categories_do_not_leave_as_a_file(core: Core) -> None:
    case_id = await classed(core)
    record = parse_pfif(base64.b64decode((await export(core, case_id))["pfif"])).records[0]
    assert "build" in record.fields["description"]
    assert "aid" not in record.fields["description"]
    before = await snapshot(core)
    for path in ("children", "children.description", "children.description.worn_aids"):
        with pytest.raises(PolicyRefusal) as refusal:
            await export(core, case_id, field=["children.names", path])
        assert refusal.value.rule == "special_not_exported"
    assert await snapshot(core) == before


async def test_what_a_peer_told_does_not_leave_as_a_file(core: Core) -> None:
    case_id = await add(core)
    part = case_pb2.Case()
    part.children.add().CopyFrom((await core.cases.get(case_id)).case.children[0])
    await core.store.write(
        lambda db: record_origin(
            db, case_id, part, peer=NodeId("gr.example"), leg_id=LegId(bytes(16))
        )
    )
    before = await snapshot(core)
    with pytest.raises(PolicyRefusal) as refusal:
        await export(core, case_id)
    assert refusal.value.rule == "onward_sharing"
    assert await snapshot(core) == before


async def test_chosen_fields_go_instead_of_the_minimal_part(core: Core) -> None:
    case_id = await add(core)
    whole = parse_pfif(base64.b64decode((await export(core, case_id))["pfif"]))
    names = parse_pfif(
        base64.b64decode((await export(core, case_id, field=["children.names"]))["pfif"])
    )
    assert "sex" in whole.records[0].fields
    assert "sex" not in names.records[0].fields
    (_, row) = await core.store.read(lambda db: exports.of_case(db, case_id))
    assert row.paths == "children.names"


async def test_the_record_of_an_export_goes_with_its_case() -> None:
    assert "exports" in cases.ERASED_WITH_A_CASE


PERSON = Record(
    {"person_record_id": "pfif.example/1", "full_name": "Testina Fictiva", "given_name": "Testina",
     "family_name": "Fictiva", "date_of_birth": "2012-05-17"}
)  # fmt: skip
OTHER = Record({"person_record_id": "pfif.example/2", "full_name": "Onyma Zweitens"})


async def test_each_person_becomes_a_case_and_is_found(core: Core) -> None:
    answer = await run_command(core, "case.import", import_of(PERSON, OTHER, reason="a mail"))
    assert [each["record_id"] for each in answer["cases"]] == ["pfif.example/1", "pfif.example/2"]
    (hit,) = await core.finding.find("Testina Fictiva 17.05.2012")
    assert hit.case_id == answer["cases"][0]["case_id"]
    assert (await core.cases.get(hit.case_id)).row.reason == "a mail"


async def test_one_possible_duplicate_holds_up_all_until_somebody_says_that_it_is_none(
    core: Core,
) -> None:
    await run_command(core, "case.import", import_of(PERSON))
    before = await snapshot(core)
    with pytest.raises(NodeError) as refused:
        await run_command(core, "case.import", import_of(OTHER, PERSON))
    assert refused.value.code == "possible_duplicate"
    assert "Testina" not in refused.value.sentence + refused.value.hint
    assert await snapshot(core) == before
    await run_command(core, "case.import", import_of(OTHER, PERSON, not_a_duplicate=True))
    assert len(await core.cases.list()) == 3


@pytest.mark.parametrize(
    "records",
    [
        (PERSON, PERSON),
        (OTHER, Record({"full_name": "No Id"})),
        (OTHER, Record({"person_record_id": "pfif.example/3"})),
        (OTHER, Record({**PERSON.fields, "date_of_birth": "2099-05-17"})),
    ],
    ids=["twice", "no id", "no name", "not yet born"],
)
async def test_a_file_with_one_bad_record_is_refused_whole(
    core: Core, records: tuple[Record, ...]
) -> None:
    before = await snapshot(core)
    with pytest.raises(NodeError) as refused:
        await run_command(core, "case.import", import_of(*records))
    assert refused.value.code == "bad_pfif"
    assert await snapshot(core) == before


async def test_an_expired_record_is_left_out_and_told(core: Core) -> None:
    old = Record({**OTHER.fields, "expiry_date": "2001-01-01T00:00:00Z"})
    answer = await run_command(core, "case.import", import_of(PERSON, old))
    assert answer["expired_count"] == 1
    assert len(answer["cases"]) == 1


async def test_hague_and_yellow_answer_for_a_case(core: Core) -> None:
    case_id = await add(core)
    told = await run_command(core, "case.yellow", {"case_id": case_id})
    assert told["needed_count"] == 5
    assert told["children"][0]["missing"] == []
    form = await run_command(core, "case.hague", {"case_id": case_id, "language": "fr"})
    assert [section["number"] for section in form["sections"]][:3] == ["I", "II", "III"]


def test_on_the_command_line_a_case_goes_out_and_comes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(UNLOCK_VARIABLE, PASSPHRASE.decode())
    home = str(make_federation(tmp_path, (BE,)).home(BE).folder)
    where = ("--home", home)
    (tmp_path / "case.json").write_text(invented(), encoding="utf-8")
    added = homeward("case", "add", "--file", str(tmp_path / "case.json"), "--json", *where)
    case_id = json.loads(added.out)["case_id"]
    out = tmp_path / "case.xml"
    wrote = homeward(
        "case", "export", case_id, "--pfif", "--reason", "test", "--out", str(out), *where
    )
    assert wrote.code == 0
    assert f"wrote {out}" in wrote.out
    assert out.stat().st_mode & 0o077 == 0
    again = homeward(
        "case", "export", case_id, "--pfif", "--reason", "test", "--out", str(out), *where
    )
    assert again.code == 2
    assert "already" in again.errors
    here = homeward("case", "import", "--pfif", str(out), *where)
    assert here.code == 1
    assert "there may be a case of this child already" in here.errors
    taken = homeward("case", "import", "--pfif", str(out), "--not-a-duplicate", *where)
    assert taken.code == 0
    assert taken.out.startswith(f"case {BE}/")
    ready = homeward("case", "yellow", case_id, *where)
    assert ready.out.splitlines()[0] == (
        "child c1: ready for police to ask a Yellow Notice: 5 of 5"
    )
    form = homeward("case", "hague", case_id, *where)
    assert "I. Identity of the child and its parents" in form.out
    assert "  MISSING: " in form.out


@pytest.mark.usefixtures("with_pdf")
def test_on_the_command_line_forms_are_written_as_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pypdf import PdfReader

    monkeypatch.setenv(UNLOCK_VARIABLE, PASSPHRASE.decode())
    where = ("--home", str(make_federation(tmp_path, (BE,)).home(BE).folder))
    (tmp_path / "case.json").write_text(invented(), encoding="utf-8")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(draw_face(random.Random(1)))
    added = homeward(
        "case", "add", "--file", str(tmp_path / "case.json"), "--photo", str(photo), "--json",
        *where,
    )  # fmt: skip
    case_id = json.loads(added.out)["case_id"]
    changed = homeward(
        "case", "change", case_id, "--set", "files[f1].may_publish=yes", "--reason", "x", *where
    )
    assert changed.code == 0, changed
    for form, said, pictures in (("hague", "I. Identity of the child", 0), ("poster", "Call:", 1)):
        out = tmp_path / f"{form}.pdf"
        wrote = homeward("case", form, case_id, "--pdf", str(out), *where)
        assert (wrote.code, wrote.out) == (0, f"wrote {out}\n"), wrote
        assert out.stat().st_mode & 0o077 == 0
        document = PdfReader(out)
        assert said in " ".join(page.extract_text() for page in document.pages)
        assert len(document.pages[0].images) == pictures


def test_on_the_command_line_nothing_is_written_where_no_pdf_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(UNLOCK_VARIABLE, PASSPHRASE.decode())
    where = ("--home", str(make_federation(tmp_path, (BE,)).home(BE).folder))
    (tmp_path / "case.json").write_text(invented(), encoding="utf-8")
    added = homeward("case", "add", "--file", str(tmp_path / "case.json"), "--json", *where)
    case_id = json.loads(added.out)["case_id"]
    there = tmp_path / "case.json"
    again = homeward("case", "hague", case_id, "--pdf", str(there), *where)
    assert (again.code, "already" in again.errors) == (2, True)
    ended = subprocess.CompletedProcess([], 4, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    out = tmp_path / "form.pdf"
    refused = homeward("case", "hague", case_id, "--pdf", str(out), *where)
    other = homeward("case", "poster", case_id, "--language", "ar", "--pdf", str(out), *where)
    assert (other.code, "no sheets in this language" in other.errors) == (2, True)
    assert refused.code != 0
    assert "the extra `pdf` is not installed" in refused.errors
    assert not out.exists()
