"""Node: how the machine is doing, in words for whoever looks after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aiohttp import web

from node.commands.arguments import Answer
from node.forms import pdf
from node.users.policy import Action
from node.web.rendering import catalogue
from node.web.visit import Route, Visit
from protocol import limits

Gettext = Callable[[str], str]

FULL_BYTES = 200 * limits.MIB
NEARLY_FULL_BYTES = 2 * limits.GIB
# The secretariat renews the directory every few days; less than this left is late.
DIRECTORY_NOTICE_MS = 2 * 24 * 3600 * 1000
# After this long, a message that waits is a matter for the telephone.
LATE_MS = 3600 * 1000
_KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be, and what to do."""

    is_grave: bool
    words: str
    hint: str


async def show_node(visit: Visit) -> web.StreamResponse:
    """How the node is doing."""
    return await _page(visit, None)


async def check(visit: Visit) -> web.StreamResponse:
    """Read the whole database, because somebody asks."""
    return await _page(visit, await visit.command("node.check"))


async def _page(visit: Visit, database: Answer | None) -> web.StreamResponse:
    health = await visit.command("node.health")
    words = catalogue(visit.language).gettext
    return visit.page(
        "node.html",
        health=health,
        findings=list(findings(health, words)),
        database=database,
        sizes={
            name: size_words(health[f"{name}_bytes"])
            for name in ("home", "database", "disk_free", "disk")
        },
        pages_address=visit.office.party.origin,
        pdf=await visit.core.context.compute(pdf.readiness),
    )


def size_words(size: int) -> str:
    """Return a size as people write it."""
    for unit, name in ((limits.GIB, "GiB"), (limits.MIB, "MiB"), (_KIB, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"


def findings(health: Answer, _: Gettext) -> Iterator[Finding]:
    """Yield what is not as it should be, the gravest first; nothing when all is well."""
    found = [*_of_membership(health, _), *_of_keys(health, _), *_of_machine(health, _)]
    yield from sorted(found, key=lambda finding: not finding.is_grave)


def _fault(words: str, hint: str) -> Finding:
    return Finding(is_grave=True, words=words, hint=hint)


def _care(words: str, hint: str) -> Finding:
    return Finding(is_grave=False, words=words, hint=hint)


def _of_membership(health: Answer, _: Gettext) -> Iterator[Finding]:
    standing = health["standing"]
    call = _("Call the secretariat.")
    if standing == "suspended":
        yield _fault(_("The federation has suspended this node. Nothing goes out."), call)
    elif standing == "revoked":
        yield _fault(_("The federation has excluded this node. Nothing goes out."), call)
    elif standing == "none":
        words = _("The directory does not name this node as a member.")
        yield _fault(words, _("Ask the secretariat."))
        return
    renewing = _("It is fetched from peers by itself. If not, ask the secretariat to publish it.")
    left_ms = health["directory_expires_at_ms"] - health["now_ms"]
    if left_ms <= 0:
        words = _("The directory has expired. Only members that are known already count.")
        yield _fault(words, renewing)
    elif left_ms < DIRECTORY_NOTICE_MS:
        yield _care(_("The directory expires in less than two days."), renewing)


def _of_keys(health: Answer, _: Gettext) -> Iterator[Finding]:
    if health["standing"] == "none":
        return
    keys = {
        "ended": (
            _("This node's signing key has ended. Peers take nothing from it."),
            _("Make another one: homeward keys rotate"),
        ),
        "stolen": (
            _("This node's signing key counts as stolen."),
            _("Make other keys: homeward keys rotate --stolen"),
        ),
        "not_yet": (
            _("This node's signing key is not good yet."),
            _("Is the clock right? Compare it with a time server."),
        ),
        "unknown": (
            _("The directory names this node with another signing key."),
            _("If nobody here has changed the keys, call the secretariat at once."),
        ),
    }
    if health["own_key"] in keys:
        yield _fault(*keys[health["own_key"]])
    descriptor = health["descriptor"]
    if descriptor is None or not descriptor["is_current"]:
        words = _("This node's present encryption keys are not published.")
        yield _fault(words, _("It does so within the hour. If not, look into node.log."))
    if any(epoch["state"] == "overdue" for epoch in health["keys_on_disk"]):
        words = _("An old encryption key should be destroyed.")
        yield _care(words, _("The node does so within the hour."))


def _of_machine(health: Answer, _: Gettext) -> Iterator[Finding]:
    if health["clock_ahead_ms"] is not None:
        words = _("This computer's clock is probably wrong.")
        yield _fault(words, _("Set it, and let a time server keep it right."))
    silent, active = health["peers_silent"], health["peers_active"]
    if silent and silent >= min(2, active):
        words = _("No peer can be reached.")
        yield _care(words, _("Check this computer's connection to the Internet."))
    free = health["disk_free_bytes"]
    if free < NEARLY_FULL_BYTES:
        words = _("The disk is nearly full.")
        hint = _("Messages are refused when it is full.")
        yield _fault(words, hint) if free < FULL_BYTES else _care(words, hint)
    if health["open_to_others"]:
        words = _("Other users of this computer may read files of the node.")
        yield _fault(words, _("Take that right from them: chmod -R go= HOME"))
    oldest_ms = health["oldest_waiting_ms"]
    if oldest_ms is not None and health["now_ms"] - oldest_ms >= LATE_MS:
        words = _("A message has waited for more than an hour.")
        yield _care(words, _("See Peers, and telephone."))


ROUTES = (
    Route("GET", "/node", Action.SEE_NODE, show_node),
    Route("POST", "/node", Action.SEE_NODE, check),
)
