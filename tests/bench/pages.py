"""The pages of a node with many cases: how long the server needs for each, and how large.

Every page of the router is asked for by somebody who may see it, one request after
another on a connection that is kept; so is what people do most often: search, save a
field, look at what a peer will see, send. Beside it stands a bare aiohttp page with one
read from an encrypted database (see `bare_page`).
"""

from __future__ import annotations

import asyncio
import faulthandler
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from statistics import median

from node.cli.demo.processes import free_ports
from node.commands import run_command
from node.exchange.legs import LegView
from node.home import Home
from node.store import users
from node.users.accounts import Users
from node.users.policy import Access, Action, Role, is_allowed
from node.users.secrets import Passwords
from node.users.sessions import Sessions
from node.web.casefile import TABS
from node.web.server import ROUTES
from node.web.step_forms import WITH_PART
from tests.bench.browsing import Answer, Browser, Fields, form_on
from tests.bench.filled import CHEAP, FULL, PEERS, QUICK, Filled, opened, set_ports
from tests.bench.processes import MIB, resident_bytes, running

Show = Callable[[str, str, str], None]

REQUESTS = 30
# A page that is far too slow is not asked for so often.
LONGEST_SECONDS, FEWEST = 4.0, 3
DESKS, POLLS = 20, 3
SLOWEST = 10
LIMIT_MS, LIMIT_KIB = 60, 150
LONGEST_RUN_SECONDS = 1500.0
LONGEST_LIFE_SECONDS = 900.0
ROLES = (Role.CASEWORKER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)
# Pages that are different ones under the same address.
VARIANTS = {
    "/cases": ("?show=hits",),
    "/cases/{case:.+}": tuple(f"?tab={tab}" for tab in TABS[1:]),
    "/referrals": ("?whose=ours&ended=open",),
    "/audit/accesses": ("?of={case}",),
    "/figures": ("?show=publish",),
    "/sent": ("?legs={legs}",),
}
PART = re.compile(r"\{(\w+)(?::[^{}]+)?\}")
PASSPORT = "children.identity_documents.number"
WHO = {
    "to": [PEERS[0]], "kind": ["tracing_request"], "urgency": ["3"], "language": ["en"],
    "ask": ["Invented: is she with her aunt?"], "purpose": ["locate_child"],
    "art6": ["public_task"], "police_informed": ["with_reference"],
}  # fmt: skip
WHAT = {"has_chosen": ["yes"], "to_page": ["third"],
        "field": ["category", "children.names.given", "children.names.family"]}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What of a filled home the addresses of pages name."""

    tokens: dict[Role, str]
    locked: str
    desks: tuple[str, ...]
    parts: dict[str, tuple[str, ...]]


@dataclass(slots=True)
class Times:
    """How long one page took, each time."""

    name: str
    seconds: list[float]
    size: int = 0
    is_partial: bool = False

    @property
    def middle_ms(self) -> float:
        """The median."""
        return median(self.seconds) * 1000

    @property
    def late_ms(self) -> float:
        """What 95 of 100 stay below."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)] * 1000


@dataclass(slots=True)
class Measuring:
    """The pages that were measured so far, and those that could not be."""

    port: int
    found: Found
    times: list[Times] = field(default_factory=list)
    unmeasured: list[str] = field(default_factory=list)

    def browser(self, action: Action) -> Browser | None:
        """Return the browser of the first who may do this."""
        if is_allowed(action, Access.NOBODY):
            return Browser(self.port)
        if is_allowed(action, Access.LOCKED) and action is Action.UNLOCK:
            return Browser(self.port, self.found.locked)
        for role in ROLES:
            if is_allowed(action, Access.SIGNED_IN, role):
                return Browser(self.port, self.found.tokens[role])
        return None

    def page(self, name: str, ask: Callable[[], Answer], browser: Browser) -> None:
        """Measure one page; what is no page is left out."""
        first = ask()
        if first.status != 200 or first.kind != "text/html":
            if first.kind == "text/html" or first.status != 200:
                self.unmeasured.append(f"{name} ({first.status})")
            return
        is_whole = first.text.lstrip()[:9].lower() == "<!doctype"
        size = browser.first_load(first) if is_whole else first.size
        seconds = repeated(lambda: ask().seconds)
        self.times.append(Times(name, seconds, size, is_partial=not is_whole))

    def act(self, name: str, once: Callable[[], float]) -> None:
        """Measure what somebody does."""
        self.times.append(Times(name, repeated(once), is_partial=True))


def repeated(once: Callable[[], float]) -> list[float]:
    """Return the times of many requests; of fewer where each takes long."""
    seconds: list[float] = []
    while len(seconds) < REQUESTS and (len(seconds) < FEWEST or sum(seconds) < LONGEST_SECONDS):
        seconds.append(once())
    return seconds


def measure(folder: Path, show: Show, *, filled: Filled, is_quick: bool) -> None:
    """Print the figures beside their limits."""
    faulthandler.dump_traceback_later(LONGEST_RUN_SECONDS, exit=True)
    bare = measure_bare(folder)
    home = filled.home(QUICK if is_quick else FULL, folder)
    (port,) = free_ports(1)
    set_ports(home, pages_port=port)
    found = asyncio.run(look_around(home))
    arguments = ("node", "node", "run", "--home", str(home.folder))
    with running(*arguments, longest_life_seconds=LONGEST_LIFE_SECONDS) as (process_id, _):
        measuring = Measuring(port, found)
        measure_acts(measuring)
        for route in ROUTES:
            if route.method == "GET":
                measure_route(measuring, route.path, route.action)
        tell(measuring, show, bare)
        measure_desks(port, found, show)
        held = f"{resident_bytes(process_id) / MIB:.0f} MiB"
        show("memory of the node after all pages", held, "none")


def measure_bare(folder: Path) -> float:
    """Return the median time of a bare page."""
    with running("tests.bench.bare_page", str(folder)) as (_, line):
        browser = Browser(int(line))
        browser.get("/")
        return median(browser.get("/").seconds for _ in range(10 * REQUESTS))


def tell(measuring: Measuring, show: Show, bare: float) -> None:
    """Print the slowest pages, and what counts of all of them."""
    times = sorted(measuring.times, key=lambda each: -each.middle_ms)
    for each in times[:SLOWEST]:
        show(f"page {each.name}, median and 95th percentile",
             f"{each.middle_ms:.1f}, {each.late_ms:.1f} ms", "none")  # fmt: skip
    show(f"slowest of {len(times)} pages, median ({times[0].name})",
         f"{times[0].middle_ms:.1f} ms", f"< {LIMIT_MS} ms")  # fmt: skip
    middle = median(each.middle_ms for each in times)
    show("bare page with one read", f"{bare * 1000:.1f} ms", "none")
    show("median page to bare page", f"{middle / (bare * 1000):.1f}", "none")
    heaviest = max((each for each in times if not each.is_partial), key=lambda each: each.size)
    show(f"heaviest first load ({heaviest.name})",
         f"{heaviest.size / 1024:.0f} KiB", f"< {LIMIT_KIB} KiB")  # fmt: skip
    if measuring.unmeasured:
        print(f"not measured: {', '.join(measuring.unmeasured)}", flush=True)


# --- what there is


async def look_around(home: Home) -> Found:
    """Sign people in, and return what the addresses of pages can name."""
    async with opened(home) as core:
        sessions, people = Sessions(core.context), Users(core.context, Passwords(CHEAP))
        everybody = await core.store.read(users.everybody)
        tokens, desks = {}, []
        for role in ROLES:
            person = next(each for each in everybody if each.role == role)
            tokens[role] = await sessions.open(person.user_id, means="password", browser="Test")
        for person in [each for each in everybody if each.role == Role.CASEWORKER] * DESKS:
            if len(desks) < DESKS:
                desks.append(await sessions.open(person.user_id, means="passkey", browser="Test"))
        locked = await sessions.open(everybody[-1].user_id, means="password", browser="Test")
        visitor = await sessions.visitor(locked, is_doing=False)
        assert visitor.session is not None
        await sessions.lock(visitor.session.token_hash)
        invited = await people.add("Newcomer", "caseworker", language="en", added_by="test")
        case_id = (await core.store.read(_first_case)) or ""
        legs = await core.legs.list()
        sent, received = (_longest(legs, case_id, side) for side in ("sender", "recipient"))
        draft = await _draft(core, case_id)
        parts = {
            "case": (case_id,),
            "section": ("case", "children", "persons", "circumstances"),
            "approval": (draft,),
            "leg": (sent, received),
            "legs": (",".join(view.row.leg_id.hex() for view in legs[:5]),),
            "number": ("1",),
            "step": WITH_PART,
            "token": (invited,),
            "file": ("f1",),
            "user": (everybody[0].user_id,),
        }
        return Found(tokens, locked, tuple(desks), parts)


def _first_case(db: users.Database) -> str:
    return str(db.execute("SELECT min(case_id) FROM case_versions").fetchone()[0])


def _longest(legs: list[LegView], case_id: str, side: str) -> str:
    """Return the referral with the most steps that goes on; of the large case, if it was sent."""
    fitting = [
        view for view in legs
        if view.side == side and view.allowed and (side != "sender" or view.row.case_id == case_id)
    ]  # fmt: skip
    return max(fitting, key=lambda view: len(view.messages)).row.leg_id.hex()


async def _draft(core, case_id: str) -> str:
    """Return a draft that waits for a second person."""
    values = {name: value[0] for name, value in WHO.items()}
    values |= {
        "case_id": case_id, "urgency": 3, "field": ["category", PASSPORT],
        "sensitive_reason": "The border police ask for it.", "made_by": "Nikos",
        "expires_at_ms": core.context.clock.now_ms() + 20 * 86_400_000,
    }  # fmt: skip
    return str((await run_command(core, "referral.send", values))["approval"])


# --- pages


def measure_route(measuring: Measuring, path: str, action: Action) -> None:
    """Measure a page of the router, with everything that can stand in its address."""
    browser = measuring.browser(action)
    if browser is None:
        measuring.unmeasured.append(path)
        return
    if unknown := {*PART.findall(path)} - {*measuring.found.parts}:
        measuring.unmeasured.append(f"{path} (nothing known for {', '.join(unknown)})")
        return
    for variant in ("", *VARIANTS.get(path, ())):
        for address in addresses(path + variant, measuring.found.parts):
            name = named(address, measuring.found)
            measuring.page(name, lambda address=address: browser.get(address), browser)
    browser.close()


def addresses(path: str, parts: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the addresses of a route."""
    names = list(dict.fromkeys(PART.findall(path)))
    for values in product(*(parts[name] for name in names)):
        filled = dict(zip(names, values, strict=True))
        yield PART.sub(lambda match, filled=filled: filled[match[1]], path)


def named(address: str, found: Found) -> str:
    """Return an address with words in place of ids."""
    for name in ("legs", "leg", "case", "approval", "token", "user"):
        for number, value in enumerate(found.parts[name]):
            address = address.replace(value, f"<{name}{number or ''}>")
    return address


# --- what people do


def measure_acts(measuring: Measuring) -> None:
    """Measure the forms that are sent most often; they leave behind what pages then show."""
    browser = measuring.browser(Action.REFER)
    assert browser is not None
    (case_id,) = measuring.found.parts["case"]

    def refer() -> float:
        browser.post(f"/refer/{case_id}", WHO)
        browser.post(f"/refer-what/{case_id}", WHAT)
        fields = form_on(browser.get(f"/refer-check/{case_id}").text, f"/refer-check/{case_id}")
        return sent(browser, f"/refer-check/{case_id}", fields)

    def save(number: list[int]) -> float:
        path = f"/edit/case/{case_id}"
        fields = form_on(browser.get(path).text, path)
        number[0] += 1
        name = next(name for name in fields if "local_case_number" in name)
        return sent(browser, path, {**fields, name: [f"BE-{number[0]}"], "reason": ["a letter"]})

    queries = iter(range(1_000_000))
    measuring.act(
        "POST /cases (search)",
        lambda: sent(browser, "/cases", {"q": [f"Testina {next(queries) % 12}"]}),
    )
    measuring.act("POST /edit (save a field)", lambda number=[0]: save(number))
    measuring.act("POST /refer-check (send)", refer)
    browser.post(f"/refer/{case_id}", WHO)
    measuring.act(
        "POST /refer-what (ticks)",
        lambda: browser.post(f"/refer-what/{case_id}", {**WHAT, "to_page": [""]},
                             is_partial=True).seconds,
    )  # fmt: skip
    for leg, step in product(measuring.found.parts["leg"], WITH_PART):
        grounds = {name: WHO[name] for name in ("purpose", "art6", "police_informed")}
        fields = {"has_chosen": ["yes"], "field": ["category"], "text": ["Invented words."],
                  "question": ["2"], **grounds}  # fmt: skip
        browser.post(f"/referrals/{leg}/part/{step}", fields)
    browser.close()


def sent(browser: Browser, path: str, fields: Fields) -> float:
    """Return how long the answer to a form took, which must lead on."""
    answer = browser.post(path, fields)
    if answer.status != 303:
        raise RuntimeError(f"a form was refused ({answer.status})")
    return answer.seconds


# --- pages that ask by themselves


def measure_desks(port: int, found: Found, show: Show) -> None:
    """Let many desks renew themselves at the same moment."""
    seconds: list[float] = []
    browsers = [Browser(port, token) for token in found.desks]
    for _ in range(POLLS):
        start = threading.Barrier(len(browsers))

        def poll(browser: Browser, start: threading.Barrier = start) -> None:
            start.wait()
            seconds.append(browser.get("/desk/tiles", is_partial=True).seconds)

        threads = [threading.Thread(target=poll, args=(browser,)) for browser in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for browser in browsers:
        browser.close()
    show(f"{DESKS} desks that renew themselves at once, median", f"{median(seconds) * 1000:.0f} ms",
         "none")  # fmt: skip
    show(f"{DESKS} desks at once, the slowest", f"{max(seconds) * 1000:.0f} ms", "none")
