"""Step 5: everybody who has something of the child learns that she is found."""

from __future__ import annotations

from node.cli import output
from node.cli.demo import scene
from node.cli.demo.scene import MEMBERS
from node.cli.demo.stage import Stage

ROLES = ("caseworker", "supervisor", "auditor", "administrator")
PAGES_IN = {"be": "nl", "gr": "el", "ua": "uk"}
# What each of them does with its copy, and on what ground it keeps one.
ANSWERS = {
    "gr": ("--copy", "erased"),
    "ua": ("--copy", "kept", "--kept-basis", "legal_obligation"),
}


def tell_found(stage: Stage, case_id: str, to_greece: str) -> None:
    """Tell every holder, let each answer, and see what is left of her in Greece.

    Raises:
        NodeError: somebody was not told, or what was erased can still be read.
    """
    teller = stage.teller
    teller.heading("5. Belgium tells everybody who has something of her that she is found")
    told = stage.command("be", "case", "found", case_id, "--outcome", "located_safe")["told"]
    legs = {each["peer"]: each["leg"] for each in told}
    for name, answer in ANSWERS.items():
        leg = legs[MEMBERS[name].node_id]
        stage.wait_for_state(name, leg, "delivered")
        stage.command(name, "referral", "acknowledge", leg[:8], *answer)
        stage.wait_for_state("be", leg, "closed")
    holders = stage.command("be", "case", "holders", case_id)["holders"]
    copies = {
        holder["peer"]: {holding["copy"] for holding in holder["holdings"]} for holder in holders
    }
    teller.quote(
        [
            f"{holder['peer']} had {output.counted(len(holder['fields']), 'field')}:"
            f" {', '.join(sorted(copies[holder['peer']]))}"
            for holder in holders
        ]
    )
    teller.proven(
        "each of them has acknowledged it with a signed answer: Greece has erased its copies,"
        " Ukraine keeps its own on a stated ground",
        len(legs) == len(ANSWERS),
        copies[MEMBERS["gr"].node_id] == {"erased"},
        copies[MEMBERS["ua"].node_id] == {"kept"},
    )
    left = stage.referral("gr", to_greece)
    said = "\n".join(row["text"] for row in left["rows"]) + str(left["steps"])
    teller.proven(
        "in Greece a stub is left of the referral, without her name, her photo or a word",
        not left["rows"],
        not any(secret in said for secret in (*scene.NAMES, *scene.WORDS)),
    )


def offer_pages(stage: Stage) -> None:
    """Print where the pages of each node are, and a way in for each role.

    Raises:
        NodeError: somebody could not be added.
    """
    stage.teller.heading("Their pages: each link signs one person in, by passkey or password")
    for name, member in MEMBERS.items():
        links = {
            role: stage.command(
                name, "user", "add", f"{role} (invented)", "--role", role, "--language",
                PAGES_IN[name], is_shown=False,
            )["link"]
            for role in ROLES
        }  # fmt: skip
        origin = links[ROLES[0]].partition("/welcome/")[0]
        stage.teller.say(f"  {member.legal_name}: {origin}")
        for role, link in links.items():
            stage.teller.say(f"    {role:<14} {link}")
