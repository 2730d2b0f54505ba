"""Help: a text for every page, reached from each, and no link into nothing."""

from __future__ import annotations

import re

import pytest

from node.users.policy import Role
from node.web.helping import SECTIONS, help_address
from node.web.server import ROUTES
from tests.support.pages import PagesUnderTest

# Pages about signing in are seen before one is signed in.
BEFORE = {"sign-in", "sign-out", "unlock", "lock", "welcome", "help"}


def test_every_page_has_its_help() -> None:
    for route in ROUTES:
        first = route.path.strip("/").partition("/")[0]
        if route.method == "GET" and not route.is_background and first not in BEFORE:
            assert first in SECTIONS, route.path


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", "/help#desk"),
        ("/cases/be.example/01", "/help#cases"),
        ("/audit/log", "/help#audit"),
        ("/elsewhere", "/help"),
    ],
)
def test_the_question_mark_leads_to_the_right_place(path: str, address: str) -> None:
    assert help_address(path) == address


async def test_each_section_is_there_once(web: PagesUnderTest) -> None:
    text = (await web.get("/help")).text
    ids = re.findall(r'id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(SECTIONS.values()) <= set(ids)


async def test_links_of_the_help_lead_somewhere(web: PagesUnderTest) -> None:
    known = {route.path for route in ROUTES}
    for page in ("/help", "/help/first-day"):
        main = (await web.get(page)).text.partition("<main")[2].partition("</main>")[0]
        links = re.findall(r'href="([^"#]*)', main)
        assert links
        assert set(links) <= known


async def test_pages_show_the_way_to_their_help(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.ADMINISTRATOR)
    assert 'href="/help#node"' in (await web.get("/node", token)).text
    assert 'class="page-help' not in (await web.get("/help", token)).text
    assert 'class="page-help' not in (await web.get("/sign-in")).text


async def test_in_earnest_a_first_day_has_no_case_to_try(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    earnest = (await web.get("/help/first-day")).text
    assert "This is the real thing" in earnest
    monkeypatch.setattr("node.web.helping.is_training", lambda _node_id: True)
    training = (await web.get("/help/first-day")).text
    assert "This is the real thing" not in training
    for step in ("Search for a name.", "Open a case.", "Refer the case to one peer."):
        assert step in training
        assert step not in earnest
