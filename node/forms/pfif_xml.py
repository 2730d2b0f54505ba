"""PFIF 1.4 (zesty.ca/pfif/1.4) as XML: records of text, written and read.

Reading is hardened, since such a file comes from anywhere: no document type, so no
entity can be declared and nothing outside is fetched; UTF-8 only; bounds on bytes, depth,
records and the length of a field. Elements of other namespaces, and fields that the
format does not have, are told by name and left out. PFIF 1.2 and 1.3 are read too: their
fields have other names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import Final
from xml.parsers import expat

from node.errors import NodeError
from protocol.limits import MIB

NAMESPACE: Final = "http://zesty.ca/pfif/1.4"
_READ_NAMESPACES: Final = frozenset(
    {NAMESPACE, "http://zesty.ca/pfif/1.3", "http://zesty.ca/pfif/1.2"}
)
PERSON_FIELDS: Final = (
    "person_record_id", "entry_date", "expiry_date", "author_name", "author_email",
    "author_phone", "source_name", "source_date", "source_url", "full_name", "given_name",
    "family_name", "alternate_names", "description", "sex", "date_of_birth", "age",
    "home_street", "home_neighborhood", "home_city", "home_state", "home_postal_code",
    "home_country", "photo_url", "profile_urls",
)  # fmt: skip
NOTE_FIELDS: Final = (
    "note_record_id", "person_record_id", "linked_person_record_id", "entry_date",
    "author_name", "author_email", "author_phone", "source_date", "author_made_contact",
    "status", "email_of_found_person", "phone_of_found_person", "last_known_location", "text",
    "photo_url",
)  # fmt: skip
_OLD_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "first_name": "given_name", "last_name": "family_name", "other": "description",
        "found": "author_made_contact",
    }
)  # fmt: skip

FILE_BYTES: Final = 4 * MIB
RECORDS: Final = 200
NOTES_PER_RECORD: Final = 200
FIELD_CHARACTERS: Final = 20_000
UNKNOWN_NAMES: Final = 50
_DEPTH: Final = 8
_NAME_CHARACTERS: Final = 40

Fields = dict[str, str]


@dataclass(slots=True)
class Record:
    """One person, with the notes on them."""

    fields: Fields = field(default_factory=dict)
    notes: list[Fields] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds; `unknown` are names of elements that were left out."""

    records: tuple[Record, ...]
    unknown: tuple[str, ...]


def encode_pfif(records: Iterable[Record]) -> bytes:
    """Return records as a PFIF 1.4 file; the fields stand in the order of the format."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<pfif:pfif xmlns:pfif="{NAMESPACE}">']
    for record in records:
        lines.append("  <pfif:person>")
        lines += _field_lines(record.fields, PERSON_FIELDS, "    ")
        for note in record.notes:
            lines += ["    <pfif:note>", *_field_lines(note, NOTE_FIELDS, "      ")]
            lines.append("    </pfif:note>")
        lines.append("  </pfif:person>")
    lines.append("</pfif:pfif>")
    return "\n".join([*lines, ""]).encode("utf-8")


def parse_pfif(data: bytes) -> Document:
    """Read a PFIF file.

    Raises:
        NodeError: bad_pfif: it is no PFIF, or is built like one that is meant to harm.
    """
    if len(data) > FILE_BYTES:
        raise _bad("the file is too large", f"at most {FILE_BYTES // MIB} MiB")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # The parser would follow a byte order mark into another encoding.
        raise _bad("the file is no XML in UTF-8") from None
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)  # noqa: FBT003 - the name of this argument is not public
    except expat.ExpatError as error:
        raise _bad("the file is no XML in UTF-8", f"line {error.lineno}") from None
    return reader.document()


class _Reader:
    """Collects records while the parser goes through the file."""

    def __init__(self) -> None:
        self._way: list[str] = []
        self._records: list[Record] = []
        self._loose: list[Fields] = []
        self._unknown: dict[str, None] = {}
        self._text: list[str] | None = None
        self._characters = 0
        self._skipped_at = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        del attributes
        namespace, _, name = tag.rpartition(" ")
        name = _OLD_NAMES.get(name, name) if namespace in _READ_NAMESPACES else name
        self._way.append(name)
        if len(self._way) > _DEPTH:
            raise _bad("elements lie too deep in each other")
        if self._skipped_at:
            return
        if not self._enter(name, is_ours=namespace in _READ_NAMESPACES):
            self._skipped_at = len(self._way)
            self._note_unknown(name)

    def end(self, tag: str) -> None:
        del tag
        name = self._way[-1]
        if not self._skipped_at and self._text is not None:
            self._finish(name)
        if self._skipped_at == len(self._way):
            self._skipped_at = 0
        self._way.pop()

    def text(self, text: str) -> None:
        if self._skipped_at or self._text is None:
            return
        self._characters += len(text)
        if self._characters > FIELD_CHARACTERS:
            raise _bad("a field is too long", f"at most {FIELD_CHARACTERS} characters")
        self._text.append(text)

    def document(self) -> Document:
        """Return what was read; notes that stood alone go to their person."""
        persons = {record.fields.get("person_record_id", ""): record for record in self._records}
        for note in self._loose:
            record = persons.get(note.get("person_record_id", ""))
            if record is None:
                self._note_unknown("note without a person")
            else:
                _add_note(record, note)
        if not self._records:
            raise _bad("there is no person in the file", "a PFIF file has pfif:person elements")
        return Document(tuple(self._records), tuple(self._unknown))

    def _enter(self, name: str, *, is_ours: bool) -> bool:
        """Take up an element; return False for one that is not of the format."""
        around = self._way[:-1]
        if not around:
            if not (is_ours and name == "pfif"):
                raise _bad("the file is no PFIF", f"its outermost element is pfif in {NAMESPACE}")
            return True
        if not is_ours:
            return False
        if around == ["pfif"] and name == "person":
            if len(self._records) >= RECORDS:
                raise _bad("there are too many persons in the file", f"at most {RECORDS}")
            self._records.append(Record())
            return True
        if name == "note" and around == ["pfif", "person"]:
            _add_note(self._records[-1], {})
            return True
        if name == "note" and around == ["pfif"]:
            if len(self._loose) >= RECORDS * 2:
                raise _bad("there are too many notes in the file")
            self._loose.append({})
            return True
        known = {"person": PERSON_FIELDS, "note": NOTE_FIELDS}.get(around[-1], ())
        if name not in known:
            return False
        self._text, self._characters = [], 0
        return True

    def _finish(self, name: str) -> None:
        fields = self._fields()
        if name in fields:
            raise _bad("a field stands twice in a record", name)
        value = "".join(self._text or ()).strip()
        if value:
            fields[name] = value
        self._text = None

    def _fields(self) -> Fields:
        around = self._way[:-1]
        if around == ["pfif", "note"]:
            return self._loose[-1]
        record = self._records[-1]
        return record.notes[-1] if around[-1] == "note" else record.fields

    def _note_unknown(self, name: str) -> None:
        # A name is whatever the file says it is: it is shown, so it must be short.
        if len(self._unknown) < UNKNOWN_NAMES:
            self._unknown[name[:_NAME_CHARACTERS]] = None


def _add_note(record: Record, note: Fields) -> None:
    if len(record.notes) >= NOTES_PER_RECORD:
        raise _bad("there are too many notes on one person", f"at most {NOTES_PER_RECORD}")
    record.notes.append(note)


def _field_lines(fields: Mapping[str, str], order: Iterable[str], indent: str) -> list[str]:
    return [
        f"{indent}<pfif:{name}>{_escaped(fields[name])}</pfif:{name}>"
        for name in order
        if fields.get(name)
    ]


def _escaped(text: str) -> str:
    """Return text as it may stand in XML 1.0, which some characters may not."""
    allowed = "".join(character for character in text if _is_allowed(ord(character)))
    return escape(allowed, quote=False).replace("\r", "&#13;")


def _is_allowed(code: int) -> bool:
    return (
        code in {0x9, 0xA, 0xD}
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or code >= 0x10000
    )


def _refuse_doctype(*_: object) -> None:
    raise _bad(
        "the file declares a document type or an entity",
        "PFIF needs none; such files can harm whoever reads them",
    )


def _bad(sentence: str, hint: str = "") -> NodeError:
    return NodeError("bad_pfif", sentence, hint)
