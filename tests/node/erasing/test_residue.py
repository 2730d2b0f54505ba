"""Among many cases: pages split, join and are used again, and keep nothing of what was erased."""

from __future__ import annotations

import random

from tests.node.erasing.conftest import Scene, made_up_case
from tests.support.network import BE
from tests.support.traces import contents

COUNT = 60


def token(number: int) -> str:
    return "".join(random.Random(number).choices("abcdefghijklmnopqrstuvwxyz", k=14)).title()


async def test_every_second_of_many_cases_is_gone_and_the_others_are_there(scene: Scene) -> None:
    core = scene.network.cores[BE]
    case_ids = []
    for number in range(COUNT):
        case = made_up_case()
        case.circumstances.text.text = f"{token(number)} {'left the house. ' * (number * 9)}"
        case.circumstances.text.language = "en"
        case.children[0].names.add(full=f"Nobody {token(1000 + number)}", script="Latn")
        case_ids.append(await core.cases.add(case, [], made_by="anna", reason=token(2000 + number)))
    tokens = {
        number: [token(base + number).encode() for base in (0, 1000, 2000)]
        for number in range(COUNT)
    }
    order = [number for number in range(COUNT) if number % 2]
    random.Random(7).shuffle(order)
    for number in order:
        await core.erasing.erase_case(case_ids[number], "retention_over", made_by="anna")
    key = scene.network.federation.identities[BE].database_key
    whole = [content for _, content in contents(core.home, key)]
    for number, secrets in tokens.items():
        for secret in secrets:
            is_there = any(secret in each or secret.lower() in each for each in whole)
            assert is_there == (number % 2 == 0), (number, secret)
