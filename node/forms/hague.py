"""Request for return (Hague Convention of 25 October 1980): a case in the form's order.

The sections are those of the model form that the Hague Conference recommends; which field
stands in which section is an option of the field in the data dictionary. The form is
filled from the whole case, since it goes to a Central Authority by the hands of people;
so what is sensitive stands in it where the form asks for it, and what never leaves does
not. Each section says what is missing. Titles and what is missing are codes with their
English words; other languages have theirs in the catalogues.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from node.forms.pfif_out import full_name
from protocol.disclosure import Share, fields, preview
from protocol.disclosure.dictionary import FieldInfo
from protocol.pb.homeward.v1 import case_pb2

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
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
)
"""The form's own titles."""

BLOCKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "child": "Child",
        "mother": "Mother",
        "father": "Father",
        "parent": "Parent",
        "marriage": "Marriage of the parents",
        "applicant": "Applicant",
        "taker": "Alleged to have removed or retained the child",
        "address": "Address of the child",
        "witness": "Might be able to tell more",
        "return_to": "Return to",
        "document": "Document",
    }
)
"""About whom or what a block is, in English."""

MISSING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "child": "the child",
        "name": "name",
        "date_of_birth": "date of birth",
        "nationality": "nationality",
        "habitual_residence": "habitual residence",
        "identity_document": "passport or identity card",
        "looks": "description or photograph",
        "parent": "a parent",
        "other_parent": "the other parent",
        "applicant": "who asks for the return",
        "applicant_relation": "relation of the applicant to the child",
        "applicant_contact": "how to reach the applicant",
        "taker": "who is alleged to have taken the child",
        "whereabouts": "where the child is thought to be",
        "removed_on": "date of the removal or retention",
        "removed_from": "from which country to which",
        "circumstances": "circumstances",
        "grounds": "grounds, custody rights or a court order",
        "proceedings": "proceedings, or that there are none",
        "return_to": "to whom the child is to be returned",
        "travel": "how the child would travel back",
        "decision": "a certified copy of the decision or agreement (court_order)",
    }
)
"""What a section can lack, in English."""
_AGE_OF_ART_4: Final = 16
# What a case needs for itself: an authority has no use for it.
_OURS_ALONE: Final = frozenset(
    {"id", "digest", "size_bytes", "media_type", "metadata_removed"}
    | {"may_publish", "may_publish_until"}
)
_ABLE_TO_TELL: Final = ("witness", "companion", "host", "sibling", "lawyer")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines about one person or thing: path of the field, what it says, its language.

    `kind` is a key of `BLOCKS`, or empty where the section has one block.
    """

    kind: str
    rows: tuple[tuple[str, str, str], ...]
    element_id: str = ""
    name: str = ""

    @property
    def title(self) -> str:
        """Return about whom or what it is, in English."""
        if not self.kind:
            return ""
        about = " ".join(filter(None, (BLOCKS[self.kind], self.element_id)))
        return f"{about}: {self.name}" if self.name else about


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a section lacks, a key of `MISSING`; of which child, where it is of one."""

    code: str
    child_id: str = ""

    @property
    def words(self) -> str:
        """Return what it is, in English."""
        words = MISSING[self.code]
        return f"{words} of child {self.child_id}" if self.child_id else words


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the form, and what it lacks."""

    number: str
    title: str
    blocks: tuple[Block, ...]
    missing: tuple[Missing, ...]


def hague_request(case: case_pb2.Case, language: str) -> list[Section]:
    """Return the sections of the form, all of them, coded values in the given language."""
    form = _Form(case, language)
    made = (
        ("I", form.identities()),
        ("II", form.applicant()),
        ("III", form.whereabouts()),
        ("IV", form.removal()),
        ("V", form.of_case("V", "grounds")),
        ("VI", form.of_case("VI", "proceedings")),
        ("VII", form.return_to()),
        ("VIII", form.of_case("VIII", "travel")),
        ("IX", form.of_case("IX", "")),
        ("X", form.documents()),
    )
    return [
        Section(number, TITLES[number], tuple(blocks), tuple(missing))
        for number, (blocks, missing) in made
    ]


Part = tuple[list[Block], list[Missing]]


class _Form:
    def __init__(self, case: case_pb2.Case, language: str) -> None:
        self._case = case
        self._language = language

    def identities(self) -> Part:
        blocks: list[Block] = []
        missing: list[Missing] = []
        for child in self._case.children:
            block, lacks = self._child(child)
            blocks.append(block)
            missing += [Missing(lack, child.id) for lack in lacks]
        if not self._case.children:
            missing.append(Missing("child"))
        for role, code in (("parent_a", "parent"), ("parent_b", "other_parent")):
            parents = self._persons(role)
            blocks += [self._person(parent, _parent_kind(parent), "I.2") for parent in parents]
            missing += [] if parents else [Missing(code)]
        marriage = self._rows(self._case, "I.2", below=("legal_situation",))
        blocks += [Block("marriage", marriage)] if marriage else []
        return blocks, missing

    def _child(self, child: case_pb2.Child) -> tuple[Block, list[str]]:
        alone = case_pb2.Case(children=[child])
        rows = list(self._rows(alone, "I.1", below=("children",)))
        turns_16 = sixteenth_birthday(child.date_of_birth)
        if turns_16:
            # The Convention ceases to apply on that day (Art. 4).
            rows.append(("children.sixteenth_birthday", turns_16, ""))
        has_home = child.habitual_residence_country or child.HasField("habitual_residence")
        lacks = {
            "name": any(name.given and name.family for name in child.names),
            "date_of_birth": child.date_of_birth.day,
            "nationality": child.nationalities,
            "habitual_residence": has_home,
            "identity_document": child.identity_documents,
            "looks": child.HasField("description") or self._has_photo(child),
        }
        return (
            Block("child", tuple(rows), child.id, _name(child.names)),
            [what for what, is_there in lacks.items() if not is_there],
        )

    def applicant(self) -> Part:
        applicants = self._applicants()
        blocks = [self._person(person, "applicant", "I.2", "II") for person in applicants]
        missing = [] if applicants else ["applicant"]
        for person in applicants:
            missing += [] if person.relations else ["applicant_relation"]
            missing += [] if person.contact_points else ["applicant_contact"]
        return blocks, list(map(Missing, missing))

    def whereabouts(self) -> Part:
        takers = self._persons("taker_alleged")
        blocks = [self._person(taker, "taker", "III.1") for taker in takers]
        places = self._rows(self._case, "III.2", below=("circumstances",))
        blocks += [Block("address", places)] if places else []
        others = {person.id: person for role in _ABLE_TO_TELL for person in self._persons(role)}
        blocks += [self._person(other, "witness", "III.1") for other in others.values()]
        missing = [] if takers else [Missing("taker")]
        return blocks, missing + ([] if places else [Missing("whereabouts")])

    def removal(self) -> Part:
        rows = self._rows(self._case, "IV", below=("circumstances", "legal_situation"))
        removals = self._case.legal_situation.removals
        has_place = self._case.circumstances.last_seen.HasField("place")
        lacks = {
            "removed_on": any(each.happened_on.year for each in removals),
            "removed_from": any(each.from_country for each in removals) or has_place,
            "circumstances": self._case.circumstances.text.text
            or any(each.text.text for each in removals),
        }
        return (
            [Block("", rows)] if rows else [],
            [Missing(what) for what, is_there in lacks.items() if not is_there],
        )

    def of_case(self, number: str, needed: str) -> Part:
        rows = self._rows(self._case, number, below=("legal_situation", "authorities"))
        if rows:
            return [Block("", rows)], []
        return [], [Missing(needed)] if needed else []

    def return_to(self) -> Part:
        wanted = self._case.legal_situation.return_to_person_id
        persons = [person for person in self._case.persons if wanted and person.id == wanted]
        blocks = [self._person(person, "return_to", "I.2", "II") for person in persons]
        return blocks, [] if persons else [Missing("return_to")]

    def documents(self) -> Part:
        blocks = [
            Block(
                "document",
                self._rows(case_pb2.Case(files=[file]), "X", below=("files",), is_whole=True),
                file.id,
            )
            for file in self._case.files
            if file.kind != "csam"
        ]
        kinds = {file.kind for file in self._case.files}
        return blocks, [] if "court_order" in kinds else [Missing("decision")]

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

    def _person(self, person: case_pb2.Person, kind: str, *sections: str) -> Block:
        alone = case_pb2.Case(persons=[person])
        wanted = {info.path for section in sections for info in _fields_of(section, ("persons",))}
        # Of each person the form asks for name, contact and relation, whoever it is.
        wanted |= {f"persons.{name}" for name in ("contact_points", "relations", "names")}
        rows = self._chosen(alone, wanted)
        return Block(kind, rows, "", _name(person.names))

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
            (row.path, self._named(row.path, row.text), row.language)
            for row in preview(case, self._language)
            if row.path not in _KEPT_HERE
            and row.path.rpartition(".")[2] not in _OURS_ALONE
            and any(row.path == path or row.path.startswith(path + ".") for path in wanted)
        )

    def _named(self, path: str, text: str) -> str:
        """Return the name of a child or person instead of the id by which a case calls them."""
        field = path.rpartition(".")[2]
        called: Sequence[case_pb2.Child | case_pb2.Person] = ()
        if field in {"child_id", "child_ids"}:
            called = self._case.children
        elif field.endswith("person_id"):
            called = self._case.persons
        return next((_name(each.names) for each in called if each.id == text), "") or text


def sixteenth_birthday(born: case_pb2.PartialDate) -> str:
    """Return the day on which a child will be 16, as far as its birthday is known."""
    if not born.year or born.precision == "estimated":
        return ""
    parts = (born.year + _AGE_OF_ART_4, born.month, born.day)
    return "-".join(f"{part:02}" for part in parts if part)


@cache
def _all_fields() -> tuple[FieldInfo, ...]:
    return tuple(fields(case_pb2.Case))


def _fields_of(section: str, below: Sequence[str]) -> Iterator[FieldInfo]:
    """Yield the fields below these whose own option names the section.

    What the option of such a field itself says holds for it as a whole; that of a list of
    persons says only that one of them may stand in the section.
    """
    for info in _all_fields():
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


def _parent_kind(parent: case_pb2.Person) -> str:
    relations = {relation.relation for relation in parent.relations}
    return next((kind for kind in ("mother", "father") if kind in relations), "parent")


def _name(names: Sequence[case_pb2.PersonName]) -> str:
    return next((full_name(name) for name in names if full_name(name)), "")
