"""Who guesses waits, who is really there does not; ways in, and what changes with a role."""

from __future__ import annotations

import asyncio

import pytest

from node.errors import NodeError
from node.store import users as table
from node.users import limits
from node.users.policy import Access
from node.users.sessions import Sessions
from node.users.tries import Place
from tests.support.pages import PASSWORD
from tests.support.people import People

STRANGER = Place(address="203.0.113.9")


async def tries(node: People, name: str, place: Place = STRANGER, password: str = "wrong") -> str:
    try:
        await node.users.sign_in(name, password, node.code(), place=place)
    except NodeError as error:
        return error.code
    return "in"


async def test_many_guesses_at_once_are_no_way_around(place: People) -> None:
    await place.enrolled()
    told = await asyncio.gather(*(tries(place, "Anna") for _ in range(20)))
    assert told.count("not_signed_in") == limits.FREE_FAILURES
    assert told.count("wait") == 20 - limits.FREE_FAILURES


async def test_a_name_that_nobody_has_waits_like_all_others(place: People) -> None:
    await place.enrolled()
    for _ in range(12):
        told = [await tries(place, name) for name in ("Anna", "Nobody")]
        assert told[0] == told[1]
        place.clock.at_ms += 700


async def test_a_stranger_locks_nobody_out_of_their_own_browser(place: People) -> None:
    await place.enrolled()
    anna = await place.users.named("Anna")
    token = await place.users.know_browser(anna.user_id, "")
    for _ in range(40):
        await tries(place, "Anna")
        place.clock.at_ms += limits.LONGEST_WAIT_MS + 1
    assert await tries(place, "Anna") == "not_signed_in"
    assert await tries(place, "Anna", password=PASSWORD) == "wait"
    own = Place(address=STRANGER.address, browser=token)
    assert await tries(place, "Anna", own, PASSWORD) == "in"
    # Nor is that browser a way to guess without end, nor one into another's account.
    for _ in range(limits.FREE_FAILURES):
        assert await tries(place, "Anna", own) == "not_signed_in"
    assert await tries(place, "Anna", own) == "wait"
    await place.enrolled("Ben")
    for _ in range(limits.FREE_FAILURES):
        await tries(place, "Ben")
    assert await tries(place, "Ben", own, PASSWORD) == "wait"


async def test_a_locked_screen_opens_whatever_strangers_do(place: People) -> None:
    await place.enrolled()
    for _ in range(limits.FREE_FAILURES + 3):
        await tries(place, "Anna")
    assert await tries(place, "Anna", Place(session=b"s" * 32), PASSWORD) == "in"


async def test_an_address_that_tries_many_names_waits(place: People) -> None:
    await place.enrolled()
    for number in range(limits.FREE_FAILURES_OF_ADDRESS):
        assert await tries(place, f"Somebody {number}") == "not_signed_in"
    assert await tries(place, "Anna", password=PASSWORD) == "wait"
    assert await tries(place, "Anna", Place(address="203.0.113.10"), PASSWORD) == "in"
    place.clock.at_ms += limits.LONGEST_WAIT_OF_ADDRESS_MS
    assert await tries(place, "Anna", password=PASSWORD) == "in"


async def test_tries_are_forgotten_and_fill_nothing(
    place: People,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "TRIES_REMEMBERED", 10)
    for number in range(50):
        await tries(place, f"Somebody {number}", Place())
    assert len(place.users.tries._counts) == 10
    held = repr(place.users.tries._counts)
    assert "Somebody" not in held
    await place.enrolled()
    for _ in range(limits.FREE_FAILURES):
        await tries(place, "Anna", Place())
    place.clock.at_ms += limits.TRIES_REMEMBERED_MS
    for _ in range(limits.FREE_FAILURES - 1):
        assert await tries(place, "Anna", Place()) == "not_signed_in"


async def test_a_browser_is_known_only_by_what_it_was_given(place: People) -> None:
    await place.enrolled()
    anna = await place.users.named("Anna")
    planted = await place.users.know_browser(anna.user_id, "planted by somebody")
    assert planted != "planted by somebody"
    assert await place.users.know_browser(anna.user_id, planted) == planted
    for _ in range(limits.BROWSERS_EACH + 3):
        place.clock.at_ms += 1
        await place.users.know_browser(anna.user_id, "")
    rows = await place.core.store.read(
        lambda db: db.execute("SELECT count(*) FROM known_browsers").fetchone()
    )
    assert rows[0] == limits.BROWSERS_EACH


async def test_the_same_work_for_every_name(place: People, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.enrolled()
    await place.users.add("Invited", "operator", language="en", added_by="test")
    took: list[str] = []
    store, passwords = place.core.context.store, place.users._passwords
    verify = passwords.is_right
    monkeypatch.setattr(passwords, "is_right", lambda s, p: took.append("hash") or verify(s, p))
    changes = []
    for name in ("Anna", "Nobody", "Invited"):
        took.clear()
        before = await store.read(lambda db: db.execute("SELECT total_changes()").fetchone())
        assert await tries(place, name) == "not_signed_in"
        after = await store.read(lambda db: db.execute("SELECT total_changes()").fetchone())
        changes.append((len(took), after[0] - before[0]))
    assert changes == [(1, 0)] * 3


# --- ways in


async def test_a_secret_that_is_none_sets_up_nothing(place: People) -> None:
    token = await place.users.add("Anna", "operator", language="en", added_by="test")
    for secret in (b"", b"short", b"x" * 21):
        with pytest.raises(NodeError) as refusal:
            await place.users.set_password(token, PASSWORD, totp=secret, code="000000")
        assert refusal.value.code == "wrong_code"
    assert not (await place.users.invited(token)).can_sign_in


@pytest.mark.parametrize(
    ("minutes", "is_in"), [(-1.1, False), (-0.5, True), (0.5, True), (1.1, False)]
)
async def test_a_code_may_be_half_a_minute_off(place: People, minutes: float, is_in: bool) -> None:
    await place.enrolled()
    place.clock.at_ms += 10 * 60_000
    code = place.code()
    place.clock.at_ms += int(minutes * 60_000)
    try:
        await place.users.sign_in("Anna", PASSWORD, code)
    except NodeError:
        assert not is_in
    else:
        assert is_in


async def test_who_has_only_passkeys_comes_in_with_a_recovery_code(place: People) -> None:
    codes = await place.enrolled()
    anna = await place.users.named("Anna")
    await place.core.store.write(lambda db: table.change(db, anna.user_id, password="", totp=b""))
    assert await place.refused("Anna", PASSWORD, place.code()) == "not_signed_in"
    assert (await place.users.sign_in("Anna", "", codes[0])).name == "Anna"
    assert await place.refused("Anna", "", codes[0]) == "not_signed_in"
    await place.enrolled("Root", "administrator")
    await place.users.deactivate(anna.user_id)
    assert await place.refused("Anna", "", codes[1]) == "not_signed_in"


async def test_new_codes_make_the_old_ones_void(place: People) -> None:
    old = await place.enrolled()
    new = await place.users.renew_codes((await place.users.named("Anna")).user_id)
    assert await place.refused("Anna", PASSWORD, old[0]) == "not_signed_in"
    assert (await place.users.sign_in("Anna", PASSWORD, new[0])).recovery_codes == len(new) - 1


@pytest.mark.parametrize("other", ["ÉLODIE", "élodie", "E\u0301lodie", " Élodie  "])
async def test_one_name_is_one_person_however_it_is_typed(place: People, other: str) -> None:
    await place.enrolled("Élodie")
    with pytest.raises(NodeError) as refusal:
        await place.users.add(other, "operator", language="en", added_by="test")
    assert refusal.value.code == "user_exists"
    assert (await place.users.sign_in(other, PASSWORD, place.code())).name == "Élodie"


async def test_a_reset_that_nobody_granted_in_a_week_is_over(place: People) -> None:
    await place.enrolled()
    user_id = (await place.users.named("Anna")).user_id
    await place.users.ask_reset(user_id, asked_by="Admin")
    assert (await place.users.get(user_id)).reset_asked_by == "Admin"
    place.clock.at_ms += limits.RESET_LIVES_MS + 1
    assert (await place.users.get(user_id)).reset_asked_by == ""
    with pytest.raises(NodeError) as refusal:
        await place.users.grant_reset(user_id, granted_by="Boss")
    assert refusal.value.code == "no_reset"
    assert (await place.users.sign_in("Anna", PASSWORD, place.code())).name == "Anna"


# --- roles and sessions


async def test_another_role_counts_from_the_next_request_on(place: People) -> None:
    await place.enrolled()
    user_id = (await place.users.named("Anna")).user_id
    sessions = Sessions(place.core.context)
    token = await sessions.open(user_id, means="password", browser="Test")
    await place.core.store.write(
        lambda db: table.keep_draft(db, user_id, "/new-case", "a name", at_ms=1)
    )
    for role, drafts in (("supervisor", 1), ("auditor", 0)):
        await place.users.change_role(user_id, role, changed_by="Root")
        assert (await sessions.visitor(token, is_doing=True)).role == role
        kept = await place.core.store.read(lambda db: table.drafts_of(db, user_id))
        assert len(kept) == drafts
    with pytest.raises(NodeError) as refusal:
        await place.users.change_role(user_id, "supervisor", changed_by="anna")
    assert refusal.value.code == "own_role"
    with pytest.raises(NodeError) as refusal:
        await place.users.change_role(user_id, "god", changed_by="Root")
    assert refusal.value.code == "bad_role"
    assert (await place.users.get(user_id)).role == "auditor"


async def test_who_leaves_leaves_no_draft_session_or_known_browser(place: People) -> None:
    await place.enrolled()
    await place.enrolled("Root", "administrator")
    user_id = (await place.users.named("Anna")).user_id
    token = await Sessions(place.core.context).open(user_id, means="password", browser="Test")
    await place.users.know_browser(user_id, "")
    await place.core.store.write(lambda db: table.keep_draft(db, user_id, "search", "x", at_ms=1))
    await place.users.deactivate(user_id)
    assert (await Sessions(place.core.context).visitor(token, is_doing=True)).access == "nobody"
    for name in ("drafts", "sessions", "known_browsers", "passkeys", "recovery_codes", "links"):
        sql = f"SELECT count(*) FROM {name} WHERE user_id = ?"
        found = await place.core.store.read(lambda db, s=sql: db.execute(s, [user_id]).fetchone())
        assert found[0] == 0, name


async def test_however_busy_one_shows_twice_a_day_who_one_is(place: People) -> None:
    await place.enrolled()
    sessions = Sessions(place.core.context)
    user_id = (await place.users.named("Anna")).user_id
    token = await sessions.open(user_id, means="password", browser="Test")
    for _ in range(limits.PROVEN_FOR_MS // (10 * limits.MINUTE_MS)):
        assert (await sessions.visitor(token, is_doing=True)).access is Access.SIGNED_IN
        place.clock.at_ms += 10 * limits.MINUTE_MS
    locked = await sessions.visitor(token, is_doing=True)
    assert locked.access is Access.LOCKED
    assert locked.session is not None
    assert not sessions.is_fresh(locked.session)
    await sessions.unlock(locked.session.token_hash)
    again = await sessions.visitor(token, is_doing=True)
    assert again.access is Access.SIGNED_IN
    assert again.session is not None
    assert sessions.is_fresh(again.session)
