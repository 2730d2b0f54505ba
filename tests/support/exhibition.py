"""Two nodes with pages, in which something of everything has happened, on a clock that stands.

They run in a thread of their own, so that a browser can look at them; keys and ids come from
seeds, so that two runs show the same. A third member is never reached, a fourth stands outside
of the EEA, a fifth is suspended.
"""

from __future__ import annotations

import asyncio
import datetime
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from keys.members import MemberStatus, OpeningHours, TransferRegime
from node.app import Core
from node.cli.demo.processes import free_ports
from node.commands import run_command
from node.config import Settings
from node.users.policy import Role
from node.users.secrets import Passwords
from node.web.office import Pages
from protocol.ids import NodeId
from tests.support import exhibited_cases as invented
from tests.support.exhibited_cases import DAY_MS, HOUR_MS
from tests.support.nodes import (
    NOW_MS,
    DirectLink,
    SettableClock,
    make_federation,
    open_core,
    until,
)
from tests.support.pages import CHEAP

T = TypeVar("T")
BE, GR, FR, UA, BG = "be.example", "gr.example", "fr.example", "ua.example", "bg.example"
PATIENCE_SECONDS = 60
PAST_MS = 30 * HOUR_MS
_WORKDAYS = tuple(OpeningHours(day, 8 * 60, 20 * 60) for day in range(1, 6))
_LEGAL_BASIS = {"purpose": "locate_child", "art6": "vital_interests", "language": "en"}
_NAMES = ["children.names.given", "children.names.family", "children.names.script"]
_FIELDS = [
    "category", *_NAMES, "children.sex", "children.date_of_birth",
    "children.description.height_cm", "circumstances.last_seen.place.locality",
]  # fmt: skip
RECORDS: dict[str, dict[str, Any]] = {
    BE: {
        "legal_name": "Kinderlijn Voorbeeld", "languages": ("nl", "fr"),
        "time_zone": "Europe/Brussels", "telephone": "+3225550100",
    },
    GR: {
        "legal_name": "Grammí Parádeigma", "languages": ("el", "en"),
        "time_zone": "Europe/Athens", "telephone": "+302105550100", "hours": _WORKDAYS,
    },
    FR: {
        "legal_name": "Ligne Exemple", "languages": ("fr",),
        "time_zone": "Europe/Paris", "telephone": "+33155550100", "hours": _WORKDAYS,
    },
    UA: {
        "legal_name": "Liniia Pryklad", "languages": ("uk",), "time_zone": "Europe/Kyiv",
        "telephone": "+380445550100", "transfer_regime": TransferRegime.OTHER,
    },
    BG: {"legal_name": "Liniya Primer", "languages": ("bg",), "status": MemberStatus.SUSPENDED},
}  # fmt: skip


@dataclass
class Exhibition:
    """The nodes, their people, and the ids of what can be looked at, by name."""

    cores: dict[str, Core]
    pages: dict[str, Pages]
    origins: dict[str, str]
    clock: SettableClock
    loop: asyncio.AbstractEventLoop
    ids: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something where the nodes are, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_SECONDS)

    async def ask(self, node: str, command: str, **arguments: Any) -> Any:
        """Run a command at a node."""
        maker = "Anna" if node == BE else "Nikos"
        return await run_command(self.cores[node], command, {"made_by": maker, **arguments})

    # --- people

    async def add_person(self, node: str, name: str, role: Role) -> str:
        """Add somebody; return the token of their one-time link."""
        users = self.pages[node].office.users
        return await users.add(name, role.value, language="en", added_by="Ada")

    async def sign_in(self, node: str, name: str, *, is_locked: bool = False) -> str:
        """Return the token of a session of somebody."""
        office = self.pages[node].office
        user_id = (await office.users.named(name)).user_id
        token = await office.sessions.open(user_id, means="passkey", browser="Firefox on Linux")
        if is_locked:
            visitor = await office.sessions.visitor(token, is_doing=False)
            assert visitor.session is not None
            await office.sessions.lock(visitor.session.token_hash)
        return token

    async def speak(self, language: str) -> None:
        """Let everybody read the pages in a language."""
        for pages in self.pages.values():
            for person in await pages.office.users.everybody():
                await pages.office.users.set_language(person.user_id, language)

    # --- referrals

    async def send(self, node: str, to: str, case: str, kind: str, **changes: Any) -> str:
        """Refer a case; return the leg."""
        now_ms = self.clock.now_ms()
        values = {
            **_LEGAL_BASIS, "to": to, "kind": kind, "case_id": self.ids[case], "urgency": 3,
            "ask": "Please look for this child, and tell us what you hear.", "field": _FIELDS,
            "police_informed": "with_reference", "reply_by_ms": now_ms + 8 * HOUR_MS,
            "expires_at_ms": now_ms + 28 * DAY_MS, **changes,
        }  # fmt: skip
        return str((await self.ask(node, "referral.send", **values))["leg"])

    async def step(self, node: str, leg: str, name: str, **fields: Any) -> None:
        """Make a step, and wait until both sides have it."""
        await self.ask(node, "referral.step", leg=leg, step=name, **fields)
        await self.arrives(leg)

    async def arrives(self, leg: str) -> None:
        """Wait until both nodes have all steps of a leg, with their receipts."""

        async def is_same() -> bool:
            counts = []
            for name in (BE, GR):
                rows = [v for v in await self.cores[name].legs.list() if v.row.leg_id.hex() == leg]
                counts.append([len(row.messages) for row in rows])
                if any(message.settled is None for row in rows for message in row.messages):
                    return False
            return counts[0] == counts[1] != []

        await until(is_same, rounds=20_000)


@contextmanager
def open_exhibition(folder: Path) -> Iterator[Exhibition]:
    """Open the nodes, and let the past happen."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    clock, link = SettableClock(NOW_MS - PAST_MS), DirectLink()
    today = datetime.datetime.fromtimestamp(NOW_MS / 1000, datetime.UTC).date()
    records = {**RECORDS, FR: {**RECORDS[FR], "agreement_until": today + datetime.timedelta(12)}}
    federation = make_federation(folder, tuple(records), now_ms=clock.at_ms, records=records)
    ports = dict(zip((BE, GR), free_ports(2), strict=True))
    shown = Exhibition(
        cores={name: open_core(federation, name, link, clock) for name in (BE, GR)},
        pages={},
        origins={name: f"http://localhost:{port}" for name, port in ports.items()},
        clock=clock,
        loop=loop,
    )
    shown.pages = {name: _pages(shown, name, port) for name, port in ports.items()}
    try:
        shown.run(_begin(shown))
        yield shown
    finally:
        shown.run(_end(shown))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()


def _pages(shown: Exhibition, name: str, port: int) -> Pages:
    settings = Settings(node_id=name, pages_port=port)
    return Pages(
        shown.cores[name],
        settings,
        lambda page, error: shown.faults.append((page, error)),
        passwords=Passwords(CHEAP),
    )


async def _begin(shown: Exhibition) -> None:
    for name in shown.cores:
        await shown.pages[name].start()
        await shown.cores[name].start()
    await _people(shown)
    await _cases(shown)
    await _long_ago(shown)
    await _today(shown)
    await _for_a_second_person(shown)


async def _end(shown: Exhibition) -> None:
    for name in shown.cores:
        await shown.pages[name].stop()
        await shown.cores[name].close()


async def _people(shown: Exhibition) -> None:
    people = {
        "Anna": Role.CASEWORKER, "Berta": Role.SUPERVISOR, "Otto": Role.OPERATOR,
        "Dora": Role.AUDITOR, "Ada": Role.ADMINISTRATOR,
    }  # fmt: skip
    for name, role in people.items():
        await shown.add_person(BE, name, role)
    await shown.add_person(GR, "Nikos", Role.CASEWORKER)
    users = shown.pages[BE].office.users
    shown.ids["anna"] = (await users.named("Anna")).user_id
    await users.ask_reset((await users.named("Otto")).user_id, asked_by="Ada")


async def _cases(shown: Exhibition) -> None:
    now_ms = NOW_MS
    cases = {
        "girl": (BE, invented.in_full(now_ms)),
        "brothers": (BE, invented.between_parents(now_ms)),
        "nephew": (BE, invented.hardly_known("Modelo", "Exemplar")),
        "stranger": (BE, invented.hardly_known("سامي", "مثال", "Arab")),
        "erased": (BE, invented.hardly_known("Probe", "Muster")),
        "greek": (GR, invented.hardly_known("Παράδειγμα", "Δοκιμή", "Grek")),
        "lost": (GR, invented.hardly_known("Samir", "Exemplar", category="lost_injured_other")),
    }
    for name, (node, case) in cases.items():
        photos = [invented.photo(name)] if name in ("girl", "greek") else []
        added = await shown.ask(
            node, "case.add", case=case, photos=photos, not_a_duplicate=True,
            reason="a call to the hotline",
        )  # fmt: skip
        shown.ids[name] = added["case_id"]


async def _long_ago(shown: Exhibition) -> None:
    """What is waited for, is over, or was erased."""
    ids = shown.ids
    shown.clock.at_ms = NOW_MS - 26 * HOUR_MS
    ids["done"] = await _accepted(shown, BE, GR, "brothers", "info_request")
    await shown.step(GR, ids["done"], "outcome", **_outcome(shown))
    await shown.step(BE, ids["done"], "confirm")
    ids["declined"] = await shown.send(BE, GR, "brothers", "tracing_request")
    await _claimed(shown, GR, ids["declined"])
    await shown.step(
        GR, ids["declined"], "decline", reason="no_capacity", suggest=FR,
        text="We are two people until Monday.", language="en",
    )  # fmt: skip
    ids["asked"] = await _accepted(shown, BE, GR, "girl", "tracing_request", file_ids=["f1"])
    ids["reported"] = await _accepted(shown, BE, GR, "nephew", "tracing_request")
    ids["undelivered"] = await shown.send(BE, FR, "girl", "alert", urgency=2)
    for name in ("given_up", "told"):
        ids[name] = await shown.send(
            BE, FR, "nephew", "info_request", expires_at_ms=NOW_MS - 6 * HOUR_MS
        )  # fmt: skip
    await shown.ask(BE, "case.erase", case_id=ids["erased"], reason="retention_over")
    shown.clock.at_ms = NOW_MS - 5 * HOUR_MS
    await shown.step(GR, ids["asked"], "ask", text="Which shoes was she wearing?", language="en")
    await shown.step(GR, ids["reported"], "outcome", **_outcome(shown))
    await shown.ask(
        BE, "case.change", case_id=ids["girl"], remove=[], photos=[], reason="her carer rang",
        set=["children[c1].description.build=medium", "files[f1].may_publish=yes"],
    )  # fmt: skip
    await _given_up(shown)
    shown.clock.at_ms = NOW_MS


async def _given_up(shown: Exhibition) -> None:
    """What was over before it could be delivered; of one of them they were told by telephone."""
    core = shown.cores[BE]
    await core.descriptors.refresh(NodeId(GR))
    assert await core.answers.expire() == 2
    await shown.ask(BE, "referral.told", leg=shown.ids["told"], how="telephone")


async def _today(shown: Exhibition) -> None:
    """What is new, and what is on its way."""
    ids = shown.ids
    shown.clock.at_ms = NOW_MS - HOUR_MS
    ids["urgent"] = await shown.send(
        GR, BE, "greek", "alert", urgency=1, reply_by_ms=NOW_MS + HOUR_MS,
        ask="He may be on the night train to Brussels. Please look out for him.",
    )  # fmt: skip
    ids["new"] = await shown.send(
        GR, BE, "lost", "tracing_request", urgency=2,
        ask="He has an uncle in Namur. Could he be with him?",
    )  # fmt: skip
    ids["to_erase"] = await _accepted(shown, GR, BE, "lost", "info_request")
    await shown.ask(GR, "referral.ask_erase", leg=ids["to_erase"], reason="retention_over")
    ids["theirs"] = await shown.send(BE, GR, "stranger", "info_request")
    ids["transfer"] = await _accepted(
        shown, BE, GR, "nephew", "transfer", purpose="hand_over_case"
    )  # fmt: skip
    for name in ("urgent", "new", "to_erase", "theirs"):
        await shown.arrives(ids[name])
    shown.clock.at_ms = NOW_MS


async def _for_a_second_person(shown: Exhibition) -> None:
    """What waits for somebody else: a draft with a sensitive field, and a one-time link."""
    shown.ids["invited"] = await shown.add_person(BE, "Ines", Role.CASEWORKER)
    passport = "children.identity_documents.number"
    asked = await shown.ask(
        BE, "referral.send", **_LEGAL_BASIS, to=GR, kind="info_request", urgency=2,
        case_id=shown.ids["girl"], ask="Did she cross the border at Idomeni?",
        field=[*_FIELDS, passport], sensitive_reason="The border police ask for the number.",
        police_informed="with_reference", reply_by_ms=0,
        expires_at_ms=shown.clock.now_ms() + 28 * DAY_MS,
    )  # fmt: skip
    shown.ids["approval"] = asked["approval"]


async def _accepted(
    shown: Exhibition, node: str, to: str, case: str, kind: str, **changes: Any
) -> str:
    leg = await shown.send(node, to, case, kind, **changes)
    await _claimed(shown, to, leg)
    await shown.step(to, leg, "accept", case_number="2027-88")
    return leg


async def _claimed(shown: Exhibition, node: str, leg: str) -> None:
    await shown.arrives(leg)
    name, telephone = ("Anna", "+3225550177") if node == BE else ("Nikos", "+302105550177")
    await shown.step(node, leg, "claim", contact=name, telephone=telephone)


def _outcome(shown: Exhibition) -> dict[str, Any]:
    return {
        "outcome": "located_safe", "found_by": "carer", "authority_told": "police",
        "condition": "well", "told_to": ["police"], "language": "en",
        "text": "He came to our day centre, and is safe.",
        "happened_at_ms": shown.clock.now_ms() - HOUR_MS,
    }  # fmt: skip
