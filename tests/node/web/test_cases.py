"""A case in full: its tabs, what is done to it, its forms, and what is printed of it."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import dataclass

import aiohttp
import pytest
from google.protobuf import json_format
from PIL import Image

from node.commands import run_command
from node.commands.arguments import decoded, encoded
from node.users.policy import Role
from protocol.pb.homeward.v1 import case_pb2
from tests.support.pages import BE, GR, PagesUnderTest

HOUR_MS = 3_600_000
CASE = {
    "category": "parental_abduction_international",
    "urgency": 2,
    "childWishes": [{"childId": "c1", "whereaboutsMayBeToldTo": ["police"]}],
    "risk": {"level": "high"},
    "children": [
        {
            "id": "c1",
            "sex": "female",
            "names": [
                {"given": "Olena", "family": "Testova", "script": "Latn"},
                {"given": "Олена", "family": "Тестова", "script": "Cyrl"},
            ],
            "dateOfBirth": {"year": 2014, "month": 5, "day": 17, "precision": "day"},
            "placeOfBirth": "Invenstad",
            "description": {"eyeColours": ["unknown"], "heightCm": {"certainty": "not_asked"}},
            "vulnerabilities": [{"kind": "medical_need", "medicine": "insulin"}],
        }
    ],
    "circumstances": {"lastSeen": {"id": "s1", "place": {"locality": "Namur", "street": "Rue 3"}}},
    "persons": [
        {
            "id": "p1",
            "roles": ["taker_alleged"],
            "names": [{"given": "Pavlo", "family": "Testov"}],
            "dangerToChild": "yes",
            "allegation": {"status": "alleged"},
        }
    ],
    "legalSituation": {
        "removals": [
            {"childIds": ["c1"], "happenedOn": {"year": 1969, "month": 11, "precision": "month"}}
        ]
    },
    "sources": [{"id": "q1", "text": {"text": "Buurvrouw", "language": "nl"}}],
}


def png() -> bytes:
    image = io.BytesIO()
    Image.new("RGB", (40, 60), (200, 120, 40)).save(image, "PNG")
    return image.getvalue()


@dataclass
class Desk:
    """Somebody at the desk with one case."""

    web: PagesUnderTest
    token: str
    case_id: str

    async def gets(self, path: str, status: int = 200) -> str:
        answer = await self.web.get(f"{path.replace('CASE', self.case_id)}", self.token)
        assert answer.status == status, (path, answer.status)
        return html.unescape(answer.text)

    async def posts(self, path: str, *, expect: int = 303, **fields: object):
        address = path.replace("CASE", self.case_id)
        answer = await self.web.post(address, self.token, fields)
        assert answer.status == expect, (path, answer.status, faults(answer.text))
        return answer

    async def command(self, name: str, **arguments: object):
        values = {"case_id": self.case_id, "made_by": "test", **arguments}
        return await run_command(self.web.core, name, values)

    async def version(self) -> int:
        return (await self.command("case.show"))["version"]

    async def refers(self) -> None:
        now_ms = self.web.core.context.clock.now_ms()
        await self.command(
            "referral.send", to=GR, kind="alert", urgency=2, ask="Have you seen her?",
            language="en", purpose="locate_child", art6="vital_interests",
            police_informed="with_reference", reply_by_ms=now_ms + HOUR_MS,
            expires_at_ms=now_ms + 100 * HOUR_MS,
        )  # fmt: skip


def faults(text: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'href="#field-([^"]*)"', text)]


async def desk(web: PagesUnderTest, role: Role = Role.SUPERVISOR, case: object = CASE) -> Desk:
    added = await run_command(
        web.core,
        "case.add",
        {"case": json.dumps(case), "made_by": "test", "photos": [encoded(png())]},
    )
    return Desk(web, await web.signed_in(role), added["case_id"])


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


# --- acts


@pytest.mark.parametrize("act", ["found", "close", "correct", "erase"])
async def test_each_act_says_first_who_will_be_told(web: PagesUnderTest, act: str) -> None:
    at = await desk(web)
    await at.refers()
    page = await at.gets(f"/{act}/CASE")
    told = page[page.index("Who will be told") :]
    assert GR in told
    assert await at.version() == 1


async def test_found_is_told_once_and_leads_to_who_has_what(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.refers()
    fields = {
        "form_id": "one", "outcome": "located_safe", "happened_at": "1970-01-02T10:00",
        "told_to": ["police"], "text": "She is safe.",
    }  # fmt: skip
    first = await at.posts("/found/CASE", **fields)
    again = await at.posts("/found/CASE", **fields)
    assert first.location == again.location
    assert first.location.startswith(f"/cases/{at.case_id}?tab=holders")
    (holder,) = (await at.command("case.holders"))["holders"]
    assert len(holder["notices"]) == 1
    assert "not yet acknowledged" in await at.gets("/cases/CASE?tab=holders")


@pytest.mark.parametrize(
    ("act", "fields", "fault"),
    [
        ("found", {}, "outcome"),
        ("found", {"outcome": "located_safe", "happened_at": "yesterday"}, "happened_at"),
        ("correct", {}, "field"),
        ("hold", {"how": "hold"}, "reason"),
        ("erase", {}, "reason"),
        ("erase-now", {"reason": "subject_request"}, "sure"),
    ],
)
async def test_what_is_missing_in_an_act_is_a_fault_at_its_field(
    web: PagesUnderTest, act: str, fields: dict[str, str], fault: str
) -> None:
    at = await desk(web)
    await at.refers()
    sent = {**fields, "text": "typed before"}
    answer = await at.posts(f"/{act}/CASE", expect=422, **sent)
    assert faults(answer.text) == [fault]
    assert f'id="field-{fault}"' in answer.text
    assert "typed before" in answer.text or act.startswith("erase")
    assert await at.version() == 1


async def test_a_case_is_closed_or_cancelled(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.posts("/close/CASE", outcome="located_safe", how="close")
    assert (await at.command("case.show"))["status"] == "closed"
    assert "Closed" in await at.gets("/cases/CASE")


async def test_a_correction_goes_to_who_had_the_field(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.refers()
    assert 'value="children.sex"' in await at.gets("/correct/CASE")
    await at.posts("/correct/CASE", field=["children.sex"], text="Sorry.")
    (holder,) = (await at.command("case.holders"))["holders"]
    assert [each["notice"] for each in holder["notices"]] == ["corrected"]


async def test_a_case_on_hold_is_not_erased_until_it_is_released(web: PagesUnderTest) -> None:
    at = await desk(web)
    await at.posts("/hold/CASE", how="hold", reason="police", text="They asked.")
    assert "On hold" in await at.gets("/cases/CASE")
    sure = {"reason": "subject_request", "sure": "yes"}
    refused = await at.posts("/erase-now/CASE", expect=422, **sure)
    assert "This case is on hold: release it first." in refused.text
    await at.posts("/hold/CASE", how="release", text="No more need.")
    gone = await at.posts("/erase-now/CASE", **sure)
    assert gone.location.startswith(f"/erased/{at.case_id}")


async def test_to_erase_takes_two_pages_and_leaves_a_row(web: PagesUnderTest) -> None:
    at = await desk(web)
    asked = await at.posts("/erase/CASE", expect=200, reason="subject_request")
    assert "Erase this case for good?" in asked.text
    assert await at.version() == 1
    fields = {"reason": "subject_request", "sure": "yes", "form_id": asked.field("form_id")}
    gone = await at.posts("/erase-now/CASE", **fields)
    # A second click leads to the same.
    assert (await at.posts("/erase-now/CASE", **fields)).location == gone.location
    page = await at.gets("/erased/CASE")
    assert "1 version" in page
    assert "Olena" not in page
    assert "no such case" in await at.gets("/cases/CASE", status=404)


async def test_a_caseworker_may_not_erase(web: PagesUnderTest) -> None:
    at = await desk(web, Role.CASEWORKER)
    assert "/erase/" not in await at.gets("/cases/CASE")
    await at.posts("/erase-now/CASE", expect=403, reason="subject_request", sure="yes")
    assert await at.version() == 1


# --- the form


async def fields_of(at: Desk, path: str) -> dict[str, list[str]]:
    """Return what a browser would send for a form that nobody has touched."""
    page = await at.gets(path)
    form = page[page.index("data-keep") :]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        is_left_out = 'type="checkbox"' in tag and "checked" not in tag
        if name and not is_left_out:
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(
        r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        found[name] = [chosen[1] if chosen else ""]
    for name, body in re.findall(
        r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        found[name] = [body]
    return found


@pytest.mark.parametrize("section", ["case", "children", "persons", "legal_situation", "files"])
async def test_a_form_that_nobody_touched_changes_nothing(
    web: PagesUnderTest, section: str
) -> None:
    at = await desk(web)
    fields = await fields_of(at, f"/edit/{section}/CASE")
    await at.posts(f"/edit/{section}/CASE", **{**fields, "reason": ["why"]})
    assert await at.version() == 1


async def test_a_field_is_changed_with_a_reason_and_once(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    fields |= {
        "children[c1].sex": ["other"],
        "children[c1].nationalities": ["Belgium (BE)", "ukraine", ""],
        "children[c1].description.items_carried": ["a red bag\nan umbrella, blue"],
        "reason": ["the mother rang"],
    }
    for _ in range(2):
        await at.posts("/edit/children/CASE", **fields)
    case = (await at.command("case.show"))["case"]
    (child,) = case["children"]
    assert (child["sex"], child["nationalities"]) == ("other", ["BE", "UA"])
    carried = [each["text"] for each in child["description"]["itemsCarried"]]
    assert carried == ["a red bag", "an umbrella, blue"]
    assert await at.version() == 2


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("children[c1].date_of_birth#month", "2", "There is no such date."),
        ("children[c1].date_of_birth#year", "long ago", "This is no whole number."),
        ("children[c1].nationalities", "Atlantis", "This is in no list."),
    ],
)
async def test_each_fault_stands_at_its_field_and_nothing_typed_is_lost(
    web: PagesUnderTest, name: str, typed: str, said: str
) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    fields |= {"children[c1].date_of_birth#day": ["31"], name: [typed], "reason": ["why"]}
    fields["children[c1].place_of_birth"] = ["Elders"]
    answer = await at.posts("/edit/children/CASE", expect=422, **fields)
    (fault,) = faults(answer.text)
    assert fault.partition("#")[0] == name.partition("#")[0]
    page = html.unescape(answer.text)
    assert f'id="field-{fault}"' in page
    assert said in page
    assert 'value="Elders"' in page
    assert f'value="{typed}"' in page
    assert await at.version() == 1


async def test_a_reason_is_asked_for(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    answer = await at.posts("/edit/children/CASE", expect=422, **fields)
    assert faults(answer.text) == ["reason"]


async def test_what_a_colleague_changed_meanwhile_stands_beside_what_was_typed(
    web: PagesUnderTest,
) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    sets = ["children[c1].place_of_birth=Theirs", "children[c1].stateless=no"]
    await at.command("case.change", set=sets, photos=[], reason="they were faster")
    fields |= {
        "children[c1].place_of_birth": ["Mine"],
        "children[c1].sex": ["other"],
        "reason": ["the mother rang"],
    }
    answer = await at.posts("/edit/children/CASE", expect=422, **fields)
    page = html.unescape(answer.text)
    assert "A colleague has changed the case meanwhile" in page
    assert "Two values for: Place of birth" in page
    assert "Mine" in page
    assert "Theirs" in page
    assert "Two values for: Sex" not in page
    merged = {
        **fields,
        "version": ["2"],
        "form_id": [answer.field("form_id")],
        "clash": ["children[c1].place_of_birth"],
        "children[c1].stateless": ["no"],
    }
    # No choice yet: asked again, and nothing is lost.
    again = await at.posts("/edit/children/CASE", expect=422, **merged)
    assert faults(again.text) == ["children[c1].place_of_birth"]
    merged |= {
        "form_id": [again.field("form_id")],
        "choice children[c1].place_of_birth": ["theirs"],
    }
    await at.posts("/edit/children/CASE", **merged)
    (child,) = (await at.command("case.show"))["case"]["children"]
    assert (child["placeOfBirth"], child["sex"], child["stateless"]) == ("Theirs", "other", "no")


async def test_ones_own_value_is_taken_when_it_is_chosen(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    await at.command(
        "case.change", set=["children[c1].place_of_birth=Theirs"], photos=[], reason="faster"
    )
    fields |= {
        "children[c1].place_of_birth": ["Mine"], "reason": ["why"], "version": ["2"],
        "clash": ["children[c1].place_of_birth"],
        "choice children[c1].place_of_birth": ["mine"],
    }  # fmt: skip
    await at.posts("/edit/children/CASE", **fields)
    (child,) = (await at.command("case.show"))["case"]["children"]
    assert child["placeOfBirth"] == "Mine"


async def test_two_people_add_a_name_at_once_and_both_are_there(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    await at.command(
        "case.change", set=["children[c1].names[+].given=Theirs"], photos=[], reason="faster"
    )
    fields |= {"children[c1].names[2].given": ["Mine"], "reason": ["the mother rang"]}
    answer = await at.posts("/edit/children/CASE", expect=422, **fields)
    assert faults(answer.text) == []
    shown = html.unescape(answer.text)
    assert 'name="children[c1].names[2].given" type="text" dir="auto" value="Theirs"' in shown
    again = fields | {
        "version": ["2"], "form_id": [answer.field("form_id")],
        "children[c1].names[2].given": ["Theirs"], "children[c1].names[3].given": ["Mine"],
    }  # fmt: skip
    await at.posts("/edit/children/CASE", **again)
    (child,) = (await at.command("case.show"))["case"]["children"]
    assert [each["given"] for each in child["names"]] == ["Olena", "Олена", "Theirs", "Mine"]


async def test_what_was_typed_into_something_that_is_gone_is_told(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/children/CASE")
    await at.command("case.change", set=[], remove=["children[c1].names[1]"], photos=[], reason="x")
    fields |= {"children[c1].names[1].given": ["Олеся"], "reason": ["the mother rang"]}
    page = (await at.posts("/edit/children/CASE", expect=422, **fields)).text
    told = html.unescape(page.partition('id="meanwhile"')[2].partition("</section>")[0])
    assert "Олеся" in told


async def test_a_new_text_is_in_the_language_of_who_writes(web: PagesUnderTest) -> None:
    at = await desk(web)
    fields = await fields_of(at, "/edit/circumstances/CASE")
    assert fields["circumstances.text#language"] == ["en"]
    fields |= {"circumstances.text#text": ["She left at noon."], "reason": ["a call"]}
    await at.posts("/edit/circumstances/CASE", **fields)
    case = (await at.command("case.show"))["case"]
    assert case["circumstances"]["text"] == {"text": "She left at noon.", "language": "en"}


async def test_the_form_of_a_new_case_keeps_all_that_was_typed(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.CASEWORKER)
    fields = {
        "children[c1].names[0].given": "Nova", "children[c1].date_of_birth#year": "abc",
        "category": "runaway", "reason": "a call",
    }  # fmt: skip
    answer = await web.post("/new-case", token, fields)
    assert answer.status == 422
    assert faults(answer.text) == ["children[c1].date_of_birth#year"]
    assert 'value="Nova"' in answer.text


# --- paper


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
