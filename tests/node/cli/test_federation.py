"""Ceremonies on the command line: what is asked, in which language, and plain words."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest

from keys.words import WORD_LANGUAGES
from node.cli.federation import wording
from node.cli.federation.keyring import KeyRing
from node.federation.folder import FederationFolder
from node.federation.founding import found_here
from node.home import UNLOCK_VARIABLE
from tests.node.federation.folders import request_bytes
from tests.support.commands import Result, homeward
from tests.support.nodes import PASSPHRASE

DAY_MS = 24 * 3600 * 1000


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def sec(tmp_path: Path) -> str:
    """A federation with all keys in its folder."""
    path = tmp_path / "sec"
    found_here(FederationFolder(path), "Test federation", PASSPHRASE, now_ms=now_ms())
    return str(path)


@pytest.fixture
def request_file(home: str, tmp_path: Path) -> str:
    """A request of a node that is not a member yet."""
    path = str(tmp_path / "be.request")
    result = homeward(
        "federation", "join-request", "--home", home, "--legal-name", "Invented", "--language",
        "nl", "--telephone", "+3225550100", "--endpoint", "https://be.example.invalid",
        "--regime", "eea", "--out", path,
    )  # fmt: skip
    assert result.code == 0
    return path


def key(tmp_path: Path, name: str) -> str:
    path = str(tmp_path / name)
    assert homeward("federation", "key", "--out", path).code == 0
    return path


def typed(monkeypatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


# --- what a person must agree to


@pytest.mark.parametrize(("text", "code"), [("n\n", 1), ("\n", 1), ("", 130)])
def test_without_a_yes_nobody_is_admitted(
    sec: str, request_file: str, monkeypatch, text: str, code: int
) -> None:
    before = content(Path(sec))
    typed(monkeypatch, text)
    result = homeward("federation", "admit", request_file, "--dir", sec)
    assert result.code == code
    assert "are the words the same on the phone?" in result.errors
    assert result.out == ""
    assert content(Path(sec)) == before


def test_with_a_yes_the_request_is_followed(sec: str, request_file: str, monkeypatch) -> None:
    typed(monkeypatch, "y\n")
    result = homeward("federation", "admit", request_file, "--dir", sec)
    assert result.code == 0
    assert "admits be.example as a new member" in result.out


@pytest.mark.parametrize("text", ["n\n", ""])
def test_without_a_yes_nothing_is_signed_or_dropped(
    sec: str, tmp_path: Path, monkeypatch, text: str
) -> None:
    new = key(tmp_path, "new.key")
    rotation = ("federation", "rotate-root", "--dir", sec, "--add", "targets", f"{new}.pub")
    founding = ["federation", "create", "--dir", str(tmp_path / "other"), "--name", "Other"]
    for role in ("root", "targets", "snapshot", "timestamp"):
        founding += [f"--{role}-key", key(tmp_path, f"{role}.key") + ".pub"]
    assert homeward(*rotation, "--yes").code == 0
    before = content(tmp_path)
    for command, question in (
        (rotation, "did the holder of each new key read out the same words"),
        (founding, "did the holder of each key read out the same words"),
        (("federation", "sign", "--dir", sec, "--key", new), "do you agree to all of this"),
        (("federation", "discard", "--dir", sec), "drop the pending change"),
    ):
        typed(monkeypatch, text)
        result = homeward(*command)
        assert result.code in (1, 130)
        assert question in result.errors
    assert content(tmp_path) == before


def test_what_is_agreed_to_was_shown_before(sec: str, tmp_path: Path, monkeypatch) -> None:
    new = key(tmp_path, "new.key")
    typed(monkeypatch, "y\n")
    result = homeward("federation", "rotate-root", "--dir", sec, "--add", "root", f"{new}.pub")
    assert result.code == 0
    words = " ".join(
        json.loads(homeward("federation", "key", "--show", f"{new}.pub", "--json").out)["words"]
    )
    assert words in result.errors.partition("did the holder")[0]
    typed(monkeypatch, "y\n")
    result = homeward("federation", "sign", "--dir", sec, "--key", new)
    assert result.code == 0
    shown = result.errors.partition("do you agree to all of this, and sign it?")[0]
    assert words in shown
    assert "not compared with your own root.json: --root FILE does that" in shown


# --- the language of the words


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "el_GR.UTF-8"}, "el"),
        ({"LANG": "uk"}, "uk"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "xx_XX"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "de"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "nl_BE"}, "nl"),
    ],
)
def test_the_list_is_that_of_the_machines_language(
    tmp_path: Path, monkeypatch, variables: dict[str, str], language: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = homeward("federation", "key", "--out", str(tmp_path / "mine.key"))
    assert f"words to compare, from the list {language}: " in result.out


@pytest.mark.parametrize("language", WORD_LANGUAGES)
def test_both_sides_read_the_same_words_from_the_list_that_is_named(
    sec: str, home: str, tmp_path: Path, language: str
) -> None:
    path = str(tmp_path / "be.request")
    asked = homeward(
        "federation", "join-request", "--home", home, "--legal-name", "Invented", "--language",
        "nl", "--telephone", "+3225550100", "--endpoint", "https://be.example.invalid",
        "--regime", "eea", "--out", path, "--words-language", language,
    )  # fmt: skip
    line = next(line for line in asked.out.splitlines() if line.startswith("words"))
    assert f"from the list {language}: " in line
    admitted = homeward("federation", "admit", path, "--dir", sec, "--language", language, "--yes")
    assert line in admitted.errors.splitlines()


# --- programs


def test_every_answer_is_one_object(sec: str, request_file: str, tmp_path: Path) -> None:
    new = key(tmp_path, "new.key")
    copy = tmp_path / "copy"
    for command in (
        ("key", "--show", f"{new}.pub"),
        ("admit", request_file, "--dir", sec, "--yes"),
        ("pending", "--dir", sec),
        ("publish", "--dir", sec),
        ("pending", "--dir", sec),
        ("amend", "be.example", "--dir", sec, "--telephone", "+3225550199"),
        ("suspend", "be.example", "--dir", sec),
        ("publish", "--dir", sec, "--suspension-only"),
        ("show", "--dir", sec),
        ("show", "--dir", sec, "--member", "be.example"),
        ("discard", "--dir", sec, "--yes"),
        ("reinstate", "be.example", "--dir", sec),
        ("revoke", "be.example", "--dir", sec, "--compromised-since", "2024-01-01T00:00"),
        ("rotate-root", "--dir", sec, "--add", "root", f"{new}.pub", "--yes"),
        ("renew", "targets", "--dir", sec),
    ):
        result = homeward("federation", *command, "--json")
        assert result.code == 0, (command, result)
        assert isinstance(json.loads(result.out), dict)
    import shutil

    shutil.copytree(sec, copy)
    signed = homeward("federation", "sign", "--dir", str(copy), "--key", new, "--yes", "--json")
    assert json.loads(signed.out)["signed_roles"] == ["root"]
    collected = homeward("federation", "collect", "--dir", sec, str(copy), "--json")
    assert json.loads(collected.out)["collected"] == [json.loads(signed.out)["key_id"]]


def test_effects_and_missing_signatures_are_facts(sec: str, request_file: str) -> None:
    (Path(sec) / "keys" / "targets.key").unlink()
    result = homeward("federation", "admit", request_file, "--dir", sec, "--yes", "--json")
    answer = json.loads(result.out)
    assert not answer["is_complete"]
    assert answer["effects"][0] == {
        "kind": "member_admitted", "subject": "be.example", "item": "", "before": None,
        "after": "Invented",
    }  # fmt: skip
    (told,) = answer["signatures"]
    assert (told["role"], told["have"], told["needed"], told["signed"]) == ("targets", 0, 1, [])
    assert len(told["not_signed"]) == 1
    error = homeward("federation", "publish", "--dir", sec, "--json")
    assert json.loads(error.out)["error"]["code"] == "signatures_missing"


# --- what a tired person reads


def test_what_runs_out_soon_is_said_in_time(tmp_path: Path) -> None:
    path = tmp_path / "sec"
    then_ms = now_ms() - 320 * DAY_MS
    found_here(FederationFolder(path), "Test federation", PASSPHRASE, now_ms=then_ms)
    lines = homeward("federation", "show", "--dir", str(path)).out.splitlines()
    assert "expired at " in lines[1]
    again = "its holders sign again: homeward federation renew"
    assert f"the root file runs out in 44 days, {again} root" in lines
    assert f"the targets file has run out, {again} targets" in lines


def facts(*effects: dict, role_keys: int = 1, needed: int = 1) -> dict:
    keys = {"keys": ["ab" * 32] * role_keys, "needed": needed}
    return {
        "federation": "Test",
        "is_founding": False,
        "roles": dict.fromkeys(wording.ROLES, keys),
        "effects": [{"item": "", "before": None, "after": None, **effect} for effect in effects],
    }


@pytest.mark.parametrize(
    ("effect", "line"),
    [
        ({"kind": "federation_renamed", "subject": "Test", "after": "\u202eNew"},
         'renames the federation to "<U+202E>New"'),
        ({"kind": "member_suspended", "subject": "be.example"},
         "suspends be.example: nobody may deal with it until it is reinstated"),
        ({"kind": "member_field", "subject": "be.example", "item": "hours", "before": None,
          "after": ["1 09:00-17:00", "2 09:00-17:00"]},
         "  hours: mo-tu 09:00-17:00"),
        ({"kind": "member_field", "subject": "be.example", "item": "hours",
          "before": ["1 09:00-17:00"]},
         "  hours: always (until now mo 09:00-17:00)"),
        ({"kind": "member_field", "subject": "be.example", "item": "languages",
          "before": ["nl"], "after": ["nl", "fr"]},
         "  languages: nl, fr (until now nl)"),
        ({"kind": "member_field", "subject": "be.example", "item": "agreement_until",
          "before": "2027-01-01"},
         "  agreement until: none (until now 2027-01-01)"),
        ({"kind": "log_key_ends", "subject": "be.example", "item": "cd" * 32, "after": 0},
         "  log key cdcdcdcd counts until 1970-01-01 00:00:00 UTC"),
        ({"kind": "log_key_ends", "subject": "be.example", "item": "cd" * 32, "before": 0},
         "  log key cdcdcdcd has no end"),
        ({"kind": "log_key_compromised", "subject": "be.example", "item": "cd" * 32, "before": 0},
         "  log key cdcdcdcd counts again"),
        ({"kind": "role_threshold", "subject": "root", "before": 3, "after": 1},
         "root, which says whose keys count: 1 of 1 key has to sign (until now 3)"),
    ],
)  # fmt: skip
def test_every_effect_has_plain_words(effect: dict, line: str) -> None:
    assert f"  {line}" in list(wording.change_lines(facts(effect), "en"))


def test_no_effect_is_left_out() -> None:
    from keys.effects import EffectKind

    values = {
        "member_field": {"item": "telephone", "after": "+3225550100"},
        "role_renewed": {"after": 0},
        "role_threshold": {"before": 2, "after": 1},
        "log_key_begins": {"after": 0},
        "log_key_ends": {"after": 0},
        "log_key_compromised": {"after": 0},
        "log_key_added": {"after": "be.example/log/1"},
        "federation_founded": {"after": "00"},
        "federation_renamed": {"after": "New"},
    }
    for kind in EffectKind:
        subject = "root" if kind.startswith("role_") else "be.example"
        effect = {"kind": str(kind), "subject": subject, "item": "ab" * 32, **values.get(kind, {})}
        assert len(list(wording.change_lines(facts(effect), "en"))) > 1, kind


# --- passphrases


def test_a_passphrase_that_was_typed_is_tried_on_the_next_key(tmp_path: Path, monkeypatch) -> None:
    paths = [Path(key(tmp_path, name)) for name in ("one.key", "two.key")]
    monkeypatch.setenv(UNLOCK_VARIABLE, "quite another one")
    paths.append(Path(key(tmp_path, "three.key")))
    monkeypatch.delenv(UNLOCK_VARIABLE)
    asked = []

    def ask(*, of: str) -> bytes:
        asked.append(of)
        return b"quite another one" if of == "three.key" else PASSPHRASE

    monkeypatch.setattr("node.cli.federation.keyring.ask_passphrase", ask)
    ring = KeyRing(None)
    assert len({ring.open(path).public_key.keyid for path in paths}) == 3
    assert asked == ["one.key", "three.key"]


def test_a_wrong_passphrase_signs_nothing(sec: str, monkeypatch) -> None:
    before = content(Path(sec))
    monkeypatch.setenv(UNLOCK_VARIABLE, "not the passphrase")
    result = homeward("federation", "renew", "targets", "--dir", sec)
    assert result.code == 3
    assert "the passphrase does not open the key file" in result.errors
    assert content(Path(sec)) == before


def test_a_new_key_wants_a_good_passphrase(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(UNLOCK_VARIABLE, "short")
    result = homeward("federation", "key", "--out", str(tmp_path / "mine.key"))
    assert result.code == 3
    assert list(tmp_path.iterdir()) == []


def test_the_unlock_file_opens_a_key(tmp_path: Path, monkeypatch) -> None:
    mine = key(tmp_path, "mine.key")
    monkeypatch.delenv(UNLOCK_VARIABLE)
    (tmp_path / "unlock").write_bytes(PASSPHRASE + b"\n")
    assert KeyRing(tmp_path / "unlock").open(Path(mine)).public_key.keyid


# --- a member's new key


def test_a_planned_new_key_and_one_after_a_theft(sec: str, tmp_path: Path) -> None:
    path = tmp_path / "be.request"

    def admit(*options: str) -> Result:
        return homeward("federation", "admit", str(path), "--dir", sec, "--yes", *options)

    path.write_bytes(request_bytes(1, None, now_ms=now_ms()))
    first = admit()
    assert "is for a new member be.example" in first.errors
    assert homeward("federation", "publish", "--dir", sec).code == 0

    path.write_bytes(request_bytes(2, 1, now_ms=now_ms()))
    planned = admit()
    assert planned.code == 0, planned
    assert "is for a new log key for the member be.example" in planned.errors
    assert "changes the keys of be.example" in planned.out
    assert "counts until" in planned.out
    assert homeward("federation", "publish", "--dir", sec).code == 0

    path.write_bytes(request_bytes(3, None, now_ms=now_ms()))
    stolen = admit()
    assert stolen.code == 1
    assert "is not signed by the present log key of be.example" in stolen.errors
    assert "say since when it is compromised" in stolen.errors
    back = admit("--compromised-since", "2024-05-01T03:00")
    assert back.code == 0
    assert back.out.count("counts for nothing since 2024-05-01 03:00:00 UTC") == 2
    assert "new log key" in back.out
    assert "be.example/log/3" in back.out
