"""Run the command line in this process, and scripts of commands with expected output.

A script is a text file. `$ ` begins a command; the lines after it are what it must
print: as they stand for stdout, after `! ` for stderr, where `*` stands for anything.
`...` as the first line leaves out all lines before those that
follow it. `= 2` is the exit code if it is not 0. `{name}` in an expected line matches a word and
keeps it; in a command it is put in. `#` begins a comment.

`% ` begins what a person does with files between commands: `% copy FROM TO`,
`% remove PATH`, `% spoil FILE` (one byte in its middle is another one), `% replace FILE
TEXT TEXT`, `% pack FOLDER` (its files must be the same at the next `% unchanged FOLDER`).
`% deliver` lets the nodes run until nothing waits.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from collections.abc import Callable
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
    is_of_files: bool = False
    code: int = 0
    out: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def read_script(path: Path) -> list[Act]:
    """Read a script."""
    acts: list[Act] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(("$ ", "% ")):
            acts.append(Act(number, line[2:], is_of_files=line.startswith("% ")))
        elif line.startswith("= "):
            acts[-1].code = int(line.removeprefix("= "))
        elif line.startswith("! "):
            acts[-1].errors.append(line.removeprefix("! "))
        elif line and not line.startswith("#"):
            acts[-1].out.append(line)
    return acts


def _no_network() -> None:
    raise ValueError("in this script nothing is delivered")


def play(path: Path, names: dict[str, str], *, deliver: Callable[[], None] = _no_network) -> None:
    """Play a script; `names` are put into its commands and grow as it goes."""
    packed: dict[str, dict[str, bytes]] = {}
    for act in read_script(path):
        command = _NAME.sub(lambda found: names[found[1]], act.command)
        if act.command == "deliver":
            deliver()
            continue
        if act.is_of_files:
            _handle_files(*shlex.split(command), packed=packed)
            continue
        result = homeward(*shlex.split(command))
        where = f"{path.name}:{act.line}: {result}"
        assert result.code == act.code, where
        _compare(act.out, result.out, names, where)
        _compare(act.errors, result.errors, names, where)


def _handle_files(verb: str, *arguments: str, packed: dict[str, dict[str, bytes]]) -> None:
    path = _one(Path(arguments[0]))
    if verb == "copy":
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        copy(path, arguments[1])
    elif verb == "remove":
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif verb == "spoil":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif verb == "replace":
        text = path.read_text(encoding="utf-8")
        assert arguments[1] in text, f"{path} does not say that"
        path.write_text(text.replace(*arguments[1:]), encoding="utf-8")
    elif verb == "pack":
        packed[arguments[0]] = _content(path)
    elif verb == "unchanged":
        assert packed[arguments[0]] == _content(path), f"{path} was changed"
    else:
        raise ValueError(f"there is no act {verb}")


def _one(path: Path) -> Path:
    """Return the one file that is meant where the name has a star."""
    if "*" not in path.name:
        return path
    (found,) = path.parent.glob(path.name)
    return found


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _compare(expected: list[str], text: str, names: dict[str, str], where: str) -> None:
    # Blank lines are for people; in a script they part commands.
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if expected[:1] == ["..."]:
        expected = expected[1:]
        lines = lines[max(0, len(lines) - len(expected)) :]
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
