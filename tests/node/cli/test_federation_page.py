"""The page for the secretariat: every command on it is run, in the order in which it stands."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from tests.support.commands import homeward
from tests.support.processes import REPOSITORY

PAGE = REPOSITORY / "deploy" / "federation.md"
HOLDERS = (
    "boris", "chloe", "dimitra", "emil", "greta", "hugo", "irena", "jan", "kata",
    "snapshot", "timestamp",
)  # fmt: skip


def commands(page: str) -> Iterator[list[str]]:
    for block in re.findall(r"^```\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield shlex.split(line)


def key_of(name: str) -> str:
    answer = homeward("federation", "key", "--show", f"{name}.key.pub", "--json")
    return str(json.loads(answer.out)["key_id"])[:8]


def prepare(home: str) -> None:
    """Do what the page leaves to others: more keys, and a member's request."""
    for name in HOLDERS:
        assert homeward("federation", "key", "--out", f"{name}.key").code == 0
    request = homeward(
        "federation", "join-request", "--home", home, "--legal-name", "Invented", "--language",
        "nl", "--telephone", "+3225550100", "--endpoint", "https://be.example.invalid",
        "--regime", "other", "--out", "be.request",
    )  # fmt: skip
    assert request.code == 0


def test_every_command_on_the_page_works(home: str, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    asked = []
    monkeypatch.setattr(click, "confirm", lambda question, **_: asked.append(question) or True)
    prepare(home)
    count = 0
    for command in commands(PAGE.read_text(encoding="utf-8")):
        if command[0] == "cp":
            source, target = command[-2:]
            (shutil.copytree if command[1] == "-r" else shutil.copyfile)(source, target)
            continue
        assert command[0] == "homeward"
        arguments = [key_of("emil") if word == "EMILS-KEY" else word for word in command[1:]]
        result = homeward(*arguments)
        assert result.code == 0, (command, result)
        count += 1
    assert count > 30
    assert len(asked) > 15
    shown = json.loads(homeward("federation", "show", "--dir", "federation", "--json").out)
    assert [member["status"] for member in shown["members"]] == ["active"]
    root_keys = {key["key_id"][:8] for key in shown["roles"][0]["keys"]}
    assert key_of("felix") in root_keys
    assert key_of("emil") not in root_keys
