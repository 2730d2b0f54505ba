"""Who comes in, who has to wait, and who can let somebody in again."""

from __future__ import annotations

import pytest

from node.errors import NodeError
from node.store import users as table
from node.users import limits, secrets
from tests.support.pages import PASSWORD
from tests.support.people import SECRET, People


async def test_somebody_with_password_and_code_comes_in(place: People) -> None:
    await place.enrolled()
    person = await place.users.sign_in("  anna ", PASSWORD, place.code())
    assert person.name == "Anna"
    assert person.role == "caseworker"


async def test_a_code_counts_once(place: People) -> None:
    await place.enrolled()
    code = place.code()
    await place.users.sign_in("Anna", PASSWORD, code)
    assert await place.refused("Anna", PASSWORD, code) == "not_signed_in"


async def test_wrong_names_passwords_and_codes_look_the_same(place: People) -> None:
    await place.enrolled()
    for name, password, code in (
        ("Anna", "another password", place.code()),
        ("Anna", PASSWORD, "000000"),
        ("Nobody", PASSWORD, place.code()),
        ("Anna", "", ""),
    ):
        assert await place.refused(name, password, code) == "not_signed_in"
    # The right code was not used up by any of them.
    assert (await place.users.sign_in("Anna", PASSWORD, place.code())).name == "Anna"


async def test_a_recovery_code_counts_once_in_place_of_the_digits(place: People) -> None:
    codes = await place.enrolled()
    assert len(set(codes)) == secrets.RECOVERY_CODES
    await place.users.sign_in("Anna", PASSWORD, codes[3].upper().replace("-", " "))
    assert await place.refused("Anna", PASSWORD, codes[3]) == "not_signed_in"
    left = (await place.users.named("Anna")).recovery_codes
    assert left == secrets.RECOVERY_CODES - 1


async def test_who_guesses_waits_ever_longer(place: People) -> None:
    await place.enrolled()
    for _ in range(limits.FREE_FAILURES):
        assert await place.refused("Anna", "wrong", "1") == "not_signed_in"
    assert await place.refused("Anna", PASSWORD, place.code()) == "wait"
    place.clock.at_ms += limits.FIRST_WAIT_MS
    assert await place.refused("Anna", "wrong", "1") == "not_signed_in"
    place.clock.at_ms += limits.FIRST_WAIT_MS
    assert await place.refused("Anna", PASSWORD, place.code()) == "wait"
    place.clock.at_ms += limits.FIRST_WAIT_MS
    assert (await place.users.sign_in("Anna", PASSWORD, place.code())).name == "Anna"
    # And it begins anew.
    assert await place.refused("Anna", "wrong", "1") == "not_signed_in"
    place.clock.at_ms += 60_000
    assert (await place.users.sign_in("Anna", PASSWORD, place.code())).name == "Anna"


async def test_a_clock_that_is_set_back_locks_nobody_out(place: People) -> None:
    codes = await place.enrolled()
    for _ in range(limits.FREE_FAILURES + 12):
        place.clock.at_ms += limits.LONGEST_WAIT_MS
        await place.refused("Anna", "wrong", "1")
    place.clock.at_ms -= 2 * limits.DAY_MS
    assert (await place.users.sign_in("Anna", PASSWORD, codes[0])).name == "Anna"


async def test_a_link_works_once_and_for_a_day(place: People) -> None:
    token = await place.users.add("Anna", "operator", language="en", added_by="test")
    place.clock.at_ms += limits.LINK_LIVES_MS
    with pytest.raises(NodeError) as refusal:
        await place.users.invited(token)
    assert refusal.value.code == "link_over"
    place.clock.at_ms -= 1
    await place.users.set_password(token, PASSWORD, totp=SECRET, code=place.code())
    with pytest.raises(NodeError) as refusal:
        await place.users.set_password(token, PASSWORD, totp=SECRET, code=place.code())
    assert refusal.value.code == "link_over"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("x" * 300, "password_too_long"),
        ("abababababababab", "password_too_simple"),
    ],
)
async def test_a_weak_password_sets_up_nothing(place: People, password: str, code: str) -> None:
    token = await place.users.add("Anna", "operator", language="en", added_by="test")
    with pytest.raises(NodeError) as refusal:
        await place.users.set_password(token, password, totp=SECRET, code=place.code())
    assert refusal.value.code == code
    assert not (await place.users.invited(token)).can_sign_in


async def test_a_reset_takes_two_people_and_ends_all_old_ways_in(place: People) -> None:
    await place.enrolled()
    user_id = (await place.users.named("Anna")).user_id
    with pytest.raises(NodeError) as refusal:
        await place.users.grant_reset(user_id, granted_by="Boss")
    assert refusal.value.code == "no_reset"
    await place.users.ask_reset(user_id, asked_by="Admin")
    for same in ("Admin", "admin", "Anna"):
        with pytest.raises(NodeError) as refusal:
            await place.users.grant_reset(user_id, granted_by=same)
        assert refusal.value.code == "second_person_needed"
    assert (await place.users.sign_in("Anna", PASSWORD, place.code())).name == "Anna"
    token = await place.users.grant_reset(user_id, granted_by="Boss")
    assert await place.refused("Anna", PASSWORD, place.code()) == "not_signed_in"
    assert (await place.users.invited(token)).name == "Anna"


async def test_the_last_administrator_stays(place: People) -> None:
    await place.enrolled("Root", "administrator")
    user_id = (await place.users.named("Root")).user_id
    with pytest.raises(NodeError) as refusal:
        await place.users.deactivate(user_id)
    assert refusal.value.code == "last_administrator"
    # One who was added and never came does not count: nobody could add people then.
    token = await place.users.add("Other", "administrator", language="en", added_by="Root")
    for refused in (
        place.users.deactivate(user_id),
        place.users.change_role(user_id, "auditor", changed_by="Other"),
    ):
        with pytest.raises(NodeError) as refusal:
            await refused
        assert refusal.value.code == "last_administrator"
    await place.users.set_password(token, PASSWORD, totp=SECRET, code=place.code())
    await place.users.deactivate(user_id)
    assert await place.refused("Root", PASSWORD, place.code()) == "not_signed_in"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x00b", "a\u202eb"])
async def test_a_name_that_cannot_be_shown_is_refused(place: People, name: str) -> None:
    with pytest.raises(NodeError) as refusal:
        await place.users.add(name, "operator", language="en", added_by="test")
    assert refusal.value.code == "bad_user_name"
    assert await place.users.everybody() == []


async def test_no_secret_stands_in_the_tables(place: People) -> None:
    codes = await place.enrolled()
    token = await place.users.add("Ben", "operator", language="en", added_by="test")
    held = await place.core.store.read(
        lambda db: repr(
            [table.everybody(db), *(list(db.execute(f"SELECT * FROM {name}")) for name in TABLES)]
        )
    )
    for secret in (PASSWORD, token, *codes):
        assert secret not in held


TABLES = ("links", "recovery_codes", "sessions")
