"""The values of the dictionary as inputs of a form, and back.

A value of several parts (a date, a range, a text with its language) has an input for each,
named with the part behind a hash. What comes back is read here, so that what cannot be read
is a fault at its own input.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import cast

from babel import Locale
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from node.web.caselayout import part_words
from node.web.forms import Form
from node.web.labels import english_label
from protocol.disclosure.dictionary import max_length
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabulary import LABEL_LANGUAGES, label, offered, vocabulary_of

Gettext = Callable[[str], str]
Values = Sequence[tuple[str, str]]
"""What an answer sets: what follows on the place ("" or "[+]"), and the value."""

# Longer lists are typed into, with suggestions.
LONGEST_SELECT = 40
LONG_TEXT = 400
# More than there are lists and fields in all languages.
LISTS = 4096
# The languages in which texts are most often written here; not a list of the dictionary.
TEXT_LANGUAGES = "text_language"
# The parts of a value that is made of several inputs.
_PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Text": ("text", "language"),
        "PartialDate": ("day", "month", "year", "precision"),
        "Moment": ("date", "time", "precision"),
        "MomentRange": ("earliest_date", "earliest_time", "latest_date", "latest_time"),
        "NumberRange": ("at_least", "at_most", "certainty"),
        "Coordinates": ("latitude", "longitude"),
    }
)
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "text": "long",
        "date": "date",
        "earliest_date": "date",
        "latest_date": "date",
        "time": "time",
        "earliest_time": "time",
        "latest_time": "time",
        "latitude": "text",
        "longitude": "text",
    }
)
_NUMBERS = frozenset({"day", "month", "year", "at_least", "at_most"})
_CAMEL = {"at_least": "atLeast", "at_most": "atMost"}


@dataclass(frozen=True, slots=True)
class Tongue:
    """The reader's words, and the language in which they write."""

    words: Gettext
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a form."""

    name: str
    label: str
    kind: str
    """text, long, lines, number, date, time, select, or suggest (with `list` of options)."""
    values: tuple[str, ...] = ()
    vocabulary: str = ""
    is_many: bool = False
    language: str = ""
    """Of the reader: in which suggestions are, and new texts most likely."""
    is_default: bool = False
    """Whether the value is only offered, and recorded by nobody."""

    @property
    def is_held(self) -> bool:
        """Whether something is recorded."""
        return not self.is_default and any(self.values)

    @property
    def shown(self) -> list[str]:
        """The values as they stand in the input."""
        if self.kind != "suggest":
            return list(self.values)
        return [suggestion(self.vocabulary, code, self.language) for code in self.values]


def inputs_of(
    message: Message, field: FieldDescriptor, place: str, tongue: Tongue
) -> Iterator[Input]:
    """Yield the inputs of one field."""
    title = tongue.words(english_label(field.name))
    if field.message_type is None:
        held = getattr(message, field.name)
        values = tuple(map(str, held)) if field.is_repeated else (str(held or ""),)
        yield _plain_input(field, place, title, values, tongue.language)
        return
    if field.is_repeated:
        # Texts, one on each line: all of them in the language of the first, or the reader's.
        texts = list(getattr(message, field.name))
        language = texts[0].language if texts else tongue.language
        lines = tuple(each.text for each in texts)
        yield Input(name=place, label=title, kind="lines", values=lines, language=language)
        return
    parts = _parts(getattr(message, field.name), has_value=message.HasField(field.name))
    for part in _PARTS.get(field.message_type.name, ()):
        said = part_words(part, tongue.words)
        words = f"{title}: {said}" if said else title
        yield _part_input(field, f"{place}#{part}", words, parts.get(part, ""), tongue)


def _plain_input(
    field: FieldDescriptor, place: str, title: str, values: tuple[str, ...], language: str
) -> Input:
    return Input(
        name=place,
        label=title,
        kind=_plain_kind(field),
        values=values,
        vocabulary=vocabulary_of(field),
        is_many=field.is_repeated,
        language=language,
    )


@lru_cache(maxsize=LISTS)
def _plain_kind(field: FieldDescriptor) -> str:
    vocabulary = vocabulary_of(field)
    if vocabulary:
        return "select" if len(offered(vocabulary)) <= LONGEST_SELECT else "suggest"
    if field.is_repeated:
        return "lines"
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return "long" if max_length(field) > LONG_TEXT else "text"
    return "number"


def _part_input(field: FieldDescriptor, name: str, title: str, value: str, tongue: Tongue) -> Input:
    part = name.rpartition("#")[2]
    if part == "language":
        return Input(
            name=name,
            label=title,
            kind="select",
            values=(value or tongue.language,),
            vocabulary=TEXT_LANGUAGES,
            is_default=not value,
        )
    if part in ("precision", "certainty"):
        parts = cast(Descriptor, field.message_type).fields_by_name
        vocabulary = vocabulary_of(parts[part])
        return Input(name=name, label=title, kind="select", values=(value,), vocabulary=vocabulary)
    return Input(name=name, label=title, kind=_KINDS.get(part, "number"), values=(value,))


def _parts(value: Message, *, has_value: bool) -> dict[str, str]:
    if not has_value:
        return {}
    match value:
        case case_pb2.Text():
            return {"text": value.text, "language": value.language}
        case case_pb2.PartialDate():
            numbers = {name: getattr(value, name) for name in ("day", "month", "year")}
            shown = {name: str(number) if number else "" for name, number in numbers.items()}
            return {**shown, "precision": value.precision}
        case case_pb2.Moment():
            date, time = _date_time(value)
            return {"date": date, "time": time, "precision": value.precision}
        case case_pb2.MomentRange():
            return {
                f"{end}_{part}": text
                for end in ("earliest", "latest")
                for part, text in zip(
                    ("date", "time"), _date_time(getattr(value, end)), strict=True
                )
            }
        case case_pb2.NumberRange():
            return {
                "at_least": str(value.at_least) if value.HasField("at_least") else "",
                "at_most": str(value.at_most) if value.HasField("at_most") else "",
                "certainty": value.certainty,
            }
        case case_pb2.Coordinates():
            return {
                "latitude": f"{value.latitude_hundredths / 100:.2f}",
                "longitude": f"{value.longitude_hundredths / 100:.2f}",
            }
    return {}


def _date_time(moment: case_pb2.Moment) -> tuple[str, str]:
    if not moment.at_ms:
        return "", ""
    at = datetime.fromtimestamp(moment.at_ms / 1000, tz=UTC).astimezone()
    has_time = moment.precision not in ("day", "month", "year")
    return at.strftime("%Y-%m-%d"), at.strftime("%H:%M") if has_time else ""


# --- what comes back


def change_of(inputs: tuple[Input, ...], form: Form) -> Values | None:
    """Return what a form sets a field to, as `node.cases.editing` reads it; None: as it was.

    What cannot be read is noted as a fault of the form, at its input.
    """
    first = inputs[0]
    if "#" in first.name:
        return _change_of_parts(inputs, form)
    if first.kind == "lines":
        return _change_of_lines(first, form)
    typed = form.texts(first.name) if first.is_many else [form.text(first.name)]
    values = tuple(_code(first, text, form) for text in typed)
    if values == first.values or not (any(values) or any(first.values)):
        return None
    if first.kind == "number" and values[0] and not values[0].isdecimal():
        form.refuse("not_a_number", first.name)
    return [("", ",".join(values))]


def listed(only: Input, form: Form) -> list[str]:
    """Return what was typed into the one input of a list, as values."""
    if only.kind == "lines":
        return [line.strip() for line in form.text(only.name).splitlines() if line.strip()]
    return [_code(only, text, form) for text in form.texts(only.name)]


def shown_list(only: Input, values: Sequence[str] | None = None) -> list[str]:
    """Return values as a form holds them in this input, as it would come back."""
    shown = only.shown if values is None else replace(only, values=tuple(values)).shown
    return ["\n".join(shown)] if only.kind == "lines" else shown


def _code(question: Input, text: str, form: Form) -> str:
    if question.kind != "suggest" or not text.strip():
        return text
    code = code_of(question.vocabulary, text, question.language)
    if not code and text not in question.values:
        form.refuse("not_in_list", question.name)
    return code or text


def _change_of_lines(only: Input, form: Form) -> Values | None:
    values = tuple(listed(only, form))
    if values == only.values:
        return None
    if only.is_many:
        return [("", ",".join(values))]
    texts = [("[+]", _json(text=line, language=only.language)) for line in values]
    return [("", ""), *texts]


def _change_of_parts(inputs: tuple[Input, ...], form: Form) -> Values | None:
    before = {each.name.rpartition("#")[2]: each.values[0] for each in inputs}
    after = {each.name.rpartition("#")[2]: form.text(each.name) for each in inputs}
    if "text" in before and not before["text"] and not after["text"]:
        return None
    if after == before:
        return None
    for each in inputs:
        part = each.name.rpartition("#")[2]
        if part in _NUMBERS and after[part] and not after[part].isdecimal():
            form.refuse("not_a_number", each.name)
            return []
    try:
        return [("", _value_text(after))]
    except (ValueError, OverflowError):
        form.refuse("not_a_time", inputs[0].name)
        return []


def _value_text(parts: Mapping[str, str]) -> str:
    """Return the parts of a value as JSON; empty when nothing is there."""
    filled = {name: text for name, text in parts.items() if text}
    if not filled or ("text" in parts and "text" not in filled):
        return ""
    if "text" in parts:
        return _json(text=parts["text"], language=parts["language"] or "en")
    if "year" in parts:
        return _partial_date(filled)
    if "date" in parts:
        return _json(**_moment(filled, "date", "time"))
    if "earliest_date" in parts:
        ends = {
            end: _moment(filled, f"{end}_date", f"{end}_time")
            for end in ("earliest", "latest")
            if f"{end}_date" in filled
        }
        return _json(**ends)
    if "latitude" in parts:
        return f"{float(parts['latitude']):.2f},{float(parts['longitude']):.2f}"
    return _json(**{_CAMEL.get(name, name): text for name, text in filled.items()})


def _partial_date(filled: Mapping[str, str]) -> str:
    finest = next((part for part in ("day", "month", "year") if part in filled), "")
    values = {part: filled[part] for part in ("year", "month", "day") if part in filled}
    return _json(**values, precision=filled.get("precision") or finest)


def _moment(filled: Mapping[str, str], date: str, time: str) -> dict[str, str]:
    if date not in filled:
        return {"precision": filled.get("precision", "")}
    text = f"{filled[date]}T{filled.get(time, '00:00')}"
    at = datetime.fromisoformat(text).astimezone()
    precision = filled.get("precision") or ("minute" if time in filled else "day")
    return {"atMs": str(int(at.timestamp() * 1000)), "precision": precision, "zone": _zone(at)}


def _zone(at: datetime) -> str:
    text = at.strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def _json(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False)


# --- lists


# A form of a large case asks hundreds of times; nothing here depends on a case.
@lru_cache(maxsize=LISTS)
def options(vocabulary: str, language: str) -> tuple[tuple[str, str], ...]:
    """Return the codes of a list with their words."""
    if vocabulary == TEXT_LANGUAGES:
        return tuple((tag, _language_name(tag, language)) for tag in LABEL_LANGUAGES)
    return tuple((code, label(vocabulary, code, language)) for code in offered(vocabulary))


def _language_name(tag: str, language: str) -> str:
    name = Locale.parse(tag, sep="-").get_display_name(language) or tag
    return f"{name[:1].upper()}{name[1:]}"


def suggestion(vocabulary: str, code: str, language: str) -> str:
    """Return a code of a long list as people type and read it: "Belgium (BE)"."""
    words = label(vocabulary, code, language) if code else ""
    return f"{words} ({code})" if words and words != code else code


def code_of(vocabulary: str, text: str, language: str) -> str:
    """Return the code that somebody means: by itself, by its words, or by both; else nothing."""
    codes = offered(vocabulary)
    text = text.strip()
    within = text.rpartition("(")[2].removesuffix(")")
    if within in codes:
        return within
    small = text.casefold()
    return next(
        (
            code
            for code in codes
            if small in (code.casefold(), label(vocabulary, code, language).casefold())
        ),
        "",
    )
