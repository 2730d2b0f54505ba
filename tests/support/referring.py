"""Cases and referrals for tests of the pages: what a person types, and both nodes at work."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf import json_format

from node.commands import run_command
from protocol.pb.homeward.v1 import case_pb2
from tests.support.nodes import until
from tests.support.pages import BE, GR, Answer, PagesUnderTest

FIRST = {
    "to": GR,
    "kind": "tracing_request",
    "urgency": "3",
    "ask": "Is she with her aunt?",
    "language": "en",
    "purpose": "locate_child",
    "art6": "public_task",
    "police_informed": "with_reference",
}
NAMES = ["children.names.given", "children.names.family"]
PASSPORT = "children.identity_documents.number"
SECOND = {"has_chosen": "yes", "field": ["category", *NAMES], "to_page": "third"}


async def ask(web: PagesUnderTest, node: str, command: str, **arguments: Any) -> Any:
    """Run a command at a node, as somebody else than who is at the pages."""
    return await run_command(web.cores[node], command, {"made_by": "Nikos", **arguments})


async def add_case(web: PagesUnderTest, node: str = BE, **more: Any) -> str:
    """Keep a case; return its id."""
    case = case_pb2.Case(category="runaway", **more)
    child = case.children.add(id="c1", sex="female")
    child.names.add(given="Testina", family="Fictiva", script="Latn")
    child.identity_documents.add(type="passport", number="XX0000000")
    added = await ask(
        web, node, "case.add", case=json_format.MessageToJson(case), not_a_duplicate=True
    )
    return str(added["case_id"])


async def send(web: PagesUnderTest, node: str, to: str, case_id: str, **changes: Any) -> str:
    """Refer a case from one node to the other by command; return the leg once it is there."""
    now_ms = web.clock.now_ms()
    values = {
        **FIRST, "to": to, "urgency": 3, "case_id": case_id, "field": SECOND["field"],
        "reply_by_ms": 0, "expires_at_ms": now_ms + 20 * 86_400_000, **changes,
    }  # fmt: skip
    leg = (await ask(web, node, "referral.send", **values))["leg"]
    await arrives(web, leg)
    return str(leg)


async def start(web: PagesUnderTest) -> None:
    """Let both nodes deliver."""
    for core in web.cores.values():
        await core.start()


async def arrives(web: PagesUnderTest, leg: str) -> None:
    """Wait until both nodes have the same steps, with their receipts."""

    async def is_same() -> bool:
        counts = []
        for core in web.cores.values():
            rows = [view for view in await core.legs.list() if view.row.leg_id.hex() == leg]
            counts.append([len(row.messages) for row in rows])
            if any(message.settled is None for row in rows for message in row.messages):
                return False
        return counts[0] == counts[1] != []

    await until(is_same)


async def claim_and_accept(web: PagesUnderTest, node: str, leg: str) -> None:
    """Take a referral on at a node."""
    await ask(web, node, "referral.step", leg=leg, step="claim", contact="N", telephone="+301")
    await ask(web, node, "referral.step", leg=leg, step="accept", case_number="GR-1")
    await arrives(web, leg)


async def chosen(
    web: PagesUnderTest, token: str, case_id: str, first: Any = None, second: Any = None
) -> Answer:
    """Fill in the first two pages; return the answer to the second."""
    await web.post(f"/refer/{case_id}", token, {**FIRST, **(first or {})})
    return await web.post(f"/refer-what/{case_id}", token, {**SECOND, **(second or {})})


async def sent(web: PagesUnderTest, token: str, case_id: str) -> Answer:
    """Send what was chosen, as the last page shows it."""
    page = await web.get(f"/refer-check/{case_id}", token)
    assert page.status == 200, page.location
    return await web.post(f"/refer-check/{case_id}", token, hidden(page))


def hidden(page: Answer, action: str = "") -> dict[str, str]:
    """Return the hidden fields of a page, or of the form that goes to `action`."""
    forms = re.findall(r'<form method="post" action="([^"]*)".*?</form>', page.text, re.DOTALL)
    parts = re.findall(r'<form method="post" action="[^"]*".*?</form>', page.text, re.DOTALL)
    found = [part for to, part in zip(forms, parts, strict=True) if not action or to == action]
    text = "".join(found)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text))
