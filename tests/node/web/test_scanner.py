"""The scanner finds what is wrong: holes that are planted for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web as aiohttp_web

from node.users.policy import Access, Role
from node.web import gate, guard, server, visit
from node.web.visit import Visit
from tests.support.hostile import World, hostile_world
from tests.support.pages import open_pages
from tests.support.scan import Who, Wire, faults_of
from tests.support.sweep import NOBODY, wired

pytestmark = pytest.mark.asyncio(loop_scope="module")

AUDITOR = Who(Role.AUDITOR, Access.SIGNED_IN)
LOCKED = Who(Role.CASEWORKER, Access.LOCKED)


async def _swept(folder: Path, sweep_of: str) -> list[str]:
    pages = await open_pages(folder)
    try:
        sweep = wired(await hostile_world(pages))
        await getattr(sweep, sweep_of)([NOBODY, AUDITOR, LOCKED])
        return sweep.findings
    finally:
        sweep.wire.close()
        await pages.close()


async def test_a_page_without_a_gate_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_door(route, office, report):
        if route.path != "/figures":
            return gate.gated(route, office, report)

        async def handle(request):
            return aiohttp_web.Response(text="all figures")

        return handle

    monkeypatch.setattr(server, "gated", open_door)
    findings = await _swept(tmp_path, "all_as_the_table_says")
    assert "nobody nobody: GET /figures page 200, must be /sign-in" in findings
    assert {each.split()[3] for each in findings} == {"/figures"}


async def test_a_handler_that_tells_what_is_there_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned_away = gate._turned_away

    async def look_first(asked: Visit):
        if "case" in asked.request.match_info:
            await asked.command("case.flags", case_id=asked.part("case"))
        return await turned_away(asked)

    async def curious(asked: Visit):
        try:
            return await look_first(asked)
        except gate.NodeError:
            return aiohttp_web.Response(status=404)

    monkeypatch.setattr(gate, "_turned_away", curious)
    findings = await _swept(tmp_path, "nothing_tells_what_is_there")
    assert "nobody nobody: GET /cases/{case} tells what is there" in findings
    assert not any("/people" in each for each in findings)


async def test_work_that_tells_what_is_there_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned_away = gate._turned_away

    async def count_first(asked: Visit):
        if "NONE" not in asked.request.path and "case" in asked.request.match_info:
            await asked.core.store.read(lambda db: None)
        return await turned_away(asked)

    monkeypatch.setattr(gate, "_turned_away", count_first)
    findings = await _swept(tmp_path, "nothing_tells_what_is_there")
    assert "auditor signed_in: GET /cases/{case} tells what is there" in findings


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("X-Content-Type-Options", "", "X-Content-Type-Options: "),
        ("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'", "CSP allows"),
        ("Server", "Python/3.11 aiohttp/3", "Server: Python/3.11 aiohttp/3"),
    ],
)
async def test_a_header_that_is_missing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, finding: str
) -> None:
    monkeypatch.setitem(guard.HEADERS, name, value)
    pages = await open_pages(tmp_path)
    try:
        wire = Wire(int(pages.origin.rpartition(":")[2]))
        faults = faults_of(await wire.ask("GET", "/sign-in"))
        wire.close()
        assert any(each.startswith(finding) for each in faults)
    finally:
        await pages.close()


@pytest.mark.parametrize(
    ("html", "finding"),
    [
        ('<p onclick="x()">', "has onclick="), ("<script>x</script>", "has an inline script"),
        ('<p style="x">', "has style="), ('<img src="//elsewhere.example/x">', "asks"),
        ('<a href="javascript:alert(1)">', "asks"), ("<p>{{'zq'*3}}zqzqzq", "a template"),
    ],
)  # fmt: skip
async def test_a_page_that_runs_something_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, html: str, finding: str
) -> None:
    page = visit.Visit.page

    def spoiled(self, template, /, **values):
        response = page(self, template, **values)
        response.text = response.text.replace("</main>", f"{html}</main>")
        return response

    monkeypatch.setattr(visit.Visit, "page", spoiled)
    faults = faults_of(await wired(world).wire.ask("GET", "/help"))
    assert any(each.startswith(finding) for each in faults)
