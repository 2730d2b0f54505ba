"""Cases, people and peers whose every text would run if a page let it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from google.protobuf.message import Message

from node.users.policy import Access, Role
from node.users.secrets import token_hash
from protocol.disclosure.dictionary import max_length
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from protocol.vocabulary import offered, vocabulary_of
from tests.support.contents import accept, claim, opening
from tests.support.exchanged import exchange
from tests.support.maximal import keep_case
from tests.support.nodes import until
from tests.support.pages import BE, GR, PagesUnderTest
from tests.support.scan import MARKER, SHORT, Who, Wire

# What of a value has a form of its own, and is no text.
FORMS = {"language": "en", "zone": "+01:00", "script": "Latn", "precision": "day", "id": "c1",
         "child_id": "c1", "local_name": "x.jpg", "media_type": "image/jpeg"}  # fmt: skip
DAY_MS = 24 * 3600 * 1000


def hostile_case(marker: str = MARKER, short: str = SHORT) -> Case:
    """Return a case with one element in each list and a marker in each text."""
    case = Case()
    _fill(case, marker, short)
    case.federated_id, case.lead_node = "be.example/01J9ZK4Q7TQ3V6W8X2Y5N0M1ZZ", "be.example"
    case.status, case.urgency, case.child_count = "open", 2, 1
    del case.files[:]
    return case


def _fill(message: Message, marker: str, short: str) -> None:
    for field in message.DESCRIPTOR.fields:
        held = getattr(message, field.name)
        if field.message_type is not None:
            _fill(held.add() if field.is_repeated else held, marker, short)
        elif field.type == field.TYPE_STRING:
            value = _text(field, marker, short)
            held.append(value) if field.is_repeated else setattr(message, field.name, value)
        elif field.type != field.TYPE_BYTES:
            number = 2012 if field.name == "year" else 1
            held.append(number) if field.is_repeated else setattr(message, field.name, number)


def _text(field, marker: str, short: str) -> str:
    if field.name in FORMS:
        return FORMS[field.name]
    codes = vocabulary_of(field)
    if codes:
        return next(iter(offered(codes)), "other")
    return marker if max_length(field) >= len(marker) else short[: max_length(field)]


@dataclass
class World:
    """Things that are there, and the people who may or may not see them."""

    web: PagesUnderTest
    case_id: str
    hostile_id: str
    leg: LegId
    theirs: LegId
    user_id: str
    welcome: str
    wires: list[Wire] = dataclasses.field(default_factory=list)
    _numbers: Iterator[int] = dataclasses.field(default_factory=count)

    def close(self) -> None:
        """Close all connections."""
        for wire in self.wires:
            wire.close()
        self.wires.clear()

    async def token(self, who: Who) -> str:
        """Return a token of somebody new, in the state that they are in."""
        if who.role is None:
            return ""
        name = f"{who.role.value} {who.state} {next(self._numbers)}"
        token = await self.web.signed_in(who.role, name)
        office = self.web.office
        if who.access is Access.LOCKED:
            await office.sessions.lock(token_hash(token))
        elif who.state == "ended":
            await office.sessions.end(token_hash(token))
        elif who.state == "removed":
            user_id = (await office.users.named(name)).user_id
            sql = "UPDATE users SET is_active = 0 WHERE user_id = ?"
            await self.web.core.store.write(lambda db: db.execute(sql, [user_id]))
        return token


async def hostile_world(web: PagesUnderTest, marker: str = MARKER, short: str = SHORT) -> World:
    """Fill two nodes with what wants to run in pages."""
    case_id, leg = await exchange(web)
    hostile = hostile_case(marker, short)
    await keep_case(web.core, hostile)
    greece = web.cores[GR]
    referral = opening(
        "tracing_request", expires_at_ms=web.clock.now_ms() + 30 * DAY_MS,
        ask={"text": marker, "language": "en"},
    )  # fmt: skip
    theirs, _ = await greece.legs.open(NodeId(BE), referral, case_id=None, made_by="Nikos")
    greece.delivery.wake(NodeId(BE))

    async def has(count: int) -> bool:
        legs = await web.core.legs.list()
        return any(each.row.leg_id == theirs and len(each.messages) == count for each in legs)

    await until(lambda: has(1))
    await web.core.legs.step(theirs, claim(contact_name=short), made_by="Anna")
    await web.core.legs.step(theirs, accept(), made_by="Anna")
    web.core.delivery.wake(NodeId(GR))

    async def greece_has(count: int) -> bool:
        return len((await greece.legs.view(theirs)).messages) == count

    await until(lambda: greece_has(3))
    note = message_pb2.Note(text={"text": marker, "language": "en"})
    await greece.legs.step(theirs, note, made_by="Nikos")
    greece.delivery.wake(NodeId(BE))
    await until(lambda: has(4))
    users = web.office.users
    welcome = await users.add(
        "Somebody <b>new</b>", Role.OPERATOR.value, language="en", added_by="test"
    )
    user_id = (await users.named("Somebody <b>new</b>")).user_id
    return World(web, case_id, hostile.federated_id, leg, theirs, user_id, welcome)
