"""Texts that would run, in a real browser: none does. And a screen that nobody touches locks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, async_playwright

from node.users.policy import Access, Role
from node.users.sessions import Sessions
from node.web.visit import COOKIE
from tests.support.browser import ARGUMENTS, chromium
from tests.support.hostile import World, hostile_world
from tests.support.pages import open_pages
from tests.support.scan import MARKER

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.thorough]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    pages = await open_pages(tmp_path_factory.mktemp("hostile"))
    try:
        yield await hostile_world(pages)
        assert pages.faults == []
    finally:
        await pages.close()


@pytest_asyncio.fixture(loop_scope="module")
async def window(world: World) -> AsyncIterator[BrowserContext]:
    """A window of a browser in which a supervisor has signed in."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        context = await browser.new_context()
        token = await world.web.signed_in(Role.SUPERVISOR)
        kept = {"domain": "localhost", "path": "/", "secure": True, "httpOnly": True}
        await context.add_cookies([{"name": COOKIE, "value": token, "sameSite": "Lax", **kept}])
        yield context
        await browser.close()


async def test_no_text_of_a_case_a_peer_or_a_person_runs(
    world: World, window: BrowserContext
) -> None:
    page, ran = await window.new_page(), []
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    page.on("pageerror", lambda error: ran.append(str(error)))
    page.on(
        "console",
        lambda line: ran.append(line.text) if "Content Security Policy" in line.text else None,
    )
    await page.route("**/*", lambda route: _only_ours(route, world.web.origin, ran))
    case, leg = world.hostile_id, world.theirs.hex()
    addresses = [
        f"/cases/{case}", f"/cases/{case}?tab=persons", f"/cases/{case}?tab=timeline",
        f"/edit/children/{case}", f"/print/dossier/{case}", f"/print/hague/{case}",
        f"/referrals/{leg}", "/referrals", "/people", "/", f"/refer/{case}",
    ]  # fmt: skip
    shown = 0
    for address in addresses:
        answer = await page.goto(f"{world.web.origin}{address}")
        assert answer is not None
        assert answer.status == 200, address
        shown += "onerror=alert(1)" in await page.locator("body").inner_text()
        assert await page.locator("img[src=x], main script").count() == 0
    assert ran == []
    assert shown >= 5
    assert MARKER in await _typed(page, f"{world.web.origin}/edit/circumstances/{case}")


async def _typed(page: Page, address: str) -> str:
    await page.goto(address)
    texts = "Array.from(document.querySelectorAll('input,textarea'), each => each.value)"
    return "\n".join(await page.evaluate(texts))


async def _only_ours(route, origin: str, asked: list[str]) -> None:
    if not route.request.url.startswith((origin, "data:")):
        asked.append(route.request.url)
    await route.continue_()


async def test_a_screen_that_nobody_touches_locks_and_keeps_what_was_typed(
    world: World, window: BrowserContext
) -> None:
    page = await window.new_page()
    await page.clock.install()
    await page.goto(f"{world.web.origin}/edit/circumstances/{world.case_id}")
    box = page.locator("textarea").first
    async with page.expect_response("**/drafts"):
        await box.fill("Words that nobody has sent yet")
        await page.clock.run_for(2000)
    await page.clock.run_for(10 * 60_000)
    await page.mouse.move(5, 5)
    await page.mouse.move(50, 50)
    await page.clock.run_for(10 * 60_000)
    assert "/edit/" in page.url
    await page.clock.run_for(6 * 60_000)
    await page.wait_for_url("**/unlock**")
    assert "Words that nobody" not in await page.content()
    token = await world.web.signed_in(Role.SUPERVISOR)
    sessions: Sessions = world.web.office.sessions
    locked = await sessions.visitor(token, is_doing=True)
    assert locked.access is Access.LOCKED
    assert locked.session is not None
    await sessions.unlock(locked.session.token_hash)
    await page.goto(f"{world.web.origin}/edit/circumstances/{world.case_id}")
    assert await page.locator("textarea").first.input_value() == "Words that nobody has sent yet"
