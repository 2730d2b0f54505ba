"""Every page of a node, in a state that is worth looking at: for pictures and for checks.

A page is opened as the person to whom it belongs. What takes more than an address (a form
that is sent with a fault, a search) is done in the browser as that person would do it. None of
it changes more than drafts, so that all of them can be walked through once more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, Response

from node.commands.arguments import decoded
from node.users.policy import Role
from node.web.server import ROUTES
from tests.support.exhibition import BE, GR, UA
from tests.support.pages import PASSWORD
from tests.support.room import LOCKED, NOBODY, Act, Picture, Room, ids_in

ANNA, BERTA, DORA, ADA, NIKOS = "Anna", "Berta", "Dora", "Ada", "Nikos"
_PASSPORT = "children.identity_documents.number"
_FIRST = {
    "to": GR, "kind": "tracing_request", "urgency": "2", "language": "en",
    "ask": "Testina may be in Thessaloniki since Wednesday. Has anyone seen her?",
    "purpose": "locate_child", "art6": "vital_interests", "police_informed": "with_reference",
}  # fmt: skip
_TICKED = (
    "category", "children.names.given", "children.names.family", "children.names.script",
    "children.sex", "children.date_of_birth", "children.description.height_cm",
    "children.description.hair_colours", "children.description.clothing.item",
    "children.description.clothing.colours", "circumstances.last_seen.place.locality",
    "circumstances.text",
)  # fmt: skip
_NO_DAY = {"children[c1].date_of_birth#day": "31", "children[c1].date_of_birth#month": "2"}


# --- what people do on a page


def _sending(selector: str, **fields: str) -> Act:
    """Send a form as the browser would not let it go, with these fields changed."""

    def act(_: Room, page: Page) -> Response | None:
        form = page.locator(selector).first
        form.evaluate(
            """(form, fields) => {
              form.noValidate = true;
              for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
            }""",
            fields,
        )
        with page.expect_navigation() as moved:
            form.evaluate("form => form.requestSubmit(form.querySelector('button:last-of-type'))")
        return moved.value

    return act


def _unfolding(_: Room, page: Page) -> None:
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true;")


def _in_conflict(room: Room, page: Page) -> Response | None:
    """Save what was changed while a colleague saved something else."""
    name = "children[c1].description.build"
    fields = {"version": "1", name: "athletic", "reason": "the school says so"}
    return _sending("form[data-keep]", **fields)(room, page)


def _set_up(room: Room, page: Page) -> Response | None:
    """Set up a password from a one-time link: what comes are the recovery codes."""
    secret = page.locator("code.secret").inner_text()
    code = pyotp.TOTP(secret).at(room.shown.clock.now_ms() // 1000)
    fields = {"password": PASSWORD, "again": PASSWORD, "code": code}
    return _sending("form[action$='/password']", **fields)(room, page)


def _invite(room: Room) -> None:
    name = f"Pia {len(room.shown.ids)}"
    room.shown.ids[name] = room.shown.run(room.shown.add_person(BE, name, Role.OPERATOR))
    room.shown.ids["once"] = room.shown.ids[name]


def _broken(_: Room, page: Page) -> Response | None:
    """Open the page once more while something in the node is broken."""

    async def fail(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("node.web.visit.run_command", fail)
        return page.reload()


def _search(text: str) -> Act:
    return _sending("form[role=search]", q=text)


def _searched(room: Room) -> None:
    room.post(BE, ANNA, "/cases", {"q": "Modela Testova"})


def _choose(case: str, **changes: Any) -> Callable[[Room], None]:
    """Fill in the first two pages of referring a case."""

    def before(room: Room) -> None:
        first = {name: changes.get(name, value) for name, value in _FIRST.items()}
        second = {"has_chosen": "yes", "field": _TICKED, "to_page": "second"}
        second |= {name: value for name, value in changes.items() if name not in first}
        room.post(BE, ANNA, f"/refer/{{{case}}}", first)
        room.post(BE, ANNA, f"/refer-what/{{{case}}}", second)

    return before


def _answer(room: Room) -> None:
    fields = {
        "has_chosen": "yes", "field": ("children.description.clothing.item",),
        "text": "Red trainers, white laces.", "language": "en", "to_page": "third",
    }  # fmt: skip
    room.post(BE, ANNA, "/referrals/{asked}/part/answer", fields)


def _with_evidence(room: Room, page: Page) -> Response | None:
    """Check a bundle of evidence that this node has made."""
    made = room.shown.run(
        room.shown.ask(BE, "audit.evidence", leg=room.shown.ids["done"], entry=1, with_content=0)
    )
    bundle = decoded("bundle", made["bundle"])
    file = {"name": "evidence.zip", "mimeType": "application/zip", "buffer": bundle}
    page.locator("#field-bundle").set_input_files([file])
    return _sending("form[action='/audit']")(room, page)


# --- the pages

SECTIONS = (
    "case", "children", "circumstances", "persons", "police", "authorities", "legal_situation",
    "consents", "linked_cases", "sources", "internal_notes",
)  # fmt: skip
TABS = ("about", "timeline", "referrals", "persons", "files", "clocks", "holders")
STATES = (
    "asked", "done", "declined", "reported", "undelivered", "theirs", "transfer",
    "given_up", "told",
)  # fmt: skip


def _coming_and_going() -> Iterator[Picture]:
    yield Picture(name="sign-in", who=NOBODY, path="/sign-in")
    yield Picture(
        name="sign-in-refused", who=NOBODY, path="/sign-in", status=422,
        act=_sending("form[action^='/sign-in?']", name="Anna", password="?", code="?"),
    )  # fmt: skip
    yield Picture(name="welcome", who=NOBODY, path="/welcome/{invited}")
    yield Picture(
        name="recovery-codes", who=NOBODY, path="/welcome/{once}", before=_invite, act=_set_up
    )
    yield Picture(name="unlock", who=LOCKED, path="/unlock")
    yield Picture(name="own", who=ANNA, path="/own")


def _desks() -> Iterator[Picture]:
    for who in (ANNA, BERTA, DORA, ADA):
        before = _choose("girl") if who == ANNA else None
        yield Picture(name=f"desk-{who.lower()}", who=who, path="/", before=before)
    yield Picture(name="desk-greek", who=NIKOS, path="/", node=GR)


def _cases() -> Iterator[Picture]:
    yield Picture(name="cases", who=ANNA, path="/cases")
    yield Picture(name="cases-found", who=ANNA, path="/cases", act=_search("Testina Fictiva"))
    yield Picture(name="cases-none", who=ANNA, path="/cases", act=_search("Zzyzx"))
    yield Picture(name="new-case", who=ANNA, path="/new-case", before=_searched)
    yield Picture(
        name="new-case-refused", who=ANNA, path="/new-case", status=422, before=_searched,
        act=_sending("form[data-keep]", **_NO_DAY),
    )  # fmt: skip
    for tab in TABS:
        yield Picture(name=f"case-{tab}", who=ANNA, path=f"/cases/{{girl}}?tab={tab}")
    yield Picture(name="case-clocks-hague", who=BERTA, path="/cases/{brothers}?tab=clocks")
    yield Picture(name="case-holders-none", who=BERTA, path="/cases/{stranger}?tab=holders")
    yield Picture(name="case-erased", who=BERTA, path="/erased/{erased}")
    for section in SECTIONS:
        yield Picture(name=f"edit-{section}", who=ANNA, path=f"/edit/{section}/{{girl}}")
    yield Picture(
        name="edit-refused", who=ANNA, path="/edit/children/{girl}", status=422,
        act=_sending("form[data-keep]", **_NO_DAY),
    )  # fmt: skip
    yield Picture(
        name="edit-conflict", who=ANNA, path="/edit/children/{girl}", status=422, act=_in_conflict
    )
    yield Picture(name="photos", who=ANNA, path="/photos/{girl}")
    for act in ("found", "close", "correct", "hold"):
        yield Picture(name=act, who=ANNA, path=f"/{act}/{{girl}}")
    for act in ("erase", "erase-now"):
        yield Picture(name=act, who=BERTA, path=f"/{act}/{{brothers}}")
    yield Picture(
        name="found-refused", who=ANNA, path="/found/{girl}", status=422,
        act=_sending("form[action^='/found/']"),
    )  # fmt: skip


def _papers() -> Iterator[Picture]:
    for paper, case in (
        ("dossier", "girl"), ("poster", "girl"), ("hague", "brothers"), ("yellow", "girl"),
    ):  # fmt: skip
        path = f"/print/{paper}/{{{case}}}"
        yield Picture(name=f"print-{paper}", who=ANNA, path=path)
        yield Picture(name=f"print-{paper}-paper", who=ANNA, path=path, is_paper=True)


def _referring() -> Iterator[Picture]:
    yield Picture(name="refer-who-empty", who=ANNA, path="/refer/{nephew}")
    yield Picture(name="refer-who", who=ANNA, path="/refer/{girl}", before=_choose("girl"))
    yield Picture(
        name="refer-who-refused", who=ANNA, path="/refer/{nephew}", status=422,
        act=_sending("form[data-keep]"),
    )  # fmt: skip
    yield Picture(name="refer-what", who=ANNA, path="/refer-what/{girl}", before=_choose("girl"))
    yield Picture(
        name="refer-what-warnings", who=ANNA, path="/refer-what/{brothers}",
        before=_choose("brothers", to=(GR, UA), field=(*_TICKED, "persons.names.given")),
        act=_sending("form[data-keep]"),
    )  # fmt: skip
    yield Picture(
        name="refer-check", who=ANNA, path="/refer-check/{girl}",
        before=_choose(
            "girl", field=(*_TICKED, _PASSPORT), sensitive_reason="The border police ask for it."
        ),
    )  # fmt: skip
    yield Picture(name="sent", who=ANNA, path="/sent?legs={theirs},{undelivered}")
    yield Picture(name="approvals", who=BERTA, path="/approvals")
    yield Picture(name="approvals-none", who=NIKOS, path="/approvals", node=GR)
    yield Picture(name="approval", who=BERTA, path="/approvals/{approval}")
    yield Picture(name="approval-own", who=ANNA, path="/approvals/{approval}")


def _referrals() -> Iterator[Picture]:
    yield Picture(name="referrals", who=ANNA, path="/referrals")
    yield Picture(name="referrals-none", who=ANNA, path="/referrals?kind=statistic")
    for state in STATES:
        yield Picture(name=f"referral-{state}", who=ANNA, path=f"/referrals/{{{state}}}")
    for state in ("urgent", "new", "to_erase"):
        yield Picture(name=f"referral-{state}", who=BERTA, path=f"/referrals/{{{state}}}")
    yield Picture(name="referral-asked-greek", who=NIKOS, path="/referrals/{asked}", node=GR)
    yield Picture(
        name="steps-unfolded", who=NIKOS, path="/referrals/{asked}", node=GR, act=_unfolding
    )
    yield Picture(
        name="step-refused", who=ANNA, path="/referrals/{urgent}", status=422,
        act=_sending("ul.steps form", telephone=""),
    )  # fmt: skip
    yield Picture(
        name="told-refused", who=ANNA, path="/referrals/{given_up}", status=422,
        act=_sending("form[action$='/told']"),
    )  # fmt: skip
    yield Picture(name="part-answer", who=ANNA, path="/referrals/{asked}/part/answer")
    yield Picture(
        name="part-check", who=ANNA, path="/referrals/{asked}/check/answer", before=_answer
    )
    yield Picture(name="part-hand-over", who=ANNA, path="/referrals/{transfer}/part/hand_over")
    yield Picture(name="take", who=ANNA, path="/referrals/{new}/take/1")


def _around() -> Iterator[Picture]:
    yield Picture(name="peers", who=ANNA, path="/peers")
    yield Picture(name="figures", who=ANNA, path="/figures")
    yield Picture(name="figures-public", who=DORA, path="/figures?show=publish")
    yield Picture(name="audit", who=DORA, path="/audit")
    yield Picture(name="audit-verified", who=DORA, path="/audit", act=_with_evidence)
    yield Picture(name="audit-log", who=DORA, path="/audit/log")
    yield Picture(name="audit-accesses", who=DORA, path="/audit/accesses")
    yield Picture(name="audit-evidence", who=DORA, path="/audit/evidence")
    yield Picture(name="audit-messages", who=ANNA, path="/audit/evidence/{done}")
    yield Picture(name="people", who=ADA, path="/people")
    yield Picture(name="person", who=ADA, path="/people/{anna}")
    yield Picture(name="people-supervisor", who=BERTA, path="/people")
    yield Picture(name="node", who=ADA, path="/node")
    yield Picture(name="node-checked", who=ADA, path="/node", act=_sending("form[action='/node']"))
    yield Picture(name="help", who=ANNA, path="/help")
    yield Picture(name="first-day", who=ANNA, path="/help/first-day")
    yield Picture(name="not-allowed", who=DORA, path="/cases", status=403)
    yield Picture(name="refused", who=ANNA, path="/cases/be.example/none", status=404)
    yield Picture(name="fault", who=NIKOS, path="/peers", node=GR, status=500, act=_broken)


def route_of(path: str) -> str:
    """Return the pattern of the route that answers an address."""
    plain = ids_in(path, defaultdict(lambda: "x")).partition("?")[0]
    for route in ROUTES:
        if route.method == "GET" and _pattern(route.path).fullmatch(plain):
            return route.path
    raise AssertionError(f"no route answers {path}")


def _pattern(path: str) -> re.Pattern[str]:
    # As aiohttp reads it: {name} is a part of a path, {name:.+} as it says.
    wild = re.sub(r"\{\w+:([^}]*)\}", r"\1", path)
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", wild))


NO_PAGES = {
    "/sign-in/passkey": "what the browser needs for a passkey, as JSON",
    "/welcome/{token}/passkey": "the same",
    "/own/passkey": "the same",
    "/desk/tiles": "a part of the desk, which stands in the desk too",
    "/sent/list": "a part of the page of what was sent, which stands in it too",
    "/referrals/{leg}/steps": "a part of a referral's page, which stands in it too",
    "/pictures/{file}/{case:.+}": "a photo",
    "/referrals/{leg}/files/{file}": "a file that a peer sent",
    "/audit/evidence/{leg}/{number}": "a file to take away",
    **{
        f"/pdf/{paper}/{{case:.+}}": "a file to take away"
        for paper in ("dossier", "poster", "hague", "yellow")
    },
}
"""Routes that can be asked for with GET and answer with no page of their own, and why."""

PICTURES: tuple[Picture, ...] = (
    *_coming_and_going(), *_desks(), *_cases(), *_papers(), *_referring(), *_referrals(),
    *_around(),
)  # fmt: skip
