"""Passkeys: for these pages alone, with somebody there, each challenge once and for one use."""

from __future__ import annotations

import json

import pytest

from node.errors import NodeError
from node.users import limits
from node.users.passkeys import RelyingParty
from tests.support.authenticator import PRESENT, Authenticator
from tests.support.people import People

PARTY = RelyingParty(host="desk.example", origin="https://desk.example", name="Test")


async def added(place: People, name: str = "Anna", **more) -> Authenticator:
    """Add somebody with a passkey."""
    key = Authenticator(PARTY, credential_id=name.encode() * 4, **more)
    token = await place.users.add(name, "operator", language="en", added_by="test")
    person = await place.users.invited(token)
    options = place.users.passkeys.registration_options(
        person.user_id, name, person.passkeys, party=PARTY
    )
    await place.users.set_passkey(token, key.makes(options), party=PARTY, name="key")
    return key


def challenge(place: People) -> str:
    return place.users.passkeys.authentication_options(party=PARTY)


async def refused(place: People, answer: str) -> str:
    with pytest.raises(NodeError) as refusal:
        await place.users.sign_in_with_passkey(answer, party=PARTY)
    return refusal.value.code


async def test_a_passkey_lets_in_once_for_each_challenge(place: People) -> None:
    key = await added(place)
    answer = key.signs(challenge(place))
    assert (await place.users.sign_in_with_passkey(answer, party=PARTY)).name == "Anna"
    assert await refused(place, answer) == "bad_passkey"
    answer = key.signs(challenge(place))
    place.clock.at_ms += limits.CHALLENGE_LIVES_MS
    assert await refused(place, answer) == "bad_passkey"


async def test_what_is_for_others_or_by_others_lets_nobody_in(place: People) -> None:
    key = await added(place)
    options = challenge(place)
    registering = place.users.passkeys.registration_options("0" * 16, "A", (), party=PARTY)
    thief = Authenticator(PARTY, credential_id=key.credential_id)
    for answer in (
        key.signs(options, origin="https://evil.example"),
        key.signs(options, type="webauthn.create"),
        key.signs(registering),
        key.signs(json.dumps({"challenge": "A" * 54})),
        thief.signs(options),
        Authenticator(PARTY, credential_id=b"x" * 16).signs(options),
        Authenticator(PARTY, PRESENT, 9, key.credential_id, key.key).signs(options),
    ):
        assert await refused(place, answer) == "bad_passkey"
    assert (await place.users.sign_in_with_passkey(key.signs(options), party=PARTY)).name == "Anna"


async def test_a_challenge_for_one_person_makes_no_passkey_of_another(place: People) -> None:
    await added(place)
    key = Authenticator(PARTY, credential_id=b"n" * 16)
    anna = await place.users.named("Anna")
    for options in (
        place.users.passkeys.registration_options("0" * 16, "Ben", (), party=PARTY),
        challenge(place),
    ):
        with pytest.raises(NodeError) as refusal:
            await place.users.add_passkey(
                anna.user_id, key.makes(options), party=PARTY, name="another"
            )
        assert refusal.value.code == "bad_passkey"
    assert len((await place.users.named("Anna")).passkeys) == 1


async def test_who_asks_for_many_challenges_shuts_nobody_out(place: People) -> None:
    key = await added(place)
    options = challenge(place)
    for _ in range(3000):
        challenge(place)
    assert (await place.users.sign_in_with_passkey(key.signs(options), party=PARTY)).name == "Anna"
    assert len(place.users.passkeys._used) == 2


async def test_a_copy_that_counts_behind_is_refused(place: People) -> None:
    key = await added(place)
    await place.users.sign_in_with_passkey(key.signs(challenge(place)), party=PARTY)
    key.count = 0
    assert await refused(place, key.signs(challenge(place))) == "bad_passkey"


@pytest.mark.parametrize(
    "answer",
    ["", "{", "[]", "1", "null", '{"rawId": 1}', '{"rawId": [1]}', '{"rawId": {}}', "[" * 5000,
     '{"rawId": "YQ", "response": {"clientDataJSON": "' + "A" * 30_000 + '"}}',
     '{"rawId": "YQ", "response": {"clientDataJSON": 7}}', '{"rawId": "\\ud800"}'],
)  # fmt: skip
async def test_what_is_no_answer_is_refused(place: People, answer: str) -> None:
    await added(place)
    assert await refused(place, answer) == "bad_passkey"
    user_id = (await place.users.named("Anna")).user_id
    with pytest.raises(NodeError) as refusal:
        await place.users.add_passkey(user_id, answer, party=PARTY, name="x")
    assert refusal.value.code == "bad_passkey"


async def test_the_last_way_in_is_not_taken_away(place: People) -> None:
    key = await added(place)
    person = await place.users.named("Anna")
    with pytest.raises(NodeError) as refusal:
        await place.users.remove_passkey(person.user_id, key.credential_id)
    assert refusal.value.code == "last_passkey"
    second = Authenticator(PARTY, credential_id=b"second key......")
    options = place.users.passkeys.registration_options(
        person.user_id, "Anna", person.passkeys, party=PARTY
    )
    await place.users.add_passkey(person.user_id, second.makes(options), party=PARTY, name="second")
    await place.users.remove_passkey(person.user_id, key.credential_id)
    assert await refused(place, key.signs(challenge(place))) == "bad_passkey"
    answer = second.signs(challenge(place))
    assert (await place.users.sign_in_with_passkey(answer, party=PARTY)).name == "Anna"
