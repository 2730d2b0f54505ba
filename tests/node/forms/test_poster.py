"""Posters: only what is offered, only what was said, only while it may be published."""

from __future__ import annotations

import base64
import io
import json
from datetime import date
from pathlib import Path

import pytest
from google.protobuf import json_format
from PIL import Image

from node.commands import run_command
from node.errors import NodeError
from node.forms.poster import BY_DEFAULT, OFFERED, age_of, make_poster, publishable_photo
from protocol.pb.homeward.v1.case_pb2 import Case, Child
from tests.support.cases import LEAF_PATHS, atoms, filled_case
from tests.support.nodes import DirectLink, SettableClock, make_federation, open_core

TODAY = date(2026, 11, 22)


def case(**values: object) -> Case:
    return json_format.ParseDict({"children": [{"id": "c1"}], **values}, Case())


def file(**values: object) -> Case:
    return case(files=[{"id": "f1", "kind": "photo", **values}])


def test_nothing_but_what_is_offered_gets_onto_a_poster() -> None:
    full = filled_case(set(LEAF_PATHS), 1)
    full.status = ""
    for child in full.children:
        child.status = ""
    del full.police[:], full.authorities[:]
    (child,) = make_poster(full, "en", TODAY, tuple(OFFERED))
    said = " ".join([*child.names, *(line.text for line in child.lines)])
    allowed = (
        "children.names.", "children.sex", "children.description.", "circumstances.last_seen.place",
        "children.age_years",
    )  # fmt: skip
    for path, value in atoms(full):
        if isinstance(value, str) and len(value) > 3 and not path.startswith(allowed):
            assert value not in said, path
        if path.startswith(("circumstances.last_seen.place.street", "children.description.skin")):
            assert str(value) not in said or not value, path


@pytest.mark.parametrize(
    ("values", "is_there"),
    [
        ({"mayPublish": "yes"}, True),
        ({"mayPublish": "yes", "mayPublishUntil": {"year": 2026, "month": 11, "day": 22}}, True),
        ({"mayPublish": "yes", "mayPublishUntil": {"year": 2026, "month": 11, "day": 21}}, False),
        ({"mayPublish": "yes", "mayPublishUntil": {"precision": "unknown"}}, False),
        ({"mayPublish": "yes", "childIds": ["c2"]}, False),
        ({"mayPublish": "yes", "kind": "identity_copy"}, False),
        ({"mayPublish": "no"}, False),
        ({}, False),
    ],
)
def test_a_photo_is_shown_only_where_somebody_said_so(
    values: dict[str, object], is_there: bool
) -> None:
    found = file(**values)
    assert publishable_photo(found, found.children[0], TODAY) == ("f1" if is_there else "")


def test_an_age_is_years_and_never_a_date() -> None:
    def age(**born: int) -> str:
        return age_of(json_format.ParseDict({"dateOfBirth": born}, Child()), TODAY)

    assert age(year=2014, month=11, day=22) == "12"
    assert age(year=2014, month=11, day=23) == "11"
    assert age(year=2014) == "11-12"
    assert age() == ""


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"police": [{"id": "a", "wishes": [{"kind": "hold_publication"}]}]}, "publication_held"),
        ({"status": "closed"}, "case_over"),
    ],
)
def test_there_is_no_poster_of_what_may_not_be_published(
    values: dict[str, object], code: str
) -> None:
    with pytest.raises(NodeError) as caught:
        make_poster(case(**values), "en", TODAY, BY_DEFAULT)
    assert caught.value.code == code


def test_a_field_that_is_not_offered_is_refused() -> None:
    with pytest.raises(NodeError) as caught:
        make_poster(case(), "en", TODAY, ("date_of_birth",))
    assert caught.value.code == "unknown_field"


def test_a_child_that_is_back_stands_on_no_poster() -> None:
    found = case(children=[{"id": "c1", "status": "back"}, {"id": "c2", "status": "missing"}])
    assert [child.child_id for child in make_poster(found, "en", TODAY, ("names",))] == ["c2"]


async def test_the_commands_tell_flags_poster_and_file(tmp_path: Path) -> None:
    name = "be.example"
    core = open_core(make_federation(tmp_path, (name,)), name, DirectLink(), SettableClock())
    photo = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 0, 0)).save(photo, "PNG")
    case_json = json.dumps({"childWishes": [{"childId": "c1"}], "children": [{"id": "c1"}]})
    try:
        added = await run_command(
            core, "case.add",
            {
                "case": case_json, "made_by": "test",
                "photos": [base64.b64encode(photo.getvalue()).decode()],
            },
        )  # fmt: skip
        about = {"case_id": added["case_id"], "made_by": "test"}
        (flag,) = (await run_command(core, "case.flags", about))["flags"]
        assert (flag["kind"], flag["codes"]) == ("childs_wish", ["nobody"])
        poster = await run_command(core, "case.poster", about)
        assert poster["telephone"]
        assert poster["children"][0]["file_id"] == ""
        file = await run_command(core, "case.file", {**about, "file_id": "f1"})
        assert base64.b64decode(file["content"]).startswith(b"\xff\xd8\xff")
        with pytest.raises(NodeError) as caught:
            await run_command(core, "case.file", {**about, "file_id": "f2"})
        assert caught.value.code == "unknown_file"
        # Each of them is a look at the case.
        seen = await run_command(core, "audit.accesses", {"subject": added["case_id"]})
        assert {"case.flags", "case.poster", "case.file"} <= {
            each["action"] for each in seen["accesses"]
        }
    finally:
        await core.close()
