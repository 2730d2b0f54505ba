"""Audit: the log, evidence to take away and to check, and who looked at what."""

from __future__ import annotations

import io
import zipfile

import aiohttp
import pytest

from node.audit.accesses import KEPT_MS, SAME_LOOK_MS
from node.commands import COMMANDS, auditing, run_command
from node.commands.seen import LISTING, SHOWING
from node.users.policy import Role
from tests.support.exchanged import CHILD, exchange
from tests.support.pages import PagesUnderTest


def upload(content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("bundle", content, filename="bundle.zip", content_type="application/zip")
    return form


async def looks(web: PagesUnderTest) -> list[tuple[str, str, str]]:
    """Return the looks at cases and referrals."""
    _, rows = await web.core.accesses.newest()
    return [(row.who, row.action, row.subject) for row in rows if row.subject]


async def lists(web: PagesUnderTest) -> list[tuple[str, str, str, int]]:
    """Return the looks at lists."""
    _, rows = await web.core.accesses.newest()
    return [(row.who, row.action, row.what, row.count) for row in rows if not row.subject]


async def evidence(web: PagesUnderTest, leg: str, number: int = 1, content: int = 0) -> bytes:
    arguments = {"leg": leg, "entry": number, "with_content": content}
    answer = await run_command(web.core, "audit.evidence", arguments)
    return auditing.Arguments(answer).blob("bundle")


async def test_the_log_is_shown_in_words_and_page_by_page(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    await exchange(web)
    auditor = await web.signed_in(Role.AUDITOR)
    whole = await web.get("/audit/log", auditor)
    assert "We sent a message" in whole.text
    assert "We received a message" in whole.text
    assert "Older" not in whole.text
    monkeypatch.setattr("node.web.auditing.ENTRIES", 2)
    last = await web.get("/audit/log", auditor)
    assert "Newer" not in last.text
    assert "Older" in last.text
    first = await web.get("/audit/log?start=0", auditor)
    assert "Newer" in first.text
    assert "Older" not in first.text
    assert "Entries 0 to 1" in first.text
    assert (await web.get("/audit/log?start=99999", auditor)).status == 200
    assert (await web.get("/audit/log?start=x", auditor)).status == 200


async def test_the_checkpoint_is_for_who_may_see_the_log(web: PagesUnderTest) -> None:
    origin = web.core.context.logbook.origin
    seen = await web.get("/audit", await web.signed_in(Role.AUDITOR))
    assert f"{origin}\n" in seen.text
    other = await web.get("/audit", await web.signed_in(Role.CASEWORKER))
    assert other.status == 200
    assert f"{origin}\n" not in other.text


async def test_evidence_is_taken_without_a_name_and_holds(web: PagesUnderTest) -> None:
    _, leg_id = await exchange(web)
    auditor = await web.signed_in(Role.AUDITOR)
    listed = await web.get("/audit/evidence", auditor)
    assert leg_id.hex() in listed.text
    assert "Invented words." not in listed.text
    thread = await web.get(f"/audit/evidence/{leg_id.hex()}", auditor)
    assert "With the content" not in thread.text
    assert "Invented words." not in thread.text
    path = f"{web.origin}/audit/evidence/{leg_id.hex()}/1"
    async with web.client.get(path, headers={"Cookie": f"__Host-homeward={auditor}"}) as answer:
        assert answer.status == 200
        name = answer.headers["Content-Disposition"]
        assert name == f'attachment; filename="evidence-{leg_id.hex()[:8]}-1-referral.zip"'
        bundle = await answer.read()
    assert zipfile.ZipFile(io.BytesIO(bundle)).namelist()
    report = await web.post("/audit", auditor, upload(bundle))
    assert report.status == 200
    assert "Proven: the message was sent and received" in report.text
    assert (await web.get(f"/audit/evidence/{leg_id.hex()}/99", auditor)).status == 422
    assert await looks(web) == []


async def test_content_goes_only_to_who_may_see_it_and_is_noted(web: PagesUnderTest) -> None:
    _, leg_id = await exchange(web)
    path = f"/audit/evidence/{leg_id.hex()}/1?with=content"
    refused = await web.get(path, await web.signed_in(Role.AUDITOR))
    assert refused.status == 403
    assert await looks(web) == []
    headers = {"Cookie": f"__Host-homeward={await web.signed_in(Role.CASEWORKER)}"}
    async with web.client.get(f"{web.origin}{path}", headers=headers) as answer:
        bundle = await answer.read()
    report = await web.post("/audit", await web.signed_in(Role.CASEWORKER), upload(bundle))
    assert "The content is what was sent." in report.text
    assert await looks(web) == [("A caseworker", "audit.evidence", leg_id.hex())]


async def test_a_changed_bundle_is_not_believed(web: PagesUnderTest) -> None:
    _, leg_id = await exchange(web)
    token = await web.signed_in(Role.OPERATOR)
    bundle = await evidence(web, leg_id.hex())
    spoiled = bytearray(bundle)
    spoiled[len(spoiled) // 2] ^= 1
    for wrong in (bytes(spoiled), bundle[:-40], b"no zip at all"):
        answer = await web.post("/audit", token, upload(wrong))
        assert "Proven:" not in answer.text
        assert answer.status == 422
        assert "no evidence bundle that can be read" in answer.text
    nothing = await web.post("/audit", token, upload(b""))
    assert nothing.status == 422
    assert "Something is missing here" in nothing.text


async def test_a_bundle_that_is_too_large_is_not_read(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.commands.auditing.BUNDLE_BYTES", 10)
    answer = await web.post("/audit", await web.signed_in(Role.OPERATOR), upload(b"x" * 11))
    assert answer.status == 422
    assert "too large" in answer.text


async def test_checking_a_bundle_keeps_nothing(web: PagesUnderTest) -> None:
    _, leg_id = await exchange(web)
    token, bundle = await web.signed_in(Role.AUDITOR), await evidence(web, leg_id.hex())

    def contents(db) -> dict[str, int]:
        tables = db.table_names()
        return {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}

    before = await web.core.store.read(contents)
    files = sorted(path for path in web.core.home.folder.rglob("*") if path.is_file())
    assert "Proven" in (await web.post("/audit", token, upload(bundle))).text
    assert await web.core.store.read(contents) == before
    after = sorted(path for path in web.core.home.folder.rglob("*") if path.is_file())
    assert after == files


# --- who looked at what


async def test_opening_and_searching_are_noted_without_a_name(web: PagesUnderTest) -> None:
    case_id, leg_id = await exchange(web)
    token = await web.signed_in(Role.CASEWORKER)
    assert CHILD in (await web.get(f"/cases/{case_id}", token)).text
    await web.post("/cases", token, {"q": CHILD})
    assert CHILD in (await web.get("/cases?show=hits", token)).text
    await web.get(f"/referrals/{leg_id.hex()}", token)
    assert sorted(await looks(web)) == [
        ("A caseworker", "case.search", case_id),
        ("A caseworker", "case.show", case_id),
        ("A caseworker", "referral.show", leg_id.hex()),
    ]
    trail = await web.get("/audit/accesses", await web.signed_in(Role.AUDITOR))
    assert case_id in trail.text
    assert "A caseworker" in trail.text
    assert CHILD not in trail.text
    about = await web.get(f"/audit/accesses?of={leg_id.hex()}", await web.signed_in(Role.AUDITOR))
    assert "referral opened" in about.text
    assert "case opened" not in about.text


async def test_a_list_is_one_row_that_says_how_many_and_never_what_for(
    web: PagesUnderTest,
) -> None:
    await exchange(web)
    token = await web.signed_in(Role.CASEWORKER)
    for words in (CHILD, "+32 2 555 01 00", "Nobody Atall"):
        await web.post("/cases", token, {"q": words})
        await web.get("/cases?show=hits", token)
    await web.get("/cases", token)
    await web.get("/referrals", token)
    found = await lists(web)
    assert sorted(found) == [
        ("A caseworker", "case.list", "", 1),
        ("A caseworker", "case.search", "name", 1),
        ("A caseworker", "case.search", "number", 0),
        ("A caseworker", "referral.list", "", 1),
    ]
    trail = (await web.get("/audit/accesses", await web.signed_in(Role.AUDITOR))).text
    for said in ("search for a name", "search for a number", "list of cases", "1 on the list"):
        assert said in trail
    for kept in (CHILD, "555", "Atall"):
        assert kept not in trail


async def test_a_desk_that_renews_itself_is_one_row_for_each_sitting(web: PagesUnderTest) -> None:
    token = await web.signed_in(Role.CASEWORKER)
    await web.get("/", token)
    for _ in range(3):
        for _ in range(40):
            web.clock.at_ms += 15_000
            await web.get("/desk/tiles", token, HX_Request="true")
        await web.get("/", token)
    total, (row,) = await web.core.accesses.newest()
    assert (total, row.action, row.until_ms - row.at_ms) == (1, "referral.due", 30 * 60_000)
    web.clock.at_ms += SAME_LOOK_MS
    await web.get("/", await web.signed_in(Role.SUPERVISOR))
    assert len(await lists(web)) == 2


async def test_a_list_that_grows_says_the_most(web: PagesUnderTest) -> None:
    for count in (3, 7, 5):
        await web.core.accesses.note_list("Anna", "case.list", count=count)
    assert await lists(web) == [("Anna", "case.list", "", 7)]


async def test_pages_that_only_use_a_list_note_what_they_show(web: PagesUnderTest) -> None:
    case_id, leg_id = await exchange(web)
    token = await web.signed_in(Role.CASEWORKER)
    await web.get(f"/cases/{case_id}?tab=referrals", token)
    await web.get(f"/referrals/{leg_id.hex()}", token)
    await web.get("/audit/evidence", await web.signed_in(Role.AUDITOR))
    assert await lists(web) == []
    await web.get(f"/cases/{case_id}?tab=holders", token)
    assert ("A caseworker", "case.holders", case_id) in await looks(web)


async def test_the_form_that_changes_a_case_shows_it_too(web: PagesUnderTest) -> None:
    case_id, _ = await exchange(web)
    token = await web.signed_in(Role.CASEWORKER)
    assert CHILD in (await web.get(f"/edit/children/{case_id}", token)).text
    assert await looks(web) == [("A caseworker", "case.edit", case_id)]


async def test_who_may_not_see_leaves_no_trace_and_what_is_not_there_neither(
    web: PagesUnderTest,
) -> None:
    case_id, _ = await exchange(web)
    assert (await web.get(f"/cases/{case_id}", await web.signed_in(Role.AUDITOR))).status == 403
    answer = await web.get("/cases/be.example/none", await web.signed_in(Role.CASEWORKER))
    assert answer.status == 404
    assert await looks(web) == []


async def test_a_page_that_renews_itself_is_one_look(web: PagesUnderTest) -> None:
    _, leg_id = await exchange(web)
    token = await web.signed_in(Role.CASEWORKER)
    path, began_ms = f"/referrals/{leg_id.hex()}", web.clock.at_ms
    await web.get(path, token)
    for _ in range(20):
        web.clock.at_ms += 30_000
        await web.get(f"{path}/steps", token)
    total, (row,) = await web.core.accesses.newest()
    assert total == 1
    assert row.at_ms == began_ms
    assert row.until_ms == web.clock.at_ms
    web.clock.at_ms += SAME_LOOK_MS
    token = await web.signed_in(Role.SUPERVISOR)
    await web.get(path, token)
    await web.get(f"{path}/steps", token)
    assert len(await looks(web)) == 2


async def test_somebody_who_comes_back_later_looks_again(web: PagesUnderTest) -> None:
    for _ in range(2):
        await web.core.accesses.note("Anna", "case.show", ["be.example/1"])
        web.clock.at_ms += SAME_LOOK_MS
    assert len(await looks(web)) == 2
    await web.core.accesses.note("Anna", "case.show", ["be.example/1", "be.example/1"])
    assert len(await looks(web)) == 3


async def test_looks_are_kept_for_a_time_and_then_forgotten(web: PagesUnderTest) -> None:
    await web.core.accesses.note("Anna", "case.show", ["be.example/1"])
    web.clock.at_ms += KEPT_MS
    await web.core.accesses.forget_old()
    assert len(await looks(web)) == 1
    web.clock.at_ms += 1
    assert await looks(web) == []
    await web.core.accesses.forget_old()
    left = await web.core.store.read(lambda db: db.execute("SELECT * FROM accesses").fetchall())
    assert left == []


async def test_the_trail_goes_on_page_by_page(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.web.auditing.LOOKS", 2)
    for number in range(3):
        web.clock.at_ms += 1000
        await web.core.accesses.note("Anna", "case.show", [f"be.example/{number}"])
    auditor = await web.signed_in(Role.AUDITOR)
    newest = await web.get("/audit/accesses", auditor)
    assert "be.example/2" in newest.text
    assert "be.example/0" not in newest.text
    assert "Older" in newest.text
    older = await web.get("/audit/accesses?skip=2", auditor)
    assert "be.example/0" in older.text
    assert "Older" not in older.text


async def test_what_cannot_be_noted_is_not_shown(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, _ = await exchange(web)

    async def fail(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(web.core.accesses, "note", fail)
    answer = await web.get(f"/cases/{case_id}", await web.signed_in(Role.CASEWORKER))
    assert answer.status == 500
    assert CHILD not in answer.text
    web.faults.clear()


def test_every_command_that_is_noted_exists() -> None:
    assert SHOWING.keys() | LISTING.keys() <= COMMANDS.keys()
