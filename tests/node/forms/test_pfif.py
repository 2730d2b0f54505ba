"""PFIF 1.4 both ways: round trips of anything that may be said, and files meant to harm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from node.errors import NodeError
from node.forms.pfif_in import case_of_record, is_expired
from node.forms.pfif_out import EXPORT_DAYS, Export, export_case, full_name
from node.forms.pfif_xml import (
    FIELD_CHARACTERS,
    FILE_BYTES,
    NAMESPACE,
    NOTE_FIELDS,
    PERSON_FIELDS,
    RECORDS,
    Record,
    encode_pfif,
    parse_pfif,
)
from node.training.cases import invented_case
from protocol.disclosure import check_case, default_mask, disclose, fields
from protocol.pb.homeward.v1 import case_pb2

T = TypeVar("T")
NOW_MS = 1_800_000_000_000
DAY_MS = 24 * 3600 * 1000
CASE_ID = "be.example/01K000000000000000000000CA"
MASK = default_mask("tracing_request")

# What people write on one line; XML cannot hold the other characters at all.
LETTERS = st.characters(
    exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\u2028\u2029\ufffe\uffff"
)
LINES = st.text(LETTERS, min_size=1, max_size=40).map(lambda t: " ".join(t.split())).filter(bool)
PROSE = st.text(st.one_of(LETTERS, st.just("\n")), min_size=1, max_size=80)
HOME = ("street", "locality", "region", "postal_code")


@st.composite
def children(draw: st.DrawFn) -> case_pb2.Case:
    """Draw a case with what PFIF can say of a child."""
    case = case_pb2.Case(federated_id=CASE_ID)
    child = case.children.add(id="c1", sex=draw(st.sampled_from(("female", "male", "other", ""))))
    child.status = draw(st.sampled_from(("missing", "unknown")))
    child.names.add(given=draw(LINES), family=draw(LINES))
    for other in draw(st.lists(LINES, max_size=3)):
        child.names.add(type="alias", full=other)
    born = draw(st.none() | st.dates(date(1990, 1, 1), date(2026, 1, 1)))
    if born is not None:
        parts = draw(st.integers(1, 3))
        child.date_of_birth.year = born.year
        child.date_of_birth.month = born.month if parts > 1 else 0
        child.date_of_birth.day = born.day if parts > 2 else 0
        child.date_of_birth.precision = ("year", "month", "day")[parts - 1]
    ages = draw(st.none() | st.tuples(st.integers(0, 17), st.integers(0, 5)))
    if ages is not None:
        child.age_years.at_least, child.age_years.at_most = ages[0], sum(ages)
    for name in draw(st.sets(st.sampled_from(HOME))):
        setattr(child.habitual_residence, name, draw(LINES)[:20].strip())
    child.habitual_residence_country = draw(st.sampled_from(("", "BE", "GR", "UA")))
    if draw(st.booleans()):
        case.circumstances.text.text, case.circumstances.text.language = draw(PROSE), "en"
    return case


def exported(case: case_pb2.Case, paths: tuple[str, ...] = ()) -> Export:
    chosen = paths or tuple(info.path for info in fields(case_pb2.Case) if _is_whole(info.path))
    return export_case(
        disclose(case, chosen), case_id=CASE_ID, source="be.example", changed_at_ms=NOW_MS,
        now_ms=NOW_MS,
    )  # fmt: skip


def _is_whole(path: str) -> bool:
    return path in {"children", "circumstances", "linked_cases", "retention", "federated_id"}


@given(children())
@settings(max_examples=150, deadline=None)
def test_what_goes_out_comes_in_again(case: case_pb2.Case) -> None:
    (record,) = parse_pfif(encode_pfif(exported(case).records)).records
    imported = case_of_record(record)
    ours, theirs = case.children[0], imported.case.children[0]
    assert imported.not_taken == ()
    assert [full_name(name) for name in theirs.names] == [
        " ".join(full_name(name).split()) for name in ours.names
    ]
    assert theirs.names[0].given == ours.names[0].given
    assert theirs.sex == ours.sex
    assert theirs.date_of_birth == ours.date_of_birth
    assert theirs.age_years == ours.age_years
    assert theirs.habitual_residence == ours.habitual_residence
    assert theirs.habitual_residence_country == ours.habitual_residence_country
    assert theirs.status == ("missing" if ours.status == "missing" else "unknown")
    imported.case.federated_id = CASE_ID
    assert check_case(imported.case) == []


VALUES = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
RECORD = st.builds(
    Record,
    st.dictionaries(st.sampled_from(PERSON_FIELDS), VALUES, max_size=12),
    st.lists(st.dictionaries(st.sampled_from(NOTE_FIELDS), VALUES, max_size=6), max_size=3),
)


@given(RECORD)
@settings(max_examples=150, deadline=None)
@example(Record({"full_name": "a & <b> ]]> \r\n c", "person_record_id": "d/1"}))
def test_records_are_read_as_they_were_written_but_for_what_xml_cannot_hold(
    record: Record,
) -> None:
    (read,) = parse_pfif(encode_pfif([record])).records
    again = parse_pfif(encode_pfif([read])).records
    assert again == (read,)
    assert read.fields.keys() <= record.fields.keys()
    for name, value in read.fields.items():
        assert value == "".join(c for c in record.fields[name] if _stands_in_xml(c)).strip()


def _stands_in_xml(character: str) -> bool:
    return character in "\t\n\r" or (ord(character) >= 0x20 and character not in "\ufffe\uffff")


@given(RECORD)
@settings(max_examples=200, deadline=None)
@example(Record({"person_record_id": "d/1", "full_name": "A", "date_of_birth": "2012-02-30"}))
@example(Record({"person_record_id": "d/1", "full_name": "A", "age": "17-3"}))
@example(Record({"person_record_id": "d/1", "full_name": "A", "expiry_date": "0001-01-01"}))
def test_whatever_a_record_says_it_makes_a_case_in_order_or_is_refused(record: Record) -> None:
    imported = unless_refused(lambda: case_of_record(record))
    if imported is not None:
        imported.case.federated_id = CASE_ID
        assert check_case(imported.case) == []


def unless_refused(read: Callable[[], T]) -> T | None:
    """Return what is read; any error but the named one is raised."""
    try:
        return read()
    except NodeError as error:
        if error.code != "bad_pfif":
            raise
        return None


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_spoiled_file_is_read_or_refused_by_name(data: st.DataObject) -> None:
    good = bytearray(encode_pfif(exported(_case()).records))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(good) - 1))
        if data.draw(st.booleans()):
            good[place] = data.draw(st.integers(0, 255))
        else:
            del good[place : place + data.draw(st.integers(1, 40))]
        if not good:
            break
    document = unless_refused(lambda: parse_pfif(bytes(good)))
    for record in document.records if document else ():
        unless_refused(lambda record=record: case_of_record(record))


def _case() -> case_pb2.Case:
    case = invented_case(3, "pfif", date(2026, 11, 22)).case
    case.federated_id = CASE_ID
    return case


def wrapped(body: str, head: str = "") -> bytes:
    return f'{head}<p:pfif xmlns:p="{NAMESPACE}">{body}</p:pfif>'.encode()


PERSON = (
    "<p:person><p:person_record_id>d/1</p:person_record_id>"
    "<p:full_name>Testa Invented</p:full_name></p:person>"
)
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (wrapped(PERSON.replace("Testa", "&c;"), LAUGHS), "document type"),
        (wrapped(PERSON, '<!DOCTYPE x SYSTEM "file:///etc/hostname">'), "document type"),
        (wrapped(PERSON, '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'), "document"),
        (wrapped(PERSON.replace("Testa", "&undefined;")), "no XML"),
        (wrapped("<p:person>" + "<a>" * 5000 + "</a>" * 5000 + "</p:person>"), "too deep"),
        (wrapped(PERSON.replace("Testa", "x" * (FIELD_CHARACTERS + 1))), "too long"),
        (wrapped(PERSON * (RECORDS + 1)), "too many persons"),
        (wrapped(PERSON.replace("</p:person>", "<p:note/>" * 300 + "</p:person>")), "too many"),
        (wrapped(PERSON) + b" " * FILE_BYTES, "too large"),
        (wrapped(PERSON).decode().encode("utf-16"), "no XML"),
        (wrapped(PERSON.replace("</p:person>", "<p:full_name>B</p:full_name></p:person>")),
         "stands twice"),
        (wrapped(""), "no person"),
        (b"<rss/>", "no PFIF"),
        (b"", "no XML"),
    ],
    ids=[
        "billion laughs", "external document type", "external entity", "unknown entity", "deep",
        "long field", "many persons", "many notes", "large", "utf-16", "field twice", "empty",
        "other format", "nothing",
    ],
)  # fmt: skip
def test_files_that_are_no_pfif_or_meant_to_harm_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(NodeError, match=words) as refused:
        parse_pfif(data)
    assert refused.value.code == "bad_pfif"
    assert "Testa" not in refused.value.sentence + refused.value.hint


def test_unknown_fields_and_other_namespaces_are_told_and_older_names_read() -> None:
    old = wrapped(
        "<p:person><p:person_record_id>d/1</p:person_record_id><p:first_name>Testa</p:first_name>"
        "<p:last_name>Invented</p:last_name><p:full_name>Testa Invented</p:full_name>"
        "<p:shoe_size>38</p:shoe_size><x:y xmlns:x='urn:x'><p:full_name>No</p:full_name></x:y>"
        "</p:person>"
    ).replace(NAMESPACE.encode(), b"http://zesty.ca/pfif/1.3")
    document = parse_pfif(old)
    assert document.unknown == ("shoe_size", "y")
    name = case_of_record(document.records[0]).case.children[0].names[0]
    assert (name.given, name.family, name.full) == ("Testa", "Invented", "")


def test_every_field_that_the_dictionary_maps_to_pfif_is_one_and_is_written_or_left_out() -> None:
    mapped = {name for info in fields(case_pb2.Case) for name in info.mappings.get("pfif", ())}
    known = {*PERSON_FIELDS, *NOTE_FIELDS}
    assert mapped <= known
    case = _case()
    child = case.children[0]
    child.habitual_residence.street, child.habitual_residence.region = "Invented 1", "Region"
    child.habitual_residence.locality, child.habitual_residence.postal_code = "City", "1000"
    child.age_years.at_least = child.age_years.at_most = 14
    child.names.add(type="alias", full="Other Name")
    child.contact_points.add(kind="social_media", value="https://social.example/invented")
    case.linked_cases.add(federated_id="gr.example/X", reason="same_child")
    case.retention.ends_on.year, case.retention.ends_on.precision = 2090, "year"
    paths = ("children", "circumstances", "linked_cases", "retention", "federated_id")
    (record, *_) = exported(case, paths).records
    written = {*record.fields, *(name for note in record.notes for name in note)}
    # Addresses of a child that was found are nothing for a file that anybody can read.
    unreachable = {"email_of_found_person", "phone_of_found_person", "home_neighborhood"}
    # The author of a note is the node.
    never = {"photo_url", "author_email", "author_phone"}
    assert mapped - written == never | unreachable


def test_only_the_minimal_part_of_a_case_is_in_the_file() -> None:
    case = _case()
    case.children[0].contact_points.add(kind="social_media", value="https://social.example/secret")
    case.children[0].habitual_residence.street = "Secret street"
    case.sources.add(id="s9").names.add(full="Secret source")
    case.internal_notes.add().text.text = "Secret note"
    case.files.add(id="f1", kind="photo", may_publish="yes")
    data = encode_pfif(exported(case, MASK).records)
    assert case.children[0].names[0].given.encode() in data
    assert b"ecret" not in data
    assert b"photo_url" not in data
    assert case.persons[0].contact_points[0].value.encode() not in data


@pytest.mark.parametrize("status", ["located", "back", "deceased"])
def test_where_a_found_child_was_seen_is_not_in_the_file(status: str) -> None:
    case = _case()
    case.children[0].status = status
    note = exported(case, MASK).records[0].notes[0]
    assert note["status"] in {"believed_alive", "believed_dead"}
    assert "last_known_location" not in note


def test_a_copy_ends_with_the_retention_or_after_a_while() -> None:
    case = _case()
    assert exported(case, MASK).expires_at_ms == NOW_MS + EXPORT_DAYS * DAY_MS
    ends = datetime.fromtimestamp(NOW_MS / 1000, UTC).date()
    case.retention.ends_on.CopyFrom(
        case_pb2.PartialDate(year=ends.year, month=ends.month, day=ends.day, precision="day")
    )
    assert NOW_MS < exported(case, MASK).expires_at_ms < NOW_MS + DAY_MS
    case.retention.ends_on.year -= 1
    with pytest.raises(NodeError) as refused:
        exported(case, MASK)
    assert refused.value.code == "pfif_expired"


def test_without_a_name_there_is_nothing_to_export() -> None:
    case = _case()
    for paths in (("category",), ("children.sex",)):
        with pytest.raises(NodeError) as refused:
            exported(case, paths)
        assert refused.value.code == "pfif_no_name"


def test_what_others_wrote_stays_here_and_nobody_is_dead_because_a_file_says_so() -> None:
    record = Record(
        {
            "person_record_id": "d/1", "full_name": "Testa Invented", "author_name": "A Reporter",
            "author_phone": "+3225550100", "photo_url": "https://photos.example/1.jpg",
            "description": "tall", "sex": "martian", "home_country": "Utopia",
        },
        [{"status": "believed_dead", "text": "somebody said so", "author_name": "B"}],
    )  # fmt: skip
    imported = case_of_record(record)
    case, child = imported.case, imported.case.children[0]
    assert child.status == "unknown"
    assert imported.not_taken == ("home_country", "photo_url", "sex")
    assert case.sources[0].names[0].full == "A Reporter"
    assert case.sources[0].contact_points[0].kind == "telephone"
    told = " ".join(note.text.text for note in case.internal_notes)
    assert "tall" in told
    assert "somebody said so" in told
    leaving = disclose(case, [info.path for info in fields(case_pb2.Case) if info.share < 5])
    assert "Reporter" not in str(leaving)
    assert "somebody" not in str(leaving)


def test_an_expired_record_is_told() -> None:
    record = Record({"person_record_id": "d/1", "full_name": "A"})
    assert not is_expired(record, now_ms=NOW_MS)
    record.fields["expiry_date"] = "2001-01-01T00:00:00Z"
    assert is_expired(record, now_ms=NOW_MS)
    record.fields["expiry_date"] = "2099-01-01T00:00:00Z"
    assert not is_expired(record, now_ms=NOW_MS)
