"""A case in full: the head, and one tab at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from aiohttp import web

from node.commands.arguments import Answer, decoded
from node.commands.posters import today
from node.users.policy import Action
from node.web.casehead import Head, head_of
from node.web.caseparts import Part, Places, parts_of, places_of
from node.web.forms import Form, new_form_id, whole_number
from node.web.rendering import catalogue
from node.web.visit import Route, Visit
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabulary import offered

TABS = ("about", "timeline", "referrals", "persons", "files", "clocks", "holders")
# So many lines of the timeline are on one page.
EVENTS = 30
# Parts of a case that are about others than the child.
_OTHERS = ("persons", "police", "authorities", "sources")
# What the node keeps by itself, or what a tab of its own shows.
_NOT_ABOUT = (*_OTHERS, "files")
UPLOADED_KINDS = tuple(kind for kind in offered("file_kind") if kind not in ("csam", "audio"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case with what its pages need around it."""

    answer: Answer
    case: case_pb2.Case
    head: Head
    flags: list[Answer]
    places: Places

    @property
    def case_id(self) -> str:
        """The case's id."""
        return self.case.federated_id

    @property
    def version(self) -> int:
        """The number of its newest version."""
        return int(self.answer["version"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline: a version of the case, or a step of a referral."""

    at_ms: int
    who: str
    version: int = 0
    reason: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    """What became of a place, and what the place is called."""
    step: Answer | None = None
    referral: Answer | None = None


async def shown_case(visit: Visit, case_id: str) -> Answer:
    """Return what the command to show a case says, with the case itself as bytes."""
    return await visit.command("case.show", case_id=case_id, is_encoded=True)


async def open_case(visit: Visit) -> CaseFile:
    """Return the case that the address names."""
    answer = await shown_case(visit, visit.part("case"))
    case = case_pb2.Case.FromString(decoded("case", answer["case"]))
    return CaseFile(
        answer=answer,
        case=case,
        head=head_of(case, today(visit.core)),
        flags=answer["flags"],
        places=places_of(case, catalogue(visit.language).gettext),
    )


async def show_case(visit: Visit) -> web.StreamResponse:
    """A case: what is known, what happened, to whom it was referred, who has what."""
    return await case_page(visit, Form())


async def case_page(visit: Visit, form: Form, tab: str = "") -> web.StreamResponse:
    """Return the page of a case with one tab; `form` is that of the tab, if it has one."""
    file = await open_case(visit)
    wanted = tab or visit.asked("tab")
    shown = wanted if wanted in TABS else TABS[0]
    return visit.page(
        "case.html",
        status=422 if form.faults else 200,
        file=file,
        tab=shown,
        tabs=TABS,
        form=form,
        form_id=new_form_id(visit),
        **await _READERS[shown](visit, file),
    )


async def referrals_of(visit: Visit, case_id: str) -> list[Answer]:
    """Return the referrals of a case, with their steps."""
    answer = await visit.command("referral.list", case_id=case_id, is_part=True, has_steps=True)
    found: list[Answer] = answer["referrals"]
    return found


# --- the tabs


async def _about(visit: Visit, file: CaseFile) -> dict[str, object]:
    del visit
    parts = parts_of(file.answer["rows"], file.places)
    return {"parts_of_case": [part for part in parts if part.name not in _NOT_ABOUT]}


async def _persons(visit: Visit, file: CaseFile) -> dict[str, object]:
    del visit
    parts = parts_of(file.answer["rows"], file.places, is_by_element=True)
    people = [part for part in parts if part.name in _OTHERS]
    return {"people": [(part, called(part, file.places)) for part in people]}


def called(part: Part, places: Places) -> str:
    """Return what the element of a part is called."""
    return places.names.get(f"{part.name} {part.element}", part.title)


async def _referrals(visit: Visit, file: CaseFile) -> dict[str, object]:
    return {"referrals": await referrals_of(visit, file.case_id)}


async def _files(visit: Visit, file: CaseFile) -> dict[str, object]:
    del visit
    held = {each["file_id"]: each for each in file.answer["files"]}
    rows = [row for row in file.answer["rows"] if row["place"].startswith("files[")]
    parts = {
        part.element: part
        for part in parts_of(rows, file.places, is_by_element=True)
        if part.name == "files"
    }
    return {
        "pictures": [(each, held.get(each.id), parts.get(each.id)) for each in file.case.files],
        "uploaded_kinds": UPLOADED_KINDS,
    }


async def _clocks(visit: Visit, file: CaseFile) -> dict[str, object]:
    answer = await visit.command("case.clocks", case_id=file.case_id)
    return {"clocks": answer["clocks"], "day": answer["day"]}


async def _holders(visit: Visit, file: CaseFile) -> dict[str, object]:
    holding = await visit.command("case.holders", case_id=file.case_id)
    return {"holding": holding, "phone": phone_list(visit, holding)}


def phone_list(visit: Visit, holding: Answer) -> list[Answer]:
    """Return the holders that could not be written to just now, as the address says."""
    named = visit.asked("phone").split(",")
    return [each for each in holding["holders"] if each["peer"] in named]


async def _timeline(visit: Visit, file: CaseFile) -> dict[str, object]:
    skip = whole_number(visit.asked("skip"))
    found = await timeline(visit, file.case_id, await referrals_of(visit, file.case_id))
    shown = found[skip : skip + EVENTS]
    # To compare all versions takes longer than to show these.
    history = await visit.command(
        "case.history",
        case_id=file.case_id,
        is_brief=True,
        compared=[str(event.version) for event in shown if event.version],
    )
    changes = {each["version"]: _changes(each, file.places) for each in history["versions"]}
    return {
        "events": [replace(each, changes=changes.get(each.version, ())) for each in shown],
        "newer": max(0, skip - EVENTS) if skip else None,
        "older": skip + EVENTS if skip + EVENTS < len(found) else None,
    }


async def timeline(visit: Visit, case_id: str, referrals: Sequence[Answer]) -> list[Event]:
    """Return versions of a case and steps of its referrals, the newest first."""
    history = await visit.command("case.history", case_id=case_id, is_brief=True)
    events = [
        Event(
            at_ms=version["made_at_ms"],
            who=version["made_by"],
            version=version["version"],
            reason=version["reason"],
        )
        for version in history["versions"]
    ]
    events += [
        Event(
            at_ms=step["created_at_ms"],
            who=step["made_by"] if step["is_ours"] else referral["peer_name"],
            step=step,
            referral=referral,
        )
        for referral in referrals
        for step in referral["steps"]
    ]
    # Of what came in one moment, the later one is also the newer one.
    return sorted(events, key=lambda event: event.at_ms)[::-1]


def _changes(version: Answer, places: Places) -> tuple[tuple[str, str], ...]:
    return tuple((each["what"], places.title(each["place"])) for each in version["changes"])


_Reader = Callable[[Visit, CaseFile], Awaitable[dict[str, object]]]
_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "about": _about,
        "timeline": _timeline,
        "referrals": _referrals,
        "persons": _persons,
        "files": _files,
        "clocks": _clocks,
        "holders": _holders,
    }
)

ROUTES = (Route("GET", "/cases/{case:.+}", Action.SEE_CASE, show_case),)
