"""A disclosed case -> PFIF 1.4: a record for each child, with a note on its status.

Left out, whatever was disclosed: photographs (a PFIF file gives an address where anybody
can fetch them), who told us, and where a child is once it is found. A copy ends:
`expiry_date` is the end of the retention, or `EXPORT_DAYS` from now if that is sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Final

from node.errors import NodeError
from node.forms.pfif_xml import Fields, Record
from protocol.disclosure import preview
from protocol.disclosure.choice import is_local_id
from protocol.disclosure.dates import span_of
from protocol.disclosure.dictionary import filled
from protocol.pb.homeward.v1 import case_pb2

EXPORT_DAYS: Final = 60
DAY_MS: Final = 24 * 3600 * 1000

_STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "believed_missing", "located": "believed_alive", "back": "believed_alive",
        "deceased": "believed_dead",
    }
)  # fmt: skip
_WEB_KINDS: Final = frozenset({"social_media", "web_page"})
_SEXES: Final = frozenset({"female", "male", "other"})
_DUPLICATES: Final = frozenset({"duplicate", "same_child"})
# What stands in one of the fields of a record; all else that was disclosed has no place.
_PLACED: Final = (
    "federated_id", "opened_at", "retention.ends_on", "linked_cases", "children.id",
    "children.status", "children.names", "children.sex", "children.date_of_birth",
    "children.age_years", "children.habitual_residence", "children.habitual_residence_country",
    "children.description", "circumstances.text", "circumstances.last_seen.place",
    "circumstances.last_seen.text",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The records of a case; `left_out` are paths of fields that PFIF has no place for."""

    records: tuple[Record, ...]
    left_out: tuple[str, ...]
    expires_at_ms: int


def export_case(
    disclosed: case_pb2.Case, *, case_id: str, source: str, changed_at_ms: int, now_ms: int
) -> Export:
    """Return the children of a disclosed case as records, from the node `source`.

    Raises:
        NodeError: pfif_no_name: a child would have no name, which PFIF demands;
            pfif_expired: the case must not be kept any longer.
    """
    if not disclosed.children:
        raise _no_name()
    expires_at_ms = _expiry(disclosed, now_ms)
    dated: Fields = {
        "entry_date": _date(now_ms),
        "expiry_date": _date(expires_at_ms),
        "source_name": source,
        "source_date": _date(changed_at_ms),
    }
    records = []
    for child in disclosed.children:
        record_id = f"{case_id}.{child.id}"
        fields = {"person_record_id": record_id, **dated, **_person(child)}
        note = {
            "note_record_id": f"{record_id}.note", "person_record_id": record_id,
            "entry_date": dated["entry_date"], "author_name": source,
            "source_date": dated["source_date"], "author_made_contact": "false",
            **_status(disclosed, child),
        }  # fmt: skip
        records.append(Record(_without_empty(fields), [_without_empty(note)]))
        records[-1].notes += _links(disclosed, record_id, dated, source)
    return Export(
        records=tuple(records), left_out=_left_out(disclosed), expires_at_ms=expires_at_ms
    )


def full_name(name: case_pb2.PersonName) -> str:
    """Return a name as a whole."""
    parts = (name.given, name.patronymic, name.family, name.second_family)
    return name.full or " ".join(filter(None, parts))


def _person(child: case_pb2.Child) -> Fields:
    names = [name for name in child.names if full_name(name)]
    if not names:
        raise _no_name()
    first, home = names[0], child.habitual_residence
    return {
        "full_name": full_name(first),
        "given_name": first.given,
        "family_name": " ".join(filter(None, (first.family, first.second_family))),
        "alternate_names": "\n".join(" ".join(full_name(name).split()) for name in names[1:]),
        "description": _description(child),
        "sex": child.sex if child.sex in _SEXES else "",
        "date_of_birth": _birth(child.date_of_birth),
        "age": _age(child.age_years),
        "home_street": home.street,
        "home_city": home.locality,
        "home_state": home.region,
        "home_postal_code": home.postal_code,
        "home_country": child.habitual_residence_country or home.country,
        "profile_urls": "\n".join(
            point.value
            for point in child.contact_points
            if point.kind in _WEB_KINDS and point.value.startswith(("https://", "http://"))
        ),
    }


def _description(child: case_pb2.Child) -> str:
    """Return the looks as lines, in English, since PFIF does not say of which language it is."""
    alone = case_pb2.Case()
    alone.children.add().description.CopyFrom(child.description)
    return "\n".join(
        f"{row.path.rpartition('.')[2].replace('_', ' ')}: {row.text}"
        for row in preview(alone, "en")
    )


def _birth(date: case_pb2.PartialDate) -> str:
    if not date.year or date.precision == "estimated":
        return f"{date.year:04}" if date.year else ""
    parts = [f"{date.year:04}"]
    for part in (date.month, date.day):
        if not part:
            break
        parts.append(f"{part:02}")
    return "-".join(parts)


def _age(age: case_pb2.NumberRange) -> str:
    if not (age.HasField("at_least") and age.HasField("at_most")):
        return ""
    if age.at_least == age.at_most:
        return str(age.at_least)
    return f"{age.at_least}-{age.at_most}"


def _status(disclosed: case_pb2.Case, child: case_pb2.Child) -> Fields:
    status = _STATUSES.get(child.status, "information_sought")
    told: Fields = {"status": status, "text": disclosed.circumstances.text.text or "Status."}
    # Who may know where a found child is, a file that anybody can read cannot obey.
    if status in {"believed_missing", "information_sought"}:
        told["last_known_location"] = _location(disclosed.circumstances.last_seen)
    return told


def _location(seen: case_pb2.Sighting) -> str:
    place = seen.place
    parts = (place.name, place.street, place.postal_code, place.locality, place.region)
    return ", ".join(filter(None, (*parts, place.country))) or seen.text.text


def _links(disclosed: case_pb2.Case, record_id: str, dated: Fields, source: str) -> list[Fields]:
    return [
        {
            "note_record_id": f"{record_id}.link{number}", "person_record_id": record_id,
            "linked_person_record_id": link.federated_id, "entry_date": dated["entry_date"],
            "author_name": source, "source_date": dated["source_date"],
            "text": "This may be the same child.",
        }
        for number, link in enumerate(disclosed.linked_cases, start=1)
        if link.reason in _DUPLICATES and link.federated_id
    ]  # fmt: skip


def _left_out(disclosed: case_pb2.Case) -> tuple[str, ...]:
    found = {
        each.path: None
        for each in filled(disclosed)
        if not is_local_id(each.path)
        and not any(each.path == path or each.path.startswith(path + ".") for path in _PLACED)
    }
    return tuple(found)


def _expiry(disclosed: case_pb2.Case, now_ms: int) -> int:
    latest_ms = now_ms + EXPORT_DAYS * DAY_MS
    span = span_of(disclosed.retention.ends_on)
    if span is None:
        return latest_ms
    ends = datetime.combine(span.latest, time(23, 59, 59), UTC)
    ends_ms = int(ends.timestamp()) * 1000
    if ends_ms <= now_ms:
        raise NodeError(
            "pfif_expired", "the time for which this case may be kept is over", "see homeward case"
        )
    return min(ends_ms, latest_ms)


def _date(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _without_empty(fields: Mapping[str, str]) -> Fields:
    return {name: value for name, value in fields.items() if value}


def _no_name() -> NodeError:
    return NodeError(
        "pfif_no_name",
        "PFIF needs a name of each child, and none is chosen",
        "choose it with --field children.names",
    )
