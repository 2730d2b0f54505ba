"""A suspension that one of thirty nodes hears of is soon known to all that run."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from keys.directory_files import DirectoryFolder
from node.store import directories
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.ids import NodeId
from protocol.log import LeafKind, parse_leaf
from protocol.values import Refusal
from tests.simulation.scenario import fast_folder
from tests.simulation.town import INTERVAL_SECONDS, JITTER_SECONDS, NAMES, Town, make_town
from tests.simulation.virtual_time import run_in_virtual_time
from tests.support.forger import Forger, deliver
from tests.support.network import referral
from tests.support.nodes import Federation
from tests.support.snapshots import snapshot

TWO_INTERVALS = 2 * INTERVAL_SECONDS + JITTER_SECONDS
SEEDS = [
    0,
    pytest.param(1, marks=pytest.mark.thorough),
    pytest.param(2, marks=pytest.mark.thorough),
]
DOWN = 10


@pytest.fixture(scope="module")
def template() -> Federation:
    folder = Path(tempfile.mkdtemp(prefix="homeward-town-", dir=fast_folder()))
    yield make_town(folder / "homes")
    shutil.rmtree(folder)


@pytest.fixture
def play(template: Federation):
    """Play a story in a town of its own."""

    def played(seed: int, story: Callable[[Town], Coroutine[None, None, None]]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="homeward-town-", dir=fast_folder()))

        async def whole() -> None:
            town = Town(template, folder / "homes", seed)
            await story(town)
            await town.end()

        try:
            run_in_virtual_time(whole())
        finally:
            shutil.rmtree(folder)

    return played


def cast_of(town: Town) -> tuple[list[str], str, str, list[str]]:
    """Return who runs, who of these hears first, who is suspended, and who is down."""
    names = town.draw.sample(NAMES, len(NAMES))
    up, down = names[DOWN:], names[:DOWN]
    return up, up[0], up[1], down


async def begin(town: Town) -> tuple[str, str, list[str]]:
    """Let the nodes that run get into their rhythms; return the first, the suspended, the down."""
    up, first, suspended, down = cast_of(town)
    await town.bring_up(*up)
    await asyncio.sleep(town.draw.uniform(1.0, 3.0) * INTERVAL_SECONDS)
    assert not town.behind()
    return first, suspended, down


async def assert_refused_everywhere(town: Town, suspended: str) -> None:
    """Every other node refuses what the suspended one sends, and its log says why."""
    identity = town.federation.identities[suspended]
    for name, core in town.cores.items():
        if name == suspended:
            continue
        (reply,) = await deliver(core, Forger(identity, core).envelope())
        assert isinstance(reply, Refusal)
        assert reply.code == RefusalCode.REVOKED_SENDER, name
        assert reply.proof is not None
        leaf = parse_leaf(reply.proof.leaf)
        assert (leaf.kind, leaf.code) == (LeafKind.REFUSED, RefusalCode.REVOKED_SENDER)
        assert (await snapshot(core)).leaves[-1] == leaf


# --- asking alone


@pytest.mark.parametrize("seed", SEEDS)
def test_by_asking_alone_all_that_run_know_within_two_intervals(play, seed: int) -> None:
    """Nobody can be told: every request is lost. Files get through."""

    async def story(town: Town) -> None:
        town.link.is_lost = lambda path: path == "/hw1/requests"
        first, suspended, down = await begin(town)
        town.secretariat.suspend(suspended)
        await town.secretariat.mail_to(town.cores[first])
        assert len(town.behind()) == len(NAMES) - DOWN - 1
        await town.seconds_until_all_know(TWO_INTERVALS)
        await town.bring_up(*down)
        await town.seconds_until_all_know(TWO_INTERVALS)
        assert len(town.cores) == len(NAMES)
        await assert_refused_everywhere(town, suspended)

    play(seed, story)


# --- telling


@pytest.mark.parametrize("seed", SEEDS)
def test_by_telling_all_that_run_know_within_seconds(play, seed: int) -> None:
    async def story(town: Town) -> None:
        first, suspended, down = await begin(town)
        town.secretariat.suspend(suspended)
        await town.secretariat.mail_to(town.cores[first])
        await until_only_behind(town, {suspended}, at_most=10.0)
        # Nobody tells the suspended one; it asks like everybody.
        await town.seconds_until_all_know(TWO_INTERVALS)
        await town.bring_up(*down)
        await town.seconds_until_all_know(30.0)
        await assert_refused_everywhere(town, suspended)

    play(seed, story)


async def until_only_behind(town: Town, names: set[str], *, at_most: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + at_most
    while set(town.behind()) - names:
        assert loop.time() <= end, town.behind()
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_where_one_call_in_ten_is_lost_all_know_within_two_intervals(play, seed: int) -> None:
    async def story(town: Town) -> None:
        first, suspended, down = await begin(town)
        town.link.is_lost = lambda path: town.link.draw.random() < 0.1
        town.secretariat.suspend(suspended)
        await town.secretariat.mail_to(town.cores[first])
        await town.seconds_until_all_know(TWO_INTERVALS)
        await town.bring_up(*down)
        await town.seconds_until_all_know(TWO_INTERVALS)

    play(seed, story)


def test_each_node_says_in_its_log_which_directory_it_went_by(play) -> None:
    async def story(town: Town) -> None:
        first, suspended, _ = await begin(town)
        town.secretariat.suspend(suspended)
        await town.secretariat.mail_to(town.cores[first])
        await town.seconds_until_all_know(TWO_INTERVALS)
        subjects = set()
        for core in town.cores.values():
            rows = await core.store.read(lambda db: directories.between(db, 1, 0, 1_000))
            assert [row.version for row in rows] == [2, 3]
            leaves = (await snapshot(core)).leaves
            found = [leaf.subject for leaf in leaves if leaf.kind is LeafKind.DIRECTORY]
            assert found == [row.subject for row in rows]
            subjects.add(tuple(found))
        assert len(subjects) == 1

    play(0, story)


# --- a real message of the suspended node


def test_what_the_suspended_node_had_queued_is_refused_or_waits(play) -> None:
    async def story(town: Town) -> None:
        first, suspended, _ = await begin(town)
        peer = next(name for name in town.cores if name not in (first, suspended))
        thief, victim = town.cores[suspended], town.cores[peer]

        async def refer() -> bytes:
            expires_at_ms = town.clock.now_ms() + 86_400_000
            leg, _ = await thief.legs.open(
                NodeId(peer), referral(expires_at_ms=expires_at_ms), case_id=None, made_by="a"
            )
            thief.delivery.wake(NodeId(peer))
            return leg

        async def state(leg: bytes) -> State:
            return (await thief.legs.view(leg)).state

        before = await refer()
        await until_state(state, before, State.DELIVERED)
        town.secretariat.suspend(suspended)
        await town.secretariat.mail_to(town.cores[first])
        await until_only_behind(town, {suspended}, at_most=10.0)
        # Whoever has the node goes on; nobody takes it.
        unheard = await refer()
        await until_state(state, unheard, State.UNDELIVERABLE)
        refused = (await snapshot(victim)).leaves[-1]
        assert (refused.kind, refused.code) == (LeafKind.REFUSED, RefusalCode.REVOKED_SENDER)
        # Once the node knows it itself, it does not even try.
        await town.seconds_until_all_know(TWO_INTERVALS)
        leaves = len((await snapshot(victim)).leaves)
        held = await refer()
        await asyncio.sleep(3600)
        assert await state(held) is State.QUEUED
        assert len((await snapshot(victim)).leaves) == leaves

    play(1, story)


async def until_state(state: Callable, leg: bytes, wanted: State) -> None:
    for _ in range(100):
        if await state(leg) is wanted:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{await state(leg)} is not {wanted}")


# --- catching up


@pytest.mark.parametrize("seed", SEEDS[:1])
def test_who_was_away_for_three_generations_of_keys_catches_up_link_by_link(
    play, seed: int
) -> None:
    async def story(town: Town) -> None:
        first, suspended, down = await begin(town)
        for _ in range(3):
            town.secretariat.rotate_root()
            await town.secretariat.mail_to(town.cores[first])
            await town.seconds_until_all_know(TWO_INTERVALS)
        town.secretariat.suspend(suspended)
        await town.secretariat.mail_to(town.cores[first])
        await town.seconds_until_all_know(TWO_INTERVALS)
        await town.bring_up(*down)
        await town.seconds_until_all_know(TWO_INTERVALS)
        for name in down:
            files = DirectoryFolder(town.federation.home(name).directory).load()
            assert files == town.secretariat.files
            assert {f"{number}.root.json" for number in (1, 2, 3, 4)} <= files.keys()
        await assert_refused_everywhere(town, suspended)

    play(seed, story)
