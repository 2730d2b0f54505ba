"""Posters: only what is offered, only what was said, only while it may be published."""

from __future__ import annotations

import base64
import io
import json
from datetime import date
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from PIL import Image

from node.commands import run_command
from node.errors import NodeError
from node.forms.poster import BY_DEFAULT, OFFERED, age_of, make_poster, publishable_photo
from protocol.disclosure import Share
from protocol.pb.homeward.v1.case_pb2 import Case, Child
from tests.support.cases import ALL_FIELDS, LEAF_PATHS, atoms, filled_case
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


# All that a poster is made of, of a case; nothing of it is sensitive.
READ = {
    "status", "reported_missing_at", "children.id", "children.status", "children.names.type",
    "children.names.full", "children.names.given", "children.names.family",
    "children.names.second_family", "children.date_of_birth", "children.age_years",
    "children.sex", "children.description.height_cm", "children.description.build",
    "children.description.hair_colours", "children.description.hair_length",
    "children.description.eye_colours", "children.description.clothing.item",
    "children.description.clothing.colours", "children.description.clothing.brand",
    "children.description.marks.kind", "children.description.marks.body_region",
    "circumstances.last_seen.seen", "circumstances.last_seen.place.locality",
    "circumstances.last_seen.place.country", "files.id", "files.kind", "files.child_ids",
    "files.may_publish", "files.may_publish_until",
}  # fmt: skip


def without(message: Message, hidden: set[str], path: str = "") -> None:
    """Take fields out of a case, wherever they stand in it."""
    for descriptor, held in message.ListFields():
        here = f"{path}.{descriptor.name}" if path else descriptor.name
        if here in hidden:
            message.ClearField(descriptor.name)
        elif descriptor.message_type is not None and here in GROUPS:
            for value in held if descriptor.is_repeated else [held]:
                without(value, hidden, here)


GROUPS = {path for path, info in ALL_FIELDS.items() if info.is_group}


def shown_case() -> Case:
    """A case with everything in it, of which there may be a poster with a photo."""
    full = filled_case(set(LEAF_PATHS), 2)
    full.status = ""
    for child in full.children:
        child.status = ""
        child.date_of_birth.Clear()
    for each in full.files:
        each.kind, each.may_publish, each.child_ids[:] = "photo", "yes", []
        each.ClearField("may_publish_until")
    del full.police[:], full.authorities[:]
    return full


def test_nothing_of_a_poster_is_sensitive_and_all_else_can_change_without_it() -> None:
    assert all(ALL_FIELDS[path].share < Share.SENSITIVE for path in READ)
    full, bare = shown_case(), shown_case()
    without(bare, {path for path in LEAF_PATHS if path not in READ})
    assert len(list(atoms(bare))) < len(list(atoms(full))) / 5
    for language in ("en", "uk"):
        posters = [make_poster(each, language, TODAY, tuple(OFFERED)) for each in (full, bare)]
        assert posters[0] == posters[1]
        assert posters[0][0].file_id
    # And each that is read does change it, so the list is no longer than it must be.
    before = make_poster(full, "en", TODAY, tuple(OFFERED))
    for path in ("children.names.given", "children.sex", "children.description.marks.kind"):
        changed = shown_case()
        without(changed, {path, "children.names.full"} if "names" in path else {path})
        assert make_poster(changed, "en", TODAY, tuple(OFFERED)) != before, path


@pytest.mark.parametrize("name", list(OFFERED))
def test_what_is_left_off_is_not_there(name: str) -> None:
    whole = make_poster(shown_case(), "en", TODAY, tuple(OFFERED))
    rest = make_poster(shown_case(), "en", TODAY, tuple(set(OFFERED) - {name}))
    alone = make_poster(shown_case(), "en", TODAY, (name,))
    for one, two, three in zip(whole, rest, alone, strict=True):
        assert [line for line in one.lines if line.name != name] == list(two.lines)
        assert [line for line in one.lines if line.name == name] == list(three.lines)
        assert (two.names == ()) == (name == "names")
        assert (two.file_id == "") == (name == "photo")


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
