"""Request for return (Hague Convention of 25 October 1980): a case in the form's order.

The sections are those of the model form that the Hague Conference recommends; which field
stands in which section is an option of the field in the data dictionary. The form is
filled from the whole case, since it goes to a Central Authority by the hands of people;
so what is sensitive stands in it where the form asks for it, and what never leaves does
not. Each section says what is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from node.forms.pfif_out import full_name
from protocol.disclosure import Share, fields, preview
from protocol.disclosure.dictionary import FieldInfo
from protocol.pb.homeward.v1 import case_pb2

TITLES: Final = {
    "I": "Identity of the child and its parents",
    "II": "Requesting individual or institution (who actually exercised custody)",
    "III": "Place where the child is thought to be",
    "IV": "Time, place, date and circumstances of the wrongful removal or retention",
    "V": "Factual or legal grounds justifying the request",
    "VI": "Civil proceedings in progress",
    "VII": "Child is to be returned to",
    "VIII": "Proposed arrangements for the return of the child",
    "IX": "Other remarks",
    "X": "List of documents attached",
}
_AGE_OF_ART_4: Final = 16
_ABLE_TO_TELL: Final = ("witness", "companion", "host", "sibling", "lawyer")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines about one person or thing: path of the field, what it says, its language."""

    title: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the form; `missing` says in words what it lacks."""

    number: str
    title: str
    blocks: tuple[Block, ...]
    missing: tuple[str, ...]


def hague_request(case: case_pb2.Case, language: str) -> list[Section]:
    """Return the sections of the form, all of them, coded values in the given language."""
    form = _Form(case, language)
    made = (
        ("I", form.identities()),
        ("II", form.applicant()),
        ("III", form.whereabouts()),
        ("IV", form.removal()),
        ("V", form.of_case("V", "grounds, custody rights or a court order")),
        ("VI", form.of_case("VI", "proceedings, or that there are none")),
        ("VII", form.return_to()),
        ("VIII", form.of_case("VIII", "how the child would travel back")),
        ("IX", form.of_case("IX", "")),
        ("X", form.documents()),
    )
    return [
        Section(number, TITLES[number], tuple(blocks), tuple(filter(None, missing)))
        for number, (blocks, missing) in made
    ]


Part = tuple[list[Block], list[str]]


class _Form:
    def __init__(self, case: case_pb2.Case, language: str) -> None:
        self._case = case
        self._language = language

    def identities(self) -> Part:
        blocks, missing = [], []
        for child in self._case.children:
            block, lacks = self._child(child)
            blocks.append(block)
            missing += [f"{lack} of child {child.id}" for lack in lacks]
        if not self._case.children:
            missing.append("the child")
        for role, name in (("parent_a", "a parent"), ("parent_b", "the other parent")):
            parents = self._persons(role)
            blocks += [self._person(parent, _parent_title(parent), "I.2") for parent in parents]
            missing += [] if parents else [name]
        marriage = self._rows(self._case, "I.2", below=("legal_situation",))
        blocks += [Block("Marriage of the parents", marriage)] if marriage else []
        return blocks, missing

    def _child(self, child: case_pb2.Child) -> tuple[Block, list[str]]:
        alone = case_pb2.Case(children=[child])
        rows = list(self._rows(alone, "I.1", below=("children",)))
        turns_16 = sixteenth_birthday(child.date_of_birth)
        if turns_16:
            # The Convention ceases to apply on that day (Art. 4).
            rows.append(("children.date_of_birth", f"16 on {turns_16}", ""))
        has_home = child.habitual_residence_country or child.HasField("habitual_residence")
        lacks = {
            "name": any(name.given and name.family for name in child.names),
            "date of birth": child.date_of_birth.day,
            "nationality": child.nationalities,
            "habitual residence": has_home,
            "passport or identity card": child.identity_documents,
            "description or photograph": child.HasField("description") or self._has_photo(child),
        }
        return (
            Block(f"Child {child.id}: {_name(child.names)}", tuple(rows)),
            [what for what, is_there in lacks.items() if not is_there],
        )

    def applicant(self) -> Part:
        applicants = self._applicants()
        blocks = [self._person(person, "Applicant", "I.2", "II") for person in applicants]
        missing = [] if applicants else ["who asks for the return"]
        for person in applicants:
            missing += [] if person.relations else ["relation of the applicant to the child"]
            missing += [] if person.contact_points else ["how to reach the applicant"]
        return blocks, missing

    def whereabouts(self) -> Part:
        takers = self._persons("taker_alleged")
        blocks = [
            self._person(taker, "Alleged to have removed or retained the child", "III.1")
            for taker in takers
        ]
        places = self._rows(self._case, "III.2", below=("circumstances",))
        blocks += [Block("Address of the child", places)] if places else []
        others = {person.id: person for role in _ABLE_TO_TELL for person in self._persons(role)}
        blocks += [
            self._person(other, "Might be able to tell more", "III.1") for other in others.values()
        ]
        missing = [] if takers else ["who is alleged to have taken the child"]
        return blocks, missing + ([] if places else ["where the child is thought to be"])

    def removal(self) -> Part:
        rows = self._rows(self._case, "IV", below=("circumstances", "legal_situation"))
        removals = self._case.legal_situation.removals
        has_place = self._case.circumstances.last_seen.HasField("place")
        lacks = {
            "date of the removal or retention": any(each.happened_on.year for each in removals),
            "from which country to which": any(each.from_country for each in removals) or has_place,
            "circumstances": self._case.circumstances.text.text
            or any(each.text.text for each in removals),
        }
        return (
            [Block("", rows)] if rows else [],
            [what for what, is_there in lacks.items() if not is_there],
        )

    def of_case(self, number: str, needed: str) -> Part:
        rows = self._rows(self._case, number, below=("legal_situation", "authorities"))
        return ([Block("", rows)], []) if rows else ([], [needed])

    def return_to(self) -> Part:
        wanted = self._case.legal_situation.return_to_person_id
        persons = [person for person in self._case.persons if wanted and person.id == wanted]
        blocks = [self._person(person, "Return to", "I.2", "II") for person in persons]
        return blocks, [] if persons else ["to whom the child is to be returned"]

    def documents(self) -> Part:
        blocks = [
            Block(
                f"Document {file.id}",
                self._rows(case_pb2.Case(files=[file]), "X", below=("files",), is_whole=True),
            )
            for file in self._case.files
            if file.kind != "csam"
        ]
        kinds = {file.kind for file in self._case.files}
        return blocks, [] if "court_order" in kinds else [
            "a certified copy of the decision or agreement (court_order)"
        ]

    # --- parts of the case

    def _applicants(self) -> list[case_pb2.Person]:
        legal = self._case.legal_situation
        wanted = {each.applicant_person_id for each in legal.applications} - {""}
        named = [person for person in self._case.persons if person.id in wanted]
        return named or self._persons("holder_of_parental_responsibility")[:1]

    def _persons(self, role: str) -> list[case_pb2.Person]:
        return [person for person in self._case.persons if role in person.roles]

    def _has_photo(self, child: case_pb2.Child) -> bool:
        return any(
            file.kind == "photo" and (not file.child_ids or child.id in file.child_ids)
            for file in self._case.files
        )

    def _person(self, person: case_pb2.Person, title: str, *sections: str) -> Block:
        alone = case_pb2.Case(persons=[person])
        wanted = {info.path for section in sections for info in _fields_of(section, ("persons",))}
        # Of each person the form asks for name, contact and relation, whoever it is.
        wanted |= {f"persons.{name}" for name in ("contact_points", "relations", "names")}
        rows = self._chosen(alone, wanted)
        return Block(f"{title}: {_name(person.names)}", rows)

    def _rows(
        self,
        case: case_pb2.Case,
        section: str,
        *,
        below: Sequence[str],
        is_whole: bool = False,
    ) -> tuple[tuple[str, str, str], ...]:
        if is_whole:
            return self._chosen(case, set(below))
        return self._chosen(case, {info.path for info in _fields_of(section, below)})

    def _chosen(
        self, case: case_pb2.Case, wanted: Collection[str]
    ) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            (row.path, row.text, row.language)
            for row in preview(case, self._language)
            if row.path not in _KEPT_HERE
            and any(row.path == path or row.path.startswith(path + ".") for path in wanted)
        )


def sixteenth_birthday(born: case_pb2.PartialDate) -> str:
    """Return the day on which a child will be 16, as far as its birthday is known."""
    if not born.year or born.precision == "estimated":
        return ""
    parts = (born.year + _AGE_OF_ART_4, born.month, born.day)
    return "-".join(f"{part:02}" for part in parts if part)


def _fields_of(section: str, below: Sequence[str]) -> Iterator[FieldInfo]:
    """Yield the fields below these whose own option names the section.

    What the option of such a field itself says holds for it as a whole; that of a list of
    persons says only that one of them may stand in the section.
    """
    for info in fields(case_pb2.Case):
        top = info.path.partition(".")[0]
        is_below = top in below and (info.path != top or top in {"circumstances", "authorities"})
        if is_below and section in info.mappings.get("hague", ()):
            yield info


# The form asks for passports, which are sensitive, but for nothing that only a doctor sees.
_INTIMATE: Final = "children.description.intimate_marks"
_KEPT_HERE: Final = frozenset(
    info.path
    for info in fields(case_pb2.Case)
    if not info.is_group and (info.share is Share.NEVER or info.path.startswith(_INTIMATE))
)


def _parent_title(parent: case_pb2.Person) -> str:
    relations = {relation.relation for relation in parent.relations}
    for relation, title in (("mother", "Mother"), ("father", "Father")):
        if relation in relations:
            return title
    return "Parent"


def _name(names: Sequence[case_pb2.PersonName]) -> str:
    return next((full_name(name) for name in names if full_name(name)), "name not recorded")
