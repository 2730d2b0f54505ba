"""No error, report or name of a file repeats anything of a case, or of what somebody typed.

Every command is called with valid ids and something else in each other argument; and a list
of commands that are refused, each by its rule. What is refused has changed nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from keys.errors import KeysError
from node.commands import COMMANDS, run_command
from node.errors import NodeError, describe
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.ids import LegId
from protocol.pb.homeward.v1 import case_pb2
from tests.support.contents import accept, ask, claim
from tests.support.network import BE, DAY_MS, FR, GR, Network
from tests.support.nodes import NOW_MS, Federation, make_federation
from tests.support.snapshots import snapshot

FULL, GREEK, OFFICE = "Xantharia Quibblethorpe", "Ξανθαρία", "Zwibbelbureau"
NUMBER, TEXT, VALUE = "ZQ-998877-XX", "Grumpfish lemonade", "flimflam@nowhere.example"
ID, SOURCE = "zorbelina7", "Wobblesworth"
MARKERS = ("xantharia", "quibblethorpe", "ξανθαρία", "zwibbel", "998877", "grumpfish",
           "flimflam", "zorbelina", "wobblesworth")  # fmt: skip
CALLED = (NodeError, KeysError, PolicyRefusal)


def marked_case() -> case_pb2.Case:
    case = case_pb2.Case(category="runaway", status="open")
    child = case.children.add(id=ID, sex="female")
    child.names.add(full=FULL, script="Latn")
    child.names.add(full=GREEK, script="Grek")
    child.contact_points.add(kind="email", value=VALUE)
    police = case.police.add(id="a1", office=OFFICE)
    police.references.add(kind="police_case", number=NUMBER)
    case.circumstances.text.text, case.circumstances.text.language = TEXT, "en"
    case.consents.add(id="k1", answer="given", given_by="child", child_ids=[ID])
    return case


@dataclass
class Desk:
    network: Network
    case_id: str
    leg: str

    def told(self, error: Exception) -> str:
        assert isinstance(error, CALLED)
        return json.dumps(describe(error), ensure_ascii=False).lower()

    async def refused(self, name: str, arguments: dict[str, Any]) -> str:
        """Call a command that must be refused; return its code."""
        core = self.network.cores[BE]
        before = await snapshot(core)
        with pytest.raises(CALLED) as refusal:
            await run_command(core, name, arguments)
        assert await snapshot(core) == before, name
        told = self.told(refusal.value)
        assert not [marker for marker in MARKERS if marker in told], (name, told)
        code: str = json.loads(told)["code"]
        return code


async def _prepare(federation: Federation) -> tuple[str, str]:
    """Let Belgium refer the case to Greece, and Greece ask something; return both ids."""
    network = Network(federation)
    for name in (BE, GR):
        await network.open(name)
    case_id = await network.cores[BE].cases.add(marked_case(), [], made_by="anna", reason="call")
    sent = await run_command(network.cores[BE], "referral.send", sending(case_id))
    leg = LegId(bytes.fromhex(sent["leg"]))
    await network.reach(leg, State.DELIVERED, BE, GR)
    for content in (claim(), accept(), ask()):
        await network.step(GR, leg, content)
    await network.reach(leg, State.INFO_NEEDED, BE, GR)
    await network.close()
    return case_id, sent["leg"]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Federation, str, str]:
    federation = make_federation(tmp_path_factory.mktemp("traces"), (BE, GR, FR))
    return federation, *asyncio.run(_prepare(federation))


@pytest.fixture
async def desk(prepared: tuple[Federation, str, str], tmp_path: Path) -> AsyncIterator[Desk]:
    """Belgium with a marked case and a referral to Greece, which has asked something."""
    federation, case_id, leg = prepared
    network = Network.copied(federation, tmp_path / "homes")
    # What was drawn in the homes' first life is not drawn again.
    network.lives = 10
    await network.open(BE)
    yield Desk(network, case_id, leg)
    await network.close()


def sending(case_id: str, **changes: object) -> dict[str, Any]:
    return {
        "to": GR, "case_id": case_id, "kind": "tracing_request", "urgency": 2,
        "ask": TEXT, "language": "en", "purpose": "locate_child", "art6": "public_task",
        "police_informed": "with_reference", "reply_by_ms": NOW_MS + DAY_MS,
        "expires_at_ms": NOW_MS + 9 * DAY_MS, "made_by": "anna",
        "field": ["children.names", "circumstances.text"], **changes,
    }  # fmt: skip


class Everything(dict[str, Any]):
    """Arguments that hold the same value under every name, but for these."""

    def __init__(self, value: object, **known: object) -> None:
        super().__init__(known)
        self.value = value

    def get(self, key: str, default: object = None) -> Any:
        return super().get(key, self.value)


def anything(case_id: str, leg: str) -> Iterator[Everything]:
    """Yield arguments that are wrong in one way each, with and without what is meant."""
    whole = json_format.MessageToJson(marked_case())
    wrong = FULL, [FULL, TEXT], 10**40, -1, True, {FULL: TEXT}, None, "", [], whole
    for value in wrong:
        yield Everything(value)
        yield Everything(value, case_id=case_id, leg=leg, made_by="anna")
        yield Everything(value, **{**sending(case_id), "to": value, "leg": leg})
        for name in ("note", "hand_over", "answer", "outcome", "withdraw"):
            yield Everything(value, case_id=case_id, leg=leg, made_by="anna", step=name)


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_no_error_of_a_command_repeats_what_it_was_given(desk: Desk, name: str) -> None:
    core = desk.network.cores[BE]
    for arguments in anything(desk.case_id, desk.leg):
        try:
            await run_command(core, name, arguments)
        except CALLED as error:
            told = desk.told(error)
            assert not [marker for marker in MARKERS if marker in told], (arguments, told)
    reports = repr(desk.network.reports).lower()
    names = [path.name.lower() for path in core.home.folder.rglob("*")]
    for marker in MARKERS:
        assert marker not in reports
        assert not [each for each in names if marker in each]


PFIF = f"""<?xml version="1.0"?><pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4">
<pfif:person><pfif:full_name>{FULL}</pfif:full_name></pfif:person></pfif:pfif>"""


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def changing(*places: str, **more: object) -> dict[str, Any]:
    return {"set": list(places), "reason": TEXT, "made_by": "anna", **more}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("case.add", {"case": f'{{"{FULL}": 1}}', "made_by": "a"}, "bad_case"),
    ("case.add", {"case": f'{{"status": "{FULL}"}}', "made_by": "a"}, "bad_case"),
    ("case.add", {"case": json_format.MessageToJson(marked_case()), "made_by": "a"},
     "possible_duplicate"),
    ("case.add", {"case": "{}", "photos": [encoded(TEXT.encode())], "made_by": "a"},
     "photo_kind_refused"),
    ("case.add", {"case": "{}", "photos": [encoded(TEXT.encode())], "photo_kind": "csam",
                  "made_by": "a"}, "never_attached"),
    ("case.import", {"pfif": encoded(PFIF.encode()), "made_by": "a"}, "bad_pfif"),
    ("case.import", {"pfif": encoded(FULL.encode()), "made_by": "a"}, "bad_pfif"),
    ("case.import", {"pfif": encoded(PFIF[:-9].encode()), "made_by": "a"}, "bad_pfif"),
    ("case.change", changing(f"children[{ID}].sex={FULL}"), "bad_case"),
    ("case.change", changing(f"children[{ID}].date_of_birth={FULL}"), "bad_value"),
    ("case.change", changing(f"children[{FULL}].sex=male"), "bad_place"),
    ("case.change", changing(f"children[+{ID}].sex=male"), "bad_place"),
    ("case.change", changing(f"{FULL}=male"), "bad_place"),
    ("case.change", changing(f"children[{ID}].contact_points[0].value={FULL}"), "bad_case"),
    ("case.change", changing(f"children[{ID}].id=c9", "consents[k1].child_ids=c9"), "id_changed"),
    ("case.change", changing("lead_node=gr.quibblethorpe"), "fixed_field"),
    ("case.change", changing("status=open", reason=""), "reason_missing"),
    ("case.change", changing("status=open"), "nothing_changed"),
    ("case.change", changing("status=closed", version=7), "case_changed"),
    ("case.show", {"case_id": FULL}, "unknown_case"),
    ("case.export", {"reason": TEXT, "field": [FULL], "made_by": "a"}, "malformed_path"),
    ("case.export", {"reason": TEXT, "field": ["children.sex"], "made_by": "a"}, "pfif_no_name"),
    ("case.correct", {"field": ["exploitation"], "made_by": "a"}, "second_person_needed"),
    ("case.found", {"art6": "consent", "made_by": "a"}, "argument_missing"),
    ("case.erase", {"reason": "subject_request", "made_by": "a"}, "referrals_open"),
    ("referral.erase", {"made_by": "a"}, "nothing_asked"),
    ("referral.refuse_erase", {"reason": "legal_claims", "made_by": "a"}, "nothing_asked"),
    ("referral.step", {"step": "claim", "contact": FULL, "telephone": VALUE, "made_by": "a"},
     "illegal_step"),
    ("referral.step", {"step": "answer", "question": 9, "text": TEXT, "made_by": "a"},
     "illegal_step"),
    ("referral.step", {"step": "note", "text": TEXT, "field": [FULL], "made_by": "a"},
     "argument_missing"),
    ("referral.step", {"step": "ask", "text": TEXT, "about": ["no_such_field"], "made_by": "a"},
     "unknown_path"),
    ("referral.step", {"step": "ask", "text": TEXT, "about": [FULL], "made_by": "a"},
     "malformed_path"),
    ("case.take", {"field": ["no_such_field"], "made_by": "a"}, "argument_invalid"),
]  # fmt: skip
MORE = ["children.contact_points"]
SENT: list[tuple[dict[str, Any], str]] = [
    ({"field": ["no_such_field"]}, "unknown_path"),
    ({"field": [FULL]}, "malformed_path"),
    ({"field": ["children.names", "children.names"]}, "duplicate_path"),
    ({"field": ["sources"]}, "never_leaves"),
    ({"field": ["children.vulnerabilities"]}, "sensitive_reason_missing"),
    ({"sensitive_reason": TEXT}, "sensitive_reason_not_needed"),
    ({"art6": "consent"}, "consent_not_for_purpose"),
    ({"override_reason": TEXT}, "override_not_needed"),
    ({"kind": "found_notice"}, "not_to_one"),
    ({"kind": "transfer", "field": MORE}, "transfer_not_accepted"),
    ({"kind": "alert", "field": MORE}, "staged_disclosure"),
    ({"kind": "alert", "field": MORE, "urgency": 1}, "at_once_reason_missing"),
    ({"kind": "statistic"}, "argument_invalid"),
    ({"urgency": 9}, "urgency_range"),
    ({"ask": " "}, "ask_missing"),
    ({"file_ids": ["f9"]}, "unknown_file"),
    ({"derogation": "contract"}, "derogation_not_needed"),
    ({"to": "xx.quibblethorpe"}, "unknown_peer"),
    ({"reply_by_ms": NOW_MS - 1}, "reply_by_range"),
    ({"expires_at_ms": NOW_MS - 1}, "expiry_range"),
    ({"police_informed": FULL}, "unknown_code"),
]


async def test_what_is_refused_has_a_name_and_changes_nothing(desk: Desk) -> None:
    for name, arguments, code in REFUSED:
        is_of_case = name.startswith("case.") and name not in ("case.add", "case.import")
        known = {"case_id": desk.case_id} if is_of_case else {}
        assert await desk.refused(name, {**known, "leg": desk.leg, **arguments}) == code, arguments


async def test_what_may_not_be_sent_is_refused_by_its_rule(desk: Desk) -> None:
    for changes, code in SENT:
        assert await desk.refused("referral.send", sending(desk.case_id, **changes)) == code
