"""Sheets on paper: what stands on them and what does not, in a browser and as PDF."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import html
import io
import re

import pytest

from node.commands import run_command
from node.forms import pdf
from node.forms.pdf import Readiness
from node.users.policy import Role
from node.web.printing import SHEETS
from node.web.sheets import code_of, sheet_pdf
from node.web.visit import COOKIE
from tests.support.casedesk import CASE, Desk, desk
from tests.support.codes import read_svg
from tests.support.pages import BE, PagesUnderTest

PUBLIC = "https://hotline.example/116000"
FORMS = ("dossier", "hague", "yellow")


def with_public(web: PagesUnderTest, **values: str) -> None:
    """Set what the hotline says of itself to everybody."""
    for name, value in values.items():
        object.__setattr__(web.office, name, value)


@pytest.fixture
def without_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do as if the extra were not installed."""
    monkeypatch.setattr(pdf, "find_spec", lambda _name: None)
    pdf.readiness.cache_clear()
    yield
    pdf.readiness.cache_clear()


async def poster_of(at: Desk, query: str = "") -> str:
    page = await at.gets(f"/print/poster/CASE{query}")
    return page[page.index('class="poster"') :]


# --- in a browser


@pytest.mark.parametrize(
    ("paper", "said"),
    [
        ("dossier", "Confidential."),
        ("hague", "Request for return"),
        ("yellow", "of 5"),
    ],
)
async def test_what_is_printed_has_one_heading_and_its_words(
    web: PagesUnderTest, paper: str, said: str
) -> None:
    page = await (await desk(web)).gets(f"/print/{paper}/CASE")
    assert page.count("<h1") == 1
    assert said in page


async def test_a_poster_says_no_more_than_the_public_may_know(web: PagesUnderTest) -> None:
    at = await desk(web)
    page = await at.gets("/print/poster/CASE?language=el")
    sheet = page[page.index('class="poster"') :]
    assert "Olena Testova" in sheet
    assert "Олена Тестова" in sheet
    for hidden in ("2014", "05-17", "Invenstad", "Rue 3", "insulin", "Pavlo", "abduction"):
        assert hidden not in sheet, hidden
    # Nobody has said that the photo may be published, and no page for everybody is set.
    assert "<img" not in sheet
    assert "<svg" not in sheet
    assert web.core.context.trust.directory.member(BE).telephone in sheet
    assert "Γυναίκα" in sheet or "Κορίτσι" in sheet or "Θήλυ" in sheet


async def test_a_photo_stands_on_a_poster_only_while_it_may_be_published(
    web: PagesUnderTest,
) -> None:
    at = await desk(web)
    await at.command("case.change", set=["files[f1].may_publish=yes"], photos=[], reason="asked")
    assert "/pictures/f1/" in await at.gets("/print/poster/CASE")
    only = await at.gets("/print/poster/CASE?field=names")
    assert "/pictures/f1/" not in only
    await at.command(
        "case.change", set=["files[f1].may_publish_until=1969-01-01"], photos=[], reason="over"
    )
    assert "/pictures/f1/" not in await at.gets("/print/poster/CASE")


async def test_there_is_no_poster_when_publication_is_held(web: PagesUnderTest) -> None:
    wish = {"kind": "hold_publication"}
    held = {**CASE, "police": [{"id": "a1", "kind": "police", "wishes": [wish]}]}
    page = await (await desk(web, case=held)).gets("/print/poster/CASE", status=422)
    assert "an authority has asked that nothing of this case is published" in page
    assert "Olena" not in page


@pytest.mark.parametrize("name", FORMS)
async def test_forms_say_on_each_page_of_which_case_they_are(
    web: PagesUnderTest, name: str
) -> None:
    at = await desk(web)
    page = await at.gets(f"/print/{name}/CASE")
    (head,) = re.findall(r"<thead>(.*?)</thead>", page, re.DOTALL)
    assert at.case_id in head
    assert "Confidential" in head


async def test_a_poster_names_no_case_and_is_not_confidential(web: PagesUnderTest) -> None:
    at = await desk(web)
    sheet = await poster_of(at)
    assert at.case_id not in sheet
    assert "onfidential" not in sheet
    assert "<thead>" not in await at.gets("/print/poster/CASE")


async def test_the_code_on_a_poster_is_the_hotlines_page_and_nothing_else(
    web: PagesUnderTest,
) -> None:
    with_public(web, public_address=PUBLIC)
    sheet = await poster_of(await desk(web))
    (drawn,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', sheet)
    assert read_svg(base64.b64decode(drawn).decode()) == PUBLIC
    assert PUBLIC in sheet


@pytest.mark.parametrize("length", [17, 30, 60, 94])
def test_codes_of_all_sizes_are_read_as_they_were_written(length: int) -> None:
    address = "https://a.example/".ljust(length, "x")[:length]
    assert read_svg(code_of(address).decode()) == address
    assert read_svg(code_of(f"{address[:-1]}y").decode()) != address


async def test_the_number_for_everybody_stands_on_a_poster_where_there_is_one(
    web: PagesUnderTest,
) -> None:
    at = await desk(web)
    of_member = web.core.context.trust.directory.member(BE).telephone
    assert of_member in await poster_of(at)
    with_public(web, public_telephone="116 000")
    sheet = await poster_of(at)
    assert "116 000" in sheet
    assert of_member not in sheet


async def test_a_day_on_a_poster_is_written_as_its_readers_write_it(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.command("case.change", set=["reported_missing_at=1969-11-03"], photos=[], reason="x")
    assert "3 November 1969" in await poster_of(at, "?language=en") or "November 3, 1969" in (
        await poster_of(at, "?language=en")
    )
    assert "3 листопада 1969" in await poster_of(at, "?language=uk")


async def test_titles_of_the_request_have_the_official_ones_beside_them(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shouting:
        def gettext(self, text: str) -> str:
            return text.upper()

    at = await desk(web)
    english = await at.gets("/print/hague/CASE")
    assert 'class="own-title"' not in english
    values = {
        "form_of": await at.command("case.hague", language="de"),
        "case_id": at.case_id, "version": 1, "picture": str, "code": "",
    }  # fmt: skip
    renderer = web.office.renderer
    renderer.render("sheet_hague.html", "de", **values)
    environment = renderer._environments["de"]
    monkeypatch.setitem(environment.globals, "plain_gettext", Shouting().gettext)
    sheet = html.unescape(renderer.render("sheet_hague.html", "de", **values))
    assert "IDENTITY OF THE CHILD AND ITS PARENTS" in sheet
    assert '<span class="own-title" lang="en">Identity of the child and its parents</span>' in sheet
    assert "Child c1" not in sheet
    assert "CHILD c1" in sheet
    assert "WHO ASKS FOR THE RETURN" in sheet


async def test_texts_run_in_their_own_direction(web: PagesUnderTest) -> None:
    at = await desk(web)
    told = "circumstances.text=ar:خرجت الفتاة"
    await at.command("case.change", set=[told], photos=[], reason="x")
    page = await at.gets("/print/dossier/CASE")
    assert re.search(r'<dd dir="rtl"><span dir="rtl" lang="ar">\s*خرجت', page)
    assert re.search(r'<dd dir="ltr"><span dir="ltr">\s*Namur', page)


# --- where no PDF can be made


@pytest.mark.usefixtures("without_pdf")
async def test_without_the_extra_there_is_no_link_and_the_node_page_says_how(
    web: PagesUnderTest,
) -> None:
    at = await desk(web)
    for name in SHEETS:
        assert "/pdf/" not in await at.gets(f"/print/{name}/CASE")
    node = await at.gets("/node")
    assert "not made here: its package is not installed." in node
    assert "deploy/README.md" in node


@pytest.mark.parametrize(
    ("status", "found"), [(4, Readiness.NO_PACKAGE), (5, Readiness.NO_LIBRARY)]
)
async def test_who_asks_all_the_same_reads_one_clear_sentence(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch, status: int, found: Readiness
) -> None:
    at = await desk(web)
    ended = pdf.subprocess.CompletedProcess([], status, b"", b"")
    monkeypatch.setattr(pdf.subprocess, "run", lambda *_, **__: ended)
    monkeypatch.setattr(pdf, "find_spec", lambda _name: object())
    pdf.readiness.cache_clear()
    assert pdf.readiness() is found
    page = await at.gets("/pdf/hague/CASE", status=422)
    pdf.readiness.cache_clear()
    assert "This computer makes no PDF. Print the page." in page


# --- as PDF


@dataclasses.dataclass
class Read:
    """A PDF as pypdf reads it."""

    document: object
    text: str
    data: bytes

    @property
    def root(self):
        return self.document.trailer["/Root"]


def cookie(at: Desk) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={at.token}"}


async def pdf_of(web: PagesUnderTest, at: Desk, path: str) -> Read:
    from pypdf import PdfReader

    address = f"{web.origin}{path.replace('CASE', at.case_id)}"
    async with web.client.get(address, headers=cookie(at)) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "application/pdf"
        name = path.split("/")[2]
        # Of no child, and of no case.
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.pdf"'
        assert answer.headers["Cache-Control"] == "no-store"
        data = await answer.read()
    document = PdfReader(io.BytesIO(data))
    text = " ".join(page.extract_text() for page in document.pages)
    return Read(document, " ".join(text.split()), data)


@pytest.mark.usefixtures("with_pdf")
async def test_a_pdf_is_the_sheet_tagged_and_named_after_nobody(web: PagesUnderTest) -> None:
    at = await desk(web)
    for name, said in (
        ("dossier", "insulin"), ("hague", "Pavlo Testov"), ("yellow", "Family name"),
    ):  # fmt: skip
        assert f'href="/pdf/{name}/{at.case_id}"' in await at.gets(f"/print/{name}/CASE")
        made = await pdf_of(web, at, f"/pdf/{name}/CASE")
        assert said in made.text
        assert made.text.count(at.case_id) > len(made.document.pages)
        assert made.text.count("Confidential") >= len(made.document.pages)
        assert made.root["/Lang"] == "en"
        assert made.root["/MarkInfo"]["/Marked"]
        assert "/StructTreeRoot" in made.root
        about = made.root["/Metadata"].get_data().decode()
        assert re.search(r"pdfuaid:part(=\"|>)1", about)
        width, height = made.document.pages[0].mediabox[2:]
        assert (round(width), round(height)) == (595, 842)
        for words in (about, str(made.document.metadata)):
            assert "Testov" not in words
            assert at.case_id not in words
        assert "/Author" not in made.document.metadata


@pytest.mark.usefixtures("with_pdf")
async def test_a_poster_as_pdf_says_what_the_sheet_says(web: PagesUnderTest) -> None:
    with_public(web, public_address=PUBLIC, public_telephone="116 000")
    at = await desk(web)
    await at.command("case.change", set=["files[f1].may_publish=yes"], photos=[], reason="asked")
    made = await pdf_of(web, at, "/pdf/poster/CASE?language=uk&field=photo&field=names")
    assert made.root["/Lang"] == "uk"
    for said in ("Olena Testova", "Олена Тестова", "116 000", PUBLIC):
        assert said in made.text
    for hidden in (at.case_id, "2014", "05-17", "Invenstad", "Rue 3", "insulin", "Pavlo", "Namur"):
        assert hidden not in made.text, hidden
    assert b"be.example" not in made.data.replace(b"Invented Organisation be.example", b"")
    assert len(made.document.pages) == 1
    (photo,) = made.document.pages[0].images
    assert photo.image.size == (40, 60)


@pytest.mark.usefixtures("with_pdf")
async def test_there_is_no_pdf_of_a_poster_that_may_not_be(web: PagesUnderTest) -> None:
    wish = {"kind": "hold_publication"}
    held = {**CASE, "police": [{"id": "a1", "kind": "police", "wishes": [wish]}]}
    at = await desk(web, case=held)
    assert "/pdf/" not in await at.gets("/print/poster/CASE", status=422)
    page = await at.gets("/pdf/poster/CASE", status=422)
    assert "Olena" not in page


@pytest.mark.usefixtures("with_pdf")
async def test_the_access_trail_says_the_same_of_a_pdf_as_of_a_print(web: PagesUnderTest) -> None:
    async def trail(at: Desk) -> list[tuple[str, str]]:
        seen = await run_command(web.core, "audit.accesses", {"subject": at.case_id})
        return sorted((each["who"], each["action"]) for each in seen["accesses"])

    other = {**CASE["children"][0], "names": [{"given": "Ana", "family": "Inventa"}]}
    other["dateOfBirth"] = {"year": 2011}
    printed = await desk(web)
    made = await desk(web, case={**CASE, "children": [other]})
    page = await printed.gets("/print/dossier/CASE")
    (picture,) = re.findall(r'src="(/pictures/[^"]+)"', page)
    async with web.client.get(f"{web.origin}{picture}", headers=cookie(printed)) as answer:
        assert answer.content_type == "image/jpeg"
    await pdf_of(web, made, "/pdf/dossier/CASE")
    assert await trail(made) == await trail(printed)
    assert ("A supervisor", "case.file") in await trail(made)


async def test_one_pdf_is_made_at_a_time(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node computes in two threads, and signs in them too."""
    at, now, most = await desk(web), 0, 0

    async def compute(function: object) -> object:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        for _ in range(20):
            await asyncio.sleep(0)
        now -= 1
        return b"%PDF-" if getattr(function, "func", None) is sheet_pdf else function()

    object.__setattr__(web.core.context, "compute", compute)
    asked = [web.get(f"/pdf/hague/{at.case_id}", at.token) for _ in range(3)]
    assert [answer.status for answer in await asyncio.gather(*asked)] == [200] * 3
    assert most == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
async def test_who_may_not_see_a_case_gets_no_sheet_of_it(web: PagesUnderTest, role: Role) -> None:
    at = await desk(web)
    other = dataclasses.replace(at, token=await web.signed_in(role))
    for name in SHEETS:
        await other.gets(f"/print/{name}/CASE", status=403)
        await other.gets(f"/pdf/{name}/CASE", status=403)
