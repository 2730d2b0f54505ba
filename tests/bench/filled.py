"""A node's home as it is after years: many cases, thousands of referrals, people, looks.

The cases are those of tests/support/inventing, with what lists and figures count; the
referrals are those of stories.py, so that every page has all it shows. What is made can be
kept for another run.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keys.identity import create_identity
from keys.members import OpeningHours
from node.app import Core, Surroundings
from node.cases.keeping import keep_version
from node.config import Settings, write_settings
from node.home import Home
from node.store import accesses, approvals, cases, erasures, users
from node.store.accesses import AccessRow
from node.store.approvals import ApprovalRow
from node.store.cases import CaseRow
from node.store.db import Store, Transaction
from node.store.erasures import EndRow
from node.users.accounts import Users
from node.users.policy import Role
from node.users.secrets import Costs, Passwords
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2
from tests.bench.stories import BE, DAY_MS, DOWN, MADE_BY, PEERS, STORY_DAYS, Story
from tests.support.inventing.cases import invented_case
from tests.support.nodes import DirectLink, SettableClock, inline, make_federation, seeded

TOP = Path(__file__).resolve().parents[2]
OTHERS = tuple(f"it.example{number}" for number in range(24))
CASES_PER_TRANSACTION = 1000
CHEAP = Costs(rounds=1, memory_kib=8)
# What a home is made from: another one is made when something of it has changed.
MADE_FROM = (
    "node/finding", "node/store", "node/cases", "tests/support/inventing",
    "tests/bench/filled.py", "tests/bench/stories.py",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is in a home."""

    cases: int
    referrals: int
    looks: int


FULL = Amount(cases=100_000, referrals=4000, looks=20_000)
QUICK = Amount(cases=5000, referrals=300, looks=2000)

_CATEGORIES = (
    "runaway", "parental_abduction_national", "parental_abduction_international",
    "third_person_abduction", "unaccompanied_migrant", "lost_injured_other",
)  # fmt: skip


class Filled:
    """Makes filled homes, and gives each as a copy that its user may change."""

    def __init__(self, folder: Path, kept: Path | None = None) -> None:
        """Homes are made in `folder`, or in `kept` and taken from there again."""
        self._folder = kept or folder

    def home(self, amount: Amount, copy: Path) -> Home:
        """Return a home that was filled with so much, in a copy."""
        made = self._folder / f"{amount.cases}-{_source_digest()}"
        if not (made / "done").exists():
            shutil.rmtree(made, ignore_errors=True)
            started = time.perf_counter()
            asyncio.run(_make(made, amount))
            (made / "done").touch()
            print(f"made a home with {amount.cases} cases in {time.perf_counter() - started:.0f} s")
        shutil.copytree(made / BE, copy / BE)
        return Home(copy / BE)


def identity_of_home() -> Any:
    """Return the identity of every filled home."""
    return create_identity(NodeId(BE), seeded(f"identity {BE}"))


def open_core(home: Home, link: Any, clock: Any, seed: str) -> Core:
    """Open the node of a home in this process."""
    name = home.folder.name
    surroundings = Surroundings(
        clock=clock, random=seeded(seed), link=link, run_writes=inline, run_reads=inline,
        compute=inline, disk=inline, begin=lambda make: make, report=lambda *_: None,
        on_durable=lambda _: None,
    )  # fmt: skip
    identity = create_identity(NodeId(name), seeded(f"identity {name}"))
    return Core(home, identity, surroundings, now_ms=clock.now_ms())


def _source_digest() -> str:
    """Stand for what a home is made from, and for the day: its directory grows old."""
    digest = hashlib.sha256(str(time.time_ns() // 1_000_000 // DAY_MS).encode())
    for name in MADE_FROM:
        path = TOP / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


async def _make(folder: Path, amount: Amount) -> None:
    now_ms = time.time_ns() // 1_000_000
    names = (BE, *PEERS, DOWN, *OTHERS)
    week = tuple(OpeningHours(day, 9 * 60, 17 * 60) for day in range(1, 6))
    federation = make_federation(
        folder, names, now_ms=now_ms - STORY_DAYS * DAY_MS,
        records={
            name: {"hours": week, "time_zone": "Europe/Brussels", "languages": ("en", "fr"),
                   "country": name[:2].upper()}
            for name in names
        },
    )  # fmt: skip
    clock, link = SettableClock(now_ms - (STORY_DAYS - 1) * DAY_MS), DirectLink()
    home, identity = federation.home(BE), federation.identities[BE]
    store = Store(home.database, identity.database_key, run_writes=inline, run_reads=inline)
    fill_cases(store, amount.cases, now_ms)
    await store.close()
    own = open_core(home, link, clock, "own")
    cores = {name: open_core(federation.home(name), link, clock, name) for name in PEERS}
    for name, core in (*cores.items(), (BE, own)):
        link.services[f"https://{name}.invalid"] = core
    try:
        await Story(own, cores, clock, amount.referrals).play()
        clock.at_ms = now_ms
        await own.reminding.look()
        await _add_people(own)
        await own.store.write(lambda db: _add_rows(db, amount, now_ms))
    finally:
        for core in (own, *cores.values()):
            await core.close()


# --- cases


def fill_cases(store: Store, count: int, now_ms: int) -> None:
    """Store and index invented cases."""
    database = store._writer
    chance, more = random.Random("people"), random.Random("more")
    for start in range(0, count, CASES_PER_TRANSACTION):
        database.execute("BEGIN IMMEDIATE")
        for number in range(start, min(start + CASES_PER_TRANSACTION, count)):
            case = invented_case(number, chance)
            at_ms = now_ms - int((count - number) / count * 12 * 365) * DAY_MS
            _go_on(case, more, at_ms)
            if number == 0:
                _make_large(case)
            _add_case(database, case, at_ms, now_ms)
        database.execute("COMMIT")


def _go_on(case: case_pb2.Case, chance: random.Random, at_ms: int) -> None:
    """Add what lists and figures count: it changes nothing that people look for."""
    is_closed = chance.random() < 0.9
    case.status, case.category = "closed" if is_closed else "open", chance.choice(_CATEGORIES)
    case.lead_node, case.child_count = BE, len(case.children)
    case.cross_border = chance.choice(("none", "possible", "confirmed"))
    case.urgency = chance.choice((1, 2, 3, 3, 4))
    case.reported_missing_at.at_ms, case.reported_missing_at.precision = at_ms, "day"
    case.opened_at.at_ms, case.opened_at.precision = at_ms, "day"
    for name in (name for each in (*case.children, *case.persons) for name in each.names):
        # In the generator it says in which language the name is.
        name.ClearField("script")
    for child in case.children:
        child.status = "back" if is_closed else "missing"
        child.age_band = chance.choice(("6_to_9", "10_to_12", "13_to_15", "16_to_17"))
    if is_closed:
        found_ms = at_ms + chance.randint(1, 90) * DAY_MS
        case.found_at.at_ms, case.found_at.precision = found_ms, "day"
        case.closed_at.at_ms, case.closed_at.precision = found_ms, "day"
    if chance.random() < 0.2:
        ends = time.gmtime((at_ms + 400 * DAY_MS) / 1000)
        consent = case.consents.add(id="k1", answer="given", purposes=["locate_child"])
        consent.expires_on.year, consent.expires_on.month = ends.tm_year, ends.tm_mon
        consent.expires_on.day, consent.expires_on.precision = ends.tm_mday, "day"


def _make_large(case: case_pb2.Case) -> None:
    """Let one case have as much of everything as a long search leaves behind."""
    case.status = "open"
    case.children[0].identity_documents.add(type="passport", number="XX0000000")
    for number in range(2, 4):
        child = case.children.add()
        child.CopyFrom(case.children[0])
        child.id = f"c{number}"
    case.child_count = len(case.children)
    for number in range(2, 14):
        person = case.persons.add(id=f"p{number}", roles=["witness"], sex="female")
        person.names.add(given=f"Testina {number}", family="Fictiva", script="Latn")
        person.contact_points.add(kind="telephone", value=f"+322555{number:04}")
    for number in range(1, 41):
        sighting = case.circumstances.sightings.add(
            id=f"s{number}", child_ids=["c1"], seen_by="public"
        )
        sighting.place.country = "BE"
        sighting.text.text, sighting.text.language = "Invented words. " * 12, "en"


def _add_case(database: Transaction, case: case_pb2.Case, at_ms: int, now_ms: int) -> None:
    versions = 60 if case.federated_id.endswith("/" + "0" * 26) else 1 + (at_ms // DAY_MS) % 3
    for version in range(1, versions + 1):
        row = CaseRow(
            case_id=case.federated_id, version=version, body=case.SerializeToString(),
            made_at_ms=at_ms + version * 60_000, made_by=MADE_BY, reason="told by the police",
        )  # fmt: skip
        keep_version(database, row, case) if version == versions else cases.add(database, row)
        case.circumstances.text.text = f"Invented words, version {version + 1}."
        case.circumstances.text.language = "en"
    if case.status == "closed" and at_ms + 1500 * DAY_MS > now_ms:
        end = EndRow(
            case_id=case.federated_id, outcome="located_safe", ended_at_ms=case.closed_at.at_ms,
            kept_until_ms=case.closed_at.at_ms + 1500 * DAY_MS,
        )  # fmt: skip
        erasures.put_end(database, end)


# --- people, and what they leave behind


async def _add_people(own: Core) -> None:
    people = Users(own.context, Passwords(CHEAP))
    for role in Role:
        for number in range(6):
            await people.add(f"{role.value} {number}", role.value, language="en", added_by="test")


def _add_rows(db: Transaction, amount: Amount, now_ms: int) -> None:
    chance = random.Random("rows")
    ids = [row[0] for row in db.execute("SELECT case_id FROM case_versions WHERE version = 1")]
    everybody = users.everybody(db)
    for number in range(amount.looks):
        at_ms = now_ms - chance.randint(0, 300 * DAY_MS)
        who, subject = chance.choice(everybody).name, chance.choice(ids)
        accesses.add(db, AccessRow(
            who=who, action="case.show", subject=subject, at_ms=at_ms, until_ms=at_ms + number,
        ))  # fmt: skip
    for number in range(amount.looks // 40):
        approvals.add(db, ApprovalRow(
            approval_id=seeded(f"approval {number}")(16), step="referral", peers=PEERS[0],
            leg_id=None, case_id=chance.choice(ids), case_version=1, choice="", digest=bytes(32),
            reason="", asked_by=MADE_BY, asked_at_ms=now_ms - number * 3_600_000,
            expires_at_ms=now_ms, decision="approved", decided_by="supervisor 1",
            decided_at_ms=now_ms - number * 3_500_000,
        ))  # fmt: skip
    for person in everybody:
        for number in range(10):
            body, case_id = '[["category", "runaway"]]', chance.choice(ids)
            users.keep_draft(db, person.user_id, f"/edit/about{number}/{case_id}", body,
                             at_ms=now_ms)  # fmt: skip


@asynccontextmanager
async def opened(home: Home):
    """Open the node of a filled home in this process; nothing is delivered."""
    clock = SettableClock(time.time_ns() // 1_000_000)
    core = open_core(home, DirectLink(), clock, f"again {clock.at_ms}")
    try:
        yield core
    finally:
        await core.close()


def set_ports(home: Home, *, pages_port: int) -> None:
    """Write the settings of a home that is to run by itself."""
    write_settings(home.folder, Settings(node_id=BE, listen_port=0, pages_port=pages_port))
