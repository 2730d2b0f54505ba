"""For every field and every kind: what is not ticked does not leave, what is previewed does.

One case has every field filled with a marker. For each kind it is sent again and again,
with such choices that for any two fields there is one with the first and not the second.
What comes is looked at where it comes: in the decoded bytes at the recipient.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import combinations, islice
from math import comb
from pathlib import Path

import pytest

from node.commands import run_command
from node.errors import NodeError
from protocol.disclosure import Share, fields, sensitive_paths
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.exchange.patterns import KINDS, Pattern
from protocol.ids import LegId
from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.contents import accept, ask, claim
from tests.support.maximal import keep_case, markers, maximal_case
from tests.support.network import BE, DAY_MS, GR, Network
from tests.support.nodes import make_federation, until
from tests.support.snapshots import snapshot

CASE_ID = f"{BE}/0000000000000000000000MAX1"
CASE = maximal_case(CASE_ID)
MARKERS = markers(CASE)
LEAVES = {info.path: info.share for info in fields(Case) if not info.is_group}
LOCAL_IDS = ("id", "child_id", "child_ids")
# Files go when they are chosen themselves, and this case has only their entries.
CHOSEN = sorted(
    path
    for path, share in LEAVES.items()
    if share < Share.NEVER
    and path.rpartition(".")[2] not in LOCAL_IDS
    and not path.startswith("files.")
)
IDS = {path for path in LEAVES if path.rpartition(".")[2] in LOCAL_IDS}
MINIMAL = [path for path in CHOSEN if LEAVES[path] <= Share.MINIMAL]
# Figures have no case, and a notice is told to all holders by a command of its own.
SENT_BY_PEOPLE = [kind for kind in KINDS if kind not in ("statistic", "found_notice")]
GROUNDS = {
    "purpose": "locate_child",
    "art6": "vital_interests",
    "art9": "vital_interests",
    "art10": "official_authority",
    "police_informed": "with_reference",
}

_FOUND = {
    "federated_id", "status", "found_at", "child_wishes.whereabouts_may_be_told_to",
}  # fmt: skip
NOTICES = {
    "case.found": _FOUND,
    "case.close": _FOUND | {"closed_at"},
}
"""What a notice says of a case, whatever is in it."""


def choices(paths: list[str]) -> Iterator[list[str]]:
    """Yield all of the paths, and then few choices that tell any two of them apart, both ways.

    Each path stands in another half of these choices (Sperner), so none stands wherever
    another one does.
    """
    yield paths
    count = next(n for n in range(2, 20) if comb(n, n // 2) >= len(paths))
    halves = dict(zip(paths, combinations(range(count), count // 2), strict=False))
    for number in range(count):
        yield [path for path in paths if number in halves[path]]


def test_the_choices_tell_any_two_fields_apart() -> None:
    made = [frozenset(choice) for choice in choices(CHOSEN)]
    for path in CHOSEN:
        without = [choice for choice in made if path not in choice]
        assert frozenset().union(*without) == {*CHOSEN} - {path}


def test_the_case_is_maximal_and_no_marker_is_used_twice() -> None:
    assert {*MARKERS} == {*LEAVES}
    values = [value for held in MARKERS.values() for value in held]
    assert len(values) == len({*map(str, values)})


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    network = Network(make_federation(tmp_path, (BE, GR)))
    await keep_case(await network.open(BE), CASE)
    await network.open(GR)
    yield network
    await network.close()


def arguments(network: Network, kind: str, paths: list[str]) -> dict[str, object]:
    now_ms = network.clock.now_ms()
    given = {
        "to": GR, "case_id": CASE_ID, "kind": kind, "urgency": 1, "ask": "?", "field": paths,
        "reply_by_ms": now_ms + DAY_MS, "expires_at_ms": now_ms + DAY_MS, "made_by": "a",
        **GROUNDS,
    }  # fmt: skip
    if sensitive_paths(paths):
        given["sensitive_reason"] = "It helps to find her."
    is_more = any(LEAVES[path] > Share.MINIMAL for path in paths)
    if KINDS[kind] is Pattern.BROADCAST and is_more:
        given["at_once_reason"] = "Her life is at risk."
    return given


async def sent(network: Network, command: str, given: dict[str, object]) -> None:
    """Send something; what takes two people is approved by the second."""
    core = network.cores[BE]
    answer = await run_command(core, command, given)
    if "approval" in answer:
        asked = {"approval": answer["approval"], "by": "b"}
        await run_command(core, "referral.approve", asked)


def check(
    payload: bytes, disclosed: Case, paths: list[str], rows: list[dict[str, str]] | None
) -> None:
    """Fail unless what arrived is what was chosen, no more and no less."""
    # A path takes the local ids of the elements on the way along.
    came, allowed = markers(disclosed), {*paths} | IDS
    assert {*came} <= allowed, {*came} - allowed
    assert {*came} >= {*paths}
    assert all(came[path] == MARKERS[path] for path in came)
    for path in {*LEAVES} - {*came}:
        for value in MARKERS[path]:
            raw = value if isinstance(value, bytes) else str(value).encode()
            assert isinstance(value, int) or raw not in payload, path
    if rows is not None:
        assert [row["path"] for row in rows] == [row for row in LEAVES if row in came]


async def newest(network: Network, count: int) -> bytes:
    """Return the last of so many payloads that arrived at the recipient."""
    core = network.cores[GR]

    def job(db) -> tuple[int, bytes]:
        query = "SELECT count(*), max(rowid), payload FROM messages WHERE direction = 'in'"
        found = db.execute(query).fetchone()
        return found[0], found[2]

    async def is_there() -> bool:
        return (await core.store.read(job))[0] >= count

    await until(is_there)
    return (await core.store.read(job))[1]


def _last_referral(db) -> bytes:
    query = "SELECT payload FROM messages WHERE name = 'referral' ORDER BY rowid DESC"
    return db.execute(query).fetchone()[0]


@pytest.mark.parametrize("kind", SENT_BY_PEOPLE)
async def test_what_is_not_ticked_is_not_in_what_arrives(network: Network, kind: str) -> None:
    core, count = network.cores[BE], 0
    paths = MINIMAL if KINDS[kind] is Pattern.HANDOVER else CHOSEN
    for chosen in choices(paths):
        given = arguments(network, kind, chosen)
        shown = await run_command(core, "referral.preview", given)
        await sent(network, "referral.send", given)
        count += 1
        payload = await newest(network, count)
        message = message_pb2.Message.FromString(payload)
        assert list(message.referral.mask.paths) == chosen
        check(payload, message.referral.disclosure, chosen, shown["rows"])
    print(kind, f"fields {len(paths)}", f"referrals {count}")


async def test_the_file_that_is_handed_over_is_what_was_ticked(network: Network) -> None:
    given = arguments(network, "transfer", MINIMAL)
    leg = bytes.fromhex((await run_command(network.cores[BE], "referral.send", given))["leg"])
    await network.reach(leg, State.DELIVERED, BE, GR)
    for content in (claim(), accept()):
        await network.step(GR, leg, content)
    await network.reach(leg, State.ACCEPTED, BE, GR)
    count = 1
    for chosen in choices(CHOSEN):
        more = {**arguments(network, "transfer", chosen), "leg": leg.hex(), "step": "hand_over"}
        await sent(network, "referral.step", more)
        count += 1
        payload = await newest(network, count)
        content = message_pb2.Message.FromString(payload).hand_over
        check(payload, content.disclosure, chosen, None)


@pytest.mark.parametrize("step", ["note", "answer"])
async def test_what_goes_with_a_later_step_is_what_was_ticked_and_previewed(
    network: Network, step: str
) -> None:
    core = network.cores[BE]
    given = arguments(network, "tracing_request", ["category"])
    leg = LegId(bytes.fromhex((await run_command(core, "referral.send", given))["leg"]))
    await network.reach(leg, State.DELIVERED, BE, GR)
    for content in (claim(), accept()):
        await network.step(GR, leg, content)
    await network.reach(leg, State.ACCEPTED, BE, GR)
    count = 1
    # Composed by the function that composes the file of a transfer, of which all are tried.
    for chosen in islice(choices(CHOSEN), 5):
        if step == "answer":
            await network.step(GR, leg, ask())
            await network.reach(leg, State.INFO_NEEDED, BE, GR)
        more = {
            **arguments(network, "tracing_request", chosen),
            "leg": leg.hex(),
            "step": step,
            "text": "This is known.",
        }
        shown = await run_command(core, "referral.step_preview", more)
        await sent(network, "referral.step", more)
        count += 1
        payload = await newest(network, count)
        content = getattr(message_pb2.Message.FromString(payload), step)
        assert list(content.mask.paths) == chosen
        check(payload, content.disclosure, chosen, shown["rows"])


async def test_a_correction_is_what_was_named_and_any_other_notice_what_it_always_is(
    network: Network,
) -> None:
    core = network.cores[BE]
    named = [path for path in CHOSEN if LEAVES[path] < Share.SENSITIVE]
    await sent(network, "referral.send", arguments(network, "tracing_request", named))
    told = {"case_id": CASE_ID, "art9": "legal_claims", "art10": "official_authority"}
    count = 1
    for chosen in choices([path for path in named if path != "federated_id"]):
        await run_command(core, "case.correct", {**told, "field": chosen, "made_by": "a"})
        count += 1
        payload = await newest(network, count)
        referral = message_pb2.Message.FromString(payload).referral
        check(payload, referral.disclosure, ["federated_id", *chosen], None)
    for command, paths in NOTICES.items():
        more = {"case_id": CASE_ID, "outcome": "located_safe", "made_by": "a"}
        answer = await run_command(core, command, more)
        # What is over by it is withdrawn.
        count += 1 + len(answer["withdrawn"])
        await newest(network, count)
        payload = await network.cores[GR].store.read(_last_referral)
        disclosed = message_pb2.Message.FromString(payload).referral.disclosure
        assert {path for path in markers(disclosed) if path not in IDS} == paths
        others = {*LEAVES} - paths - IDS
        values = [value for path in others for value in MARKERS[path]]
        assert not [v for v in values if isinstance(v, str) and v.encode() in payload]


async def test_figures_take_no_part_of_a_case_along(network: Network) -> None:
    core = network.cores[BE]
    before = await snapshot(core)
    for paths in ([], ["category"]):
        given = arguments(network, "statistic", paths)
        with pytest.raises((NodeError, PolicyRefusal)):
            await run_command(core, "referral.send", given)
    assert await snapshot(core) == before


async def test_a_choice_with_a_path_that_is_none_sends_nothing(network: Network) -> None:
    core = network.cores[BE]
    before = await snapshot(core)
    for path in ("no_such_field", "children.no_such_field", "category.", "sources", "category"):
        given = arguments(network, "tracing_request", ["category"])
        with pytest.raises(PolicyRefusal):
            await run_command(core, "referral.send", {**given, "field": ["category", path]})
    assert await snapshot(core) == before
