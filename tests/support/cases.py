"""Made-up cases, filled by reflection over the dictionary.

`random_cases` fills any set of fields. Each value says where it came from, so that
a value which turns up in a disclosure can be traced to its field and element. The
values obey no rule of `check_case`; `belgian_case` is one that does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from protocol.disclosure import FieldInfo, Share, fields
from protocol.disclosure.dictionary import max_length
from protocol.pb.homeward.v1.case_pb2 import Case

ALL_FIELDS: dict[str, FieldInfo] = {info.path: info for info in fields(Case)}
PATHS_THAT_MAY_GO = sorted(path for path, info in ALL_FIELDS.items() if info.share < Share.NEVER)
LEAF_PATHS = sorted(path for path, info in ALL_FIELDS.items() if not info.is_group)


def atoms(message: Message, path: str = "") -> Iterator[tuple[str, str | int | bytes]]:
    """Yield path and content of every plain value, also inside dates, texts and ranges."""
    for field, held in message.ListFields():
        here = f"{path}.{field.name}" if path else field.name
        for value in held if field.is_repeated else (held,):
            if isinstance(value, Message):
                yield from atoms(value, here)
            else:
                yield here, value


def filled_case(leaf_paths: set[str], elements: int) -> Case:
    """Return a case that holds these leaves, with so many elements in each list."""
    case = Case()
    _fill(case, "", _with_groups(leaf_paths), elements, itertools.count(1))
    return case


@st.composite
def random_cases(draw: st.DrawFn) -> Case:
    """A case with any set of its fields filled, sometimes all of them."""
    chosen = draw(st.one_of(st.sets(st.sampled_from(LEAF_PATHS)), st.just(set(LEAF_PATHS))))
    return filled_case(chosen, draw(st.integers(1, 3)))


def random_choices() -> st.SearchStrategy[list[str]]:
    """Any set of paths that `disclose` accepts, groups and leaves mixed."""
    return st.lists(st.sampled_from(PATHS_THAT_MAY_GO), unique=True, max_size=30)


def _fill(
    message: Message, path: str, wanted: set[str] | None, elements: int, numbers: Iterator[int]
) -> None:
    """Fill the wanted fields below a message; all of them when `wanted` is None."""
    for field in message.DESCRIPTOR.fields:
        here = f"{path}.{field.name}" if path else field.name
        if wanted is not None and here not in wanted:
            continue
        inside = None if wanted is None or not ALL_FIELDS[here].is_group else wanted
        held = getattr(message, field.name)
        for _ in range(elements if field.is_repeated else 1):
            if field.message_type is not None:
                _fill(held.add() if field.is_repeated else held, here, inside, elements, numbers)
            elif field.is_repeated:
                held.append(_traceable(field, here, next(numbers)))
            else:
                setattr(message, field.name, _traceable(field, here, next(numbers)))


def _with_groups(leaf_paths: set[str]) -> set[str]:
    """Return the leaves and every group on the way to one."""
    split = (path.split(".") for path in leaf_paths)
    return {".".join(names[:end]) for names in split for end in range(1, len(names) + 1)}


def _traceable(field: FieldDescriptor, path: str, number: int) -> str | int | bytes:
    """Return a value that no other field or element has."""
    if field.type == FieldDescriptor.TYPE_STRING:
        # What is too long is taken from nobody; its end is what no other value has.
        return f"{path}#{number}"[-max_length(field) :]
    if field.type == FieldDescriptor.TYPE_BYTES:
        return f"{path}#{number}".encode()
    return number


def belgian_case() -> Case:
    """A girl of 14 who left a care home in Belgium, perhaps for Greece: all made up."""
    case = Case(
        federated_id="be.example/01J9ZK4Q7TQ3V6W8X2Y5N0M1AB",
        lead_node="be.example",
        status="open",
        category="runaway",
        runaway_from="care",
        cross_border="possible",
        countries_from=["BE"],
        countries_to=["GR"],
        urgency=2,
        child_count=1,
        exploitation=["grooming"],
        local_case_number="2026-0117",
    )
    wishes = case.child_wishes.add(child_id="c1", whereabouts_may_be_told_to=["police"])
    wishes.wants_withheld.text = "Mijn vader mag het niet weten."
    wishes.wants_withheld.language = "nl"
    case.reported_missing_at.at_ms = 1_767_261_900_000  # 2026-01-01 10:05 UTC
    case.reported_missing_at.precision = "minute"
    case.reported_missing_at.zone = "+01:00"
    _add_child(case)
    _add_those_around(case)
    return case


def _add_child(case: Case) -> None:
    child = case.children.add(id="c1", status="missing", sex="female", age_band="13_to_15")
    child.names.add(type="legal", full="Eléni Papadákis", given="Eléni", script="Latn")
    child.names.add(type="other", full="Ελένη Παπαδάκη", given="Ελένη", script="Grek")
    child.date_of_birth.year, child.date_of_birth.month = 2011, 6
    child.date_of_birth.precision = "month"
    child.nationalities.extend(["BE", "GR"])
    child.identity_documents.add(type="passport", number="XX0000000", issuing_country="BE")
    child.description.height_cm.at_least, child.description.height_cm.at_most = 155, 160
    child.description.height_cm.certainty = "estimated"
    child.description.intimate_marks.add(kind="scar", body_region="abdomen")
    child.police_samples.dna_held_by_police = "yes"
    seen = case.circumstances.last_seen
    seen.place.country, seen.place.locality = "BE", "Namur"
    seen.place.coordinates.latitude_hundredths = 5047
    seen.place.coordinates.longitude_hundredths = 487


def _add_those_around(case: Case) -> None:
    friend = case.persons.add(id="p1", roles=["witness"], occupation="leerling")
    friend.names.add(full="Invented Friend", script="Latn")
    father = case.persons.add(id="p2", roles=["parent_a"], danger_to_child="not_asked")
    father.allegation.status = "alleged"
    father.relations.add(child_id="c1", relation="father")
    police = case.police.add(id="a1", kind="police", country="BE", office="Namur")
    police.references.add(kind="police_case", number="NA.11.000001/2026", exists="yes")
    for number in (1, 2):
        photo = case.files.add(id=f"f{number}", kind="photo", media_type="image/jpeg")
        photo.digest, photo.local_name = bytes([number]) * 32, "invented.jpg"
    case.sources.add(id="s1", role="tip_giver").names.add(full="Invented Source")
    case.internal_notes.add(written_by="invented").text.language = "en"
