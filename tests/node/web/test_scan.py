"""The pages as an outsider scans them: by the router and the table, knowing no handler."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from node.users.policy import Access, Role
from node.web import server
from tests.support.hostile import World, hostile_world
from tests.support.nasty import forms_of, send_all
from tests.support.pages import open_pages
from tests.support.scan import Who
from tests.support.sweep import Sweep, wired

SUPERVISOR, CASEWORKER, AUDITOR, ADMINISTRATOR = (
    Who(role, Access.SIGNED_IN)
    for role in (Role.SUPERVISOR, Role.CASEWORKER, Role.AUDITOR, Role.ADMINISTRATOR)
)
WORD = "Quibblethorpe"


pytestmark = pytest.mark.asyncio(loop_scope="module")


def more_pages(world: World) -> tuple[str, ...]:
    """Return pages that the router names only with a choice in the address."""
    case, leg = world.hostile_id, world.theirs.hex()
    tabs = ("about", "timeline", "referrals", "persons", "files", "clocks", "holders")
    return (
        "/cases?show=hits",
        *(f"/cases/{case}?tab={tab}" for tab in tabs),
        *(f"/{name}/{case}" for name in ("refer", "refer-what", "refer-check", "found", "erase")),
        *(f"/edit/{name}/{case}" for name in ("children", "persons", "circumstances")),
        *(f"/print/{name}/{case}" for name in ("dossier", "poster", "hague", "yellow")),
        f"/referrals/{leg}", f"/referrals/{leg}/steps", f"/referrals/{leg}/part/answer",
        f"/referrals/{leg}/take/1", "/audit/evidence", f"/audit/evidence/{leg}",
        "/audit/accesses?skip=0&of=<script>", "/figures?show=publish&year=2026",
    )  # fmt: skip


async def test_the_router_has_nothing_that_the_table_does_not_name() -> None:
    for route in server.ROUTES:
        assert route.method in ("GET", "POST")
    assert len({(route.method, route.path) for route in server.ROUTES}) == len(server.ROUTES)


@pytest.mark.thorough
async def test_everybody_gets_what_the_table_allows_and_nothing_else(world: World) -> None:
    sweep = wired(world)
    outside = [path for path in sweep.paths if sweep.action(path, "GET") is None
               and sweep.action(path, "POST") is None]  # fmt: skip
    assert outside == ["/static/{hash}/{name}"]
    await sweep.all_as_the_table_says()
    assert sweep.findings == []
    assert sweep.asked > 2000


async def test_what_somebody_may_not_see_is_as_what_is_not_there(world: World) -> None:
    sweep = wired(world)
    await sweep.nothing_tells_what_is_there()
    assert sweep.findings == []
    assert sweep.asked > 2000


async def test_what_has_no_right_form_is_refused(world: World) -> None:
    sweep = wired(world)
    await sweep.malformed_is_refused([SUPERVISOR, AUDITOR])
    assert sweep.findings == []


@pytest.mark.thorough
@pytest.mark.parametrize("who", [CASEWORKER, ADMINISTRATOR], ids=str)
async def test_no_form_breaks_whatever_is_sent(world: World, who: Who) -> None:
    sweep = wired(world)
    forms = await forms_of(sweep, who, more_pages(world))
    assert len(forms) > 5
    for form in forms:
        await send_all(sweep, who, form)
    assert sweep.findings == []


# --- nothing runs, and two roles see nothing


@pytest.mark.thorough
async def test_no_text_runs_in_any_page(world: World) -> None:
    sweep, reached, unreached = wired(world), [], []
    await refer(sweep, world.hostile_id)
    await sweep.ask(SUPERVISOR, "POST", "/cases", body=b"q=script")
    for who in (SUPERVISOR, ADMINISTRATOR, AUDITOR):
        for path in [*(sweep.there(p) for p in sweep.paths), *more_pages(world)]:
            reply = await sweep.ask(who, "GET", path)
            partial = await sweep.ask(who, "GET", path, HX_Request="true")
            assert partial.status < 500
            (reached if "&lt;script&gt;" in reply.text else unreached).append(path)
    assert sweep.findings == []
    for needed in ("/cases/", "/edit/", "/print/dossier/", "/refer-what/", "/referrals/"):
        assert any(path.startswith(needed) for path in reached), needed


async def refer(sweep: Sweep, case_id: str) -> None:
    """Choose a peer and fields, so that the pages that show a choice show it."""
    chosen = (
        b"to=gr.example&kind=tracing_request&urgency=3&ask=%3Cscript%3E&purpose=locate_child"
        b"&art6=public_task&police_informed=with_reference&language=en"
    )
    reply = await sweep.ask(SUPERVISOR, "POST", f"/refer/{case_id}", body=chosen)
    assert reply.headers["Location"] == f"/refer-what/{case_id}"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
async def test_two_roles_get_nothing_of_a_case_from_anywhere(tmp_path: Path, role: Role) -> None:
    pages = await open_pages(tmp_path)
    try:
        world = await hostile_world(pages, WORD, WORD[:6])
        sweep, who = wired(world), Who(role, Access.SIGNED_IN)
        await refer(sweep, world.hostile_id)
        await sweep.ask(SUPERVISOR, "POST", "/cases", body=f"q={WORD}".encode())
        assert WORD in (await sweep.ask(SUPERVISOR, "GET", "/cases?show=hits")).text
        addresses = [*(sweep.there(path) for path in sweep.paths), *more_pages(world)]
        addresses += [sweep.there(p, case=world.hostile_id, leg=world.theirs.hex())
                      for p in sweep.paths]  # fmt: skip
        for address in addresses:
            for headers in ({}, {"HX_Request": "true"}):
                for method in ("GET", "POST"):
                    reply = await sweep.ask(who, method, address, **headers)
                    told = json.dumps(list(reply.headers.items())) + reply.text
                    for word in (WORD[:6], "Papad", "Eléni", "Ελένη", "Namur"):
                        assert word not in told, (address, method, word)
        assert pages.faults == []
    finally:
        world.close()
        await pages.close()
