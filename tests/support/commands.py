"""Run the command line in this process, and scripts of commands with expected output.

A script is a text file. `$ ` begins a command; the lines after it are what it must
print: as they stand for stdout, after `! ` for stderr, where `*` stands for anything.
`= 2` is the exit code if it is not 0. `{name}` in an expected line matches a word and
keeps it; in a command it is put in. `#` begins a comment.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from node.cli import run

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Result:
    """What a command printed, and its exit code."""

    code: int
    out: str
    errors: str


def homeward(*arguments: str) -> Result:
    """Run one command."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = run(arguments)
    return Result(code, out.getvalue(), errors.getvalue())


@dataclass
class Act:
    """One command of a script and what it must do."""

    line: int
    command: str
    code: int = 0
    out: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def read_script(path: Path) -> list[Act]:
    """Read a script."""
    acts: list[Act] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("$ "):
            acts.append(Act(number, line.removeprefix("$ ")))
        elif line.startswith("= "):
            acts[-1].code = int(line.removeprefix("= "))
        elif line.startswith("! "):
            acts[-1].errors.append(line.removeprefix("! "))
        elif line and not line.startswith("#"):
            acts[-1].out.append(line)
    return acts


def play(path: Path, names: dict[str, str]) -> None:
    """Play a script; `names` are put into its commands and grow as it goes."""
    for act in read_script(path):
        command = _NAME.sub(lambda found: names[found[1]], act.command)
        result = homeward(*shlex.split(command))
        where = f"{path.name}:{act.line}: {result}"
        assert result.code == act.code, where
        _compare(act.out, result.out, names, where)
        _compare(act.errors, result.errors, names, where)


def _compare(expected: list[str], text: str, names: dict[str, str], where: str) -> None:
    if expected == ["..."]:
        return
    # Blank lines are for people; in a script they part commands.
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    assert len(lines) == len(expected), f"{where}\nexpected {len(expected)} lines"
    for pattern, line in zip(expected, lines, strict=True):
        found = re.fullmatch(_regex(pattern, names), line)
        assert found, f"{where}\nexpected: {pattern}\nprinted:  {line}"
        names.update(found.groupdict())


def _regex(pattern: str, names: dict[str, str]) -> str:
    parts = []
    for part in re.split(r"(\{\w+\}|\*)", pattern.rstrip()):
        name = _NAME.fullmatch(part)
        if part == "*":
            parts.append(".*")
        elif name is None:
            parts.append(re.escape(part))
        elif name[1] in names:
            parts.append(re.escape(names[name[1]]))
        else:
            parts.append(rf"(?P<{name[1]}>\S+)")
    return "".join(parts)
