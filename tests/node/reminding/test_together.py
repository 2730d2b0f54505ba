"""Those who ask at the same moment share an answer, and nobody gets one begun before."""

from __future__ import annotations

import asyncio

from node.reminding.together import Together


async def test_who_asks_meanwhile_shares_the_next_answer() -> None:
    together, begun, doors = Together[int](), list[int](), [asyncio.Event() for _ in range(2)]

    is_begun = asyncio.Event()

    async def answer() -> int:
        number = len(begun)
        begun.append(number)
        is_begun.set()
        await doors[number].wait()
        return number

    first = asyncio.create_task(together.ask(answer))
    await is_begun.wait()
    later = [asyncio.create_task(together.ask(answer)) for _ in range(5)]
    await asyncio.sleep(0)
    assert begun == [0]
    later[0].cancel()
    for door in doors:
        door.set()
    assert await first == 0
    assert await asyncio.gather(*later[1:]) == [1, 1, 1, 1]
    assert begun == [0, 1]


async def test_a_failure_goes_to_all_who_wait_and_to_nobody_after() -> None:
    together = Together[int]()

    async def fail() -> int:
        raise ValueError("no")

    async def answer() -> int:
        return 7

    told = await asyncio.gather(*(together.ask(fail) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in told] == [ValueError] * 3
    assert await together.ask(answer) == 7
