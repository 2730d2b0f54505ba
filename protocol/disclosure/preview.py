"""How a disclosed case reads at the other end, row by row, in a given language.

The rows are made from the very Case that is sent, in the order of the dictionary,
so that what the child wants known comes first. Names of fields are left to the
catalogues of the edge: a row gives the path to look them up by.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from protocol.disclosure.dictionary import Filled, Value, filled
from protocol.disclosure.values import value_text
from protocol.pb.homeward.v1.case_pb2 import Case, Text
from protocol.vocabulary import NO_LABELS, SenderLabels, label, vocabulary_of

# A peer's text must not steer the terminal on which it is shown.
_CONTROLS = {
    code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"
}


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One value as people read it.

    `path` is the field's, `place` tells the elements apart ("children[0].sex").
    `language` is that of free text as its author marked it; empty for all else.
    """

    path: str
    place: str
    text: str
    language: str


def preview(disclosed: Case, language: str, sender: SenderLabels = NO_LABELS) -> list[PreviewRow]:
    """Return the rows of a disclosed case, with coded values in the given language.

    `sender` has the words for codes that are not known here.
    """
    return [_row(value, language, sender) for value in filled(disclosed)]


def _row(leaf: Filled, language: str, sender: SenderLabels) -> PreviewRow:
    return PreviewRow(
        path=leaf.path,
        place=leaf.place,
        text=value_words(leaf.field, leaf.value, language, sender),
        language=leaf.value.language if isinstance(leaf.value, Text) else "",
    )


def value_words(
    field: FieldDescriptor, value: Value, language: str, sender: SenderLabels = NO_LABELS
) -> str:
    """Return a value of a field as people read it."""
    return _text(field, value, language, sender).translate(_CONTROLS)


def _text(field: FieldDescriptor, value: Value, language: str, sender: SenderLabels) -> str:
    if isinstance(value, Message):
        return value_text(value, language, sender)
    if isinstance(value, bytes):
        return value.hex()
    vocabulary = vocabulary_of(field)
    return label(vocabulary, str(value), language, sender) if vocabulary else str(value)
