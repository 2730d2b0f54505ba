"""The steps of the story, in the order in which they happen."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from node.cli import output
from node.cli.demo import scene
from node.cli.demo.ending import offer_pages, tell_found
from node.cli.demo.inspection import inspect
from node.cli.demo.place import Place
from node.cli.demo.processes import Nodes, free_ports, wait_until
from node.cli.demo.scene import MEMBERS
from node.cli.demo.stage import DELIVERY_SECONDS, Stage
from node.cli.demo.telling import Answer, Teller
from node.home import Home

TRIES_SHOWN = 2


def play(place: Place, nodes: Nodes, teller: Teller, *, is_staying: bool) -> None:
    """Tell the whole story; `is_staying`: the nodes go on running, and have pages to look at.

    Raises:
        NodeError: something is not as it should be.
    """
    stage = Stage(place, nodes, teller)
    teller.say("Homeward: three nodes on this machine. Everybody and everything is invented.")
    _found(stage)
    case_id = _open_case(stage)
    nodes.stop("gr")
    teller.say("  The Greek node is switched off: somebody pulled the wrong plug.")
    look_out = _look_out(stage, case_id)
    to_greece, to_ukraine = _send(stage, case_id)
    _wait_and_arrive(stage, to_greece, look_out)
    _work(stage, to_greece)
    _ukraine(stage, to_ukraine)
    tell_found(stage, case_id, to_greece)
    inspect(place, teller, to_greece)
    if is_staying:
        offer_pages(stage)


def _found(stage: Stage) -> None:
    """Found the federation, make three nodes, and start them."""
    place, teller = stage.place, stage.teller
    teller.heading("0. A federation of three, without a centre")
    keys = ("--dir", str(place.secretariat), "--unlock-file", str(place.unlock("secretariat")))
    teller.run("federation", "create", *keys, "--name", scene.FEDERATION)
    with tempfile.TemporaryDirectory() as folder:
        ports = free_ports(2 * len(MEMBERS))
        for (name, member), port, pages in zip(
            MEMBERS.items(), ports[::2], ports[1::2], strict=True
        ):
            request = Path(folder) / f"{name}.request"
            stage.command(
                name, "node", "init", "--node-id", member.node_id, "--port", str(port),
                "--pages-port", str(pages),
                "--unlock-file", f"../unlock/{name}", is_shown=name == "be",
            )  # fmt: skip
            asked = stage.command(
                name, "federation", "join-request", *_membership(member, port),
                "--out", str(request), is_shown=False,
            )  # fmt: skip
            admitted = teller.run(
                "federation", "admit", str(request), *keys, "--yes", is_shown=False
            )
            if name == "be":
                words = " ".join(asked["words"][:4])
                teller.say(f"  Read out on the phone and the same at both ends: {words} ...")
                is_same = asked["words"] == admitted["words"]
                teller.proven("the request that is admitted is the one that was made", is_same)
    stage.nodes.start(*MEMBERS)
    published = teller.run("federation", "publish", *keys)
    shutil.copyfile(place.secretariat / "root.json", place.root)
    for name in MEMBERS:
        public = place.secretariat / "public"
        join = ("federation", "join", "--root", str(place.root), "--from", str(public))
        stage.command(name, *join, is_shown=name == "be")
    teller.proven(
        "three nodes run, each with its own keys and database, and trust the same root",
        published["members"] == len(MEMBERS),
    )


def _membership(member: scene.Member, port: int) -> list[str]:
    languages = [word for language in member.languages for word in ("--language", language)]
    return [
        "--legal-name", member.legal_name, *languages, "--telephone", member.telephone,
        "--endpoint", f"http://127.0.0.1:{port}", "--regime", member.regime,
    ]  # fmt: skip


def _open_case(stage: Stage) -> str:
    """Step 1: Belgium opens a case."""
    teller = stage.teller
    teller.heading("1. Belgium opens a case")
    teller.say("  A girl of 14 has left a care home. A friend says in confidence that she is on")
    teller.say("  her way to Greece. Two spellings of her name, a photo, a police reference.")
    with tempfile.TemporaryDirectory() as folder:
        case, photo = Path(folder) / "case.json", Path(folder) / "photo.jpg"
        case.write_text(scene.case_json(), encoding="utf-8")
        photo.write_bytes(scene.photo())
        has_position = scene.has_position(photo.read_bytes())
        added = stage.command(
            "be", "case", "add", "--file", str(case), "--photo", str(photo),
            "--reason", "call to the hotline", is_shown=False,
        )  # fmt: skip
    case_id: str = added["case_id"]
    teller.say("  $ homeward case add --file case.json --photo photo.jpg --home " + _home(stage))
    database = Home(stage.place.home("be")).database.read_bytes()
    teller.proven(
        "in the database on the disk her name cannot be read",
        not any(name.encode() in database for name in scene.NAMES),
        added["files"] == ["f1"],
        has_position,
    )
    return case_id


def _look_out(stage: Stage, case_id: str) -> str:
    """Step 2: an urgent look-out to Greece; return its leg."""
    heading = "2. Belgium asks Greece to look out for her and to search, Ukraine about a relative"
    stage.teller.heading(heading)
    alert = _choice(case_id, "gr", "alert", scene.ASK_ALL)
    leg: str = stage.command("be", *alert, "--yes")["leg"]
    return leg


def _home(stage: Stage) -> str:
    return str(stage.place.home("be"))


def _send(stage: Stage, case_id: str) -> tuple[str, str]:
    """Step 2: a tracing request to Greece, a question to Ukraine."""
    teller = stage.teller
    greece = _choice(case_id, "gr", "tracing_request", scene.ASK_GREECE, "--file", "f1")
    (shown,) = stage.command("be", *greece, "--preview")["previews"]
    teller.say(f"  Before it goes, Belgium sees what Greece will see, in Greek"
               f" ({shown['ticked']} of {shown['fillable']} fields):")  # fmt: skip
    teller.quote(_rows(shown["rows"], ("names[1]", "sex", "hair", "clothing", "references")))
    basis = shown["legal_basis"]
    teller.say(
        f"  Recorded with it: why ({basis['purpose']}), on what basis ({basis['art6_basis']}),"
        f" and that the police know ({basis['police_informed']})."
    )
    text = "\n".join(row["text"] for row in shown["rows"])
    teller.proven(
        "the friend's name and the caseworker's own note are not in it",
        not any(secret in text for secret in scene.KEPT_AT_HOME),
        scene.GIVEN_GREEK in text,
    )
    to_greece = stage.command("be", *greece, "--yes", is_shown=False)["leg"]
    ukraine = _choice(
        case_id, "ua", "info_request", scene.ASK_UKRAINE,
        "--field", "children.age_band", "--field", "persons.names", "--field", "persons.relations",
        "--derogation", "vital_interests",
    )  # fmt: skip
    to_ukraine = stage.command("be", *ukraine, "--yes", is_shown=False)["leg"]
    stage.wait_for_state("ua", to_ukraine, "delivered")
    rows = stage.referral("ua", to_ukraine)["rows"]
    teller.say("  Ukraine is outside the EEA, without an agreement: the ground for asking it all")
    teller.say("  the same is recorded (GDPR Art. 49). It is asked with much less; that is all:")
    teller.quote(_rows(rows, ("",)))
    teller.proven(
        "a peer that is switched off delays no other; Ukraine has its question,"
        " and not the girl's name",
        not any(scene.GIVEN in row["text"] or scene.FAMILY in row["text"] for row in rows),
        any(scene.AUNT in row["text"] for row in rows),
    )
    return to_greece, to_ukraine


def _choice(case_id: str, to: str, kind: str, ask: str, *more: str) -> list[str]:
    return [
        "referral", "send", case_id, "--to", MEMBERS[to].node_id, "--kind", kind,
        "--urgency", "2", "--ask", ask, "--purpose", "locate_child",
        "--art6", "vital_interests", "--police-informed", "with_reference", *more,
    ]  # fmt: skip


def _rows(rows: list[Answer], wanted: tuple[str, ...]) -> list[str]:
    found = [row for row in rows if any(part in row["place"] for part in wanted)]
    return output.table([(row["place"], row["text"]) for row in found])


def _wait_and_arrive(stage: Stage, leg: str, look_out: str) -> None:
    """Step 3: it waits, is tried again, and arrives when the node returns."""
    teller = stage.teller
    teller.heading("3. It waits, is tried again, and arrives when Greece is back")
    wait_until(
        "the referral is tried again",
        lambda: _greece(stage)["failures"] >= TRIES_SHOWN,
        DELIVERY_SECONDS,
    )
    waiting = _greece(stage)
    teller.quote(_status_of_greece(stage))
    teller.proven(
        "nothing is lost while a peer is away", len(waiting["waiting"]) == 2,
        stage.referrals("be")[leg]["state"] == "queued",
    )  # fmt: skip
    stage.nodes.start("gr")
    teller.say("  The Greek node is switched on again.")
    stage.wait_for_state("be", leg, "delivered")
    wait_until(
        "the photo arrives",
        lambda: _passage(stage, leg)["files_entry"] is not None,
        DELIVERY_SECONDS,
    )
    entry = _passage(stage, leg)["peer_entry"]
    teller.proven(
        f"Belgium holds the receipt: entry {entry['position']} of the log {entry['origin']},"
        " signed; and one for the photo",
        entry["origin"].startswith(MEMBERS["gr"].node_id),
    )
    stage.command("gr", "referral", "acknowledge", look_out[:8])
    stage.wait_for_state("be", look_out, "closed")
    arrived = stage.referral("gr", leg)
    saved = stage.command("gr", "referral", "show", leg[:8], "--save-files", str(stage.place.saved))
    photo = Path(saved["saved"][0]).read_bytes()
    teller.proven(
        "the photo arrived whole, and the place where it was taken is not in it any more",
        not scene.has_position(photo), len(photo) == arrived["received_files"][0]["size"],
    )  # fmt: skip


def _greece(stage: Stage) -> Answer:
    peers = stage.command("be", "node", "status", is_shown=False)["peers"]
    found: Answer = next(peer for peer in peers if peer["node_id"] == MEMBERS["gr"].node_id)
    return found


def _status_of_greece(stage: Stage) -> list[str]:
    lines = stage.teller.read("node", "status", "--home", _home(stage))
    start = next(i for i, line in enumerate(lines) if line.startswith(MEMBERS["gr"].node_id))
    return lines[start : start + 3]


def _passage(stage: Stage, leg: str) -> Answer:
    passage: Answer = stage.referral("be", leg)["steps"][0]["passage"]
    return passage


def _work(stage: Stage, leg: str) -> None:
    """Step 4: claimed, accepted, asked, answered, found, closed."""
    teller, short = stage.teller, leg[:8]
    teller.heading("4. Greece works on it, and the loop is closed")
    contact = ("--contact", "N. Dokimi (invented)", "--telephone", MEMBERS["gr"].telephone)
    stage.command("gr", "referral", "claim", short, *contact)
    stage.command("gr", "referral", "accept", short, "--case-number", "GR-1")
    stage.command("gr", "referral", "ask", short, "--text", scene.QUESTION)
    stage.wait_for_state("be", leg, "info_needed")
    stage.command("be", "referral", "answer", short, "--text", scene.ANSWER)
    stage.wait_for_state("gr", leg, "in_progress")
    stage.command(
        "gr", "referral", "outcome", short, "--outcome", "located_safe", "--found-by",
        "self_return", "--condition", "well", "--authority-told", "police", "--happened-at",
        "2026-11-22T14:30+01:00", "--told-to", "police", "--told-to", "authorities",
        "--text", scene.FOUND,
    )  # fmt: skip
    stage.wait_for_state("be", leg, "outcome_reported")
    stage.command("be", "referral", "confirm", short)
    for name in ("be", "gr"):
        stage.wait_for_state(name, leg, "closed")
    in_belgium, in_greece = stage.referral("be", leg), stage.referral("gr", leg)
    told = in_belgium["steps"][-2]["fields"]["whereabouts_may_be_told_to"]
    teller.say(f"  Where she is may be told to: {told}; that is what she wished.")
    teller.proven(
        "both sides see the same seven steps in the same order, and the same end",
        [_said(step) for step in in_belgium["steps"]]
        == [_said(step) for step in in_greece["steps"]],
        len(in_belgium["steps"]) == 7,
    )


def _said(step: Answer) -> tuple[str, dict[str, Any]]:
    return step["name"], step["fields"]


def _ukraine(stage: Stage, leg: str) -> None:
    """Step 4, meanwhile in Ukraine: a coded no."""
    contact = ("--contact", "O. Proba (invented)", "--telephone", MEMBERS["ua"].telephone)
    stage.command("ua", "referral", "claim", leg[:8], *contact, is_shown=False)
    stage.command("ua", "referral", "decline", leg[:8], "--reason", "not_enough_information")
    stage.wait_for_state("be", leg, "declined")
    steps = stage.command(
        "be", "referral", "show", leg, "--language", "nl", is_shown=False
    )["steps"]  # fmt: skip
    reason = steps[-1]["fields"]["reason"]
    stage.teller.say(f"  Ukraine declines with a coded reason; Belgium reads it in Dutch: {reason}")
