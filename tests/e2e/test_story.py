"""The whole story of a case, as people tell it through the pages of three running nodes.

It is told twice at once, by people whose browsers run scripts and by people whose browsers
do not, so that Greece has to be switched off only once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from node.cli.demo import scene
from tests.e2e.pages import BE, GR, UA, Offices, enters
from tests.support.browser import Person
from tests.support.commands import homeward

pytestmark = pytest.mark.thorough

DELIVERED = "Delivered: their node's receipt is here."
NOT_DELIVERED = re.compile(
    r"Not yet delivered\. Tried so often: [1-9]\d*\. .*\+302105550100\. "
    r"Next try: \d+ \w+ \d{4} \d\d:\d\d\."
)
AUNT, FRIEND = "Tetyana Vyhadana", "Vriendina Proefpersoon"
LEFT = "Left the care home with a small bag."
ASK_ALL = "Please look out for this girl; ring us, whatever the hour."
ASK_GREECE = "She may be in Thessaloniki. Has anyone seen her?"
ASK_UKRAINE = "Do you know how to reach the aunt named here?"
QUESTION, ANSWER = "Which shoes was she wearing?", "Red trainers, white laces."
FOUND = "She came to our day centre and is safe."
PROVEN = "Proven: the message was sent and received as the bundle says."
ERASED, KEPT_WORDS = "They say that they erased it.", "Legal obligation"
SECRETS = (AUNT, FRIEND, LEFT, ASK_ALL, ASK_GREECE, ASK_UKRAINE, "Testina", "Olena", "BE-TEST")
KEPT = {"copy": "kept", "kept_basis": "legal_obligation"}
SPELLINGS = {
    True: (("Testina", "Fictiva"), ("Τεστίνα", "Φικτίβα")),
    False: (("Olena", "Zaporizka"), ("Ολένα", "Ζαπορίζκα")),
}


@dataclass
class Story:
    """One telling: its people, and what they have made so far."""

    browser: Browser
    offices: Offices
    folder: Path
    has_scripts: bool
    people: list[Person] = field(default_factory=list)
    legs: dict[str, str] = field(default_factory=dict)
    case_id: str = ""

    def begin(self) -> None:
        """Let everybody sit down."""
        self.anna = self.enters(BE, "caseworker")
        self.nikos = self.enters(GR, "caseworker")
        self.olena = self.enters(UA, "caseworker")

    def enters(self, node: str, role: str) -> Person:
        person = enters(self.browser, self.offices, node, role, has_scripts=self.has_scripts)
        self.people.append(person)
        return person

    @property
    def police_reference(self) -> str:
        return f"BE-TEST-{self.has_scripts:d}"

    # --- 1: Belgium opens a case

    def open_case(self) -> None:
        (given, family), (greek_given, greek_family) = SPELLINGS[self.has_scripts]
        anna = self.anna
        photo = self.folder / f"{given}.jpg"
        photo.write_bytes(scene.photo())
        opened = {
            "runaway_from": "care",
            "children[c1].date_of_birth#day": "17",
            "children[c1].date_of_birth#month": "5",
            "children[c1].date_of_birth#year": "2012",
            "circumstances.text#text": LEFT,
            "police[p1].kind": "police",
            "police[p1].references[0].kind": "police_case",
            "police[p1].references[0].number": self.police_reference,
        }
        self.case_id = anna.opens_case(given, family, photo, **opened)
        spelling = {
            "children[c1].names[1].given": greek_given,
            "children[c1].names[1].family": greek_family,
            "children[c1].names[1].type": "alias",
        }
        anna.changes(self.case_id, "children", **spelling)
        aunt = {
            "persons[p2].names[0].full": AUNT,
            "persons[p2].relations[0].child_id": "c1",
            "persons[p2].relations[0].relation": "aunt_or_uncle",
        }
        anna.changes(self.case_id, "persons", **aunt)
        anna.changes(self.case_id, "sources", **{"sources[s1].names[0].full": FRIEND})
        anna.goes(f"/cases/{self.case_id}")
        for said in (given, greek_given, "14 years", "Runaway"):
            assert said in anna.reads()
        anna.page.locator("summary", has_text="Show the photo").click()
        photo_shown = anna.page.get_by_role("img", name="Photo of").first
        assert photo_shown.evaluate("each => each.naturalWidth") > 0
        anna.follows("Persons")
        for said in (AUNT, self.police_reference):
            assert said in anna.reads()

    # --- 2: it asks Greece and Ukraine

    def ask_everybody(self) -> None:
        ((given, _), (greek, _)), anna = SPELLINGS[self.has_scripts], self.anna
        kept = (AUNT, FRIEND, LEFT)
        anna.chooses(self.case_id, GR, ASK_ALL, kind="alert", urgency="1")
        anna.sets("at_once_reason", "She has left with a man whom nobody knows.")
        anna.sets("file_ids", "f1")
        for path in ("circumstances.text", "police.references.number"):
            anna.sets("field", path, is_ticked=False)
        self.legs["alert"] = anna.sends(given, hidden=(*kept, self.police_reference))
        anna.chooses(self.case_id, GR, ASK_GREECE, kind="tracing_request", urgency="2")
        for path in ("circumstances.text", "persons.names.full"):
            anna.sets("field", path, is_ticked=False)
        shown = (given, greek, self.police_reference)
        self.legs["tracing"] = anna.sends(*shown, hidden=kept)
        anna.chooses(self.case_id, UA, ASK_UKRAINE, kind="info_request")
        anna.sets("derogation", "vital_interests")
        anna.sets("field", "persons.names.full")
        self.legs["question"] = anna.sends(AUNT, hidden=(FRIEND, LEFT, self.police_reference))

    # --- 3: Greece is switched off meanwhile

    def see_it_wait(self) -> None:
        anna = self.anna
        anna.waits_for(f"/referrals/{self.legs['tracing']}", "Tried so often")
        assert NOT_DELIVERED.search(anna.reads())
        anna.waits_for(f"/referrals/{self.legs['question']}", DELIVERED)
        anna.goes("/")
        assert "Peers that cannot be reached" in anna.reads()
        assert "+302105550100" in anna.reads()
        anna.goes(f"/referrals/{self.legs['tracing']}")

    def see_it_arrive(self) -> None:
        if self.has_scripts:
            # Nobody touches the page.
            self.anna.page.get_by_text(DELIVERED).wait_for(timeout=20_000)
            expect(self.anna.page.get_by_role("status")).to_contain_text("has changed")
        for leg in self.legs.values():
            self.anna.waits_for(f"/referrals/{leg}", DELIVERED)

    # --- 4: Greece works on it, Belgium answers and confirms

    def work(self) -> None:
        anna, nikos, leg = self.anna, self.nikos, self.legs["tracing"]
        (given, _), (greek, _) = SPELLINGS[self.has_scripts]
        nikos.goes("/")
        assert "New: nobody here has claimed them" in nikos.reads()
        nikos.goes(f"/referrals/{leg}")
        for said in (given, greek, self.police_reference, "Vital interests", ASK_GREECE):
            assert said in nikos.reads()
        for kept in (AUNT, FRIEND, LEFT):
            assert kept not in nikos.reads()
        nikos.makes_step(leg, "Claim it: I answer for it", contact="Nikos")
        nikos.makes_step(leg, "Accept", case_number="GR-1")
        nikos.makes_step(leg, "Ask a question", text=QUESTION)
        anna.waits_for(f"/referrals/{leg}", QUESTION)
        anna.makes_step(leg, "Answer a question", text=ANSWER)
        nikos.waits_for(f"/referrals/{leg}", ANSWER)
        nikos.makes_step(
            leg, "Report the outcome", outcome="located_safe", happened_at_ms="2026-11-20T10:30",
            found_by="police", condition="well", authority_told="police", told_to="police",
            text=FOUND,
        )  # fmt: skip
        anna.waits_for(f"/referrals/{leg}", FOUND)
        anna.makes_step(leg, "Confirm the outcome")
        assert "closed" in anna.reads()
        nikos.waits_for(f"/referrals/{leg}", "closed")

    # --- 5: everybody who has a copy is told, and says what becomes of it

    def tell_all(self) -> None:
        anna = self.anna
        anna.goes(f"/cases/{self.case_id}")
        anna.page.locator("summary", has_text="More").first.click()
        anna.page.get_by_role("link", name="The child was found").click()
        anna.sets("outcome", "located_safe")
        anna.sets("told_to", "police")
        anna.sets("text", "She is well. Thank you all.")
        anna.presses("The child was found: tell them")
        anna.page.wait_for_url("**/cases/**")
        for person, copy in ((self.nikos, {"copy": "erased"}), (self.olena, KEPT)):
            person.waits_for("/", "Found or closed")
            person.page.get_by_role("link", name="Found or closed").first.click()
            person.sees("What happened")
            person.makes_step(person.page.url.rpartition("/")[2], "Acknowledge", **copy)
        holders = f"/cases/{self.case_id}?tab=holders"
        for said in (ERASED, KEPT_WORDS):
            anna.waits_for(holders, said)
        assert anna.reads().count("acknowledged by a person") == 2
        self.nikos.goes(f"/referrals/{self.legs['tracing']}")
        assert "What it said was erased." in self.nikos.reads()
        assert SPELLINGS[self.has_scripts][0][0] not in self.nikos.reads()
        self.olena.goes(f"/referrals/{self.legs['question']}")
        assert AUNT in self.olena.reads()

    # --- 6: an auditor proves it, and trusts nobody's word

    def audit(self) -> None:
        """Take the evidence of the referral away, check it, and change one byte of it."""
        auditor = self.enters(BE, "auditor")
        auditor.goes(f"/cases/{self.case_id}")
        assert "may not" in auditor.reads()
        auditor.goes("/")
        auditor.follows("Audit")
        auditor.follows("Choose a referral")
        auditor.follows(self.legs["tracing"][:8])
        with auditor.page.expect_download() as download:
            auditor.page.get_by_role("link", name="Without the content").first.click()
        bundle = self.folder / f"{self.has_scripts:d}-{download.value.suggested_filename}"
        download.value.save_as(bundle)
        assert not [text for text in SECRETS if text.encode() in bundle.read_bytes()]
        assert self.is_proven_offline(bundle)
        auditor.drops_bundle(bundle)
        assert PROVEN in auditor.reads()
        spoilt = bundle.with_name(f"spoilt-{bundle.name}")
        content = bytearray(bundle.read_bytes())
        content[len(content) // 2] ^= 1
        spoilt.write_bytes(content)
        assert not self.is_proven_offline(spoilt)
        auditor.drops_bundle(spoilt)
        assert "There is no verdict." in auditor.reads()
        assert PROVEN not in auditor.reads()

    def is_proven_offline(self, bundle: Path) -> bool:
        told = homeward("audit", "verify", str(bundle), "--root", str(self.offices.root))
        assert (told.code == 0) == told.out.startswith("PROVEN: ")
        return told.code == 0

    # --- the end

    def end(self) -> None:
        """Let everybody go home; nobody has seen a fault of a script."""
        for person in self.people:
            assert person.faults == []
            person.goes("/")
            person.signs_out()
            person.context.close()


def tell(stories: list[Story]) -> None:
    """Tell stories beside each other."""
    for story in stories:
        story.begin()
        story.open_case()
    with stories[0].offices.without(GR):
        for story in stories:
            story.ask_everybody()
        for story in stories:
            story.see_it_wait()
    for part in (Story.see_it_arrive, Story.work, Story.tell_all, Story.audit, Story.end):
        for story in stories:
            part(story)


def test_the_whole_story_is_told_through_the_pages(
    browser: Browser, offices: Offices, tmp_path: Path
) -> None:
    tell([Story(browser, offices, tmp_path, has_scripts) for has_scripts in (True, False)])
