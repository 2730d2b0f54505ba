"""Two real nodes: killed without warning, tapped on the wire, and nothing is lost or read."""

from __future__ import annotations

import json
from pathlib import Path

from node.cli.demo import scene
from node.media.photo import MEDIA_TYPE
from tests.support.commands import homeward
from tests.support.processes import NodeProcess, Pair, soon

NOT_SENT = (*scene.KEPT_AT_HOME, scene.ASK_UKRAINE, scene.ASK_ALL)
SECRETS = (*scene.NAMES, *scene.KEPT_AT_HOME, *scene.WORDS)


def add_case(be: NodeProcess, folder: Path) -> str:
    case, photo = folder / "case.json", folder / "photo.jpg"
    case.write_text(scene.case_json(), encoding="utf-8")
    photo.write_bytes(scene.photo())
    added = homeward(
        "case", "add", "--home", be.folder, "--file", str(case), "--photo", str(photo), "--json"
    )
    case.unlink()
    photo.unlink()
    assert added.code == 0, added
    return json.loads(added.out)["case_id"]


def send(be: NodeProcess, case_id: str, *more: str) -> str:
    sent = homeward(
        "referral", "send", case_id, "--home", be.folder, "--to", "gr.example",
        "--kind", "tracing_request", "--urgency", "2", "--ask", scene.ASK_GREECE,
        "--purpose", "locate_child", "--art6", "vital_interests",
        "--police-informed", "with_reference", "--yes", "--json", *more,
    )  # fmt: skip
    assert sent.code == 0, sent
    return json.loads(sent.out)["leg"]


def referrals(node: NodeProcess) -> dict[str, dict]:
    return {leg["leg"]: leg for leg in node.ask("referral.list")["referrals"]}


def leaves(node: NodeProcess, kind: str) -> int:
    found = node.ask("audit.log", start=0, count=1000)["leaves"]
    return sum(leaf["kind"] == kind for leaf in found)


def readable(folder: Path) -> list[str]:
    """Name the files below a folder in which a secret can be read."""
    needles = [text.encode(encoding) for text in SECRETS for encoding in ("utf-8", "utf-16-le")]
    return [
        str(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def test_killed_nodes_lose_nothing_and_take_nothing_twice(pair: Pair, tmp_path: Path) -> None:
    case_id = add_case(pair.be, tmp_path)
    sent = [send(pair.be, case_id)]
    soon(lambda: referrals(pair.be)[sent[0]]["state"] == "delivered")

    # The recipient dies when it has taken the message; its receipt does not get through.
    killed = []
    pair.taps["gr.example"].on_answer = lambda: killed.append(pair.gr.kill())
    sent.append(send(pair.be, case_id))
    soon(lambda: killed)
    assert referrals(pair.be)[sent[1]]["state"] == "queued"
    sent.append(send(pair.be, case_id))

    # The sender dies with what it has promised to send.
    pair.be.kill()
    pair.gr.start()
    pair.be.start()
    sent.append(send(pair.be, case_id))

    soon(lambda: all(leg["state"] == "delivered" for leg in referrals(pair.be).values()))
    assert set(referrals(pair.be)) == set(referrals(pair.gr)) == set(sent)
    assert leaves(pair.be, "sent") == leaves(pair.gr, "received") == len(sent)
    for leg in sent:
        (step,) = pair.be.ask("referral.show", leg=leg)["steps"]
        assert step["passage"]["peer_entry"]["origin"] == "gr.example/log/1"


def test_nothing_of_a_case_can_be_read_on_the_wire_or_on_a_disk(pair: Pair, tmp_path: Path) -> None:
    leg = send(pair.be, add_case(pair.be, tmp_path), "--file", "f1")
    work_to_the_end(pair, leg)
    photo = read_as_recipient(pair.gr, leg, tmp_path / "saved")
    wire = b"".join(bytes(tap.record) for tap in pair.taps.values())
    assert b"POST /hw1/envelopes" in wire
    assert b"PUT /hw1/blobs" in wire
    assert not [text for text in SECRETS if text.encode() in wire]
    assert photo[200:264] not in wire
    for node in (pair.be, pair.gr):
        assert readable(node.home.folder) == []
        assert node.stop() == 0
        assert readable(node.home.folder) == []


def work_to_the_end(pair: Pair, leg: str) -> None:
    """Walk a referral to its end, with words at every step."""
    soon(lambda: referrals(pair.be)[leg]["state"] == "delivered")
    soon(lambda: pair.be.ask("referral.show", leg=leg)["steps"][0]["passage"]["files_entry"])
    for who, step, text in (
        (pair.gr, "claim", ()),
        (pair.gr, "accept", ("--case-number", "GR-1")),
        (pair.gr, "ask", ("--text", scene.QUESTION)),
        (pair.be, "answer", ("--text", scene.ANSWER)),
        (
            pair.gr,
            "outcome",
            (
                "--outcome",
                "info_full",
                "--happened-at",
                "2026-11-22T14:30+01:00",
                "--text",
                scene.FOUND,
            ),
        ),
        (pair.be, "confirm", ()),
    ):
        soon(lambda who=who, step=step: step in referrals(who)[leg]["allowed"])
        contact = ("--contact", scene.AUNT, "--telephone", "+302105550100")
        more = contact if step == "claim" else text
        result = homeward("referral", step, leg[:8], "--home", who.folder, *more)
        assert result.code == 0, result
    soon(lambda: referrals(pair.gr)[leg]["state"] == "closed")


def read_as_recipient(gr: NodeProcess, leg: str, folder: Path) -> bytes:
    """Read everything where it may be read; return the photo."""
    shown = homeward("referral", "show", leg, "--home", gr.folder).out
    for text in SECRETS:
        assert (text in shown) == (text not in NOT_SENT)
    result = homeward(
        "referral", "show", leg, "--home", gr.folder, "--save-files", str(folder), "--json"
    )
    answer = json.loads(result.out)
    assert answer["received_files"][0]["media_type"] == MEDIA_TYPE
    (path,) = answer["saved"]
    assert Path(path).stat().st_mode & 0o077 == 0
    photo = Path(path).read_bytes()
    assert photo.startswith(b"\xff\xd8")
    assert not scene.has_position(photo)
    return photo
