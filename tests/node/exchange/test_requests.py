"""Short-lived requests: only authentic, fresh, and once; no bytes do anything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.identity import create_identity
from keys.members import MemberStatus
from node.app import Core
from protocol import limits, suite
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.ids import BlobId, NodeId
from protocol.values import BlobStatus, BlobWrite, Pong, Refusal
from protocol.wire import parse_response
from tests.support.forger import Forger
from tests.support.network import BE, FR, GR, Network, settled
from tests.support.nodes import Federation, seeded
from tests.support.scene import Scene
from tests.support.snapshots import snapshot
from tests.support.wire_bytes import bytes_field, number_field

WINDOW_MS = limits.REQUEST_VALID_MS + limits.CLOCK_SKEW_MS
NO_BLOB = BlobId(bytes(32))
PING_FIELD, STATUS_FIELD = 10, 11


@dataclass
class Asking:
    """A node, and a member whose descriptor it can fetch."""

    network: Network
    node: Core
    member: Forger


@pytest.fixture
async def asking(network: Network) -> Asking:
    await network.open(BE)
    node = await network.open(GR)
    member = Forger(network.federation.identities[BE], node)
    assert parse_response(await node.service.requests(member.request())) == Pong(
        node.context.trust.directory.version
    )
    return Asking(network, node, member)


async def none() -> AsyncIterator[bytes]:
    return
    yield b""


async def refused(asking: Asking, body: bytes) -> RefusalCode:
    """Send it as a request and as the authorisation of an upload; return the one code."""
    before = await snapshot(asking.node)
    answers = [
        parse_response(await asking.node.service.requests(body)),
        parse_response(await asking.node.service.blobs(body, none())),
    ]
    assert await snapshot(asking.node) == before
    codes = {answer.code for answer in answers if isinstance(answer, Refusal)}
    assert len(codes) == 1
    return RefusalCode(codes.pop())


def of_a_stranger(asking: Asking) -> bytes:
    identity = create_identity(NodeId("it.example"), seeded("stranger"))
    return Forger(identity, asking.node).request()


def of_a_suspended_member(asking: Asking) -> bytes:
    asking.network.amend(GR, BE, status=MemberStatus.SUSPENDED)
    return asking.member.request()


OTHER_SEED = bytes([7]) * 32
REQUESTS: list[tuple[str, RefusalCode, Callable[[Asking], bytes]]] = [
    ("nothing", RefusalCode.INVALID_VALUE, lambda a: b""),
    ("a body beyond the limit", RefusalCode.TOO_LARGE, lambda a: bytes(limits.REQUEST_BYTES + 1)),
    ("a body that is cut", RefusalCode.TRUNCATED, lambda a: a.member.request()[:-1]),
    ("a byte too many", RefusalCode.TRAILING_BYTES, lambda a: a.member.request() + b"\x00"),
    (
        "two signatures",
        RefusalCode.DUPLICATE_FIELD,
        lambda a: a.member.request() + bytes_field(2, bytes(64)),
    ),
    (
        "two calls",
        RefusalCode.DUPLICATE_FIELD,
        lambda a: a.member.request(respell=lambda raw: raw + bytes_field(STATUS_FIELD, b"")),
    ),
    (
        "the same call twice",
        RefusalCode.DUPLICATE_FIELD,
        lambda a: a.member.request(respell=lambda raw: raw + bytes_field(PING_FIELD, b"")),
    ),
    (
        "no call",
        RefusalCode.INVALID_VALUE,
        lambda a: a.member.request(respell=lambda raw: raw[: -len(bytes_field(PING_FIELD, b""))]),
    ),
    (
        "a call of the future",
        RefusalCode.UNKNOWN_FIELD,
        lambda a: a.member.request(respell=lambda raw: raw + bytes_field(13, b"")),
    ),
    (
        "a field out of order",
        RefusalCode.UNORDERED_FIELD,
        lambda a: a.member.request(respell=lambda raw: raw + number_field(6, 1)),
    ),
    (
        "a version spelled with a byte too many",
        RefusalCode.NOT_MINIMAL,
        lambda a: a.member.request(respell=lambda raw: number_field(1, 1, extra=1) + raw[2:]),
    ),
    (
        "another version",
        RefusalCode.UNSUPPORTED_VERSION,
        lambda a: a.member.request(respell=lambda raw: number_field(1, 2) + raw[2:]),
    ),
    (
        "another federation",
        RefusalCode.WRONG_FEDERATION,
        lambda a: a.member.request(federation_id=bytes(32)),
    ),
    (
        "another target",
        RefusalCode.WRONG_RECIPIENT,
        lambda a: a.member.request(target=FR),
    ),
    ("a stranger", RefusalCode.UNKNOWN_SENDER, of_a_stranger),
    ("a suspended member", RefusalCode.REVOKED_SENDER, of_a_suspended_member),
    (
        "too old",
        RefusalCode.REQUEST_EXPIRED,
        lambda a: a.member.request(created_at_ms=a.member.now_ms - WINDOW_MS - 1),
    ),
    (
        "from too far ahead",
        RefusalCode.REQUEST_EXPIRED,
        lambda a: a.member.request(created_at_ms=a.member.now_ms + WINDOW_MS + 1),
    ),
    (
        "from the end of time",
        RefusalCode.REQUEST_EXPIRED,
        lambda a: a.member.request(created_at_ms=2**64 - 1),
    ),
    (
        "signed with another key",
        RefusalCode.REQUEST_SIGNATURE,
        lambda a: a.member.request(signing_seed=OTHER_SEED),
    ),
    (
        "signed with another key that it names itself",
        RefusalCode.REQUEST_SIGNATURE,
        lambda a: a.member.request(
            signing_seed=OTHER_SEED, transport_key=suite.ed25519_public_key(OTHER_SEED)
        ),
    ),
    (
        "signed for something else",
        RefusalCode.REQUEST_SIGNATURE,
        lambda a: a.member.request(label=b"homeward/v1 hpke\x00"),
    ),
]


@pytest.mark.parametrize(
    ("code", "make"), [case[1:] for case in REQUESTS], ids=[case[0] for case in REQUESTS]
)
async def test_a_bad_request_has_its_code_and_changes_nothing(
    asking: Asking, code: RefusalCode, make: Callable[[Asking], bytes]
) -> None:
    assert await refused(asking, make(asking)) is code
    assert asking.network.reports[GR] == [("refused", "", code.name.lower())] * 2


async def test_a_request_counts_once(asking: Asking) -> None:
    request = asking.member.request()
    assert isinstance(parse_response(await asking.node.service.requests(request)), Pong)
    assert await refused(asking, request) is RefusalCode.REPLAYED


async def test_of_the_same_request_twice_at_once_one_counts(asking: Asking) -> None:
    request = asking.member.request()
    answers = await asyncio.gather(*(asking.node.service.requests(request) for _ in range(3)))
    kinds = sorted(type(parse_response(answer)).__name__ for answer in answers)
    assert kinds == ["Pong", "Refusal", "Refusal"]


@pytest.mark.parametrize("offset", [-WINDOW_MS, WINDOW_MS])
async def test_a_request_counts_once_through_all_of_its_time(asking: Asking, offset: int) -> None:
    request = asking.member.request(created_at_ms=asking.member.now_ms + offset)
    assert isinstance(parse_response(await asking.node.service.requests(request)), Pong)
    asking.network.clock.at_ms += WINDOW_MS + offset
    # Another request lets the node forget the nonces whose time is over.
    await asking.node.service.requests(asking.member.request())
    assert await refused(asking, request) is RefusalCode.REPLAYED
    asking.network.clock.at_ms += 1
    assert await refused(asking, request) is RefusalCode.REQUEST_EXPIRED


async def test_nonces_are_forgotten_when_their_time_is_over(asking: Asking) -> None:
    for _ in range(3):
        await asking.node.service.requests(asking.member.request())
    asking.network.clock.at_ms += 2 * WINDOW_MS
    await asking.node.service.requests(asking.member.request())
    nonces = await asking.node.store.read(
        lambda db: db.execute("SELECT count(*) FROM request_nonces").fetchone()
    )
    assert nonces == (1,)


async def test_two_members_may_use_the_same_nonce(asking: Asking) -> None:
    other = Forger(asking.network.federation.identities[FR], asking.node)
    await asking.network.open(FR)
    for forger in (asking.member, other):
        answer = await asking.node.service.requests(forger.request(nonce=bytes(16)))
        assert isinstance(parse_response(answer), Pong)


async def test_a_member_whose_descriptor_cannot_be_fetched_is_asked_to_come_again(
    network: Network,
) -> None:
    node = await network.open(GR)
    member = Forger(network.federation.identities[BE], node)
    asking = Asking(network, node, member)
    assert await refused(asking, member.request()) is RefusalCode.BUSY


@pytest.mark.parametrize(
    ("entry", "call"),
    [
        ("requests", BlobWrite(NO_BLOB, bytes(32), 0)),
        ("blobs", BlobStatus(NO_BLOB, bytes(32))),
        ("blobs", None),
    ],
    ids=["a write without bytes", "bytes behind a question", "bytes behind a ping"],
)
async def test_a_call_at_the_wrong_door_is_refused(asking: Asking, entry: str, call) -> None:
    request = asking.member.request(call)
    service = asking.node.service
    before = await snapshot(asking.node, without={"request_nonces"})
    answer = service.requests(request) if entry == "requests" else service.blobs(request, none())
    assert parse_response(await answer) == Refusal(RefusalCode.INVALID_VALUE)
    assert await snapshot(asking.node, without={"request_nonces"}) == before


async def test_a_sign_of_life_lets_what_waited_for_the_peer_go(asking: Asking) -> None:
    asking.network.unplug(BE)
    leg = await asking.network.refer(GR, BE)
    await settled()
    assert asking.network.events(GR) == ["delivery_failed"]
    asking.network.plug(BE)
    await asking.node.service.requests(asking.member.request())
    await asking.network.reach(leg, State.DELIVERED, GR, BE)


def test_any_bytes_in_place_of_a_request_are_answered_and_change_nothing(
    federation: Federation, tmp_path: Path
) -> None:
    with Scene.running(federation, tmp_path / "homes") as (runner, scene):
        runner.run(scene.network.open(BE))
        # The first request makes the node fetch the member's descriptor.
        runner.run(scene.node.service.requests(scene.member.request()))
        honest = scene.member.request()
        asking = Asking(scene.network, scene.node, scene.member)
        changed = st.builds(
            lambda at, byte: honest[:at] + bytes([byte]) + honest[at + 1 :],
            st.integers(0, len(honest) - 1),
            st.integers(0, 255),
        ).filter(lambda body: body != honest)

        @settings(max_examples=150)
        @given(st.binary(max_size=200) | changed)
        def throw(body: bytes) -> None:
            assert runner.run(refused(asking, body)) in RefusalCode

        throw()
        answer = runner.run(scene.node.service.requests(honest))
        assert isinstance(parse_response(answer), Pong)


async def test_a_stranger_cannot_make_the_node_call_a_member_again_and_again(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, get = [], asking.network.link.get

    async def counted(endpoint: str, path: str, *, limit: int) -> bytes | None:
        calls.append(path)
        return await get(endpoint, path, limit=limit)

    monkeypatch.setattr(asking.network.link, "get", counted)
    key = suite.ed25519_public_key(OTHER_SEED)
    for _ in range(5):
        body = asking.member.request(signing_seed=OTHER_SEED, transport_key=key)
        assert await refused(asking, body) is RefusalCode.REQUEST_SIGNATURE
    assert len(calls) <= 1
