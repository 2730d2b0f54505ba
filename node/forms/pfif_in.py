"""PFIF records -> cases: one for each person, with what could not be taken told.

What an unknown somebody wrote is not taken for what it says. Who wrote it, how to reach
them and every note go where nothing leaves the node; that a child is dead is never set
from a file. Photographs are not fetched. A record that has expired is not taken at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final

from node.errors import NodeError
from node.forms.pfif_out import full_name
from node.forms.pfif_xml import Fields, Record
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabulary import is_known

_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_AGE: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {"believed_missing": "missing", "believed_alive": "located"}
)
_RECORD_ID: Final = re.compile(r"[^/\s]{1,60}/\S{1,100}")
# The language of a text in PFIF is not told.
_UNTOLD_LANGUAGE: Final = "und"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TELEPHONE: Final = re.compile(r"\+?(?:[0-9][ ()./-]{0,2}){3,15}", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_SHORT_CHARACTERS, _LONG_CHARACTERS, _CODE_CHARACTERS = 200, 20_000, 20
_ALTERNATE_NAMES: Final = 20
_WEB_PAGES: Final = 20
# What a child can be, as the data dictionary has it.
_AGE_YEARS: Final = 30
_FIRST_YEAR: Final = 1900


@dataclass(frozen=True, slots=True)
class Imported:
    """A case from a record; `not_taken` are names of fields, without what is in them."""

    case: case_pb2.Case
    record_id: str
    not_taken: tuple[str, ...]


def is_expired(record: Record, *, now_ms: int) -> bool:
    """Return whether whoever has a copy of this record must have emptied it by now."""
    expires = _time_ms(record.fields.get("expiry_date", ""))
    return expires is not None and expires <= now_ms


def case_of_record(record: Record) -> Imported:
    """Return a case with what a record says.

    Raises:
        NodeError: bad_pfif: the record has no id or no name.
    """
    taking = _Taking(dict(record.fields))
    record_id = taking.short("person_record_id")
    if _RECORD_ID.fullmatch(record_id) is None:
        raise NodeError("bad_pfif", "a person in the file has no record id", "domain/number")
    case = case_pb2.Case(status="open")
    child = case.children.add(id="c1", status="unknown")
    _take_names(taking, child)
    _take_birth(taking, child)
    _take_home(taking, child)
    child.sex = taking.code("sex", "sex")
    _take_pages(taking, child)
    _take_dates(taking, case)
    _take_source(taking, case)
    _take_text(case, f"PFIF {record_id}", taking.field("description"))
    for number, note in enumerate(_by_time(record.notes), start=1):
        _take_note(taking, case, note, number)
    return Imported(case, record_id, taking.left())


class _Taking:
    """The fields of a record, and which of them nobody could take."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._refused: dict[str, None] = {}

    def field(self, name: str) -> str:
        """Return a field without control characters, and count it as taken."""
        return _clean(self._fields.pop(name, ""))

    def short(self, name: str, characters: int = _SHORT_CHARACTERS) -> str:
        """Return a field as one line; one that is too long is not taken."""
        text = " ".join(self.field(name).split())
        if len(text) > characters:
            self.refuse(name)
            return ""
        return text

    def lines(self, name: str, most: int) -> list[str]:
        """Return the lines of a field; what is too long or too many is not taken."""
        lines = [" ".join(line.split()) for line in self.field(name).splitlines()]
        told = [line for line in lines if line]
        good = [line for line in told if len(line) <= _SHORT_CHARACTERS][:most]
        if len(good) < len(told):
            self.refuse(name)
        return good

    def code(self, name: str, vocabulary: str) -> str:
        """Return a field that is a code of a list, or nothing."""
        value = self.field(name)
        if value and not is_known(vocabulary, value):
            self.refuse(name)
            return ""
        return value

    def refuse(self, name: str) -> None:
        """Say that what a field holds cannot be taken."""
        self._refused[name] = None

    def left(self) -> tuple[str, ...]:
        """Return the names of what was not taken."""
        return tuple(sorted({*self._refused, *self._fields}))


def _take_names(taking: _Taking, child: case_pb2.Child) -> None:
    name = case_pb2.PersonName(given=taking.short("given_name"), family=taking.short("family_name"))
    whole = taking.short("full_name")
    if whole and whole != full_name(name):
        name.full = whole
    if not full_name(name):
        raise NodeError("bad_pfif", "a person in the file has no name")
    child.names.append(name)
    for other in taking.lines("alternate_names", _ALTERNATE_NAMES):
        child.names.add(type="alias", full=other)


def _take_pages(taking: _Taking, child: case_pb2.Child) -> None:
    for url in taking.lines("profile_urls", _WEB_PAGES):
        if url.startswith(("https://", "http://")):
            child.contact_points.add(kind="web_page", value=url)
        else:
            taking.refuse("profile_urls")


def _take_birth(taking: _Taking, child: case_pb2.Child) -> None:
    text = taking.field("date_of_birth")
    match = _DATE.fullmatch(text)
    if match is not None and _is_date(match):
        year, month, day = (int(part or 0) for part in match.groups())
        precision = "day" if day else "month" if month else "year"
        child.date_of_birth.CopyFrom(
            case_pb2.PartialDate(year=year, month=month, day=day, precision=precision)
        )
    elif text:
        taking.refuse("date_of_birth")
    age = taking.field("age")
    found = _AGE.fullmatch(age)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if least <= most <= _AGE_YEARS:
        child.age_years.at_least, child.age_years.at_most = least, most
    elif age:
        taking.refuse("age")


def _is_date(match: re.Match[str]) -> bool:
    try:
        found = date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return False
    return found.year >= _FIRST_YEAR


def _take_home(taking: _Taking, child: case_pb2.Child) -> None:
    country = taking.field("home_country").upper()
    if country and not is_known("country", country):
        taking.refuse("home_country")
        country = ""
    child.habitual_residence_country = country
    home = case_pb2.Place(
        street=taking.short("home_street"),
        locality=taking.short("home_city"),
        region=taking.short("home_state"),
        name=taking.short("home_neighborhood"),
    )
    home.postal_code = taking.short("home_postal_code", _CODE_CHARACTERS)
    if home.ListFields():
        child.habitual_residence.CopyFrom(home)


def _take_dates(taking: _Taking, case: case_pb2.Case) -> None:
    taking.field("entry_date")
    made = _time_ms(taking.field("source_date"))
    if made is not None:
        case.opened_at.at_ms, case.opened_at.precision = made, "minute"
    text = taking.field("expiry_date")
    ends = _time_ms(text)
    if ends is not None:
        day = datetime.fromtimestamp(ends / 1000, UTC).date()
        case.retention.ends_on.CopyFrom(
            case_pb2.PartialDate(year=day.year, month=day.month, day=day.day, precision="day")
        )
    elif text:
        taking.refuse("expiry_date")


def _take_source(taking: _Taking, case: case_pb2.Case) -> None:
    """Keep who wrote the record where nothing leaves the node."""
    source = case_pb2.Source(id="s1", role="other")
    for name in ("author_name", "source_name"):
        value = taking.short(name)
        if value:
            source.names.add(full=value)
    for name, kind, pattern in (
        ("author_email", "email", _EMAIL),
        ("author_phone", "telephone", _TELEPHONE),
        ("source_url", "web_page", None),
    ):
        value = taking.short(name)
        is_good = pattern is None or pattern.fullmatch(value) is not None
        if value:
            source.contact_points.add(kind=kind if is_good else "other", value=value)
    if source.names or source.contact_points:
        case.sources.append(source)


def _take_note(taking: _Taking, case: case_pb2.Case, note: Fields, number: int) -> None:
    child = case.children[0]
    status = note.get("status", "")
    child.status = _STATUSES.get(status, child.status)
    location = note.get("last_known_location", "")
    if location and status != "believed_alive":
        seen = case.circumstances.last_seen
        seen.text.text, seen.text.language = _clean(location), _UNTOLD_LANGUAGE
    linked = note.get("linked_person_record_id", "")
    told = [f"{name}: {note[name]}" for name in _KEPT_OF_NOTE if note.get(name)]
    if linked:
        told.append(f"linked_person_record_id: {linked}")
    _take_text(
        case, f"PFIF note {number}", "\n".join(told), at_ms=_time_ms(note.get("source_date", ""))
    )
    if note.get("photo_url"):
        taking.refuse("note.photo_url")


_KEPT_OF_NOTE: Final = (
    "status", "author_name", "author_email", "author_phone", "author_made_contact",
    "email_of_found_person", "phone_of_found_person", "last_known_location", "text",
)  # fmt: skip


def _take_text(case: case_pb2.Case, by: str, text: str, *, at_ms: int | None = None) -> None:
    if not text:
        return
    note = case.internal_notes.add(written_by=by[:_SHORT_CHARACTERS])
    note.text.text, note.text.language = _clean(text)[:_LONG_CHARACTERS], _UNTOLD_LANGUAGE
    if at_ms is not None:
        note.written_at.at_ms, note.written_at.precision = at_ms, "minute"


def _clean(text: str) -> str:
    """Return text without control characters, its lines kept apart."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _by_time(notes: list[Fields]) -> list[Fields]:
    return sorted(notes, key=lambda note: _time_ms(note.get("source_date", "")) or 0)


def _time_ms(text: str) -> int | None:
    """Return a time of PFIF, which is UTC; None for what is none."""
    try:
        at = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(at.timestamp()) * 1000 if text.endswith("Z") else None
