"""A case in full: its tabs, and its photos."""

from __future__ import annotations

import re

import aiohttp
import pytest
from google.protobuf import json_format

from node.commands.arguments import decoded
from node.users.policy import Role
from protocol.pb.homeward.v1 import case_pb2
from tests.support.casedesk import Desk, desk, faults, png
from tests.support.pages import GR, PagesUnderTest

# --- looking


async def test_a_case_is_told_as_json_or_as_its_bytes(web: PagesUnderTest) -> None:
    at = await desk(web)
    told, as_bytes = await at.command("case.show"), await at.command("case.show", is_encoded=True)
    case = case_pb2.Case.FromString(decoded("case", as_bytes.pop("case")))
    assert json_format.MessageToDict(case) == told.pop("case")
    assert as_bytes == told


async def test_the_head_says_who_it_is_and_what_must_be_known_first(web: PagesUnderTest) -> None:
    page = await (await desk(web)).gets("/cases/CASE")
    assert re.search(r"<h1><bdi>Olena Testova</bdi></h1>", page)
    assert "Олена Тестова" in page
    flags = re.findall(r"<strong>([^<]*)</strong>", page[page.index('class="case-flags"') :])
    assert flags[:4] == [
        "The child's wish: who may be told where the child is",
        "Danger to the child",
        "Medical need",
        "Allegation only",
    ]
    assert "Police only" in page
    # Blurred until somebody opens it, without any script.
    assert re.search(r'<details class="photo"><summary>.*class="blurred"', page)
    # The title of a window is seen by others.
    assert "Olena" not in page[: page.index("</title>")]


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("about", "Invenstad"),
        ("timeline", "Version 1 of the case"),
        ("referrals", "Nobody was asked yet."),
        ("persons", "Pavlo"),
        ("files", "Add a photo"),
        ("clocks", "Hague Convention of 1980, Art. 12"),
        ("holders", "Nobody else has anything of this case."),
        ("no such tab", "Invenstad"),
    ],
)
async def test_each_tab_shows_its_part(web: PagesUnderTest, tab: str, said: str) -> None:
    assert said in await (await desk(web)).gets(f"/cases/CASE?tab={tab}")


async def test_unknown_and_not_asked_are_words_and_what_is_empty_is_not_there(
    web: PagesUnderTest,
) -> None:
    page = await (await desk(web)).gets("/cases/CASE")
    assert re.search(r"<dt>Eye colours</dt>\s*<dd[^>]*>Unknown</dd>", page)
    assert re.search(r"<dt>Height \(cm\)</dt>\s*<dd[^>]*>Not asked</dd>", page)
    assert "Build" not in page
    assert "Name 2 of child 1" in page


async def test_the_timeline_has_versions_and_steps_and_says_what_changed(
    web: PagesUnderTest,
) -> None:
    at = await desk(web)
    await at.refers()
    await at.command(
        "case.change", set=["children[c1].sex=other"], photos=[], reason="the mother rang"
    )
    page = await at.gets("/cases/CASE?tab=timeline")
    assert page.index("the mother rang") < page.index("Version 1 of the case")
    assert "Sex of child 1: changed" in page
    assert "<strong>Referred</strong>" in page


async def test_the_timeline_goes_on_on_further_pages(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.web.casefile.EVENTS", 2)
    at = await desk(web)
    for sex in ("other", "unknown", "male"):
        at.web.clock.at_ms += 60_000
        await at.command("case.change", set=[f"children[c1].sex={sex}"], photos=[], reason=sex)
    pages = [await at.gets(f"/cases/CASE?tab=timeline&skip={skip}") for skip in (0, 2, 4)]
    found = [re.findall(r"Version (\d) of the case", page) for page in pages]
    assert found == [["4", "3"], ["2", "1"], []]
    assert [page.count("Sex of child 1: changed") for page in pages] == [2, 1, 0]
    assert ["Older" in page for page in pages] == [True, False, False]
    assert ["Newer" in page for page in pages] == [False, True, True]


async def test_an_empty_question_looks_the_same_wherever_it_was_drawn_first(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await desk(web)
    form_id = re.compile(r'name="form_id" value="[^"]*"')
    for section in ("children", "persons", "circumstances"):
        drawn = [form_id.sub("", await at.gets(f"/edit/{section}/CASE")) for _ in range(2)]
        with monkeypatch.context() as each_anew:
            each_anew.setattr("node.web.casedrawing._is_empty", lambda *_: False)
            drawn.append(form_id.sub("", await at.gets(f"/edit/{section}/CASE")))
        assert len(set(drawn)) == 1, section
    # What is kept of them says nothing of the case.
    kept = repr(at.web.office.renderer._globals["drawn"]._drawn)
    assert "Date of birth" in kept
    assert not [name for name in ("Testova", "Олена", "p1", "c1") if name in kept]


async def test_who_has_what_names_fields_grounds_and_the_end(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.refers()
    page = await at.gets("/cases/CASE?tab=holders")
    for said in (GR, "They have it.", "not yet delivered", "Their node erases it by itself"):
        assert said in page
    assert "Children / Names / Given name" in page


async def test_a_picture_is_shown_to_who_may_see_the_case_and_kept_nowhere(
    web: PagesUnderTest,
) -> None:
    at = await desk(web)
    path = f"{web.origin}/pictures/f1/{at.case_id}"
    cookie = {"Cookie": f"__Host-homeward={at.token}"}
    async with web.client.get(path, headers=cookie) as answer:
        assert (answer.status, answer.content_type) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "no-store"
        assert (await answer.read()).startswith(b"\xff\xd8\xff")
    assert "no such file" in await at.gets("/pictures/f9/CASE", status=404)
    auditor = await web.signed_in(Role.AUDITOR)
    assert (await web.get(f"/pictures/f1/{at.case_id}", auditor)).status == 403


async def test_who_may_not_change_a_case_is_offered_nothing_that_does(web: PagesUnderTest) -> None:
    at = await desk(web, Role.OPERATOR)
    for tab in ("about", "persons", "files", "clocks"):
        page = await at.gets(f"/cases/CASE?tab={tab}")
        assert "/edit/" not in page
        assert not re.search(r'href="/(found|close|correct|hold|erase)/', page)
        assert "Add a photo" not in page


# --- photos


async def upload(at: Desk, photo: bytes, reason: str, kind: str = "photo", form_id: str = "x"):
    form = aiohttp.FormData()
    form.add_field("photos", photo, filename="a.png", content_type="image/png")
    for name, value in (("reason", reason), ("kind", kind), ("form_id", form_id)):
        form.add_field(name, value)
    return await at.web.post(f"/photos/{at.case_id}", at.token, form)


async def test_a_photo_is_added_once_with_a_reason(web: PagesUnderTest) -> None:
    at = await desk(web)
    for _ in range(2):
        answer = await upload(at, png(), "sent by the mother")
        assert (answer.status, answer.location) == (303, f"/cases/{at.case_id}?tab=files")
    assert await at.version() == 2
    assert "f2" in await at.gets("/cases/CASE?tab=files")


@pytest.mark.parametrize(
    ("photo", "reason", "kind", "fault"),
    [
        (b"", "why", "photo", "photos"),
        (png(), "", "photo", "reason"),
        (png(), "why", "csam", "kind"),
    ],
)
async def test_a_photo_that_cannot_be_taken_is_a_fault_at_its_field(
    web: PagesUnderTest, photo: bytes, reason: str, kind: str, fault: str
) -> None:
    at = await desk(web)
    answer = await upload(at, photo, reason, kind)
    assert answer.status == 422
    assert faults(answer.text) == [fault]
    assert await at.version() == 1


async def test_what_is_no_photo_is_refused_in_words(web: PagesUnderTest) -> None:
    at = await desk(web)
    answer = await upload(at, b"not a photo", "why")
    assert answer.status == 422
    assert "This is no photo" in answer.text
    assert await at.version() == 1
