"""Every command explains itself, and the start of the program stays quick."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from node.cli import homeward as program
from tests.support.commands import homeward

# What a command that only prints help must not load.
HEAVY = ("aiohttp", "tuf", "pydantic", "sqlcipher3", "sqlite_utils", "PIL", "structlog", "google")


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(program))
SECRETARIAT = {
    "key", "create", "admit", "amend", "suspend", "reinstate", "revoke", "rotate-root", "renew",
    "sign", "collect", "pending", "discard", "publish",
}  # fmt: skip


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_and_json(path: tuple[str, ...]) -> None:
    assert COMMANDS[path].help
    options = {option for parameter in COMMANDS[path].params for option in parameter.opts}
    assert "--json" in options
    result = homeward(*path, "--help")
    assert result.code == 0
    assert result.out.startswith(f"Usage: homeward {' '.join(path)} ")


def test_every_command_on_a_node_takes_its_home() -> None:
    without = {
        path
        for path, command in COMMANDS.items()
        if not any("--home" in parameter.opts for parameter in command.params)
    }
    assert without == {
        ("demo",),
        ("audit", "verify"),
        *(("federation", name) for name in SECRETARIAT),
    }
    for name in SECRETARIAT - {"key"}:
        options = {option for p in COMMANDS["federation", name].params for option in p.opts}
        assert "--dir" in options


def test_the_exit_codes_are_documented() -> None:
    text = " ".join(homeward("--help").out.split())
    assert "0 done; 1 a rule forbids it or it is not possible now; 2 called wrongly; 3" in text
    assert "Exit codes: 0 proven" in " ".join(homeward("audit", "verify", "--help").out.split())


@pytest.mark.parametrize("path", [("case",), ("federation",), ("federation", "sign")])
def test_help_loads_nothing_heavy(path: tuple[str, ...]) -> None:
    program_text = (
        f"import sys; from node.cli import run; code = run([*{path!r}, '--help']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules]); sys.exit(code)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program_text], check=True, capture_output=True, text=True
    )
    assert finished.stdout.splitlines()[-1] == "[]"


def test_an_auditor_needs_no_store_and_no_network() -> None:
    program_text = (
        "import sys; from node.cli import run; "
        "run(['audit', 'verify', sys.executable, '--root', sys.executable]); "
        "print([name for name in ('sqlcipher3', 'aiohttp', 'node.store') if name in sys.modules])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program_text], check=True, capture_output=True, text=True
    )
    assert finished.stdout.splitlines()[-1] == "[]"


def test_the_home_can_come_from_the_environment(home: str, monkeypatch) -> None:
    monkeypatch.setenv("HOMEWARD_HOME", home)
    assert homeward("case", "list").out == "no cases\n"
